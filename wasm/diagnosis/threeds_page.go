package diagnosis

import (
	"strings"

	"checkoutdoctor/wasm/facts"
)

const (
	codePageFrameSrc       Code = "threeds.page-csp-frame-src"
	codePageFormAction     Code = "threeds.page-csp-form-action"
	codePageScriptSrc      Code = "threeds.page-csp-script-src"
	codePageTrustedTypes   Code = "threeds.page-trusted-types"
	codePageIsolated       Code = "threeds.page-cross-origin-isolated"
	codePageOpenerPolicy   Code = "threeds.page-opener-policy"
	codePagePermissions    Code = "threeds.page-permissions-policy"
	codeFramePermissions   Code = "threeds.frame-permissions"
	codeFrameSandbox       Code = "threeds.frame-sandbox"
	codeFrameSandboxOrigin Code = "threeds.frame-sandbox-origin"
	codeMixedContent       Code = "threeds.mixed-content"
	codeFrameTooSmall      Code = "threeds.frame-too-small"
	codeFrameCovered       Code = "threeds.frame-covered"
	codeTwoChallenges      Code = "threeds.two-challenges"
	codeFrameRemoved       Code = "threeds.frame-removed"
	codeMethodFatal        Code = "threeds.method-timeout-fatal"
)

// Words for forms of a cause.
const (
	variantRedirect = "redirect"
	variantDialog   = "behind-dialog"
	variantOverlay  = "under-overlay"
)

// passkeys is the feature that a challenge by passkey needs of its frame.
const passkeys = "publickey-credentials-get"

const sourceEMVPage = sourceEMV + ", 3.3"

// pageCauses are the merchant's mistakes that the page itself shows.
var pageCauses = []Cause{
	{
		Code:        codePageScriptSrc,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.ViolationScriptSrc},
		Fixes:       []FixCode{"use-another-card", "ask-support", "allow-provider-script"},
		Source:      "https://github.com/braintree/braintree-web-drop-in/issues/977",
		match:       matchPageScriptSrc,
		moot:        challengeCompleted,
	},
	{
		Code:        codePageTrustedTypes,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.ViolationTypes},
		Fixes:       []FixCode{"use-another-card", "ask-support", "add-types-policy"},
		Source:      "https://github.com/braintree/braintree-web/issues/774",
		match:       matchPageTrustedTypes,
		moot:        challengeCompleted,
	},
	{
		Code:        codePageFrameSrc,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		Variants:    []string{variantRedirect},
		Needs:       []facts.Declared{facts.ViolationFrameSrc, facts.ViolationFrameHop},
		Fixes:       []FixCode{"use-another-card", "ask-support", "fix-page-csp", "use-redirect-flow"},
		Source:      "https://github.com/braintree/braintree-web/issues/497",
		match:       matchPageFrameSrc,
		moot:        challengeCompleted,
	},
	{
		Code:        codePageFormAction,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Variants:    []string{variantRedirect},
		Needs:       []facts.Declared{facts.ViolationFormAction, facts.ViolationFormHop},
		Fixes:       []FixCode{"use-another-card", "ask-support", "fix-form-action", "use-redirect-flow"},
		Source:      "https://github.com/w3c/webappsec-csp/issues/8",
		match:       matchPageFormAction,
		moot:        challengeCompleted,
	},
	{
		Code:        codePageIsolated,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.ReportIsolation, facts.CrossIsolated},
		Fixes:       []FixCode{"use-another-card", "ask-support", "drop-isolation"},
		Source:      "https://github.com/stripe/stripe-js/issues/417",
		match:       matchPageIsolated,
		moot:        challengeCompleted,
	},
	{
		Code:        codeMixedContent,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.ACSOrigin},
		Fixes:       []FixCode{"use-another-card", "ask-bank", "serve-over-https"},
		Source:      "https://www.w3.org/TR/mixed-content/#should-block-fetch",
		match:       matchMixedContent,
		moot:        challengeCompleted,
	},
	{
		Code:        codePageOpenerPolicy,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.OpenerPolicy},
		Fixes:       []FixCode{"use-another-card", "ask-support", "fix-opener-policy"},
		Source:      "https://github.com/krakenjs/zoid/issues/463",
		match:       matchPageOpenerPolicy,
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
	{
		Code:        codeFrameSandboxOrigin,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.FrameSandbox, facts.FrameNullOrigin},
		DependsOn:   []Code{codeFrameSandbox},
		Fixes:       []FixCode{"use-another-card", "ask-support", "fix-frame-sandbox"},
		Source:      sourceHTML + "browsers.html#sandboxed-origin-browsing-context-flag",
		match:       matchFrameSandboxOrigin,
		moot:        func(s *facts.Set) bool { return challengeCompleted(s) && !ignored(s) },
	},
	{
		Code:        codeTwoChallenges,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameCount},
		Fixes:       []FixCode{"reload-page", "ask-support", "one-challenge"},
		Source:      "https://github.com/recurly/recurly-js/issues/847",
		match:       matchTwoChallenges,
		moot:        challengeCompleted,
	},
	{
		Code:        codeFrameRemoved,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameRemoved},
		DependsOn:   []Code{codeFrameTaken},
		Fixes:       []FixCode{"reload-page", "ask-support", "keep-frame"},
		Source:      sourceEMVPage,
		match:       matchFrameRemoved,
		moot:        challengeCompleted,
	},
	{
		Code:        codeFrameTooSmall,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.FrameWidth, facts.FrameHeight},
		DependsOn:   []Code{codeFrameBlocked, codeFrameHidden},
		Fixes:       []FixCode{"use-another-browser", "ask-support", "fit-frame"},
		Source:      sourceEMV + ", table A.1, challengeWindowSize",
		match:       matchFrameTooSmall,
		moot:        challengeCompleted,
	},
	{
		Code:        codeFrameCovered,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Variants:    []string{variantDialog, variantOverlay},
		Needs:       []facts.Declared{facts.FrameCovered, facts.FrameBehindDialog},
		DependsOn:   []Code{codeFrameBlocked, codeFrameHidden, codeTwoChallenges},
		Fixes:       []FixCode{"reload-page", "ask-support", "uncover-frame"},
		Source:      "https://github.com/stripe/stripe-js/issues/599",
		match:       matchFrameCovered,
		moot:        challengeCompleted,
	},
	{
		Code:        codeMethodFatal,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.MethodIndicator},
		DependsOn:   append([]Code{codeOffline}, weak...),
		Fixes:       []FixCode{"try-again", "use-another-card", "ask-support", "go-on-with-n"},
		Source:      "https://github.com/Adyen/adyen-web/issues/1607",
		match:       matchMethodFatal,
	},
	{
		Code:        codePagePermissions,
		Severity:    Degrading,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.DeniedFeatures},
		Fixes:       []FixCode{"use-another-card", "ask-support", "allow-passkeys"},
		Source:      "https://www.w3.org/TR/webauthn-3/#sctn-permissions-policy",
		match:       matchPagePermissions,
		moot:        challengeCompleted,
	},
	{
		Code:        codeFramePermissions,
		Severity:    Degrading,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.FrameAllow},
		DependsOn:   []Code{codePagePermissions},
		Fixes:       []FixCode{"use-another-card", "ask-support", "allow-passkeys"},
		Source:      "https://github.com/Adyen/adyen-web/issues/4116",
		match:       matchFramePermissions,
		moot:        challengeCompleted,
	},
}

func matchPageScriptSrc(s *facts.Set) *match {
	if !s.Is(facts.ViolationScriptSrc, true) {
		return nil
	}
	return found(s, Certain, facts.ViolationScriptSrc, false)
}

// matchPageTrustedTypes: what Trusted Types refused may have been anything;
// that the challenge's frame never came says that it was the frame.
func matchPageTrustedTypes(s *facts.Set) *match {
	if !s.Is(facts.ViolationTypes, true) || !s.Is(facts.FramePresent, false) || s.AtLeast(facts.FrameLoads, 1) {
		return nil
	}
	return found(s, Likely, facts.ViolationTypes, false, facts.FramePresent)
}

// matchPageFrameSrc: Chromium names the site that was refused. One that is not
// the issuer's, refused while the challenge was loading, is where the issuer
// redirects to.
func matchPageFrameSrc(s *facts.Set) *match {
	switch {
	case s.Is(facts.ViolationFrameSrc, true):
		return found(s, Certain, facts.ViolationFrameSrc, false, facts.ACSOrigin)
	case s.Is(facts.ViolationFrameHop, true) && silent(s):
		return found(s, Likely, facts.ViolationFrameHop, false, facts.ACSOrigin).as(variantRedirect)
	}
	return nil
}

func matchPageFormAction(s *facts.Set) *match {
	switch {
	case decided(s): // what was refused was the 3DS Method, and the payment went on
		return nil
	case s.Is(facts.ViolationFormHop, true):
		return found(s, Certain, facts.ViolationFormHop, false, facts.ACSOrigin).as(variantRedirect)
	case s.Is(facts.ViolationFormAction, true):
		return found(s, Certain, facts.ViolationFormAction, false, facts.ACSOrigin)
	}
	return nil
}

// matchPageIsolated: Chromium reports what the isolation blocks. Elsewhere an
// isolated page and a silent frame have to do.
func matchPageIsolated(s *facts.Set) *match {
	switch {
	case s.Is(facts.ReportIsolation, true):
		return found(s, Certain, facts.ReportIsolation, false, facts.CrossIsolated, facts.ACSOrigin)
	case s.Is(facts.CrossIsolated, true) && silent(s):
		return found(s, Likely, facts.CrossIsolated, false, facts.FrameLoads, facts.FrameAccess)
	case errorPageOnly(s) && silent(s) && canaryKeptOut(s):
		return found(s, Likely, facts.CanaryMethod, "done", facts.CanaryOrigin, facts.FrameLoads, facts.FrameAccess)
	}
	return nil
}

// canaryKeptOut reports that our own canary, which answers, does not get into a
// frame of this page either. A policy's refusal or a collapse would be known.
func canaryKeptOut(s *facts.Set) bool {
	return s.Equals(facts.CanaryReached, "answered") && s.Equals(facts.CanaryMethod, "timed-out") &&
		s.Equals(facts.CanaryChallenge, "timed-out")
}

// matchMixedContent: a secure page never frames a plain address, but for this
// machine's own (https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy).
func matchMixedContent(s *facts.Set) *match {
	acs, _ := s.String(facts.ACSOrigin)
	host, plain := strings.CutPrefix(acs, "http://")
	if !plain || !s.Is(facts.SecureContext, true) ||
		strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "[::1]") {
		return nil
	}
	return found(s, Certain, facts.ACSOrigin, nil, facts.SecureContext)
}

// matchPageOpenerPolicy: to a page with such a policy a window of another site
// counts as closed at once, and that window has no opener to tell.
func matchPageOpenerPolicy(s *facts.Set) *match {
	if !s.Equals(facts.HostPopupResult, "closed") || !cutsOff(s) {
		return nil
	}
	return found(s, Certain, facts.OpenerPolicy, "same-origin-allow-popups", facts.HostPopupResult)
}

// cutsOff reports that the page's opener policy cuts it off from windows of
// other sites (https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies).
func cutsOff(s *facts.Set) bool {
	return s.Equals(facts.OpenerPolicy, "same-origin", "noopener-allow-popups")
}

// challengeTokens are what a challenge cannot do without: it is a form, and
// its pages post themselves by script.
var challengeTokens = []string{"allow-forms", "allow-scripts"}

func matchFrameSandbox(s *facts.Set) *match {
	for _, token := range challengeTokens {
		if lacksToken(s, token) {
			return found(s, Certain, facts.FrameSandbox, token)
		}
	}
	return nil
}

func lacksToken(s *facts.Set, token string) bool {
	_, known := s.List(facts.FrameSandbox)
	return s.Is(facts.FrameSandboxed, true) && known && !s.Has(facts.FrameSandbox, token)
}

// matchFrameSandboxOrigin: without an origin of their own the issuer's pages
// have no cookies, and their message says that it comes from "null".
func matchFrameSandboxOrigin(s *facts.Set) *match {
	if !lacksToken(s, "allow-same-origin") {
		return nil
	}
	m := found(s, Likely, facts.FrameSandbox, "allow-same-origin", facts.FrameNullOrigin)
	if s.Is(facts.FrameNullOrigin, true) {
		m.confidence = Certain
	}
	return m
}

func matchTwoChallenges(s *facts.Set) *match {
	if !s.AtLeast(facts.FrameCount, 2) || !unfinished(s) {
		return nil
	}
	return found(s, Likely, facts.FrameCount, 1.0)
}

// matchFrameRemoved: a page takes its frame out when the challenge is over, or
// its time, or when the user cancels. One that nobody has used yet is taken out
// by mistake.
func matchFrameRemoved(s *facts.Set) *match {
	unused := unfinished(s) && atMost(s, facts.FrameLoads, 1) && none(s, facts.FrameMessages)
	if !s.Is(facts.FrameRemoved, true) || !unused || s.Is(facts.ChallengeTimedOut, true) || decided(s) {
		return nil
	}
	return found(s, Likely, facts.FrameRemoved, false, facts.FrameLived)
}

// decided reports that the gateway has an outcome that is none to wait for.
func decided(s *facts.Set) bool {
	status, known := s.String(facts.TransStatus)
	return known && status != "C"
}

// windows are the sizes of the challenge windows in CSS pixels, by their codes.
// For 05, all of the screen, the least that any has.
var windows = []struct {
	code          string
	width, height int64
}{{"02", 390, 400}, {"03", 500, 600}, {"04", 600, 400}, {"", 250, 400}}

// matchFrameTooSmall: the issuer lays its page out for the window that it was
// told of. In less than half of that, either way, its buttons are out of reach.
func matchFrameTooSmall(s *facts.Set) *match {
	if !tooSmall(s) || !unfinished(s) {
		return nil
	}
	return &match{confidence: Likely, evidence: evidence(s, facts.FrameWidth, facts.FrameHeight, facts.WindowSize)}
}

func tooSmall(s *facts.Set) bool {
	if !s.Is(facts.FramePresent, true) || !s.AtLeast(facts.FrameLoads, 1) || !s.Is(facts.FrameHidden, false) || s.Is(facts.FrameCollapsed, true) {
		return false
	}
	for _, w := range windows {
		if w.code == "" || s.Equals(facts.WindowSize, w.code) {
			return atMost(s, facts.FrameWidth, w.width/2-1) || atMost(s, facts.FrameHeight, w.height/2-1)
		}
	}
	return false
}

func matchFrameCovered(s *facts.Set) *match {
	switch {
	case !unfinished(s) || !s.AtLeast(facts.FrameLoads, 1):
		return nil
	case s.Is(facts.FrameBehindDialog, true):
		return found(s, Likely, facts.FrameBehindDialog, false).as(variantDialog)
	case s.Is(facts.FrameCovered, true):
		return found(s, Likely, facts.FrameCovered, false).as(variantOverlay)
	}
	return nil
}

// matchMethodFatal: the 3DS Method came to nothing, and so did the payment:
// no issuer's page, no frame, no outcome. While a payment is merely watched they
// may be still to come.
func matchMethodFatal(s *facts.Set) *match {
	_, asked := s.String(facts.ACSOrigin)
	_, answered := s.String(facts.TransStatus)
	_, refused := s.String(facts.ErrorCode)
	_, declined := s.String(facts.DeclineCode)
	if !s.Equals(facts.MethodIndicator, "N") || !inTrouble(s) || asked || answered || refused || declined || s.Is(facts.FramePresent, true) {
		return nil
	}
	return found(s, Likely, facts.MethodIndicator, "Y")
}

func matchPagePermissions(s *facts.Set) *match {
	if !s.Has(facts.DeniedFeatures, passkeys) {
		return nil
	}
	return passkeyMatch(s, facts.DeniedFeatures)
}

func matchFramePermissions(s *facts.Set) *match {
	if !frameDeniesPasskeys(s) {
		return nil
	}
	return passkeyMatch(s, facts.FrameAllow)
}

func frameDeniesPasskeys(s *facts.Set) bool {
	_, known := s.List(facts.FrameAllow)
	return known && !s.Has(facts.FrameAllow, passkeys)
}

func passkeysDenied(s *facts.Set) bool {
	return s.Has(facts.DeniedFeatures, passkeys) || frameDeniesPasskeys(s)
}

// passkeyMatch: that passkeys cannot be used is certain. That this is why a
// challenge did not end is likely at most, and only where the user was at work
// in it.
func passkeyMatch(s *facts.Set, k facts.ListKey) *match {
	m := &match{confidence: Certain, evidence: evidence(s, k, facts.FrameFocused)}
	if unfinished(s) && s.Is(facts.FrameFocused, true) {
		m.confidence = Likely
	}
	return m
}
