//go:build js && wasm

package observe

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// connected makes the page's network, in which answer(url, init) gives the
// response or throws, and the functions that measure it. The addresses that are
// asked for are kept in order.
func connected(t *testing.T, b *browser, answer, measure string) (asked func() []string) {
	t.Helper()
	b.window = script(t, `({
		AbortController, Date, asked: [], location: {origin: "https://pay.test"}, navigator: {onLine: true},
		async fetch(address, init) {
			this.asked.push(address)
			const url = new URL(address)
			const {status = 200, type = "cors", text = "", nonce = url.searchParams.get("nonce"), headers} = await (`+answer+`)(url, init)
			return {ok: status < 300, status, type, headers: new Headers(headers), text: async () => text || nonce, json: async () => JSON.parse(text)}
		},
	})`)
	b.measure = script(t, `(`+measure+`)`)
	return func() []string { return texts(b.window, "asked") }
}

// never is an answer that does not come.
const never = `new Promise(() => {})`

// patience is how long an observer may take where the network answers so: it is
// over soon only where something never comes.
func patience(answer string) time.Duration {
	if strings.Contains(answer, never) {
		return 100 * time.Millisecond
	}
	return time.Minute
}

func TestWhoAnswersForOurServer(t *testing.T) {
	known := func(said string) facts.Entry { return facts.Entry{State: facts.Known, Str: said} }
	notAsked := facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured}
	refused := facts.Entry{Reason: facts.ReasonRefused}
	tests := map[string]struct {
		answer        string
		refused       bool
		control, page facts.Entry
	}{
		"it does":       {`() => ({})`, false, known(answered), notAsked},
		"somebody else": {`() => ({text: "Sign in"})`, false, known("other"), known(answered)},
		"one whom no page may read": {`(url, {mode}) => { if (url.host === "d.test" && mode !== "no-cors") throw new TypeError("CORS"); return {} }`,
			false, known("other"), known(answered)},
		"a connection that fails for once": {`(url) => { if (url.search && !globalThis.once) { globalThis.once = true; throw new TypeError("reset") } return {} }`,
			false, known(answered), notAsked},
		"an error of ours":               {`(url) => ({status: url.host === "d.test" ? 502 : 200})`, false, known(failed), known(answered)},
		"an outage of ours":              {`(url) => { if (url.host === "d.test") throw new TypeError("away"); return {} }`, false, known(failed), known(answered)},
		"the page's sends on":            {`({host}, {redirect}) => { if (host === "d.test" || redirect !== "manual") throw new TypeError("elsewhere"); return {status: 0, type: "opaqueredirect"} }`, false, known(failed), known("other")},
		"a network to sign in to":        {`({host}) => { if (host === "d.test") throw new TypeError("away"); return {status: 511} }`, false, known(failed), known("other")},
		"the page's has no such file":    {`({host}) => { if (host === "d.test") throw new TypeError("away"); return {status: 404} }`, false, known(failed), known(answered)},
		"the page's not within the time": {`({host}) => { if (host === "d.test") throw new TypeError("away"); return ` + never + ` }`, false, known(failed), known(timedOut)},
		"the page's does not answer":     {`({host}) => { if (host === "d.test") return {text: "Sign in"}; throw new TypeError("refused") }`, false, known("other"), known(failed)},
		"nobody anywhere":                {`() => { throw new TypeError("away") }`, false, known(failed), known(failed)},
		"not within the time":            {`() => ` + never, false, known(timedOut), known(timedOut)},
		"the page's policy":              {`() => { throw new TypeError("refused") }`, true, refused, refused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			t.Cleanup(func() { script(t, `delete globalThis.once`) })
			connected(t, b, tt.answer, `{}`)
			b.control = "https://d.test/control"
			if tt.refused {
				b.refused.note("https://d.test")
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience(tt.answer))
			defer cancel()
			var set facts.Set
			observeNetwork(ctx, b, &set)
			tt.control.From, tt.page.From = "network", "network"
			assert.Equal(t, tt.control, set.Entry(facts.ControlReached))
			assert.Equal(t, tt.page, set.Entry(facts.PageOrigin))
			assert.True(t, set.Is(facts.ConnectSrcRefused, tt.refused))
			assert.Empty(t, b.handlers)
		})
	}
}

func TestAPageOfTheDiagnosticsOwnOriginSaysNoMoreThanThat(t *testing.T) {
	b := looking(t)
	asked := connected(t, b, `() => { throw new TypeError("away") }`, `{}`)
	b.control = "https://pay.test/control"
	var set facts.Set
	observeNetwork(t.Context(), b, &set)
	assert.True(t, set.Equals(facts.ControlReached, failed))
	assert.Equal(t, facts.ReasonUnreachable, set.Entry(facts.PageOrigin).Reason)
	assert.NotContains(t, asked(), "https://pay.test/robots.txt")
}

func TestHowThePagesOriginIsAsked(t *testing.T) {
	b := looking(t)
	connected(t, b, `({host}, {mode, redirect, credentials, cache}) => {
		if (host === "pay.test") globalThis.modes.push([mode, redirect, credentials, cache].join(" "))
		throw new TypeError("away") }`, `{}`)
	script(t, `globalThis.modes = []`)
	t.Cleanup(func() { script(t, `delete globalThis.modes`) })
	b.control = "https://d.test/control"
	var set facts.Set
	observeNetwork(t.Context(), b, &set)
	assert.Equal(t, []string{
		"same-origin  omit no-store", "same-origin  omit no-store", "same-origin manual omit no-store", "same-origin manual omit no-store",
	}, texts(script(t, `modes`)))
}

func TestWhatIsLost(t *testing.T) {
	const once = `if (!globalThis.once) { globalThis.once = true; `
	tests := map[string]struct {
		answer  string
		refused bool
		want    int32
	}{
		"nothing":                     {`() => ({})`, false, 0},
		"one that is answered again":  {`() => { ` + once + `throw new TypeError("reset") } return {} }`, false, 1},
		"all":                         {`() => { throw new TypeError("away") }`, false, 0},
		"one without an answer":       {`() => { ` + once + `return ` + never + ` } return {} }`, false, 0},
		"one that the policy refused": {`() => { ` + once + `throw new TypeError("refused") } return {} }`, true, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, ask := range []func(context.Context, *browser){
				func(ctx context.Context, b *browser) { b.reach(ctx, "https://d.test/") },
				func(ctx context.Context, b *browser) { _ = b.reachControl(ctx) },
			} {
				script(t, `delete globalThis.once`)
				b := looking(t)
				asked := connected(t, b, `(url, {mode}) => mode === "no-cors" ? {} : (`+tt.answer+`)(url)`, `{}`)
				b.control = "https://d.test/control"
				if tt.refused {
					b.refused.note("https://d.test")
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience(tt.answer))
				defer cancel()
				ask(ctx, b)
				assert.Equal(t, tt.want, b.lost.Load())
				if name == "one without an answer" {
					assert.Len(t, asked(), 1, "and is not made again")
				}
			}
		})
	}
	script(t, `delete globalThis.once`)
}

func TestAPageWithoutAnOriginHasNoneToAsk(t *testing.T) {
	b := looking(t)
	asked := connected(t, b, `() => { throw new TypeError("away") }`, `{}`)
	assert.NoError(t, set(b.window, "location", map[string]any{"origin": "null"}))
	b.control = "https://d.test/control"
	var set facts.Set
	observeNetwork(t.Context(), b, &set)
	assert.Equal(t, facts.ReasonOtherOrigin, set.Entry(facts.PageOrigin).Reason)
	assert.NotContains(t, asked(), "null/robots.txt")
}

func TestWebSockets(t *testing.T) {
	known := func(said string) facts.Entry { return facts.Entry{State: facts.Known, Str: said} }
	tests := map[string]struct {
		measure         string
		refused         string
		control, helper facts.Entry
	}{
		"both answer":       {`{socket: async () => "answered"}`, "", known(answered), known(answered)},
		"a proxy stops one": {`{socket: async (url) => url.includes("d.test") ? "failed" : "answered"}`, "", known(failed), known(answered)},
		"nothing comes":     {`{socket: async () => "timed-out"}`, "", known(timedOut), known(timedOut)},
		"the page's policy": {`{socket: async (url) => url.includes("d.test") ? "failed" : "answered"}`, "wss://d.test",
			facts.Entry{Reason: facts.ReasonRefused}, known(answered)},
		"a policy for requests alone": {`{socket: async () => "failed"}`, "https://d.test", known(failed), known(failed)},
		"an older page":               {`{}`, "", facts.Entry{Reason: facts.ReasonUnsupported}, facts.Entry{Reason: facts.ReasonUnsupported}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			connected(t, b, `() => ({})`, tt.measure)
			b.control, b.helper = "https://d.test/control", "https://h.test"
			if tt.refused != "" {
				b.refused.note(tt.refused)
			}
			var set facts.Set
			observeNetwork(t.Context(), b, &set)
			tt.control.From, tt.helper.From = "network", "network"
			assert.Equal(t, tt.control, set.Entry(facts.ControlSocket))
			assert.Equal(t, tt.helper, set.Entry(facts.HelperSocket))
			assert.Empty(t, b.handlers)
		})
	}
}

func TestWebSocketsAreOpenedBesideTheControl(t *testing.T) {
	for control, want := range map[string]string{
		"https://d.test/control":                "wss://d.test/socket",
		"https://d.test/doctor/control?lab=a/b": "wss://d.test/doctor/socket?lab=a/b",
		"http://localhost:8080/control":         "ws://localhost:8080/socket",
	} {
		b := looking(t)
		connected(t, b, `() => ({})`, `{opened: [], async socket(url, nonce, limit) { this.opened.push(url, nonce, String(limit)); return "answered" }}`)
		b.control = control
		var set facts.Set
		observeNetwork(t.Context(), b, &set)
		opened := texts(b.measure, "opened")
		assert.Len(t, opened, 3, "no helper is configured")
		assert.Equal(t, want, opened[0])
		assert.Regexp(t, "^[0-9a-f]{16}$", opened[1])
		assert.Equal(t, "3000", opened[2])
		assert.Equal(t, facts.ReasonNotConfigured, set.Entry(facts.HelperSocket).Reason)
	}
}

func TestALineTooLongForAWebSocketTellsNothingOfIt(t *testing.T) {
	b := looking(t)
	connected(t, b, `() => ({})`, `{socket: async (url) => url.includes("h.test") ? "timed-out" : "slow"}`)
	b.control, b.helper = "https://d.test/control", "https://h.test"
	var set facts.Set
	observeNetwork(t.Context(), b, &set)
	assert.Equal(t, facts.ReasonNotKnown, set.Entry(facts.ControlSocket).Reason)
	assert.True(t, set.Equals(facts.HelperSocket, timedOut))
}

func TestThePaymentProvider(t *testing.T) {
	const away, late = `throw new TypeError("away")`, `return ` + never
	here, there, elsewhere := "https://api.psp.test", "https://js.psp.test", "https://cdn.test"
	known := func(said string) facts.Entry { return facts.Entry{State: facts.Known, Str: said} }
	whether := func(is bool) facts.Entry { return facts.Entry{State: facts.Known, Bool: is} }
	none := facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured}
	refused := facts.Entry{Reason: facts.ReasonRefused}
	tests := map[string]struct {
		origins                  []string
		answer                   string // of a host that is not js.psp.test or the page's; that one has `away` beside
		refused                  []string
		isolated                 bool
		reached, origin, besides facts.Entry
	}{
		"none is known":                   {nil, ``, nil, false, none, none, none},
		"what is no origin":               {[]string{"psp", "javascript:1", "ftp://psp.test"}, ``, nil, false, none, none, none},
		"all answer":                      {[]string{here, there}, ``, nil, false, known(answered), none, none},
		"one does not":                    {[]string{here, there}, `if (host === "js.psp.test") ` + away, nil, false, known(failed), known(there), whether(true)},
		"one of another domain":           {[]string{elsewhere, there}, `if (host === "js.psp.test") ` + away, nil, false, known(failed), known(there), whether(false)},
		"none does":                       {[]string{here, there}, away, nil, false, known(failed), known(here), whether(false)},
		"one fails, one is late":          {[]string{here, there}, `if (host === "js.psp.test") ` + away + `; ` + late, nil, false, known(failed), known(there), whether(false)},
		"one is late":                     {[]string{here, there}, `if (host === "js.psp.test") ` + late, nil, false, known(timedOut), known(there), whether(true)},
		"none within the time":            {[]string{here}, late, nil, false, known(timedOut), known(here), whether(false)},
		"one fails for once":              {[]string{here}, `if (!globalThis.once) { globalThis.once = true; ` + away + ` }`, nil, false, known(answered), none, none},
		"the policy refuses all":          {[]string{here}, away, []string{here}, false, refused, refused, refused},
		"the policy refuses one":          {[]string{here, there}, `if (host === "api.psp.test") ` + away, []string{here}, false, known(answered), none, none},
		"an isolated page":                {[]string{here, there}, `if (host === "api.psp.test") ` + away, nil, true, known(answered), none, none},
		"one of WebSockets":               {[]string{"wss://js.psp.test", here}, `if (host === "js.psp.test") ` + away, nil, false, known(failed), known(there), whether(true)},
		"more than are asked":             {[]string{here, here, "https://a.test", "https://b.test", elsewhere, there}, `if (host === "js.psp.test") ` + away, nil, false, known(answered), none, none},
		"a URL where an origin is wanted": {[]string{there + "/v3/?key=1"}, away, nil, false, known(failed), known(there), whether(false)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			t.Cleanup(func() { script(t, `delete globalThis.once`) })
			asked := connected(t, b, `({host}, {mode, credentials}) => {
				if (mode !== "no-cors" || credentials !== "omit") throw new Error("asked in another way");`+tt.answer+`; return {status: 404} }`, `{}`)
			assert.NoError(t, set(b.window, "crossOriginIsolated", tt.isolated))
			b.providers = tt.origins
			for _, o := range tt.refused {
				b.refused.note(o)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience(tt.answer))
			defer cancel()
			var set facts.Set
			observeNetwork(ctx, b, &set)
			for key, want := range map[facts.Declared]facts.Entry{
				facts.ProviderReached: tt.reached, facts.ProviderOrigin: tt.origin, facts.ProviderSibling: tt.besides,
			} {
				want.From = "network"
				assert.Equal(t, want, set.Entry(key), facts.Name(key))
			}
			assert.LessOrEqual(t, len(asked()), 8, "four, each twice at most")
			assert.Empty(t, b.handlers)
		})
	}
}

func TestDomainsOfHosts(t *testing.T) {
	for origin, want := range map[string]string{
		"https://js.gateway.test":     "gateway.test",
		"https://gateway.test:8443":   "gateway.test",
		"https://a.b.js.gateway.test": "gateway.test",
		"http://localhost:8080":       "localhost",
		"":                            "",
	} {
		assert.Equal(t, want, domain(origin), origin)
	}
}

func TestHowOftenTheBrowserWentOffline(t *testing.T) {
	for measure, want := range map[string]facts.Entry{
		`{online: true, offlineEvents: () => 0}`:          {State: facts.Known},
		`{online: false, offlineEvents: () => 2}`:         {State: facts.Known, Int: 2},
		`{offlineEvents() { throw new Error("spoilt") }}`: {Reason: facts.ReasonUnsupported},
		`{}`:   {Reason: facts.ReasonUnsupported},
		`null`: {Reason: facts.ReasonUnsupported},
	} {
		b := looking(t)
		connected(t, b, `() => ({})`, measure)
		var set facts.Set
		observeNetwork(t.Context(), b, &set)
		want.From = "network"
		assert.Equal(t, want, set.Entry(facts.OfflineEvents), measure)
		said, online, _ := strings.Cut(measure, "online: ")
		assert.Equal(t, said != measure && strings.HasPrefix(online, "true"), set.Is(facts.Online, true), measure)
		assert.Equal(t, said != measure && strings.HasPrefix(online, "false"), set.Is(facts.Online, false), measure)
	}
}

// A module may be newer than what hands over, and a page may be configured with
// nothing at all.
func TestEveryFactOfTheConnectionIsSpokenFor(t *testing.T) {
	for _, observer := range []observer{networkObserver(), vantageObserver(), transferObserver()} {
		b := looking(t)
		connected(t, b, `() => ({})`, `null`)
		var set facts.Set
		observer.run(t.Context(), b, &set)
		for _, key := range observer.keys {
			assert.True(t, set.Touched(key), facts.Name(key))
		}
	}
}
