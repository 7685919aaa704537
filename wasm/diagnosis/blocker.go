package diagnosis

import "checkoutdoctor/wasm/facts"

// Words for why an anti-fraud service's script did not come.
const (
	oneOfBlocker     = "content-blocker"
	oneOfDNSFilter   = "dns-filter"
	oneOfServiceDown = "service-down"
)

const (
	codeFrameBlocked  Code = "blocker.frame-blocked"
	codeFrameHidden   Code = "blocker.frame-hidden"
	codeFrameTaken    Code = "blocker.frame-removed"
	codeScriptBlocked Code = "blocker.acs-script"
	codeAntiFraud     Code = "blocker.anti-fraud"
	codeBlockerActive Code = "blocker.content-blocker"
)

var blockerCauses = []Cause{
	{
		Code:        codeFrameBlocked,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameCollapsed},
		DependsOn:   []Code{codeOffline, codePageFrameSrc, codeMixedContent},
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
		Code:        codeFrameTaken,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameRemoved, facts.Decoy},
		Fixes:       []FixCode{"disable-blocker", "use-another-browser", "ask-support"},
		Source:      "https://github.com/gorhill/uBlock/wiki/Procedural-cosmetic-filters#subjectremove",
		match:       matchFrameTaken,
		moot:        challengeCompleted,
	},
	{
		Code:        codeScriptBlocked,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.ScriptBait},
		DependsOn:   append(blockingCodes(pageCauses), codeOffline, codeFlapping, codeFrameBlocked, codeFrameHidden),
		Fixes:       []FixCode{"disable-blocker", "use-another-browser", "ask-it"},
		Source:      "https://github.com/easylist/easylist/issues/22807",
		match:       matchScriptBlocked,
		moot:        challengeCompleted,
	},
	{
		Code:        codeAntiFraud,
		Severity:    Degrading,
		Confidences: []Confidence{Likely, Possible},
		OneOf:       []string{oneOfBlocker, oneOfDNSFilter, oneOfServiceDown},
		Needs:       []facts.Declared{facts.AntiFraud},
		DependsOn:   []Code{codeOffline, codeFlapping, codePageScriptSrc},
		Fixes:       []FixCode{"disable-blocker", "disable-vpn", "use-another-browser", "ask-it"},
		Source:      "https://github.com/uBlockOrigin/uAssets/issues/17431",
		match:       matchAntiFraud,
		moot:        challengeCompleted,
	},
	{
		Code:        codeBlockerActive,
		Severity:    Notice,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.Baits},
		DependsOn:   []Code{codeOffline, codeFlapping, codeFrameBlocked, codeFrameHidden, codeFrameTaken, codeScriptBlocked, codeAntiFraud},
		Fixes:       []FixCode{"disable-blocker"},
		Source:      "https://easylist.to/easylist/easyprivacy.txt",
		match:       matchBlockerActive,
	},
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
	case leftBlank(s):
		return found(s, Likely, facts.FrameAccess, "cross-origin", facts.FrameLoads, facts.ACSFetch, facts.ACSObject, facts.ACSOrigin)
	}
	return nil
}

// leftBlank reports what an extension's block looks like in Firefox: the frame
// keeps its first blank document, where a failure of the network would have
// brought an error page, and the issuer cannot be asked otherwise either.
func leftBlank(s *facts.Set) bool {
	return s.Equals(facts.Engine, "firefox") && unfinished(s) && none(s, facts.FrameLoads) &&
		s.Equals(facts.FrameAccess, "blank") && s.Equals(facts.ACSFetch, "failed") && s.Equals(facts.ACSObject, "failed")
}

// matchFrameHidden: a page that opens a challenge does not hide it before its
// end; cosmetic filters hide what looks like a frame of somebody else's. A frame
// of ours that looks alike and is shown clears them.
func matchFrameHidden(s *facts.Set) *match {
	if !s.Is(facts.FrameHidden, true) || !s.AtLeast(facts.FrameLoads, 1) || !unfinished(s) ||
		s.Equals(facts.Decoy, "kept") {
		return nil
	}
	return found(s, Likely, facts.FrameHidden, false, facts.FrameLoads, facts.Decoy)
}

// matchFrameTaken: the page's own scripts know nothing of a frame of ours. Who
// takes that out as well goes by what a frame looks like.
func matchFrameTaken(s *facts.Set) *match {
	if !s.Is(facts.FrameRemoved, true) || !s.Equals(facts.Decoy, "removed") || !unfinished(s) {
		return nil
	}
	return found(s, Likely, facts.Decoy, "kept", facts.FrameRemoved, facts.FrameLived)
}

// matchScriptBlocked: issuers name a script of theirs as filter lists name
// trackers. Our file of that name is blocked as well, and the challenge, whose
// page is there, does not end.
func matchScriptBlocked(s *facts.Set) *match {
	if !struggling(s) || !s.Equals(facts.ScriptBait, "blocked", "replaced") || !s.AtLeast(facts.FrameLoads, 1) {
		return nil
	}
	return found(s, Likely, facts.ScriptBait, "passed", facts.FrameCompleted)
}

// matchAntiFraud: the bank's risk check gets no data of this device. Our own
// baits tell a content blocker from what only keeps certain hosts away.
func matchAntiFraud(s *facts.Set) *match {
	if !s.Equals(facts.AntiFraud, "blocked") {
		return nil
	}
	m := found(s, Likely, facts.AntiFraud, "loaded", facts.AntiFraudOrigin, facts.Baits, facts.ScriptBait)
	if !baited(s) {
		m.confidence, m.oneOf = Possible, []string{oneOfBlocker, oneOfDNSFilter, oneOfServiceDown}
	}
	return m
}

// matchBlockerActive: files of ours are stopped for their names alone.
func matchBlockerActive(s *facts.Set) *match {
	if !baited(s) {
		return nil
	}
	return &match{confidence: Likely, evidence: evidence(s, facts.Baits, facts.ScriptBait)}
}

// baited reports that a content blocker took one of our baits.
func baited(s *facts.Set) bool {
	baits, _ := s.List(facts.Baits)
	return len(baits) > 0 || s.Equals(facts.ScriptBait, "blocked", "replaced")
}
