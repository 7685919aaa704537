//go:build !js

package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample is a report with every part of the schema in it.
func sample() *report.Report {
	var s facts.Set
	s.PutString(facts.Mode, "embed", "environment")
	s.PutBool(facts.Online, true, "network")
	s.PutBool(facts.CookieKept, true, "storage")
	s.PutString(facts.LocalStorage, "kept", "storage")
	s.PutUnknown(facts.PopupResult, facts.ReasonNoGesture, "popup")
	s.PutBool(facts.ThirdPartyHeader, false, "helper")
	s.PutBool(facts.StorageAccess, false, "helper")
	s.PutBool(facts.FramePresent, true, "frame")
	s.PutBool(facts.FrameBehindDialog, true, "frame")
	s.PutBool(facts.FrameSandboxed, true, "frame")
	s.PutList(facts.FrameSandbox, []string{"allow-scripts"}, "frame")
	s.PutInt(facts.FrameLoads, 1, "frame")
	s.PutInt(facts.FrameMessages, 0, "frame")
	s.PutInt(facts.FrameChildren, 0, "frame")
	s.PutBool(facts.FrameFocused, false, "frame")
	s.PutBool(facts.FrameCompleted, false, "frame")
	s.PutBool(facts.FrameCollapsed, false, "frame")
	s.PutString(facts.FrameAccess, "cross-origin", "frame")
	s.PutString(facts.ACSOrigin, "https://acs.issuer.test", "frame")
	s.PutString(facts.ControlReached, "answered", "network")
	s.PutString(facts.ACSFetch, "answered", "acs")
	s.PutString(facts.ACSObject, "loaded", "acs")
	s.PutString(facts.ACSPrefetch, "loaded", "acs")
	s.PutString(facts.AddressCountry, "NL", "vantage")
	s.PutList(facts.TimeZoneCountries, []string{"SE"}, "vantage")
	band, signals := diagnosis.VPN(&s)
	return &report.Report{
		Schema: report.Schema, ID: "0123456789abcdef", GeneratedAt: "2026-11-22T03:00:00Z",
		Module: "0.1.0", Mode: "embed", Case: "4711",
		Challenge: diagnosis.StageOf(&s),
		VPN:       band, Signals: signals,
		Result: diagnosis.Judge(&s), Facts: &s,
		Timing: map[string]int64{"frame": 3, "total": 120},
	}
}

func TestEncodeGolden(t *testing.T) {
	got, err := report.Encode(sample())
	require.NoError(t, err)
	file := filepath.Join("..", "..", "testdata", "golden", "report.json")
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestDecodeGivesWhatWasEncoded(t *testing.T) {
	b, err := report.Encode(sample())
	require.NoError(t, err)
	r, err := report.Decode(b)
	require.NoError(t, err)
	again, err := report.Encode(r)
	require.NoError(t, err)
	assert.Equal(t, string(b), string(again))
}

func TestReplayOfADecodedReportIsTheSame(t *testing.T) {
	b, err := report.Encode(whole(sample()))
	require.NoError(t, err)
	r, err := report.Decode(b)
	require.NoError(t, err)
	again, err := report.Encode(report.Replay(r))
	require.NoError(t, err)
	assert.Equal(t, string(b), string(again))
}

// whole returns the report with a word of every fact, as a module gives it.
func whole(r *report.Report) *report.Report {
	for _, k := range facts.All() {
		if !r.Facts.Touched(k) {
			r.Facts.PutUnknown(k, facts.ReasonNotObserved, "test")
		}
	}
	r.Result = diagnosis.Judge(r.Facts)
	return r
}

// TestAReportOfAnEarlierVersionReplays: what was declared after a report was made
// was never asked for, and leaves a clear verdict clear.
func TestAReportOfAnEarlierVersionReplays(t *testing.T) {
	r := &report.Report{Schema: report.Schema, Facts: &facts.Set{}}
	const later = 5 // keys that its version did not have
	all := facts.All()
	for _, k := range all[:len(all)-later] {
		r.Facts.PutNotApplicable(k, facts.ReasonNotConfigured, "test")
	}
	again := report.Replay(r)
	assert.Equal(t, diagnosis.Clear, again.Result.Verdict)
	assert.Same(t, r.Facts, again.Facts)
	assert.Equal(t, diagnosis.Inconclusive, report.Replay(&report.Report{Facts: &facts.Set{}}).Result.Verdict)
}

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile("schema.json")
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("schema.json", doc))
	s, err := c.Compile("schema.json")
	require.NoError(t, err)
	return s
}

func TestSchemaAndTypesAgree(t *testing.T) {
	b, err := report.Encode(sample())
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	assert.NoError(t, schema(t).Validate(doc))
}

// TestSchemaDescribesEveryKey removes nothing and adds one key at each level:
// the schema must name all that the types write, and nothing else.
func TestSchemaHasNoPlaceForMore(t *testing.T) {
	s := schema(t)
	for _, path := range []string{"", "findings.0", "findings.0.params", "findings.0.evidence.0", "findings.0.fixes.0", "facts.network.online"} {
		tree := decoded(t)
		place(t, tree, path)["cardNumber"] = "4000000000002140"
		assert.Error(t, s.Validate(tree), "at %q", path)
	}
}

func decoded(t *testing.T) map[string]any {
	b, err := report.Encode(sample())
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(b, &tree))
	return tree
}

// place follows a path of keys and indices; a fact's name holds dots.
func place(t *testing.T, tree map[string]any, path string) map[string]any {
	if path == "" {
		return tree
	}
	if name, ok := strings.CutPrefix(path, "facts."); ok {
		return tree["facts"].(map[string]any)[name].(map[string]any)
	}
	var at any = tree
	for step := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[step]
		case []any:
			at = v[0]
		}
	}
	m, ok := at.(map[string]any)
	require.True(t, ok, path)
	return m
}

func TestDecodeRefuses(t *testing.T) {
	b, err := report.Encode(sample())
	require.NoError(t, err)
	good := string(b)
	swap := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	tests := map[string]struct{ json, want string }{
		"nothing":              {"", "decode report: EOF"},
		"a list":               {"[]", "decode report: json: cannot unmarshal array into Go value of type map[string]interface {}"},
		"an empty object":      {"{}", "decode report: schema: a number is needed"},
		"a later schema":       {swap(`"schema": 1`, `"schema": 2`), "decode report: report: schema 2 is not supported, only 1 is"},
		"a number for a code":  {swap(`"code": "threeds.frame-sandbox"`, `"code": 7`), "decode report: findings[0].code: a string is needed"},
		"a word for findings":  {swap(`"findings": [`, `"findings": "x", "was": [`), "decode report: findings: a list is needed"},
		"a URL for an origin":  {swap("https://acs.issuer.test", "https://acs.issuer.test/c?pan=4000"), "decode report: fact threeds.acs.origin: cannot hold https://acs.issuer.test/c?pan=4000"},
		"no facts":             {swap(`"facts": {`, `"was": {`), "decode report: facts: an object is needed"},
		"two reports":          {good + good, "decode report: there is more after the report"},
		"more than a megabyte": {good + strings.Repeat(" ", report.MaxBytes), " bytes, at most 1048576 are read"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := report.Decode([]byte(tt.json))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func FuzzDecode(f *testing.F) {
	b, err := report.Encode(sample())
	require.NoError(f, err)
	f.Add(b)
	f.Add([]byte(`{"schema":1}`))
	less, err := report.Encode(report.Without(sample(), report.PartBrowser, report.PartNetwork))
	require.NoError(f, err)
	f.Add(less)
	f.Add(bytes.Replace(b, []byte("{"), []byte(`{"withheld":["timing"],"supportCode":"\u001b[2J","withheld":[],`), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := report.Decode(b)
		if err != nil {
			return
		}
		once, err := report.Encode(r)
		require.NoError(t, err)
		again, err := report.Decode(once)
		require.NoError(t, err)
		twice, err := report.Encode(again)
		require.NoError(t, err)
		assert.Equal(t, string(once), string(twice))
		_ = report.Replay(again)
		sent, err := report.Encode(report.Without(again, report.PartBrowser, report.PartNetwork, report.PartPayment, report.PartTiming))
		require.NoError(t, err)
		received, err := report.Decode(sent)
		require.NoError(t, err, "what is left after parts are left out is a report")
		assert.Equal(t, report.Code(again), report.Code(received))
	})
}
