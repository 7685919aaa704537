package chrome_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
)

func TestAClickIsAGestureAndEvalIsNone(t *testing.T) {
	origin := serve(t, "gesture.one.test", html(`<p style="height:3000px">tall
		<button id=open onclick="opened=window.open('/popup')">open</button>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))

	require.True(t, eval[bool](t, p, "window.open('/popup') === null"), "a window opened without a gesture")
	require.NoError(t, p.Click(timed(t), "#open"))
	require.NoError(t, p.Until(timed(t), "opened && opened.location.pathname === '/popup'"))
	assert.True(t, eval[bool](t, p, "window.open('/popup') === null"), "the click's gesture is spent")
	assert.Equal(t, 1, p.Truth().Popups)
}

func TestClickAtReachesAShadowRoot(t *testing.T) {
	origin := serve(t, "shadow.one.test", html(`<x-y></x-y><script>
		document.querySelector('x-y').attachShadow({mode: 'closed'}).innerHTML = '<button style="position:fixed;left:100px;top:50px;width:60px;height:20px">';
		addEventListener('click', e => clicked = [e.clientX, e.clientY, e.isTrusted])</script>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.ClickAt(timed(t), 130, 60))
	assert.Equal(t, []any{130.0, 60.0, true}, eval[[]any](t, p, "clicked"))
}

func TestHoverMovesTheMouse(t *testing.T) {
	origin := serve(t, "hover.one.test", html(`<button onmouseenter="entered=event.isTrusted">here</button>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.Hover(timed(t), "button"))
	require.NoError(t, p.Until(timed(t), "window.entered"))
}

func TestClickWaitsForTheElement(t *testing.T) {
	origin := serve(t, "late.one.test", html(`<script>
		setTimeout(() => document.body.innerHTML = '<button onclick="clicked=true">late</button>', 200)</script>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.Click(timed(t), "button"))
	require.NoError(t, p.Until(timed(t), "window.clicked"))
}

func TestEvalGivesWhatThePageGives(t *testing.T) {
	origin := serve(t, "eval.one.test", html(""))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))

	type object struct {
		Text string
		List []int
	}
	assert.Equal(t, object{"å", []int{1, 2}}, eval[object](t, p, `({Text: "å", List: [1, 2]})`))
	assert.Equal(t, 7, eval[int](t, p, "Promise.resolve(7)"))
	assert.Nil(t, eval[*object](t, p, "null"))
	require.NoError(t, p.Eval(timed(t), "undefined", nil))

	var n int
	for js, want := range map[string]string{
		"undefined":                         "the result is undefined",
		"'text'":                            "decode the result",
		"(() => { throw Error('torn') })()": "torn",
		"Promise.reject(Error('torn'))":     "torn",
		"1 +":                               "SyntaxError",
	} {
		err := p.Eval(timed(t), js, &n)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, origin, "the error names the document")
	}
}

func TestAStepThatTakesTooLongSaysWhatItWaitedFor(t *testing.T) {
	origin := serve(t, "slow.one.test", html("<p id=empty></p>"))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))

	steps := map[string]struct {
		do   func(context.Context) error
		want []string
	}{
		"a condition that stays false": {
			func(ctx context.Context) error { return p.Until(ctx, "window.never") },
			[]string{`wait until "window.never"`},
		},
		"a condition that throws": {
			func(ctx context.Context) error { return p.Until(ctx, "nothing.there") },
			[]string{"nothing.there", "ReferenceError"},
		},
		"an element that is not there": {
			func(ctx context.Context) error { return p.Click(ctx, "#nowhere") },
			[]string{`click "#nowhere"`, "there is no #nowhere"},
		},
		"an element without size": {
			func(ctx context.Context) error { return p.Hover(ctx, "#empty") },
			[]string{`hover over "#empty"`, "the element has no size"},
		},
		"a promise that stays open": {
			func(ctx context.Context) error { return p.Eval(ctx, "new Promise(() => {})", nil) },
			[]string{"new Promise"},
		},
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			err := step.do(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			for _, text := range append(step.want, origin) {
				assert.ErrorContains(t, err, text)
			}
		})
	}
	assert.Equal(t, 2, eval[int](t, p, "1 + 1"), "the page outlives a step that was stopped")
}

func TestOpenSaysWhyAPageDoesNotLoad(t *testing.T) {
	p := newPage(t, shared, probe.ContextOptions{})
	assert.ErrorContains(t, p.Open(timed(t), "https://nowhere.invalid/"), "ERR_NAME_NOT_RESOLVED")
	assert.ErrorContains(t, p.Open(timed(t), "https://not.certified.test/"), "ERR_CERT_COMMON_NAME_INVALID")
}

func TestUntilOutlivesANavigation(t *testing.T) {
	origin := serve(t, "moving.one.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			html(`<script>location.href = 'https://moving.two.test/next'</script>`)(w, r)
		}
	})
	serve(t, "moving.two.test", html(`<script>arrived = true</script>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.Until(timed(t), "window.arrived"))
}

func TestDialogsDoNotStopATab(t *testing.T) {
	origin := serve(t, "dialog.one.test", html(`<button>ask</button><script>
		document.querySelector('button').onclick = () => { alert('hello'); answer = confirm('sure?'); text = prompt('name?'); opened = window.open('/') }
		addEventListener('beforeunload', e => e.preventDefault())
		if (opener) { alert('from the pop-up'); opener.done = true }</script>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.Click(timed(t), "button"))
	require.NoError(t, p.Until(timed(t), "window.done"))
	assert.Equal(t, []any{false, nil}, eval[[]any](t, p, "[answer, text]"))
	require.NoError(t, p.Open(timed(t), origin+"/next"), "beforeunload is answered")
}

func TestFramesOfOtherSitesCanBeAsked(t *testing.T) {
	top := serve(t, "top.one.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			html(`<iframe src="https://frame.two.test/"></iframe><iframe src="/same"></iframe>`)(w, r)
		}
	})
	frame := serve(t, "frame.two.test", html(`<p>in the frame</p><iframe src="https://inner.three.test/"></iframe>`))
	inner := serve(t, "inner.three.test", html(`<p>innermost</p>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))

	frames, err := p.Frames(timed(t))
	require.NoError(t, err)
	texts := map[string]string{}
	for _, f := range frames {
		texts[f.URL()] = eval[string](t, f, "document.querySelector('p').textContent")
	}
	assert.Equal(t, map[string]string{frame + "/": "in the frame", inner + "/": "innermost"}, texts)

	require.NoError(t, p.Eval(timed(t), "document.querySelector('iframe').remove()", nil))
	require.Eventually(t, func() bool {
		err := frames[0].Eval(timed(t), "1", nil)
		return err != nil && strings.Contains(err.Error(), "the frame is gone")
	}, limit, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		frames, err := p.Frames(timed(t))
		return err == nil && len(frames) == 0
	}, limit, 10*time.Millisecond)
}

func TestAFrameThatWentAwayAndCameBackCanBeAsked(t *testing.T) {
	top := serve(t, "back.one.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			html(`<iframe src="https://back.two.test/first"></iframe>`)(w, r)
		}
	})
	frame := serve(t, "back.two.test", html(""))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	for _, path := range []string{"/first", "/second"} {
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			frames, err := p.Frames(timed(t))
			require.NoError(c, err)
			require.Len(c, frames, 1)
			var got string
			require.NoError(c, frames[0].Eval(timed(t), "location.pathname", &got))
			require.Equal(c, path, got)
			require.Equal(c, frame+path, frames[0].URL())
		}, limit, 10*time.Millisecond)
		// To the page's own site and back: the frame's process is another one.
		require.NoError(t, p.Eval(timed(t), `new Promise(loaded => {
			const f = document.querySelector('iframe')
			f.onload = () => { f.onload = loaded; f.src = 'https://back.two.test/second' }
			f.src = '/own'
		}).then(() => true)`, nil))
	}
}

func TestContextsShareNothing(t *testing.T) {
	origin := serve(t, "isolated.one.test", html(""))
	for range 2 {
		p := newPage(t, shared, probe.ContextOptions{})
		require.NoError(t, p.Open(timed(t), origin+"/"))
		require.Empty(t, eval[string](t, p, "document.cookie"))
		require.NoError(t, p.Eval(timed(t), "document.cookie = 'kept=1'", nil))
		require.Equal(t, "kept=1", eval[string](t, p, "document.cookie"))
	}
}

func TestOfflineReachesThePageAndItsFrames(t *testing.T) {
	top := serve(t, "offline.one.test", html(`<iframe src="https://offline.two.test/"></iframe>`))
	serve(t, "offline.two.test", html("in the frame"))
	const reach = "fetch('/x', {cache: 'no-store'}).then(() => true, () => false)"
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	frames, err := p.Frames(timed(t))
	require.NoError(t, err)
	require.Len(t, frames, 1)

	for _, offline := range []bool{true, false} {
		require.NoError(t, p.SetOffline(timed(t), offline))
		assert.Equal(t, !offline, eval[bool](t, p, "navigator.onLine"))
		assert.Equal(t, !offline, eval[bool](t, p, reach))
		assert.Equal(t, !offline, eval[bool](t, frames[0], reach))
	}
	assert.Contains(t, failures(p), "ERR_INTERNET_DISCONNECTED")

	require.NoError(t, p.SetOffline(timed(t), true))
	require.NoError(t, p.Eval(timed(t), "document.querySelector('iframe').src = 'https://offline.two.test/again'", nil))
	require.Eventually(t, func() bool { return strings.Contains(failures(p), "Document offline.two.test") }, limit, 10*time.Millisecond,
		"a frame's document does not load either")
}

func TestTimeZoneAndLocaleHoldInPageAndFrames(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		html(`<iframe src="https://zone.two.test/"></iframe><script>header = "`+r.Header.Get("Accept-Language")+`"</script>`)(w, r)
	}
	top := serve(t, "zone.one.test", echo)
	serve(t, "zone.two.test", echo)
	const js = "[Intl.DateTimeFormat().resolvedOptions().timeZone, navigator.language, (1.5).toLocaleString(), header.slice(0, 5)]"
	want := []string{"America/Sao_Paulo", "pt-BR", "1,5", "pt-BR"}

	p := newPage(t, shared, probe.ContextOptions{TimeZone: "America/Sao_Paulo", Locale: "pt-BR"})
	require.NoError(t, p.Open(timed(t), top+"/"))
	assert.Equal(t, want, eval[[]string](t, p, js))
	frames, err := p.Frames(timed(t))
	require.NoError(t, err)
	require.Len(t, frames, 1)
	assert.Equal(t, want, eval[[]string](t, frames[0], js))

	_, err = shared.NewContext(timed(t), probe.ContextOptions{TimeZone: "Nowhere/Land"})
	assert.ErrorContains(t, err, "Nowhere/Land")
}

func TestScreenshotIsAPicture(t *testing.T) {
	origin := serve(t, "picture.one.test", html("<h1>hello</h1>"))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	shot, err := p.Screenshot(timed(t))
	require.NoError(t, err)
	_, err = png.Decode(bytes.NewReader(shot))
	require.NoError(t, err)
}

// TestAPictureIsWhatIsSeen: a page from right to left stands at the right edge.
func TestAPictureIsWhatIsSeen(t *testing.T) {
	origin := serve(t, "mirrored.one.test", html(`<script>document.documentElement.dir = "rtl"</script><style>body{margin:0}</style><div style="width:40px;height:40px;background:#000">`))
	p := newPage(t, shared, probe.ContextOptions{Device: probe.Device{Width: 360, Height: 740, Scale: 1}})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	taken, err := p.(chrome.Screen).Picture(timed(t), 1)
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(taken))
	require.NoError(t, err)
	assert.Equal(t, image.Pt(360, 740), picture.Bounds().Size())
	seen := func(x int) color.Color { return color.Gray16Model.Convert(picture.At(x, 20)) }
	assert.Equal(t, []color.Color{color.White, color.Black}, []color.Color{seen(310), seen(340)})
}

func TestLogTellsWhatHappened(t *testing.T) {
	origin := serve(t, "log.one.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			http.Error(w, "gone", http.StatusGone)
			return
		}
		html(`<script>console.warn('mind', 'the "gap"', 3); fetch('/gone').then(() => { throw Error('torn') })</script>`)(w, r)
	})
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.Eventually(t, func() bool { return strings.Contains(lines(p.Log().Console), "Error: torn") }, limit, 10*time.Millisecond)
	assert.Contains(t, lines(p.Log().Console), `warning: mind the "gap" 3`)
	assert.Contains(t, lines(p.Log().Network), "Fetch GET "+origin+"/gone -> 410")
}

func TestDataURLsAreCut(t *testing.T) {
	origin := serve(t, "data.one.test", html("<iframe src='data:text/html;charset=utf-8,"+strings.Repeat("long ", 1000)+"'></iframe>"))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.Eventually(t, func() bool { return strings.Contains(lines(p.Log().Network), "data:text/html") }, limit, 10*time.Millisecond)
	assert.NotContains(t, lines(p.Log().Network), "long long long long")

	for url, want := range map[string]string{
		"https://one.test/" + strings.Repeat("x", 100): "https://one.test/" + strings.Repeat("x", 100),
		"data:,hello": "data:,hello",
		"DATA:image/png;base64," + strings.Repeat("A", 100): "DATA:image/png;base64,AAAAAAAAAAAAAAAAAA…",
		"data:," + strings.Repeat("å", 100):                 "data:,ååååååååååååååååå…",
		"":                                                  "",
	} {
		assert.Equal(t, want, chrome.ShortURL(url))
	}
}

func lines(log []probe.LogLine) string {
	var b strings.Builder
	for _, l := range log {
		io.WriteString(&b, l.Text+"\n")
	}
	return b.String()
}

// failures renders what failed, a line each.
func failures(p probe.Page) string {
	var b strings.Builder
	for _, f := range p.Truth().Failures {
		io.WriteString(&b, f.Type+" "+strings.TrimPrefix(f.Origin, "https://")+" "+f.Error+" "+f.Blocked+"\n")
	}
	return b.String()
}

func TestASelectorLeadsIntoFramesOfThePagesOwn(t *testing.T) {
	origin := serve(t, "nested.one.test", func(w http.ResponseWriter, r *http.Request) {
		body := `<iframe id=outer src="/outer" style="margin: 1500px 0 0 40px; border: 7px solid; width: 500px; height: 400px"></iframe>`
		switch r.URL.Path {
		case "/outer":
			body = `<iframe id=inner src="/inner" style="margin: 30px"></iframe>`
		case "/inner":
			body = `<button onclick="top.pressed = event.isTrusted" onmouseover="top.entered = true">press</button>`
		}
		html(body)(w, r)
	})
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.Hover(timed(t), "#outer"+probe.Within+"#inner"+probe.Within+"button"))
	require.NoError(t, p.Until(timed(t), "window.entered"))
	require.NoError(t, p.Click(timed(t), "#outer"+probe.Within+"#inner"+probe.Within+"button"))
	require.NoError(t, p.Until(timed(t), "window.pressed"))
}
