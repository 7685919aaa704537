//go:build js && wasm

package observe

import (
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var (
	ownCookies   = []facts.Declared{facts.CookieEnabled, facts.CookieKept}
	jarFacts     = []facts.Declared{facts.CookieCount, facts.CookieBytes, facts.CookieDuplicates}
	controlFacts = []facts.Declared{facts.SessionAnswer, facts.BareAnswer}
	// hostFacts are of the host page and its server alone.
	hostFacts = append([]facts.Declared{facts.HeaderLimit, facts.SessionAtLoad, facts.PageReferrer}, controlFacts...)
)

func cookieObserver() observer {
	return observer{
		name:  "cookie",
		limit: 8 * time.Second,
		keys:  slices.Concat(ownCookies, jarFacts, hostFacts),
		run:   observeCookies,
	}
}

// observeCookies looks at the cookies of the page's own site. A setting for the
// whole browser shows on every site, the diagnostic's included.
func observeCookies(ctx context.Context, b *browser, set *facts.Set) {
	const from = "cookie"
	if b.isolated != "" {
		unknown(set, facts.ReasonOtherOrigin, from, slices.Concat(ownCookies, jarFacts, hostFacts)...)
		return
	}
	if enabled, ok := boolean(b.window, "navigator", "cookieEnabled"); ok {
		set.PutBool(facts.CookieEnabled, enabled, from)
	}
	if kept, why := b.keepsCookies(); why == "" {
		set.PutBool(facts.CookieKept, kept, from)
	} else {
		unknown(set, why, from, facts.CookieKept)
	}
	b.observeJar(set, from)
	if b.Mode == "link" {
		unknown(set, facts.ReasonOtherOrigin, from, hostFacts...)
		return
	}
	b.observeHost(set, from)
	b.observeControl(ctx, set, from)
}

// observeHost takes over what the host page says of its server, and tells where
// the page was opened from.
func (b *browser) observeHost(set *facts.Set, from string) {
	unknown(set, facts.ReasonNotConfigured, from, facts.HeaderLimit, facts.SessionAtLoad)
	if b.session != "" {
		set.PutString(facts.SessionAtLoad, b.session, from)
	}
	if b.headerLimit >= 1 {
		set.PutInt(facts.HeaderLimit, int64(b.headerLimit), from)
	}
	opener := "other-origin"
	switch origin(textOr(b.document, "", "referrer")) {
	case "":
		opener = "none"
	case textOr(b.window, "", "location", "origin"):
		opener = "same-origin"
	}
	set.PutString(facts.PageReferrer, opener, from)
}

// observeJar counts the cookies. None of their names and values leaves this
// function.
func (b *browser) observeJar(set *facts.Set, from string) {
	jar, ok := text(b.document, "cookie")
	if !ok {
		unknown(set, facts.ReasonOtherOrigin, from, jarFacts...)
		return
	}
	count, duplicates := countCookies(jar)
	set.PutInt(facts.CookieCount, count, from)
	set.PutInt(facts.CookieBytes, int64(len(jar)), from)
	set.PutInt(facts.CookieDuplicates, duplicates, from)
}

// countCookies counts the cookies of document.cookie, and the names that more
// than one of them has. One without "=" is a value that has no name.
func countCookies(jar string) (count, duplicates int64) {
	if jar == "" {
		return 0, 0
	}
	seen := make(map[string]int)
	for pair := range strings.SplitSeq(jar, "; ") {
		count++
		name, _, named := strings.Cut(pair, "=")
		if !named {
			name = ""
		}
		if seen[name]++; seen[name] == 2 {
			duplicates++
		}
	}
	return count, duplicates
}

// observeControl asks the host page's control URL with cookies and without: what
// answers only without them fails for their sake.
func (b *browser) observeControl(ctx context.Context, set *facts.Set, from string) {
	if b.controlURL == "" {
		unknown(set, facts.ReasonNotConfigured, from, controlFacts...)
		return
	}
	b.beside(
		func() { putControl(set, facts.SessionAnswer, b.controlAnswer(ctx), from) },
		func() { putControl(set, facts.BareAnswer, b.askControl(ctx, "omit"), from) },
	)
}

func putControl(set *facts.Set, key facts.StringKey, a controlAnswer, from string) {
	if a.policy {
		unknown(set, facts.ReasonRefused, from, key)
		return
	}
	set.PutString(key, a.said, from)
}

// keepsCookies tells whether this site may keep cookies, or why that is not to
// be known: within another site's page its cookies are third-party ones, whose
// loss says nothing of its own. A great number is kept, as is seen.
func (b *browser) keepsCookies() (kept bool, why facts.Reason) {
	if b.isOpaque() || b.isolated != "" {
		return false, facts.ReasonOtherOrigin
	}
	if b.crowded() {
		return true, ""
	}
	site, foreign := b.cookieSite()
	kept = b.keepsCookie("Max-Age=60" + site)
	if foreign && !kept {
		why = facts.ReasonOtherOrigin
	}
	return kept, why
}

// crowded reports whether the page has so many cookies that one more of ours might
// push out another: Chromium keeps 180 of a site, those included that no script
// sees (https://chromium.googlesource.com/chromium/src/+/main/net/cookies/cookie_monster.h).
func (b *browser) crowded() bool {
	const many = 100
	count, _ := countCookies(textOr(b.document, "", "cookie"))
	return count >= many
}

// cookieSite returns the attributes with which a cookie of ours can be kept
// here, and whether the page is in another site's.
func (b *browser) cookieSite() (attributes string, foreign bool) {
	if _, foreign = b.framesAround(); foreign {
		return "; Path=/; SameSite=None; Secure", true
	}
	return "; Path=/; SameSite=Lax", false
}

// keepsCookie writes a cookie, reads it back and removes it. Chromium says
// cookieEnabled with every cookie blocked; only a write tells.
func (b *browser) keepsCookie(attributes string) bool {
	name := "checkout-doctor-" + RandomID()
	if err := set(b.document, "cookie", name+"=1; "+attributes); err != nil {
		return false
	}
	jar, _ := text(b.document, "cookie")
	_ = set(b.document, "cookie", name+"=; "+attributes+"; Max-Age=0")
	return strings.Contains(jar, name+"=1")
}

// observeDated tells whether a cookie is kept that has an hour to live by the
// vantage's clock: a browser whose clock is far ahead drops it at once. Where
// none is kept that has no date, this one tells nothing.
func (b *browser) observeDated(set *facts.Set, answer safejs.Value, from string) {
	const hour = 3_600_000 // in milliseconds
	now, _ := number(answer, "time")
	expires := b.dateText(now + hour)
	kept, why := b.keepsCookies()
	switch {
	case why != "":
		unknown(set, why, from, facts.CookieDated)
	case !kept:
		unknown(set, facts.ReasonRefused, from, facts.CookieDated)
	case now <= 0 || !strings.HasSuffix(expires, "GMT") || b.crowded(): // no time, or an "Invalid Date"
		unknown(set, facts.ReasonNotKnown, from, facts.CookieDated)
	default:
		site, _ := b.cookieSite()
		set.PutBool(facts.CookieDated, b.keepsCookie("Expires="+expires+site), from)
	}
}

// dateText words a time, in milliseconds since 1970, as cookies have it.
func (b *browser) dateText(milliseconds float64) string {
	constructor, _ := at(b.window, "Date")
	date, err := constructor.New(milliseconds)
	if err != nil {
		return ""
	}
	worded, _ := Call(date, "toUTCString")
	return textOr(worded, "")
}
