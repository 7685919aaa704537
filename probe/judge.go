package probe

import (
	"fmt"
	"slices"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

// A Problem is one reason why a scenario did not pass.
type Problem struct {
	Kind ProblemKind `json:"kind"`
	Text string      `json:"text"`
}

// ProblemKind says what was compared.
type ProblemKind string

// The kinds of problem.
const (
	Unexpected   ProblemKind = "expectation" // the report is not what the scenario expects
	Untrue       ProblemKind = "truth"       // the browser's own instruments contradict the report
	Unreplayable ProblemKind = "replay"      // the same facts give another report outside the browser
	Broken       ProblemKind = "run"         // the run did not get as far as a report
)

// Check returns where a report, recorded or replayed, is not what was expected.
// paid is how the payment ended, nil where that is not known.
func (e Expectation) Check(r *report.Report, paid *bool) []Problem {
	return e.compare(actualOf(r, paid))
}

// compare returns where the report is not what was expected.
func (e Expectation) compare(a *Actual) []Problem {
	var problems []Problem
	miss := func(format string, args ...any) {
		problems = append(problems, Problem{Unexpected, fmt.Sprintf(format, args...)})
	}
	if a.Verdict != e.Verdict {
		miss("the verdict is %s, not %s", a.Verdict, e.Verdict)
	}
	if e.Paid != nil && a.Paid != nil && *a.Paid != *e.Paid {
		miss("the payment ended as %s, not as %s", paidWord(*a.Paid), paidWord(*e.Paid))
	}
	for _, want := range e.Findings {
		i := slices.IndexFunc(a.Findings, func(f ActualFinding) bool { return f.Code == want.Code })
		if i < 0 {
			miss("%s was not found", want.Code)
			continue
		}
		got := a.Findings[i]
		if want.Confidence != "" && got.Confidence != want.Confidence {
			miss("%s is %s, not %s", want.Code, got.Confidence, want.Confidence)
		}
		if want.Severity != "" && got.Severity != want.Severity {
			miss("%s is %s, not %s", want.Code, got.Severity, want.Severity)
		}
	}
	for _, got := range a.Findings {
		if e.Only && got.Severity != diagnosis.Notice && !e.names(got.Code) {
			miss("%s was found as well", got.Code)
		}
	}
	return problems
}

func (e Expectation) names(code diagnosis.Code) bool {
	return slices.ContainsFunc(e.Findings, func(f ExpectedFinding) bool { return f.Code == code })
}

// replayProblems returns where today's diagnosis of the report's facts, made
// outside the browser, differs from what the browser reported.
func replayProblems(r *report.Report) []Problem {
	var problems []Problem
	for _, d := range Diff(r, report.Replay(r)) {
		problems = append(problems, Problem{Unreplayable, d})
	}
	return problems
}
