package probe

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// regressionFaults are faults as the lab has them.
var regressionFaults = []Fault{
	{Place: InLab, Code: "hang", Gives: "threeds.acs-hang"},
	{Place: InLab, Code: "csp", Gives: "threeds.page-csp-form-action"},
	{Place: InLab, Code: "csp-redirect", Gives: "threeds.page-csp-form-action"},
	{Place: InNetwork, Code: "exit-abroad", Gives: "vpn.likely"},
	{Place: InNetwork, Code: "down", Gives: "network.offline"},
}

// regressionScenarios show how to cause some findings.
const regressionScenarios = `
name: several
variants:
  - {name: csp, title: t, faults: [{lab: csp}], expect: {verdict: blocked, findings: [{code: threeds.page-csp-form-action}]}}
  - {name: csp-redirect, title: t, faults: [{lab: csp-redirect}], expect: {verdict: blocked, findings: [{code: threeds.page-csp-form-action, variant: redirect}]}, timeout: 50s}
  - {name: third-party, title: t, profile: {thirdPartyCookies: block}, expect: {verdict: clear, findings: [{code: cookie.third-party-blocked}, {code: payment.nothing-found}]}}
  - {name: exit, title: t, profile: {timeZone: Europe/Stockholm, country: SE}, faults: [{network: exit-abroad}], expect: {verdict: degraded, findings: [{code: vpn.likely}], signals: [zone, webrtc-address]}}
`

// reported is a report of the facts.
func reported(put func(*facts.Set)) *report.Report {
	s := &facts.Set{}
	put(s)
	for _, k := range facts.All() {
		if !s.Touched(k) {
			s.PutNotApplicable(k, facts.ReasonNotConfigured, "test")
		}
	}
	return &report.Report{
		Schema: report.Schema, ID: "0123456789abcdef", GeneratedAt: "2026-11-22T03:00:00Z", Module: "0.1.0", Mode: "embed", Case: "4711",
		Result: diagnosis.Judge(s), Facts: s,
	}
}

func TestRegressionCausesWhatWasReported(t *testing.T) {
	like, err := Parse("x/several.yaml", []byte(regressionScenarios), regressionFaults)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		facts     func(*facts.Set)
		mode      string
		want      []string // each is a line of the file, or part of one
		unmatched []diagnosis.Code
	}{
		"the page's policy": {
			facts: func(s *facts.Set) { s.PutBool(facts.ViolationFormAction, true, "t") },
			want:  []string{"faults: [{lab: csp}]", "code: threeds.page-csp-form-action", "verdict: blocked"},
		},
		"a variant of it": {
			facts: func(s *facts.Set) { s.PutBool(facts.ViolationFormHop, true, "t") },
			want:  []string{"faults: [{lab: csp-redirect}]", "variant: redirect", "timeout: 50s"},
		},
		"a setting of the browser's": {
			facts: func(s *facts.Set) { s.PutBool(facts.ThirdPartyHeader, false, "t") },
			want:  []string{"thirdPartyCookies: block", "verdict: clear"},
		},
		"a VPN whose signals a scenario has": {
			facts: func(s *facts.Set) {
				s.PutString(facts.AddressCountry, "NL", "t")
				s.PutList(facts.TimeZoneCountries, []string{"SE"}, "t")
				s.PutString(facts.Candidates, "other", "t")
			},
			want: []string{"faults: [{network: exit-abroad}]", "country: SE", "signals: [zone, webrtc-address]"},
		},
		"a VPN with other signals": {
			facts: func(s *facts.Set) {
				s.PutString(facts.AddressCountry, "NL", "t")
				s.PutString(facts.AddressKind, "vpn", "t")
				s.PutString(facts.TimeZone, "Europe/Stockholm", "t")
				s.PutList(facts.TimeZoneCountries, []string{"SE"}, "t")
				s.PutList(facts.Languages, []string{"sv-SE"}, "t")
			},
			want: []string{"country: NL", "addressKind: vpn", "timeZone: Europe/Stockholm", "locale: sv-SE"},
		},
		"what nobody can cause": {
			facts:     func(s *facts.Set) { s.PutBool(facts.FrameNullOrigin, true, "t"); s.PutBool(facts.Online, false, "t") },
			want:      []string{"# It can be replayed, but not run: no scenario shows how to cause", "verdict: blocked"},
			unmatched: []diagnosis.Code{"network.offline"},
		},
		"nothing": {
			facts: func(*facts.Set) {},
			want:  []string{"verdict: clear", "code: payment.nothing-found"},
		},
		"a link's page": {
			facts: func(*facts.Set) {},
			mode:  "link",
			want:  []string{"mode: link", "tags: [link, payment]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := reported(test.facts)
			if test.mode != "" {
				r.Mode = test.mode
			}
			made, err := NewRegression("reports/case.yaml", `It's "so": a test`, r, like, regressionFaults)
			require.NoError(t, err)
			for _, want := range test.want {
				assert.Contains(t, string(made.Scenario), want)
			}
			for _, code := range test.unmatched {
				assert.Contains(t, made.Unmatched, code)
			}
			if test.unmatched == nil {
				assert.Empty(t, made.Unmatched)
			}
			scenarios, err := Parse("reports/case.yaml", made.Scenario, regressionFaults)
			require.NoError(t, err)
			assert.Equal(t, `It's "so": a test`, scenarios[0].Name)
			assert.Empty(t, scenarios[0].Expect.Check(report.Replay(made.Fixture), nil))
		})
	}
}

// TestRegressionTellsNobodysNumber: neither support's case nor the report's own
// number is in the files.
func TestRegressionTellsNobodysNumber(t *testing.T) {
	r := reported(func(*facts.Set) {})
	r.Module = "1\nname: forged"
	made, err := NewRegression("reports/case.yaml", "t", r, nil, nil)
	require.NoError(t, err)
	text, err := report.Encode(made.Fixture)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "4711")
	assert.NotContains(t, string(text), r.ID)
	assert.Equal(t, "4711", r.Case, "the report itself is left alone")
	assert.Equal(t, 1, strings.Count(string(made.Scenario), "\nname:"))
}

func TestCompareNamesEachDifference(t *testing.T) {
	a := reported(func(s *facts.Set) { s.PutBool(facts.Online, false, "t"); s.PutInt(facts.RoundTrip, 2, "t") })
	b := reported(func(s *facts.Set) {
		s.PutBool(facts.Online, true, "other")
		s.PutUnknown(facts.RoundTrip, facts.ReasonTimedOut, "t")
	})
	assert.Empty(t, Compare(a, a))
	assert.Empty(t, CompareFacts(a, a))
	assert.Contains(t, Compare(a, b), Difference{Part: "verdict", Change: Changed, Before: a.Verdict, After: b.Verdict})
	assert.Contains(t, Compare(a, b), Difference{Part: "finding", Name: "network.offline", Change: Gone})
	assert.Equal(t, []Difference{
		{Part: "fact", Name: "network.online", Change: Changed, Key: "value", Before: false, After: true},
		{Part: "fact", Name: "network.round-trip", Change: Changed, Key: "value", Before: 2.0},
		{Part: "fact", Name: "network.round-trip", Change: Changed, Key: "unknown", After: "timed-out"},
	}, CompareFacts(a, b))
	few := *a
	few.Facts = &facts.Set{}
	few.Facts.PutBool(facts.Online, false, "t")
	for _, d := range CompareFacts(a, &few) {
		assert.Equal(t, Gone, d.Change)
	}
	for _, d := range CompareFacts(&few, a) {
		assert.Equal(t, New, d.Change)
	}
	assert.Equal(t, "fact network.online: value false -> true", CompareFacts(a, b)[0].String())
}

// TestRegressionRefusesWhatFactsDoNotShow: such a test would pass whatever becomes
// of the diagnosis.
func TestRegressionRefusesWhatFactsDoNotShow(t *testing.T) {
	policy := reported(func(s *facts.Set) { s.PutBool(facts.ViolationFormAction, true, "t") })
	nothing := reported(func(*facts.Set) {})
	nothing.NotChecked = []diagnosis.NotChecked{{Code: "*", Reason: facts.ReasonUnreachable}}
	for name, test := range map[string]struct {
		r    *report.Report
		want string
	}{
		"a finding of a part that was left out": {report.Without(policy, report.PartPayment), "threeds.page-csp-form-action rests on what the user left out: payment"},
		"a run that looked at nothing":          {nothing, "the module could not run, and nothing was looked at"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewRegression("reports/case.yaml", "t", test.r, nil, regressionFaults)
			assert.ErrorIs(t, err, ErrNothingToTest)
			assert.ErrorContains(t, err, test.want)
		})
	}
	made, err := NewRegression("reports/case.yaml", "t", report.Without(policy, report.PartNetwork), nil, regressionFaults)
	require.NoError(t, err)
	assert.Contains(t, string(made.Scenario), "# The user left out of it: network.\n")
}

// TestRegressionSaysThatNothingKeepsACheckFromBeingMade: in a run of the scenario
// the check would be made.
func TestRegressionSaysThatNothingKeepsACheckFromBeingMade(t *testing.T) {
	r := reported(func(s *facts.Set) { s.PutUnknown(facts.Online, facts.ReasonCrashed, "t") })
	made, err := NewRegression("reports/case.yaml", "t", r, nil, regressionFaults)
	require.NoError(t, err)
	assert.Contains(t, made.Unmatched, diagnosis.Code("network.offline"))
	assert.Contains(t, string(made.Scenario), "# It can be replayed, but not run")
}
