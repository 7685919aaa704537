package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeCheckCrashed       Code = "self.check-crashed"
	codeVantageUnreachable Code = "self.vantage-unreachable"
	codeHelperUnreachable  Code = "self.helper-unreachable"
	codeCanaryUnreachable  Code = "self.canary-unreachable"
)

const sourceSelf = "an outage of the diagnostic must never be shown as a fault of the user's"

var selfCauses = []Cause{
	checkCrashed,
	{
		Code:        codeVantageUnreachable,
		Severity:    Notice,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.VantageReached},
		DependsOn:   append([]Code{codeOffline}, weak...),
		Source:      sourceSelf,
		match:       unanswered(facts.VantageReached),
	},
	{
		Code:        codeHelperUnreachable,
		Severity:    Notice,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.HelperReached},
		DependsOn:   append([]Code{codeOffline, codeCookiesDisabled, codePageIsolated}, weak...),
		Source:      sourceSelf,
		match:       unanswered(facts.HelperReached),
	},
	{
		Code:        codeCanaryUnreachable,
		Severity:    Notice,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.CanaryReached},
		DependsOn:   append([]Code{codeOffline, codeHelperUnreachable}, weak...),
		Source:      sourceSelf,
		match:       matchCanaryUnreachable,
	},
}

// matchCanaryUnreachable: a canary on the issuer's own host says something of
// the issuer, and nothing of us.
func matchCanaryUnreachable(s *facts.Set) *match {
	if canaryAtIssuer(s) {
		return nil
	}
	if s.AtLeast(facts.CanaryStatus, 400) {
		return found(s, Certain, facts.CanaryStatus, 200.0)
	}
	return unanswered(facts.CanaryReached)(s)
}

// checkCrashed finds observers that panicked; causes that panic are noted by
// the judge itself.
var checkCrashed = Cause{
	Code:        codeCheckCrashed,
	Severity:    Notice,
	Confidences: []Confidence{Certain},
	Source:      sourceSelf,
	match:       matchCheckCrashed,
}

func matchCheckCrashed(s *facts.Set) *match {
	var proof []Evidence
	for _, k := range facts.All() {
		if e := s.Entry(k); e.Reason == facts.ReasonCrashed {
			proof = append(proof, Evidence{Fact: facts.Name(k), Value: string(e.Reason)})
		}
	}
	if proof == nil {
		return nil
	}
	return &match{confidence: Certain, evidence: proof}
}

func unanswered(k facts.StringKey) func(*facts.Set) *match {
	return func(s *facts.Set) *match {
		if !s.Equals(k, "failed", "timed-out") {
			return nil
		}
		return &match{confidence: Certain, evidence: []Evidence{unlike(s, k, "answered")}}
	}
}
