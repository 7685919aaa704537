//go:build js && wasm

package observe

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// everything is what a vantage answers that knows all there is to know.
const everything = `{
	country: "NL", kind: "hosting", family: "4", zoneCountries: ["NL"], mss: 1380, pathMTU: 1500, rttMicros: 12600,
	proxyHeaders: ["via"], httpVersion: "2", tls: "own", candidates: "", time: Date.now(), cookieBytes: 120, cookieCount: 3, stun: "",
}`

// vantage makes a page whose vantage is at the URL and answers so; the script may
// look at the question and at what the request is like.
func vantage(t *testing.T, url, answer, measure string) (b *browser, questions func() []string) {
	t.Helper()
	b = looking(t)
	connected(t, b, `async (url, init) => {
		globalThis.questions.push(init.credentials + " " + init.body)
		const question = JSON.parse(init.body), everything = `+everything+`
		const answer = await (`+answer+`)(everything, question, init)
		return answer.status ? answer : {text: JSON.stringify(answer)}
	}`, measure)
	script(t, `globalThis.questions = []`)
	t.Cleanup(func() { script(t, `delete globalThis.questions`) })
	b.vantage = url
	return b, func() []string { return texts(script(t, `questions`)) }
}

func TestWhatTheVantageSees(t *testing.T) {
	word := func(said string) facts.Entry { return facts.Entry{State: facts.Known, Str: said} }
	amount := func(n int64) facts.Entry { return facts.Entry{State: facts.Known, Int: n} }
	list := func(words ...string) facts.Entry {
		return facts.Entry{State: facts.Known, List: append([]string{}, words...)}
	}
	because := func(why facts.Reason) facts.Entry { return facts.Entry{Reason: why} }
	notKnown, invalid := because(facts.ReasonNotKnown), because(facts.ReasonInvalid)
	elsewhere := facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonOtherOrigin}
	all := func(change map[facts.Declared]facts.Entry) map[facts.Declared]facts.Entry {
		want := map[facts.Declared]facts.Entry{
			facts.VantageReached: word(answered), facts.AddressCountry: word("NL"), facts.AddressKind: word("hosting"),
			facts.AddressFamily: word("4"), facts.TimeZoneCountries: list("NL"), facts.SegmentSize: amount(1380), facts.PathMTU: amount(1500),
			facts.TCPRoundTrip: amount(13), facts.ProxyHeaders: list("via"), facts.HTTPVersion: word("2"), facts.TLSBy: word("own"),
			facts.HeaderBytes: elsewhere, facts.HeaderCount: elsewhere, facts.Candidates: because(facts.ReasonNotConfigured),
		}
		for key, entry := range change {
			want[key] = entry
		}
		return want
	}
	every := func(entry facts.Entry) map[facts.Declared]facts.Entry {
		want := all(nil)
		for key := range want {
			want[key] = entry
		}
		return want
	}
	tests := map[string]struct {
		answer string
		want   map[facts.Declared]facts.Entry
	}{
		"everything": {`(all) => all`, all(nil)},
		"nothing": {`(all) => ({...all, country: "", kind: "", family: "", zoneCountries: [], mss: 0, pathMTU: 0, rttMicros: 0,
			proxyHeaders: [], httpVersion: "", tls: ""})`,
			all(map[facts.Declared]facts.Entry{
				facts.AddressCountry: notKnown, facts.AddressKind: notKnown, facts.AddressFamily: notKnown, facts.TimeZoneCountries: list(),
				facts.SegmentSize: notKnown, facts.PathMTU: notKnown, facts.TCPRoundTrip: notKnown, facts.ProxyHeaders: list(),
				facts.HTTPVersion: notKnown, facts.TLSBy: notKnown,
			})},
		"what an older one says": {`({country, zoneCountries, cookieBytes, time}) => ({country, zoneCountries, cookieBytes, time})`,
			all(map[facts.Declared]facts.Entry{
				facts.AddressKind: notKnown, facts.AddressFamily: notKnown, facts.SegmentSize: notKnown, facts.PathMTU: notKnown,
				facts.TCPRoundTrip: notKnown, facts.ProxyHeaders: notKnown, facts.HTTPVersion: notKnown, facts.TLSBy: notKnown,
			})},
		"what makes no sense": {`(all) => ({...all, country: "<b>", kind: "home", family: 4, mss: 1e9, pathMTU: -1, rttMicros: "9", tls: "none"})`,
			all(map[facts.Declared]facts.Entry{
				facts.AddressCountry: invalid, facts.AddressKind: invalid, facts.AddressFamily: notKnown, facts.SegmentSize: notKnown,
				facts.PathMTU: notKnown, facts.TCPRoundTrip: notKnown, facts.TLSBy: invalid,
			})},
		"an error": {`() => ({status: 500})`, func() map[facts.Declared]facts.Entry {
			want := every(because(facts.ReasonUnreachable))
			want[facts.VantageReached] = word(failed)
			return want
		}()},
		"a page of somebody else's": {`() => ({status: 200, text: "<p>Sign in"})`, func() map[facts.Declared]facts.Entry {
			want := every(because(facts.ReasonUnreachable))
			want[facts.VantageReached] = word(failed)
			return want
		}()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, _ := vantage(t, "https://v.test/vantage", tt.answer, `{}`)
			var set facts.Set
			observeVantage(t.Context(), b, &set)
			for key, want := range tt.want {
				want.From = "vantage"
				assert.Equal(t, want, set.Entry(key), facts.Name(key))
			}
			assert.Empty(t, b.handlers)
		})
	}
}

func TestAVantageThatThePolicyRefuses(t *testing.T) {
	b, _ := vantage(t, "https://v.test/vantage", `() => { throw new TypeError("refused") }`, `{}`)
	b.refused.note("https://v.test")
	var set facts.Set
	observeVantage(t.Context(), b, &set)
	for _, key := range append(vantageFacts, facts.VantageReached) {
		assert.Equal(t, facts.ReasonRefused, set.Entry(key).Reason, facts.Name(key))
	}
}

func TestCookiesAreCountedByAVantageOfThePagesOwn(t *testing.T) {
	amount := func(n int64) facts.Entry { return facts.Entry{State: facts.Known, Int: n} }
	unreachable := facts.Entry{Reason: facts.ReasonUnreachable}
	tests := map[string]struct {
		answer       string
		bytes, count facts.Entry
		asked        []string
	}{
		"some":            {`(all) => all`, amount(120), amount(3), []string{"same-origin"}},
		"none":            {`(all) => ({...all, cookieBytes: 0, cookieCount: 0})`, amount(0), amount(0), []string{"same-origin"}},
		"too many for it": {`(all, _, init) => init.credentials === "omit" ? all : {status: 431}`, unreachable, unreachable, []string{"same-origin", "omit"}},
		"away":            {`() => ({status: 502})`, unreachable, unreachable, []string{"same-origin", "omit"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, questions := vantage(t, "https://pay.test/vantage", tt.answer, `{}`)
			var set facts.Set
			observeVantage(t.Context(), b, &set)
			tt.bytes.From, tt.count.From = "vantage", "vantage"
			assert.Equal(t, tt.bytes, set.Entry(facts.HeaderBytes))
			assert.Equal(t, tt.count, set.Entry(facts.HeaderCount))
			asked := questions()
			if assert.Len(t, asked, len(tt.asked)) {
				for i, credentials := range tt.asked {
					assert.Equal(t, credentials+` {"zone":""}`, asked[i])
				}
			}
		})
	}
}

// The vantage's clock is read when its server answers, which is in the middle of
// the request.
func TestHowFarTheClockIsOff(t *testing.T) {
	tests := map[string]struct {
		theirs      string
		from, until int64 // in seconds
	}{
		"not at all":         {`Date.now()`, 0, 0},
		"an hour ahead":      {`Date.now() - 3_600_000`, 3600, 3600},
		"a day behind":       {`Date.now() + 86_400_000`, -86400, -86400},
		"by nearly a second": {`Date.now() - 900`, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, _ := vantage(t, "https://v.test/vantage", `(all) => ({...all, time: `+tt.theirs+`})`, `{}`)
			var set facts.Set
			observeVantage(t.Context(), b, &set)
			skew, known := set.Int(facts.ClockSkew)
			assert.True(t, known)
			assert.True(t, tt.from <= skew && skew <= tt.until, "%d seconds", skew)
		})
	}
	for _, theirs := range []string{`0`, `-1`, `1e300`, `"noon"`, `null`} {
		b, _ := vantage(t, "https://v.test/vantage", `(all) => ({...all, time: `+theirs+`})`, `{}`)
		var set facts.Set
		observeVantage(t.Context(), b, &set)
		assert.Equal(t, facts.ReasonNotKnown, set.Entry(facts.ClockSkew).Reason, theirs)
	}
}

func TestWhichClockIsWrong(t *testing.T) {
	whether := func(is bool) facts.Entry { return facts.Entry{State: facts.Known, Bool: is} }
	notKnown := facts.Entry{Reason: facts.ReasonNotKnown}
	nothingToAsk := facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured}
	const now, ahead, other, own = `Date.now()`, `Date.now() - 3_600_000`, "https://v.test/vantage", "https://pay.test/vantage"
	dated := func(time string) string { return `({headers: {date: new Date(` + time + `).toUTCString()}})` }
	tests := map[string]struct {
		vantage, theirs, page string // the vantage's URL, its time, and what the page's server answers
		want                  facts.Entry
		asked                 bool
	}{
		"none":                             {other, now, dated(now), nothingToAsk, false},
		"one that is nearly right":         {other, `Date.now() + 298_000`, dated(now), nothingToAsk, false},
		"ours, ahead":                      {other, ahead, dated(ahead), whether(true), true},
		"ours, behind":                     {other, `Date.now() + 86_400_000`, dated(`Date.now() + 86_400_000`), whether(true), true},
		"ours, and theirs differ a little": {other, ahead, dated(ahead + ` - 290_000`), whether(true), true},
		"the vantage's":                    {other, ahead, dated(now), whether(false), true},
		"all are":                          {other, ahead, dated(`Date.now() + 3_600_000`), whether(false), true},
		"ours, by a cache's answer":        {other, ahead, `({headers: {date: new Date(` + ahead + ` - 7_200_000).toUTCString(), age: "7200"}})`, whether(true), true},
		"ours, by an error":                {other, ahead, `({status: 404, ...` + dated(ahead) + `})`, whether(true), true},
		"one of a server that has none":    {other, ahead, `({})`, notKnown, true},
		"one that cannot be read":          {other, ahead, `({headers: {date: "noon"}})`, notKnown, true},
		"one that nobody tells":            {other, ahead, `(() => { throw new TypeError("away") })()`, notKnown, true},
		"one that the vantage tells alone": {own, ahead, dated(ahead), notKnown, false},
		"one of a vantage that has none":   {other, `0`, dated(now), notKnown, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := connected(t, b, `({host, pathname}, {method, mode, credentials, cache}) => {
				if (method === "POST") return {text: JSON.stringify({time: `+tt.theirs+`})}
				if ([host + pathname, method, mode, credentials, cache].join(" ") !== "pay.test/robots.txt HEAD same-origin omit no-store")
					throw new Error("asked in another way")
				return `+tt.page+` }`, `{}`)
			b.vantage = tt.vantage
			var set facts.Set
			observeVantage(t.Context(), b, &set)
			tt.want.From = "vantage"
			assert.Equal(t, tt.want, set.Entry(facts.ClockConfirmed))
			assert.Equal(t, tt.asked, slices.Contains(asked(), "https://pay.test/robots.txt"))
			assert.Empty(t, b.handlers)
		})
	}
}

func TestTheVantagesClockIsComparedInTheMiddleOfTheRequest(t *testing.T) {
	b, _ := vantage(t, "https://v.test/vantage", `async (all) => { await new Promise((resolve) => setTimeout(resolve, 40)); return all }`, `{}`)
	asked := time.Now().UnixMilli()
	_, middle, err := b.askVantage(t.Context(), `{}`, "omit")
	assert.NoError(t, err)
	assert.GreaterOrEqual(t, middle, asked+15)
	assert.LessOrEqual(t, middle, time.Now().UnixMilli()-15)
}

func TestTheAddressOfWebRTC(t *testing.T) {
	word := func(said string) facts.Entry { return facts.Entry{State: facts.Known, Str: said} }
	because := func(why facts.Reason) facts.Entry { return facts.Entry{Reason: why} }
	const first, compares = `{"zone":""}`, `(all, {candidates}) => ({...all, stun: "stun:v.test:3478",
		candidates: !candidates ? "" : !candidates.length ? "none" : candidates.includes("192.0.2.7") ? "same" : "other"})`
	second := func(candidates string) []string {
		return []string{"same-origin " + first, `omit {"zone":"","candidates":[` + candidates + `]}`}
	}
	tests := map[string]struct {
		answer, measure string
		want            facts.Entry
		asked           []string
	}{
		"the same":          {compares, `{candidates: async () => ["2001:db8::1", "192.0.2.7"]}`, word("same"), second(`"2001:db8::1","192.0.2.7"`)},
		"another":           {compares, `{candidates: async () => ["198.51.100.1"]}`, word("other"), second(`"198.51.100.1"`)},
		"none":              {compares, `{candidates: async () => []}`, word("none"), second(``)},
		"no WebRTC":         {compares, `{candidates: async () => null}`, because(facts.ReasonUnsupported), second(``)[:1]},
		"an older page":     {compares, `{}`, because(facts.ReasonUnsupported), second(``)[:1]},
		"no STUN":           {`(all) => all`, `{candidates: async () => ["192.0.2.7"]}`, because(facts.ReasonNotConfigured), second(``)[:1]},
		"names for some":    {compares, `{candidates: async () => ["b2f.local", "", "\"]", "192.0.2.7", 7]}`, word("same"), second(`"192.0.2.7"`)},
		"more than allowed": {compares, `{candidates: async () => Array(9).fill("::1")}`, word("other"), second(`"::1","::1","::1","::1","::1","::1","::1","::1"`)},
		"an answer of none": {`(all) => ({...all, stun: "stun:v.test:3478"})`, `{candidates: async () => []}`, because(facts.ReasonNotKnown), second(``)},
		"no second answer": {`(all, {candidates}) => candidates ? {status: 429} : {...all, stun: "stun:v.test:3478"}`,
			`{candidates: async () => []}`, because(facts.ReasonUnreachable), second(``)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, questions := vantage(t, "https://v.test/vantage", tt.answer, tt.measure)
			var set facts.Set
			observeVantage(t.Context(), b, &set)
			tt.want.From = "vantage"
			assert.Equal(t, tt.want, set.Entry(facts.Candidates))
			assert.Equal(t, tt.asked, questions())
			assert.Empty(t, b.handlers)
		})
	}
}

func TestNoAddressIsNoted(t *testing.T) {
	b, _ := vantage(t, "https://v.test/vantage", `(all) => ({...all, stun: "stun:v.test:3478", candidates: "same", address: "192.0.2.7"})`,
		`{candidates: async () => ["192.0.2.7"]}`)
	var set facts.Set
	observeVantage(t.Context(), b, &set)
	for _, key := range vantageObserver().keys {
		entry := set.Entry(key)
		assert.NotContains(t, append(entry.List, entry.Str), "192.0.2.7", facts.Name(key))
	}
	assert.True(t, set.Equals(facts.Candidates, "same"))
}

func TestStunIsAskedAsTheVantageSays(t *testing.T) {
	b, _ := vantage(t, "https://v.test/vantage", `(all) => ({...all, stun: "stun:v.test:3478"})`,
		`{asked: [], async candidates(...asked) { this.asked.push(asked.join(" ")); return [] }}`)
	var set facts.Set
	observeVantage(t.Context(), b, &set)
	assert.Equal(t, []string{"stun:v.test:3478 1500"}, texts(b.measure, "asked"))
}
