package lab

import (
	"fmt"
	"slices"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
)

// Fault is a failure that the lab causes on purpose, for one payment page, or a
// harmless variant of a payment.
type Fault struct {
	Code  string         `json:"code"`  // stable, as in ?fault=CODE
	Title string         `json:"title"` // one line for people
	Gives diagnosis.Code `json:"gives"` // the cause that the diagnosis must find; empty for a harmless variant

	// needsHTTPS says why the fault cannot be had over plain HTTP; empty if it can.
	needsHTTPS string
}

// The faults of the payment page.
const (
	pageCSPFrameSrc           = "page-csp-frame-src"
	pageCSPFrameSrcRedirect   = "page-csp-frame-src-redirect"
	pageCSPFormAction         = "page-csp-form-action"
	pageCSPFormActionRedirect = "page-csp-form-action-redirect"
	pageCSPScriptSrc          = "page-csp-script-src"
	pageCSPNoWasm             = "page-csp-no-wasm"
	pageTrustedTypes          = "page-trusted-types"
	pageCOEPRequireCORP       = "page-coep-require-corp"
	pageCOEPCredentialless    = "page-coep-credentialless"
	pageOpenerPolicy          = "page-opener-policy"
	pagePermissionsPolicy     = "page-permissions-policy"
	framePermissions          = "frame-permissions"
	frameSandboxNoForms       = "frame-sandbox-no-forms"
	frameSandboxNoScripts     = "frame-sandbox-no-scripts"
	frameSandboxNoSameOrigin  = "frame-sandbox-no-same-origin"
	frameTooSmall             = "frame-too-small"
	frameCovered              = "frame-covered"
	frameBehindDialog         = "frame-behind-dialog"
	frameRemoved              = "frame-removed"
	twoChallenges             = "two-challenges"
	creqTwice                 = "creq-twice"
	messageWrongOrigin        = "message-wrong-origin"
	messageWrongType          = "message-wrong-type"
	messageWrongTransaction   = "message-wrong-transaction"
	messageMalformed          = "message-malformed"
	messagePadded             = "message-padded"
	methodTimeoutFatal        = "method-timeout-fatal"
	notificationSessionLost   = "notification-session-lost"
	notificationFrameOptions  = "notification-frame-options"
	notificationSwallowed     = "notification-swallowed"
	notificationTooLong       = "notification-too-long"
	popupTooLate              = "popup-too-late"
	popupSecond               = "popup-second"
	pageSandboxed             = "page-sandboxed"
	antiFraudDNS              = "anti-fraud-dns"
	jarOverfull               = "jar-overfull"
	headerTooLarge            = "header-too-large"
	headerTooLarge400         = "header-too-large-400"
	cookieDuplicate           = "cookie-duplicate"
	cookieDuplicatePath       = "cookie-duplicate-path"
	sameSiteLost              = "samesite-lost"
	clockBehind               = "clock-behind"
	storageFull               = "storage-full"
	providerDNS               = "provider-dns"
	declinedInsufficientFunds = "declined-insufficient-funds"
)

// The faults of the 3DS Server and of the issuer.
const (
	notificationSilent     = "notification-silent"
	notificationError      = "notification-error"
	acsFrameOptions        = "acs-frame-options"
	acsFrameAncestors      = "acs-frame-ancestors"
	acsDNS                 = "acs-dns"
	acsTLSExpired          = "acs-tls-expired"
	acsTLSWrongName        = "acs-tls-wrong-name"
	acsTLSUntrusted        = "acs-tls-untrusted"
	acsMixedContent        = "acs-mixed-content"
	acsLocalNetwork        = "acs-local-network"
	acsHang                = "acs-hang"
	acsHangBody            = "acs-hang-in-body"
	acsHTTP404             = "acs-http-404"
	acsHTTP500             = "acs-http-500"
	acsHTTP500Canary       = "acs-http-500-canary"
	acsRedirectLoop        = "acs-redirect-loop"
	acsRedirectLoopCanary  = "acs-redirect-loop-canary"
	acsNoContent           = "acs-no-content"
	acsDownload            = "acs-download"
	acsRejectsRequest      = "acs-rejects-request"
	acsLeftFrame           = "acs-left-frame"
	acsLeftFrameRefused    = "acs-left-frame-refused"
	acsNeverReturned       = "acs-never-returned"
	acsNeedsCookie         = "acs-needs-cookie"
	acsNeedsScriptCookie   = "acs-needs-script-cookie"
	methodTimeout          = "method-timeout"
	methodTooLate          = "method-too-late"
	resultContradictsCRes  = "result-contradicts-cres"
	declinedExpiredCard    = "declined-expired-card"
	declinedTooManyTries   = "declined-too-many-tries"
	declinedSuspectedFraud = "declined-suspected-fraud"
	declinedWrongNumber    = "declined-wrong-number"
	declinedNotPermitted   = "declined-not-permitted"
	declinedUnsupported    = "declined-unsupported-device"
	declinedIssuerTrouble  = "declined-issuer-trouble"
)

// The faults of the diagnostic's own parts, and of what this browser kept.
const (
	staleWorker      = "stale-worker"
	staleScript      = "stale-script"
	stalePage        = "stale-page"
	staleStorage     = "stale-storage"
	staleIntegrity   = "stale-integrity"
	wrongIntegrity   = "wrong-integrity"
	workerWaiting    = "worker-waiting"
	missingChunk     = "missing-chunk"
	missingChunkPage = "missing-chunk-page"
	buildMismatch    = "build-mismatch"
	vantageElsewhere = "vantage-elsewhere"
	vantageClock     = "vantage-clock"
	vantageDown      = "vantage-down"
	socketRefused    = "socket-refused"
	helperDown       = "helper-down"
	canaryDown       = "canary-down"
)

// The harmless variants.
const (
	watched              = "watched"
	window01             = "window-01"
	window02             = "window-02"
	window03             = "window-03"
	window04             = "window-04"
	window05             = "window-05"
	popupChallenge       = "popup-challenge"
	popupOpenerPolicy    = "popup-opener-policy"
	framePremounted      = "frame-premounted"
	frameInDialog        = "frame-in-dialog"
	frameReplaced        = "frame-replaced"
	pageCSPStrict        = "page-csp-strict"
	notificationTwice    = "notification-twice"
	notificationMerchant = "notification-merchant"
	acsSlow              = "acs-slow"
	acsTwoHops           = "acs-two-hops"
	acsResourcePolicy    = "acs-resource-policy"
	acsPostOnly          = "acs-post-only"
	acsNestedFrame       = "acs-nested-frame"
	acsDeviceScript      = "acs-device-script"
	acsPasskey           = "acs-passkey"
	cresPadded           = "cres-padded"
	methodLate           = "method-late"
	redirectChallenge    = "redirect-challenge"
	clickSpent           = "click-spent"
	antiFraud            = "anti-fraud"
	storageUsed          = "storage-used"
	cookiesHundred       = "cookies-hundred"
	cookiesTwice         = "cookies-twice"
	workerFresh          = "worker-fresh"
	workerOld            = "worker-old"
	pageInFrame          = "page-in-frame"
	pageMonitored        = "page-monitored"
	pageTypesStrict      = "page-types-strict"
	vantageProxied       = "vantage-proxied"
	stunUnanswered       = "stun-silent"
)

// secureCookie is why a fault that needs a third-party cookie needs HTTPS.
const secureCookie = "a SameSite=None cookie must be Secure"

// onlyHTTPS is why a fault about HTTPS itself needs it.
const onlyHTTPS = "it is a fault of HTTPS"

// Faults lists the faults that a payment page can be asked for, in the order
// in which they are shown; after them the harmless variants.
func Faults() []Fault {
	return []Fault{
		{Code: pageCSPFrameSrc, Gives: "threeds.page-csp-frame-src", Title: "The payment page's policy does not let it frame the issuer"},
		{Code: pageCSPFrameSrcRedirect, Gives: "threeds.page-csp-frame-src", Title: "The policy lets it frame the issuer, but not where the issuer redirects to"},
		{Code: pageCSPFormAction, Gives: "threeds.page-csp-form-action", Title: "The payment page's policy does not let it post to the issuer"},
		{Code: pageCSPFormActionRedirect, Gives: "threeds.page-csp-form-action", Title: "The policy lets it post to the issuer, but not where the issuer redirects to"},
		{Code: pageCSPScriptSrc, Gives: "threeds.page-csp-script-src", Title: "The payment page's policy refuses the payment provider's script"},
		{Code: pageCSPNoWasm, Gives: "environment.wasm-refused", Title: "The payment page's policy refuses WebAssembly"},
		{Code: pageTrustedTypes, Gives: "threeds.page-trusted-types", Title: "Trusted Types stop the script that puts the challenge frame in"},
		{Code: pageCOEPRequireCORP, Gives: "threeds.page-cross-origin-isolated", needsHTTPS: onlyHTTPS, Title: "The payment page demands COEP require-corp of its frames"},
		{Code: pageCOEPCredentialless, Gives: "threeds.page-cross-origin-isolated", needsHTTPS: onlyHTTPS, Title: "The payment page demands COEP credentialless of its frames"},
		{Code: pageOpenerPolicy, Gives: "threeds.page-opener-policy", Title: "The payment page's COOP cuts it off from its challenge window"},
		{Code: pagePermissionsPolicy, Gives: "threeds.page-permissions-policy", Title: "The payment page's Permissions-Policy denies passkeys"},
		{Code: framePermissions, Gives: "threeds.frame-permissions", Title: "The challenge frame's allow attribute hands on no passkeys"},
		{Code: frameSandboxNoForms, Gives: "threeds.frame-sandbox", Title: "The challenge frame is sandboxed without allow-forms"},
		{Code: frameSandboxNoScripts, Gives: "threeds.frame-sandbox", Title: "The challenge frame is sandboxed without allow-scripts"},
		{Code: frameSandboxNoSameOrigin, Gives: "threeds.frame-sandbox-origin", Title: "The challenge frame is sandboxed without allow-same-origin"},
		{Code: frameTooSmall, Gives: "threeds.frame-too-small", Title: "The challenge frame is far smaller than the challenge"},
		{Code: frameCovered, Gives: "threeds.frame-covered", Title: "An overlay of the page's covers the challenge frame"},
		{Code: frameBehindDialog, Gives: "threeds.frame-covered", Title: "The challenge frame stands behind a modal dialog"},
		{Code: frameRemoved, Gives: "threeds.frame-removed", Title: "The page takes the challenge frame out while it is needed"},
		{Code: twoChallenges, Gives: "threeds.two-challenges", Title: "The page opens two challenges at once"},
		{Code: creqTwice, Gives: "threeds.acs-rejected-request", Title: "The page sends its challenge request twice"},
		{Code: messageWrongOrigin, Gives: "threeds.message-ignored", Title: "The page expects the challenge's end from another origin"},
		{Code: messageWrongType, Gives: "threeds.message-ignored", Title: "The page expects another type of message at the challenge's end"},
		{Code: messageWrongTransaction, Gives: "threeds.message-ignored", Title: "The challenge's end names another transaction"},
		{Code: messageMalformed, Gives: "threeds.message-malformed", Title: "The CRes in the challenge's end is malformed"},
		{Code: messagePadded, Gives: "threeds.message-malformed", Title: "The page cannot read the CRes because it is padded"},
		{Code: methodTimeoutFatal, Gives: "threeds.method-timeout-fatal", Title: "The page gives up when the 3DS Method's time runs out"},
		{Code: notificationSessionLost, Gives: "threeds.notification-session-lost", needsHTTPS: secureCookie, Title: "The notification page needs a cookie that does not come with a post from the issuer"},
		{Code: notificationFrameOptions, Gives: "threeds.notification-frame-options", Title: "The notification page forbids framing"},
		{Code: notificationSwallowed, Gives: "threeds.notification-swallowed", Title: "A service worker of the page's answers for the notification page"},
		{Code: notificationTooLong, Gives: "threeds.notification-rejected", Title: "The notification URL is longer than the protocol allows"},
		{Code: popupTooLate, Gives: "popup.blocked", Title: "The payment page opens its window when the click is long over"},
		{Code: popupSecond, Gives: "popup.blocked", Title: "The payment page opens its window as the second one in a click"},
		{Code: pageSandboxed, Gives: "popup.sandboxed", Title: "The payment page stands in a sandboxed frame that may open no windows"},
		{Code: antiFraudDNS, Gives: "blocker.anti-fraud", needsHTTPS: onlyHTTPS, Title: "The name of the anti-fraud service does not resolve"},
		{Code: jarOverfull, Gives: "cookie.jar-overfull", Title: "The site sets so many cookies that the browser drops the session's"},
		{Code: headerTooLarge, Gives: "cookie.header-too-large", Title: "The site's cookies are larger than its server takes: 431"},
		{Code: headerTooLarge400, Gives: "cookie.header-too-large", Title: "The site's cookies are larger than its server takes: 400"},
		{Code: cookieDuplicate, Gives: "cookie.duplicate", needsHTTPS: "localhost has no domain to set a cookie for", Title: "Two cookies of one name on two domains, and the server reads the old one"},
		{Code: cookieDuplicatePath, Gives: "cookie.duplicate", Title: "Two cookies of one name on two paths, and the server gets the old one alone"},
		{Code: sameSiteLost, Gives: "cookie.samesite-lost", needsHTTPS: onlyHTTPS, Title: "The issuer posts the whole page back, and the session's SameSite=Lax cookie does not come with it"},
		{Code: clockBehind, Gives: "cookie.expires-at-once", Title: "The browser's clock is two days ahead of the servers', so that cookies with a date expire at once"},
		{Code: storageFull, Gives: "storage.full", Title: "The site has filled its local storage to the brim"},
		{Code: providerDNS, Gives: "network.dns", needsHTTPS: "127.0.0.1 has no hosts beside it", Title: "One host of the payment provider's does not resolve, and another answers"},
		{Code: declinedInsufficientFunds, Gives: "payment.declined", Title: "The gateway declines the card after the challenge: not enough funds"},

		{Code: notificationSilent, Gives: "threeds.notification-silent", Title: "The notification page does not tell the payment page"},
		{Code: notificationError, Gives: "threeds.notification-silent", Title: "The notification page answers with an error"},
		{Code: acsFrameOptions, Gives: "threeds.acs-frame-options", Title: "The issuer's page forbids framing with X-Frame-Options"},
		{Code: acsFrameAncestors, Gives: "threeds.acs-frame-ancestors", Title: "The issuer's page forbids framing with frame-ancestors"},
		{Code: acsDNS, Gives: "threeds.acs-unreachable", Title: "The issuer's host name does not resolve"},
		{Code: acsTLSExpired, Gives: "threeds.acs-unreachable", needsHTTPS: onlyHTTPS, Title: "The issuer's certificate has expired"},
		{Code: acsTLSWrongName, Gives: "threeds.acs-unreachable", needsHTTPS: onlyHTTPS, Title: "The issuer's certificate is for another name"},
		{Code: acsTLSUntrusted, Gives: "threeds.acs-unreachable", needsHTTPS: onlyHTTPS, Title: "The issuer's certificate is of an authority that nobody trusts"},
		{Code: acsMixedContent, Gives: "threeds.mixed-content", needsHTTPS: onlyHTTPS, Title: "The issuer's page is plain HTTP"},
		{Code: acsLocalNetwork, Gives: "threeds.local-network-denied", needsHTTPS: onlyHTTPS, Title: "The issuer's page is on the local network, which this page may not reach"},
		{Code: acsHang, Gives: "threeds.acs-hang", Title: "The issuer takes the challenge request and never answers"},
		{Code: acsHangBody, Gives: "threeds.acs-hang", Title: "The issuer's page stops in the middle of its first line"},
		{Code: acsHTTP404, Gives: "threeds.acs-no-sign-of-life", Title: "The issuer's challenge page is not found"},
		{Code: acsHTTP500, Gives: "threeds.acs-no-sign-of-life", Title: "The issuer's challenge page answers with an error"},
		{Code: acsHTTP500Canary, Gives: "threeds.acs-http-error", needsHTTPS: onlyHTTPS, Title: "The issuer's whole host answers with errors, and the canary stands on it"},
		{Code: acsRedirectLoop, Gives: "threeds.acs-no-sign-of-life", Title: "The issuer's challenge page redirects to itself"},
		{Code: acsRedirectLoopCanary, Gives: "threeds.acs-redirect-loop", needsHTTPS: onlyHTTPS, Title: "The issuer's whole host redirects to itself, and the canary stands on it"},
		{Code: acsNoContent, Gives: "threeds.acs-no-page", Title: "The issuer answers the challenge request with 204 and no page"},
		{Code: acsDownload, Gives: "threeds.acs-no-page", Title: "The issuer answers the challenge request with a download"},
		{Code: acsRejectsRequest, Gives: "threeds.acs-rejected-request", Title: "The issuer rejects the challenge request"},
		{Code: acsLeftFrame, Gives: "threeds.acs-left-frame", Title: "The issuer's page leaves its frame and takes the whole page over"},
		{Code: acsLeftFrameRefused, Gives: "threeds.acs-never-returned", Title: "The issuer's page tries to leave its frame, and the browser refuses"},
		{Code: acsNeverReturned, Gives: "threeds.acs-never-returned", Title: "The issuer's page takes the answer and never comes back"},
		{Code: acsNeedsCookie, Gives: "threeds.acs-needs-cookie", needsHTTPS: secureCookie, Title: "The issuer's page insists on an unpartitioned third-party cookie"},
		{Code: acsNeedsScriptCookie, Gives: "threeds.acs-needs-cookie", needsHTTPS: secureCookie, Title: "The issuer's script insists on an unpartitioned third-party cookie"},
		{Code: methodTimeout, Gives: "threeds.method-timeout", Title: "The issuer's 3DS Method page never calls back"},
		{Code: methodTooLate, Gives: "threeds.method-timeout", Title: "The issuer's 3DS Method page calls back just after its time"},
		{Code: resultContradictsCRes, Gives: "payment.declined", Title: "The issuer's result says no although its CRes says yes"},
		{Code: declinedExpiredCard, Gives: "payment.declined", Title: "The issuer declines: the card has expired"},
		{Code: declinedTooManyTries, Gives: "payment.declined", Title: "The issuer declines: too many tries"},
		{Code: declinedSuspectedFraud, Gives: "payment.declined", Title: "The issuer declines: it suspects fraud"},
		{Code: declinedWrongNumber, Gives: "payment.declined", Title: "The issuer declines: no such card"},
		{Code: declinedNotPermitted, Gives: "payment.declined", Title: "The issuer declines: the card may not be used so"},
		{Code: declinedUnsupported, Gives: "payment.declined", Title: "The issuer declines: it does not support this device"},
		{Code: declinedIssuerTrouble, Gives: "payment.declined", Title: "The issuer declines: it has technical trouble"},

		{Code: staleWorker, Gives: "cache.stale-worker", Title: "A service worker serves the script of an old build"},
		{Code: staleScript, Gives: "cache.stale-script", Title: "The HTTP cache holds the script of an old build"},
		{Code: stalePage, Gives: "cache.stale-page", Title: "The HTTP cache holds the page of an old build"},
		{Code: staleStorage, Gives: "cache.stale-storage", Title: "The page starts from an old build in Cache Storage"},
		{Code: staleIntegrity, Gives: "cache.integrity", Title: "The HTTP cache holds an old copy of a file that the page demands by hash"},
		{Code: wrongIntegrity, Gives: "cache.integrity", Title: "The page demands a file by a hash that its server's copy does not have"},
		{Code: workerWaiting, Gives: "cache.worker-waiting", Title: "A service worker of an old build goes on while the new one waits"},
		{Code: missingChunk, Gives: "cache.missing-chunk", Title: "A file of the page's build was removed by a deploy"},
		{Code: missingChunkPage, Gives: "cache.missing-chunk", Title: "The same, and the server answers with the app's page in its place"},
		{Code: buildMismatch, Gives: "cache.build-mismatch", Title: "The server was deployed anew while the page was open"},
		{Code: vantageElsewhere, Gives: "vpn.suspected", Title: "The public address is in another country than the time zone"},
		{Code: vantageClock, Gives: "network.clock-skew", Title: "The browser's clock is two hours behind the servers'"},
		{Code: socketRefused, Gives: "network.proxy", needsHTTPS: "127.0.0.1 has no hosts beside it", Title: "WebSockets are refused, as by a proxy that knows none, and all else passes"},
		{Code: vantageDown, Gives: "self.vantage-unreachable", Title: "The diagnostic's own vantage cannot be reached"},
		{Code: helperDown, Gives: "self.helper-unreachable", Title: "The diagnostic's own helper site cannot be reached"},
		{Code: canaryDown, Gives: "self.canary-unreachable", Title: "The diagnostic's own canary cannot be reached"},

		{Code: watched, Title: "The payment page opts into being watched"},
		{Code: window01, Title: "The challenge window is 250 x 400"},
		{Code: window02, Title: "The challenge window is 390 x 400"},
		{Code: window03, Title: "The challenge window is 500 x 600"},
		{Code: window04, Title: "The challenge window is 600 x 400"},
		{Code: window05, Title: "The challenge window is all of the page"},
		{Code: popupChallenge, Title: "The challenge opens in a window, within the click"},
		{Code: popupOpenerPolicy, Title: "The same, on a page with COOP same-origin-allow-popups"},
		{Code: framePremounted, Title: "The challenge frame is in the page before the payment"},
		{Code: frameInDialog, Title: "The challenge frame stands in a modal dialog"},
		{Code: frameReplaced, Title: "The challenge frame comes late, is replaced, and moves into a dialog"},
		{Code: pageCSPStrict, Title: "The payment page has a strict policy that names every site it needs"},
		{Code: notificationTwice, Title: "The challenge's end is told twice"},
		{Code: notificationMerchant, Title: "The notification page is the merchant's own"},
		{Code: acsSlow, Title: "The issuer's page takes six seconds"},
		{Code: acsTwoHops, Title: "The issuer redirects twice before it answers"},
		{Code: acsResourcePolicy, Title: "The issuer's pages have Cross-Origin-Resource-Policy same-origin"},
		{Code: acsPostOnly, Title: "The issuer answers GET with 405"},
		{Code: acsNestedFrame, Title: "The issuer's form stands in a frame within the challenge frame"},
		{Code: acsDeviceScript, Title: "The issuer's page needs its own script /fingerprint2.min.js"},
		{Code: acsPasskey, Title: "The issuer asks for a passkey"},
		{Code: cresPadded, Title: "The issuer pads the CRes"},
		{Code: methodLate, Title: "The issuer's 3DS Method page calls back just in time"},
		{Code: redirectChallenge, needsHTTPS: onlyHTTPS, Title: "The challenge takes the whole page, and posts it back"},
		{Code: clickSpent, Title: "The page opens a window of its own in the click on the diagnostic"},
		{Code: antiFraud, needsHTTPS: onlyHTTPS, Title: "The payment page needs the scripts of two anti-fraud services"},
		{Code: storageUsed, Title: "The payment page keeps its state in the site's storage, of all four kinds"},
		{Code: cookiesHundred, Title: "The site has a hundred harmless cookies"},
		{Code: cookiesTwice, needsHTTPS: "localhost has no domain to set a cookie for", Title: "Two harmless cookies of one name"},
		{Code: workerFresh, Title: "A service worker of the present build serves the script"},
		{Code: workerOld, Title: "An older service worker serves the script of the present build"},
		{Code: pageInFrame, Title: "The payment page stands in a frame of the same site"},
		{Code: pageMonitored, Title: "A monitoring script has wrapped Date, fetch and XMLHttpRequest"},
		{Code: pageTypesStrict, Title: "The payment page demands Trusted Types, and its scripts know them"},
		{Code: vantageProxied, Title: "The vantage stands behind a proxy of its own, and sees nothing of the connection"},
		{Code: stunUnanswered, Title: "The network lets no UDP out, so that WebRTC has no public address"},
	}
}

// faultSet is what one payment page was asked for.
type faultSet []string

func (s faultSet) has(code string) bool { return slices.Contains(s, code) }

// faultQuery is the query parameter that switches faults on.
const faultQuery = "fault"

// parseFaults reads the value of ?fault=, codes separated by commas. The
// error names the code that is unknown, or cannot be had over plain HTTP.
func parseFaults(value string, plainHTTP bool) (faultSet, error) {
	var set faultSet
	for code := range strings.SplitSeq(value, ",") {
		if code == "" {
			continue
		}
		f, ok := findFault(code)
		if !ok {
			return nil, fmt.Errorf("unknown fault %q; known: %s", code, strings.Join(faultCodes(), ", "))
		}
		if plainHTTP && f.needsHTTPS != "" {
			return nil, fmt.Errorf("fault %s needs HTTPS: %s", code, f.needsHTTPS)
		}
		set = append(set, code)
	}
	return set, nil
}

func findFault(code string) (Fault, bool) {
	for _, f := range Faults() {
		if f.Code == code {
			return f, true
		}
	}
	return Fault{}, false
}

func faultCodes() []string {
	var codes []string
	for _, f := range Faults() {
		codes = append(codes, f.Code)
	}
	return codes
}
