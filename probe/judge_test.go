package probe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

func TestExpectationsOfAReport(t *testing.T) {
	yes, no := true, false
	hang := ActualFinding{Code: "threeds.acs-hang", Severity: diagnosis.Blocking, Confidence: diagnosis.Likely}
	blocker := ActualFinding{Code: "blocker.frame-blocked", Severity: diagnosis.Blocking, Confidence: diagnosis.Likely}
	notice := ActualFinding{Code: "vpn.suspected", Severity: diagnosis.Notice, Confidence: diagnosis.Possible}
	early := ActualFinding{Code: "threeds.acs-hang", Severity: diagnosis.Blocking, Confidence: diagnosis.Likely, Variant: "early"}
	expect := func(f ExpectedFinding) Expectation {
		return Expectation{Verdict: diagnosis.Blocked, Findings: []ExpectedFinding{f}, Only: true, Paid: &no}
	}
	found := func(list ...ActualFinding) *Actual {
		return &Actual{Verdict: diagnosis.Blocked, Findings: list, Paid: &no}
	}
	withNotice := Expectation{Verdict: diagnosis.Blocked, Findings: []ExpectedFinding{{Code: "threeds.acs-hang"}, {Code: "vpn.suspected"}}, Only: true}
	onlyNotice := Expectation{Verdict: diagnosis.Blocked, Findings: []ExpectedFinding{{Code: "vpn.suspected"}}}
	several := expect(ExpectedFinding{Code: "threeds.acs-hang"})
	several.Only = false
	for name, test := range map[string]struct {
		expect Expectation
		actual *Actual
		want   []string
	}{
		"as expected":                {expect(ExpectedFinding{Code: "threeds.acs-hang", Confidence: "likely", Severity: "blocking"}), found(hang), nil},
		"a notice may stand beside":  {expect(ExpectedFinding{Code: "threeds.acs-hang"}), found(hang, notice), nil},
		"another cause":              {expect(ExpectedFinding{Code: "threeds.acs-hang"}), found(hang, blocker), []string{"blocker.frame-blocked was found as well"}},
		"others are allowed":         {several, found(hang, blocker), nil},
		"allowed, but not first":     {several, found(blocker, hang), []string{"blocker.frame-blocked is named first, not threeds.acs-hang"}},
		"after a notice":             {withNotice, found(notice, hang), []string{"vpn.suspected is named first, not threeds.acs-hang"}},
		"before a notice":            {withNotice, found(hang, notice), nil},
		"a notice need not be":       {onlyNotice, found(hang, notice), nil},
		"not found":                  {expect(ExpectedFinding{Code: "threeds.acs-hang"}), found(), []string{"threeds.acs-hang was not found"}},
		"surer than it should be":    {expect(ExpectedFinding{Code: "threeds.acs-hang", Confidence: "possible"}), found(hang), []string{"threeds.acs-hang is likely, not possible"}},
		"of another severity":        {expect(ExpectedFinding{Code: "threeds.acs-hang", Severity: "notice"}), found(hang), []string{"threeds.acs-hang is blocking, not notice"}},
		"the variant that was meant": {expect(ExpectedFinding{Code: "threeds.acs-hang", Variant: "early"}), found(early), nil},
		"another variant":            {expect(ExpectedFinding{Code: "threeds.acs-hang", Variant: "late"}), found(early), []string{`threeds.acs-hang is of the variant "early", not "late"`}},
		"another verdict, and paid": {
			expect(ExpectedFinding{Code: "vpn.suspected"}),
			&Actual{Verdict: diagnosis.Clear, Findings: []ActualFinding{notice}, Paid: &yes},
			[]string{"the verdict is clear, not blocked", "the payment ended as paid, not as failed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range test.expect.compare(test.actual) {
				assert.Equal(t, Unexpected, p.Kind)
				got = append(got, p.Text)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestSignalsAreThoseThatAreExpectedAndNoOthers(t *testing.T) {
	for name, test := range map[string]struct {
		expect, seen []string
		want         []string
	}{
		"it does not matter":  {nil, []string{"zone"}, nil},
		"in any order":        {[]string{"webrtc-address", "zone"}, []string{"zone", "webrtc-address"}, nil},
		"none, and there is":  {[]string{}, []string{"zone"}, []string{"the signal zone was seen as well"}},
		"none, and none":      {[]string{}, nil, nil},
		"one in another's":    {[]string{"language"}, []string{"zone"}, []string{"the signal language was not seen", "the signal zone was seen as well"}},
		"one that is missing": {[]string{"zone", "language"}, []string{"zone"}, []string{"the signal language was not seen"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range (Expectation{Verdict: diagnosis.Clear, Signals: test.expect}).compare(&Actual{Verdict: diagnosis.Clear, Signals: test.seen}) {
				got = append(got, p.Text)
			}
			assert.Equal(t, test.want, got)
		})
	}
	assert.Equal(t, "no finding (clear); signals zone + language", (&Actual{Verdict: diagnosis.Clear, Signals: []string{"zone", "language"}}).String())
}

func TestDiffNamesWhatChanged(t *testing.T) {
	var s facts.Set
	s.PutBool(facts.Online, false, "network")
	today := report.Replay(&report.Report{Facts: &s}) // what nobody asked for included
	assert.Empty(t, Diff(today, report.Replay(today)))

	stored := *today
	stored.Verdict = diagnosis.Clear
	stored.Findings = []diagnosis.Finding{{Code: "network.offline", Severity: diagnosis.Blocking}, {Code: "popup.blocked"}}
	stored.NotChecked = nil
	got := Diff(&stored, report.Replay(&stored))
	assert.Contains(t, got, "verdict: clear -> blocked")
	assert.Contains(t, got, "finding popup.blocked: gone")
	assert.Contains(t, got, "not checked cookie.disabled: new")
	assert.Contains(t, got, `finding network.offline: confidence "" -> "certain"`)
}

func TestDiffSeesTheOrder(t *testing.T) {
	a := &report.Report{Facts: &facts.Set{}, Result: diagnosis.Result{Findings: []diagnosis.Finding{{Code: "a"}, {Code: "b"}}}}
	b := &report.Report{Facts: &facts.Set{}, Result: diagnosis.Result{Findings: []diagnosis.Finding{{Code: "b"}, {Code: "a"}}}}
	assert.Equal(t, []string{"finding: the order changed"}, Diff(a, b))
}
