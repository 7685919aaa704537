//go:build js && wasm

package observe

import (
	"context"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/facts"
)

func environmentObserver() observer {
	return observer{
		name:  "environment",
		limit: time.Second,
		keys: []facts.Declared{
			facts.Mode, facts.Engine, facts.SecureContext, facts.CrossIsolated, facts.UserActivation, facts.InAppWebView,
		},
		run: observeEnvironment,
	}
}

func observeEnvironment(_ context.Context, b *browser, set *facts.Set) {
	const from = "environment"
	set.PutString(facts.Mode, b.Mode, from)
	set.PutBool(facts.UserActivation, b.Gesture, from)
	if secure, ok := boolean(b.window, "isSecureContext"); ok {
		set.PutBool(facts.SecureContext, secure, from)
	}
	if isolated, ok := boolean(b.window, "crossOriginIsolated"); ok {
		set.PutBool(facts.CrossIsolated, isolated, from)
	}
	set.PutString(facts.Engine, b.engine(), from)
	agent, _ := text(b.window, "navigator", "userAgent")
	set.PutBool(facts.InAppWebView, isInApp(agent), from)
}

// engine names the browser's engine; it is "other" where the browser does not
// say.
func (b *browser) engine() string {
	agent, _ := text(b.window, "navigator", "userAgent")
	return engine(agent)
}

// Now returns the time of the page's clock as RFC 3339 in UTC; "" where the
// page has no clock.
func Now() string {
	constructor, _ := at(safejs.Global(), "Date")
	date, err := constructor.New()
	if err != nil {
		return ""
	}
	now, _ := Call(date, "toISOString")
	s, _ := text(now)
	return s
}

// engine reads the engine from a user agent string. Every browser on iOS is
// WebKit, whatever it calls itself.
func engine(agent string) string {
	has := func(word string) bool { return strings.Contains(agent, word) }
	switch {
	case has("iPhone") || has("iPad"):
		return "webkit"
	case has("Chrome/") || has("Chromium/"):
		return "chromium"
	case has("Firefox/"):
		return "firefox"
	case has("AppleWebKit/"):
		return "webkit"
	}
	return "other"
}

// isInApp reports whether a user agent string is that of a browser within an
// app: by the names that apps add to it, or as Android's web view says.
func isInApp(agent string) bool {
	for word := range strings.FieldsSeq("FBAN/ FBAV/ Instagram Line/ MicroMessenger/ BytedanceWebview musical_ly TikTok Twitter Snapchat Pinterest") {
		if strings.Contains(agent, word) {
			return true
		}
	}
	return strings.Contains(agent, "; wv)")
}
