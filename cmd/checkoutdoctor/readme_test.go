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

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTheREADMEHoldsItsTables compares the tables with the code, and writes them
// with -update.
func TestTheREADMEHoldsItsTables(t *testing.T) {
	file := filepath.Join("..", "..", "README.md")
	for name, table := range map[string]func(*testing.T) string{"causes": causeTable, "rows": rowTable, "signals": signalTable} {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		begin, end := "<!-- "+name+": written by `make golden` -->\n", "<!-- /"+name+" -->"
		before, rest, ok := strings.Cut(string(content), begin)
		require.True(t, ok, "the README has no place for the table of %s", name)
		got, after, ok := strings.Cut(rest, end)
		require.True(t, ok, "the README's table of %s has no end", name)
		want := table(t)
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(before+begin+want+end+after), 0o644))
			continue
		}
		assert.Equal(t, want, got, "run make golden")
	}
}

// rowTable is the taxonomy of 3-D Secure's failures.
func rowTable(*testing.T) string {
	var b strings.Builder
	b.WriteString("| row | what fails | faults | found | not surer because |\n|---|---|---|---|---|\n")
	for _, r := range taxonomy() {
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | %s |\n", r.ID, r.What, strings.Join(r.Faults, ", "), r.Gives, r.Why)
	}
	return b.String()
}

// signalTable is how often each signal of a VPN is in the recorded runs.
func signalTable(t *testing.T) string {
	counts := probe.NewSignals()
	for s, r := range recorded(t) {
		counts.Count(s.Tags, r.Facts)
	}
	var b strings.Builder
	b.WriteString("| signal | weight | with a VPN | healthy | source |\n|---|---|---|---|---|\n")
	for i, signal := range diagnosis.Signals() {
		c := counts[i]
		fmt.Fprintf(&b, "| `%s` | %d | %d of %d | %d of %d | %s |\n", c.Name, c.Weight, c.VPN.Fired, c.VPN.Of, c.Healthy.Fired, c.Healthy.Of, signal.Source)
	}
	return b.String()
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
