// Package fault causes failures on purpose, in the network and on the
// browser's side. Faults of the checkout's servers are in probe/lab.
//
// A network fault is a rule for the hosts of some [Role], a slow line before
// every host, or another way out, in a forward [Proxy] that one scenario's
// context has to itself: it reaches the requests of frames and pop-ups, and
// looks the same to every browser. A browser fault is a real extension, the
// browser's network switched off, once or again and again, no room for storage,
// another user agent, or a user who treats the issuer's challenge in a way of
// their own.
//
// A fault names the cause that the diagnosis must give for it; a harmless
// variant names none.
package fault

import (
	"net/netip"
	"slices"
	"time"

	"checkoutdoctor/wasm/diagnosis"
)

// Kind says where a fault is.
type Kind string

// The kinds of fault.
const (
	Network Kind = "network" // on the way to some hosts, or to every host
	Browser Kind = "browser" // in the user's browser
)

// Role says which hosts the rule of a network fault is for.
type Role string

// The roles.
const (
	AtIssuer      Role = ""             // the issuer's
	AtProvider    Role = "provider"     // all of the payment provider's
	AtOneProvider Role = "one-provider" // the provider's second one alone
	AtHelper      Role = "helper"       // the diagnostic's second site
	AtDiagnostic  Role = "diagnostic"   // the diagnostic's own
	AtOurs        Role = "ours"         // both
	AtAll         Role = "all"          // every host there is
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

	Role      Role       // for Network: whose hosts the rule is for
	Rule      Rule       // for Network: what the proxy does with them
	Line      Line       // for Network: what lies before every host
	SOCKS     bool       // for Network: the proxy speaks SOCKS5, and not HTTP
	Egress    netip.Addr // for Network: the loopback address that all servers see; the zero Addr is the usual one
	Later     bool       // for Network: begins when the diagnostic is loaded, before paying
	Extension string     // for Browser: the extension to load, see [Extensions]; empty for none
	Quota     bool       // for Browser: the payment page's origin has next to no room for storage
	Offline   bool       // for Browser: the page's network is switched off before paying
	Flaps     bool       // for Browser: the page's network goes away and comes back while the diagnostic runs
	UserAgent string     // for Browser: what it calls itself; empty for its own
	User      User       // for Browser: what its user does with the challenge; empty: answers at once
}

// The addresses of networks of which the lab knows what they are.
var (
	vpnExit     = netip.AddrFrom4([4]byte{127, 71, 0, 1})
	hostingExit = netip.AddrFrom4([4]byte{127, 71, 0, 2})
	relayExit   = netip.AddrFrom4([4]byte{127, 71, 0, 3})
	mobileExit  = netip.AddrFrom4([4]byte{127, 71, 0, 4})
	abroadExit  = netip.AddrFrom4([4]byte{127, 71, 0, 5})
	officeExit  = netip.AddrFrom4([4]byte{127, 71, 1, 1})
)

// A burst is what comes without a pause. Small exchanges are bursts of a few KiB,
// however many connections of a page share: those that are large are several
// times as large as these, whichever way they go.
const (
	burstPause   = 250 * time.Millisecond
	answerBurst  = 32 << 10 // bytes
	requestBurst = 16 << 10 // bytes
)

// Everywhere reports whether the fault shows on pages that open no checkout too:
// that of a link needs neither issuer nor payment provider.
func (f Fault) Everywhere() bool {
	ruled := f.Rule.Action != Pass || f.Rule.Delay > 0
	return f.Kind == Network && (!ruled || !slices.Contains([]Role{AtIssuer, AtProvider, AtOneProvider}, f.Role))
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
			Code: "slow-2g", Kind: Network, Title: "The network becomes as slow as 2G",
			Gives: "network.slow", Later: true,
			Line: Line{Latency: 150 * time.Millisecond, Bandwidth: 8_000}, // 300 ms a turn, 64 kbit/s
		},
		{
			Code: "forward-proxy", Kind: Network, Title: "A forward proxy passes on all there is",
		},
		{
			Code: "socks-proxy", Kind: Network, Title: "A SOCKS proxy passes on all there is",
			SOCKS: true,
		},
		{
			Code: "corporate-proxy", Kind: Network, Title: "A company's proxy passes all on from the company's own address",
			Egress: officeExit,
		},
		{
			Code: "far-proxy", Kind: Network, Title: "A proxy far away from the browser, and close to the servers, passes all on",
			Gives: "network.proxy", Line: Line{Latency: 80 * time.Millisecond},
		},
		{
			Code: "far-company-proxy", Kind: Network, Title: "A company's proxy far away passes all on from the company's own address",
			Egress: officeExit, Line: Line{Latency: 80 * time.Millisecond},
		},
		{
			Code: "inspecting-proxy", Kind: Network, Title: "A company's proxy that the browser trusts reads all there is",
			Gives: "network.tls-replaced", Role: AtAll, Rule: Rule{Action: Inspect},
		},
		{
			Code: "inspecting-proxy-no-sockets", Kind: Network, Title: "A company's proxy that the browser trusts reads all there is, and refuses WebSockets",
			Gives: "network.tls-replaced", Role: AtAll, Rule: Rule{Action: Inspect, NoSockets: true},
		},
		{
			Code: "exit-vpn", Kind: Network, Title: "All goes out by a VPN provider's network abroad",
			Gives: "vpn.likely", Egress: vpnExit,
		},
		{
			Code: "exit-hosting", Kind: Network, Title: "All goes out by a data centre abroad",
			Gives: "vpn.likely", Egress: hostingExit,
		},
		{
			Code: "exit-socks", Kind: Network, Title: "All goes out by a SOCKS proxy in a data centre abroad",
			Gives: "vpn.likely", SOCKS: true, Egress: hostingExit,
		},
		{
			Code: "exit-relay", Kind: Network, Title: "All goes out by a relay in the same country",
			Gives: "vpn.relay", Egress: relayExit,
		},
		{
			Code: "exit-mobile", Kind: Network, Title: "All goes out by a mobile network in the same country",
			Egress: mobileExit,
		},
		{
			Code: "exit-abroad", Kind: Network, Title: "All goes out by an ordinary network abroad",
			Gives: "vpn.likely", Egress: abroadExit,
		},
		{
			Code: "ours-refused", Kind: Network, Title: "The connections to all of the diagnostic's own hosts are refused",
			Gives: "self.vantage-unreachable", Role: AtOurs, Later: true, Rule: Rule{Action: Refuse},
		},
		{
			Code: "provider-refused", Kind: Network, Title: "The connections to the payment provider are refused",
			Gives: "network.provider-unreachable", Role: AtProvider, Rule: Rule{Action: Refuse},
		},
		{
			Code: "provider-hang", Kind: Network, Title: "The payment provider's hosts never answer",
			Gives: "network.provider-unreachable", Role: AtProvider, Rule: Rule{Action: Hang},
		},
		{
			Code: "provider-one-host", Kind: Network, Title: "The name of one of the payment provider's hosts cannot be looked up",
			Gives: "network.dns", Role: AtOneProvider, Rule: Rule{Action: NoHost}, SOCKS: true,
		},
		{
			Code: "dns-changed", Kind: Network, Title: "The name of one of the payment provider's hosts leads to somebody else's server",
			Gives: "network.dns", Role: AtOneProvider, Rule: Rule{Action: Elsewhere},
		},
		{
			Code: "flapping", Kind: Network, Title: "Connections break again and again, and come back",
			Gives: "network.flapping", Role: AtAll, Rule: Rule{Action: Flap, Turns: 4}, Later: true,
		},
		{
			Code: "stall-large-answers", Kind: Network, Title: "Large answers stop coming on their way",
			Gives: "network.large-transfers-stall", Role: AtAll, Later: true,
			Rule: Rule{Action: Stall, Bytes: answerBurst, Pause: burstPause},
		},
		{
			Code: "stall-large-requests", Kind: Network, Title: "Large requests never arrive",
			Gives: "network.large-transfers-stall", Role: AtAll, Later: true,
			Rule: Rule{Action: Stall, Bytes: requestBurst, Pause: burstPause, Up: true},
		},
		{
			Code: "cut-large", Kind: Network, Title: "Connections are closed in the middle of large answers",
			Gives: "network.large-transfers-stall", Role: AtAll, Later: true,
			Rule: Rule{Action: Cut, Bytes: answerBurst, Pause: burstPause, Linger: burstPause},
		},
		{
			Code: "portal", Kind: Network, Title: "The network has one sign in first, under certificates that the browser trusts",
			Gives: "network.captive-portal", Role: AtAll, Later: true, Rule: Rule{Action: Portal},
		},
		{
			Code: "portal-untrusted", Kind: Network, Title: "The network has one sign in first, under certificates that nobody trusts",
			Gives: "network.captive-portal", Role: AtAll, Later: true, Rule: Rule{Action: Portal, Untrusted: true},
		},
		{
			Code: "offline", Kind: Browser, Title: "The browser is offline",
			Gives: "network.offline", Offline: true,
		},
		{
			Code: "offline-flaps", Kind: Browser, Title: "The browser goes offline and online again while the diagnostic runs",
			Gives: "network.flapping", Flaps: true,
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
