package main

import "checkoutdoctor/wasm/diagnosis"

// A row is one way in which 3-D Secure fails in the browser, of the taxonomy
// that the README shows: M is the merchant's mistake, A the issuer's, U the
// user's browser or network, P the protocol's clock.
type row struct {
	ID     string
	What   string
	Faults []string // that cause it here; none where no browser here can be brought into it
	Gives  diagnosis.Code
	// Why says why a finding cannot be surer, or where the row is not caused.
	Why string
}

// Why a page cannot tell some failures apart.
const (
	whyUnreachable = "to the page a name that is not found, a refused connection and a bad certificate are the same: a load event, and a request that fails. Shown: one of dns, refused, tls"
	whyLocal       = "a page is told neither where a name leads nor why a permission was refused, which can have been for something else. Shown: one of local-network, dns, refused, tls"
	whyNoSign      = "an error page and an issuer that refuses GET and stays silent look the same from outside; only a canary on the issuer's own host tells. Shown: one of error-page, issuer-silent"
	whyNotified    = "a notification page of another site cannot be read, nor its status. Shown: one of no-message, notification-not-framed, notification-error, another-step"
	whyLeft        = "the page is gone by the time it could see who took it away, and a user's own way back looks the same. Shown: one of issuer-left, user-went-back"
	whyNoReturn    = "what happens within the issuer's page cannot be seen from outside it. Shown: one of issuer-silent, request-rejected, tried-to-leave"
)

// taxonomy lists every row. A fault stands in one row; a test holds it complete.
func taxonomy() []row {
	return []row{
		{"M01", "page CSP frame-src lacks the issuer", []string{"page-csp-frame-src"}, "threeds.page-csp-frame-src", ""},
		{"M02", "frame-src refuses where the issuer redirects to", []string{"page-csp-frame-src-redirect"}, "threeds.page-csp-frame-src", ""},
		{"M03", "page CSP form-action lacks the issuer", []string{"page-csp-form-action"}, "threeds.page-csp-form-action", ""},
		{"M04", "form-action refuses where the issuer redirects to (Chromium)", []string{"page-csp-form-action-redirect"}, "threeds.page-csp-form-action", ""},
		{"M05", "frame sandboxed without allow-scripts or allow-forms", []string{"frame-sandbox-no-forms", "frame-sandbox-no-scripts"}, "threeds.frame-sandbox", ""},
		{"M06", "frame sandboxed without allow-same-origin", []string{"frame-sandbox-no-same-origin"}, "threeds.frame-sandbox-origin", ""},
		{"M07", "COEP, or cross-origin isolation, on the page", []string{"page-coep-require-corp", "page-coep-credentialless"}, "threeds.page-cross-origin-isolated", ""},
		{"M08", "COOP breaks the pop-up variant", []string{"page-opener-policy"}, "threeds.page-opener-policy", ""},
		{"M09", "frame without allow for WebAuthn and SPC", []string{"frame-permissions"}, "threeds.frame-permissions", ""},
		{"M10", "Permissions-Policy denies WebAuthn and SPC", []string{"page-permissions-policy"}, "threeds.page-permissions-policy", ""},
		{"M11", "mixed content", []string{"acs-mixed-content"}, "threeds.mixed-content", ""},
		{"M12", "frame far smaller than the challenge window", []string{"frame-too-small"}, "threeds.frame-too-small", ""},
		{"M13", "frame covered, or behind a modal dialog", []string{"frame-covered", "frame-behind-dialog"}, "threeds.frame-covered", ""},
		{"M14", "two challenges at once", []string{"two-challenges"}, "threeds.two-challenges", ""},
		{"M15", "frame removed early", []string{"frame-removed"}, "threeds.frame-removed", ""},
		{"M16", "the page rejects the message: origin, type, transaction", []string{"message-wrong-origin", "message-wrong-type", "message-wrong-transaction"}, "threeds.message-ignored", ""},
		{"M17", "a method time-out treated as fatal", []string{"method-timeout-fatal"}, "threeds.method-timeout-fatal", ""},
		{"M18", "Trusted Types stop the payment script", []string{"page-trusted-types"}, "threeds.page-trusted-types", ""},
		{"M19", "a Lax session cookie lost on the notification's post", []string{"notification-session-lost"}, "threeds.notification-session-lost", ""},
		{"M19", "the same, where the issuer posts the whole page back", []string{"samesite-lost"}, "cookie.samesite-lost", ""},
		{"M20", "the notification page sends X-Frame-Options", []string{"notification-frame-options"}, "threeds.notification-frame-options", ""},
		{"M21", "a service worker swallows the notification", []string{"notification-swallowed"}, "threeds.notification-swallowed", ""},
		{"M22", "the notification URL is rejected", []string{"notification-too-long"}, "threeds.notification-rejected", ""},
		{"", "the notification page says nothing, or fails, on a site of its own", []string{"notification-silent", "notification-error"}, "threeds.notification-silent", whyNotified},
		{"M24", "page CSP script-src lacks the provider", []string{"page-csp-script-src"}, "threeds.page-csp-script-src", ""},
		{"A01", "issuer's X-Frame-Options", []string{"acs-frame-options"}, "threeds.acs-frame-options", ""},
		{"A02", "issuer's frame-ancestors", []string{"acs-frame-ancestors"}, "threeds.acs-frame-ancestors", ""},
		{"A03", "issuer's name does not resolve", []string{"acs-dns"}, "threeds.acs-unreachable", whyUnreachable},
		{"A04", "connection to the issuer refused or reset", []string{"acs-refused", "acs-reset"}, "threeds.acs-unreachable", whyUnreachable},
		{"A05", "issuer's certificate expired, for another name, of nobody", []string{"acs-tls-expired", "acs-tls-wrong-name", "acs-tls-untrusted"}, "threeds.acs-unreachable", whyUnreachable},
		{"A06", "issuer hangs, before or within its answer", []string{"acs-hang", "acs-hang-in-body"}, "threeds.acs-hang", ""},
		{"A07", "issuer's page answers 4xx or 5xx", []string{"acs-http-404", "acs-http-500"}, "threeds.acs-no-sign-of-life", whyNoSign},
		{"A07", "the same, with the canary on the issuer's host", []string{"acs-http-500-canary"}, "threeds.acs-http-error", ""},
		{"A08", "issuer's page redirects to itself", []string{"acs-redirect-loop"}, "threeds.acs-no-sign-of-life", whyNoSign},
		{"A08", "the same, with the canary on the issuer's host", []string{"acs-redirect-loop-canary"}, "threeds.acs-redirect-loop", ""},
		{"A09", "204, or a download, in place of a page", []string{"acs-no-content", "acs-download"}, "threeds.acs-no-page", ""},
		{"A10", "CReq rejected by an Erro, or sent twice", []string{"acs-rejects-request", "creq-twice"}, "threeds.acs-rejected-request", ""},
		{"A11", "issuer's page leaves its frame", []string{"acs-left-frame"}, "threeds.acs-left-frame", whyLeft},
		{"A11", "the same, refused by the browser", []string{"acs-left-frame-refused"}, "threeds.acs-never-returned", whyNoReturn},
		{"A12", "issuer never posts back", []string{"acs-never-returned"}, "threeds.acs-never-returned", whyNoReturn},
		{"A13", "CRes malformed, or padded for a page that is too strict", []string{"message-malformed", "message-padded"}, "threeds.message-malformed", ""},
		{"U01", "content blocker blocks the frame", []string{"extension-block-acs"}, "blocker.frame-blocked", ""},
		{"U02", "content blocker blocks the issuer's own script", []string{"extension-block-device-script"}, "blocker.acs-script", ""},
		{"U02", "the same, and it answers in the script's place", []string{"extension-replace-device-script"}, "blocker.acs-script", ""},
		{"U03", "cosmetic filter hides the frame", []string{"extension-hide-frame"}, "blocker.frame-hidden", ""},
		{"U03", "an extension takes the frame out of the page", []string{"extension-remove-frame"}, "blocker.frame-removed", ""},
		{"U04", "tracking protection of Brave, or of Firefox in strict mode", nil, "blocker.frame-blocked", "neither is part of the probe; what an extension does in a real Firefox, and what Brave is known to show, are held as recorded facts"},
		{"U05", "third-party cookies blocked, and the issuer's server needs one", []string{"acs-needs-cookie"}, "threeds.acs-needs-cookie", ""},
		{"U06", "third-party storage kept apart, and the issuer's script needs it", []string{"acs-needs-script-cookie"}, "threeds.acs-needs-cookie", ""},
		{"U08", "the window opened too late after the click", []string{"popup-too-late"}, "popup.blocked", ""},
		{"U08", "the window opened as the second one in a click", []string{"popup-second"}, "popup.blocked", ""},
		{"U08", "the payment page in a sandboxed frame without allow-popups", []string{"page-sandboxed"}, "popup.sandboxed", ""},
		{"U09", "local network access denied", []string{"acs-local-network"}, "threeds.local-network-denied", whyLocal},
		{"U10", "in-app web view", []string{"in-app-web-view"}, "environment.in-app-web-view", ""},
		{"U11", "offline", []string{"offline"}, "network.offline", ""},
		{"U14", "a proxy or virus scanner replaces TLS", []string{"acs-tls-replaced"}, "threeds.acs-unreachable", whyUnreachable},
		{"P01", "3DS Method time-out, or a callback just after it", []string{"method-timeout", "method-too-late"}, "threeds.method-timeout", ""},
		{"P02", "challenge time-out", []string{"user-away"}, "threeds.challenge-timeout", ""},
		{"", "declined by the issuer or the gateway, with the reason handed in", []string{
			"declined-expired-card", "declined-too-many-tries", "declined-suspected-fraud", "declined-wrong-number",
			"declined-not-permitted", "declined-unsupported-device", "declined-issuer-trouble", "declined-insufficient-funds",
			"result-contradicts-cres",
		}, "payment.declined", ""},
	}
}
