package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

// Rejudge applies every cause to facts of which some are gone that were there when
// they were judged before. What before has of the causes that open names stays: it
// takes those facts to decide them.
func Rejudge(s *facts.Set, before Result, open func(Code) bool) Result {
	causes := Causes()
	var r Result
	for _, c := range causes {
		if open(c.Code) {
			r.keep(c, before, s)
		} else {
			r.try(c, s)
		}
	}
	r.conclude(causes)
	return r
}

// keep takes over what before has of the cause. Of a symptom it has but the code:
// where nothing explains it any longer, it is found without evidence.
func (r *Result) keep(c Cause, before Result, s *facts.Set) {
	for _, f := range before.Findings {
		if f.Code == c.Code {
			r.Findings = append(r.Findings, f)
		}
	}
	if slices.ContainsFunc(before.Hidden, func(h Hidden) bool { return h.Code == c.Code }) {
		r.Findings = append(r.Findings, c.finding(&match{confidence: Possible}, s))
	}
	for _, n := range before.NotChecked {
		if n.Code == c.Code {
			r.NotChecked = append(r.NotChecked, n)
		}
	}
}
