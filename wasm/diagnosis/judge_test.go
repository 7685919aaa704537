package diagnosis_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// healthy is what a run sees in a browser in which a challenge was completed.
func healthy() *facts.Set {
	var s facts.Set
	const from = "test"
	s.PutString(facts.Mode, "embed", from)
	s.PutString(facts.Engine, "chromium", from)
	s.PutString(facts.PopupResult, "window", from)
	s.PutBool(facts.PopupActivationBefore, true, from)
	s.PutBool(facts.PopupActivationSpent, true, from)
	s.PutBool(facts.PopupNative, true, from)
	s.PutBool(facts.PopupHello, true, from)
	s.PutBool(facts.PopupClosedEarly, false, from)
	s.PutBool(facts.PopupSandboxed, false, from)
	s.PutNotApplicable(facts.HostPopupResult, facts.ReasonNotConfigured, from)
	s.PutNotApplicable(facts.HostPopupActivation, facts.ReasonNotConfigured, from)
	s.PutNotApplicable(facts.HostPopupSecond, facts.ReasonNotConfigured, from)
	s.PutBool(facts.CookieEnabled, true, from)
	s.PutBool(facts.CookieKept, true, from)
	s.PutInt(facts.CookieCount, 4, from)
	s.PutInt(facts.CookieBytes, 160, from)
	s.PutInt(facts.CookieDuplicates, 0, from)
	s.PutBool(facts.CookieDated, true, from)
	s.PutInt(facts.HeaderLimit, 8192, from)
	s.PutString(facts.SessionAnswer, "answered", from)
	s.PutString(facts.BareAnswer, "refused", from)
	s.PutString(facts.SessionAtLoad, "present", from)
	s.PutString(facts.LocalStorage, "kept", from)
	s.PutString(facts.SessionStorage, "kept", from)
	s.PutString(facts.IndexedDB, "kept", from)
	s.PutString(facts.CacheAPI, "kept", from)
	s.PutList(facts.StorageLostOnLoad, nil, from)
	s.PutString(facts.HelperReached, "answered", from)
	s.PutBool(facts.ThirdPartyHeader, true, from)
	s.PutBool(facts.ThirdPartyScript, true, from)
	s.PutBool(facts.PartitionedHeader, true, from)
	s.PutBool(facts.StorageAccess, true, from)
	s.PutBool(facts.WorkerControls, false, from)
	s.PutNotApplicable(facts.WorkerStale, facts.ReasonNotConfigured, from)
	s.PutBool(facts.ScriptStale, false, from)
	s.PutInt(facts.AssetsChecked, 1, from)
	s.PutString(facts.PageFrom, "network", from)
	s.PutBool(facts.BuildDiffers, false, from)
	s.PutBool(facts.WorkerWaiting, false, from)
	s.PutBool(facts.StorageStale, false, from)
	s.PutBool(facts.ChunkMissing, false, from)
	s.PutString(facts.Integrity, "passed", from)
	s.PutBool(facts.Online, true, from)
	s.PutString(facts.ControlReached, "answered", from)
	s.PutString(facts.VantageReached, "answered", from)
	s.PutString(facts.AddressCountry, "SE", from)
	s.PutString(facts.TimeZone, "Europe/Stockholm", from)
	s.PutList(facts.TimeZoneCountries, []string{"SE"}, from)
	s.PutString(facts.ControlSocket, "answered", from)
	s.PutString(facts.HelperSocket, "answered", from)
	s.PutNotApplicable(facts.PageOrigin, facts.ReasonNotKnown, from)
	s.PutString(facts.ProviderReached, "answered", from)
	s.PutNotApplicable(facts.ProviderOrigin, facts.ReasonNotKnown, from)
	s.PutNotApplicable(facts.ProviderSibling, facts.ReasonNotKnown, from)
	s.PutInt(facts.OfflineEvents, 0, from)
	s.PutInt(facts.RequestsLost, 0, from)
	s.PutInt(facts.RoundTrip, 31, from)
	s.PutString(facts.Download, "passed", from)
	s.PutString(facts.Upload, "passed", from)
	s.PutInt(facts.Throughput, 24_000, from)
	s.PutString(facts.AddressKind, "other", from)
	s.PutString(facts.AddressFamily, "4", from)
	s.PutInt(facts.SegmentSize, 1460, from)
	s.PutInt(facts.PathMTU, 1500, from)
	s.PutInt(facts.TCPRoundTrip, 28, from)
	s.PutString(facts.HTTPVersion, "2", from)
	s.PutList(facts.ProxyHeaders, nil, from)
	s.PutString(facts.TLSBy, "own", from)
	s.PutInt(facts.ClockSkew, 0, from)
	s.PutString(facts.Candidates, "same", from)
	s.PutList(facts.Languages, []string{"sv-SE", "sv", "en-US", "en"}, from)
	s.PutBool(facts.FramePresent, true, from)
	s.PutInt(facts.FrameLoads, 2, from)
	s.PutString(facts.FrameAccess, "cross-origin", from)
	s.PutBool(facts.FrameSandboxed, false, from)
	s.PutNotApplicable(facts.FrameSandbox, facts.ReasonNotConfigured, from)
	s.PutBool(facts.FrameCollapsed, false, from)
	s.PutInt(facts.FrameChildren, 0, from)
	s.PutInt(facts.FrameMessages, 1, from)
	s.PutBool(facts.FrameCompleted, true, from)
	s.PutBool(facts.FrameFocused, false, from)
	s.PutBool(facts.ViolationFrameSrc, false, from)
	s.PutBool(facts.ViolationFormAction, false, from)
	s.PutBool(facts.ReportAncestors, false, from)
	s.PutString(facts.ACSOrigin, "https://acs.issuer.test", from)
	s.PutString(facts.ACSFetch, "answered", from)
	s.PutString(facts.ACSObject, "loaded", from)
	s.PutString(facts.ACSPrefetch, "loaded", from)
	s.PutString(facts.MethodIndicator, "Y", from)
	s.PutBool(facts.SecureContext, true, from)
	s.PutBool(facts.FrameWrapped, false, from)
	s.PutBool(facts.CrossIsolated, false, from)
	s.PutBool(facts.InAppWebView, false, from)
	s.PutString(facts.ScriptBait, "passed", from)
	s.PutList(facts.Baits, nil, from)
	s.PutString(facts.AntiFraud, "loaded", from)
	s.PutString(facts.AntiFraudOrigin, "https://h.online-metrix.net", from)
	s.PutNotApplicable(facts.Decoy, facts.ReasonNotConfigured, from)
	s.PutString(facts.PageReferrer, "same-origin", from)
	s.PutNotApplicable(facts.OpenerPolicy, facts.ReasonNotConfigured, from)
	s.PutList(facts.DeniedFeatures, nil, from)
	s.PutInt(facts.FrameWidth, 390, from)
	s.PutInt(facts.FrameHeight, 400, from)
	s.PutString(facts.WindowSize, "02", from)
	s.PutBool(facts.FrameHidden, false, from)
	s.PutInt(facts.FrameCount, 1, from)
	s.PutBool(facts.FrameRemoved, false, from)
	s.PutInt(facts.FrameLived, 8000, from)
	s.PutBool(facts.FrameCovered, false, from)
	s.PutBool(facts.FrameBehindDialog, false, from)
	s.PutList(facts.FrameAllow, []string{"payment", "publickey-credentials-get"}, from)
	s.PutBool(facts.FrameLeft, false, from)
	s.PutNotApplicable(facts.FrameStatus, facts.ReasonOtherOrigin, from)
	s.PutNotApplicable(facts.FrameFromWorker, facts.ReasonOtherOrigin, from)
	s.PutBool(facts.FrameNullOrigin, false, from)
	s.PutBool(facts.ChallengeTimedOut, false, from)
	s.PutInt(facts.MessageAge, 900, from)
	s.PutString(facts.MessageCRes, "none", from)
	s.PutString(facts.MessageTransaction, "same", from)
	s.PutString(facts.NotificationOrigin, "https://tds.gateway.test", from)
	s.PutBool(facts.NotificationSame, false, from)
	s.PutBool(facts.NotificationFits, true, from)
	s.PutNotApplicable(facts.NotificationFraming, facts.ReasonOtherOrigin, from)
	s.PutBool(facts.ViolationFrameHop, false, from)
	s.PutBool(facts.ViolationFormHop, false, from)
	s.PutBool(facts.ViolationScriptSrc, false, from)
	s.PutBool(facts.ViolationTypes, false, from)
	s.PutBool(facts.ReportIsolation, false, from)
	s.PutString(facts.TransStatus, "Y", from)
	s.PutNotApplicable(facts.ErrorCode, facts.ReasonNotConfigured, from)
	s.PutString(facts.CanaryOrigin, "https://echo.helper.test", from)
	s.PutString(facts.CanaryReached, "answered", from)
	s.PutInt(facts.CanaryStatus, 200, from)
	s.PutBool(facts.CanaryLoops, false, from)
	s.PutString(facts.CanaryMethod, "done", from)
	s.PutString(facts.CanaryChallenge, "completed", from)
	return &s
}

// stuck is a challenge frame that showed its first page and no more.
func stuck(s *facts.Set) {
	s.PutInt(facts.FrameLoads, 1, "test")
	s.PutInt(facts.FrameMessages, 0, "test")
	s.PutBool(facts.FrameCompleted, false, "test")
	s.PutString(facts.TransStatus, "C", "test")
}

// unpaid is a payment that failed before there was a challenge.
func unpaid(s *facts.Set) {
	s.PutBool(facts.FramePresent, false, "test")
	unheardOf(s, facts.TransStatus, facts.MethodIndicator, facts.MessageAge)
	for _, k := range []facts.Declared{facts.FrameLoads, facts.FrameMessages, facts.FrameCompleted, facts.FrameRemoved, facts.ACSFetch} {
		s.PutNotApplicable(k, facts.ReasonNotConfigured, "test")
	}
}

// unheardOf makes the facts such that nobody could tell of.
func unheardOf(s *facts.Set, keys ...facts.Declared) {
	for _, k := range keys {
		s.PutUnknown(k, facts.ReasonNotConfigured, "test")
	}
}

// wrap puts a page of the provider's, lively as it is, around the issuer's.
func wrap(s *facts.Set) {
	s.PutBool(facts.FrameWrapped, true, "test")
	s.PutInt(facts.FrameChildren, 1, "test")
	s.PutInt(facts.FrameMessages, 3, "test")
}

// late is a stuck challenge whose time is up.
func late(s *facts.Set) {
	stuck(s)
	s.PutBool(facts.ChallengeTimedOut, true, "test")
}

// unheard is a challenge that told its end to a page that went on waiting.
func unheard(s *facts.Set) {
	s.PutString(facts.TransStatus, "C", "test")
	s.PutInt(facts.MessageAge, 4000, "test")
}

// back is a frame that came back to a page of the payment page's own origin,
// with the HTTP status, and said nothing.
func back(s *facts.Set, status int64) {
	late(s)
	s.PutInt(facts.FrameLoads, 2, "test")
	s.PutBool(facts.NotificationSame, true, "test")
	s.PutString(facts.FrameAccess, "same-origin", "test")
	s.PutInt(facts.FrameStatus, status, "test")
	s.PutBool(facts.FrameFromWorker, false, "test")
	s.PutString(facts.NotificationFraming, "allowed", "test")
}

// refused is a payment that the issuer or the gateway turned down.
func refused(s *facts.Set, status, reason string) {
	s.PutString(facts.TransStatus, status, "test")
	s.PutString(facts.TransStatusReason, reason, "test")
}

func acs(s *facts.Set, fetch, object, prefetch string) {
	stuck(s)
	s.PutString(facts.ACSFetch, fetch, "test")
	s.PutString(facts.ACSObject, object, "test")
	s.PutString(facts.ACSPrefetch, prefetch, "test")
}

func noCookies(s *facts.Set) {
	s.PutBool(facts.ThirdPartyHeader, false, "test")
	s.PutBool(facts.ThirdPartyScript, false, "test")
	s.PutBool(facts.StorageAccess, false, "test")
}

// symptoms are changes to a healthy set and the findings that they must give,
// besides the advice of a clear verdict.
var symptoms = map[string]struct {
	change   func(*facts.Set)
	verdict  diagnosis.Verdict
	findings []string // code and confidence
	hidden   []diagnosis.Code
}{
	"a completed challenge":               {func(*facts.Set) {}, "clear", nil, nil},
	"a challenge that waits for the user": {func(s *facts.Set) { stuck(s) }, "clear", nil, nil},
	"an extension that answers for window.open with nothing": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutBool(facts.PopupNative, false, "test")
	}, "blocked", []string{"popup.overridden certain"}, nil},
	"an extension that disguises its function": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
	}, "blocked", []string{"popup.overridden likely"}, nil},
	"an extension that gives a fake window": {func(s *facts.Set) {
		s.PutBool(facts.PopupHello, false, "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutBool(facts.PopupNative, false, "test")
	}, "blocked", []string{"popup.overridden certain"}, nil},
	"a monitoring script that wraps window.open": {func(s *facts.Set) {
		s.PutBool(facts.PopupNative, false, "test")
	}, "clear", nil, nil},
	"a monitoring script before a browser that refuses the window": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupNative, false, "test")
	}, "blocked", []string{"popup.blocked likely"}, nil},
	"a monitoring script on a network too slow for the hello": {func(s *facts.Set) {
		s.PutBool(facts.PopupNative, false, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "clear", nil, nil},
	"a window refused in a frame of which nobody knows whether it is sandboxed": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutUnknown(facts.PopupSandboxed, facts.ReasonUnsupported, "test")
	}, "clear", nil, nil},
	"a window refused in the gesture": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
	}, "blocked", []string{"popup.blocked likely"}, nil},
	"a window refused in a sandboxed frame": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupSandboxed, true, "test")
	}, "clear", nil, nil},
	"the payment's window opened too late": {func(s *facts.Set) {
		s.PutString(facts.HostPopupResult, "null", "test")
		s.PutBool(facts.HostPopupActivation, false, "test")
	}, "blocked", []string{"popup.blocked certain"}, nil},
	"the payment's window refused with an activation": {func(s *facts.Set) {
		s.PutString(facts.HostPopupResult, "null", "test")
		s.PutBool(facts.HostPopupActivation, true, "test")
	}, "blocked", []string{"popup.blocked likely"}, nil},
	"a window closed at once": {func(s *facts.Set) {
		s.PutBool(facts.PopupClosedEarly, true, "test")
	}, "blocked", []string{"popup.closed-at-once likely"}, nil},
	"a window that was cut off or closed before it could speak": {func(s *facts.Set) {
		s.PutBool(facts.PopupClosedEarly, true, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "blocked", []string{"popup.closed-at-once possible"}, nil},
	"a window that an isolated page is cut off from": {func(s *facts.Set) {
		s.PutBool(facts.CrossIsolated, true, "test")
		s.PutBool(facts.PopupClosedEarly, true, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "clear", nil, nil},
	"no gesture for the pop-up check": {func(s *facts.Set) {
		s.PutUnknown(facts.PopupResult, facts.ReasonNoGesture, "test")
	}, "clear", nil, nil},
	"a collapsed frame": {func(s *facts.Set) {
		acs(s, "answered", "failed", "failed")
		s.PutBool(facts.FrameCollapsed, true, "test")
	}, "blocked", []string{"blocker.frame-blocked likely"}, []diagnosis.Code{"threeds.acs-no-sign-of-life"}},
	"all cookies blocked": {func(s *facts.Set) {
		noCookies(s)
		s.PutBool(facts.CookieKept, false, "test")
		s.PutString(facts.LocalStorage, "refused", "test")
		s.PutBool(facts.PartitionedHeader, false, "test")
	}, "blocked", []string{"cookie.disabled certain"}, []diagnosis.Code{"cookie.third-party-blocked", "storage.refused"}},
	"cookies off by the browser's word, storage kept": {func(s *facts.Set) {
		s.PutBool(facts.CookieKept, false, "test")
		s.PutBool(facts.CookieEnabled, false, "test")
		noCookies(s)
		s.PutBool(facts.PartitionedHeader, false, "test")
	}, "blocked", []string{"cookie.disabled likely"}, []diagnosis.Code{"cookie.first-party-blocked"}},
	"this site's cookies blocked": {func(s *facts.Set) {
		s.PutBool(facts.CookieKept, false, "test")
	}, "blocked", []string{"cookie.first-party-blocked likely"}, nil},
	"third-party cookies blocked, challenge completed": {noCookies,
		"clear", []string{"cookie.third-party-blocked certain"}, nil},
	"third-party cookies blocked, and no word on storage": {func(s *facts.Set) {
		noCookies(s)
		s.PutUnknown(facts.StorageAccess, facts.ReasonUnsupported, "test")
	}, "clear", []string{"cookie.third-party-blocked likely"}, nil},
	"third-party cookies partitioned": {func(s *facts.Set) {
		s.PutBool(facts.StorageAccess, false, "test")
	}, "clear", []string{"cookie.third-party-partitioned certain"}, nil},
	"an issuer that needs the blocked cookie": {func(s *facts.Set) {
		noCookies(s)
		late(s)
	}, "blocked", []string{"threeds.acs-needs-cookie likely", "cookie.third-party-blocked certain"}, nil},
	"third-party cookies blocked, and a user who is at work in the challenge": {func(s *facts.Set) {
		noCookies(s)
		stuck(s)
		s.PutBool(facts.FrameFocused, true, "test")
	}, "clear", []string{"cookie.third-party-blocked certain"}, nil},
	"a stale worker": {func(s *facts.Set) {
		s.PutBool(facts.WorkerControls, true, "test")
		s.PutBool(facts.WorkerStale, true, "test")
	}, "blocked", []string{"cache.stale-worker certain"}, nil},
	"a stale script": {func(s *facts.Set) {
		s.PutBool(facts.ScriptStale, true, "test")
	}, "blocked", []string{"cache.stale-script certain"}, nil},
	"offline": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutBool(facts.Online, false, "test")
		s.PutString(facts.ControlReached, "failed", "test")
		s.PutString(facts.HelperReached, "timed-out", "test")
		s.PutString(facts.VantageReached, "failed", "test")
	}, "blocked", []string{"network.offline certain"}, []diagnosis.Code{"self.vantage-unreachable", "self.helper-unreachable"}},
	"offline by onLine, but the control answers": {func(s *facts.Set) {
		s.PutBool(facts.Online, false, "test")
	}, "clear", nil, nil},
	"an address abroad": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "BR", "test")
	}, "clear", []string{"vpn.suspected possible"}, nil},
	"an address abroad, of a network of servers": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "NL", "test")
		s.PutString(facts.AddressKind, "hosting", "test")
	}, "degraded", []string{"vpn.likely likely"}, nil},
	"an address abroad, through a tunnel": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "NL", "test")
		s.PutInt(facts.SegmentSize, 1380, "test")
	}, "degraded", []string{"vpn.likely likely"}, nil},
	"an address abroad, of a network that VPNs are on": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "NL", "test")
		s.PutString(facts.AddressKind, "vpn", "test")
	}, "degraded", []string{"vpn.likely likely"}, nil},
	"a tunnel to an address at home": {func(s *facts.Set) {
		s.PutInt(facts.SegmentSize, 1380, "test")
	}, "clear", []string{"vpn.suspected possible"}, nil},
	"a network that VPNs are on, at home": {func(s *facts.Set) {
		s.PutString(facts.AddressKind, "vpn", "test")
	}, "clear", []string{"vpn.suspected possible"}, nil},
	"a browser that goes out by two addresses": {func(s *facts.Set) {
		s.PutString(facts.Candidates, "other", "test")
	}, "clear", []string{"vpn.suspected possible"}, nil},
	"a browser that goes out by two addresses, one of them far away": {func(s *facts.Set) {
		s.PutString(facts.Candidates, "other", "test")
		s.PutInt(facts.RoundTrip, 190, "test")
	}, "clear", []string{"network.proxy possible", "vpn.suspected possible"}, nil},
	"a relay abroad": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "NL", "test")
		s.PutString(facts.AddressKind, "relay", "test")
		s.PutString(facts.Candidates, "other", "test")
	}, "clear", []string{"vpn.relay likely"}, nil},
	"a phone that roams": {func(s *facts.Set) {
		s.PutString(facts.AddressKind, "mobile", "test")
		s.PutList(facts.TimeZoneCountries, []string{"FR", "MC"}, "test")
		s.PutInt(facts.SegmentSize, 1380, "test")
	}, "clear", nil, nil},
	"a phone with an address of a carrier that is not its own": {func(s *facts.Set) {
		s.PutString(facts.AddressKind, "mobile", "test")
		s.PutString(facts.AddressCountry, "BR", "test")
	}, "clear", []string{"vpn.suspected possible"}, nil},
	"a clock on UTC and languages of elsewhere": {func(s *facts.Set) {
		s.PutList(facts.TimeZoneCountries, nil, "test")
		s.PutString(facts.AddressCountry, "NL", "test")
	}, "clear", []string{"vpn.suspected possible"}, nil},
	"languages of elsewhere and a clock that fits": {func(s *facts.Set) {
		s.PutList(facts.Languages, []string{"pl-PL", "pl"}, "test")
	}, "clear", nil, nil},
	"a line by PPPoE": {func(s *facts.Set) { s.PutInt(facts.SegmentSize, 1452, "test") }, "clear", nil, nil},
	"a mobile network's segments": {func(s *facts.Set) {
		s.PutInt(facts.SegmentSize, 1400, "test")
		s.PutInt(facts.RoundTrip, 330, "test")
		s.PutInt(facts.TCPRoundTrip, 310, "test")
	}, "clear", nil, nil},
	"a size that is a tunnel's over IPv4, over IPv6": {func(s *facts.Set) {
		s.PutString(facts.AddressFamily, "6", "test")
		s.PutInt(facts.SegmentSize, 1380, "test")
	}, "clear", nil, nil},
	"a proxy far away": {func(s *facts.Set) {
		s.PutInt(facts.RoundTrip, 190, "test")
	}, "clear", []string{"network.proxy possible", "vpn.suspected possible"}, nil},
	"a proxy that says so": {func(s *facts.Set) {
		s.PutList(facts.ProxyHeaders, []string{"via"}, "test")
		s.PutString(facts.Candidates, "other", "test")
		s.PutInt(facts.RoundTrip, 190, "test")
	}, "clear", []string{"network.proxy certain"}, nil},
	"a proxy that lets no WebSocket pass": {func(s *facts.Set) {
		s.PutString(facts.ControlSocket, "failed", "test")
		s.PutString(facts.HelperSocket, "failed", "test")
	}, "clear", []string{"network.proxy possible"}, nil},
	"our own site that takes no WebSockets": {func(s *facts.Set) {
		s.PutString(facts.ControlSocket, "failed", "test")
	}, "clear", nil, nil},
	"a proxy that ends TLS": {func(s *facts.Set) {
		s.PutString(facts.TLSBy, "replaced", "test")
		s.PutList(facts.ProxyHeaders, []string{"via"}, "test")
	}, "clear", []string{"network.tls-replaced likely"}, []diagnosis.Code{"network.proxy"}},
	"a clock two hours ahead of two servers": {func(s *facts.Set) {
		s.PutInt(facts.ClockSkew, 7200, "test")
		s.PutBool(facts.ClockConfirmed, true, "test")
	}, "clear", []string{"network.clock-skew certain"}, nil},
	"a clock a day behind ours": {func(s *facts.Set) { s.PutInt(facts.ClockSkew, -86_400, "test") },
		"clear", []string{"network.clock-skew likely"}, nil},
	"a clock of ours that is wrong": {func(s *facts.Set) {
		s.PutInt(facts.ClockSkew, 7200, "test")
		s.PutBool(facts.ClockConfirmed, false, "test")
	}, "clear", nil, nil},
	"a clock that is a minute off": {func(s *facts.Set) { s.PutInt(facts.ClockSkew, -60, "test") }, "clear", nil, nil},
	"large answers stay away": {func(s *facts.Set) {
		stuck(s)
		acs(s, "answered", "timed-out", "timed-out")
		s.PutString(facts.FrameAccess, "blank", "test")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.Download, "stalled", "test")
		s.PutUnknown(facts.Throughput, facts.ReasonNotKnown, "test")
	}, "degraded", []string{"network.large-transfers-stall likely"}, []diagnosis.Code{"threeds.acs-hang"}},
	"large requests stay away": {func(s *facts.Set) { s.PutString(facts.Upload, "stalled", "test") },
		"degraded", []string{"network.large-transfers-stall likely"}, nil},
	"large answers are cut": {func(s *facts.Set) { s.PutString(facts.Download, "cut", "test") },
		"degraded", []string{"network.large-transfers-stall likely"}, nil},
	"a crawling line": {func(s *facts.Set) {
		s.PutInt(facts.Throughput, 38, "test")
		s.PutInt(facts.RoundTrip, 620, "test")
		s.PutInt(facts.TCPRoundTrip, 600, "test")
		s.PutString(facts.MethodIndicator, "N", "test")
	}, "degraded", []string{"network.slow likely"}, []diagnosis.Code{"threeds.method-timeout"}},
	"the provider cannot be reached any more after a payment": {func(s *facts.Set) {
		s.PutString(facts.ProviderReached, "failed", "test")
	}, "clear", nil, nil},
	"a crawling line on which a large request is not done in time": {func(s *facts.Set) {
		s.PutInt(facts.Throughput, 38, "test")
		s.PutString(facts.Upload, "stalled", "test")
	}, "degraded", []string{"network.slow likely"}, nil},
	"a file that did not come on a line that comes and goes": {func(s *facts.Set) {
		s.PutInt(facts.OfflineEvents, 1, "test")
		s.PutList(facts.Baits, []string{"collect"}, "test")
	}, "degraded", []string{"network.flapping certain"}, []diagnosis.Code{"blocker.content-blocker"}},
	"a line that comes and goes": {func(s *facts.Set) { s.PutInt(facts.OfflineEvents, 2, "test") },
		"degraded", []string{"network.flapping certain"}, nil},
	"a line that loses requests": {func(s *facts.Set) { s.PutInt(facts.RequestsLost, 2, "test") },
		"degraded", []string{"network.flapping likely"}, nil},
	"a line that loses a request": {func(s *facts.Set) { s.PutInt(facts.RequestsLost, 1, "test") }, "clear", nil, nil},
	"a line that loses a request and the canary's": {func(s *facts.Set) {
		s.PutInt(facts.RequestsLost, 1, "test")
		s.PutString(facts.CanaryReached, "failed", "test")
	}, "degraded", []string{"network.flapping likely"}, []diagnosis.Code{"self.canary-unreachable"}},
	"one of the provider's names is not found": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.ProviderReached, "failed", "test")
		s.PutString(facts.ProviderOrigin, "https://js.gateway.test", "test")
		s.PutBool(facts.ProviderSibling, true, "test")
	}, "blocked", []string{"network.dns possible"}, []diagnosis.Code{"network.provider-unreachable"}},
	"the provider cannot be reached": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.ProviderReached, "timed-out", "test")
		s.PutString(facts.ProviderOrigin, "https://js.gateway.test", "test")
		s.PutBool(facts.ProviderSibling, false, "test")
	}, "blocked", []string{"network.provider-unreachable likely"}, nil},
	"a sign-in page answers for everybody": {func(s *facts.Set) {
		s.PutString(facts.ControlReached, "other", "test")
		s.PutString(facts.PageOrigin, "other", "test")
		s.PutString(facts.VantageReached, "failed", "test")
		s.PutString(facts.HelperReached, "timed-out", "test")
		s.PutString(facts.ProviderReached, "failed", "test")
	}, "blocked", []string{"network.captive-portal likely"}, []diagnosis.Code{"self.vantage-unreachable", "self.helper-unreachable"}},
	"a sign-in page, just after the network came": {func(s *facts.Set) {
		s.PutInt(facts.OfflineEvents, 1, "test")
		s.PutString(facts.ControlReached, "other", "test")
		s.PutString(facts.PageOrigin, "other", "test")
		s.PutString(facts.VantageReached, "failed", "test")
		s.PutString(facts.HelperReached, "timed-out", "test")
	}, "blocked", []string{"network.captive-portal likely"}, []diagnosis.Code{"network.flapping"}},
	"our own sites are out, on the page of a link": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.ControlReached, "failed", "test")
		s.PutUnknown(facts.PageOrigin, facts.ReasonUnreachable, "test")
		s.PutString(facts.VantageReached, "failed", "test")
		s.PutString(facts.HelperReached, "timed-out", "test")
	}, "inconclusive", []string{"self.vantage-unreachable certain", "self.helper-unreachable certain"}, nil},
	"an error page before our own server, and a shop that sends strangers away": {func(s *facts.Set) {
		s.PutString(facts.ControlReached, "other", "test")
		s.PutString(facts.PageOrigin, "other", "test")
		s.PutString(facts.VantageReached, "failed", "test")
	}, "clear", []string{"self.vantage-unreachable certain"}, nil},
	"a provider that refuses on a crawling line": {func(s *facts.Set) {
		unpaid(s)
		s.PutInt(facts.Throughput, 38, "test")
		s.PutString(facts.ProviderReached, "failed", "test")
	}, "blocked", []string{"network.provider-unreachable likely", "network.slow likely"}, nil},
	"a provider that comes too late on a crawling line": {func(s *facts.Set) {
		unpaid(s)
		s.PutInt(facts.Throughput, 38, "test")
		s.PutString(facts.ProviderReached, "timed-out", "test")
	}, "degraded", []string{"network.slow likely"}, nil},
	"something else answers for us alone": {func(s *facts.Set) {
		s.PutString(facts.ControlReached, "other", "test")
		s.PutString(facts.PageOrigin, "answered", "test")
		s.PutString(facts.VantageReached, "failed", "test")
	}, "clear", []string{"self.vantage-unreachable certain"}, nil},
	"nobody answers, although there is a network": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutString(facts.ControlReached, "failed", "test")
		s.PutString(facts.ProviderReached, "failed", "test")
		s.PutString(facts.PageOrigin, "failed", "test")
		s.PutString(facts.VantageReached, "failed", "test")
		s.PutString(facts.HelperReached, "timed-out", "test")
	}, "blocked", []string{"network.captive-portal possible"}, []diagnosis.Code{"self.vantage-unreachable"}},
	"our own server is out, and the page's is not": {func(s *facts.Set) {
		s.PutString(facts.ControlReached, "failed", "test")
		s.PutString(facts.PageOrigin, "answered", "test")
		s.PutString(facts.VantageReached, "failed", "test")
		for _, k := range []facts.Declared{facts.Download, facts.Upload, facts.Throughput, facts.RequestsLost, facts.RoundTrip} {
			s.PutUnknown(k, facts.ReasonUnreachable, "test")
		}
	}, "clear", []string{"self.vantage-unreachable certain"}, nil},
	"a page whose policy does not let us measure": {func(s *facts.Set) {
		for _, k := range []facts.Declared{
			facts.ControlReached, facts.VantageReached, facts.ProviderReached, facts.ProviderSibling,
			facts.Download, facts.Upload, facts.Throughput, facts.RequestsLost, facts.RoundTrip,
		} {
			s.PutUnknown(k, facts.ReasonRefused, "test")
		}
		s.PutBool(facts.ConnectSrcRefused, true, "test")
	}, "clear", nil, nil},
	"an address abroad and a clock on UTC": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "BR", "test")
		s.PutList(facts.TimeZoneCountries, nil, "test")
		s.PutList(facts.Languages, []string{"en-US", "en"}, "test")
	}, "clear", nil, nil},
	"the page's policy refuses the frame": {func(s *facts.Set) {
		acs(s, "answered", "loaded", "loaded")
		s.PutBool(facts.ViolationFrameSrc, true, "test")
	}, "blocked", []string{"threeds.page-csp-frame-src certain"}, nil},
	"a sandbox without forms": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-scripts", "allow-same-origin"}, "test")
	}, "blocked", []string{"threeds.frame-sandbox certain"}, nil},
	"a sandbox without scripts": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-forms"}, "test")
	}, "blocked", []string{"threeds.frame-sandbox certain"}, nil},
	"a sandbox with all that a challenge needs": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-forms", "allow-scripts", "allow-same-origin"}, "test")
	}, "clear", nil, nil},
	"a sandbox that takes the issuer's origin away, its message seen": {func(s *facts.Set) {
		unheard(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-forms", "allow-scripts"}, "test")
		s.PutBool(facts.FrameNullOrigin, true, "test")
	}, "blocked", []string{"threeds.frame-sandbox-origin certain"}, []diagnosis.Code{"threeds.message-ignored"}},
	"a sandbox that takes the issuer's origin away, nothing seen": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-forms", "allow-scripts"}, "test")
	}, "blocked", []string{"threeds.frame-sandbox-origin likely"}, []diagnosis.Code{"threeds.challenge-timeout"}},
	"a sandbox that takes the issuer's origin away, and a page that takes its message": {func(s *facts.Set) {
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-forms", "allow-scripts"}, "test")
		s.PutBool(facts.FrameNullOrigin, true, "test")
	}, "clear", nil, nil},
	"the page's policy refuses where the issuer redirects to": {func(s *facts.Set) {
		acs(s, "answered", "failed", "loaded")
		s.PutBool(facts.ViolationFrameHop, true, "test")
	}, "blocked", []string{"threeds.page-csp-frame-src likely"}, []diagnosis.Code{"threeds.acs-frame-options"}},
	"the page's policy refused somebody else's frame, and the challenge lives": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.ViolationFrameHop, true, "test")
		s.PutInt(facts.FrameChildren, 1, "test")
	}, "clear", nil, nil},
	"the page's policy refuses to post": {func(s *facts.Set) {
		acs(s, "answered", "loaded", "loaded")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
		s.PutBool(facts.ViolationFormAction, true, "test")
	}, "blocked", []string{"threeds.page-csp-form-action certain"}, nil},
	"the page's policy refuses to post where the issuer redirects to": {func(s *facts.Set) {
		acs(s, "answered", "failed", "loaded")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
		s.PutBool(facts.ViolationFormHop, true, "test")
	}, "blocked", []string{"threeds.page-csp-form-action certain"}, []diagnosis.Code{"threeds.acs-no-page"}},
	"the page's policy refuses the provider's script": {func(s *facts.Set) {
		s.PutBool(facts.ViolationScriptSrc, true, "test")
		s.PutUnknown(facts.FrameCompleted, facts.ReasonNotConfigured, "test")
	}, "blocked", []string{"threeds.page-csp-script-src certain"}, nil},
	"Trusted Types stop the frame": {func(s *facts.Set) {
		s.PutBool(facts.ViolationTypes, true, "test")
		s.PutBool(facts.FramePresent, false, "test")
		s.PutUnknown(facts.FrameLoads, facts.ReasonNotObserved, "test")
		s.PutUnknown(facts.FrameCompleted, facts.ReasonNotConfigured, "test")
	}, "blocked", []string{"threeds.page-trusted-types likely"}, nil},
	"Trusted Types stop something else": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.ViolationTypes, true, "test")
	}, "clear", nil, nil},
	"isolation, reported": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutBool(facts.ReportIsolation, true, "test")
	}, "blocked", []string{"threeds.page-cross-origin-isolated certain"}, []diagnosis.Code{"threeds.acs-unreachable"}},
	"isolation, where nothing reports it": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutBool(facts.CrossIsolated, true, "test")
		s.PutInt(facts.FrameLoads, 0, "test")
	}, "blocked", []string{"threeds.page-cross-origin-isolated likely"}, nil},
	"an isolated page whose challenge waits for the user": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.CrossIsolated, true, "test")
		s.PutBool(facts.FrameFocused, true, "test")
	}, "clear", nil, nil},
	"a window that the page's opener policy cut off": {func(s *facts.Set) {
		stuck(s)
		s.PutString(facts.HostPopupResult, "closed", "test")
		s.PutString(facts.OpenerPolicy, "same-origin", "test")
		s.PutBool(facts.PopupClosedEarly, true, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "blocked", []string{"threeds.page-opener-policy certain"}, nil},
	"our own window cut off by an opener policy, frames in use": {func(s *facts.Set) {
		s.PutString(facts.OpenerPolicy, "same-origin", "test")
		s.PutBool(facts.PopupClosedEarly, true, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "clear", nil, nil},
	"an issuer's page without HTTPS": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutString(facts.ACSOrigin, "http://acs.issuer.test", "test")
	}, "blocked", []string{"threeds.mixed-content certain"}, []diagnosis.Code{"threeds.acs-unreachable"}},
	"an issuer's page on this very machine": {func(s *facts.Set) {
		stuck(s)
		s.PutString(facts.ACSOrigin, "http://127.0.0.1:8080", "test")
	}, "clear", nil, nil},
	"a frame far too small": {func(s *facts.Set) {
		late(s)
		s.PutInt(facts.FrameWidth, 120, "test")
		s.PutInt(facts.FrameHeight, 90, "test")
	}, "blocked", []string{"threeds.frame-too-small likely"}, []diagnosis.Code{"threeds.challenge-timeout"}},
	"a frame a little narrower than its window": {func(s *facts.Set) {
		stuck(s)
		s.PutInt(facts.FrameWidth, 320, "test")
	}, "clear", nil, nil},
	"a frame too small for the window that was asked for": {func(s *facts.Set) {
		stuck(s)
		s.PutString(facts.WindowSize, "03", "test")
		s.PutInt(facts.FrameWidth, 240, "test")
	}, "blocked", []string{"threeds.frame-too-small likely"}, nil},
	"an overlay over the frame": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.FrameCovered, true, "test")
	}, "blocked", []string{"threeds.frame-covered likely"}, []diagnosis.Code{"threeds.challenge-timeout"}},
	"a modal dialog before the frame": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.FrameBehindDialog, true, "test")
	}, "blocked", []string{"threeds.frame-covered likely"}, nil},
	"two challenges at once, the second over the first": {func(s *facts.Set) {
		late(s)
		s.PutInt(facts.FrameCount, 2, "test")
		s.PutBool(facts.FrameCovered, true, "test")
	}, "blocked", []string{"threeds.two-challenges likely"}, []diagnosis.Code{"threeds.frame-covered"}},
	"a frame taken out early": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FramePresent, false, "test")
		s.PutBool(facts.FrameRemoved, true, "test")
		s.PutInt(facts.FrameLived, 1000, "test")
	}, "blocked", []string{"threeds.frame-removed likely"}, nil},
	"a frame taken out when its time was up": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.FramePresent, false, "test")
		s.PutBool(facts.FrameRemoved, true, "test")
		s.PutBool(facts.FrameFocused, true, "test")
	}, "blocked", []string{"threeds.acs-never-returned possible"}, nil},
	"a method time-out that ended the payment": {func(s *facts.Set) {
		s.PutString(facts.MethodIndicator, "N", "test")
		for _, k := range []facts.Declared{facts.ACSOrigin, facts.TransStatus, facts.FramePresent, facts.FrameCompleted} {
			s.PutNotApplicable(k, facts.ReasonNotConfigured, "test")
		}
	}, "blocked", []string{"threeds.method-timeout-fatal likely"}, []diagnosis.Code{"threeds.method-timeout"}},
	"passkeys denied to the page": {func(s *facts.Set) {
		late(s)
		s.PutList(facts.DeniedFeatures, []string{"publickey-credentials-get"}, "test")
		s.PutList(facts.FrameAllow, nil, "test")
		s.PutBool(facts.FrameFocused, true, "test")
	}, "degraded", []string{"threeds.page-permissions-policy likely"},
		[]diagnosis.Code{"threeds.frame-permissions"}},
	"passkeys not handed on to the frame, before the payment": {func(s *facts.Set) {
		s.PutUnknown(facts.FrameCompleted, facts.ReasonNotConfigured, "test")
		s.PutList(facts.FrameAllow, nil, "test")
	}, "degraded", []string{"threeds.frame-permissions certain"}, nil},
	"the challenge's end ignored": {unheard,
		"blocked", []string{"threeds.message-ignored likely"}, nil},
	"the challenge's end just come": {func(s *facts.Set) {
		s.PutString(facts.TransStatus, "C", "test")
	}, "clear", nil, nil},
	"the challenge's end about another transaction": {func(s *facts.Set) {
		unheard(s)
		s.PutString(facts.MessageTransaction, "other", "test")
	}, "blocked", []string{"threeds.message-ignored likely"}, nil},
	"a malformed CRes": {func(s *facts.Set) {
		unheard(s)
		s.PutString(facts.MessageCRes, "malformed", "test")
	}, "blocked", []string{"threeds.message-malformed likely"}, []diagnosis.Code{"threeds.message-ignored"}},
	"a padded CRes that the page reads": {func(s *facts.Set) {
		s.PutString(facts.MessageCRes, "padded", "test")
	}, "clear", nil, nil},
	"a padded CRes that the page cannot read": {func(s *facts.Set) {
		unheard(s)
		s.PutString(facts.MessageCRes, "padded", "test")
	}, "blocked", []string{"threeds.message-malformed likely"}, nil},
	"a notification URL too long": {func(s *facts.Set) {
		for _, k := range []facts.Declared{facts.ACSOrigin, facts.TransStatus, facts.FramePresent, facts.FrameCompleted, facts.FrameLoads} {
			s.PutNotApplicable(k, facts.ReasonNotConfigured, "test")
		}
		s.PutBool(facts.NotificationFits, false, "test")
		s.PutString(facts.ErrorCode, "203", "test")
	}, "blocked", []string{"threeds.notification-rejected certain"}, []diagnosis.Code{"threeds.acs-rejected-request"}},
	"a notification page that lost its session": {func(s *facts.Set) { back(s, 403) },
		"blocked", []string{"threeds.notification-session-lost likely"}, []diagnosis.Code{"threeds.notification-silent"}},
	"a notification page of the merchant's own that fails": {func(s *facts.Set) { back(s, 500) },
		"blocked", []string{"threeds.notification-silent likely"}, nil},
	"a notification page that may not be framed": {func(s *facts.Set) {
		back(s, 200)
		s.PutString(facts.FrameAccess, "cross-origin", "test")
		s.PutString(facts.NotificationFraming, "forbidden", "test")
	}, "blocked", []string{"threeds.notification-frame-options likely"}, []diagnosis.Code{"threeds.notification-silent"}},
	"a notification that a worker answers": {func(s *facts.Set) {
		back(s, 200)
		s.PutBool(facts.FrameFromWorker, true, "test")
	}, "blocked", []string{"threeds.notification-swallowed likely"}, []diagnosis.Code{"threeds.notification-silent"}},
	"a frame that a style hides": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.FrameHidden, true, "test")
		s.PutInt(facts.FrameWidth, 0, "test")
		s.PutInt(facts.FrameHeight, 0, "test")
	}, "blocked", []string{"blocker.frame-hidden likely"}, []diagnosis.Code{"threeds.challenge-timeout"}},
	"the issuer's script blocked": {func(s *facts.Set) {
		late(s)
		s.PutString(facts.ScriptBait, "blocked", "test")
	}, "blocked", []string{"blocker.acs-script likely"}, []diagnosis.Code{"threeds.challenge-timeout"}},
	"a blocker that answers in place of the issuer's script": {func(s *facts.Set) {
		late(s)
		s.PutString(facts.ScriptBait, "replaced", "test")
	}, "blocked", []string{"blocker.acs-script likely"}, []diagnosis.Code{"blocker.content-blocker"}},
	"a blocker that does not stop the challenge": {func(s *facts.Set) {
		s.PutString(facts.ScriptBait, "blocked", "test")
	}, "clear", []string{"blocker.content-blocker likely"}, nil},
	"a blocker that stops nothing that a payment needs": {func(s *facts.Set) {
		s.PutList(facts.Baits, []string{"banner", "collect"}, "test")
	}, "clear", []string{"blocker.content-blocker likely"}, nil},
	"a blocker that takes the frame out": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameRemoved, true, "test")
		s.PutString(facts.Decoy, "removed", "test")
	}, "blocked", []string{"blocker.frame-removed likely"}, []diagnosis.Code{"threeds.frame-removed"}},
	"a frame that the page takes out, and a blocker that minds its own business": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameRemoved, true, "test")
		s.PutString(facts.Decoy, "kept", "test")
		s.PutList(facts.Baits, []string{"banner"}, "test")
	}, "blocked", []string{"threeds.frame-removed likely", "blocker.content-blocker likely"}, nil},
	"a frame that the page hides": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.FrameHidden, true, "test")
		s.PutString(facts.Decoy, "kept", "test")
	}, "blocked", []string{"threeds.challenge-timeout likely"}, nil},
	"the anti-fraud service blocked, with our baits": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.AntiFraud, "blocked", "test")
		s.PutList(facts.Baits, []string{"collect"}, "test")
	}, "degraded", []string{"blocker.anti-fraud likely"}, []diagnosis.Code{"blocker.content-blocker"}},
	"the anti-fraud service blocked, and nothing of ours": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.AntiFraud, "blocked", "test")
	}, "degraded", []string{"blocker.anti-fraud possible"}, nil},
	"the anti-fraud service blocked, and the challenge completed": {func(s *facts.Set) {
		s.PutString(facts.AntiFraud, "blocked", "test")
	}, "clear", nil, nil},
	"a frame that an extension blocks in Firefox": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutString(facts.Engine, "firefox", "test")
		s.PutUnknown(facts.FrameCollapsed, facts.ReasonUnsupported, "test")
		s.PutUnknown(facts.ACSPrefetch, facts.ReasonUnsupported, "test")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
	}, "blocked", []string{"blocker.frame-blocked likely"}, []diagnosis.Code{"threeds.acs-unreachable"}},
	"a canary that was collapsed": {func(s *facts.Set) {
		s.PutNotApplicable(facts.FrameCompleted, facts.ReasonNotConfigured, "test")
		s.PutString(facts.CanaryChallenge, "collapsed", "test")
	}, "blocked", []string{"blocker.frame-blocked likely"}, nil},
	"the local network denied": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutString(facts.LocalNetwork, "denied", "test")
	}, "blocked", []string{"threeds.local-network-denied possible"}, []diagnosis.Code{"threeds.acs-unreachable"}},
	"an issuer whose every page is an error": {func(s *facts.Set) {
		acs(s, "answered", "failed", "failed")
		s.PutString(facts.CanaryOrigin, "https://acs.issuer.test", "test")
		s.PutInt(facts.CanaryStatus, 500, "test")
	}, "blocked", []string{"threeds.acs-http-error likely"}, []diagnosis.Code{"threeds.acs-no-sign-of-life"}},
	"an issuer whose every page redirects to itself": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutString(facts.CanaryOrigin, "https://acs.issuer.test", "test")
		s.PutString(facts.CanaryReached, "failed", "test")
		s.PutBool(facts.CanaryLoops, true, "test")
	}, "blocked", []string{"threeds.acs-redirect-loop likely"}, []diagnosis.Code{"threeds.acs-unreachable"}},
	"our canary is down": {func(s *facts.Set) {
		s.PutString(facts.CanaryReached, "failed", "test")
	}, "clear", []string{"self.canary-unreachable certain"}, nil},
	"our canary fails": {func(s *facts.Set) {
		s.PutInt(facts.CanaryStatus, 503, "test")
	}, "clear", []string{"self.canary-unreachable certain"}, nil},
	"an issuer that answers without a page": {func(s *facts.Set) {
		acs(s, "answered", "failed", "loaded")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
	}, "blocked", []string{"threeds.acs-no-page likely"}, nil},
	"an issuer that takes six seconds": {func(s *facts.Set) {
		acs(s, "answered", "loaded", "loaded")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
	}, "clear", nil, nil},
	"an issuer whose page stops in its first line": {func(s *facts.Set) {
		acs(s, "answered", "timed-out", "loaded")
		s.PutInt(facts.FrameLoads, 0, "test")
	}, "blocked", []string{"threeds.acs-hang likely"}, nil},
	"an issuer's page that works while an image of its never comes": {func(s *facts.Set) {
		acs(s, "answered", "timed-out", "loaded")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutBool(facts.FrameFocused, true, "test")
	}, "clear", nil, nil},
	"a challenge request turned down": {func(s *facts.Set) {
		late(s)
		s.PutString(facts.ErrorCode, "203", "test")
	}, "blocked", []string{"threeds.acs-rejected-request certain"}, []diagnosis.Code{"threeds.challenge-timeout"}},
	"a time limit that the issuer told of": {func(s *facts.Set) {
		late(s)
		s.PutString(facts.ErrorCode, "402", "test")
	}, "blocked", []string{"threeds.challenge-timeout likely"}, nil},
	"a page that the issuer's took over": {func(s *facts.Set) {
		for _, k := range []facts.Declared{facts.ACSOrigin, facts.TransStatus, facts.FramePresent, facts.FrameCompleted} {
			s.PutNotApplicable(k, facts.ReasonNotConfigured, "test")
		}
		s.PutBool(facts.FrameLeft, true, "test")
	}, "blocked", []string{"threeds.acs-left-frame possible"}, nil},
	"an issuer that never comes back": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.FrameFocused, true, "test")
	}, "blocked", []string{"threeds.acs-never-returned possible"}, nil},
	"a challenge that nobody answered": {late,
		"blocked", []string{"threeds.challenge-timeout likely"}, nil},
	"a page within an app": {func(s *facts.Set) {
		s.PutUnknown(facts.FrameCompleted, facts.ReasonNotConfigured, "test")
		s.PutBool(facts.InAppWebView, true, "test")
	}, "degraded", []string{"environment.in-app-web-view likely"}, nil},
	"a page that keeps the module out": {func(s *facts.Set) {
		s.PutString(facts.ModuleProblem, "policy", "test")
		s.PutString(facts.IsolatedFrame, "ran", "test")
	}, "clear", []string{"environment.wasm-refused certain"}, nil},
	"a challenge that went through within an app": {func(s *facts.Set) {
		s.PutBool(facts.InAppWebView, true, "test")
	}, "clear", nil, nil},
	"a card that has expired": {func(s *facts.Set) { refused(s, "N", "05") },
		"blocked", []string{"payment.declined certain"}, nil},
	"an issuer that gave up on a challenge that never came": {func(s *facts.Set) {
		acs(s, "answered", "failed", "loaded")
		refused(s, "N", "14")
	}, "blocked", []string{"threeds.acs-frame-options likely"}, nil},
	"a gateway's approval": {func(s *facts.Set) {
		s.PutString(facts.DeclineCode, "00", "test")
	}, "clear", nil, nil},
	"a watched challenge that waits, third-party cookies blocked": {func(s *facts.Set) {
		s.PutString(facts.Mode, "watch", "test")
		noCookies(s)
		stuck(s)
	}, "clear", []string{"cookie.third-party-blocked certain"}, nil},
	"a challenge that waits for its user, where third-party cookies are blocked": {func(s *facts.Set) {
		noCookies(s)
		stuck(s)
	}, "clear", []string{"cookie.third-party-blocked certain"}, nil},
	"a challenge that waits for its user, beside a content blocker": {func(s *facts.Set) {
		stuck(s)
		s.PutString(facts.ScriptBait, "blocked", "test")
	}, "clear", []string{"blocker.content-blocker likely"}, nil},
	"a watched challenge that waits, beside a content blocker": {func(s *facts.Set) {
		s.PutString(facts.Mode, "watch", "test")
		stuck(s)
		s.PutString(facts.ScriptBait, "blocked", "test")
	}, "clear", []string{"blocker.content-blocker likely"}, nil},
	"a watched challenge that waits, at an issuer that refuses GET": {func(s *facts.Set) {
		s.PutString(facts.Mode, "watch", "test")
		acs(s, "answered", "failed", "failed")
	}, "clear", nil, nil},
	"a watched challenge at its second step": {func(s *facts.Set) {
		s.PutString(facts.Mode, "watch", "test")
		stuck(s)
		s.PutInt(facts.FrameLoads, 2, "test")
	}, "clear", nil, nil},
	"a frame that a page which polls for the result took out": {func(s *facts.Set) {
		stuck(s)
		s.PutInt(facts.FrameLoads, 2, "test")
		s.PutInt(facts.FrameMessages, 1, "test")
		s.PutBool(facts.FramePresent, false, "test")
		s.PutBool(facts.FrameRemoved, true, "test")
	}, "clear", nil, nil},
	"an overlay over a frame that is still loading": {func(s *facts.Set) {
		stuck(s)
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutBool(facts.FrameCovered, true, "test")
	}, "clear", nil, nil},
	"nobody answers, in a frame without passkeys": {func(s *facts.Set) {
		late(s)
		s.PutList(facts.FrameAllow, nil, "test")
	}, "blocked", []string{"threeds.challenge-timeout likely", "threeds.frame-permissions certain"}, nil},
	"a gateway's decline after a challenge": {func(s *facts.Set) {
		s.PutString(facts.DeclineCode, "insufficient_funds", "test")
	}, "blocked", []string{"payment.declined certain"}, nil},
	"X-Frame-Options": {func(s *facts.Set) { acs(s, "answered", "failed", "loaded") },
		"blocked", []string{"threeds.acs-frame-options likely"}, nil},
	"X-Frame-Options, in a frame of the provider's": {func(s *facts.Set) {
		acs(s, "answered", "failed", "loaded")
		wrap(s)
	}, "blocked", []string{"threeds.acs-frame-options likely"}, nil},
	"an issuer that never answers, in a frame of the provider's": {func(s *facts.Set) {
		acs(s, "answered", "timed-out", "timed-out")
		wrap(s)
	}, "blocked", []string{"threeds.acs-hang likely"}, nil},
	"a challenge that waits for the user, in a frame of the provider's": {func(s *facts.Set) {
		stuck(s)
		wrap(s)
	}, "clear", nil, nil},
	"frame-ancestors": {func(s *facts.Set) {
		acs(s, "answered", "failed", "loaded")
		s.PutBool(facts.ReportAncestors, true, "test")
	}, "blocked", []string{"threeds.acs-frame-ancestors certain"}, []diagnosis.Code{"threeds.acs-frame-options"}},
	"an issuer that cannot be reached": {func(s *facts.Set) { acs(s, "failed", "failed", "failed") },
		"blocked", []string{"threeds.acs-unreachable likely"}, nil},
	"an issuer whose resource policy fails our request, with a sign of life": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutInt(facts.FrameMessages, 1, "test")
	}, "clear", nil, nil},
	"an issuer whose resource policy fails our request, waiting for the user": {func(s *facts.Set) {
		acs(s, "failed", "loaded", "loaded")
	}, "clear", nil, nil},
	"an error page, or a page that may not be framed, where no prefetch tells": {func(s *facts.Set) {
		acs(s, "answered", "failed", "failed")
		s.PutUnknown(facts.ACSPrefetch, facts.ReasonUnsupported, "test")
	}, "blocked", []string{"threeds.acs-no-sign-of-life possible"}, nil},
	"an issuer that never answers, where no prefetch tells": {func(s *facts.Set) {
		acs(s, "answered", "timed-out", "timed-out")
		s.PutUnknown(facts.ACSPrefetch, facts.ReasonUnsupported, "test")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
	}, "blocked", []string{"threeds.acs-hang likely"}, nil},
	"nothing can be reached": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutString(facts.ControlReached, "failed", "test")
	}, "blocked", []string{"threeds.acs-unreachable possible"}, nil},
	"an issuer that never answers": {func(s *facts.Set) {
		acs(s, "answered", "timed-out", "timed-out")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
	}, "blocked", []string{"threeds.acs-hang likely"}, nil},
	"an error page": {func(s *facts.Set) { acs(s, "answered", "failed", "failed") },
		"blocked", []string{"threeds.acs-no-sign-of-life possible"}, nil},
	"an issuer that refuses GET, with a sign of life": {func(s *facts.Set) {
		acs(s, "answered", "failed", "failed")
		s.PutBool(facts.FrameFocused, true, "test")
	}, "clear", nil, nil},
	"a notification page that says nothing": {func(s *facts.Set) {
		stuck(s)
		s.PutInt(facts.FrameLoads, 2, "test")
	}, "blocked", []string{"threeds.notification-silent possible"}, nil},
	"a method time-out": {func(s *facts.Set) { s.PutString(facts.MethodIndicator, "N", "test") },
		"clear", []string{"threeds.method-timeout certain"}, nil},
	"our vantage is down": {func(s *facts.Set) {
		s.PutString(facts.VantageReached, "failed", "test")
		s.PutUnknown(facts.AddressCountry, facts.ReasonUnreachable, "test")
	}, "clear", []string{"self.vantage-unreachable certain"}, nil},
	"our helper is down, challenge completed": {func(s *facts.Set) {
		s.PutString(facts.HelperReached, "timed-out", "test")
		s.PutUnknown(facts.ThirdPartyHeader, facts.ReasonUnreachable, "test")
		s.PutUnknown(facts.StorageAccess, facts.ReasonUnreachable, "test")
	}, "clear", []string{"self.helper-unreachable certain"}, nil},
	"a host window in a sandboxed frame": {func(s *facts.Set) {
		s.PutString(facts.HostPopupResult, "null", "test")
		s.PutBool(facts.HostPopupActivation, true, "test")
		s.PutBool(facts.PopupSandboxed, true, "test")
	}, "blocked", []string{"popup.sandboxed certain"}, []diagnosis.Code{"popup.blocked"}},
	"a sandboxed frame whose page needs no window": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutBool(facts.PopupSandboxed, true, "test")
	}, "clear", nil, nil},
	"a second window in the same gesture": {func(s *facts.Set) {
		s.PutString(facts.HostPopupResult, "null", "test")
		s.PutBool(facts.HostPopupActivation, false, "test")
		s.PutBool(facts.HostPopupSecond, true, "test")
	}, "blocked", []string{"popup.blocked certain"}, nil},
	"no activation left for our own window": {func(s *facts.Set) {
		for _, k := range []facts.Declared{facts.PopupResult, facts.PopupActivationSpent, facts.PopupHello} {
			s.PutUnknown(k, facts.ReasonNoGesture, "test")
		}
	}, "clear", nil, nil},
	"cookies blocked for this site alone": {func(s *facts.Set) {
		s.PutBool(facts.CookieKept, false, "test")
		s.PutString(facts.LocalStorage, "refused", "test")
		s.PutString(facts.IndexedDB, "refused", "test")
	}, "blocked", []string{"cookie.first-party-blocked likely"}, []diagnosis.Code{"storage.refused"}},
	"cookies blocked, and no helper to compare with": {func(s *facts.Set) {
		s.PutBool(facts.CookieKept, false, "test")
		s.PutString(facts.LocalStorage, "refused", "test")
		unheardOf(s, facts.ThirdPartyHeader, facts.ThirdPartyScript, facts.PartitionedHeader, facts.StorageAccess)
	}, "blocked", []string{"cookie.disabled likely"}, nil},
	"a jar so full that the session's cookie is gone": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAnswer, "refused", "test")
		s.PutInt(facts.CookieCount, 152, "test")
		s.PutInt(facts.CookieDuplicates, 1, "test")
	}, "blocked", []string{"cookie.jar-overfull possible"}, []diagnosis.Code{"cookie.duplicate"}},
	"many cookies and no session, in a browser that keeps them all": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.Engine, "firefox", "test")
		s.PutString(facts.SessionAnswer, "refused", "test")
		s.PutInt(facts.CookieCount, 152, "test")
	}, "clear", nil, nil},
	"a full jar with the session in it": {func(s *facts.Set) { s.PutInt(facts.CookieCount, 152, "test") },
		"clear", nil, nil},
	"cookies that the server finds too large": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAnswer, "too-large", "test")
	}, "blocked", []string{"cookie.header-too-large certain"}, nil},
	"cookies over which the connection is dropped": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAnswer, "failed", "test")
	}, "blocked", []string{"cookie.header-too-large likely"}, nil},
	"cookies over the limit that the page names": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAnswer, "timed-out", "test")
		s.PutInt(facts.CookieBytes, 9000, "test")
	}, "blocked", []string{"cookie.header-too-large likely"}, nil},
	"cookies over the limit that the page names, and its server takes": {func(s *facts.Set) {
		unpaid(s)
		s.PutInt(facts.CookieBytes, 9000, "test")
	}, "clear", nil, nil},
	"cookies that the server calls a bad request": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAnswer, "bad-request", "test")
	}, "blocked", []string{"cookie.header-too-large likely"}, nil},
	"a control that leads elsewhere": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAnswer, "other", "test")
	}, "clear", nil, nil},
	"a control that never answers": {func(s *facts.Set) {
		s.PutString(facts.SessionAnswer, "failed", "test")
		s.PutString(facts.BareAnswer, "failed", "test")
	}, "clear", nil, nil},
	"an old cookie beside the session's": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAnswer, "refused", "test")
		s.PutInt(facts.CookieDuplicates, 1, "test")
	}, "blocked", []string{"cookie.duplicate possible"}, nil},
	"two cookies of one name that harm nobody": {func(s *facts.Set) { s.PutInt(facts.CookieDuplicates, 2, "test") },
		"clear", nil, nil},
	"a session that did not come with the issuer's post": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAtLoad, "missing", "test")
		s.PutString(facts.PageReferrer, "other-origin", "test")
	}, "blocked", []string{"cookie.samesite-lost likely"}, nil},
	"a session that was missing, and nobody says where the user comes from": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.SessionAtLoad, "missing", "test")
		s.PutString(facts.PageReferrer, "none", "test")
	}, "blocked", []string{"cookie.samesite-lost possible"}, nil},
	"a user who has signed in since the page was loaded": {func(s *facts.Set) {
		s.PutString(facts.SessionAtLoad, "missing", "test")
	}, "clear", nil, nil},
	"cookies that expire at once": {func(s *facts.Set) {
		unpaid(s)
		s.PutBool(facts.CookieDated, false, "test")
		s.PutString(facts.SessionAnswer, "refused", "test")
		s.PutInt(facts.CookieDuplicates, 1, "test")
	}, "blocked", []string{"cookie.expires-at-once likely"}, []diagnosis.Code{"cookie.duplicate"}},
	"an extension that strips cookies from requests": {func(s *facts.Set) { s.PutBool(facts.ThirdPartyHeader, false, "test") },
		"clear", []string{"cookie.header-stripped likely"}, []diagnosis.Code{"cookie.third-party-blocked"}},
	"an issuer that needs the cookie that an extension strips": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.ThirdPartyHeader, false, "test")
	}, "blocked", []string{"threeds.acs-needs-cookie likely", "cookie.header-stripped likely"}, nil},
	"an issuer whose script needs the cookie that an extension hides": {func(s *facts.Set) {
		late(s)
		s.PutBool(facts.ThirdPartyScript, false, "test")
	}, "blocked", []string{"threeds.acs-needs-cookie likely", "cookie.script-hidden likely"}, nil},
	"an extension that hides cookies from scripts": {func(s *facts.Set) { s.PutBool(facts.ThirdPartyScript, false, "test") },
		"clear", []string{"cookie.script-hidden likely"}, nil},
	"storage that throws": {func(s *facts.Set) { s.PutString(facts.IndexedDB, "threw", "test") },
		"degraded", []string{"storage.refused certain"}, nil},
	"a private window without Cache Storage": {func(s *facts.Set) { s.PutString(facts.CacheAPI, "refused", "test") },
		"clear", nil, nil},
	"storage without room": {func(s *facts.Set) { s.PutString(facts.CacheAPI, "full", "test") },
		"degraded", []string{"storage.full certain"}, nil},
	"storage that is emptied at every load": {func(s *facts.Set) { s.PutList(facts.StorageLostOnLoad, []string{"local"}, "test") },
		"degraded", []string{"storage.not-kept likely"}, nil},
	"a worker that clears up after others": {func(s *facts.Set) {
		s.PutList(facts.StorageLostOnLoad, []string{"cache-api"}, "test")
	}, "clear", nil, nil},
	"a browser within an app that opens no windows": {func(s *facts.Set) {
		unpaid(s)
		s.PutBool(facts.InAppWebView, true, "test")
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutString(facts.HostPopupResult, "null", "test")
		s.PutBool(facts.HostPopupActivation, true, "test")
	}, "degraded", []string{"environment.in-app-web-view likely"}, nil},
	"a challenge of two pages, in use beside a content blocker": {func(s *facts.Set) {
		s.PutString(facts.Mode, "watch", "test")
		stuck(s)
		s.PutInt(facts.FrameLoads, 2, "test")
		s.PutBool(facts.FrameFocused, true, "test")
		s.PutString(facts.ScriptBait, "blocked", "test")
	}, "clear", []string{"blocker.content-blocker likely"}, nil},
	"an old page from the cache": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.PageFrom, "cache", "test")
		s.PutBool(facts.BuildDiffers, true, "test")
	}, "blocked", []string{"cache.stale-page likely"}, []diagnosis.Code{"cache.build-mismatch"}},
	"a page from the cache, of the present build": {func(s *facts.Set) { s.PutString(facts.PageFrom, "cache", "test") },
		"clear", nil, nil},
	"a new worker waits behind an old one": {func(s *facts.Set) {
		unpaid(s)
		s.PutBool(facts.WorkerControls, true, "test")
		s.PutBool(facts.WorkerWaiting, true, "test")
		s.PutBool(facts.WorkerStale, true, "test")
	}, "blocked", []string{"cache.worker-waiting certain"}, []diagnosis.Code{"cache.stale-worker"}},
	"a new worker waits, and nothing is old": {func(s *facts.Set) { s.PutBool(facts.WorkerWaiting, true, "test") },
		"clear", nil, nil},
	"an old build in Cache Storage that the page starts from": {func(s *facts.Set) {
		unpaid(s)
		s.PutBool(facts.StorageStale, true, "test")
		s.PutBool(facts.BuildDiffers, true, "test")
	}, "blocked", []string{"cache.stale-storage likely"}, []diagnosis.Code{"cache.build-mismatch"}},
	"an old build left over in Cache Storage": {func(s *facts.Set) { s.PutBool(facts.StorageStale, true, "test") },
		"clear", nil, nil},
	"a file that a deploy removed": {func(s *facts.Set) {
		unpaid(s)
		s.PutBool(facts.ChunkMissing, true, "test")
		s.PutBool(facts.BuildDiffers, true, "test")
	}, "blocked", []string{"cache.missing-chunk likely"}, []diagnosis.Code{"cache.build-mismatch"}},
	"a file that is missing in the present build": {func(s *facts.Set) {
		unpaid(s)
		s.PutBool(facts.ChunkMissing, true, "test")
	}, "clear", nil, nil},
	"an old copy of a file that a worker keeps": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.Integrity, "cached", "test")
		s.PutBool(facts.WorkerStale, true, "test")
	}, "blocked", []string{"cache.stale-worker certain"}, []diagnosis.Code{"cache.integrity"}},
	"a page that was open during a deploy": {func(s *facts.Set) {
		unpaid(s)
		s.PutBool(facts.BuildDiffers, true, "test")
	}, "degraded", []string{"cache.build-mismatch likely"}, nil},
	"a page that was open during a deploy, and paid": {func(s *facts.Set) { s.PutBool(facts.BuildDiffers, true, "test") },
		"clear", nil, nil},
	"an old copy of a file that the page demands by hash": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.Integrity, "cached", "test")
	}, "blocked", []string{"cache.integrity certain"}, nil},
	"a file that has another hash than the page demands": {func(s *facts.Set) {
		unpaid(s)
		s.PutString(facts.Integrity, "server", "test")
	}, "blocked", []string{"cache.integrity certain"}, nil},
	"an observer crashed": {func(s *facts.Set) {
		s.PutUnknown(facts.LocalStorage, facts.ReasonCrashed, "test")
	}, "inconclusive", []string{"self.check-crashed certain"}, nil},
	"the storage check timed out": {func(s *facts.Set) {
		s.PutUnknown(facts.CookieKept, facts.ReasonTimedOut, "test")
	}, "inconclusive", nil, nil},
}

func TestJudgeNames(t *testing.T) {
	for name, tt := range symptoms {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			tt.change(s)
			r := diagnosis.Judge(s)
			assert.Equal(t, tt.verdict, r.Verdict)
			assert.Equal(t, tt.findings, named(r))
			var hidden []diagnosis.Code
			for _, h := range r.Hidden {
				hidden = append(hidden, h.Code)
			}
			for _, code := range tt.hidden {
				assert.Contains(t, hidden, code)
			}
		})
	}
}

// named lists the findings as "code confidence", without the advice of clear.
func named(r diagnosis.Result) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Code != "payment.nothing-found" {
			out = append(out, string(f.Code)+" "+string(f.Confidence))
		}
	}
	return out
}

// TestEverySymptomNeedsItsCheck removes each cause that a symptom names and
// expects it to go unnamed: no finding rests on another check.
func TestEverySymptomNeedsItsCheck(t *testing.T) {
	covered := map[diagnosis.Code]bool{}
	for _, tt := range symptoms {
		s := healthy()
		tt.change(s)
		for _, f := range diagnosis.Judge(s).Findings {
			covered[f.Code] = true
			without := slices.DeleteFunc(diagnosis.Causes(), func(c diagnosis.Cause) bool { return c.Code == f.Code })
			for _, left := range diagnosis.JudgeWith(without, s).Findings {
				assert.NotEqual(t, f.Code, left.Code)
			}
		}
	}
	for _, c := range diagnosis.Causes() {
		assert.True(t, covered[c.Code], "no symptom gives %s", c.Code)
	}
}

// TestNoTwoCausesHideEachOther: what is hidden must have something to stand for
// it, so that a symptom and its cause never change places.
func TestNoTwoCausesHideEachOther(t *testing.T) {
	on := map[diagnosis.Code][]diagnosis.Code{}
	for _, c := range diagnosis.Causes() {
		on[c.Code] = c.DependsOn
		if slices.Contains(c.DependsOn, "network.offline") && c.Code != "network.captive-portal" {
			on[c.Code] = append(slices.Clone(c.DependsOn), "network.captive-portal")
		}
	}
	var reaches func(from, to diagnosis.Code, seen map[diagnosis.Code]bool) bool
	reaches = func(from, to diagnosis.Code, seen map[diagnosis.Code]bool) bool {
		return slices.ContainsFunc(on[from], func(next diagnosis.Code) bool {
			if next == to {
				return true
			}
			if seen[next] {
				return false
			}
			seen[next] = true
			return reaches(next, to, seen)
		})
	}
	for code := range on {
		assert.False(t, reaches(code, code, map[diagnosis.Code]bool{}), "%s is hidden by what it hides", code)
	}
}

// TestNothingSeenIsNoDiagnosis: without a single fact nothing may be found,
// and nothing may be called checked.
func TestNothingSeenIsNoDiagnosis(t *testing.T) {
	r := diagnosis.Judge(&facts.Set{})
	assert.Equal(t, diagnosis.Inconclusive, r.Verdict)
	assert.Empty(t, r.Findings)
	for _, c := range diagnosis.Causes() {
		if len(c.Needs) > 0 {
			assert.Contains(t, r.NotChecked, diagnosis.NotChecked{Code: c.Code, Reason: facts.ReasonNotObserved})
		}
	}
}

func TestFindingsSayWhyAndWhatToDo(t *testing.T) {
	for name, tt := range symptoms {
		s := healthy()
		tt.change(s)
		for _, f := range diagnosis.Judge(s).Findings {
			c, ok := diagnosis.Lookup(f.Code)
			require.True(t, ok)
			assert.Equal(t, c.Severity, f.Severity, name)
			assert.Contains(t, c.Confidences, f.Confidence, "%s: %s", name, f.Code)
			assert.Subset(t, c.OneOf, f.OneOf, "%s: %s", name, f.Code)
			if f.Variant != "" {
				assert.Contains(t, c.Variants, f.Variant, "%s: %s", name, f.Code)
			}
			if f.Code == "payment.nothing-found" {
				assert.NotEmpty(t, f.Fixes)
				continue
			}
			assert.NotEmpty(t, f.Evidence, "%s: %s", name, f.Code)
			if f.Confidence == diagnosis.Possible {
				assert.Greater(t, len(f.OneOf), 1, "%s: what is only possible must name the other explanations", name)
			}
		}
	}
}

func TestAPrivateWindowIsNotSuggestedWhereItMakesThingsWorse(t *testing.T) {
	s := healthy()
	noCookies(s)
	late(s)
	r := diagnosis.Judge(s)
	f := r.Findings[slices.IndexFunc(r.Findings, func(f diagnosis.Finding) bool { return f.Code == "threeds.acs-needs-cookie" })]
	assert.NotContains(t, f.Fixes, diagnosis.Fix{Code: "use-private-window", For: "user"})
	assert.Equal(t, []diagnosis.LeftOut{{Code: "use-private-window", Because: diagnosis.BecauseThirdPartyCookies}}, f.LeftOut)
}

func TestCausesAreDeclaredCompletely(t *testing.T) {
	remedies := map[diagnosis.FixCode]bool{}
	for _, r := range diagnosis.Remedies() {
		assert.False(t, remedies[r.Code], "%s is declared twice", r.Code)
		assert.NotEmpty(t, r.Source, r.Code)
		remedies[r.Code] = true
	}
	used := map[diagnosis.FixCode]bool{"use-private-window": true}
	seen := map[diagnosis.Code]bool{}
	for _, c := range diagnosis.Causes() {
		assert.Regexp(t, `^[a-z]+\.[a-z]+(-[a-z]+)*$`, string(c.Code))
		assert.False(t, seen[c.Code], "%s is declared twice", c.Code)
		seen[c.Code] = true
		assert.NotEmpty(t, c.Confidences, c.Code)
		assert.NotEmpty(t, c.Source, c.Code)
		assert.NotEmpty(t, c.Code.Family())
		for _, d := range c.DependsOn {
			_, ok := diagnosis.Lookup(d)
			assert.True(t, ok, "%s depends on %s, which is no cause", c.Code, d)
		}
		for _, f := range c.Fixes {
			assert.True(t, remedies[f], "%s suggests %s, which is no remedy", c.Code, f)
			used[f] = true
		}
	}
	for code := range remedies {
		assert.True(t, used[code], "no cause suggests %s", code)
	}
	_, ok := diagnosis.Lookup("no.such")
	assert.False(t, ok)
}
