//go:build !js

package report_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// leftOut are choices of parts that a user may make.
var leftOut = [][]report.Part{
	{report.PartBrowser}, {report.PartNetwork}, {report.PartPayment}, {report.PartTiming},
	{report.PartBrowser, report.PartPayment},
	{report.PartBrowser, report.PartNetwork, report.PartPayment, report.PartTiming},
}

func TestEveryDeclaredFactIsOfOnePart(t *testing.T) {
	families := make(map[string]int)
	for part, list := range report.FamiliesByPart() {
		for _, family := range list {
			families[family]++
			assert.Equal(t, part, report.PartOf(family+".fact"))
		}
	}
	for _, k := range facts.All() {
		family, _, _ := strings.Cut(facts.Name(k), ".")
		assert.Equal(t, 1, families[family], "parts that have %s", family)
	}
	assert.Empty(t, report.PartOf("environment.browser"), "the support code has it")
	assert.Empty(t, report.PartOf("environment.platform"), "the support code has it")
	assert.Empty(t, report.PartOf("later.fact"))
}

// TestWhatIsSentWithoutPartsIsRead: it fits the schema, has nothing of the parts,
// says the same code, and is read as it was written.
func TestWhatIsSentWithoutPartsIsRead(t *testing.T) {
	described := schema(t)
	for file, whole := range recordedReports(t) {
		for _, parts := range leftOut {
			sent := report.Without(whole, parts...)
			text, err := report.Encode(sent)
			require.NoError(t, err)
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			require.NoError(t, err)
			require.NoError(t, described.Validate(doc), "%s without %s", file, parts)
			for _, fact := range named(sent) {
				require.NotContains(t, parts, report.PartOf(fact), "%s: %s", file, fact)
			}
			require.Equal(t, report.Code(whole), report.Code(sent))
			again, err := report.Decode(text)
			require.NoError(t, err, "%s without %s", file, parts)
			same, err := report.Encode(again)
			require.NoError(t, err)
			require.Equal(t, string(text), string(same))
		}
	}
}

// named are the facts that the report says something of, or rests on.
func named(r *report.Report) []string {
	facts := slices.Collect(maps.Keys(r.Facts.Tree()))
	for _, f := range r.Findings {
		for _, e := range f.Evidence {
			facts = append(facts, e.Fact)
		}
	}
	return facts
}

func TestLeavingOutAddsToWhatIsLeftOut(t *testing.T) {
	r := report.Without(report.Without(sample(), report.PartTiming, report.PartNetwork), report.PartBrowser, report.PartNetwork)
	assert.Equal(t, []string{"browser", "network", "timing"}, r.Withheld)
	assert.Empty(t, sample().Withheld)
	assert.Equal(t, sample().Tree(), report.Without(sample()).Tree())
}

// TestWhatWasLeftOutMustBeGone: the error says what is there nevertheless.
func TestWhatWasLeftOutMustBeGone(t *testing.T) {
	for name, test := range map[string]struct {
		withheld any
		change   func(tree map[string]any)
		want     string
	}{
		"a fact": {[]string{"network"}, nil, "fact network.address-country: must not be there: network was left out"},
		"a fact of later": {[]string{"network"}, func(tree map[string]any) {
			tree["facts"] = map[string]any{"network.later": map[string]any{"from": "x", "value": true}}
		}, "fact network.later: must not be there: network was left out"},
		"an evidence":         {[]string{"browser"}, func(tree map[string]any) { tree["facts"] = map[string]any{} }, "findings[2].evidence[0].fact: must not be there: browser was left out"},
		"what speaks for VPN": {[]string{"network"}, func(tree map[string]any) { tree["facts"], tree["findings"] = map[string]any{}, nil }, "vpn: must not be there: network was left out"},
		"the challenge":       {[]string{"payment"}, func(tree map[string]any) { tree["facts"], tree["findings"] = map[string]any{}, nil }, "challenge: must not be there: payment was left out"},
		"the times":           {[]string{"timing"}, nil, "timing: must not be there: timing was left out"},
		"an unknown part":     {[]string{"address"}, nil, `withheld[0]: "address" is no part of a report`},
		"markup for a part":   {[]string{"<img>\x1b"}, nil, `withheld[0]: "<img>\x1b" is no part of a report`},
		"unsorted parts":      {[]string{"timing", "network"}, nil, "withheld[1]: the parts must be sorted, each named once"},
		"a part twice":        {[]string{"network", "network"}, nil, "withheld[1]: the parts must be sorted, each named once"},
		"a word":              {"network", nil, "withheld: a list is needed"},
		"numbers":             {[]int{1}, nil, "withheld: strings are needed"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := decoded(t)
			tree["withheld"] = test.withheld
			if test.change != nil {
				test.change(tree)
			}
			text, err := json.Marshal(tree)
			require.NoError(t, err)
			_, err = report.Decode(text)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

// TestTheSupportCodeIsWhatFollows: the one that comes with a report counts for
// nothing.
func TestTheSupportCodeIsWhatFollows(t *testing.T) {
	tree := decoded(t)
	want := tree["supportCode"]
	require.Equal(t, report.Code(sample()), want)
	for _, given := range []any{"AKTR-32M-8X5-EP2", "<script>", "", nil} {
		tree["supportCode"] = given
		text, err := json.Marshal(tree)
		require.NoError(t, err)
		r, err := report.Decode(text)
		require.NoError(t, err)
		assert.Equal(t, want, r.Tree()["supportCode"])
	}
	tree["supportCode"] = 7
	text, err := json.Marshal(tree)
	require.NoError(t, err)
	_, err = report.Decode(text)
	assert.ErrorContains(t, err, "supportCode: a string is needed")
}

// TestReplayKeepsWhatItCannotJudge: of a report of today's, whatever was left out
// of it, a replay makes the same report.
func TestReplayKeepsWhatItCannotJudge(t *testing.T) {
	for file, recorded := range recordedReports(t) {
		whole := report.Replay(recorded)
		for _, parts := range leftOut {
			sent := report.Without(whole, parts...)
			want, err := report.Encode(sent)
			require.NoError(t, err)
			got, err := report.Encode(report.Replay(sent))
			require.NoError(t, err)
			require.Equal(t, string(want), string(got), "%s without %s", file, parts)
		}
	}
}

func TestUnjudgedIsWhatTakesALeftOutFact(t *testing.T) {
	whole := report.Replay(sample())
	for name, test := range map[string]struct {
		parts        []report.Part
		open, judged []string
	}{
		"nothing":     {nil, nil, []string{"vpn.suspected", "network.offline"}},
		"the times":   {[]report.Part{report.PartTiming}, nil, []string{"vpn.suspected", "network.offline"}},
		"the network": {[]report.Part{report.PartNetwork}, []string{"vpn.suspected", "network.offline"}, []string{"threeds.frame-sandbox", "cookie.disabled"}},
		"the browser": {[]report.Part{report.PartBrowser}, []string{"cookie.third-party-blocked", "popup.blocked"}, []string{"network.offline", "threeds.frame-sandbox"}},
	} {
		t.Run(name, func(t *testing.T) {
			var open []string
			for _, o := range report.Unjudged(report.Without(whole, test.parts...)) {
				open = append(open, string(o.Code))
				assert.Equal(t, test.parts, o.Without)
			}
			assert.Subset(t, open, test.open)
			for _, code := range test.judged {
				assert.NotContains(t, open, code)
			}
		})
	}
}

// TestReplayStillJudgesTheRest: what can be judged is, and the verdict follows from
// both.
func TestReplayStillJudgesTheRest(t *testing.T) {
	sent := report.Without(report.Replay(sample()), report.PartNetwork)
	missing := *sent
	missing.Findings = slices.Clone(sent.Findings[1:])
	missing.Verdict = "clear"
	assert.Equal(t, sent.Tree(), report.Replay(&missing).Tree(), "what was not found then is found today")

	other := *sent
	other.Findings = slices.Clone(sent.Findings)
	other.Findings[len(other.Findings)-1].Code = "vpn.likely" // which nobody can judge
	again := report.Replay(&other)
	assert.Equal(t, "vpn.likely", string(again.Findings[len(again.Findings)-1].Code))
}

// TestASymptomOfWhatIsNoLongerFoundIsShown although its facts were left out: only
// its code is known.
func TestASymptomOfWhatIsNoLongerFoundIsShown(t *testing.T) {
	sent := report.Without(report.Replay(sample()), report.PartNetwork)
	sent.Hidden = append(sent.Hidden, sent.Hidden[0])
	sent.Hidden[1].Code, sent.Hidden[1].Because = "network.dns", "network.offline"
	again := report.Replay(sent)
	i := slices.IndexFunc(report.Summarize(again).Findings, func(f report.Named) bool { return f.Code == "network.dns" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, "possible", string(report.Summarize(again).Findings[i].Confidence))
}
