// Package fault causes failures on purpose, in the network and on the
// browser's side. Faults of the checkout's servers are in probe/lab.
//
// A network fault is a rule for the issuer's host, or a slow line before every
// host, in a forward [Proxy] that one scenario's context has to itself: it
// reaches the requests of frames and pop-ups, and looks the same to every
// browser. A browser fault is a real extension, the browser's network switched
// off, no room for storage, another user agent, or a user who treats the
// issuer's challenge in a way of their own.
//
// A fault names the cause that the diagnosis must give for it; a harmless
// variant names none.
package fault

import (
	"slices"
	"time"

	"checkoutdoctor/wasm/diagnosis"
)

// Kind says where a fault is.
type Kind string

// The kinds of fault.
const (
	Network Kind = "network" // on the way to the issuer's host, or to every host
	Browser Kind = "browser" // in the user's browser
)

// User is how the user treats the issuer's challenge.
type User string

// What users do with a challenge that is not answered at once.
const (
	Away     User = "away"      // never answers
	Clicks   User = "clicks"    // answers with mouse and keys alone
	LeftOpen User = "left-open" // asks the diagnostic before answering
)

// Fault is a failure that can be caused, or a harmless variant.
type Fault struct {
	Code  string // stable: scenarios name it
	Title string // what is wrong, for people
	Kind  Kind
	Gives diagnosis.Code // the cause that the diagnosis must give; empty: none, the payment works

	Rule      Rule   // for Network: what the proxy does with the issuer's host
	Line      Line   // for Network: what lies before every host
	Extension string // for Browser: the extension to load, see [Extensions]; empty for none
	Quota     bool   // for Browser: the payment page's origin has next to no room for storage
	Offline   bool   // for Browser: the page's network is switched off before paying
	UserAgent string // for Browser: what it calls itself; empty for its own
	User      User   // for Browser: what its user does with the challenge; empty: answers at once
}

// inApp is the user agent of a social network's app on Android: that of the
// system's web view, which says "wv", with the app's own mark behind it.
const inApp = "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) " +
	"Version/4.0 Chrome/132.0.6834.163 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/497.0.0.46.107;]"

// All lists every fault, network before browser.
func All() []Fault {
	return []Fault{
		{
			Code: "acs-refused", Kind: Network, Title: "The connection to the issuer is refused",
			Gives: "threeds.acs-unreachable", Rule: Rule{Action: Refuse},
		},
		{
			Code: "acs-reset", Kind: Network, Title: "The connection to the issuer is reset",
			Gives: "threeds.acs-unreachable", Rule: Rule{Action: Reset},
		},
		{
			Code: "acs-tls-replaced", Kind: Network, Title: "A proxy on the way replaces the issuer's certificate by one of its own",
			Gives: "threeds.acs-unreachable", Rule: Rule{Action: Impersonate},
		},
		{
			Code: "acs-delay", Kind: Network, Title: "The issuer answers slowly, but answers",
			Rule: Rule{Delay: time.Second},
		},
		{
			Code: "slow-3g", Kind: Network, Title: "The network is as slow as 3G",
			Line: Line{Latency: 200 * time.Millisecond, Bandwidth: 50_000}, // 400 ms a turn, 400 kbit/s
		},
		{
			Code: "offline", Kind: Browser, Title: "The browser is offline",
			Gives: "network.offline", Offline: true,
		},
		{
			Code: "extension-popup-null", Kind: Browser, Title: "An extension answers for window.open",
			Gives: "popup.overridden", Extension: "popup-null",
		},
		{
			Code: "extension-popup-close", Kind: Browser, Title: "An extension closes every window at once",
			Gives: "popup.closed-at-once", Extension: "popup-close",
		},
		{
			Code: "extension-popup-fake", Kind: Browser, Title: "An extension answers for window.open with a window that is none",
			Gives: "popup.overridden", Extension: "popup-fake",
		},
		{
			Code: "extension-block-acs", Kind: Browser, Title: "An extension blocks the issuer's host",
			Gives: "blocker.frame-blocked", Extension: "block-acs",
		},
		{
			Code: "extension-block-device-script", Kind: Browser, Title: "An extension blocks scripts that recognise devices, the issuer's too",
			Gives: "blocker.acs-script", Extension: "block-device-script",
		},
		{
			Code: "extension-hide-frame", Kind: Browser, Title: "An extension hides the challenge frame with a style sheet",
			Gives: "blocker.frame-hidden", Extension: "hide-frame",
		},
		{
			Code: "extension-remove-frame", Kind: Browser, Title: "An extension takes the challenge frame out of the page",
			Gives: "blocker.frame-removed", Extension: "remove-frame",
		},
		{
			Code: "extension-replace-device-script", Kind: Browser, Title: "An extension answers in place of scripts that recognise devices",
			Gives: "blocker.acs-script", Extension: "replace-device-script",
		},
		{
			Code: "extension-block-trackers", Kind: Browser, Title: "An extension blocks what looks like advertising, and nothing that a payment needs",
			Gives: "blocker.content-blocker", Extension: "block-trackers",
		},
		{
			Code: "extension-block-anti-fraud", Kind: Browser, Title: "An extension blocks the hosts of anti-fraud services",
			Gives: "blocker.anti-fraud", Extension: "block-anti-fraud",
		},
		{
			Code: "extension-strip-cookies", Kind: Browser, Title: "An extension takes the cookies out of requests to other sites",
			Gives: "cookie.header-stripped", Extension: "strip-cookies",
		},
		{
			Code: "extension-hide-cookies", Kind: Browser, Title: "An extension hides cookies from the scripts of other sites' frames",
			Gives: "cookie.script-hidden", Extension: "hide-cookies",
		},
		{
			Code: "extension-deny-storage", Kind: Browser, Title: "An extension makes every kind of storage throw",
			Gives: "storage.refused", Extension: "deny-storage",
		},
		{
			Code: "extension-wipe-storage", Kind: Browser, Title: "An extension empties a site's storage whenever a page of it is loaded",
			Gives: "storage.not-kept", Extension: "wipe-storage",
		},
		{
			Code: "storage-quota", Kind: Browser, Title: "The browser grants the site no room to store anything",
			Gives: "storage.full", Quota: true,
		},
		{
			Code: "extension-harmless", Kind: Browser, Title: "An extension does nothing to payments",
			Extension: "harmless",
		},
		{
			Code: "in-app-web-view", Kind: Browser, Title: "The browser is one within an app",
			Gives: "environment.in-app-web-view", UserAgent: inApp,
		},
		{
			Code: "user-away", Kind: Browser, Title: "Nobody answers the challenge",
			Gives: "threeds.challenge-timeout", User: Away,
		},
		{
			Code: "user-clicks", Kind: Browser, Title: "The user answers the challenge with mouse and keys alone",
			User: Clicks,
		},
		{
			Code: "challenge-left-open", Kind: Browser, Title: "The user asks the diagnostic while the challenge is open",
			User: LeftOpen,
		},
	}
}

// Lookup returns the fault of the kind with the code.
func Lookup(kind Kind, code string) (Fault, bool) {
	all := All()
	i := slices.IndexFunc(all, func(f Fault) bool { return f.Kind == kind && f.Code == code })
	if i < 0 {
		return Fault{}, false
	}
	return all[i], true
}
