package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeCookiesDisabled    Code = "cookie.disabled"
	codeFirstPartyBlocked  Code = "cookie.first-party-blocked"
	codeThirdPartyBlocked  Code = "cookie.third-party-blocked"
	codeThirdPartyIsolated Code = "cookie.third-party-partitioned"
)

// thirdPartyNeeds are the answers of the cross-site helper frame.
var thirdPartyNeeds = []facts.Declared{facts.ThirdPartyHeader, facts.StorageAccess}

func cookieCauses() []Cause {
	return []Cause{
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
			Code:        codeThirdPartyBlocked,
			Severity:    Notice,
			Confidences: []Confidence{Certain, Likely},
			Needs:       thirdPartyNeeds,
			DependsOn:   []Code{codeCookiesDisabled, codeOffline},
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
}

// matchCookiesDisabled needs a cookie that is gone together with storage that
// is refused: Chromium with every cookie blocked still says cookieEnabled.
func matchCookiesDisabled(s *facts.Set) *match {
	if !s.Is(facts.CookieKept, false) {
		return nil
	}
	proof := append([]Evidence{unlike(s, facts.CookieKept, true)}, evidence(s, facts.LocalStorage, facts.CookieEnabled)...)
	switch {
	case s.Equals(facts.LocalStorage, "refused"):
		return &match{confidence: Certain, evidence: proof}
	case s.Is(facts.CookieEnabled, false):
		return &match{confidence: Likely, evidence: proof}
	}
	return nil
}

func matchFirstPartyBlocked(s *facts.Set) *match {
	if !s.Is(facts.CookieKept, false) || !s.Equals(facts.LocalStorage, "kept") {
		return nil
	}
	return &match{confidence: Likely, evidence: append(
		[]Evidence{unlike(s, facts.CookieKept, true)}, evidence(s, facts.LocalStorage)...)}
}

// matchThirdPartyBlocked goes by what the helper's server got back; script may
// see a cookie that an extension strips from the request.
func matchThirdPartyBlocked(s *facts.Set) *match {
	if !thirdPartyCookiesBlocked(s) {
		return nil
	}
	m := &match{confidence: Likely, evidence: append(
		[]Evidence{unlike(s, facts.ThirdPartyHeader, true)},
		evidence(s, facts.ThirdPartyScript, facts.PartitionedHeader, facts.StorageAccess, facts.StorageAccessHeader)...)}
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
