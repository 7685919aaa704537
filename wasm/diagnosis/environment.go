package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeInAppWebView Code = "environment.in-app-web-view"
	codeWasmRefused  Code = "environment.wasm-refused"
)

var environmentCauses = []Cause{
	{
		Code:        codeInAppWebView,
		Severity:    Degrading,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.InAppWebView},
		Fixes:       []FixCode{"open-in-browser", "use-another-browser"},
		Source:      "https://developer.android.com/develop/ui/views/layout/webapps/managing-webview",
		match:       matchInAppWebView,
		moot:        challengeCompleted,
	},
	{
		Code:        codeWasmRefused,
		Severity:    Notice,
		Confidences: []Confidence{Certain},
		Variants:    []string{"wasm-refused", "module-blocked", "module-changed"},
		Fixes:       []FixCode{"allow-diagnostic"},
		Source:      sourceWasmPolicy,
		match:       matchWasmRefused,
	},
}

// matchInAppWebView: the browser within an app may open no windows, keep no
// third-party cookies and know no passkeys. A challenge that went through
// there needed none of it.
func matchInAppWebView(s *facts.Set) *match {
	if !s.Is(facts.InAppWebView, true) {
		return nil
	}
	return found(s, Likely, facts.InAppWebView, false, facts.PopupResult, facts.HostPopupResult)
}

// matchWasmRefused: the page keeps the module out, which says nothing of the
// payment, and why a run beside the page saw less than it could.
func matchWasmRefused(s *facts.Set) *match {
	variants := map[string]string{
		"policy": "wasm-refused", "unsupported": "wasm-refused",
		"network": "module-blocked", "core": "module-blocked",
		"integrity": "module-changed", "version": "module-changed",
	}
	problem, _ := s.String(facts.ModuleProblem)
	variant, known := variants[problem]
	if !known {
		return nil
	}
	return (&match{confidence: Certain, evidence: evidence(s, facts.ModuleProblem, facts.IsolatedFrame)}).as(variant)
}
