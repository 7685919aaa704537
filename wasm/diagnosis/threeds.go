package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codePageFrameSrc       Code = "threeds.page-csp-frame-src"
	codeFrameSandbox       Code = "threeds.frame-sandbox"
	codeACSFrameAncestors  Code = "threeds.acs-frame-ancestors"
	codeACSFrameOptions    Code = "threeds.acs-frame-options"
	codeACSUnreachable     Code = "threeds.acs-unreachable"
	codeACSHang            Code = "threeds.acs-hang"
	codeACSNoSignOfLife    Code = "threeds.acs-no-sign-of-life"
	codeACSNeedsCookie     Code = "threeds.acs-needs-cookie"
	codeNotificationSilent Code = "threeds.notification-silent"
	codeMethodTimeout      Code = "threeds.method-timeout"
)

// frameQuiet are the facts that together say that the challenge frame has
// shown no sign of life. All of them must be known before its silence counts.
var frameQuiet = []facts.Declared{
	facts.FrameLoads, facts.FrameMessages, facts.FrameChildren, facts.FrameFocused, facts.FrameCompleted,
}

// pageCauses are the merchant's mistakes that the page itself shows.
func pageCauses() []Cause {
	return []Cause{
		{
			Code:        codePageFrameSrc,
			Severity:    Blocking,
			Confidences: []Confidence{Certain},
			Needs:       []facts.Declared{facts.ViolationFrameSrc},
			Fixes:       []FixCode{"use-another-card", "ask-support", "fix-page-csp", "use-redirect-flow"},
			Source:      "https://github.com/braintree/braintree-web/issues/497",
			match:       matchPageFrameSrc,
			moot:        challengeCompleted,
		},
		{
			Code:        codeFrameSandbox,
			Severity:    Blocking,
			Confidences: []Confidence{Certain},
			Needs:       []facts.Declared{facts.FrameSandbox},
			Fixes:       []FixCode{"use-another-card", "ask-support", "fix-frame-sandbox"},
			Source:      "https://github.com/braintree/braintree-web/issues/469",
			match:       matchFrameSandbox,
			moot:        challengeCompleted,
		},
	}
}

// acsCauses are the failures of the issuer's page, and of the way to it. What
// stops the frame in this browser explains them.
func acsCauses() []Cause {
	local := []Code{codeOffline, codePageFrameSrc, codeFrameBlocked}
	return []Cause{
		{
			Code:        codeACSFrameAncestors,
			Severity:    Blocking,
			Confidences: []Confidence{Certain},
			Needs:       []facts.Declared{facts.ReportAncestors},
			DependsOn:   local,
			Fixes:       []FixCode{"use-another-card", "ask-bank", "allow-framing", "use-redirect-flow"},
			Source:      sourceCSP + "#directive-frame-ancestors",
			match:       matchACSFrameAncestors,
			moot:        challengeCompleted,
		},
		{
			Code:        codeACSFrameOptions,
			Severity:    Blocking,
			Confidences: []Confidence{Likely},
			Needs:       append([]facts.Declared{facts.ACSFetch, facts.ACSObject, facts.ACSPrefetch}, frameQuiet...),
			DependsOn:   append([]Code{codeACSFrameAncestors}, local...),
			Fixes:       []FixCode{"use-another-card", "ask-bank", "allow-framing", "use-redirect-flow"},
			Source:      "https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-x-frame-options-header",
			match:       matchACSFrameOptions,
			moot:        challengeCompleted,
		},
		{
			Code:        codeACSUnreachable,
			Severity:    Blocking,
			Confidences: []Confidence{Likely, Possible},
			OneOf:       []string{"dns", "refused", "tls", "network"},
			Needs:       append([]facts.Declared{facts.ACSFetch, facts.ControlReached}, frameQuiet...),
			DependsOn:   local,
			Fixes:       []FixCode{"try-again", "disable-vpn", "disable-blocker", "use-another-card", "ask-it"},
			Source:      "https://fetch.spec.whatwg.org/#concept-network-error",
			match:       matchACSUnreachable,
			moot:        challengeCompleted,
		},
		{
			Code:        codeACSHang,
			Severity:    Blocking,
			Confidences: []Confidence{Likely},
			Needs:       []facts.Declared{facts.ACSObject, facts.ACSPrefetch, facts.FrameLoads, facts.FrameAccess},
			DependsOn:   append([]Code{codeACSUnreachable}, local...),
			Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank"},
			Source:      sourceEMV + ", 5.5",
			match:       matchACSHang,
			moot:        challengeCompleted,
		},
		{
			Code:        codeACSNoSignOfLife,
			Severity:    Blocking,
			Confidences: []Confidence{Possible},
			OneOf:       []string{"error-page", "issuer-silent", "framing-forbidden"},
			Needs:       append([]facts.Declared{facts.ACSFetch, facts.ACSObject, facts.ACSPrefetch}, frameQuiet...),
			DependsOn:   local,
			Fixes:       []FixCode{"try-again", "use-another-card", "ask-bank", "ask-support"},
			Source:      "https://fetch.spec.whatwg.org/#concept-request-destination",
			match:       matchACSNoSignOfLife,
			moot:        challengeCompleted,
		},
		{
			Code:        codeACSNeedsCookie,
			Severity:    Blocking,
			Confidences: []Confidence{Likely},
			Needs:       []facts.Declared{facts.ThirdPartyHeader, facts.FrameLoads, facts.ACSObject, facts.FrameCompleted},
			DependsOn:   append([]Code{codeCookiesDisabled, codeFrameSandbox, codeACSNoSignOfLife}, local...),
			Fixes:       []FixCode{"allow-third-party-cookies", "use-private-window", "use-another-browser", "use-another-card"},
			Source:      "https://github.com/braintree/braintree-web/issues/489",
			match:       matchACSNeedsCookie,
			moot:        challengeCompleted,
		},
		{
			Code:        codeNotificationSilent,
			Severity:    Blocking,
			Confidences: []Confidence{Possible},
			OneOf:       []string{"no-message", "notification-not-framed", "notification-error", "another-step"},
			Needs:       []facts.Declared{facts.FrameLoads, facts.FrameMessages, facts.FrameCompleted},
			DependsOn:   append([]Code{codeACSNeedsCookie, codeFrameSandbox}, local...),
			Fixes:       []FixCode{"try-again", "use-another-card", "ask-support", "notify-parent"},
			Source:      sourceEMV + ", 3.3 step 21",
			match:       matchNotificationSilent,
			moot:        challengeCompleted,
		},
		{
			Code:        codeMethodTimeout,
			Severity:    Notice,
			Confidences: []Confidence{Certain},
			Needs:       []facts.Declared{facts.MethodIndicator},
			DependsOn:   append([]Code{codeACSUnreachable, codeACSHang}, local...),
			Fixes:       []FixCode{"go-on-with-n"},
			Source:      sourceEMV + ", 5.8.1",
			match:       matchMethodTimeout,
		},
	}
}

// challengeCompleted: a challenge that reported its end was stopped by nothing.
func challengeCompleted(s *facts.Set) bool { return s.Is(facts.FrameCompleted, true) }

// silent reports that the challenge frame is known to have shown no sign of
// life. A first load is none: Chromium fires it for error pages as well.
func silent(s *facts.Set) bool {
	loads, known := s.Int(facts.FrameLoads)
	return known && loads <= 1 && none(s, facts.FrameMessages) && none(s, facts.FrameChildren) &&
		s.Is(facts.FrameFocused, false) && s.Is(facts.FrameCompleted, false)
}

// busy reports that the challenge frame still shows its first page, and that
// the user works in it.
func busy(s *facts.Set) bool {
	loads, known := s.Int(facts.FrameLoads)
	return known && loads <= 1 && s.Is(facts.FrameFocused, true)
}

func none(s *facts.Set, k facts.IntKey) bool {
	n, known := s.Int(k)
	return known && n == 0
}

func matchPageFrameSrc(s *facts.Set) *match {
	if !s.Is(facts.ViolationFrameSrc, true) {
		return nil
	}
	return &match{confidence: Certain, evidence: append(
		[]Evidence{unlike(s, facts.ViolationFrameSrc, false)}, evidence(s, facts.ACSOrigin)...)}
}

// challengeTokens are what a challenge cannot do without: it is a form, and
// its pages post themselves by script.
var challengeTokens = []string{"allow-forms", "allow-scripts"}

func matchFrameSandbox(s *facts.Set) *match {
	if !s.Is(facts.FrameSandboxed, true) {
		return nil
	}
	for _, token := range challengeTokens {
		if _, known := s.List(facts.FrameSandbox); known && !s.Has(facts.FrameSandbox, token) {
			return &match{confidence: Certain, evidence: []Evidence{unlike(s, facts.FrameSandbox, token)}}
		}
	}
	return nil
}

func matchACSFrameAncestors(s *facts.Set) *match {
	if !s.Is(facts.ReportAncestors, true) {
		return nil
	}
	return &match{confidence: Certain, evidence: append(
		[]Evidence{unlike(s, facts.ReportAncestors, false)}, evidence(s, facts.ACSOrigin)...)}
}

// matchACSFrameOptions: the issuer's page answers and is a 2xx (prefetch), and
// yet cannot be framed (object). An error page would fail both.
func matchACSFrameOptions(s *facts.Set) *match {
	if !silent(s) || !s.Equals(facts.ACSFetch, "answered") ||
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

// matchACSHang: the frame still shows its first blank document, and every way
// to ask for the page ends in our own time limit.
func matchACSHang(s *facts.Set) *match {
	if !none(s, facts.FrameLoads) || !s.Equals(facts.FrameAccess, "blank") ||
		!s.Equals(facts.ACSObject, "timed-out") || s.Equals(facts.ACSPrefetch, "loaded", "failed") {
		return nil
	}
	return &match{confidence: Likely, evidence: acsEvidence(s)}
}

// matchACSNoSignOfLife: a page came that neither object nor prefetch accepts.
// That is an error page, or an issuer that refuses GET and says nothing; in a
// browser whose prefetch says nothing, it may also forbid to be framed.
func matchACSNoSignOfLife(s *facts.Set) *match {
	if !silent(s) || !s.AtLeast(facts.FrameLoads, 1) || !s.Equals(facts.ACSFetch, "answered") ||
		!s.Equals(facts.ACSObject, "failed") || s.Equals(facts.ACSPrefetch, "loaded", "timed-out") {
		return nil
	}
	m := &match{confidence: Possible, oneOf: []string{"error-page", "issuer-silent"}, evidence: acsEvidence(s)}
	if !s.Equals(facts.ACSPrefetch, "failed") {
		m.oneOf = append(m.oneOf, "framing-forbidden")
	}
	return m
}

// matchACSNeedsCookie: the issuer's page is there and may be framed, the
// challenge does not end, and what is missing here is its cookie. A first page
// that the user is at work in has not failed for it.
func matchACSNeedsCookie(s *facts.Set) *match {
	if !thirdPartyCookiesBlocked(s) || !s.AtLeast(facts.FrameLoads, 1) || !s.Is(facts.FrameCompleted, false) ||
		!s.Equals(facts.ACSObject, "loaded") || busy(s) {
		return nil
	}
	return &match{confidence: Likely, evidence: append(
		[]Evidence{unlike(s, facts.ThirdPartyHeader, true), unlike(s, facts.FrameCompleted, true)},
		evidence(s, facts.ACSObject, facts.FrameLoads)...)}
}

// matchNotificationSilent: the frame went on from its first page, and no word
// of it came back. A further step of the challenge looks the same.
func matchNotificationSilent(s *facts.Set) *match {
	if !s.AtLeast(facts.FrameLoads, 2) || !none(s, facts.FrameMessages) || !s.Is(facts.FrameCompleted, false) {
		return nil
	}
	return &match{confidence: Possible,
		oneOf:    []string{"no-message", "notification-not-framed", "notification-error", "another-step"},
		evidence: append(evidence(s, facts.FrameLoads), unlike(s, facts.FrameCompleted, true))}
}

func matchMethodTimeout(s *facts.Set) *match {
	if !s.Equals(facts.MethodIndicator, "N") {
		return nil
	}
	return &match{confidence: Certain, evidence: []Evidence{unlike(s, facts.MethodIndicator, "Y")}}
}

func acsEvidence(s *facts.Set) []Evidence {
	return evidence(s, facts.ACSOrigin, facts.ACSFetch, facts.ACSObject, facts.ACSPrefetch, facts.FrameLoads, facts.FrameAccess)
}
