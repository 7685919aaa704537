//go:build js && wasm

package observe

import (
	"context"
	"strings"
	"time"

	"checkoutdoctor/wasm/facts"
)

func environmentObserver() observer {
	return observer{
		name:  "environment",
		limit: time.Second,
		keys:  []facts.Declared{facts.Mode, facts.Engine, facts.SecureContext, facts.CrossIsolated, facts.UserActivation},
		run:   observeEnvironment,
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
	if agent, ok := text(b.window, "navigator", "userAgent"); ok {
		set.PutString(facts.Engine, engine(agent), from)
	}
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
