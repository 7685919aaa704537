//go:build js && wasm

package observe

import (
	"slices"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// These tests give the observers pages that are made of plain objects.

func TestAMethodThatThrowsWhenLookedAtIsAnError(t *testing.T) {
	b := looking(t)
	_, err := b.await(t.Context(), script(t, `({get then() { throw new Error("no") }})`))
	assert.ErrorContains(t, err, "no")
	_, err = Call(safejs.Undefined(), "anything")
	assert.Error(t, err)
}

func TestListsOfAnImpossibleLengthAreEmpty(t *testing.T) {
	for _, list := range []string{"({length: -1})", "({length: NaN})", "({length: 1e300})"} {
		assert.Empty(t, items(script(t, list)), list)
	}
}

// Without that, a promise that settles after its run would call a function that
// was released, which is an error in the host page's console.
func TestAllRunsShareOneFunction(t *testing.T) {
	first, err := sharedCallbacks()
	require.NoError(t, err)
	second, err := sharedCallbacks()
	require.NoError(t, err)
	assert.Same(t, first, second)
	assert.Empty(t, first.handlers)
}

func TestOnlyWebAddressesAreLoaded(t *testing.T) {
	for url, want := range map[string]string{
		"https://acs.test/c?id=1": "https://acs.test/c?id=1",
		"http://localhost:1/c":    "http://localhost:1/c",
		"javascript:alert(1)":     "",
		"data:text/html,x":        "",
		"/c":                      "",
		"":                        "",
	} {
		assert.Equal(t, want, webAddress(url), url)
	}
	h := ReadHandover(script(t, `({options: {helper: "https://h.test/", threeDS: {acsURL: "javascript:1"}}})`))
	assert.Equal(t, "https://h.test", h.helper)
	assert.Empty(t, h.acsURL)
	assert.False(t, h.frameWanted)
}

func TestWhatThePolicyRefusedIsKnownEvenIfItIsToldLate(t *testing.T) {
	b := looking(t)
	const url = "https://acs.test/c"
	assert.False(t, b.refuses(t.Context(), url))
	time.AfterFunc(time.Millisecond, func() { b.refused.note("https://acs.test") })
	assert.True(t, b.refuses(t.Context(), url))
	assert.True(t, b.refuses(t.Context(), url))
}

func TestARequestEndsWithItsContextWhileTheBodyIsStillToCome(t *testing.T) {
	b := looking(t)
	b.window = script(t, `({AbortController, fetch(url, {signal}) { this.signal = signal; return Promise.resolve({ok: true}) }})`)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := b.fetch(ctx, "https://acs.test/")
	require.NoError(t, err)
	signal, _ := at(b.window, "signal")
	assert.False(t, is(signal, "aborted"))
	aborted := make(chan bool, 1)
	stop, err := b.listen(signal, "abort", func(safejs.Value) { aborted <- true })
	require.NoError(t, err)
	defer stop()
	cancel()
	assert.True(t, <-aborted)
}

// issuer is a page in which every element of ours fires the event, or which
// takes none.
func issuer(t *testing.T, b *browser, agent, event string) {
	t.Helper()
	b.window = script(t, `({
		AbortController, navigator: {userAgent: "`+agent+`"},
		fetch: () => Promise.resolve({}),
	})`)
	b.document = script(t, `({
		body: {appendChild(e) { setTimeout(() => e.dispatchEvent(new Event("`+event+`"))) }},
		createElement: () => Object.assign(new EventTarget(), {
			setAttribute() { if ("`+event+`" === "") throw new TypeError("Trusted Types") }, remove() {},
		}),
	})`)
	b.acsURL = "https://acs.test/c"
}

func TestTheIssuersPageIsAskedAsTheEngineAllows(t *testing.T) {
	tests := map[string]struct {
		agent, event     string
		object, prefetch facts.Entry
	}{
		"Chromium": {"Chrome/156", "load",
			facts.Entry{State: facts.Known, Str: loaded}, facts.Entry{State: facts.Known, Str: loaded}},
		"Chromium, an error page": {"Chrome/156", "error",
			facts.Entry{State: facts.Known, Str: failed}, facts.Entry{State: facts.Known, Str: failed}},
		"Firefox, whose prefetch loads error pages": {"Firefox/153", "error",
			facts.Entry{State: facts.Known, Str: failed}, facts.Entry{Reason: facts.ReasonUnsupported}},
		"a page that takes no element of ours": {"Chrome/156", "",
			facts.Entry{Reason: facts.ReasonRefused}, facts.Entry{Reason: facts.ReasonRefused}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			issuer(t, b, tt.agent, tt.event)
			var set facts.Set
			observeACS(t.Context(), b, &set)
			tt.object.From, tt.prefetch.From = "acs", "acs"
			assert.Equal(t, tt.object, set.Entry(facts.ACSObject))
			assert.Equal(t, tt.prefetch, set.Entry(facts.ACSPrefetch))
			assert.True(t, set.Equals(facts.ACSFetch, answered))
			assert.Empty(t, b.handlers)
		})
	}
}

// framed makes the page one of a window tree: expression is a window.
func framed(t *testing.T, b *browser, expression string) {
	t.Helper()
	b.window = script(t, `(() => {
		const top = {}; top.parent = top;
		const frame = (sandbox) => ({getAttribute: () => sandbox});
		const inside = (parent, frameElement) => ({parent, frameElement, localStorage: undefined});
		return `+expression+`
	})()`)
}

func TestSandboxesOfAllFramesAroundThePageCount(t *testing.T) {
	tests := map[string]struct {
		window           string
		sandboxed, known bool
	}{
		"the top":                                 {`top`, false, true},
		"a plain frame":                           {`inside(top, frame(null))`, false, true},
		"a frame that allows windows":             {`inside(top, frame("allow-scripts allow-popups"))`, false, true},
		"a frame that does not":                   {`inside(top, frame("allow-scripts"))`, true, true},
		"a frame within one that does not":        {`inside(inside(top, frame("")), frame(null))`, true, true},
		"a frame in another site's page":          {`inside(top, null)`, false, false},
		"a sandboxed frame in one of another's":   {`inside(inside(top, null), frame(""))`, true, true},
		"an opaque origin":                        {`({origin: "null"})`, true, true},
		"another site's page whose getter throws": {`inside({get frameElement() { throw new Error() }, get parent() { throw new Error() }}, frame(null))`, false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			framed(t, b, tt.window)
			sandboxed, known := b.popupsSandboxed()
			assert.Equal(t, tt.sandboxed, sandboxed)
			assert.Equal(t, tt.known, known)
		})
	}
}

func TestALostCookieSaysNothingInAnotherSitesPage(t *testing.T) {
	const keeps, loses = `({jar: "", get cookie() { return this.jar }, set cookie(c) { this.jar = c }})`, `({cookie: ""})`
	const losesLax = `({jar: "", get cookie() { return this.jar }, set cookie(c) { if (c.includes("SameSite=None; Secure")) this.jar = c }})`
	const forgets = `Object.defineProperty({}, "cookie", {get: () => "", set() {}})`
	tests := map[string]struct {
		window, document string
		want             facts.Entry
	}{
		"kept":                          {"top", keeps, facts.Entry{State: facts.Known, Bool: true}},
		"lost":                          {"top", forgets, facts.Entry{State: facts.Known}},
		"kept in another site's page":   {"inside(top, null)", losesLax, facts.Entry{State: facts.Known, Bool: true}},
		"lost in another site's page":   {"inside(top, null)", forgets, facts.Entry{Reason: facts.ReasonOtherOrigin}},
		"a page without any origin":     {`({origin: "null"})`, loses, facts.Entry{Reason: facts.ReasonOtherOrigin}},
		"lost in our own site's frames": {"inside(top, frame(null))", forgets, facts.Entry{State: facts.Known}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			framed(t, b, tt.window)
			b.document = script(t, tt.document)
			var set facts.Set
			observeCookies(t.Context(), b, &set)
			tt.want.From = "cookie"
			assert.Equal(t, tt.want, set.Entry(facts.CookieKept))
		})
	}
}

// node makes an element with a computed style in the place of its own.
const node = `(style, around = {}) => ({
	style: {display: "block", visibility: "visible", opacity: "1", ...style}, getAnimations: () => [], getRootNode: () => ({}), ...around})`

func TestWhatAStyleHides(t *testing.T) {
	tests := map[string]struct {
		element           string
		rendered, visible bool
	}{
		"nothing":                         {`node({})`, true, true},
		"display none":                    {`node({display: "none"})`, false, false},
		"display none around it":          {`node({}, {parentElement: node({display: "none"})})`, false, false},
		"display none at its slot":        {`node({}, {parentElement: node({}), assignedSlot: node({}, {parentElement: node({display: "none"})})})`, false, false},
		"no slot takes it up":             {`node({display: ""})`, false, false},
		"display none at its host":        {`node({}, {getRootNode: () => ({host: node({display: "none"})})})`, false, false},
		"visibility":                      {`node({visibility: "hidden"})`, true, false},
		"shown in what is hidden":         {`node({}, {parentElement: node({visibility: "hidden"})})`, true, true},
		"opacity":                         {`node({}, {parentElement: node({opacity: "0"})})`, true, false},
		"fading in":                       {`node({opacity: "0"}, {getAnimations: () => [{}]})`, true, true},
		"a browser without getAnimations": {`node({opacity: "0"}, {getAnimations: undefined})`, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.window = script(t, `({getComputedStyle: (e) => e.style})`)
			rendered, visible := b.styleOf(script(t, `(() => { const node = `+node+`; return `+tt.element+` })()`))
			assert.Equal(t, tt.rendered, rendered)
			assert.Equal(t, tt.visible, visible)
		})
	}
}

func TestOnlyChromiumCollapsesFrames(t *testing.T) {
	for agent, want := range map[string]facts.Entry{
		"Chrome/156":  {State: facts.Known, Bool: true, From: "frame"},
		"Firefox/153": {Reason: facts.ReasonUnsupported, From: "frame"},
	} {
		b := looking(t)
		b.window = script(t, `({getComputedStyle: (e) => e.style, navigator: {userAgent: "`+agent+`"}})`)
		b.frame = script(t, `(`+node+`)({}, {getClientRects: () => [], getBoundingClientRect: () => ({width: 0, height: 0})})`)
		var set facts.Set
		b.observeBoxes(&set, "frame")
		assert.Equal(t, want, set.Entry(facts.FrameCollapsed), agent)
		assert.True(t, set.Is(facts.FrameHidden, false), agent)
	}
}

func TestAFrameThatIsGoneIsKnownByItsNotesAlone(t *testing.T) {
	b := looking(t)
	b.frameWanted, b.recording = true, true
	b.frameNotes = script(t, `({loads: 1, messages: 0, focused: false})`)
	var set facts.Set
	observeFrame(t.Context(), b, &set)
	assert.True(t, set.Is(facts.FramePresent, false))
	assert.True(t, set.AtLeast(facts.FrameLoads, 1))
	assert.Equal(t, facts.Unknown, set.Entry(facts.FrameChildren).State, "what nobody saw must not count as good")

	b.frameNotes = safejs.Null()
	set = facts.Set{}
	observeFrame(t.Context(), b, &set)
	assert.Equal(t, facts.NotApplicable, set.Entry(facts.FrameLoads).State)
}

func TestOnlyFilesOfThePagesOwnOriginAreCompared(t *testing.T) {
	b := looking(t)
	b.window = script(t, `({location: {origin: "https://pay.test"}, document: {baseURI: "https://pay.test/shop/cart"}})`)
	assert.Equal(t, []string{"https://pay.test/a.js", "https://pay.test/shop/b.js", "https://pay.test/c.js?v=1"},
		b.ownFiles([]string{"https://cdn.test/a.js", "https://pay.test/a.js", "b.js", "/c.js?v=1", "https://pay.test.evil/a.js"}))
	assert.Len(t, b.ownFiles(slices.Repeat([]string{"//cdn.test/a.js", "/a.js"}, 30)), 20, "a page with hundreds would be asked for all of them")
}

func TestWhatIsStaleIsComparedTwice(t *testing.T) {
	const file = "https://pay.test/a.js"
	known := func(stale bool) facts.Entry { return facts.Entry{State: facts.Known, Bool: stale, From: "cache"} }
	incomparable := facts.Entry{Reason: facts.ReasonNotKnown, From: "cache"}
	away := facts.Entry{Reason: facts.ReasonUnreachable, From: "cache"}
	tests := map[string]struct {
		answers       []string // of the server, one for each time it is asked
		stored        string   // in Cache Storage; empty for nothing
		stale, inside facts.Entry
	}{
		"the same":                    {[]string{"here"}, "", known(false), known(false)},
		"another":                     {[]string{"new", "new"}, "", known(true), known(false)},
		"another each day":            {[]string{"one", "two"}, "", incomparable, known(false)},
		"another in storage":          {[]string{"here", "here"}, "old", known(false), known(true)},
		"the same in storage":         {[]string{"here"}, "here", known(false), known(false)},
		"each another":                {[]string{"new", "new"}, "old", known(true), known(true)},
		"in storage, and made anew":   {[]string{"one", "two"}, "old", incomparable, incomparable},
		"a server that is away":       {[]string{""}, "old", away, away},
		"away when asked again":       {[]string{"new", ""}, "", incomparable, known(false)},
		"in storage, and a new build": {[]string{"new", "new"}, "new", known(true), known(false)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			stored := map[string]string{}
			if tt.stored != "" {
				stored[file] = tt.stored
			}
			var set facts.Set
			b.compare(&set, facts.ScriptStale, facts.ReasonUnreachable, map[string]string{file: "here"}, stored, func() map[string]string {
				said := tt.answers[0]
				tt.answers = tt.answers[1:]
				if said == "" {
					return nil
				}
				return map[string]string{file: said}
			})
			assert.Equal(t, tt.stale, set.Entry(facts.ScriptStale))
			assert.Equal(t, tt.inside, set.Entry(facts.StorageStale))
			assert.Empty(t, tt.answers)
		})
	}
}

// Over plain HTTP no browser keeps a Secure cookie, so a helper there would
// make every browser look as if it blocked them.
func TestAHelperOverPlainHTTPIsNotAsked(t *testing.T) {
	b := looking(t)
	b.helper = "http://127.0.0.1:8081"
	var set facts.Set
	observeHelper(t.Context(), b, &set)
	assert.Equal(t, facts.NotApplicable, set.Entry(facts.HelperReached).State)
	assert.Equal(t, facts.ReasonNotConfigured, set.Entry(facts.ThirdPartyHeader).Reason)
}
