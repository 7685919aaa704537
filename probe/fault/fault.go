// Package fault causes failures on purpose, in the network and on the
// browser's side. Faults of the checkout's servers are in probe/lab.
//
// A network fault is a rule for the issuer's host in a forward [Proxy] that one
// scenario's context has to itself: it reaches the requests of frames and
// pop-ups, and looks the same to every browser. A browser fault is a real
// extension, or the browser's network switched off.
//
// A fault names the cause that the diagnosis must give for it.
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
	Network Kind = "network" // on the way to the issuer's host
	Browser Kind = "browser" // in the user's browser
)

// Fault is a failure that can be caused.
type Fault struct {
	Code  string // stable: scenarios name it
	Title string // what is wrong, for people
	Kind  Kind
	Gives diagnosis.Code // the cause that the diagnosis must give; empty: none, the payment works

	Rule      Rule   // for Network: what the proxy does with the issuer's host
	Extension string // for Browser: the extension to load, see [Extensions]; empty for none
	Offline   bool   // for Browser: the page's network is switched off before paying
}

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
			Code: "acs-delay", Kind: Network, Title: "The issuer answers slowly, but answers",
			Rule: Rule{Delay: time.Second},
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
			Code: "extension-block-acs", Kind: Browser, Title: "An extension blocks the issuer's host",
			Gives: "blocker.frame-blocked", Extension: "block-acs",
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
