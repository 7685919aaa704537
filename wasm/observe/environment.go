//go:build js && wasm

package observe

import (
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

func environmentObserver() observer {
	return observer{
		name:  "environment",
		limit: time.Second,
		keys: []facts.Declared{
			facts.Mode, facts.Engine, facts.SecureContext, facts.CrossIsolated, facts.UserActivation, facts.InAppWebView,
			facts.Browser, facts.Platform, facts.Languages, facts.ModuleProblem, facts.IsolatedFrame,
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
	b.observeIsolation(set, from)
	set.PutString(facts.Engine, b.engine(), from)
	agent, _ := text(b.window, "navigator", "userAgent")
	set.PutBool(facts.InAppWebView, isInApp(agent), from)
	fingers, _ := number(b.window, "navigator", "maxTouchPoints")
	set.PutString(facts.Platform, platform(agent, fingers > 1), from)
	set.PutString(facts.Browser, browserName(agent, b.brands()), from)
	if languages := texts(b.window, "navigator", "languages"); languages != nil {
		set.PutList(facts.Languages, languages[:min(len(languages), mostLanguages)], from)
	} else {
		unknown(set, facts.ReasonUnsupported, from, facts.Languages)
	}
}

// observeIsolation tells whether the page is isolated from others, and whether
// the module runs in it at all.
func (b *browser) observeIsolation(set *facts.Set, from string) {
	if b.isolated != "" {
		set.PutString(facts.ModuleProblem, b.isolated, from)
		set.PutString(facts.IsolatedFrame, "ran", from)
		unknown(set, facts.ReasonOtherOrigin, from, facts.CrossIsolated)
		return
	}
	notApplicable(set, facts.ReasonNotConfigured, from, facts.ModuleProblem, facts.IsolatedFrame)
	if isolated, ok := boolean(b.window, "crossOriginIsolated"); ok {
		set.PutBool(facts.CrossIsolated, isolated, from)
	}
}

// mostLanguages bounds how many of the languages are noted: the most wanted tell
// where a browser is at home.
const mostLanguages = 8

// brands returns the names that a browser gives itself beside its user agent
// string, in which Brave and some others are called Chrome.
func (b *browser) brands() string {
	var names []string
	for _, brand := range items(b.window, "navigator", "userAgentData", "brands") {
		names = append(names, textOr(brand, "", "brand"))
	}
	if _, ok := at(b.window, "navigator", "brave"); ok {
		names = append(names, "Brave")
	}
	return strings.Join(names, " ")
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

// platform tells what a browser runs on. That of an iPad calls itself one of a
// Mac, which has no screen for fingers.
func platform(agent string, touch bool) string {
	has := func(word string) bool { return strings.Contains(agent, word) }
	switch {
	case has("Android"):
		return "android"
	case has("iPhone"), has("iPad"), has("Macintosh") && touch:
		return "ios"
	}
	return "desktop"
}

// browserNames are words by which browsers are told apart, each before those
// that its user agent string has as well. What is "other" has menus of its own.
var browserNames = [][2]string{
	{"Brave", "brave"}, {"SamsungBrowser", "samsung"}, {"Samsung Internet", "samsung"},
	{"Edg", "edge"}, // Edg/, EdgA/, EdgiOS/, and the brand Microsoft Edge
	{"OPR/", "other"}, {"Opera", "other"}, {"OPT/", "other"}, {"Vivaldi", "other"}, {"YaBrowser", "other"},
	{"DuckDuckGo", "other"}, {"Ddg/", "other"}, {"UCBrowser", "other"}, {"MiuiBrowser", "other"}, {"HuaweiBrowser", "other"},
	{"Firefox/", "firefox"}, {"FxiOS/", "firefox"}, {"CriOS/", "chrome"}, {"Chrome/", "chrome"},
}

// browserName names the browser. Safari is what has its version and Apple's
// system, and no name beside.
func browserName(agent, brands string) string {
	if isInApp(agent) {
		return "other"
	}
	for _, name := range browserNames {
		if strings.Contains(agent, name[0]) || strings.Contains(brands, name[0]) {
			return name[1]
		}
	}
	if strings.Contains(agent, "Mac OS X") && strings.Contains(agent, "Version/") && strings.Contains(agent, "Safari/") {
		return "safari"
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
