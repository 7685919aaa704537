package probe

import (
	"slices"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
)

// A Confusion is how often one cause was named first where a fault was caused.
type Confusion struct {
	Fault string         `json:"fault"` // its code; where a scenario has several that give a cause, all of theirs
	Gives diagnosis.Code `json:"gives"` // the cause that must be named first
	First string         `json:"first"` // the cause that was; the verdict where there was none, or "no report"
	Count int            `json:"count"` // runs of scenarios, repetitions included
}

// Right reports whether it was the cause that must be named.
func (c Confusion) Right() bool { return c.First == string(c.Gives) }

// A FaultCount says of how many faults the diagnostic names the cause.
type FaultCount struct {
	Total int `json:"total"` // different ones, as [Confusion.Fault] has them
	Named int `json:"named"` // those whose cause was named first in every run, and nothing else that blocks or degrades but by another fault
}

// Healthy counts the scenarios in which nothing is wrong: their faults are
// harmless variants.
type Healthy struct {
	Runs          int `json:"runs"`          // of such scenarios, repetitions included
	Clear         int `json:"clear"`         // runs that were found clear
	Profiles      int `json:"profiles"`      // such scenarios
	ProfilesClear int `json:"profilesClear"` // those that were found clear in every run
}

// confusion sets faults beside what was found of them, in the order of the
// scenarios; rounds are the results of each. What did not run does not count.
func confusion(scenarios []Scenario, rounds [][]Result) (table []Confusion, faults FaultCount, healthy Healthy) {
	table = []Confusion{}
	missed := make(map[string]bool) // by fault, whether a run missed it
	for i := range scenarios {
		s := &scenarios[i]
		fault := strings.Join(s.givingFaults(), " + ")
		if fault == "" && s.Expect.Verdict == diagnosis.Clear {
			healthy.add(rounds[i])
		}
		for _, r := range rounds[i] {
			if r.Status == Skipped || fault == "" {
				continue
			}
			row := Confusion{Fault: fault, Gives: s.gives(), First: r.first(s.gives())}
			table = counted(table, row)
			missed[fault] = missed[fault] || !row.Right() || !r.alone(s)
		}
	}
	faults.Total = len(missed)
	for _, m := range missed {
		if !m {
			faults.Named++
		}
	}
	return table, faults, healthy
}

// add counts a healthy scenario by the results of its runs. One that never ran
// does not count.
func (h *Healthy) add(rounds []Result) {
	ran, clear := 0, 0
	for _, r := range rounds {
		if r.Status == Skipped {
			continue
		}
		ran++
		if r.Actual != nil && r.Actual.Verdict == diagnosis.Clear {
			clear++
		}
	}
	h.Runs += ran
	h.Clear += clear
	if ran == 0 {
		return
	}
	h.Profiles++
	if clear == ran {
		h.ProfilesClear++
	}
}

// counted counts the row once more.
func counted(table []Confusion, row Confusion) []Confusion {
	row.Count = 1
	for i, c := range table {
		if c.Fault == row.Fault && c.Gives == row.Gives && c.First == row.First {
			table[i].Count++
			return table
		}
	}
	return append(table, row)
}

// givingFaults returns the codes of the scenario's faults that give a cause.
func (s *Scenario) givingFaults() []string {
	var codes []string
	for _, f := range s.Faults {
		if f.Gives != "" {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// gives returns the cause that the scenario's faults must lead to: where they
// have several, or a profile that has a part in it, one can be the symptom of
// another, and the expectation decides.
func (s *Scenario) gives() (code diagnosis.Code) {
	var first diagnosis.Code
	if len(s.Expect.Findings) > 0 {
		first = s.Expect.Findings[0].Code
	}
	for _, f := range s.Faults {
		if f.Gives != "" && (code == "" || f.Gives == first) {
			code = f.Gives
		}
	}
	if cause, _ := diagnosis.Lookup(code); slices.Contains(cause.DependsOn, first) {
		return first
	}
	return code
}

// first returns the cause that is named first. Among notices the order says
// nothing, so that the wanted one counts wherever it stands.
func (r *Result) first(wanted diagnosis.Code) string {
	if r.Actual == nil {
		return "no report"
	}
	found := r.Actual.Findings
	if len(found) == 0 {
		return string(r.Actual.Verdict)
	}
	isWanted := func(f ActualFinding) bool { return f.Code == wanted }
	if found[0].Severity == diagnosis.Notice && slices.ContainsFunc(found, isWanted) {
		return string(wanted)
	}
	return string(found[0].Code)
}

// alone reports whether nothing but what the scenario's faults give was found,
// notices aside.
func (r *Result) alone(s *Scenario) bool {
	given := func(code diagnosis.Code) bool {
		return code == s.gives() || slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Gives == code })
	}
	return r.Actual != nil && !slices.ContainsFunc(r.Actual.Findings, func(f ActualFinding) bool {
		return !given(f.Code) && f.Severity != diagnosis.Notice
	})
}
