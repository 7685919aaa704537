package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

// Judge applies every cause to the facts.
func Judge(s *facts.Set) Result { return JudgeWith(Causes(), s) }

// JudgeWith applies the causes, in their order, to the facts. Tests use it to
// show what is lost without one of them.
func JudgeWith(causes []Cause, s *facts.Set) Result {
	var r Result
	for _, c := range causes {
		r.try(c, s)
	}
	r.conclude(causes)
	return r
}

// conclude makes a result of what every cause was found to be.
func (r *Result) conclude(causes []Cause) {
	r.hideSymptoms(causes)
	r.worstFirst()
	r.Verdict = r.verdict(causes)
	if r.Verdict == Clear {
		r.adviseWhenClear(causes)
	}
}

// try decides one cause. A panic within is reported as self.check-crashed.
func (r *Result) try(c Cause, s *facts.Set) {
	defer func() {
		if recover() != nil {
			r.crashed(c.Code)
		}
	}()
	if c.match == nil || c.moot != nil && c.moot(s) {
		return
	}
	if m := c.match(s); m != nil {
		r.add(c, m, s)
		return
	}
	if reason, open := c.undecided(s); open {
		r.NotChecked = append(r.NotChecked, NotChecked{Code: c.Code, Reason: reason})
	}
}

// crashed notes that the check of a cause ended in a panic, and that the cause
// is therefore open.
func (r *Result) crashed(code Code) {
	r.NotChecked = append(r.NotChecked, NotChecked{Code: code, Reason: facts.ReasonCrashed})
	r.add(checkCrashed, &match{
		confidence: Certain,
		evidence:   []Evidence{{Fact: string(code), Value: string(facts.ReasonCrashed)}},
	}, &facts.Set{})
}

// add adds a finding of the cause; one that is there already gains the evidence.
func (r *Result) add(c Cause, m *match, s *facts.Set) {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Code == c.Code {
			f.Evidence = append(f.Evidence, m.evidence...)
			return
		}
	}
	r.Findings = append(r.Findings, c.finding(m, s))
}

// undecided returns why a cause that does not hold is not excluded either. A
// needed fact that does not apply excludes the cause.
func (c Cause) undecided(s *facts.Set) (why facts.Reason, open bool) {
	for _, k := range c.Needs {
		switch e := s.Entry(k); {
		case e.State == facts.NotApplicable:
			return "", false
		case e.State == facts.Unknown && !open:
			why, open = e.Reason, true
		}
	}
	return why, open
}

func (c Cause) finding(m *match, s *facts.Set) Finding {
	f := Finding{
		Code: c.Code, Severity: c.Severity, Confidence: m.confidence,
		OneOf: m.oneOf, Variant: m.variant, Evidence: m.evidence,
	}
	fixes := c.Fixes
	if m.fixes != nil {
		fixes = m.fixes
	}
	if c.TurnsAway {
		fixes = f.blame(detour(s), fixes)
	}
	f.Fixes, f.LeftOut = fixesFor(fixes, s)
	return f
}

// hideSymptoms moves every finding that another one explains to Hidden. A
// finding that is itself hidden still explains its symptoms.
func (r *Result) hideSymptoms(causes []Cause) {
	holds := make(map[Code]bool, len(r.Findings))
	for _, f := range r.Findings {
		holds[f.Code] = true
	}
	var shown []Finding
	for _, f := range r.Findings {
		if because, ok := explainedBy(causes, f.Code, holds); ok {
			r.Hidden = append(r.Hidden, Hidden{Code: f.Code, Because: because})
			continue
		}
		shown = append(shown, f)
	}
	r.Findings = shown
}

// worstFirst puts what explains a failure before what is only worth knowing,
// and otherwise keeps the order of the causes.
func (r *Result) worstFirst() {
	var sorted []Finding
	for _, severity := range []Severity{Blocking, Degrading, Notice} {
		for _, f := range r.Findings {
			if f.Severity == severity {
				sorted = append(sorted, f)
			}
		}
	}
	r.Findings = sorted
}

func explainedBy(causes []Cause, code Code, holds map[Code]bool) (Code, bool) {
	for _, c := range causes {
		if c.Code != code {
			continue
		}
		for _, d := range c.DependsOn {
			if holds[d] {
				return d, true
			}
			// Whoever depends on a connection depends on nobody answering in
			// everybody's place.
			if d == codeOffline && code != codeCaptivePortal && holds[codeCaptivePortal] {
				return codeCaptivePortal, true
			}
		}
	}
	return "", false
}

func (r *Result) verdict(causes []Cause) Verdict {
	switch {
	case r.has(Blocking):
		return Blocked
	case r.has(Degrading):
		return Degraded
	case r.failedToLook(causes):
		return Inconclusive
	}
	return Clear
}

func (r *Result) has(sev Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == sev })
}

// failedToLook reports whether a cause that would explain a failure could not
// be looked at for a reason other than that nobody asked.
func (r *Result) failedToLook(causes []Cause) bool {
	for _, n := range r.NotChecked {
		if n.Reason.Harmless() {
			continue
		}
		for _, c := range causes {
			if c.Code == n.Code && c.Severity != Notice {
				return true
			}
		}
	}
	return false
}

// adviseWhenClear adds the documented checklist, which is what a clear verdict
// leaves to do.
func (r *Result) adviseWhenClear(causes []Cause) {
	for _, c := range causes {
		if c.Code == codeNothingFound {
			r.Findings = append(r.Findings, c.finding(&match{confidence: Certain}, &facts.Set{}))
		}
	}
}
