package main

import (
	"maps"
	"slices"
)

// trial is one run: what goes wrong, and what the user does.
type trial struct {
	name       string   // of the file
	faults     []string // of the lab's
	extensions []string // that the browser has
	prefs      preferences
	user       manner
}

// manner is how the user meets the challenge.
type manner int

const (
	answers    manner = iota // as it asks for
	leavesOpen               // and asks the diagnostic meanwhile
	isAway                   // until the page gives the challenge up
)

var (
	// cookiesBlocked is the choice to block all cross-site cookies. By default
	// Firefox keeps them, apart for each page
	// (https://developer.mozilla.org/docs/Web/Privacy/Guides/State_Partitioning).
	cookiesBlocked = preferences{"network.cookie.cookieBehavior": 1}
	// noCookies is the choice to block cookies of every site, which takes its
	// storage too.
	noCookies = preferences{"network.cookie.cookieBehavior": 2}
	// private makes every window a private one.
	private = preferences{"browser.privatebrowsing.autostart": true}
	// plainFormsSent answers yes to the question whether a form of a secure page
	// may be sent over plain HTTP: no page sees it asked.
	plainFormsSent = preferences{"security.warn_submit_secure_to_insecure": false}
)

// blocking are the extensions that Firefox can load as well, each with the page
// on which it tells; none for the usual one.
var blocking = map[string]string{
	"block-acs":             "",
	"hide-frame":            "",
	"remove-frame":          "",
	"block-trackers":        "",
	"block-device-script":   "acs-device-script",
	"replace-device-script": "acs-device-script",
	"popup-null":            "",
	"popup-fake":            "",
	"popup-close":           "",
	"strip-cookies":         "",
	"hide-cookies":          "",
	"deny-storage":          "storage-used",
	"wipe-storage":          "storage-used",
	"harmless":              "",
}

// trials lists all of them: what a payment page sees of a challenge that works,
// and of each failure that the lab brings about and browsers show differently.
func trials() []trial {
	all := []trial{
		{name: "challenge"},
		{name: "challenge-left-open", user: leavesOpen},
		{name: "third-party-blocked", prefs: cookiesBlocked},
		{name: "third-party-blocked-acs-needs-cookie", prefs: cookiesBlocked, faults: []string{"acs-needs-cookie"}},
		{name: "cookies-blocked", prefs: noCookies},
		{name: "private-window", prefs: private},
		{name: "acs-mixed-content", prefs: plainFormsSent, faults: []string{"acs-mixed-content"}},
	}
	for _, fault := range []string{
		// what policies and headers forbid
		"acs-frame-options", "acs-frame-ancestors", "acs-resource-policy",
		"page-csp-frame-src", "page-csp-frame-src-redirect", "page-csp-form-action", "page-csp-form-action-redirect",
		"page-csp-script-src", "page-csp-strict", "page-trusted-types",
		"page-coep-require-corp", "page-coep-credentialless", "page-opener-policy",
		// what the way to the issuer, and the issuer, do
		"acs-dns", "acs-tls-expired", "acs-tls-wrong-name", "acs-tls-untrusted",
		"acs-redirect-loop", "acs-redirect-loop-canary", "acs-two-hops",
		"acs-hang", "acs-hang-in-body", "acs-no-content", "acs-download",
		"acs-http-404", "acs-http-500", "acs-http-500-canary", "acs-post-only",
		"acs-rejects-request", "creq-twice", "acs-never-returned", "acs-needs-cookie", "acs-needs-script-cookie",
		// what the page does with the frame
		"frame-sandbox-no-forms", "frame-sandbox-no-scripts", "frame-sandbox-no-same-origin", "frame-in-dialog",
		// what becomes of the challenge's end
		"notification-silent", "notification-error", "notification-merchant", "notification-frame-options",
		"notification-session-lost", "notification-swallowed", "message-wrong-origin",
	} {
		all = append(all, trial{name: fault, faults: []string{fault}})
	}
	for _, fault := range []string{
		// windows
		"popup-too-late", "popup-second",
		// cookies and storage
		"header-too-large", "cookie-duplicate", "clock-behind", "storage-used",
		// old builds
		"stale-worker", "stale-script", "stale-storage", "stale-integrity", "missing-chunk", "build-mismatch",
		// other pages
		"page-types-strict",
	} {
		all = append(all, trial{name: fault, faults: []string{fault}})
	}
	for _, extension := range slices.Sorted(maps.Keys(blocking)) {
		t := trial{name: "extension-" + extension, extensions: []string{extension}}
		if fault := blocking[extension]; fault != "" {
			t.faults = []string{fault}
		}
		all = append(all, t)
	}
	// Nobody gets to these frames with a mouse, but the one that drives them would.
	for _, fault := range []string{"frame-covered", "frame-behind-dialog", "frame-too-small", "frame-removed", "two-challenges"} {
		all = append(all, trial{name: fault, faults: []string{fault}, user: isAway})
	}
	return all
}
