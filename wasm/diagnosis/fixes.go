package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

// FixCode names a remedy. Codes are stable; the locales hold their wording.
type FixCode string

// Audience is who can apply a fix.
type Audience string

// The audiences. What is not for the user is shown to the others, in English.
const (
	ForUser     Audience = "user"
	ForMerchant Audience = "merchant"
	ForIssuer   Audience = "issuer"
	ForIT       Audience = "it"
)

// Fix is a remedy that a finding suggests.
type Fix struct {
	Code FixCode
	For  Audience
}

// LeftOut is a remedy that a finding does not suggest although it is
// documented, because it would make things worse here.
type LeftOut struct {
	Code    FixCode
	Because string // a word that the locales explain
}

// BecauseThirdPartyCookies says that a private window blocks the very cookies
// that are missing.
const BecauseThirdPartyCookies = "third-party-cookies"

// A Remedy is a declared fix.
type Remedy struct {
	Code   FixCode
	For    Audience
	Source string // the document, specification or issue that recommends it
}

// The documents that the fixes come from.
const (
	sourceInvalidMethod = "Help centre: how to troubleshoot an invalid payment method (February 2025)"
	sourceRefund        = "How to refund an ads balance"
	sourceStorageAccess = "https://privacycg.github.io/storage-access/"
	sourceCSP           = "https://www.w3.org/TR/CSP3/"
	sourceHTML          = "https://html.spec.whatwg.org/multipage/"
	sourceEMV           = "EMV 3-D Secure Protocol and Core Functions Specification 2.3.1"
	sourceWorkers       = "https://www.w3.org/TR/service-workers/"
	sourceFetch         = "https://fetch.spec.whatwg.org/"
	sourceWasmPolicy    = "https://www.w3.org/TR/CSP3/#grammardef-wasm-unsafe-eval"
)

// Remedies returns every fix, the documented ones first.
func Remedies() []Remedy { return slices.Clone(remedies) }

var remedies = []Remedy{
	{"check-details", ForUser, sourceInvalidMethod},
	{"check-card-date", ForUser, sourceInvalidMethod},
	{"check-balance", ForUser, sourceInvalidMethod},
	{"clear-cookies-and-cache", ForUser, sourceInvalidMethod},
	{"use-private-window", ForUser, sourceInvalidMethod},
	{"disable-vpn", ForUser, sourceInvalidMethod},
	{"disable-blocker", ForUser, sourceInvalidMethod},
	{"allow-popups", ForUser, sourceInvalidMethod},
	{"use-another-browser", ForUser, sourceInvalidMethod},
	{"reset-ads-manager-cache", ForUser, sourceInvalidMethod},
	{"use-another-card", ForUser, sourceInvalidMethod},
	{"check-amount", ForUser, sourceInvalidMethod},
	{"check-funds", ForUser, sourceInvalidMethod},
	{"ask-bank", ForUser, sourceInvalidMethod},
	{"ask-support", ForUser, sourceInvalidMethod},
	{"request-refund", ForUser, sourceRefund},

	{"allow-third-party-cookies", ForUser, sourceStorageAccess},
	{"allow-cookies", ForUser, sourceHTML + "webappapis.html#cookies"},
	{"reconnect", ForUser, sourceHTML + "system-state.html#browser-state"},
	{"try-again", ForUser, sourceEMV + ", 5.5"},
	{"remove-worker", ForUser, sourceWorkers},
	{"repair-file", ForUser, sourceFetch + "#concept-request-cache-mode"},

	{"clear-site-cookies", ForUser, "https://httpwg.org/specs/rfc6265.html#section-7.2"},
	{"set-clock", ForUser, "https://httpwg.org/specs/rfc6265.html#section-5.2.1"},
	{"free-space", ForUser, sourceStorage + "#usage-and-quota"},
	{"keep-site-data", ForUser, sourceStorage + "#persistence"},
	{"close-tabs", ForUser, sourceWorkers + "#service-worker-registration-waiting-worker"},
	{"open-page-itself", ForUser, sourceHTML + "iframe-embed-object.html#attr-iframe-sandbox-allow-popups"},

	{"reload-page", ForUser, "https://vite.dev/guide/build#load-error-handling"},
	{"wait-and-retry", ForUser, sourceEMV + ", table A.1, transStatusReason 04"},
	{"open-in-browser", ForUser, "https://developer.android.com/develop/ui/views/layout/webapps/managing-webview"},
	{"allow-local-network", ForUser, "https://wicg.github.io/local-network-access/"},

	{"sign-in-to-network", ForUser, "https://www.rfc-editor.org/rfc/rfc8952#section-2"},
	{"try-another-network", ForUser, sourceFetch + "#concept-network-error"},
	{"pause-relay", ForUser, "https://support.apple.com/en-us/102022"},

	{"open-in-click", ForMerchant, sourceHTML + "interaction.html#tracking-user-activation"},
	{"allow-popups-in-frame", ForMerchant, sourceHTML + "iframe-embed-object.html#attr-iframe-sandbox-allow-popups"},
	{"trim-cookies", ForMerchant, "https://httpwg.org/specs/rfc6265.html#section-6.1"},
	{"one-cookie", ForMerchant, "https://httpwg.org/specs/rfc6265.html#section-5.4"},
	{"use-max-age", ForMerchant, "https://httpwg.org/specs/rfc6265.html#section-5.2.2"},
	{"match-hashes", ForMerchant, "https://www.w3.org/TR/sri-2/"},
	{"keep-old-files", ForMerchant, "https://vite.dev/guide/build#load-error-handling"},
	{"activate-worker", ForMerchant, sourceWorkers + "#service-worker-global-scope-skipwaiting"},
	{"revalidate-page", ForMerchant, "https://httpwg.org/specs/rfc9111.html#cache-response-directive.no-cache"},
	{"fix-page-csp", ForMerchant, sourceCSP + "#directive-frame-src"},
	{"fix-frame-sandbox", ForMerchant, sourceHTML + "iframe-embed-object.html#attr-iframe-sandbox"},
	{"use-redirect-flow", ForMerchant, sourceEMV + ", 3.3"},
	{"notify-parent", ForMerchant, sourceEMV + ", 3.3 step 21"},
	{"go-on-with-n", ForMerchant, sourceEMV + ", 5.8.1"},
	{"fix-form-action", ForMerchant, "https://github.com/w3c/webappsec-csp/issues/8"},
	{"allow-provider-script", ForMerchant, sourceCSP + "#directive-script-src"},
	{"allow-diagnostic", ForMerchant, sourceWasmPolicy},
	{"add-types-policy", ForMerchant, "https://w3c.github.io/trusted-types/dist/spec/"},
	{"drop-isolation", ForMerchant, "https://github.com/stripe/stripe-js/issues/634"},
	{"fix-opener-policy", ForMerchant, sourceHTML + "browsers.html#cross-origin-opener-policies"},
	{"allow-passkeys", ForMerchant, "https://www.w3.org/TR/webauthn-3/#sctn-permissions-policy"},
	{"fit-frame", ForMerchant, sourceEMV + ", table A.1, challengeWindowSize"},
	{"uncover-frame", ForMerchant, "https://github.com/stripe/stripe-js/issues/599"},
	{"one-challenge", ForMerchant, "https://github.com/recurly/recurly-js/issues/847"},
	{"keep-frame", ForMerchant, sourceEMV + ", 3.3"},
	{"fix-message-filter", ForMerchant, sourceHTML + "web-messaging.html#authors"},
	{"accept-both-encodings", ForMerchant, "https://www.rfc-editor.org/rfc/rfc4648#section-5"},
	{"plain-notification-url", ForMerchant, "https://github.com/globalpayments/globalpayments-js/issues/43"},
	{"keep-session", ForMerchant, "https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-samesite-attribute"},
	{"frame-notification", ForMerchant, sourceHTML + "document-lifecycle.html#the-x-frame-options-header"},
	{"bypass-worker", ForMerchant, sourceWorkers + "#fetchevent"},
	{"fix-request", ForMerchant, sourceEMV + ", A.5.5"},
	{"new-request", ForMerchant, sourceEMV + ", 5.5"},
	{"poll-result", ForMerchant, "https://github.com/Adyen/adyen-web/issues/2931"},
	{"allow-framing", ForIssuer, sourceCSP + "#directive-frame-ancestors"},
	{"serve-over-https", ForIssuer, "https://www.w3.org/TR/mixed-content/"},
	{"answer-with-page", ForIssuer, sourceEMV + ", 3.3"},
	{"stay-in-frame", ForIssuer, sourceEMV + ", 3.3"},
	{"restore-issuer", ForIssuer, sourceEMV + ", 5.5"},
	{"lower-mtu", ForIT, "https://www.rfc-editor.org/rfc/rfc2923#section-2.1"},
	{"ask-it", ForIT, "https://github.com/gorhill/uBlock/wiki"},
}

// fixesFor resolves the codes, each once, and leaves out what would make it worse
// here. Who uses a relay has that to pause in the place of a VPN.
func fixesFor(codes []FixCode, s *facts.Set) (fixes []Fix, leftOut []LeftOut) {
	for i, code := range codes {
		if slices.Contains(codes[:i], code) {
			continue
		}
		if code == "disable-vpn" && s.Equals(facts.AddressKind, "relay") {
			code = "pause-relay"
		}
		if because, worse := makesWorse(code, s); worse {
			leftOut = append(leftOut, LeftOut{Code: code, Because: because})
			continue
		}
		at := slices.IndexFunc(remedies, func(r Remedy) bool { return r.Code == code })
		fixes = append(fixes, Fix{Code: code, For: remedies[at].For})
	}
	return fixes, leftOut
}

// makesWorse knows the one documented fix that can harm: a private window
// blocks third-party cookies, which is no help where they are what is missing.
func makesWorse(code FixCode, s *facts.Set) (because string, worse bool) {
	if code == "use-private-window" && (s.Is(facts.ThirdPartyHeader, false) || s.Is(facts.CookieKept, false)) {
		return BecauseThirdPartyCookies, true
	}
	return "", false
}
