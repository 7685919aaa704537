package report

import (
	"slices"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// Replay applies today's diagnosis to the report's facts. Everything else is
// kept, the module's version included: it says who observed. So is what cannot be
// judged without the parts that the user left out, which [Unjudged] returns, and
// all of a run that looked at nothing.
func Replay(r *Report) *Report {
	again := *r
	if LookedAtNothing(r) {
		return &again
	}
	known := sinceAsked(r.Facts)
	again.Result = diagnosis.Judge(known)
	if open := Unjudged(r); len(open) > 0 {
		again.Result = diagnosis.Rejudge(known, r.Result, func(code diagnosis.Code) bool {
			return slices.ContainsFunc(open, func(o Open) bool { return o.Code == code })
		})
	}
	if len(r.missed(known, func() { again.Challenge = diagnosis.StageOf(known) })) > 0 {
		again.Challenge = r.Challenge
	}
	if len(r.missed(known, func() { again.VPN, again.Signals = diagnosis.VPN(known) })) > 0 {
		again.VPN, again.Signals = r.VPN, r.Signals
	}
	return &again
}

// LookedAtNothing reports whether the module could not run: then what the facts do
// not say was not left unasked, and is no reason to call the browser fine.
func LookedAtNothing(r *Report) bool {
	return slices.ContainsFunc(r.NotChecked, func(n diagnosis.NotChecked) bool { return n.Code == everything })
}

// everything stands in notChecked for all causes.
const everything diagnosis.Code = "*"

// Open is a cause that a replay cannot judge.
type Open struct {
	Code    diagnosis.Code
	Without []Part // what it takes, and the user left out; sorted
}

// Unjudged returns the causes on which today's diagnosis cannot decide without
// parts that the user left out, in the order of the causes. Whoever decides without
// asking for a fact decides the same whatever it is.
func Unjudged(r *Report) []Open {
	if len(r.Withheld) == 0 {
		return nil
	}
	known := sinceAsked(r.Facts)
	var open []Open
	for _, c := range diagnosis.Causes() {
		if parts := r.missed(known, func() { diagnosis.JudgeWith([]diagnosis.Cause{c}, known) }); len(parts) > 0 {
			open = append(open, Open{Code: c.Code, Without: parts})
		}
	}
	return open
}

// missed returns the parts that were left out of the report, and of whose facts the
// work asks for some.
func (r *Report) missed(known *facts.Set, work func()) []Part {
	var missed []Part
	known.OnAsked(func(k facts.Declared) {
		part := PartOf(facts.Name(k))
		if slices.Contains(r.Withheld, string(part)) && !slices.Contains(missed, part) {
			missed = append(missed, part)
		}
	})
	defer known.OnAsked(nil)
	work()
	slices.Sort(missed)
	return missed
}

// sinceAsked returns the facts with a word of those that were declared after the
// report was made, or that the user left out: nobody asked for them. A report
// without any fact is of a run that could not look at all.
func sinceAsked(s *facts.Set) *facts.Set {
	if s.Len() == 0 {
		return s
	}
	full := &facts.Set{}
	for _, k := range facts.All() {
		if !s.Touched(k) {
			full.PutUnknown(k, facts.ReasonNotAsked, "replay")
		}
	}
	full.Merge(s)
	return full
}
