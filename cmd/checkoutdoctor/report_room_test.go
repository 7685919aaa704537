package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/inbox"
)

// TestStrangersDoNotFillTheInboxWhereLinksAreSigned has half of the 10,000 reports
// that a folder may hold, none of them by a link.
func TestStrangersDoNotFillTheInboxWhereLinksAreSigned(t *testing.T) {
	folder := t.TempDir()
	for n := range 5000 {
		file := fmt.Sprintf("20251231T235959Z-%016x.json", n)
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), nil, 0o600))
	}
	r := decoded(t, goldenReport)
	keep := func(o serveOptions, id string, signed bool) error {
		o.reports.folder = folder
		s, err := o.open(testLog(make(lineWriter, 2)))
		require.NoError(t, err)
		defer func() { assert.NoError(t, s.close()) }()
		r.ID = id
		_, err = s.inbox.Keep(r, signed)
		return err
	}
	signs := serveOptions{keys: linkKeyFlags{file: keyFile(t, testKey)}}
	assert.ErrorIs(t, keep(signs, "ffffffffffffff01", false), inbox.ErrFull)
	assert.NoError(t, keep(signs, "ffffffffffffff02", true))
	assert.NoError(t, keep(serveOptions{}, "ffffffffffffff03", false), "where nobody has a link")
}
