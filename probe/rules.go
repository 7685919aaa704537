package probe

import (
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// What no instrument of the browser's shows, for several rules.
const (
	whyMessage = "what a message between windows says, and who takes it, shows in none of the browser's instruments"
	whyServers = "the answer goes from server to server, and the browser sees only that nothing of it failed"
	whyCookies = "which cookies script sees, and what a server makes of those that come, shows in none of the browser's instruments"
	whyStorage = "what becomes of a write to storage shows in none of the browser's instruments"
	whyBuilds  = "which build a file is of, the page and its server know; the browser shows only where it came from"
	whyLine    = "what lies on the way to a server shows in none of the browser's instruments"
	whyGivenUp = "that a request was given up is the page's own doing, and not noted as a failure"
	whyBody    = "what the issuer's answer says is not read; the browser shows only that it came"
)

// rules holds one rule for each cause.
func rules() map[diagnosis.Code]rule {
	return map[diagnosis.Code]rule{
		"popup.blocked":        {denies: []sign{challengeWindow}},
		"popup.sandboxed":      {shows: []sign{consoleSays("allow-popups")}, denies: []sign{hostWindow, paid}},
		"popup.overridden":     {denies: []sign{anyWindow}},
		"popup.closed-at-once": {shows: []sign{anyWindow}},

		"blocker.frame-blocked": {shows: []sign{frameFailed("ERR_BLOCKED_BY_CLIENT")}, denies: []sign{challengeAnswered, paid}},
		"blocker.frame-hidden":  {shows: []sign{challengeAnswered, frameNotShown}, denies: []sign{paid}},
		"blocker.acs-script":    {shows: []sign{challengeAnswered, issuerScriptStopped}, denies: []sign{paid}},

		"blocker.frame-removed": {
			shows: []sign{challengeAsked, frameRemoved}, denies: []sign{challengeReturned, paid},
			why: "who takes a frame out shows in none of the browser's instruments, only that it went",
		},
		"blocker.anti-fraud":      {shows: []sign{standInFailed}, denies: []sign{paid}},
		"blocker.content-blocker": {shows: []sign{baitBlocked}},

		"cookie.disabled":                {shows: []sign{merchantCookieRefused, merchantAnswered(401)}, denies: []sign{paid}},
		"cookie.first-party-blocked":     {shows: []sign{merchantCookieRefused, merchantAnswered(401)}, denies: []sign{paid}},
		"cookie.third-party-blocked":     {shows: []sign{helperAnswered, helperCookieRefused}},
		"cookie.third-party-partitioned": {shows: []sign{helperAnswered}, denies: []sign{helperCookieRefused}},
		"cookie.header-stripped":         {shows: []sign{helperAnswered}, denies: []sign{helperCookieRefused}, why: whyCookies},
		"cookie.script-hidden":           {shows: []sign{helperAnswered}, denies: []sign{helperCookieRefused}, why: whyCookies},
		"cookie.expires-at-once":         {shows: []sign{merchantAnswered(403)}, denies: []sign{paid}},
		"cookie.jar-overfull":            {shows: []sign{merchantAnswered(401)}, denies: []sign{paid}},
		"cookie.duplicate":               {shows: []sign{merchantAnswered(403)}, denies: []sign{merchantCookieRefused, paid}, why: whyCookies},
		"cookie.header-too-large":        {shows: []sign{cookiesTooLarge}, denies: []sign{paid}},
		"cookie.samesite-lost":           {shows: []sign{challengeInTab, merchantCookieLeft}, denies: []sign{paid}},

		"storage.refused":  {denies: []sign{paid}, why: whyStorage},
		"storage.full":     {denies: []sign{paid}, why: whyStorage},
		"storage.not-kept": {denies: []sign{paid}, why: whyStorage},

		"cache.stale-worker": {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}},
		"cache.stale-script": {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}},

		"cache.worker-waiting": {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}, why: whyBuilds},
		"cache.stale-page":     {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}, why: whyBuilds},
		"cache.stale-storage":  {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}, why: whyBuilds},
		"cache.build-mismatch": {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}, why: whyBuilds},
		"cache.missing-chunk":  {shows: []sign{scriptMissing}, denies: []sign{paid}},
		"cache.integrity":      {shows: []sign{consoleSays("integrity")}, denies: []sign{paid}},

		"network.offline":               {shows: []sign{failure("ERR_INTERNET_DISCONNECTED")}, denies: []sign{paid}},
		"network.captive-portal":        {shows: []sign{diagFailed}},
		"network.flapping":              {shows: []sign{connectionLost}},
		"network.large-transfers-stall": {denies: []sign{failure("ERR_INTERNET_DISCONNECTED")}, why: whyGivenUp},
		"network.slow":                  {denies: []sign{connectionLost}, why: whyLine},
		"network.dns":                   {shows: []sign{providerFailed}, why: "why a name does not lead to its server, the browser words in its own way where a proxy looks names up"},
		"network.provider-unreachable":  {denies: []sign{failure("ERR_INTERNET_DISCONNECTED")}, why: whyGivenUp},
		"network.tls-replaced":          {denies: []sign{diagUnreached}, why: "who signed a certificate that the browser trusts is not noted"},
		"network.proxy":                 {denies: []sign{diagUnreached}, why: whyLine},
		"network.clock-skew":            {denies: []sign{failure("ERR_CERT_DATE_INVALID")}, why: "what time it is elsewhere shows in none of the browser's instruments"},

		"vpn.suspected": {denies: []sign{diagUnreached}, why: whyLine},
		"vpn.likely":    {denies: []sign{diagUnreached}, why: whyLine},
		"vpn.relay":     {denies: []sign{diagUnreached}, why: whyLine},

		"environment.in-app-web-view": {shows: []sign{anotherAgent}},
		"environment.wasm-refused":    {shows: []sign{isolatedFrame}, why: "what a policy refuses to compile shows in none of the browser's instruments"},

		// The payment page. A frame that its own policy refuses is no request that
		// fails: only the console says it.
		"threeds.page-csp-frame-src":   {shows: []sign{policy(csp, "frame-src"), consoleSays(`policy directive: "frame-src`)}, denies: []sign{challengeAnswered, paid}},
		"threeds.page-csp-form-action": {shows: []sign{policy(csp, "form-action"), consoleSays(`policy directive: "form-action`)}, denies: []sign{challengeAnswered, paid}},
		"threeds.page-csp-script-src":  {shows: []sign{policy(csp, "script-src"), consoleSays(`policy directive: "script-src`)}, denies: []sign{challengeAsked, paid}},
		"threeds.page-trusted-types":   {shows: []sign{policy(csp, "require-trusted-types-for"), consoleSays("TrustedHTML")}, denies: []sign{challengeAsked, paid}},
		"threeds.page-cross-origin-isolated": {
			shows: []sign{policy("cross-origin-embedder-policy", ""), frameFailed("ERR_BLOCKED_BY_RESPONSE")}, denies: []sign{paid},
		},
		"threeds.page-opener-policy":      {shows: []sign{policy("cross-origin-opener-policy", "same-origin"), hostWindow}, denies: []sign{paid}},
		"threeds.page-permissions-policy": {shows: []sign{policy("permissions-policy", "publickey-credentials-get=()")}},
		"threeds.mixed-content":           {shows: []sign{mixedContent}, denies: []sign{challengeAnswered, paid}},

		// The challenge frame.
		"threeds.frame-permissions": {
			denies: []sign{policy("permissions-policy", "publickey-credentials-get=()")},
			why:    "what a frame's allow attribute hands on shows in none of the browser's instruments, only what the page's header denies",
		},
		"threeds.frame-sandbox": {shows: []sign{challengeAnswered, consoleSays("sandboxed")}, denies: []sign{frameFailed(""), paid}},
		"threeds.frame-sandbox-origin": {
			shows: []sign{notificationAnswered}, denies: []sign{frameFailed(""), paid},
			why: whyMessage,
		},
		"threeds.frame-too-small": {shows: []sign{challengeAnswered, frameSmall}, denies: []sign{challengeReturned, paid}},
		"threeds.frame-covered":   {shows: []sign{challengeAnswered, frameCovered}, denies: []sign{challengeReturned, paid}},
		"threeds.frame-removed":   {shows: []sign{challengeAsked, frameRemoved}, denies: []sign{challengeReturned, paid}},
		"threeds.two-challenges":  {shows: []sign{challengeAskedTwice}, denies: []sign{paid}},

		// The issuer's page, and the way to it.
		"threeds.acs-frame-options": {
			shows:  []sign{frameFailed("ERR_BLOCKED_BY_RESPONSE"), consoleSays("X-Frame-Options")},
			denies: []sign{paid},
		},
		"threeds.acs-frame-ancestors": {
			shows:  []sign{frameFailed("ERR_BLOCKED_BY_RESPONSE"), consoleSays("frame-ancestors")},
			denies: []sign{paid},
		},
		"threeds.acs-unreachable":      {shows: []sign{frameUnreachable}, denies: []sign{challengeAnswered, paid}},
		"threeds.local-network-denied": {shows: []sign{frameUnreached}, denies: []sign{challengeAnswered, paid}},
		"threeds.acs-hang":             {shows: []sign{challengeAwaited}, denies: []sign{frameUnreachable, paid}},
		"threeds.acs-no-page":          {shows: []sign{noPage}, denies: []sign{paid}},
		"threeds.acs-no-sign-of-life": {
			shows:  []sign{challengeRefused},
			denies: []sign{frameFailed("ERR_BLOCKED_BY"), paid},
		},
		"threeds.acs-http-error":       {shows: []sign{challengeRefused}, denies: []sign{paid}},
		"threeds.acs-redirect-loop":    {shows: []sign{frameFailed("ERR_TOO_MANY_REDIRECTS")}, denies: []sign{paid}},
		"threeds.acs-rejected-request": {shows: []sign{challengeAnswered}, denies: []sign{challengeReturned, paid}, why: whyBody},
		"threeds.acs-left-frame":       {shows: []sign{issuerInTab}, denies: []sign{challengeReturned, paid}},
		"threeds.acs-never-returned":   {shows: []sign{challengeAnswered}, denies: []sign{frameRemoved, challengeReturned, paid}},
		"threeds.acs-needs-cookie": {
			shows: []sign{challengeAnswered, thirdPartyCookieMissing}, denies: []sign{frameFailed(""), paid},
			why: "a cookie that a script writes in vain shows in none of the browser's instruments, only that the helper's in the same place was refused",
		},
		"threeds.challenge-timeout": {shows: []sign{challengeAnswered}, denies: []sign{frameRemoved, challengeReturned, paid}},

		// The way back.
		"threeds.method-timeout":             {denies: []sign{methodNotified}},
		"threeds.method-timeout-fatal":       {denies: []sign{challengeAsked, paid}},
		"threeds.message-ignored":            {shows: []sign{notificationAnswered}, denies: []sign{paid}, why: whyMessage},
		"threeds.message-malformed":          {shows: []sign{notificationAnswered}, denies: []sign{paid}, why: whyMessage},
		"threeds.notification-rejected":      {denies: []sign{challengeAsked, paid}, why: whyServers},
		"threeds.notification-silent":        {shows: []sign{challengeReturned}, denies: []sign{frameFailed(""), paid}, why: whyMessage},
		"threeds.notification-session-lost":  {shows: []sign{notificationRefused}, denies: []sign{paid}},
		"threeds.notification-frame-options": {shows: []sign{challengeReturned, merchantFrameFailed, consoleSays("X-Frame-Options")}, denies: []sign{paid}},
		"threeds.notification-swallowed":     {shows: []sign{notificationByWorker}, denies: []sign{paid}},

		"payment.declined": {denies: []sign{frameFailed(""), challengeRefused, paid}, why: whyServers},
		"payment.nothing-found": {denies: []sign{
			frameFailed(""), challengeRefused, merchantCookieRefused, failure("ERR_INTERNET_DISCONNECTED"),
			consoleSays("Content Security Policy"),
		}},

		// What the diagnostic says of itself: in the lab its own sites answer,
		// unless the browser says that they did not.
		"self.check-crashed":       {denies: []sign{always}},
		"self.vantage-unreachable": {shows: []sign{failure("net::ERR_")}},
		"self.helper-unreachable":  {denies: []sign{helperAnswered}},
		"self.canary-unreachable":  {shows: []sign{failure("net::ERR_")}, denies: []sign{canaryAnswered}},
	}
}

// A lie is a fact that a report claims, and a sign that it cannot be so.
type lie struct {
	claim   string
	claimed func(*facts.Set) bool
	sign
}

// lies holds what is compared whatever was found.
func lies() []lie {
	return []lie{
		{"no window was opened", func(s *facts.Set) bool { return s.Equals(facts.PopupResult, "null") }, checkWindow},
		{"third-party cookies are kept", func(s *facts.Set) bool { return s.Is(facts.ThirdPartyHeader, true) }, helperCookieRefused},
		{"the challenge was completed", func(s *facts.Set) bool { return s.Is(facts.FrameCompleted, true) }, frameFailed("")},
		{"the browser is online, and was all the time", func(s *facts.Set) bool {
			return s.Is(facts.Online, true) && !s.AtLeast(facts.OfflineEvents, 1)
		}, failure("ERR_INTERNET_DISCONNECTED")},
	}
}
