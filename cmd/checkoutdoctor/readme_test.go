package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	tableBegin = "<!-- causes: written by `make golden` -->\n"
	tableEnd   = "<!-- /causes -->"
)

// TestTheREADMEListsEveryCause holds the table to the code.
func TestTheREADMEListsEveryCause(t *testing.T) {
	file := filepath.Join("..", "..", "README.md")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(content), tableBegin)
	require.True(t, ok, "the README has no place for the table")
	got, after, ok := strings.Cut(rest, tableEnd)
	require.True(t, ok, "the README's table has no end")
	want := causeTable(t)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+tableBegin+want+tableEnd+after), 0o644))
		return
	}
	assert.Equal(t, want, got, "run make golden")
}

func causeTable(t *testing.T) string {
	words, err := web.Locale("en")
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("| code | what it means | severity | how sure | one of | what to do |\n|---|---|---|---|---|---|\n")
	for _, c := range diagnosis.Causes() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", c.Code, words.Causes[c.Code].Title, c.Severity,
			join(c.Confidences, ", "), join(c.OneOf, ", "), join(c.Fixes, ", "))
	}
	return b.String()
}

func join[T ~string](items []T, separator string) string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = string(item)
	}
	return strings.Join(out, separator)
}
