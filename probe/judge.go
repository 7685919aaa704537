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
	LeftOpen     ProblemKind = "window"      // the diagnostic left something open behind itself
	Cold         ProblemKind = "cache"       // a second visit was as the first one
	Unrepaired   ProblemKind = "repair"      // the diagnostic's own repair did not help
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
	if a.Verdict != e.Verdict {
		problems = append(problems, missed("the verdict is %s, not %s", a.Verdict, e.Verdict))
	}
	if e.Paid != nil && a.Paid != nil && *a.Paid != *e.Paid {
		problems = append(problems, missed("the payment ended as %s, not as %s", paidWord(*a.Paid), paidWord(*e.Paid)))
	}
	for _, want := range e.Findings {
		problems = append(problems, want.compare(a.Findings)...)
	}
	problems = append(problems, e.compareFirst(a.Findings)...)
	for _, got := range a.Findings {
		if e.Only && got.Severity != diagnosis.Notice && !e.names(got.Code) {
			problems = append(problems, missed("%s was found as well", got.Code))
		}
	}
	for _, code := range e.NotChecked {
		if !slices.Contains(a.notChecked, code) {
			problems = append(problems, missed("%s is not among what was not checked", code))
		}
	}
	return append(problems, e.compareSignals(a.Signals)...)
}

// compareSignals returns which signals of a VPN were missed, and which were
// seen where there is nothing of the kind.
func (e Expectation) compareSignals(seen []string) (problems []Problem) {
	if e.Signals == nil {
		return nil
	}
	for _, name := range e.Signals {
		if !slices.Contains(seen, name) {
			problems = append(problems, missed("the signal %s was not seen", name))
		}
	}
	for _, name := range seen {
		if !slices.Contains(e.Signals, name) {
			problems = append(problems, missed("the signal %s was seen as well", name))
		}
	}
	return problems
}

// compareFirst returns what is wrong with the finding that is named first, which
// is what a user reads and acts on: it must be the first expected one. Among
// notices the order says nothing, and others may stand beside them.
func (e Expectation) compareFirst(found []ActualFinding) []Problem {
	if len(e.Findings) == 0 {
		return nil
	}
	want := e.Findings[0].Code
	i := slices.IndexFunc(found, func(got ActualFinding) bool { return got.Code == want })
	if i <= 0 || found[i].Severity == diagnosis.Notice {
		return nil
	}
	return []Problem{missed("%s is named first, not %s", found[0].Code, want)}
}

// compare returns what is wrong with the finding that was expected.
func (f ExpectedFinding) compare(found []ActualFinding) []Problem {
	i := slices.IndexFunc(found, func(got ActualFinding) bool { return got.Code == f.Code })
	if i < 0 {
		return []Problem{missed("%s was not found", f.Code)}
	}
	var problems []Problem
	if got := found[i].Confidence; f.Confidence != "" && got != f.Confidence {
		problems = append(problems, missed("%s is %s, not %s", f.Code, got, f.Confidence))
	}
	if got := found[i].Severity; f.Severity != "" && got != f.Severity {
		problems = append(problems, missed("%s is %s, not %s", f.Code, got, f.Severity))
	}
	if got := found[i].Variant; f.Variant != "" && got != f.Variant {
		problems = append(problems, missed("%s is of the variant %q, not %q", f.Code, got, f.Variant))
	}
	return problems
}

// coldProblems says that a second visit proves nothing: all of it was fetched
// anew, as on a first one.
func coldProblems(cold bool) []Problem {
	if !cold {
		return nil
	}
	return []Problem{{Cold, "the second visit took nothing from the browser's cache, which the first one was to fill"}}
}

func missed(format string, args ...any) Problem {
	return Problem{Unexpected, fmt.Sprintf(format, args...)}
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
