package chrome_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

// aForm is a form of one field far down its own page, in a frame or window. It
// tells what it was sent, and whether the user did it.
const aForm = `<style>body{margin:0}</style><form style="padding:20px" onsubmit="event.preventDefault(); sent = [field.value, event.isTrusted]">
	<input id=field value=old style="width:100px"><button>send</button></form>`

// fill answers aForm with mouse and keys.
func fill(t *testing.T, f probe.Frame) {
	t.Helper()
	for _, css := range []string{"input", "button"} {
		at := eval[struct{ X, Y float64 }](t, f, `(() => {
			const box = document.querySelector("`+css+`").getBoundingClientRect()
			return {x: box.x + box.width / 2, y: box.y + box.height / 2}
		})()`)
		times := map[string]int{"input": 3, "button": 1}[css]
		require.NoError(t, f.ClickAt(timed(t), at.X, at.Y, times))
		if css == "input" {
			require.NoError(t, f.Type(timed(t), "1234"))
		}
	}
}

// only returns the frame or window at the URL, once it is there.
func only(t *testing.T, list func() ([]probe.Frame, error), url string) (found probe.Frame) {
	t.Helper()
	require.Eventually(t, func() bool {
		frames, err := list()
		if err != nil {
			return false
		}
		for _, f := range frames {
			if f.URL() == url {
				found = f
				return true
			}
		}
		return false
	}, limit, limit/1000)
	return found
}

func TestMouseAndKeysReachAForm(t *testing.T) {
	deep := serve(t, "deep.one.test", html(`<p style="height:2000px">tall</p><div style="padding:30px;transform:translateX(40px)">
		<iframe src="https://middle.two.test/" style="border:7px solid;width:400px;height:300px"></iframe></div>`))
	serve(t, "middle.two.test", html(`<p style="height:900px">tall</p><iframe src="https://inner.three.test/form" style="border:3px solid;margin-left:50px"></iframe>`))
	serve(t, "inner.three.test", html(aForm))
	flat := serve(t, "flat.one.test", html(`<iframe src="https://flat.two.test/"></iframe>`))
	serve(t, "flat.two.test", html(aForm))
	opener := serve(t, "opener.one.test", html(`<button onclick="window.open('https://opened.two.test/', 'w', 'popup,width=300,height=300')">open</button>`))
	serve(t, "opened.two.test", html(aForm))

	for name, test := range map[string]struct {
		page, form string
		window     bool
	}{
		"in a frame":               {flat, "https://flat.two.test/", false},
		"in a frame within frames": {deep, "https://inner.three.test/form", false},
		"in a window":              {opener, "https://opened.two.test/", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t, shared, probe.ContextOptions{})
			require.NoError(t, p.Open(timed(t), test.page+"/"))
			list := func() ([]probe.Frame, error) { return p.Frames(timed(t)) }
			if test.window {
				require.NoError(t, p.Click(timed(t), "button"))
				list = func() ([]probe.Frame, error) { return p.Windows(timed(t)) }
			}
			form := only(t, list, test.form)
			require.Eventually(t, func() bool { return eval[bool](t, form, `document.readyState === "complete"`) }, limit, limit/1000)
			fill(t, form)
			require.Eventually(t, func() bool { return eval[bool](t, form, "'sent' in window") }, limit, limit/1000)
			assert.Equal(t, []any{"1234", true}, eval[[]any](t, form, "sent"))
		})
	}
}

func TestAFrameThatNobodyCanClickSaysWhy(t *testing.T) {
	const url = "https://unclickable.two.test/"
	serve(t, "unclickable.two.test", html(aForm))
	for name, test := range map[string]struct {
		around string
		covers bool
		box    probe.Box
	}{
		"nothing is in the way": {`FRAME`, false, probe.Box{Width: 300, Height: 200}},
		"an overlay covers it":  {`FRAME<div style="position:fixed;inset:0"></div>`, true, probe.Box{Width: 300, Height: 200, Covered: true}},
		"it stands behind a modal dialog": {`FRAME<dialog id=d>wait</dialog><script>d.showModal()</script>`, true,
			probe.Box{Width: 300, Height: 200, Covered: true}},
		"it stands in the modal dialog": {`<dialog id=d>FRAME</dialog><script>d.showModal()</script>`, false, probe.Box{Width: 300, Height: 200}},
		"it is not shown":               {`<style>iframe{display:none}</style>FRAME`, true, probe.Box{}},
	} {
		t.Run(name, func(t *testing.T) {
			host := strings.ReplaceAll(name, " ", "-") + ".one.test"
			top := serve(t, host, html(strings.ReplaceAll(test.around, "FRAME", `<iframe width=300 height=200 src="`+url+`"></iframe>`)))
			p := newPage(t, shared, probe.ContextOptions{})
			require.NoError(t, p.Open(timed(t), top+"/"))
			frame := only(t, func() ([]probe.Frame, error) { return p.Frames(timed(t)) }, url)
			box, err := frame.Box(timed(t))
			require.NoError(t, err)
			assert.Equal(t, test.box, box)
			err = frame.ClickAt(timed(t), 30, 30, 1)
			if !test.covers {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, test.box.Covered, errors.Is(err, probe.ErrCovered), err)
		})
	}
}

func TestAWindowStandsNowhere(t *testing.T) {
	origin := serve(t, "nowhere.one.test", html(`<button onclick="window.open('/window')">open</button>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	windows, err := p.Windows(timed(t))
	require.NoError(t, err)
	assert.Empty(t, windows, "the page's own tab is none")
	require.NoError(t, p.Click(timed(t), "button"))
	window := only(t, func() ([]probe.Frame, error) { return p.Windows(timed(t)) }, origin+"/window")
	_, err = window.Box(timed(t))
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func TestAPageThatWasTakenOverIsThereAgain(t *testing.T) {
	// What may not be kept is loaded anew, as payment pages are.
	top := serve(t, "taken.one.test", withHeader("Cache-Control", "no-store", `<p>shop</p><iframe src="https://taken.two.test/"></iframe>`))
	taken := serve(t, "taken.two.test", html(`<body onclick="top.location = '/left'">take over`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.ErrorContains(t, p.Back(timed(t)), "there is nothing before it")
	require.NoError(t, p.Open(timed(t), top+"/"))
	frame := only(t, func() ([]probe.Frame, error) { return p.Frames(timed(t)) }, taken+"/")
	require.NoError(t, frame.ClickAt(timed(t), 20, 20, 1))
	require.NoError(t, p.Until(timed(t), "location.pathname === '/left'"))
	require.NoError(t, p.Back(timed(t)))
	require.NoError(t, p.Until(timed(t), `document.querySelector("p")?.textContent === "shop"`))
	assert.Equal(t, "back_forward", eval[string](t, p, `performance.getEntriesByType("navigation")[0].type`))
	assert.Contains(t, p.Truth().Statuses, probe.Status{Origin: taken, Code: 200}, "the page in the tab itself was the frame's")
}

func TestTheUserAgentHoldsInPageFramesAndWindows(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		html(`<iframe src="https://agent.two.test/"></iframe><button onclick="window.open('https://agent.two.test/window')">open</button>
			<script>header = "`+r.UserAgent()+` `+r.Header.Get("Accept-Language")+`"</script>`)(w, r)
	}
	top, frame := serve(t, "agent.one.test", echo), serve(t, "agent.two.test", func(w http.ResponseWriter, r *http.Request) {
		html(`<script>header = "`+r.UserAgent()+` `+r.Header.Get("Accept-Language")+`"</script>`)(w, r)
	})
	p := newPage(t, shared, probe.ContextOptions{UserAgent: "App/1.0 (in a test)", Locale: "sv-SE"})
	require.NoError(t, p.Open(timed(t), top+"/"))
	require.NoError(t, p.Click(timed(t), "button"))
	places := map[string]interface{ probe.Frame }{
		"frame":  only(t, func() ([]probe.Frame, error) { return p.Frames(timed(t)) }, frame+"/"),
		"window": only(t, func() ([]probe.Frame, error) { return p.Windows(timed(t)) }, frame+"/window"),
	}
	const both = "header + ' | ' + navigator.userAgent + ' ' + navigator.language"
	const want = "App/1.0 (in a test) sv-SE | App/1.0 (in a test) sv-SE"
	assert.Equal(t, want, eval[string](t, p, both))
	for name, place := range places {
		assert.Equal(t, want, eval[string](t, place, both), name)
	}
}

func TestWhatBecomesOfDocumentsIsTold(t *testing.T) {
	const post = `<iframe src="https://HOST.three.test/"></iframe><iframe name=f></iframe><form method=POST target=f action="https://HOST.two.test/"></form><script>document.forms[0].submit()</script>`
	for name, test := range map[string]struct {
		host  string
		frame http.HandlerFunc
		then  string // in the page, once the frame's answer is there
		want  func(truth *probe.Truth)
	}{
		"no content": {
			host:  "nocontent",
			frame: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
			want: func(truth *probe.Truth) {
				truth.Statuses = []probe.Status{{Origin: "https://nocontent.two.test", Code: 204, Frame: true, By: "https://nocontent.one.test"}}
			},
		},
		"a download": {
			host: "download",
			frame: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Disposition", "attachment; filename=challenge.bin")
				html("saved")(w, r)
			},
			want: func(truth *probe.Truth) {
				truth.Statuses = []probe.Status{{Origin: "https://download.two.test", Code: 200, Frame: true, By: "https://download.one.test"}}
				truth.Downloads = []string{"https://download.two.test"}
			},
		},
		"an answer that stops": {
			host: "stops",
			frame: func(w http.ResponseWriter, r *http.Request) {
				html("half a page")(w, r)
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			},
			want: func(truth *probe.Truth) {
				truth.Statuses = []probe.Status{{Origin: "https://stops.two.test", Code: 200, Frame: true, By: "https://stops.one.test"}}
				truth.Pending = []string{"https://stops.two.test"}
			},
		},
		"no answer": {
			host:  "hangs",
			frame: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			want:  func(truth *probe.Truth) { truth.Pending = []string{"https://hangs.two.test"} },
		},
		"a frame that is taken out": {
			host:  "removed",
			frame: html(`fine`),
			then:  `for (const frame of document.querySelectorAll("iframe")) frame.remove()`,
			want: func(truth *probe.Truth) {
				truth.Statuses = []probe.Status{{Origin: "https://removed.two.test", Code: 200, Frame: true, By: "https://removed.one.test"}}
				truth.Removed = []probe.Removal{{Origin: "https://removed.two.test"}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			frame := serve(t, test.host+".two.test", test.frame)
			serve(t, test.host+".three.test", html("not posted to"))
			top := serve(t, test.host+".one.test", withHeader("Permissions-Policy", "payment=()", strings.ReplaceAll(post, "HOST", test.host)))
			p := newPage(t, shared, probe.ContextOptions{})
			go p.Open(timed(t), top+"/") // the load event may wait for a frame that never comes
			if test.then != "" {
				only(t, func() ([]probe.Frame, error) { return p.Frames(timed(t)) }, frame+"/")
				require.NoError(t, p.Eval(timed(t), test.then, nil))
			}
			want := probe.Truth{Posts: []probe.Post{{Origin: frame, By: top}}, Policies: map[string]string{"permissions-policy": "payment=()"}}
			test.want(&want)
			want.Statuses = append([]probe.Status{{Origin: top, Code: 200}}, want.Statuses...)
			var got probe.Truth
			require.Eventually(t, func() bool {
				got = p.Truth()
				got.Statuses = slices.DeleteFunc(got.Statuses, func(s probe.Status) bool { return strings.HasSuffix(s.Origin, ".three.test") })
				got.Failures, got.Frames, got.Posts = nil, nil, withoutTimes(got.Posts)
				for i := range got.Removed {
					got.Removed[i].At = 0
				}
				return assert.ObjectsAreEqual(want, got)
			}, limit/4, limit/1000, "%+v\n%s", got, lines(p.Log().Network))
		})
	}
}

func TestAFrameThatAnotherSiteTakesOverIsNotTakenOut(t *testing.T) {
	top := serve(t, "swap.one.test", html(`<iframe src="https://swap.two.test/"></iframe>`))
	serve(t, "swap.two.test", html(`<script>location = 'https://swap.three.test/'</script>`))
	last := serve(t, "swap.three.test", html("there"))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Frames) == 2 })
	assert.Equal(t, last, truth.Frames[1])
	assert.Empty(t, truth.Removed)
}
