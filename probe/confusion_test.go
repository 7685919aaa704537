package probe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/diagnosis"
)

func TestFaultsAreSetBesideWhatWasNamedFirst(t *testing.T) {
	hang := Fault{Place: InLab, Code: "acs-hang", Gives: "threeds.acs-hang"}
	slow := Fault{Place: InLab, Code: "acs-slow"}
	offline := Fault{Place: InBrowser, Code: "offline", Gives: "network.offline"}
	nameless := Fault{Place: InLab, Code: "acs-dns", Gives: "threeds.acs-unreachable"}
	exit := Fault{Place: InNetwork, Code: "exit-vpn", Gives: "vpn.likely"}
	method := Fault{Place: InLab, Code: "method-timeout", Gives: "threeds.method-timeout"}
	expect := func(verdict diagnosis.Verdict, code diagnosis.Code) Expectation {
		return Expectation{Verdict: verdict, Findings: []ExpectedFinding{{Code: code}}}
	}
	scenarios := []Scenario{
		{Faults: []Fault{hang}, Expect: expect(diagnosis.Blocked, "threeds.acs-hang")},
		{Faults: []Fault{hang, slow, offline}, Expect: expect(diagnosis.Blocked, "network.offline")},
		{Faults: []Fault{method}, Expect: expect(diagnosis.Clear, "threeds.method-timeout")},
		{Faults: []Fault{slow}, Expect: expect(diagnosis.Clear, "payment.nothing-found")},
		{Faults: []Fault{nameless}, Expect: expect(diagnosis.Blocked, "threeds.local-network-denied")}, // with its profile
		{Faults: []Fault{hang, exit}, Expect: expect(diagnosis.Blocked, "threeds.acs-hang")},
		{Expect: expect(diagnosis.Blocked, "cookie.disabled")}, // by its profile
		{Expect: expect(diagnosis.Clear, "payment.nothing-found")},
		{Expect: expect(diagnosis.Clear, "payment.nothing-found")},
	}
	found := func(verdict diagnosis.Verdict, codes ...diagnosis.Code) Result {
		a := &Actual{Verdict: verdict}
		for _, c := range codes {
			cause, _ := diagnosis.Lookup(c)
			a.Findings = append(a.Findings, ActualFinding{Code: c, Severity: cause.Severity})
		}
		return Result{Status: Passed, Actual: a}
	}
	table, faults, healthy := confusion(scenarios, [][]Result{
		{
			found(diagnosis.Blocked, "threeds.acs-hang"), found(diagnosis.Blocked, "threeds.acs-unreachable", "threeds.acs-hang"),
			found(diagnosis.Blocked, "threeds.acs-hang"), {Status: Errored}, found(diagnosis.Inconclusive), {Status: Skipped},
		},
		{found(diagnosis.Blocked, "network.offline")},
		{found(diagnosis.Clear, "vpn.suspected", "threeds.method-timeout", "payment.nothing-found")},
		{found(diagnosis.Clear, "payment.nothing-found"), found(diagnosis.Blocked, "threeds.acs-hang"), {Status: Failed}},
		{found(diagnosis.Blocked, "threeds.local-network-denied")},
		{found(diagnosis.Blocked, "threeds.acs-hang", "vpn.likely")},
		{found(diagnosis.Blocked, "cookie.disabled")},
		{found(diagnosis.Clear, "payment.nothing-found"), found(diagnosis.Clear, "payment.nothing-found"), {Status: Skipped}},
		{{Status: Skipped}},
	})
	assert.Equal(t, []Confusion{
		{"acs-hang", "threeds.acs-hang", "threeds.acs-hang", 2},
		{"acs-hang", "threeds.acs-hang", "threeds.acs-unreachable", 1},
		{"acs-hang", "threeds.acs-hang", "no report", 1},
		{"acs-hang", "threeds.acs-hang", "inconclusive", 1},
		{"acs-hang + offline", "network.offline", "network.offline", 1},
		{"method-timeout", "threeds.method-timeout", "threeds.method-timeout", 1},
		{"acs-dns", "threeds.local-network-denied", "threeds.local-network-denied", 1},
		{"acs-hang + exit-vpn", "threeds.acs-hang", "threeds.acs-hang", 1},
	}, table)
	assert.Equal(t, FaultCount{Total: 5, Named: 4}, faults, "a fault that one run missed is not named")
	assert.Equal(t, Healthy{Runs: 5, Clear: 3, Profiles: 2, ProfilesClear: 1}, healthy, "scenarios, however often they ran, and only those that ran")
	assert.True(t, table[0].Right())
	assert.False(t, table[1].Right())
}

func TestAFaultIsNamedWhenItsCauseStandsAlone(t *testing.T) {
	hang := Fault{Place: InLab, Code: "acs-hang", Gives: "threeds.acs-hang"}
	scenarios := []Scenario{{Faults: []Fault{hang}, Expect: Expectation{Verdict: diagnosis.Blocked}}}
	for name, test := range map[string]struct {
		found []ActualFinding
		named int
	}{
		"alone": {[]ActualFinding{{Code: "threeds.acs-hang", Severity: diagnosis.Blocking}}, 1},
		"beside a notice": {[]ActualFinding{
			{Code: "threeds.acs-hang", Severity: diagnosis.Blocking}, {Code: "vpn.suspected", Severity: diagnosis.Notice},
		}, 1},
		"beside what degrades": {[]ActualFinding{
			{Code: "threeds.acs-hang", Severity: diagnosis.Blocking}, {Code: "vpn.likely", Severity: diagnosis.Degrading},
		}, 0},
		"not at all": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults, _ := confusion(scenarios, [][]Result{{{Status: Passed, Actual: &Actual{Findings: test.found}}}})
			assert.Equal(t, FaultCount{Total: 1, Named: test.named}, faults)
		})
	}
}
