package diagnosis

import "checkoutdoctor/wasm/facts"

const codeInAppWebView Code = "environment.in-app-web-view"

var environmentCauses = []Cause{{
	Code:        codeInAppWebView,
	Severity:    Degrading,
	Confidences: []Confidence{Likely},
	Needs:       []facts.Declared{facts.InAppWebView},
	Fixes:       []FixCode{"open-in-browser", "use-another-browser"},
	Source:      "https://developer.android.com/develop/ui/views/layout/webapps/managing-webview",
	match:       matchInAppWebView,
	moot:        challengeCompleted,
}}

// matchInAppWebView: the browser within an app may open no windows, keep no
// third-party cookies and know no passkeys. A challenge that went through
// there needed none of it.
func matchInAppWebView(s *facts.Set) *match {
	if !s.Is(facts.InAppWebView, true) {
		return nil
	}
	return found(s, Likely, facts.InAppWebView, false, facts.PopupResult, facts.HostPopupResult)
}
