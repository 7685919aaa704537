package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/testdata"
	"checkoutdoctor/wasm/diagnosis"
)

// threeDSFaults are the faults that the scenarios tagged threeds cause, harmless
// variants left out.
func threeDSFaults(t *testing.T) map[string]probe.Fault {
	t.Helper()
	scenarios, err := probe.Load(testdata.Scenarios(), testdata.ScenariosDir, knownFaults())
	require.NoError(t, err)
	faults := make(map[string]probe.Fault)
	for _, s := range scenarios {
		if !slices.Contains(s.Tags, "threeds") {
			continue
		}
		for _, f := range s.Faults {
			if f.Gives != "" {
				faults[f.Code] = f
			}
		}
	}
	return faults
}

func TestEveryThreeDSFaultStandsInOneRow(t *testing.T) {
	faults := threeDSFaults(t)
	assert.GreaterOrEqual(t, len(faults), 50)
	rows := make(map[string]row)
	for _, r := range taxonomy() {
		for _, code := range r.Faults {
			assert.NotContains(t, rows, code, "%s stands in two rows", code)
			rows[code] = r
			assert.Equal(t, faults[code].Gives, r.Gives, "%s", code)
		}
	}
	for code := range faults {
		assert.Contains(t, rows, code, "%s stands in no row", code)
	}
}

// TestOnlyWhatCannotBeToldApartIsOneOf: a finding that names several
// explanations needs a reason, and no more than a quarter of the rows may.
func TestOnlyWhatCannotBeToldApartIsOneOf(t *testing.T) {
	ambiguous := 0
	for _, r := range taxonomy() {
		c, ok := diagnosis.Lookup(r.Gives)
		require.True(t, ok, r.Gives)
		oneOf := len(c.OneOf) > 0 && c.Code.Family() == "threeds"
		if oneOf || len(r.Faults) == 0 {
			assert.NotEmpty(t, r.Why, "%s %s needs a reason", r.ID, r.What)
		}
		if oneOf {
			ambiguous++
		}
	}
	assert.LessOrEqual(t, 4*ambiguous, len(taxonomy()))
}
