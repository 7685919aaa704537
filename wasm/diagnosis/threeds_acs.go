package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

const (
	codeACSFrameAncestors  Code = "threeds.acs-frame-ancestors"
	codeACSFrameOptions    Code = "threeds.acs-frame-options"
	codeLocalNetworkDenied Code = "threeds.local-network-denied"
	codeACSHTTPError       Code = "threeds.acs-http-error"
	codeACSRedirectLoop    Code = "threeds.acs-redirect-loop"
	codeACSUnreachable     Code = "threeds.acs-unreachable"
	codeACSHang            Code = "threeds.acs-hang"
	codeACSNoPage          Code = "threeds.acs-no-page"
	codeACSNoSignOfLife    Code = "threeds.acs-no-sign-of-life"
	codeACSRejected        Code = "threeds.acs-rejected-request"
	codeACSLeftFrame       Code = "threeds.acs-left-frame"
	codeACSNeedsCookie     Code = "threeds.acs-needs-cookie"
	codeACSNeverReturned   Code = "threeds.acs-never-returned"
	codeChallengeTimeout   Code = "threeds.challenge-timeout"
	codeMethodTimeout      Code = "threeds.method-timeout"
)

// Words for what an issuer's page cannot be told apart from.
const (
	oneOfLocalNetwork = "local-network"
	oneOfErrorPage    = "error-page"
	oneOfSilent       = "issuer-silent"
	oneOfForbidden    = "framing-forbidden"
	oneOfRejected     = "request-rejected"
	oneOfTriedToPass  = "tried-to-leave"
	oneOfLeft         = "issuer-left"
	oneOfWentBack     = "user-went-back"
)

// stopsFrame are what stops the frame in this browser, or in its page.
var stopsFrame = []Code{
	codeOffline, codePageFrameSrc, codePageFormAction, codePageIsolated, codeMixedContent, codeFrameBlocked,
	codeLocalNetworkDenied, codeACSHTTPError, codeACSRedirectLoop, codeTwoChallenges, codeFrameRemoved, codeFrameTaken,
}

// delaysPage are what a page that comes late, or not at all, is a symptom of.
var delaysPage = slices.Concat(stopsFrame, weak)

// stopsChallenge are what stops a challenge whose page is there.
var stopsChallenge = slices.Concat(blockingCodes(pageCauses), delaysPage, []Code{
	codeFrameHidden, codeScriptBlocked, codeACSNeedsCookie, codeACSRejected, codeACSNoSignOfLife, codeACSNoPage,
	codeNotificationSilent,
})

// acsCauses are the failures of the issuer's page, and of the way to it. What
// stops the frame in this browser explains them.
var acsCauses = []Cause{
	{
		Code:        codeLocalNetworkDenied,
		Severity:    Blocking,
		Confidences: []Confidence{Possible},
		OneOf:       []string{oneOfLocalNetwork, "dns", "refused", "tls", oneOfVPN, oneOfRelay},
		Needs:       append([]facts.Declared{facts.ACSFetch, facts.ControlReached}, frameQuiet...),
		DependsOn:   []Code{codeOffline, codePageFrameSrc, codeMixedContent, codeFrameBlocked},
		Fixes: []FixCode{
			"allow-local-network", "try-again", "disable-vpn", "disable-blocker", "use-another-browser", "use-another-card", "ask-it",
		},
		TurnsAway: true,
		Source:    "https://wicg.github.io/local-network-access/",
		match:     matchLocalNetworkDenied,
		moot:      challengeCompleted,
	},
	{
		Code:        codeACSHTTPError,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.CanaryStatus, facts.FrameCompleted},
		DependsOn:   []Code{codeOffline, codePageFrameSrc, codePageFormAction, codePageIsolated, codeFrameBlocked},
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank", "restore-issuer"},
		TurnsAway:   true,
		Source:      "https://httpwg.org/specs/rfc9110.html#status.5xx",
		match:       matchACSHTTPError,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSRedirectLoop,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.CanaryLoops, facts.FrameCompleted},
		DependsOn:   []Code{codeOffline, codePageFrameSrc, codePageFormAction, codePageIsolated, codeFrameBlocked},
		Fixes:       []FixCode{"clear-cookies-and-cache", "try-again", "use-another-card", "ask-bank", "restore-issuer"},
		Source:      sourceFetch + "#concept-http-redirect-fetch",
		match:       matchACSRedirectLoop,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSLeftFrame,
		Severity:    Blocking,
		Confidences: []Confidence{Possible},
		OneOf:       []string{oneOfLeft, oneOfWentBack},
		Needs:       []facts.Declared{facts.FrameLeft},
		Fixes:       []FixCode{"use-another-card", "ask-bank", "stay-in-frame", "use-redirect-flow"},
		Source:      sourceHTML + "document-sequences.html#allowed-to-navigate",
		match:       matchACSLeftFrame,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSFrameAncestors,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.ReportAncestors},
		DependsOn:   stopsFrame,
		Fixes:       []FixCode{"use-another-card", "ask-bank", "allow-framing", "use-redirect-flow"},
		TurnsAway:   true,
		Source:      sourceCSP + "#directive-frame-ancestors",
		match:       matchACSFrameAncestors,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSFrameOptions,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       append([]facts.Declared{facts.ACSFetch, facts.ACSObject, facts.ACSPrefetch}, frameQuiet...),
		DependsOn:   append([]Code{codeACSFrameAncestors}, stopsFrame...),
		Fixes:       []FixCode{"use-another-card", "ask-bank", "allow-framing", "use-redirect-flow"},
		Source:      sourceHTML + "document-lifecycle.html#the-x-frame-options-header",
		match:       matchACSFrameOptions,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSUnreachable,
		Severity:    Blocking,
		Confidences: []Confidence{Likely, Possible},
		OneOf:       []string{"dns", "refused", "tls", "network", oneOfVPN, oneOfRelay},
		Needs:       append([]facts.Declared{facts.ACSFetch, facts.ControlReached}, frameQuiet...),
		DependsOn:   delaysPage,
		Fixes:       []FixCode{"try-again", "disable-vpn", "disable-blocker", "use-another-card", "ask-it"},
		TurnsAway:   true,
		Source:      sourceFetch + "#concept-network-error",
		match:       matchACSUnreachable,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSHang,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.ACSObject, facts.ACSPrefetch, facts.FrameLoads, facts.FrameAccess},
		DependsOn:   append([]Code{codeACSUnreachable}, delaysPage...),
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank"},
		TurnsAway:   true,
		Source:      sourceEMV + ", 5.5",
		match:       matchACSHang,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSNoPage,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.ACSObject, facts.ACSPrefetch, facts.FrameLoads, facts.FrameAccess},
		DependsOn:   append([]Code{codeACSUnreachable}, delaysPage...),
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank", "answer-with-page"},
		Source:      sourceHTML + "browsing-the-web.html#loading-a-document",
		match:       matchACSNoPage,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSNoSignOfLife,
		Severity:    Blocking,
		Confidences: []Confidence{Possible},
		OneOf:       []string{oneOfErrorPage, oneOfSilent, oneOfForbidden, oneOfVPN, oneOfRelay},
		Needs:       append([]facts.Declared{facts.ACSFetch, facts.ACSObject, facts.ACSPrefetch}, frameQuiet...),
		DependsOn:   delaysPage,
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank", "ask-support"},
		TurnsAway:   true,
		Source:      sourceFetch + "#concept-request-destination",
		match:       matchACSNoSignOfLife,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSRejected,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.ErrorCode},
		DependsOn:   []Code{codeNotificationRejected, codeTwoChallenges},
		Fixes:       []FixCode{"reload-page", "use-another-card", "ask-support", "fix-request"},
		Source:      sourceEMV + ", A.5.5",
		match:       matchACSRejected,
		moot:        challengeCompleted,
	},
	{
		Code:        codeACSNeedsCookie,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Variants:    []string{variantTaken},
		Needs:       []facts.Declared{facts.ThirdPartyHeader, facts.FrameLoads, facts.ACSObject, facts.FrameCompleted},
		DependsOn: append([]Code{
			codeCookiesDisabled, codeFrameSandbox, codeFrameSandboxOrigin, codeACSNoSignOfLife, codeScriptBlocked,
			codeFrameHidden, codeFrameCovered, codeFrameTooSmall,
		}, stopsFrame...),
		Fixes: []FixCode{
			"allow-third-party-cookies", "disable-blocker", "use-private-window", "use-another-browser", "use-another-card", "ask-it",
		},
		Source: "https://github.com/braintree/braintree-web/issues/489",
		match:  matchACSNeedsCookie,
		moot:   challengeCompleted,
	},
	{
		Code:        codeACSNeverReturned,
		Severity:    Blocking,
		Confidences: []Confidence{Possible},
		OneOf:       []string{oneOfSilent, oneOfRejected, oneOfTriedToPass},
		Needs:       []facts.Declared{facts.FrameFocused, facts.ChallengeTimedOut},
		DependsOn:   stopsChallenge,
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank", "poll-result"},
		Source:      "https://github.com/Adyen/adyen-web/issues/2931",
		match:       matchACSNeverReturned,
		moot:        challengeCompleted,
	},
	{
		Code:        codeChallengeTimeout,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameFocused, facts.ChallengeTimedOut},
		DependsOn:   stopsChallenge,
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank", "new-request"},
		Source:      sourceEMV + ", 5.5",
		match:       matchChallengeTimeout,
		moot:        challengeCompleted,
	},
	{
		Code:        codeMethodTimeout,
		Severity:    Notice,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.MethodIndicator},
		DependsOn:   append([]Code{codeMethodFatal, codeACSUnreachable, codeACSHang}, delaysPage...),
		Fixes:       []FixCode{"go-on-with-n"},
		Source:      sourceEMV + ", 5.8.1",
		match:       matchMethodTimeout,
	},
}

// matchLocalNetworkDenied: the permission is asked for when a page of the
// internet first reaches for the local network, so that a refusal of it beside
// an issuer that alone is out of reach tells where its page may be. It may as
// well have been refused for something else, such as a fraud check that looks
// for what runs on this machine.
func matchLocalNetworkDenied(s *facts.Set) *match {
	m := matchACSUnreachable(s)
	if m == nil || m.confidence != Likely || !s.Equals(facts.LocalNetwork, "denied") {
		return nil
	}
	m.confidence, m.oneOf = Possible, append([]string{oneOfLocalNetwork}, m.oneOf...)
	m.evidence = append([]Evidence{unlike(s, facts.LocalNetwork, "granted")}, m.evidence...)
	return m
}

// canaryAtIssuer reports that the canary stands on the issuer's own host, so
// that what it shows of itself holds for the challenge too.
func canaryAtIssuer(s *facts.Set) bool {
	acs, known := s.String(facts.ACSOrigin)
	return known && s.Equals(facts.CanaryOrigin, acs)
}

func matchACSHTTPError(s *facts.Set) *match {
	if !canaryAtIssuer(s) || !s.AtLeast(facts.CanaryStatus, 400) || !silent(s) {
		return nil
	}
	return found(s, Likely, facts.CanaryStatus, 200.0, facts.CanaryOrigin, facts.ACSObject, facts.ACSPrefetch)
}

func matchACSRedirectLoop(s *facts.Set) *match {
	if !canaryAtIssuer(s) || !s.Is(facts.CanaryLoops, true) || !silent(s) {
		return nil
	}
	return found(s, Likely, facts.CanaryLoops, false, facts.CanaryOrigin, facts.ACSObject, facts.ACSPrefetch)
}

// matchACSLeftFrame: the page went away while the user was in the challenge. So it
// does for an issuer that takes the whole window, and for a user who goes back
// by the browser's button and forth again.
func matchACSLeftFrame(s *facts.Set) *match {
	if !s.Is(facts.FrameLeft, true) {
		return nil
	}
	m := found(s, Possible, facts.FrameLeft, false)
	m.oneOf = []string{oneOfLeft, oneOfWentBack}
	return m
}

func matchACSFrameAncestors(s *facts.Set) *match {
	if !s.Is(facts.ReportAncestors, true) {
		return nil
	}
	return found(s, Certain, facts.ReportAncestors, false, facts.ACSOrigin)
}

// matchACSFrameOptions: the issuer's page answers and is a 2xx (prefetch), and
// yet cannot be framed (object). An error page would fail both.
func matchACSFrameOptions(s *facts.Set) *match {
	if !silent(s) || !s.AtLeast(facts.FrameLoads, 1) || !s.Equals(facts.ACSFetch, "answered") ||
		!s.Equals(facts.ACSObject, "failed") || !s.Equals(facts.ACSPrefetch, "loaded") {
		return nil
	}
	return &match{confidence: Likely, evidence: acsEvidence(s)}
}

// matchACSUnreachable weighs the issuer's silence against a control: where that
// does not answer either, the trouble may be this network's, or our own. The
// page cannot tell a name that does not resolve from a refused connection or a
// bad certificate. A page that loads contradicts it: the issuer's resource
// policy fails our request alone.
func matchACSUnreachable(s *facts.Set) *match {
	if !silent(s) || !s.Equals(facts.ACSFetch, "failed") ||
		s.Equals(facts.ACSObject, "loaded") || s.Equals(facts.ACSPrefetch, "loaded") {
		return nil
	}
	m := &match{confidence: Likely, oneOf: []string{"dns", "refused", "tls"},
		evidence: append(acsEvidence(s), evidence(s, facts.ControlReached)...)}
	if !s.Equals(facts.ControlReached, "answered") {
		m.confidence, m.oneOf = Possible, append(m.oneOf, "network")
	}
	return m
}

// matchACSHang: the frame has loaded nothing, and every way to ask for the page
// ends in our own time limit. Where its page began and stopped, the frame shows
// no blank document any more, and a prefetch has had its answer: then the page
// must show no sign of life besides.
func matchACSHang(s *facts.Set) *match {
	empty := none(s, facts.FrameLoads)
	unanswered := !s.Equals(facts.ACSPrefetch, "loaded", "failed")
	never := empty && unanswered && s.Equals(facts.FrameAccess, "blank")
	began := empty && silent(s) && s.Equals(facts.FrameAccess, "cross-origin")
	within := wrapped(s) && silent(s) && unanswered
	if !s.Equals(facts.ACSObject, "timed-out") || !never && !began && !within {
		return nil
	}
	return &match{confidence: Likely, evidence: acsEvidence(s)}
}

// matchACSNoPage: the issuer answers, and yet the frame still shows its first
// blank document: the answer was no page.
func matchACSNoPage(s *facts.Set) *match {
	if !inTrouble(s) || !none(s, facts.FrameLoads) || !s.Equals(facts.FrameAccess, "blank") ||
		!s.Equals(facts.ACSFetch, "answered") || !answersGET(s) || s.Equals(facts.ACSObject, "loaded") {
		return nil
	}
	return &match{confidence: Likely, evidence: acsEvidence(s)}
}

// answersGET reports that the issuer does not leave a GET of its page waiting. In
// Chromium an object waits on for an answer that is no page; in Firefox, which
// has no prefetch for this, it fails at once.
func answersGET(s *facts.Set) bool {
	return s.Equals(facts.ACSPrefetch, "loaded", "failed") ||
		s.Equals(facts.Engine, "firefox") && s.Equals(facts.ACSObject, "failed")
}

// errorPageOnly reports that the frame shows an error page of the browser's own
// for what went wrong on the way, such as too many redirects: Firefox fires no
// load for it.
func errorPageOnly(s *facts.Set) bool {
	return s.Equals(facts.Engine, "firefox") && none(s, facts.FrameLoads) && s.Equals(facts.FrameAccess, "cross-origin")
}

// matchACSNoSignOfLife: a page came that neither object nor prefetch accepts.
// That is an error page, or an issuer that refuses GET and says nothing; in a
// browser whose prefetch says nothing, it may also forbid to be framed.
func matchACSNoSignOfLife(s *facts.Set) *match {
	wayFailed := errorPageOnly(s)
	if !inTrouble(s) || !silent(s) || !wayFailed && !s.AtLeast(facts.FrameLoads, 1) || !s.Equals(facts.ACSFetch, "answered") ||
		!s.Equals(facts.ACSObject, "failed") || s.Equals(facts.ACSPrefetch, "loaded", "timed-out") {
		return nil
	}
	m := &match{confidence: Possible, oneOf: []string{oneOfErrorPage, oneOfSilent}, evidence: acsEvidence(s)}
	if !wayFailed && !s.Equals(facts.ACSPrefetch, "failed") {
		m.oneOf = append(m.oneOf, oneOfForbidden)
	}
	return m
}

// timedOutCode is the protocol's error code of a time limit that ran out, which
// is the end of a failure and not its cause.
const timedOutCode = "402"

func matchACSRejected(s *facts.Set) *match {
	code, known := s.String(facts.ErrorCode)
	if !known || code == timedOutCode {
		return nil
	}
	return found(s, Certain, facts.ErrorCode, nil)
}

// variantTaken is a cookie that the browser keeps and an extension takes away.
const variantTaken = "taken-by-extension"

// matchACSNeedsCookie: the issuer's page is there and may be framed, the
// challenge has come to nothing, and what is missing here is its cookie. A first
// page that the user is at work in has not failed for it.
func matchACSNeedsCookie(s *facts.Set) *match {
	taken := headerStripped(s) || scriptHidden(s)
	if !struggling(s) || !thirdPartyCookiesBlocked(s) && !taken || !s.AtLeast(facts.FrameLoads, 1) ||
		!s.Equals(facts.ACSObject, "loaded") || busy(s) {
		return nil
	}
	m := found(s, Likely, facts.ThirdPartyHeader, true, facts.ThirdPartyScript, facts.FrameCompleted, facts.ACSObject, facts.FrameLoads)
	if taken {
		m.fixes = []FixCode{"disable-blocker", "use-another-browser", "use-another-card", "ask-it"}
		return m.as(variantTaken)
	}
	m.fixes = []FixCode{"allow-third-party-cookies", "use-private-window", "use-another-browser", "use-another-card"}
	return m
}

// matchACSNeverReturned: the user was at work in the issuer's page until the
// challenge's time was up, and was not stopped by the want of a passkey. Whether the issuer let the answer lie, had turned
// the request down, or tried to leave its frame, cannot be seen from outside.
func matchACSNeverReturned(s *facts.Set) *match {
	if !s.Is(facts.ChallengeTimedOut, true) || !busy(s) || !unfinished(s) || passkeysDenied(s) {
		return nil
	}
	return &match{confidence: Possible, oneOf: []string{oneOfSilent, oneOfRejected, oneOfTriedToPass},
		evidence: evidence(s, facts.ChallengeTimedOut, facts.FrameFocused, facts.FrameLoads)}
}

// matchChallengeTimeout: the issuer's page can be shown, nobody touched it, and
// the challenge's time is up.
func matchChallengeTimeout(s *facts.Set) *match {
	if !s.Is(facts.ChallengeTimedOut, true) || !s.Is(facts.FrameFocused, false) || !unfinished(s) ||
		!s.AtLeast(facts.FrameLoads, 1) || !atMost(s, facts.FrameLoads, 1) || !s.Equals(facts.ACSObject, "loaded") {
		return nil
	}
	return found(s, Likely, facts.ChallengeTimedOut, false, facts.FrameFocused, facts.ACSObject)
}

func matchMethodTimeout(s *facts.Set) *match {
	if !s.Equals(facts.MethodIndicator, "N") {
		return nil
	}
	return found(s, Certain, facts.MethodIndicator, "Y")
}

func acsEvidence(s *facts.Set) []Evidence {
	return evidence(s, facts.ACSOrigin, facts.ACSFetch, facts.ACSObject, facts.ACSPrefetch, facts.FrameLoads, facts.FrameAccess)
}
