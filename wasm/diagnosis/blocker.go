package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeFrameBlocked  Code = "blocker.frame-blocked"
	codeFrameHidden   Code = "blocker.frame-hidden"
	codeScriptBlocked Code = "blocker.acs-script"
)

func blockerCauses() []Cause {
	return []Cause{
		{
			Code:        codeFrameBlocked,
			Severity:    Blocking,
			Confidences: []Confidence{Likely},
			Needs:       []facts.Declared{facts.FrameCollapsed},
			DependsOn:   []Code{codePageFrameSrc},
			Fixes:       []FixCode{"disable-blocker", "use-another-browser", "ask-it"},
			Source:      "https://github.com/uBlockOrigin/uAssets/issues/17431",
			match:       matchFrameBlocked,
			moot:        challengeCompleted,
		},
		{
			Code:        codeFrameHidden,
			Severity:    Blocking,
			Confidences: []Confidence{Likely},
			Needs:       []facts.Declared{facts.FrameHidden},
			DependsOn:   []Code{codeTwoChallenges},
			Fixes:       []FixCode{"disable-blocker", "use-another-browser", "ask-support"},
			Source:      "https://github.com/gorhill/uBlock/wiki/Static-filter-syntax#cosmetic-filters",
			match:       matchFrameHidden,
			moot:        challengeCompleted,
		},
		{
			Code:        codeScriptBlocked,
			Severity:    Blocking,
			Confidences: []Confidence{Likely},
			Needs:       []facts.Declared{facts.ScriptBait},
			DependsOn:   append(blockingCodes(pageCauses()), codeOffline, codeFrameBlocked, codeFrameHidden),
			Fixes:       []FixCode{"disable-blocker", "use-another-browser", "ask-it"},
			Source:      "https://github.com/easylist/easylist/issues/22807",
			match:       matchScriptBlocked,
			moot:        challengeCompleted,
		},
	}
}

// matchFrameBlocked: Chromium takes the boxes of a frame away whose document an
// extension blocked, and leaves its style as it was. Nothing else does that,
// to the challenge's frame or to our canary's.
func matchFrameBlocked(s *facts.Set) *match {
	switch {
	case s.Is(facts.FrameCollapsed, true):
		return found(s, Likely, facts.FrameCollapsed, false, facts.ACSFetch, facts.ACSOrigin)
	case s.Equals(facts.CanaryChallenge, "collapsed"):
		return found(s, Likely, facts.CanaryChallenge, "completed", facts.CanaryOrigin)
	}
	return nil
}

// matchFrameHidden: a page that opens a challenge does not hide it before its
// end; cosmetic filters hide what looks like a frame of somebody else's.
func matchFrameHidden(s *facts.Set) *match {
	if !s.Is(facts.FrameHidden, true) || !s.AtLeast(facts.FrameLoads, 1) || !unfinished(s) {
		return nil
	}
	return found(s, Likely, facts.FrameHidden, false, facts.FrameLoads)
}

// matchScriptBlocked: issuers name a script of theirs as filter lists name
// trackers. Our file of that name is blocked as well, and the challenge, whose
// page is there, does not end.
func matchScriptBlocked(s *facts.Set) *match {
	if !inTrouble(s) || !s.Equals(facts.ScriptBait, "blocked") || !s.AtLeast(facts.FrameLoads, 1) || !unfinished(s) {
		return nil
	}
	return found(s, Likely, facts.ScriptBait, "passed", facts.FrameCompleted)
}
