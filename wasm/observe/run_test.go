//go:build js && wasm

package observe

import (
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// These tests run under Node and in a real browser alike; what needs a
// document is tested by the scenarios.

func looking(t *testing.T) *browser {
	t.Helper()
	c, err := newCallbacks()
	require.NoError(t, err)
	t.Cleanup(c.entry.Release)
	return &browser{
		Handover: &Handover{}, callbacks: c, window: safejs.Global(),
		refused: &refusals{},
	}
}

// script evaluates JavaScript, as a page would have it.
func script(t *testing.T, source string) safejs.Value {
	t.Helper()
	v, err := safejs.Global().Call("eval", source)
	require.NoError(t, err)
	return v
}

func TestAnObserverThatPanicsLosesOnlyItsOwnFacts(t *testing.T) {
	b := looking(t)
	r := b.observe(t.Context(), observer{
		name: "broken", limit: time.Minute,
		keys: []facts.Declared{facts.Online, facts.CookieKept},
		run: func(_ context.Context, _ *browser, set *facts.Set) {
			set.PutBool(facts.Online, true, "broken")
			panic("a getter that should not throw")
		},
	})
	assert.True(t, r.set.Is(facts.Online, true), "what was established before stays")
	assert.Equal(t, facts.ReasonCrashed, r.set.Entry(facts.CookieKept).Reason)
}

func TestAPartOfAnObserverThatPanicsDoesNotEndTheModule(t *testing.T) {
	b := looking(t)
	r := b.observe(t.Context(), observer{
		name: "broken", limit: time.Minute,
		keys: []facts.Declared{facts.Online, facts.CookieKept},
		run: func(_ context.Context, b *browser, set *facts.Set) {
			b.beside(
				func() { panic("a getter that should not throw") },
				func() { set.PutBool(facts.Online, true, "broken") },
			)
		},
	})
	assert.True(t, r.set.Is(facts.Online, true), "what the others established stays")
	assert.Equal(t, facts.ReasonCrashed, r.set.Entry(facts.CookieKept).Reason)
}

func TestAnObserverThatIgnoresItsLimitIsLeftBehind(t *testing.T) {
	b := looking(t)
	never := make(chan struct{})
	defer close(never)
	r := b.observe(t.Context(), observer{
		name: "stuck", limit: time.Millisecond,
		keys: []facts.Declared{facts.Online},
		run:  func(context.Context, *browser, *facts.Set) { <-never },
	})
	assert.Equal(t, facts.ReasonTimedOut, r.set.Entry(facts.Online).Reason)
}

func TestAnObserverMayNoteWhatItKnowsWhenItsTimeIsUp(t *testing.T) {
	b := looking(t)
	r := b.observe(t.Context(), observer{
		name: "patient", limit: time.Millisecond,
		keys: []facts.Declared{facts.ACSFetch, facts.ACSObject},
		run: func(ctx context.Context, _ *browser, set *facts.Set) {
			<-ctx.Done()
			set.PutString(facts.ACSFetch, timedOut, "patient")
		},
	})
	assert.True(t, r.set.Equals(facts.ACSFetch, timedOut))
	assert.Equal(t, facts.ReasonTimedOut, r.set.Entry(facts.ACSObject).Reason)
}

func TestACancelledRunSaysSo(t *testing.T) {
	b := looking(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := b.observe(ctx, observer{
		name: "waiting", limit: time.Minute,
		keys: []facts.Declared{facts.Online},
		run:  func(ctx context.Context, _ *browser, _ *facts.Set) { <-ctx.Done() },
	})
	assert.Equal(t, facts.ReasonCancelled, r.set.Entry(facts.Online).Reason)
}

func TestObserversThatNobodyAskedForSayThat(t *testing.T) {
	selected, set := choose(observers(), []string{"popup"})
	require.Len(t, selected, 1)
	assert.Equal(t, "popup", selected[0].name)
	assert.Equal(t, facts.ReasonNotAsked, set.Entry(facts.CookieKept).Reason)
	assert.False(t, set.Touched(facts.PopupResult))
}

func TestThePageHasItsTurn(t *testing.T) {
	b := looking(t)
	b.measure = script(t, `({turns: 0, breathe() { return new Promise((done) => setTimeout(() => done(this.turns++))) }})`)
	b.breathe(t.Context())
	turns, _ := at(b.measure, "turns")
	n, _ := number(turns)
	assert.InDelta(t, 1, n, 0, "it is waited for")

	b.measure = script(t, "({})")
	b.breathe(t.Context()) // and comes back where there is none to wait for
}

// TestEveryKeyHasAnObserver: a key that no observer answers for would stay
// unknown for ever, and one with two would depend on who is last.
func TestEveryKeyHasOneObserver(t *testing.T) {
	owner := map[string]string{}
	for _, o := range observers() {
		assert.Positive(t, o.limit, o.name)
		for _, k := range o.keys {
			assert.Empty(t, owner[facts.Name(k)], "%s has a second observer, %s", facts.Name(k), o.name)
			owner[facts.Name(k)] = o.name
		}
	}
	for _, k := range facts.All() {
		assert.NotEmpty(t, owner[facts.Name(k)], "nobody observes %s", facts.Name(k))
	}
}

func TestAwait(t *testing.T) {
	b := looking(t)
	v, err := b.await(t.Context(), script(t, "Promise.resolve('yes')"))
	require.NoError(t, err)
	s, _ := text(v)
	assert.Equal(t, "yes", s)

	_, err = b.await(t.Context(), script(t, "Promise.reject(new TypeError('no'))"))
	assert.EqualError(t, err, "TypeError: no")

	_, err = b.await(t.Context(), script(t, "Promise.reject()"))
	assert.EqualError(t, err, "rejected")

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = b.await(ctx, script(t, "new Promise(() => {})"))
	assert.ErrorIs(t, err, context.DeadlineExceeded)

	_, err = b.await(t.Context(), script(t, "({})"))
	assert.Error(t, err, "what is no promise cannot be awaited")
	assert.Empty(t, b.handlers, "every callback must be dropped")
}

func TestALateCallDoesNothing(t *testing.T) {
	b := looking(t)
	calls := 0
	fn, drop, err := b.bind(func(safejs.Value) { calls++ })
	require.NoError(t, err)
	_, err = fn.Invoke()
	require.NoError(t, err)
	drop()
	_, err = fn.Invoke()
	require.NoError(t, err)
	assert.Equal(t, 1, calls)
}

func TestAPanickingHandlerDoesNotEndTheModule(t *testing.T) {
	b := looking(t)
	fn, drop, err := b.bind(func(safejs.Value) { panic("in a callback") })
	require.NoError(t, err)
	defer drop()
	_, err = fn.Invoke()
	assert.NoError(t, err)
}

func TestListenersAreTakenAway(t *testing.T) {
	b := looking(t)
	target := script(t, "new EventTarget()")
	heard := 0
	stop, err := b.listen(target, "ping", func(safejs.Value) { heard++ })
	require.NoError(t, err)
	ping := func() {
		_, err := target.Call("dispatchEvent", script(t, "new Event('ping')"))
		require.NoError(t, err)
	}
	ping()
	stop()
	ping()
	assert.Equal(t, 1, heard)
	assert.Empty(t, b.handlers)
}

func TestAHostilePageGivesNothing(t *testing.T) {
	hostile := script(t, `({
		get secret() { throw new Error("no") },
		number: "7", list: {length: 1}, nothing: null,
	})`)
	_, ok := text(hostile, "secret")
	assert.False(t, ok)
	_, ok = text(hostile, "secret", "deeper")
	assert.False(t, ok)
	_, ok = number(hostile, "number")
	assert.False(t, ok, "a string is no number")
	_, ok = boolean(hostile, "nothing")
	assert.False(t, ok)
	assert.Empty(t, texts(hostile, "list"))
	assert.Empty(t, items(hostile, "missing"))
}

func TestReadHandover(t *testing.T) {
	h := ReadHandover(script(t, `({
		options: {mode: "link", case: "4711", only: ["popup"], helper: "https://h.test",
			canary: "https://h.test/acs/", page: {providerOrigins: ["https://tds.test"]},
			threeDS: {acsURL: "https://acs.test/c", compInd: "N", outcome: {transStatus: "U"}, timeLimit: 60000}},
		control: "https://d.test/control", assets: "https://d.test/v/1/", recording: true, gesture: true,
		frameNotes: {}, end: {age: 1}, left: true, popup: null,
	})`))
	assert.Equal(t, "link", h.Mode)
	assert.Equal(t, "4711", h.Case)
	assert.Equal(t, []string{"popup"}, h.Only)
	assert.Equal(t, "https://h.test", h.helper)
	assert.Equal(t, "https://acs.test/c", h.acsURL)
	assert.Equal(t, "N", h.compInd)
	assert.Equal(t, "https://h.test/acs", h.canary)
	assert.Equal(t, []string{"https://tds.test"}, h.providers)
	assert.InEpsilon(t, 60000, h.timeLimit, 0)
	assert.True(t, h.frameWanted && h.recording && h.Gesture && h.ended && h.left)

	nothing := ReadHandover(safejs.Undefined())
	assert.Equal(t, "embed", nothing.Mode)
	assert.False(t, nothing.frameWanted || nothing.ended)
	assert.InEpsilon(t, defaultTimeLimit, nothing.timeLimit, 0)
}

func TestEngine(t *testing.T) {
	tests := map[string]struct{ agent, want string }{
		"Chrome":           {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", "chromium"},
		"Edge":             {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", "chromium"},
		"Firefox":          {"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "firefox"},
		"Safari":           {"Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15", "webkit"},
		"Chrome on iOS":    {"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1", "webkit"},
		"something unique": {"Lynx/2.9", "other"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tt.want, engine(tt.agent)) })
	}
}

func TestBrowsersWithinApps(t *testing.T) {
	for agent, want := range map[string]bool{
		"Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/156.0.0.0 Mobile Safari/537.36": true,
		"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]":                                   true,
		"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 350.0":                                           true,
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36 Line/14.1.0":                                  true,
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50":                        true,
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0.0.0 musical_ly_2023 BytedanceWebview/d8a21c6":                          true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36":                                 false,
		"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1":                                 false,
	} {
		assert.Equal(t, want, isInApp(agent), agent)
	}
}

func TestPlacesInAFrameAreEscaped(t *testing.T) {
	assert.Equal(t, "a&amp;b&quot;&lt;c", escapeAttribute(`a&b"<c`))
}

func TestNowIsATimeOfReports(t *testing.T) {
	now, err := time.Parse(time.RFC3339, Now())
	require.NoError(t, err)
	assert.Equal(t, time.UTC, now.Location())
}

func TestRandomIDsDiffer(t *testing.T) {
	assert.Regexp(t, "^[0-9a-f]{16}$", RandomID())
	assert.NotEqual(t, RandomID(), RandomID())
}

// TestManyWaitAtOnce: a goroutine gives way in the midst of a map's write, where
// that has to collect garbage first.
func TestManyWaitAtOnce(t *testing.T) {
	b := looking(t)
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	var waiting sync.WaitGroup
	for range 8 {
		waiting.Go(func() {
			for range 200 {
				_, err := b.await(t.Context(), script(t, `Promise.resolve(1)`))
				assert.NoError(t, err)
			}
		})
	}
	waiting.Wait()
	assert.Empty(t, b.handlers)
}
