package output_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/output"
	"checkoutdoctor/wasm/diagnosis"
)

var update = flag.Bool("update", false, "write the golden files anew")

func expectation(verdict diagnosis.Verdict, codes ...diagnosis.Code) probe.Expectation {
	e := probe.Expectation{Verdict: verdict, Only: true, Line: 5}
	for _, c := range codes {
		e.Findings = append(e.Findings, probe.ExpectedFinding{Code: c, Severity: diagnosis.Blocking})
	}
	return e
}

// aRun has a result of every status.
func aRun() ([]probe.Scenario, *probe.Outcome) {
	result := func(id, name string, status probe.ResultStatus, took time.Duration) probe.Result {
		return probe.Result{
			ID: id, Name: name, File: "testdata/scenarios/" + id + ".yaml", Tags: []string{"threeds"}, Faults: []string{filepath.Base(id)}, Status: status,
			Blocking: true, Duration: took, DurationMs: took.Milliseconds(), Expected: expectation(diagnosis.Blocked, "threeds.acs-hang"),
		}
	}
	no := false
	found := &probe.Actual{
		Verdict:  diagnosis.Blocked,
		Findings: []probe.ActualFinding{{Code: "threeds.acs-unreachable", Severity: diagnosis.Blocking, Confidence: diagnosis.Likely}},
		Paid:     &no,
	}
	passed := result("threeds/acs-frame-options", "The issuer's page forbids framing", probe.Passed, 1300*time.Millisecond)
	passed.Repaired = &probe.Repaired{By: probe.RepairFile, Verdict: diagnosis.Clear, Findings: []probe.ActualFinding{
		{Code: "payment.nothing-found", Severity: diagnosis.Notice, Confidence: diagnosis.Possible},
	}, Paid: true}
	failed := result("threeds/acs-hang", "The issuer's page never answers", probe.Failed, 9800*time.Millisecond)
	failed.Actual = found
	failed.Problems = []probe.Problem{
		{Kind: probe.Unexpected, Text: "threeds.acs-hang was not found"},
		{Kind: probe.Untrue, Text: "threeds.acs-unreachable: the browser never saw a network failure in the issuer's frame"},
	}
	failed.Limits = []probe.TruthLimit{{Code: "threeds.message-ignored", Why: "what a message says shows nowhere"}}
	failed.Reason, failed.Evidence = failed.Problems[0].Text, "out/threeds/acs-hang/index.html"
	flaky := result("popup/too-late", "The window comes too late", probe.Flaky, 7*time.Second)
	flaky.Actual, flaky.Blocking = found, false
	flaky.Problems = failed.Problems[:1]
	flaky.Reason = "failed in 1 of 3 runs: threeds.acs-hang was not found"
	flaky.Rounds = []probe.ResultStatus{probe.Passed, probe.Failed, probe.Passed}
	skipped := result("blocker/frame-blocked", "An extension blocks the issuer's page", probe.Skipped, 0)
	skipped.Reason = "extensions are not possible here: this is a headless shell"
	broken := result("threeds/acs-dns", "The issuer's name does not resolve", probe.Errored, 400*time.Millisecond)
	broken.Reason = "open a context: the browser is gone"
	broken.Problems = []probe.Problem{{Kind: probe.Broken, Text: broken.Reason}}

	o := &probe.Outcome{
		Engine: "Chromium 156.0", Elapsed: 19400 * time.Millisecond,
		Results: []probe.Result{skipped, flaky, broken, passed, failed},
		Confusion: []probe.Confusion{
			{Fault: "acs-dns", Gives: "threeds.acs-unreachable", First: "no report", Count: 1},
			{Fault: "acs-frame-options", Gives: "threeds.acs-frame-options", First: "threeds.acs-frame-options", Count: 3},
			{Fault: "acs-hang", Gives: "threeds.acs-hang", First: "threeds.acs-hang", Count: 2},
			{Fault: "acs-hang", Gives: "threeds.acs-hang", First: "threeds.acs-unreachable", Count: 1},
		},
		Faults:  probe.FaultCount{Total: 3, Named: 1},
		Healthy: probe.Healthy{Runs: 62, Clear: 61, Profiles: 31, ProfilesClear: 30},
		Signals: probe.Signals{
			{Name: "zone", Weight: 2, VPN: probe.Fired{Fired: 6, Of: 8}, Healthy: probe.Fired{Fired: 1, Of: 62}},
			{Name: "segment-size", Weight: 1, VPN: probe.Fired{Fired: 2, Of: 8}, Healthy: probe.Fired{Of: 62}},
		},
	}
	var scenarios []probe.Scenario
	for _, r := range o.Results {
		scenarios = append(scenarios, probe.Scenario{ID: r.ID, Name: r.Name, File: r.File})
	}
	return scenarios, o
}

func report(to probe.Reporter, scenarios []probe.Scenario, o *probe.Outcome, ended int) {
	to.Started(o.Engine, scenarios, 2)
	for i := range o.Results {
		// The last ones end first: families are shown together all the same.
		i = len(o.Results) - 1 - i
		to.ScenarioStarted(&scenarios[i])
		if len(o.Results)-i <= ended {
			to.ScenarioEnded(&o.Results[i])
		}
	}
	to.Ended(o)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestTextShowsEveryStatus(t *testing.T) {
	scenarios, o := aRun()
	var out bytes.Buffer
	report(output.NewText(&out, "0.1", false), scenarios, o, len(o.Results))
	golden(t, "run.txt", out.Bytes())
}

func TestTextOfATerminalShowsWhatRuns(t *testing.T) {
	scenarios, o := aRun()
	var out bytes.Buffer
	report(output.NewText(&out, "0.1", true), scenarios, o, len(o.Results))
	golden(t, "run-live.txt", out.Bytes())
}

func TestTextOfAnInterruptedRunShowsWhatWasDone(t *testing.T) {
	scenarios, o := aRun()
	o.Interrupted = true
	o.Results = o.Results[3:]
	scenarios = scenarios[3:]
	var out bytes.Buffer
	report(output.NewText(&out, "0.1", false), scenarios, o, 1)
	golden(t, "run-interrupted.txt", out.Bytes())
}

func TestTextOfManyScenariosSetsFaultsBesideWhatWasNamed(t *testing.T) {
	_, o := aRun()
	for range 6 {
		o.Results = append(o.Results, o.Results[3])
	}
	var out bytes.Buffer
	output.NewText(&out, "0.1", false).Ended(o)
	golden(t, "run-many.txt", out.Bytes())
}

func TestTextOfHealthyScenariosHasNoEmptyTable(t *testing.T) {
	var out bytes.Buffer
	output.NewText(&out, "0.1", false).Ended(&probe.Outcome{Results: make([]probe.Result, 9), Healthy: probe.Healthy{Runs: 9, Clear: 9, Profiles: 9, ProfilesClear: 9}})
	assert.Contains(t, out.String(), "healthy profiles found clear: 9 of 9\n")
	assert.NotContains(t, out.String(), "named first")
}

func TestTextWithoutAVPNSaysNothingOfSignals(t *testing.T) {
	var out bytes.Buffer
	output.NewText(&out, "0.1", false).Ended(&probe.Outcome{Results: make([]probe.Result, 1), Signals: probe.Signals{{Name: "zone", Healthy: probe.Fired{Of: 1}}}})
	assert.NotContains(t, out.String(), "zone")
}

func TestJSONHasTheKeysOfSchema1(t *testing.T) {
	_, o := aRun()
	var out bytes.Buffer
	require.NoError(t, output.WriteJSON(&out, o))
	golden(t, "run.json", out.Bytes())

	var again struct {
		Summary   probe.Summary
		Scenarios []probe.Result
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &again))
	assert.Equal(t, probe.Summary{Passed: 1, Failed: 1, Flaky: 1, Skipped: 1, Errors: 1, Faults: probe.FaultCount{Total: 3, Named: 1}, Signals: o.Signals}, again.Summary)
	assert.Len(t, again.Scenarios, 5)
}
