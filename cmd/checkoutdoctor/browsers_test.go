package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// fixture is what a browser that is not here would show: a recorded run of the
// probe's, changed where that browser is known to differ.
type fixture struct {
	Name  string
	Base  string // a file of testdata/facts, without its ending
	Facts []struct {
		Fact          string
		Value         any
		Unknown       string
		NotApplicable string `yaml:"notApplicable"`
		From          string // where it is known from
	}
	Expect struct {
		Verdict  diagnosis.Verdict
		Findings []diagnosis.Code // in their order; the checklist of a clear verdict is left out
	}
}

// TestBrowsersThatAreNotHereAreDiagnosed judges what Safari, Brave and others
// are known to show.
func TestBrowsersThatAreNotHereAreDiagnosed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "browsers", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			f := readFixture(t, file)
			r := report.Replay(&report.Report{Facts: f.set(t)})
			var found []diagnosis.Code
			for _, finding := range r.Findings {
				if finding.Code != "payment.nothing-found" {
					found = append(found, finding.Code)
				}
			}
			assert.Equal(t, f.Expect.Verdict, r.Verdict)
			assert.Equal(t, f.Expect.Findings, found)
		})
	}
}

func readFixture(t *testing.T, file string) (f fixture) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalWithOptions(text, &f, yaml.Strict()))
	require.NotEmpty(t, f.Name)
	return f
}

// recordedIn is a run that a value was seen in.
var recordedIn = regexp.MustCompile(`testdata/\S+\.json`)

// set returns the recorded facts with the fixture's in their place.
func (f fixture) set(t *testing.T) *facts.Set {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "facts", f.Base+".json"))
	require.NoError(t, err)
	recorded, err := report.Decode(text)
	require.NoError(t, err)
	tree := recorded.Facts.Tree()
	for _, own := range f.Facts {
		require.NotEmpty(t, own.From, "%s: say where it is known from", own.Fact)
		if file := recordedIn.FindString(own.From); file != "" {
			require.FileExists(t, filepath.Join("..", "..", file))
		}
		tree[own.Fact] = node(own.Value, own.Unknown, own.NotApplicable)
	}
	set, unknown, err := facts.FromTree(throughJSON(t, tree))
	require.NoError(t, err)
	require.Empty(t, unknown)
	return set
}

// node is a fact as a report has it.
func node(value any, unknown, notApplicable string) map[string]any {
	switch {
	case unknown != "":
		return map[string]any{"unknown": unknown}
	case notApplicable != "":
		return map[string]any{"notApplicable": notApplicable}
	}
	return map[string]any{"value": value}
}

// throughJSON gives values the types that a report's have.
func throughJSON(t *testing.T, tree map[string]any) (out map[string]any) {
	t.Helper()
	text, err := json.Marshal(tree)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}
