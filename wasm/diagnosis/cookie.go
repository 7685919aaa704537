package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeCookiesDisabled    Code = "cookie.disabled"
	codeFirstPartyBlocked  Code = "cookie.first-party-blocked"
	codeExpiresAtOnce      Code = "cookie.expires-at-once"
	codeHeaderTooLarge     Code = "cookie.header-too-large"
	codeJarOverfull        Code = "cookie.jar-overfull"
	codeSameSiteLost       Code = "cookie.samesite-lost"
	codeCookieDuplicate    Code = "cookie.duplicate"
	codeHeaderStripped     Code = "cookie.header-stripped"
	codeScriptHidden       Code = "cookie.script-hidden"
	codeThirdPartyBlocked  Code = "cookie.third-party-blocked"
	codeThirdPartyIsolated Code = "cookie.third-party-partitioned"
)

// Words for why a server does not know the session although cookies come.
const (
	oneOfOldCookie  = "old-cookie-read"
	oneOfDropped    = "dropped-by-browser"
	oneOfSignedOut  = "signed-out"
	oneOfKeptBack   = "kept-back"
	oneOfSignedIn   = "signed-in-since"
	oneOfOwnClock   = "device-clock"
	oneOfTheirClock = "server-clock"
)

// thirdPartyNeeds are the answers of the cross-site helper frame.
var thirdPartyNeeds = []facts.Declared{facts.ThirdPartyHeader, facts.StorageAccess}

// cookiesRefused are what keeps the site's cookies from being kept at all.
var cookiesRefused = []Code{codeOffline, codeCookiesDisabled, codeFirstPartyBlocked}

var cookieCauses = []Cause{
	{
		Code:        codeCookiesDisabled,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.CookieKept, facts.LocalStorage},
		Fixes:       []FixCode{"allow-cookies", "use-another-browser"},
		Source:      "https://html.spec.whatwg.org/multipage/webappapis.html#cookies",
		match:       matchCookiesDisabled,
	},
	{
		Code:        codeFirstPartyBlocked,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.CookieKept, facts.LocalStorage},
		DependsOn:   []Code{codeCookiesDisabled},
		Fixes:       []FixCode{"allow-cookies", "disable-blocker", "use-another-browser"},
		Source:      "https://httpwg.org/specs/rfc6265.html#section-7.2",
		match:       matchFirstPartyBlocked,
	},
	{
		Code:        codeExpiresAtOnce,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		OneOf:       []string{oneOfOwnClock, oneOfTheirClock},
		Needs:       []facts.Declared{facts.CookieDated},
		DependsOn:   cookiesRefused,
		Fixes:       []FixCode{"set-clock", "ask-support", "use-max-age"},
		Source:      "https://httpwg.org/specs/rfc6265.html#section-5.2.1",
		match:       matchExpiresAtOnce,
		moot:        challengeCompleted,
	},
	{
		Code:        codeHeaderTooLarge,
		Severity:    Blocking,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.SessionAnswer},
		DependsOn:   cookiesRefused,
		Fixes:       []FixCode{"clear-site-cookies", "use-private-window", "clear-cookies-and-cache", "trim-cookies"},
		Source:      "https://httpwg.org/specs/rfc6585.html#section-5",
		match:       matchHeaderTooLarge,
		moot:        challengeCompleted,
	},
	{
		Code:        codeJarOverfull,
		Severity:    Blocking,
		Confidences: []Confidence{Possible},
		OneOf:       []string{oneOfDropped, oneOfSignedOut},
		Needs:       []facts.Declared{facts.SessionAnswer, facts.CookieCount},
		DependsOn:   append([]Code{codeExpiresAtOnce}, cookiesRefused...),
		Fixes:       []FixCode{"clear-site-cookies", "use-private-window", "clear-cookies-and-cache", "trim-cookies"},
		Source:      "https://httpwg.org/specs/rfc6265.html#section-6.1",
		match:       matchJarOverfull,
	},
	{
		Code:        codeSameSiteLost,
		Severity:    Blocking,
		Confidences: []Confidence{Likely, Possible},
		OneOf:       []string{oneOfKeptBack, oneOfSignedIn},
		Needs:       []facts.Declared{facts.SessionAtLoad, facts.SessionAnswer},
		DependsOn:   cookiesRefused,
		Fixes:       []FixCode{"try-again", "ask-support", "keep-session"},
		Source:      "https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-samesite-attribute",
		match:       matchSameSiteLost,
	},
	{
		Code:        codeCookieDuplicate,
		Severity:    Blocking,
		Confidences: []Confidence{Possible},
		OneOf:       []string{oneOfOldCookie, oneOfSignedOut},
		Needs:       []facts.Declared{facts.SessionAnswer, facts.CookieDuplicates},
		DependsOn:   append([]Code{codeExpiresAtOnce, codeJarOverfull}, cookiesRefused...),
		Fixes:       []FixCode{"clear-site-cookies", "use-private-window", "clear-cookies-and-cache", "one-cookie"},
		Source:      "https://httpwg.org/specs/rfc6265.html#section-5.4",
		match:       matchCookieDuplicate,
	},
	{
		Code:        codeHeaderStripped,
		Severity:    Notice,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.ThirdPartyHeader, facts.ThirdPartyScript},
		DependsOn:   cookiesRefused,
		Fixes:       []FixCode{"disable-blocker", "use-another-browser", "ask-it"},
		Source:      "https://github.com/EFForg/privacybadger/issues/2806",
		match:       matchHeaderStripped,
	},
	{
		Code:        codeScriptHidden,
		Severity:    Notice,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.ThirdPartyHeader, facts.ThirdPartyScript},
		DependsOn:   cookiesRefused,
		Fixes:       []FixCode{"disable-blocker", "use-another-browser"},
		Source:      "https://html.spec.whatwg.org/multipage/dom.html#dom-document-cookie",
		match:       matchScriptHidden,
	},
	{
		Code:        codeThirdPartyBlocked,
		Severity:    Notice,
		Confidences: []Confidence{Certain, Likely},
		Needs:       thirdPartyNeeds,
		DependsOn:   []Code{codeCookiesDisabled, codeOffline, codeHeaderStripped},
		Fixes:       []FixCode{"allow-third-party-cookies"},
		Source:      "https://github.com/braintree/braintree-web/issues/489",
		match:       matchThirdPartyBlocked,
	},
	{
		Code:        codeThirdPartyIsolated,
		Severity:    Notice,
		Confidences: []Confidence{Certain},
		Needs:       thirdPartyNeeds,
		DependsOn:   []Code{codeCookiesDisabled, codeOffline},
		Fixes:       []FixCode{"allow-third-party-cookies"},
		Source:      "https://github.com/privacycg/CHIPS/issues/69",
		match:       matchThirdPartyPartitioned,
	},
}

// matchCookiesDisabled needs a cookie that is gone together with storage that
// is refused: Chromium with every cookie blocked still says cookieEnabled. Where
// another site's frame keeps a cookie, they are blocked for this site alone.
func matchCookiesDisabled(s *facts.Set) *match {
	if !s.Is(facts.CookieKept, false) || cookiesElsewhere(s) {
		return nil
	}
	m := found(s, Likely, facts.CookieKept, true, facts.LocalStorage, facts.CookieEnabled, facts.PartitionedHeader)
	switch {
	case s.Equals(facts.LocalStorage, "refused") && s.Is(facts.PartitionedHeader, false):
		m.confidence = Certain
		return m
	case s.Equals(facts.LocalStorage, "refused"), s.Is(facts.CookieEnabled, false):
		return m
	}
	return nil
}

// matchFirstPartyBlocked: only this site may keep no cookies, or nothing of it
// but its cookies is refused.
func matchFirstPartyBlocked(s *facts.Set) *match {
	if !s.Is(facts.CookieKept, false) || !s.Equals(facts.LocalStorage, "kept") && !cookiesElsewhere(s) {
		return nil
	}
	return found(s, Likely, facts.CookieKept, true, facts.LocalStorage, facts.PartitionedHeader, facts.ThirdPartyHeader)
}

// cookiesElsewhere reports that another site, even within this one's page, may
// keep cookies.
func cookiesElsewhere(s *facts.Set) bool {
	return s.Is(facts.PartitionedHeader, true) || s.Is(facts.ThirdPartyHeader, true)
}

// matchExpiresAtOnce: by the vantage's clock the cookie had an hour to live, by
// the browser's it was over. Whose clock is wrong, neither can say.
func matchExpiresAtOnce(s *facts.Set) *match {
	if !s.Is(facts.CookieDated, false) {
		return nil
	}
	m := found(s, Likely, facts.CookieDated, true, facts.CookieKept)
	m.oneOf = []string{oneOfOwnClock, oneOfTheirClock}
	return m
}

// matchHeaderTooLarge: the server takes the request without cookies and not
// with them. HTTP/2 drops the connection where HTTP/1.1 answers 431 or 400. A
// limit that the page names counts only where the server did not answer.
func matchHeaderTooLarge(s *facts.Set) *match {
	proof := []facts.Declared{facts.BareAnswer, facts.CookieBytes, facts.HeaderLimit}
	served := s.Equals(facts.BareAnswer, "answered", "refused")
	bytes, _ := s.Int(facts.CookieBytes)
	limit, limited := s.Int(facts.HeaderLimit)
	over := limited && bytes > limit && !s.Equals(facts.SessionAnswer, "answered", "refused", "other")
	switch {
	case s.Equals(facts.SessionAnswer, "too-large") && served:
		return found(s, Certain, facts.SessionAnswer, "answered", proof...)
	case s.Equals(facts.SessionAnswer, "bad-request", "failed") && served, over:
		return found(s, Likely, facts.CookieBytes, nil, append(proof, facts.SessionAnswer)...)
	}
	return nil
}

// fullJar is how many cookies of one site Chromium keeps when it drops the
// others, those that were used least lately; it does so at more than 180.
const fullJar = 150

// matchJarOverfull: the session's cookie is gone, and there are as many others
// as the browser keeps of a site. Somebody with many cookies who has signed out
// looks the same.
func matchJarOverfull(s *facts.Set) *match {
	if !s.Equals(facts.SessionAnswer, "refused") || !s.AtLeast(facts.CookieCount, fullJar) || !s.Equals(facts.Engine, "chromium") {
		return nil
	}
	m := found(s, Possible, facts.SessionAnswer, "answered", facts.CookieCount)
	m.oneOf = []string{oneOfDropped, oneOfSignedOut}
	return m
}

// matchSameSiteLost: the request for this page came without the session's
// cookie, and the browser has it: a post from another site kept it back. Whoever
// signs in without a new page looks the same, where no other site is known.
func matchSameSiteLost(s *facts.Set) *match {
	if !s.Equals(facts.SessionAtLoad, "missing") || !s.Equals(facts.SessionAnswer, "answered") || s.Equals(facts.PageReferrer, "same-origin") {
		return nil
	}
	m := found(s, Likely, facts.SessionAtLoad, "present", facts.SessionAnswer, facts.PageReferrer)
	if !s.Equals(facts.PageReferrer, "other-origin") {
		m.confidence, m.oneOf = Possible, []string{oneOfKeptBack, oneOfSignedIn}
	}
	return m
}

// matchCookieDuplicate: which of two cookies a server reads is its own affair
// (RFC 6265, section 5.4). Harmless pairs are common, so that a session that is
// merely over looks the same.
func matchCookieDuplicate(s *facts.Set) *match {
	if !s.Equals(facts.SessionAnswer, "refused") || !s.AtLeast(facts.CookieDuplicates, 1) {
		return nil
	}
	m := found(s, Possible, facts.CookieDuplicates, 0.0, facts.SessionAnswer)
	m.oneOf = []string{oneOfOldCookie, oneOfSignedOut}
	return m
}

// matchHeaderStripped: script sees a cookie that did not come with the request.
// No setting of a browser's does that; extensions do.
func matchHeaderStripped(s *facts.Set) *match {
	if !headerStripped(s) {
		return nil
	}
	return found(s, Likely, facts.ThirdPartyHeader, true, facts.ThirdPartyScript, facts.StorageAccess)
}

func headerStripped(s *facts.Set) bool {
	return s.Is(facts.ThirdPartyScript, true) && s.Is(facts.ThirdPartyHeader, false)
}

// matchScriptHidden: the cookie came with the request, and script does not see
// it although it may.
func matchScriptHidden(s *facts.Set) *match {
	if !scriptHidden(s) {
		return nil
	}
	return found(s, Likely, facts.ThirdPartyScript, true, facts.ThirdPartyHeader)
}

func scriptHidden(s *facts.Set) bool {
	return s.Is(facts.ThirdPartyHeader, true) && s.Is(facts.ThirdPartyScript, false)
}

// matchThirdPartyBlocked goes by what the helper's server got back; script may
// see a cookie that an extension strips from the request.
func matchThirdPartyBlocked(s *facts.Set) *match {
	if !thirdPartyCookiesBlocked(s) {
		return nil
	}
	m := found(s, Likely, facts.ThirdPartyHeader, true, facts.ThirdPartyScript, facts.PartitionedHeader,
		facts.StorageAccess, facts.StorageAccessHeader, facts.ThirdPartyStorage)
	if s.Is(facts.StorageAccess, false) {
		m.confidence = Certain
	}
	return m
}

func matchThirdPartyPartitioned(s *facts.Set) *match {
	if !s.Is(facts.ThirdPartyHeader, true) || !s.Is(facts.StorageAccess, false) {
		return nil
	}
	return &match{confidence: Certain, evidence: append(
		evidence(s, facts.ThirdPartyHeader), unlike(s, facts.StorageAccess, true))}
}

func thirdPartyCookiesBlocked(s *facts.Set) bool { return s.Is(facts.ThirdPartyHeader, false) }
