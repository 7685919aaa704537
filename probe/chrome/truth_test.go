package chrome_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

// withHeader answers a page with one more header.
func withHeader(name, value, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		html(body)(w, r)
	}
}

// until waits until the page's truth has what is looked for.
func until(t *testing.T, p probe.Page, seen func(probe.Truth) bool) probe.Truth {
	t.Helper()
	ok := assert.Eventually(t, func() bool { return seen(p.Truth()) }, limit, limit/1000)
	if !ok {
		require.FailNow(t, "the truth never came", "%+v\n%s", p.Truth(), lines(p.Log().Network))
	}
	return p.Truth()
}

// withoutTimes are the posts as if all of them had been at once.
func withoutTimes(posts []probe.Post) []probe.Post {
	for i := range posts {
		posts[i].At = 0
	}
	return posts
}

func TestAFrameThatGoesOnByItselfIsSeenWhole(t *testing.T) {
	top := serve(t, "method.one.test", html(`<iframe name=m></iframe><form method=POST target=m action="https://method.two.test/"></form>
		<script>addEventListener('message', () => notified = true); document.forms[0].submit()</script>`))
	serve(t, "method.two.test", html(`<form method=POST action="https://method.three.test/hop"></form><script>document.forms[0].submit()</script>`))
	serve(t, "method.three.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hop" {
			http.Redirect(w, r, "/notify", http.StatusSeeOther)
			return
		}
		html(`<script>console.log('notifying'); parent.postMessage('', '*')</script>`)(w, r)
	})
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	require.NoError(t, p.Until(timed(t), "window.notified"))

	truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Frames) == 2 })
	assert.Equal(t, []string{"https://method.two.test", "https://method.three.test"}, truth.Frames)
	assert.Equal(t, []probe.Status{
		{Origin: top, Code: 200},
		{Origin: "https://method.two.test", Code: 200, Frame: true, By: top},
		{Origin: "https://method.three.test", Code: 303, Frame: true, By: "https://method.two.test"},
		{Origin: "https://method.three.test", Code: 200, Frame: true, By: "https://method.two.test"},
	}, truth.Statuses)
	assert.Equal(t, []probe.Post{
		{Origin: "https://method.two.test", By: top}, {Origin: "https://method.three.test", By: "https://method.two.test"},
	}, withoutTimes(truth.Posts))
	assert.Empty(t, truth.Failures)
	assert.Empty(t, truth.Issues)
	assert.Contains(t, lines(p.Log().Console), "log: notifying", "what a frame logs at once is there")
}

func TestWhatBlocksAFrameIsTold(t *testing.T) {
	const framed = `<iframe src="https://HOST.two.test/"></iframe>`
	tests := map[string]struct {
		host       string
		top, frame http.HandlerFunc
		failure    probe.Failure
		issue      *probe.Issue
		console    string
	}{
		"X-Frame-Options": {
			host:    "xfo",
			frame:   withHeader("X-Frame-Options", "DENY", "secret"),
			failure: probe.Failure{Error: "net::ERR_BLOCKED_BY_RESPONSE"},
			console: "X-Frame-Options",
		},
		"frame-ancestors": {
			host:    "ancestors",
			frame:   withHeader("Content-Security-Policy", "frame-ancestors 'none'", "secret"),
			failure: probe.Failure{Error: "net::ERR_BLOCKED_BY_RESPONSE"},
			issue:   &probe.Issue{Code: "ContentSecurityPolicyIssue", Directive: "frame-ancestors"},
			console: "frame-ancestors",
		},
		"the page's frame-src": {
			host:    "framesrc",
			top:     withHeader("Content-Security-Policy", "frame-src 'self'", strings.ReplaceAll(framed, "HOST", "framesrc")),
			failure: probe.Failure{Error: "net::ERR_BLOCKED_BY_CSP"},
			issue:   &probe.Issue{Code: "ContentSecurityPolicyIssue", Directive: "frame-src"},
			console: "frame-src",
		},
		"the page's embedder policy": {
			host:    "coep",
			top:     withHeader("Cross-Origin-Embedder-Policy", "require-corp", strings.ReplaceAll(framed, "HOST", "coep")),
			failure: probe.Failure{Error: "net::ERR_BLOCKED_BY_RESPONSE"},
			issue:   &probe.Issue{Code: "BlockedByResponseIssue", Directive: "CorpNotSameOriginAfterDefaultedToSameOriginByCoep"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			top, frame := test.top, test.frame
			if top == nil {
				top = html(strings.ReplaceAll(framed, "HOST", test.host))
			}
			if frame == nil {
				frame = html("fine")
			}
			topOrigin, frameOrigin := serve(t, test.host+".one.test", top), serve(t, test.host+".two.test", frame)
			p := newPage(t, shared, probe.ContextOptions{})
			require.NoError(t, p.Open(timed(t), topOrigin+"/"))
			truth := until(t, p, func(truth probe.Truth) bool {
				return len(truth.Failures) > 0 && (test.issue == nil || len(truth.Issues) > 0)
			})
			require.Len(t, truth.Failures, 1)
			assert.Positive(t, truth.Failures[0].At)
			test.failure.At, test.failure.Blocked = truth.Failures[0].At, truth.Failures[0].Blocked
			test.failure.Origin, test.failure.Type, test.failure.Frame = frameOrigin, "Document", true
			assert.Equal(t, test.failure, truth.Failures[0])
			if test.issue != nil {
				test.issue.Origin = frameOrigin
				assert.Equal(t, []probe.Issue{*test.issue}, truth.Issues)
			}
			assert.Empty(t, truth.Frames, "no document of the frame's was shown")
			require.Eventually(t, func() bool { return strings.Contains(lines(p.Log().Console), test.console) }, limit, limit/1000)
		})
	}
}

func TestWhatIsOnlyReportedIsNoIssue(t *testing.T) {
	top := serve(t, "reportonly.one.test", withHeader("Content-Security-Policy-Report-Only", "frame-src 'none'",
		`<iframe src="https://reportonly.two.test/"></iframe>`))
	frame := serve(t, "reportonly.two.test", html("fine"))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Frames) > 0 })
	assert.Equal(t, []string{frame}, truth.Frames)
	assert.Empty(t, truth.Issues)
	assert.Empty(t, truth.Failures)
}

func TestASandboxedFormIsLogged(t *testing.T) {
	top := serve(t, "sandbox.one.test", html(`<iframe sandbox="allow-scripts allow-same-origin" src="https://sandbox.two.test/"></iframe>`))
	serve(t, "sandbox.two.test", html(`<form method=POST action="/"></form><script>document.forms[0].submit()</script>`))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	require.Eventually(t, func() bool { return strings.Contains(lines(p.Log().Console), "sandboxed") }, limit, limit/1000)
}

func TestAServiceWorkersAnswerIsToldApart(t *testing.T) {
	origin := serve(t, "worker.one.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/worker.js" {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write([]byte(`addEventListener('activate', e => e.waitUntil(clients.claim()))
				addEventListener('fetch', e => e.respondWith(new Response('from the worker')))`))
			return
		}
		html(`<script>navigator.serviceWorker.register('/worker.js'); navigator.serviceWorker.ready.then(() => ready = true)</script>`)(w, r)
	})
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	require.NoError(t, p.Until(timed(t), "window.ready && navigator.serviceWorker.controller"))
	require.NoError(t, p.Open(timed(t), origin+"/"))
	assert.Equal(t, []probe.Status{{Origin: origin, Code: 200}, {Origin: origin, Code: 200, Worker: true}}, p.Truth().Statuses)
}

// TestThePageItselfPostedAwayAndBack: a challenge may take the page's place, and
// be posted back to it, without its SameSite=Lax cookie.
func TestThePageItselfPostedAwayAndBack(t *testing.T) {
	const post = `<form method=POST action="https://%s/"></form><script>document.forms[0].submit()</script>`
	top := serve(t, "posted.one.test", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			html("back")(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Secure: true, SameSite: http.SameSiteLaxMode})
		html(fmt.Sprintf(post, "posted.two.test"))(w, r)
	})
	issuer := serve(t, "posted.two.test", html(fmt.Sprintf(post, "posted.one.test")))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	require.NoError(t, p.Until(timed(t), "document.body.innerText === 'back'"))
	truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Issues) > 0 })
	for i := range truth.Posts {
		truth.Posts[i].At = 0
	}
	assert.Equal(t, []probe.Post{{Origin: issuer, By: top, Tab: true}, {Origin: top, By: issuer, Tab: true}}, truth.Posts)
	assert.Equal(t, []probe.Issue{{Code: probe.SameSiteIssue, Directive: "SchemefulSameSiteLax", Origin: top}}, truth.Issues)
	assert.Equal(t, top+"/", p.Top().URL())
	var text string
	require.NoError(t, p.Top().Eval(timed(t), "document.body.innerText", &text))
	assert.Equal(t, "back", text)
}

func TestWhatTheCacheAnswersIsCounted(t *testing.T) {
	top := serve(t, "cache.one.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/kept.js" {
			w.Header().Set("Cache-Control", "max-age=3600")
			return
		}
		withHeader("Cache-Control", "no-store", `<script src="/kept.js"></script><script>fetch("/kept.js").then(() => kept = true)</script>`)(w, r)
	})
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	require.NoError(t, p.Until(timed(t), "window.kept"))
	assert.Zero(t, p.Truth().Cached, "what the first visit itself put there")
	require.NoError(t, p.Open(timed(t), "about:blank"))
	require.NoError(t, p.Open(timed(t), top+"/"))
	require.NoError(t, p.Until(timed(t), "window.kept"))
	until(t, p, func(truth probe.Truth) bool { return truth.Cached == 1 })
}

func TestWhatIsForgottenIsNotTold(t *testing.T) {
	waits, release := make(chan struct{}), make(chan struct{})
	top := serve(t, "forget.one.test", html(`<iframe src="https://forget.two.test/"></iframe>`))
	serve(t, "forget.two.test", withHeader("X-Frame-Options", "DENY", ""))
	late := serve(t, "forget.three.test", func(w http.ResponseWriter, _ *http.Request) {
		close(waits)
		<-release
		w.WriteHeader(http.StatusTeapot)
	})
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	before := until(t, p, func(truth probe.Truth) bool { return len(truth.Failures) == 1 })
	require.NoError(t, p.Eval(timed(t), `document.body.append(Object.assign(document.createElement("iframe"), {src: "`+late+`/"}))`, nil))
	<-waits
	p.Forget()
	close(release)
	assert.Equal(t, probe.Truth{}, p.Truth())
	require.NoError(t, p.Open(timed(t), "about:blank"))
	require.NoError(t, p.Open(timed(t), top+"/"))
	again := until(t, p, func(truth probe.Truth) bool { return len(truth.Failures) == 1 })
	assert.Equal(t, before.Issues, again.Issues, "an issue counts again")
	assert.Equal(t, []probe.Status{{Origin: top, Code: 200}, {Origin: "https://forget.two.test", Code: 200, Frame: true}}, again.Statuses)
}
