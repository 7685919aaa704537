package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

const (
	codeMessageIgnored       Code = "threeds.message-ignored"
	codeMessageMalformed     Code = "threeds.message-malformed"
	codeNotificationRejected Code = "threeds.notification-rejected"
	codeNotificationSession  Code = "threeds.notification-session-lost"
	codeNotificationFraming  Code = "threeds.notification-frame-options"
	codeNotificationWorker   Code = "threeds.notification-swallowed"
	codeNotificationSilent   Code = "threeds.notification-silent"
)

// Words for forms of a cause.
const (
	variantTransaction = "other-transaction"
	variantPadded      = "padded"
)

// Words for what a silent notification cannot be told apart from.
const (
	oneOfNoMessage = "no-message"
	oneOfNotFramed = "notification-not-framed"
	oneOfError     = "notification-error"
	oneOfNextStep  = "another-step"
)

const sourceEMVBack = sourceEMV + ", 3.3 step 21"

// notificationFails are the causes that say why the way back ended without a message.
var notificationFails = []Code{codeNotificationRejected, codeNotificationSession, codeNotificationFraming, codeNotificationWorker}

// frameFails are what leaves nothing in the frame that could go on.
var frameFails = []Code{codeOffline, codePageFrameSrc, codeFrameBlocked, codeFrameSandbox}

// notificationCauses are what goes wrong once the issuer is done: on the way
// back to the page, and in the page.
var notificationCauses = []Cause{
	{
		Code:        codeMessageMalformed,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Variants:    []string{variantPadded},
		Needs:       []facts.Declared{facts.MessageCRes},
		DependsOn:   []Code{codeFrameSandboxOrigin},
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-support", "accept-both-encodings"},
		Source:      "https://www.rfc-editor.org/rfc/rfc4648#section-5",
		match:       matchMessageMalformed,
	},
	{
		Code:        codeMessageIgnored,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Variants:    []string{variantTransaction},
		Needs:       []facts.Declared{facts.FrameCompleted, facts.TransStatus},
		DependsOn:   []Code{codeFrameSandboxOrigin, codeMessageMalformed},
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-support", "fix-message-filter"},
		Source:      sourceHTML + "web-messaging.html#authors",
		match:       matchMessageIgnored,
	},
	{
		Code:        codeNotificationRejected,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.NotificationFits},
		Fixes:       []FixCode{"use-another-card", "ask-support", "plain-notification-url"},
		Source:      "https://github.com/globalpayments/globalpayments-js/issues/43",
		match:       matchNotificationRejected,
		moot:        challengeCompleted,
	},
	{
		Code:        codeNotificationWorker,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameFromWorker},
		DependsOn:   frameFails,
		Fixes:       []FixCode{"remove-worker", "use-private-window", "ask-support", "bypass-worker"},
		Source:      sourceWorkers + "#on-fetch-request-algorithm",
		match:       matchNotificationWorker,
		moot:        challengeCompleted,
	},
	{
		Code:        codeNotificationSession,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameStatus},
		DependsOn:   append([]Code{codeNotificationWorker}, frameFails...),
		Fixes:       []FixCode{"use-another-card", "ask-support", "keep-session"},
		Source:      "https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-lax-allowing-unsafe-enforce",
		match:       matchNotificationSession,
		moot:        challengeCompleted,
	},
	{
		Code:        codeNotificationFraming,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.NotificationFraming, facts.FrameLoads},
		DependsOn:   append([]Code{codeNotificationWorker}, frameFails...),
		Fixes:       []FixCode{"use-another-card", "ask-support", "frame-notification"},
		Source:      sourceHTML + "document-lifecycle.html#the-x-frame-options-header",
		match:       matchNotificationFraming,
		moot:        challengeCompleted,
	},
	{
		Code:        codeNotificationSilent,
		Severity:    Blocking,
		Confidences: []Confidence{Possible, Likely},
		OneOf:       []string{oneOfNoMessage, oneOfNotFramed, oneOfError, oneOfNextStep},
		Needs:       []facts.Declared{facts.FrameLoads, facts.FrameMessages, facts.FrameCompleted},
		DependsOn: append(append([]Code{
			codeACSNeedsCookie, codeACSRejected, codeFrameSandboxOrigin, codeTwoChallenges, codeFrameRemoved,
		}, notificationFails...), slices.Concat(frameFails, weak)...),
		Fixes:  []FixCode{"try-again", "use-another-card", "ask-support", "notify-parent"},
		Source: sourceEMVBack,
		match:  matchNotificationSilent,
		moot:   challengeCompleted,
	},
}

// matchMessageMalformed: the page got the challenge's end, did not act on it,
// and what the end carries is not the base64url that a strict reader takes.
func matchMessageMalformed(s *facts.Set) *match {
	if !ignored(s) || !s.Equals(facts.MessageCRes, "malformed", "padded") {
		return nil
	}
	m := found(s, Likely, facts.MessageCRes, "unpadded", facts.TransStatus, facts.MessageAge)
	if s.Equals(facts.MessageCRes, "padded") {
		m.variant = variantPadded
	}
	return m
}

func matchMessageIgnored(s *facts.Set) *match {
	if !ignored(s) {
		return nil
	}
	m := found(s, Likely, facts.TransStatus, nil, facts.FrameCompleted, facts.MessageAge, facts.MessageTransaction)
	if s.Equals(facts.MessageTransaction, "other") {
		m.variant = variantTransaction
	}
	return m
}

// matchNotificationRejected: who reads the protocol strictly refuses the URL, and
// says so by an error code. An issuer whose page is there has not.
func matchNotificationRejected(s *facts.Set) *match {
	if !s.Is(facts.NotificationFits, false) || s.AtLeast(facts.FrameLoads, 1) {
		return nil
	}
	m := found(s, Likely, facts.NotificationFits, true, facts.ErrorCode)
	if _, refused := s.String(facts.ErrorCode); refused {
		m.confidence = Certain
	}
	return m
}

// cameBack reports that the frame shows a page of the payment page's own
// origin, where the issuer had sent it, and that nothing was heard from it.
func cameBack(s *facts.Set) bool {
	return s.Is(facts.NotificationSame, true) && s.Equals(facts.FrameAccess, "same-origin") && unfinished(s)
}

func matchNotificationWorker(s *facts.Set) *match {
	if !cameBack(s) || !s.Is(facts.FrameFromWorker, true) {
		return nil
	}
	return found(s, Likely, facts.FrameFromWorker, false, facts.FrameAccess, facts.WorkerControls)
}

// matchNotificationSession: the page refuses the very post that comes from the
// issuer's site, which brings no cookie that is SameSite=Lax.
func matchNotificationSession(s *facts.Set) *match {
	if !cameBack(s) || !s.AtLeast(facts.FrameStatus, 401) || !atMost(s, facts.FrameStatus, 403) {
		return nil
	}
	return found(s, Likely, facts.FrameStatus, 200.0, facts.FrameAccess)
}

func matchNotificationFraming(s *facts.Set) *match {
	if !s.Equals(facts.NotificationFraming, "forbidden") || !s.AtLeast(facts.FrameLoads, 2) || !unfinished(s) {
		return nil
	}
	return found(s, Likely, facts.NotificationFraming, "allowed", facts.FrameLoads)
}

// matchNotificationSilent: the frame went on from its first page, and no word
// of it came back. A further step of the challenge looks the same, unless the
// page that stands there is our own, and is seen to be an error.
func matchNotificationSilent(s *facts.Set) *match {
	if !s.AtLeast(facts.FrameLoads, 2) || !none(s, facts.FrameMessages) || !unfinished(s) || wrapped(s) ||
		!inTrouble(s) && !cameBack(s) {
		return nil
	}
	m := &match{confidence: Possible, oneOf: []string{oneOfNoMessage, oneOfNotFramed, oneOfError, oneOfNextStep},
		evidence: append(evidence(s, facts.FrameLoads, facts.FrameAccess, facts.FrameStatus), unlike(s, facts.FrameCompleted, true))}
	switch {
	case cameBack(s) && s.AtLeast(facts.FrameStatus, 400):
		m.confidence, m.oneOf = Likely, []string{oneOfError}
	case cameBack(s):
		m.confidence, m.oneOf = Likely, []string{oneOfNoMessage}
	}
	return m
}
