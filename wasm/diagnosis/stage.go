package diagnosis

import "checkoutdoctor/wasm/facts"

// Stage says how a live challenge stands.
type Stage string

// The stages.
const (
	StageAbsent    Stage = ""          // no challenge frame is, or was, in the page
	StageLoading   Stage = "loading"   // the frame has shown no sign of life yet; a load is none
	StageWaiting   Stage = "waiting"   // the issuer's page is there and waits for the user
	StageBlocked   Stage = "blocked"   // a policy or an extension keeps the page out
	StageHidden    Stage = "hidden"    // a style hides the frame
	StageTooSmall  Stage = "too-small" // the frame is too small for its page
	StageCovered   Stage = "covered"   // something lies over the frame
	StageRemoved   Stage = "removed"   // the frame was taken out before the end
	StageTimedOut  Stage = "timed-out" // the time is up
	StageCompleted Stage = "completed" // the challenge told its end
	StageIgnored   Stage = "ignored"   // it told its end, and the page did not act on it
)

// StageOf says how the challenge stands by what is known of its frame.
func StageOf(s *facts.Set) Stage {
	switch {
	case ignored(s):
		return StageIgnored
	case challengeCompleted(s):
		return StageCompleted
	case s.Is(facts.FrameRemoved, true):
		return StageRemoved
	case !s.Is(facts.FramePresent, true):
		return StageAbsent
	case kept(s):
		return StageBlocked
	case s.Is(facts.FrameHidden, true):
		return StageHidden
	case tooSmall(s):
		return StageTooSmall
	case s.Is(facts.FrameCovered, true) || s.Is(facts.FrameBehindDialog, true):
		return StageCovered
	case s.Is(facts.ChallengeTimedOut, true):
		return StageTimedOut
	case alive(s):
		return StageWaiting
	}
	return StageLoading
}

// kept reports that a policy or an extension keeps the issuer's page out.
func kept(s *facts.Set) bool {
	for _, k := range []facts.BoolKey{
		facts.FrameCollapsed, facts.ViolationFrameSrc, facts.ViolationFrameHop, facts.ViolationFormAction,
		facts.ViolationFormHop, facts.ReportAncestors, facts.ReportIsolation,
	} {
		if s.Is(k, true) {
			return true
		}
	}
	return false
}

// alive reports a sign of life. That the issuer's page can be framed at all is
// one, once something was loaded.
func alive(s *facts.Set) bool {
	within := s.AtLeast(facts.FrameLoads, 2) || s.AtLeast(facts.FrameMessages, 1) || s.AtLeast(facts.FrameChildren, 1)
	return within && !wrapped(s) || s.Is(facts.FrameFocused, true) ||
		s.AtLeast(facts.FrameLoads, 1) && s.Equals(facts.ACSObject, "loaded")
}
