package probe

import (
	"encoding/json"
	"strings"
	"time"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

// ResultStatus is how a scenario ended.
type ResultStatus string

// The statuses.
const (
	Passed  ResultStatus = "passed"
	Failed  ResultStatus = "failed"  // an expectation was not met, or the browser's instruments contradict the diagnosis
	Flaky   ResultStatus = "flaky"   // it passed in some repetitions and failed in others
	Skipped ResultStatus = "skipped" // this browser cannot be brought into the state, or the run was interrupted
	Errored ResultStatus = "error"   // the run itself broke: browser, tab or proxy
)

// A TruthLimit is a finding that the browser's own instruments can confirm only
// in part, or not at all.
type TruthLimit struct {
	Code diagnosis.Code `json:"code"`
	Why  string         `json:"why"`
}

// A Result is how one scenario ended. Its JSON is part of schema 1 of the
// file that --json writes: keys may be added, none changed.
type Result struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	File       string         `json:"file"`
	Tags       []string       `json:"tags"`
	Faults     []string       `json:"faults"` // codes, harmless variants included
	Status     ResultStatus   `json:"status"`
	Reason     string         `json:"reason,omitempty"`
	DurationMs int64          `json:"durationMs"`
	Blocking   bool           `json:"blocking"`
	Expected   Expectation    `json:"expected"`
	Actual     *Actual        `json:"actual,omitempty"`
	Problems   []Problem      `json:"problems,omitempty"`
	Report     *reportJSON    `json:"report,omitempty"`
	Repaired   *Repaired      `json:"repaired,omitempty"` // what became of it by the scenario's repair
	Truth      *Truth         `json:"truth,omitempty"`
	Limits     []TruthLimit   `json:"truthLimits,omitempty"` // what the truth cannot confirm of the findings
	Evidence   string         `json:"evidence,omitempty"`    // path of the page that shows it
	Rounds     []ResultStatus `json:"rounds,omitempty"`      // with --repeat: how each repetition ended
	Duration   time.Duration  `json:"-"`
}

// Family is the folder of the scenario's file.
func (r *Result) Family() string {
	family, _, _ := strings.Cut(r.ID, "/")
	return family
}

// Base is the name of the scenario's file without extension.
func (r *Result) Base() string {
	_, base, _ := strings.Cut(r.ID, "/")
	return base
}

// reportJSON is a report that is encoded as the wire schema says.
type reportJSON report.Report

// MarshalJSON is report.Encode.
func (r *reportJSON) MarshalJSON() ([]byte, error) { return report.Encode((*report.Report)(r)) }

// UnmarshalJSON is report.Decode.
func (r *reportJSON) UnmarshalJSON(b []byte) error {
	decoded, err := report.Decode(b)
	if err != nil {
		return err
	}
	*r = reportJSON(*decoded)
	return nil
}

// Actual is what the diagnostic said.
type Actual struct {
	Verdict  diagnosis.Verdict `json:"verdict"`
	Findings []ActualFinding   `json:"findings"`
	Paid     *bool             `json:"paid,omitempty"`    // nil in link mode
	Signals  []string          `json:"signals,omitempty"` // of a VPN, by name

	notChecked []diagnosis.Code // which the report itself has as well
}

// ActualFinding is one finding of a report.
type ActualFinding struct {
	Code       diagnosis.Code       `json:"code"`
	Severity   diagnosis.Severity   `json:"severity"`
	Confidence diagnosis.Confidence `json:"confidence"`
	Variant    string               `json:"variant,omitempty"`
}

func actualOf(r *report.Report, paid *bool) *Actual {
	a := &Actual{Verdict: r.Verdict, Findings: []ActualFinding{}, Paid: paid, Signals: r.Signals}
	for _, f := range r.Findings {
		a.Findings = append(a.Findings, ActualFinding{Code: f.Code, Severity: f.Severity, Confidence: f.Confidence, Variant: f.Variant})
	}
	for _, n := range r.NotChecked {
		a.notChecked = append(a.notChecked, n.Code)
	}
	return a
}

// String words what was found, such as "threeds.acs-hang, blocking, likely".
func (a *Actual) String() string {
	if a == nil {
		return "no report"
	}
	parts := make([]string, 0, len(a.Findings))
	for _, f := range a.Findings {
		parts = append(parts, commaJoin(string(f.Code), string(f.Severity), string(f.Confidence), f.Variant))
	}
	if len(parts) == 0 {
		parts = append(parts, "no finding")
	}
	return strings.Join(parts, " + ") + " (" + string(a.Verdict) + paidText(a.Paid) + ")" + signalsText(a.Signals)
}

// Short names what was found in few words: the codes of the findings, or the
// verdict and those of the notices. The advice of a clear verdict goes without
// saying.
func (a *Actual) Short() string {
	if a == nil {
		return ""
	}
	var parts []string
	if a.Verdict == diagnosis.Clear || a.Verdict == diagnosis.Inconclusive {
		parts = append(parts, string(a.Verdict))
	}
	for _, f := range a.Findings {
		if f.Code != "payment.nothing-found" {
			parts = append(parts, string(f.Code))
		}
	}
	return strings.Join(parts, " + ")
}

// Short names what is expected in the same words as [Actual.Short].
func (e Expectation) Short() string {
	expected := Actual{Verdict: e.Verdict}
	for _, f := range e.Findings {
		expected.Findings = append(expected.Findings, ActualFinding{Code: f.Code})
	}
	return expected.Short()
}

// An Outcome is how a run ended. The zero values of its fields are those of a
// run in which nothing happened.
type Outcome struct {
	Engine      string
	Results     []Result    // in the order of the plan
	Confusion   []Confusion // faults against what was named first, in the order of the plan
	Faults      FaultCount
	Healthy     Healthy
	Signals     Signals // of a VPN, by how often each was seen; nil where nothing was counted
	Interrupted bool
	Elapsed     time.Duration
}

// Summary counts results by status, faults by whether they were named, and the
// signals of a VPN by how often they were seen.
type Summary struct {
	Passed  int        `json:"passed"`
	Failed  int        `json:"failed"`
	Flaky   int        `json:"flaky"`
	Skipped int        `json:"skipped"`
	Errors  int        `json:"errors"`
	Faults  FaultCount `json:"faults"`
	Signals Signals    `json:"signals"`
}

// Summary counts the results.
func (o *Outcome) Summary() Summary {
	s := Summary{Faults: o.Faults, Signals: o.Signals}
	for _, r := range o.Results {
		switch r.Status {
		case Passed:
			s.Passed++
		case Failed:
			s.Failed++
		case Flaky:
			s.Flaky++
		case Skipped:
			s.Skipped++
		case Errored:
			s.Errors++
		}
	}
	return s
}

// The exit codes of the command.
const (
	ExitOK          = 0
	ExitFailed      = 1   // an expectation failed
	ExitUsage       = 2   // usage or scenario error
	ExitEnvironment = 3   // no browser, or it crashed
	ExitNothing     = 4   // nothing ran
	ExitFlaky       = 5   // flaky where that is forbidden
	ExitInterrupted = 130 // by SIGINT or SIGTERM
)

// ExitCode sums the run up. Scenarios that are not blocking count only as far
// as the environment broke.
func (o *Outcome) ExitCode() int {
	has := func(status ResultStatus) bool {
		for _, r := range o.Results {
			if r.Status == status && (r.Blocking || status == Errored) {
				return true
			}
		}
		return false
	}
	s := o.Summary()
	switch {
	case o.Interrupted:
		return ExitInterrupted
	case has(Errored):
		return ExitEnvironment
	case has(Failed):
		return ExitFailed
	case has(Flaky):
		return ExitFlaky
	case s.Skipped == len(o.Results):
		return ExitNothing
	}
	return ExitOK
}

var (
	_ json.Marshaler   = (*reportJSON)(nil)
	_ json.Unmarshaler = (*reportJSON)(nil)
)
