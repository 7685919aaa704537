package chrome_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

// viewport lets a page be as wide as the device.
const viewport = `<meta name=viewport content="width=device-width, initial-scale=1">`

func TestTheDeviceIsThatOfTheContext(t *testing.T) {
	top := serve(t, "device.one.test", html(viewport+`<iframe src="https://device.two.test/"></iframe>`))
	serve(t, "device.two.test", html("framed"))
	const asks = `["(pointer: coarse)", "(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"].filter(q => matchMedia(q).matches).length`
	for name, test := range map[string]struct {
		device       probe.Device
		size         string
		touch        bool
		asked, inner int // of the three features, how many page and frame have
	}{
		"none": {size: "1280 1", asked: 0},
		"phone": {
			device: probe.Device{Width: 360, Height: 640, Scale: 3, Mobile: true, Touch: true, ColorScheme: "dark", ReducedMotion: true},
			size:   "360 3", touch: true, asked: 3, inner: 3,
		},
		"screen of another size": {device: probe.Device{Width: 800, Height: 600, Scale: 2}, size: "800 2"},
		"dark mode":              {device: probe.Device{ColorScheme: "dark"}, size: "1280 1", asked: 1, inner: 1},
		"reduced motion":         {device: probe.Device{ReducedMotion: true}, size: "1280 1", asked: 1, inner: 1},
		"touch screen":           {device: probe.Device{Touch: true}, size: "1280 1", touch: true, asked: 1, inner: 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t, shared, probe.ContextOptions{Device: test.device})
			require.NoError(t, p.Open(timed(t), top+"/"))
			assert.Equal(t, test.size, eval[string](t, p, "innerWidth + ' ' + devicePixelRatio"))
			assert.Equal(t, test.touch, eval[bool](t, p, "navigator.maxTouchPoints > 0 && 'ontouchstart' in window"))
			assert.Equal(t, test.asked, eval[int](t, p, asks))
			frames, err := p.Frames(timed(t))
			require.NoError(t, err)
			require.Len(t, frames, 1)
			assert.Equal(t, test.inner, eval[int](t, frames[0], asks))
		})
	}
}

func TestTheProfileZoomsEveryPage(t *testing.T) {
	origin := serve(t, "zoom.one.test", html(`<button onclick="done = event.isTrusted" style="margin: 300px">press</button>`))
	p := newPage(t, launch(t, probe.Profile{Zoom: 200}), probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	assert.Equal(t, "640 2", eval[string](t, p, "innerWidth + ' ' + devicePixelRatio"))
	require.NoError(t, p.Click(timed(t), "button"))
	assert.True(t, eval[bool](t, p, "done"), "what is clicked is where it seems to be")
}

func TestASlowProcessorIsThatOfFramesToo(t *testing.T) {
	top := serve(t, "slow.one.test", html(`<iframe src="https://slow.two.test/"></iframe>`))
	serve(t, "slow.two.test", html("framed"))
	const rounds = `(() => {
		let rounds = 0
		for (const end = performance.now() + 200; performance.now() < end;) rounds++
		return rounds
	})()`
	var page, frame []int
	for _, cpu := range []float64{0, 20} {
		p := newPage(t, shared, probe.ContextOptions{Device: probe.Device{CPU: cpu}})
		require.NoError(t, p.Open(timed(t), top+"/"))
		frames, err := p.Frames(timed(t))
		require.NoError(t, err)
		require.Len(t, frames, 1)
		page, frame = append(page, eval[int](t, p, rounds)), append(frame, eval[int](t, frames[0], rounds))
	}
	const atLeast = 3 // times slower, on a busy machine too
	assert.Greater(t, page[0], atLeast*page[1])
	assert.Greater(t, frame[0], atLeast*frame[1])
}

func TestATouchScreenIsTapped(t *testing.T) {
	origin := serve(t, "tap.one.test", html(viewport+`<script>heard = []</script>
		<button style="margin-top: 2000px" onpointerdown="heard.push(event.pointerType)"
			onclick="heard.push(event.type); window.open('/')">press</button>`))
	p := newPage(t, shared, probe.ContextOptions{Device: probe.Device{Width: 360, Height: 640, Mobile: true, Touch: true}})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.Click(timed(t), "button"))
	require.NoError(t, p.Until(timed(t), "heard.length === 2"))
	assert.Equal(t, "touch click", eval[string](t, p, "heard.join(' ')"))
	until(t, p, func(truth probe.Truth) bool { return truth.Popups == 1 }) // a tap is a gesture
}

func TestAnOriginCanBeFull(t *testing.T) {
	full, other := serve(t, "full.one.test", html("full")), serve(t, "other.two.test", html("other"))
	const stores = `Promise.all([
		caches.open("c").then(c => c.put("/x", new Response("x".repeat(100000)))).then(() => "cache", e => e.name),
		new Promise((resolve) => {
			const asked = indexedDB.open("d")
			asked.onerror = () => resolve(asked.error.name)
			asked.onupgradeneeded = () => asked.result.createObjectStore("s")
			asked.onsuccess = () => {
				const writing = asked.result.transaction("s", "readwrite")
				writing.onabort = () => resolve(writing.error.name)
				writing.oncomplete = () => resolve("database")
				writing.objectStore("s").put("x".repeat(100000), "k")
			}
		}),
	]).then(list => list.join(" "))`
	p := newPage(t, shared, probe.ContextOptions{FullOrigin: full})
	require.NoError(t, p.Open(timed(t), full+"/"))
	assert.Equal(t, "QuotaExceededError QuotaExceededError", eval[string](t, p, stores))
	require.NoError(t, p.Open(timed(t), other+"/"))
	assert.Equal(t, "cache database", eval[string](t, p, stores))
}

func TestCookiesOfOneSiteAreBlocked(t *testing.T) {
	const written = `(document.cookie = "a=1; SameSite=None; Secure", document.cookie + (() => {
		try { return " " + localStorage.length } catch (e) { return " " + e.name }
	})())`
	top := serve(t, pageHost, html(`<iframe src="https://kept.two.test/"></iframe>`))
	below := serve(t, "kept.two.test", html("framed"))
	p := newPage(t, launch(t, probe.Profile{Cookies: probe.BlockSite}), probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	assert.Equal(t, " SecurityError", eval[string](t, p, written))
	frames, err := p.Frames(timed(t))
	require.NoError(t, err)
	require.Len(t, frames, 1)
	assert.Equal(t, "a=1 0", eval[string](t, frames[0], written), "of others nothing is blocked")
	require.NoError(t, p.Open(timed(t), below+"/"))
	assert.True(t, strings.HasPrefix(eval[string](t, p, written), "a=1"))
}

// TestOnlyAPhoneIsMobile: only there does a page without a viewport of its own
// get one of 980 pixels, as the screen is no desktop's.
func TestOnlyAPhoneIsMobile(t *testing.T) {
	origin := serve(t, "mobile.one.test", html("no viewport"))
	for name, test := range map[string]struct {
		device probe.Device
		width  int
	}{
		"phone":        {probe.Device{Width: 360, Height: 640, Mobile: true, Touch: true}, 980},
		"touch laptop": {probe.Device{Width: 1366, Height: 768, Touch: true}, 1366},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t, shared, probe.ContextOptions{Device: test.device})
			require.NoError(t, p.Open(timed(t), origin+"/"))
			assert.Equal(t, test.width, eval[int](t, p, "innerWidth"))
		})
	}
}
