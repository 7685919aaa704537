//go:build js && wasm

package observe

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// answers makes the page's network: answer(path, init) gives the response or
// throws; asked is what was asked for, by method and path.
func answers(t *testing.T, b *browser, answer string) (asked func() []string) {
	t.Helper()
	b.window = script(t, `({
		AbortController, asked: [], location: {origin: "https://pay.test"},
		async fetch(url, init) {
			const {pathname, searchParams} = new URL(url)
			this.asked.push((init.method ?? "GET") + " " + pathname + (init.redirect ? " " + init.redirect : ""))
			const answer = `+answer+`
			const {status = 200, headers = {}, text = "", type = "cors"} = await answer(pathname, searchParams.get("nonce"), init)
			return {ok: status < 300, status, type, headers: {get: (name) => headers[name.toLowerCase()] ?? null}, text: async () => text, json: async () => JSON.parse(text)}
		},
	})`)
	return func() []string { return texts(b.window, "asked") }
}

func TestFilesThatABlockerStops(t *testing.T) {
	const (
		served = `const text = path === "/fingerprint2.min.js" ? "/* " + nonce + " */" : nonce;`
		list   = `const listed = path !== "/control";`
	)
	known := func(word string) facts.Entry { return facts.Entry{State: facts.Known, Str: word} }
	missing := func(baits ...string) facts.Entry {
		return facts.Entry{State: facts.Known, List: append([]string{}, baits...)}
	}
	lost := func(why facts.Reason) facts.Entry { return facts.Entry{Reason: why} }
	tests := map[string]struct {
		answer        string
		refused       bool
		script, baits facts.Entry
	}{
		"nothing":               {served + `return {text}`, false, known("passed"), missing()},
		"requests that fail":    {served + list + `if (listed) throw new TypeError("blocked"); return {text}`, false, known("blocked"), missing("banner", "collect")},
		"one request":           {served + `if (path.includes("banner")) throw new TypeError("blocked"); return {text}`, false, known("passed"), missing("banner")},
		"stand-ins":             {served + list + `return {text: listed ? "(function() {})()" : text}`, false, known("replaced"), missing("banner", "collect")},
		"opaque stand-ins":      {served + list + `if (listed && init.mode !== "no-cors") throw new TypeError("no CORS"); return {text: listed ? "" : text}`, false, known("replaced"), missing("banner", "collect")},
		"our server has none":   {`return path === "/control" ? {text: nonce} : {status: 404}`, false, lost(facts.ReasonUnreachable), lost(facts.ReasonUnreachable)},
		"an older server":       {served + `return path.length > 20 || path === "/control" ? {status: 404} : {text}`, false, known("passed"), lost(facts.ReasonUnreachable)},
		"our server is away":    {`throw new TypeError("away")`, false, lost(facts.ReasonUnreachable), lost(facts.ReasonUnreachable)},
		"a captive portal":      {`return {text: "Log in"}`, false, lost(facts.ReasonUnreachable), lost(facts.ReasonUnreachable)},
		"the page's policy":     {`throw new TypeError("refused")`, true, lost(facts.ReasonRefused), lost(facts.ReasonRefused)},
		"the beacon's stand-in": {served + `return {text: path === "/collect" ? "" : text}`, false, known("passed"), missing("collect")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			answers(t, b, `(path, nonce, init) => {`+tt.answer+`}`)
			b.control, b.frameWanted = "https://d.test/control", true
			if tt.refused {
				b.refused.note("https://d.test")
			}
			var set facts.Set
			observeBait(t.Context(), b, &set)
			tt.script.From, tt.baits.From = "bait", "bait"
			assert.Equal(t, tt.script, set.Entry(facts.ScriptBait))
			assert.Equal(t, tt.baits, set.Entry(facts.Baits))
			assert.Empty(t, b.handlers)
		})
	}
}

func TestWhatSaysThatThePolicyRefusesRequests(t *testing.T) {
	b := looking(t)
	b.window = script(t, `({location: {origin: "https://pay.test"}})`)
	for refusal, noted := range map[string]string{
		`{disposition: "enforce", effectiveDirective: "connect-src", url: "https://a.test/x"}`:   "https://a.test",
		`{disposition: "enforce", effectiveDirective: "frame-src", url: "https://b.test/x"}`:     "https://b.test",
		`{disposition: "enforce", effectiveDirective: "frame-src", url: "https://pay.test/x"}`:   "",
		`{disposition: "enforce", effectiveDirective: "connect-src", url: "https://pay.test/x"}`: "https://pay.test",
		`{disposition: "report", effectiveDirective: "connect-src", url: "https://c.test/x"}`:    "",
		`{disposition: "enforce", effectiveDirective: "script-src", url: "inline"}`:              "",
	} {
		b.refused = &refusals{}
		b.noteRefusal(script(t, "("+refusal+")"), "url")
		assert.Equal(t, noted, strings.Join(b.refused.origins, " "), refusal)
	}
}

func TestTheScriptBaitIsLeftAloneWhereItTellsNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		mode          string
		wanted, ended bool
		asked         bool
	}{
		"a challenge that does not end": {"embed", true, false, true},
		"a challenge that ended":        {"embed", true, true, false},
		"no challenge":                  {"embed", false, false, false},
		"a link":                        {"link", false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := answers(t, b, `(path, nonce) => ({text: path === "/fingerprint2.min.js" ? "/* " + nonce + " */" : nonce})`)
			b.Mode, b.control, b.frameWanted, b.ended = tt.mode, "https://d.test/control", tt.wanted, tt.ended
			var set facts.Set
			observeBait(t.Context(), b, &set)
			assert.Equal(t, tt.asked, slices.Contains(asked(), "GET /fingerprint2.min.js"))
			assert.NotContains(t, asked(), "GET /control", "nothing has to be explained")
			assert.Equal(t, tt.asked, set.Equals(facts.ScriptBait, "passed"))
			assert.Equal(t, facts.Known, set.Entry(facts.Baits).State)
		})
	}
}

func TestThePagesOpenerPolicyIsLookedUpWhereAWindowWasLost(t *testing.T) {
	const lost, kept = `{hostPopup: {result: "closed"}}`, `{hostPopup: {result: "window"}}`
	tests := map[string]struct {
		windows, answer string
		want            facts.Entry
	}{
		"no window":                  {`{}`, `() => ({})`, facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured}},
		"a window that stays":        {kept, `() => ({})`, facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured}},
		"the payment's":              {lost, `() => ({headers: {"cross-origin-opener-policy": "same-origin"}})`, facts.Entry{State: facts.Known, Str: "same-origin"}},
		"with parameters":            {lost, `() => ({headers: {"cross-origin-opener-policy": "same-origin-allow-popups; report-to=\"x\""}})`, facts.Entry{State: facts.Known, Str: "same-origin-allow-popups"}},
		"no policy":                  {lost, `() => ({})`, facts.Entry{State: facts.Known, Str: "unsafe-none"}},
		"something else":             {lost, `() => ({headers: {"cross-origin-opener-policy": "none at all"}})`, facts.Entry{Reason: facts.ReasonInvalid}},
		"the page cannot be reached": {lost, `() => { throw new TypeError("away") }`, facts.Entry{Reason: facts.ReasonUnreachable}},
		"our own, without a word":    {`{popup: Promise.resolve({closedEarly: true, hello: false})}`, `() => ({})`, facts.Entry{State: facts.Known, Str: "unsafe-none"}},
		"our own, closed by a user":  {`{popup: Promise.resolve({closedEarly: true, hello: true})}`, `() => ({})`, facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := answers(t, b, tt.answer)
			b.document = script(t, `({URL: "https://pay.test/billing?a=1#top"})`)
			windows := script(t, "("+tt.windows+")")
			b.hostPopup, _ = at(windows, "hostPopup")
			b.popup, _ = at(windows, "popup")
			var set facts.Set
			observePage(t.Context(), b, &set)
			tt.want.From = "page"
			assert.Equal(t, tt.want, set.Entry(facts.OpenerPolicy))
			for _, request := range asked() {
				assert.Equal(t, "HEAD /billing", request)
			}
			assert.Equal(t, facts.ReasonUnsupported, set.Entry(facts.DeniedFeatures).Reason)
		})
	}
}

func TestFeaturesThatThePageIsDenied(t *testing.T) {
	b := looking(t)
	b.document = script(t, `({featurePolicy: {
		features: () => ["camera", "payment", "publickey-credentials-get"],
		allowsFeature: (name) => name === "payment",
	}})`)
	var set facts.Set
	b.observeDenied(&set, "page")
	denied, known := set.List(facts.DeniedFeatures)
	assert.True(t, known)
	assert.Equal(t, []string{"publickey-credentials-get"}, denied, "the camera is not our concern")
}

func TestWhatTheNotificationPageSaysOfBeingFramed(t *testing.T) {
	tests := map[string]struct {
		answer string
		want   facts.Entry
	}{
		"nothing":                    {`() => ({})`, facts.Entry{State: facts.Known, Str: "allowed"}},
		"by its own site":            {`() => ({headers: {"x-frame-options": "SAMEORIGIN"}})`, facts.Entry{State: facts.Known, Str: "allowed"}},
		"never":                      {`() => ({headers: {"x-frame-options": "DENY"}})`, facts.Entry{State: facts.Known, Str: "forbidden"}},
		"never, in an error":         {`() => ({status: 405, headers: {"x-frame-options": "deny"}})`, facts.Entry{State: facts.Known, Str: "forbidden"}},
		"never, by policy":           {`() => ({headers: {"content-security-policy": "default-src 'self', img-src *; frame-ancestors 'none'"}})`, facts.Entry{State: facts.Known, Str: "forbidden"}},
		"by itself, by policy":       {`() => ({headers: {"content-security-policy": "frame-ancestors 'self'"}})`, facts.Entry{State: facts.Known, Str: "allowed"}},
		"its server cannot be asked": {`() => { throw new TypeError("away") }`, facts.Entry{Reason: facts.ReasonUnreachable}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := answers(t, b, tt.answer)
			b.notificationURL, b.frame = "https://pay.test/3ds/return?id=1", script(t, "({})")
			var set facts.Set
			observeNotification(t.Context(), b, &set)
			tt.want.From = "notification"
			assert.Equal(t, tt.want, set.Entry(facts.NotificationFraming))
			assert.True(t, set.Equals(facts.NotificationOrigin, "https://pay.test"))
			assert.True(t, set.Is(facts.NotificationSame, true))
			assert.Equal(t, []string{"HEAD /3ds/return"}, asked())
		})
	}
}

func TestNotificationURLsThatNoIssuerTakes(t *testing.T) {
	long := func(n int) string {
		url := []byte("https://tds.test/?q=")
		for len(url) < n {
			url = append(url, 'x')
		}
		return string(url)
	}
	for url, want := range map[string]bool{
		"https://tds.test/3ds/notify":      true,
		long(256):                          true,
		long(257):                          false,
		"http://tds.test/3ds/notify":       false,
		"http://localhost:8080/notify":     true,
		"http://127.0.0.1:8080/notify":     true,
		"http://localhost/notify":          true,
		"http://127.0.0.1.tds.test/notify": false,
		"/3ds/notify":                      false,
	} {
		b := looking(t)
		asked := answers(t, b, `() => ({})`)
		b.notificationURL = url
		var set facts.Set
		observeNotification(t.Context(), b, &set)
		assert.True(t, set.Is(facts.NotificationFits, want), url)
		assert.Equal(t, facts.NotApplicable, set.Entry(facts.NotificationFraming).State)
		assert.Empty(t, asked(), "another site's headers cannot be read, and without a frame nobody needs them")
	}
}

func TestTheStrictestPermissionForTheLocalNetworkCounts(t *testing.T) {
	for query, want := range map[string]facts.Entry{
		`async () => { throw new TypeError("no such permission") }`:                                                   {Reason: facts.ReasonUnsupported},
		`async () => ({state: "prompt"})`:                                                                             {State: facts.Known, Str: "prompt"},
		`async ({name}) => ({state: name === "loopback-network" ? "denied" : "granted"})`:                             {State: facts.Known, Str: "denied"},
		`async ({name}) => ({state: name === "local-network" ? "prompt" : "granted"})`:                                {State: facts.Known, Str: "prompt"},
		`async ({name}) => { if (name !== "local-network-access") throw new TypeError(); return {state: "granted"} }`: {State: facts.Known, Str: "granted"},
	} {
		b := looking(t)
		b.window = script(t, `({navigator: {permissions: {query: `+query+`}}})`)
		var set facts.Set
		b.observeLocalNetwork(t.Context(), &set, "network")
		want.From = "network"
		assert.Equal(t, want, set.Entry(facts.LocalNetwork), query)
	}
}

func TestACanaryThatCannotBeOpened(t *testing.T) {
	tests := map[string]struct {
		answer  string
		reached string
		status  int64
		loops   bool
		asked   []string
	}{
		"an error page": {`() => ({status: 500, text: "broken"})`, answered, 500, false, []string{"POST /acs/canary"}},
		"no JSON":       {`() => ({text: "<p>Log in"})`, answered, 200, false, []string{"POST /acs/canary"}},
		"null":          {`() => ({text: "null"})`, answered, 200, false, []string{"POST /acs/canary"}},
		"no pages":      {`() => ({text: "{}"})`, answered, 200, false, []string{"POST /acs/canary"}},
		"a method page of another site": {`() => ({text: JSON.stringify({methodURL: "https://pay.test/repair", acsURL: "https://h.test/acs/challenge/1"})})`,
			answered, 200, false, []string{"POST /acs/canary"}},
		"a challenge of another site": {`() => ({text: JSON.stringify({methodURL: "https://h.test/acs/method", acsURL: "https://h.test.evil.test/"})})`,
			answered, 200, false, []string{"POST /acs/canary"}},
		"a script for a challenge": {`() => ({text: JSON.stringify({methodURL: "https://h.test/acs/method", acsURL: "javascript:alert(1)"})})`,
			answered, 200, false, []string{"POST /acs/canary"}},
		"nobody there": {`() => { throw new TypeError("away") }`, failed, 0, false, []string{"POST /acs/canary", "POST /acs/canary manual"}},
		"a loop": {`(path, nonce, {redirect}) => { if (redirect !== "manual") throw new TypeError("loop"); return {type: "opaqueredirect"} }`,
			failed, 0, true, []string{"POST /acs/canary", "POST /acs/canary manual"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := answers(t, b, tt.answer)
			b.canary = "https://h.test/acs"
			var set facts.Set
			observeCanary(t.Context(), b, &set)
			assert.True(t, set.Equals(facts.CanaryOrigin, "https://h.test"))
			assert.True(t, set.Equals(facts.CanaryReached, tt.reached))
			assert.True(t, set.Is(facts.CanaryLoops, tt.loops))
			status, known := set.Int(facts.CanaryStatus)
			assert.Equal(t, tt.status, status)
			assert.Equal(t, tt.status != 0, known)
			assert.Equal(t, facts.ReasonUnreachable, set.Entry(facts.CanaryChallenge).Reason)
			assert.Equal(t, tt.asked, asked())
		})
	}
}

func TestNoCanaryWithoutAnAddress(t *testing.T) {
	b := looking(t)
	var set facts.Set
	observeCanary(t.Context(), b, &set)
	for _, k := range canaryObserver().keys {
		assert.Equal(t, facts.NotApplicable, set.Entry(k).State, facts.Name(k))
	}
}
