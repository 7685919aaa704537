package sdks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/lab"
)

func TestComparedFaultsAreTheLabs(t *testing.T) {
	rows, err := newRows()
	require.NoError(t, err)
	assert.Len(t, rows, len(compared))
}

// TestPageFaultsAreCompared: a fault that the shop's page can cause, and that
// no row asks for, would be dead code.
func TestPageFaultsAreCompared(t *testing.T) {
	for code := range pageHeaders(lab.Origins{}) {
		assert.Contains(t, compared, code)
	}
	for code := range sandboxes {
		assert.Contains(t, compared, code)
	}
}
