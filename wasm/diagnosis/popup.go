package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codePopupBlocked     Code = "popup.blocked"
	codePopupSandboxed   Code = "popup.sandboxed"
	codePopupOverridden  Code = "popup.overridden"
	codePopupClosedEarly Code = "popup.closed-at-once"
)

// The words for why a window was refused.
const (
	oneOfNoActivation = "no-activation"
	oneOfRefused      = "refused-in-gesture"
)

// The words for why a window counts as closed.
const (
	oneOfClosed       = "closed-by-extension"
	oneOfOpenerPolicy = "opener-policy"
)

// variantSecond is a window that was asked for in the same gesture as another.
const variantSecond = "second-window"

const sourcePopups = "https://github.com/whatwg/html/issues/10751"

var popupCauses = []Cause{
	{
		Code:        codePopupOverridden,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.PopupResult, facts.PopupSandboxed},
		Fixes:       []FixCode{"disable-blocker", "use-private-window", "use-another-browser"},
		Source:      sourcePopups,
		match:       matchPopupOverridden,
	},
	{
		Code:        codePopupSandboxed,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.HostPopupResult, facts.PopupSandboxed},
		Fixes:       []FixCode{"open-page-itself", "ask-support", "allow-popups-in-frame"},
		Source:      sourceHTML + "iframe-embed-object.html#attr-iframe-sandbox-allow-popups",
		match:       matchPopupSandboxed,
	},
	{
		Code:        codePopupBlocked,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		OneOf:       []string{oneOfNoActivation, oneOfRefused},
		Variants:    []string{variantSecond},
		Needs:       []facts.Declared{facts.PopupResult},
		DependsOn:   []Code{codePopupOverridden, codePopupSandboxed},
		Fixes:       []FixCode{"allow-popups", "try-again", "use-another-browser", "open-in-click"},
		Source:      sourcePopups,
		match:       matchPopupBlocked,
	},
	{
		Code:        codePopupClosedEarly,
		Severity:    Blocking,
		Confidences: []Confidence{Likely, Possible},
		OneOf:       []string{oneOfClosed, oneOfOpenerPolicy},
		Needs:       []facts.Declared{facts.PopupResult},
		DependsOn:   []Code{codePopupOverridden},
		Fixes:       []FixCode{"disable-blocker", "allow-popups", "use-another-browser"},
		Source:      sourcePopups,
		match:       matchPopupClosedEarly,
	},
}

// matchPopupOverridden: the browser's own window.open spends the click's
// activation even when it opens nothing. A function that gives no real window
// and leaves the activation is somebody else's; one that spends it has called
// the browser's own, as a monitoring script's does. In a sandboxed frame the
// browser's own leaves it too.
func matchPopupOverridden(s *facts.Set) *match {
	foreign := s.Is(facts.PopupNative, false) && !s.Is(facts.PopupActivationSpent, true)
	unspent := s.Is(facts.PopupActivationBefore, true) && s.Is(facts.PopupActivationSpent, false)
	noWindow := s.Equals(facts.PopupResult, "null", "threw")
	fakeWindow := s.Equals(facts.PopupResult, "window") && s.Is(facts.PopupHello, false) && foreign
	if !s.Is(facts.PopupSandboxed, false) || withinApp(s) || !(noWindow && unspent || noWindow && foreign || fakeWindow) {
		return nil
	}
	m := &match{confidence: Likely, evidence: evidence(s,
		facts.PopupResult, facts.PopupActivationBefore, facts.PopupActivationSpent, facts.PopupNative, facts.PopupHello)}
	if foreign && unspent {
		m.confidence = Certain
	}
	return m
}

// matchPopupSandboxed: a frame whose sandbox lacks allow-popups gets no window,
// and no blocker is needed for that.
func matchPopupSandboxed(s *facts.Set) *match {
	if !s.Equals(facts.HostPopupResult, "null") || !s.Is(facts.PopupSandboxed, true) {
		return nil
	}
	return found(s, Certain, facts.PopupSandboxed, false, facts.HostPopupResult)
}

// withinApp reports that this is a browser within an app: those open no windows,
// and no blocker is needed for that.
func withinApp(s *facts.Set) bool { return s.Is(facts.InAppWebView, true) }

// matchPopupBlocked looks first at the window that the payment itself needed,
// then at the one that our own check asked for in the click.
func matchPopupBlocked(s *facts.Set) *match {
	switch {
	case withinApp(s):
		return nil
	case s.Equals(facts.HostPopupResult, "null") && s.Is(facts.HostPopupSecond, true):
		return found(s, Certain, facts.HostPopupResult, "window", facts.HostPopupSecond, facts.HostPopupActivation).as(variantSecond)
	case s.Equals(facts.HostPopupResult, "null") && s.Is(facts.HostPopupActivation, false):
		return &match{confidence: Certain, oneOf: []string{oneOfNoActivation},
			evidence: []Evidence{unlike(s, facts.HostPopupResult, "window"), unlike(s, facts.HostPopupActivation, true)}}
	case s.Equals(facts.HostPopupResult, "null"):
		return &match{confidence: Likely, oneOf: []string{oneOfRefused},
			evidence: []Evidence{unlike(s, facts.HostPopupResult, "window")}}
	case s.Equals(facts.PopupResult, "null") && s.Is(facts.PopupActivationBefore, true) &&
		s.Is(facts.PopupActivationSpent, true) && !s.Is(facts.PopupSandboxed, true):
		return &match{confidence: Likely, oneOf: []string{oneOfRefused},
			evidence: append([]Evidence{unlike(s, facts.PopupResult, "window")}, evidence(s, facts.PopupActivationSpent)...)}
	}
	return nil
}

// matchPopupClosedEarly: a window that was heard of and is gone was closed. One
// that was never heard of may be open: where the page's opener policy cuts the
// two apart (https://html.spec.whatwg.org/multipage/browsers.html#cross-origin-opener-policies),
// an isolated page's always does, it counts as closed at once.
func matchPopupClosedEarly(s *facts.Set) *match {
	if !s.Equals(facts.PopupResult, "window") || !s.Is(facts.PopupClosedEarly, true) {
		return nil
	}
	m := &match{confidence: Likely, evidence: []Evidence{unlike(s, facts.PopupClosedEarly, false)}}
	if s.Is(facts.PopupHello, true) {
		return m
	}
	if s.Is(facts.CrossIsolated, true) || cutsOff(s) {
		return nil
	}
	m.confidence, m.oneOf = Possible, []string{oneOfClosed, oneOfOpenerPolicy}
	m.evidence = append(m.evidence, unlike(s, facts.PopupHello, true))
	return m
}
