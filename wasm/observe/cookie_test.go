//go:build js && wasm

package observe

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

func TestCookiesAreCounted(t *testing.T) {
	tests := map[string]struct {
		jar               string
		count, duplicates int64
	}{
		"none":                           {"", 0, 0},
		"one":                            {"a=1", 1, 0},
		"three":                          {"a=1; b=2; c=", 3, 0},
		"values with an equals sign":     {"a=b=1; b=b=1", 2, 0},
		"a name twice":                   {"a=1; b=2; a=3", 3, 1},
		"a name three times":             {"a=1; a=2; a=3", 3, 1},
		"two names twice":                {"a=1; b=2; b=3; a=4", 4, 2},
		"names of other cases":           {"a=1; A=2", 2, 0},
		"values without a name":          {"token; other", 2, 1},
		"a name that is another's value": {"token; token=1", 2, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			count, duplicates := countCookies(tt.jar)
			assert.Equal(t, tt.count, count)
			assert.Equal(t, tt.duplicates, duplicates)
		})
	}
}

func TestNoNameAndNoValueOfACookieIsReported(t *testing.T) {
	b := looking(t)
	b.window = script(t, `({})`)
	b.document = script(t, `({cookie: "session=geheim; språk=svenska"})`)
	var set facts.Set
	b.observeJar(&set, "cookie")
	size, _ := set.Int(facts.CookieBytes)
	assert.EqualValues(t, 30, size, "bytes of UTF-8, as the header has them")
	assert.Equal(t, 3, set.Len())
	for _, k := range jarFacts {
		assert.Empty(t, set.Entry(k).Str+strings.Join(set.Entry(k).List, ""))
	}
}

func TestAPageThatMayNotReadCookies(t *testing.T) {
	b := looking(t)
	b.window = script(t, `({origin: "null"})`)
	b.document = script(t, `({get cookie() { throw new Error("sandboxed") }})`)
	var set facts.Set
	observeCookies(t.Context(), b, &set)
	for _, k := range append(jarFacts, facts.CookieKept) {
		assert.Equal(t, facts.ReasonOtherOrigin, set.Entry(k).Reason, facts.Name(k))
	}
}

func TestWhatTheHostPageSaysOfItsServer(t *testing.T) {
	notSaid := facts.Entry{Reason: facts.ReasonNotConfigured, From: "cookie"}
	known := func(e facts.Entry) facts.Entry { e.State, e.From = facts.Known, "cookie"; return e }
	tests := map[string]struct {
		limit          float64
		session        string
		header, atLoad facts.Entry
	}{
		"all of it":  {8192, "missing", known(facts.Entry{Int: 8192}), known(facts.Entry{Str: "missing"})},
		"nothing":    {0, "", notSaid, notSaid},
		"nonsense":   {-1, "perhaps", notSaid, facts.Entry{Reason: facts.ReasonInvalid, From: "cookie"}},
		"a fraction": {0.5, "present", notSaid, known(facts.Entry{Str: "present"})},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.window, b.document = script(t, `({})`), script(t, `({cookie: ""})`)
			b.headerLimit, b.session = tt.limit, tt.session
			var set facts.Set
			observeCookies(t.Context(), b, &set)
			assert.Equal(t, tt.header, set.Entry(facts.HeaderLimit))
			assert.Equal(t, tt.atLoad, set.Entry(facts.SessionAtLoad))
		})
	}
}

func TestWhatTheControlURLAnswers(t *testing.T) {
	const session = `({credentials}) => credentials === "omit" ? {status: 401} : `
	word := func(word string) facts.Entry { return facts.Entry{State: facts.Known, Str: word} }
	policy := facts.Entry{Reason: facts.ReasonRefused}
	tests := map[string]struct {
		answer        string
		refused       bool
		session, bare facts.Entry
		build         string
	}{
		"a session":           {session + `({text: '{"buildId": "2026.04.2"}'})`, false, word("answered"), word("refused"), "2026.04.2"},
		"a session, no build": {session + `({status: 204})`, false, word("answered"), word("refused"), ""},
		"a build of no text":  {session + `({text: '{"buildId": 7}'})`, false, word("answered"), word("refused"), ""},
		"no session":          {session + `({status: 401, text: '{"buildId": "x"}'})`, false, word("refused"), word("refused"), ""},
		"a session refused":   {session + `({status: 403})`, false, word("refused"), word("refused"), ""},
		"too large":           {session + `({status: 431})`, false, word("too-large"), word("refused"), ""},
		"too large for nginx": {session + `({status: 400})`, false, word("bad-request"), word("refused"), ""},
		"too large for a CDN": {session + `({status: 413})`, false, word("bad-request"), word("refused"), ""},
		"a broken server":     {`() => ({status: 500})`, false, word("other"), word("other"), ""},
		"a wrong address":     {`() => ({status: 404})`, false, word("other"), word("other"), ""},
		"too many questions":  {`() => ({status: 429})`, false, word("other"), word("other"), ""},
		"a log-in page":       {`() => ({status: 0, type: "opaqueredirect"})`, false, word("other"), word("other"), ""},
		"the page's policy":   {`() => { throw new TypeError("refused") }`, true, policy, policy, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := answers(t, b, `(path, nonce, init) => (`+tt.answer+`)(init)`)
			b.document = script(t, `({cookie: ""})`)
			b.controlURL = "https://pay.test/session"
			if tt.refused {
				b.refused.note("https://pay.test")
			}
			var set facts.Set
			observeCookies(t.Context(), b, &set)
			tt.session.From, tt.bare.From = "cookie", "cookie"
			assert.Equal(t, tt.session, set.Entry(facts.SessionAnswer))
			assert.Equal(t, tt.bare, set.Entry(facts.BareAnswer))
			assert.Equal(t, tt.build, b.controlAnswer(t.Context()).buildID)
			assert.Equal(t, []string{"GET /session manual", "GET /session manual"}, asked(), "once with cookies, once without")
			assert.Empty(t, b.handlers)
		})
	}
}

func TestTheControlURLIsLeftAloneWhereThereIsNone(t *testing.T) {
	for mode, why := range map[string]facts.Reason{"embed": facts.ReasonNotConfigured, "link": facts.ReasonOtherOrigin} {
		b := looking(t)
		asked := answers(t, b, `() => ({})`)
		b.document = script(t, `({cookie: ""})`)
		if b.Mode = mode; mode == "link" {
			b.controlURL, b.session, b.headerLimit = "https://pay.test/session", "missing", 8192
		}
		var set facts.Set
		observeCookies(t.Context(), b, &set)
		for _, k := range []facts.Declared{facts.SessionAnswer, facts.BareAnswer, facts.SessionAtLoad, facts.HeaderLimit} {
			assert.Equal(t, facts.Entry{Reason: why, From: "cookie"}, set.Entry(k), facts.Name(k))
		}
		assert.Empty(t, asked(), mode)
	}
}

// A connection that was closed meanwhile is no server that fails.
func TestAControlURLThatFailsIsAskedOnceMore(t *testing.T) {
	for name, tt := range map[string]struct {
		answer, said string
		asked        int
	}{
		"the first time":  {`function () { if (this.once) return {}; this.once = true; throw new TypeError("reset") }`, answered, 2},
		"each time":       {`() => { throw new TypeError("reset") }`, failed, 2},
		"another's error": {`() => ({status: 503})`, "other", 1},
	} {
		b := looking(t)
		asked := answers(t, b, `(`+tt.answer+`).bind(this)`)
		b.controlURL = "https://pay.test/session"
		assert.Equal(t, tt.said, b.askControl(t.Context(), "same-origin").said, name)
		assert.Len(t, asked(), tt.asked, name)
	}
}

func TestWhereThePageWasOpenedFrom(t *testing.T) {
	for referrer, want := range map[string]string{
		"":                      "none",
		"https://pay.test/cart": "same-origin",
		"https://acs.test/":     "other-origin",
	} {
		b := looking(t)
		b.window = script(t, `({location: {origin: "https://pay.test"}})`)
		b.document = script(t, `({cookie: "", referrer: "`+referrer+`"})`)
		var set facts.Set
		observeCookies(t.Context(), b, &set)
		assert.Equal(t, want, set.Entry(facts.PageReferrer).Str)
	}
}

// Chromium keeps 180 cookies of a site: one more of ours might push out the
// session's.
func TestNoCookieIsWrittenWhereThereAreMany(t *testing.T) {
	for count, written := range map[int]bool{99: true, 100: false} {
		b := looking(t)
		b.window = script(t, `({Date})`)
		b.document = script(t, `({writes: 0, get cookie() { return Array(`+strconv.Itoa(count)+`).fill("a=1").join("; ") }, set cookie(c) { this.writes++ }})`)
		var set facts.Set
		observeCookies(t.Context(), b, &set)
		b.observeDated(&set, script(t, `({time: Date.UTC(2026, 0, 2)})`), "vantage")
		writes, _ := number(b.document, "writes")
		assert.Equal(t, written, writes > 0, count)
		if !written {
			assert.True(t, set.Is(facts.CookieKept, true), "they are kept, as is seen")
			assert.Equal(t, facts.Entry{Reason: facts.ReasonNotKnown, From: "vantage"}, set.Entry(facts.CookieDated))
		}
	}
}

// jar is a document that keeps cookies unless their date is over by its clock.
const jar = `({
	jar: new Map(), now: Date.UTC(2026, 0, 2), none: false,
	get cookie() { return [...this.jar].map((pair) => pair.join("=")).join("; ") },
	set cookie(cookie) {
		const [pair, ...attributes] = cookie.split("; ");
		const has = Object.fromEntries(attributes.map((attribute) => attribute.split("=")));
		const [name, value] = pair.split("=");
		const ends = has["Max-Age"] ? this.now + 1000 * has["Max-Age"] : Date.parse(has.Expires);
		if (this.none || !(ends > this.now)) this.jar.delete(name); else this.jar.set(name, value);
	},
})`

func TestACookieWithADateOfTheVantages(t *testing.T) {
	notKnown := facts.Entry{Reason: facts.ReasonNotKnown}
	tests := map[string]struct {
		window, change, answer string
		want                   facts.Entry
	}{
		"the same clock":            {`{Date}`, ``, `{time: Date.UTC(2026, 0, 2)}`, facts.Entry{State: facts.Known, Bool: true}},
		"half an hour ahead":        {`{Date}`, `d.now += 1.8e6`, `{time: Date.UTC(2026, 0, 2)}`, facts.Entry{State: facts.Known, Bool: true}},
		"two days ahead":            {`{Date}`, `d.now += 48 * 3.6e6`, `{time: Date.UTC(2026, 0, 2)}`, facts.Entry{State: facts.Known}},
		"two days behind":           {`{Date}`, `d.now -= 48 * 3.6e6`, `{time: Date.UTC(2026, 0, 2)}`, facts.Entry{State: facts.Known, Bool: true}},
		"no cookies at all":         {`{Date}`, `d.none = true`, `{time: Date.UTC(2026, 0, 2)}`, facts.Entry{Reason: facts.ReasonRefused}},
		"no cookies in a frame":     {`{Date, parent: {}}`, `d.none = true`, `{time: Date.UTC(2026, 0, 2)}`, facts.Entry{Reason: facts.ReasonOtherOrigin}},
		"no origin":                 {`{Date, origin: "null"}`, ``, `{time: Date.UTC(2026, 0, 2)}`, facts.Entry{Reason: facts.ReasonOtherOrigin}},
		"a vantage without a clock": {`{Date}`, ``, `{}`, notKnown},
		"a vantage out of its mind": {`{Date}`, ``, `{time: Infinity}`, notKnown},
		"a page without Date":       {`{}`, ``, `{time: 1}`, notKnown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.window = script(t, "("+tt.window+")")
			b.document = script(t, `(() => { const d = `+jar+`;`+tt.change+`; return d })()`)
			var set facts.Set
			b.observeDated(&set, script(t, "("+tt.answer+")"), "vantage")
			tt.want.From = "vantage"
			assert.Equal(t, tt.want, set.Entry(facts.CookieDated))
			assert.Empty(t, textOr(b.document, "", "cookie"), "nothing may be left")
		})
	}
}

func TestTheControlURLIsAskedOnceForAll(t *testing.T) {
	b := looking(t)
	asked := answers(t, b, `() => ({text: '{"buildId": "2"}'})`)
	b.controlURL = "https://pay.test/session"
	first := make(chan controlAnswer, 1)
	go func() { first <- b.controlAnswer(t.Context()) }()
	assert.Equal(t, controlAnswer{said: answered, buildID: "2"}, b.controlAnswer(t.Context()))
	assert.Equal(t, controlAnswer{said: answered, buildID: "2"}, <-first)
	assert.Len(t, asked(), 1)
}
