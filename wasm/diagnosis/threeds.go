package diagnosis

import "checkoutdoctor/wasm/facts"

// The 3-D Secure causes are decided in three files: what the payment page does
// wrong in threeds_page.go, what goes wrong on the way back in
// threeds_notification.go, and the issuer's page and the way to it in
// threeds_acs.go. This one has what they share.

// frameQuiet are the facts that together say that the challenge frame has
// shown no sign of life. All of them must be known before its silence counts.
var frameQuiet = []facts.Declared{
	facts.FrameLoads, facts.FrameMessages, facts.FrameChildren, facts.FrameFocused, facts.FrameCompleted,
}

// challengeCompleted: a challenge that reported its end was stopped by nothing.
func challengeCompleted(s *facts.Set) bool { return s.Is(facts.FrameCompleted, true) }

// unfinished reports that a challenge is known not to have reported its end.
func unfinished(s *facts.Set) bool { return s.Is(facts.FrameCompleted, false) }

// silent reports that the issuer's page is known to have shown no sign of life.
// A first load is none: Chromium fires it for error pages as well. In a frame
// with a page of the provider's around the issuer's, loads, messages and frames
// within are that page's.
func silent(s *facts.Set) bool {
	if !unfinished(s) || !s.Is(facts.FrameFocused, false) {
		return false
	}
	return wrapped(s) || atMost(s, facts.FrameLoads, 1) && none(s, facts.FrameMessages) && none(s, facts.FrameChildren)
}

func wrapped(s *facts.Set) bool { return s.Is(facts.FrameWrapped, true) }

// busy reports that the challenge frame still shows its first page, and that
// the user works in it.
func busy(s *facts.Set) bool {
	return atMost(s, facts.FrameLoads, 1) && s.Is(facts.FrameFocused, true)
}

// inTrouble reports that somebody says so: the user, who asks, or the clock. A
// challenge that is merely watched may look like a failed one while the user
// reads, or confirms in the bank's app.
func inTrouble(s *facts.Set) bool {
	return !s.Equals(facts.Mode, "watch") || s.Is(facts.ChallengeTimedOut, true)
}

// struggling reports that a challenge has got as far as it gets: its time is up,
// or a page after its first one is there, no end, and nobody at work in it. While
// a page waits for its user, what is blocked in this browser may never be needed.
func struggling(s *facts.Set) bool {
	stopped := s.AtLeast(facts.FrameLoads, 2) && !s.Is(facts.FrameFocused, true)
	return unfinished(s) && (s.Is(facts.ChallengeTimedOut, true) || stopped)
}

// ignored reports that the challenge has told its end for long enough, and that
// the page still takes it for open: its outcome is the one it began with.
func ignored(s *facts.Set) bool {
	return challengeCompleted(s) && s.Equals(facts.TransStatus, "C") && s.AtLeast(facts.MessageAge, patience)
}

// patience is how long a page may take to act on the challenge's end, in
// milliseconds: it asks its server for the result.
const patience = 2000

func none(s *facts.Set, k facts.IntKey) bool { return atMost(s, k, 0) }

func atMost(s *facts.Set, k facts.IntKey, limit int64) bool {
	n, known := s.Int(k)
	return known && n <= limit
}

// found is a match whose first evidence is the fact that decides, against what
// a healthy browser shows.
func found(s *facts.Set, confidence Confidence, k facts.Declared, healthy any, others ...facts.Declared) *match {
	return &match{confidence: confidence, evidence: append([]Evidence{unlike(s, k, healthy)}, evidence(s, others...)...)}
}

// as names the form of the cause.
func (m *match) as(variant string) *match {
	m.variant = variant
	return m
}

// blockingCodes lists the codes of those causes that explain a failure by
// themselves, for what is then their symptom.
func blockingCodes(causes []Cause) []Code {
	var codes []Code
	for _, c := range causes {
		if c.Severity == Blocking {
			codes = append(codes, c.Code)
		}
	}
	return codes
}
