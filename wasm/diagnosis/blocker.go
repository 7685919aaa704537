package diagnosis

import "checkoutdoctor/wasm/facts"

const codeFrameBlocked Code = "blocker.frame-blocked"

func blockerCauses() []Cause {
	return []Cause{{
		Code:        codeFrameBlocked,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameCollapsed},
		DependsOn:   []Code{codePageFrameSrc},
		Fixes:       []FixCode{"disable-blocker", "use-another-browser", "ask-it"},
		Source:      "https://github.com/uBlockOrigin/uAssets/issues/17431",
		match:       matchFrameBlocked,
		moot:        challengeCompleted,
	}}
}

// matchFrameBlocked: Chromium takes the boxes of a frame away whose document an
// extension blocked, and leaves its style as it was. Nothing else does that.
func matchFrameBlocked(s *facts.Set) *match {
	if !s.Is(facts.FrameCollapsed, true) {
		return nil
	}
	return &match{confidence: Likely, evidence: append(
		[]Evidence{unlike(s, facts.FrameCollapsed, false)}, evidence(s, facts.ACSFetch, facts.ACSOrigin)...)}
}
