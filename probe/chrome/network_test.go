package chrome_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/fault"
)

func TestAProxyBreaksWhatAFrameAsksFor(t *testing.T) {
	// LIMIT is short where no answer is awaited, and else never reached.
	const answers = "fetch('https://broken.two.test/', {mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(LIMIT)}).then(() => 'yes', e => e.name)"
	top := serve(t, "proxied.one.test", html(`<iframe id=f></iframe><script>
		loads = 0; f.onload = () => loads++; f.src = 'https://broken.two.test/'</script>`))
	serve(t, "broken.two.test", html(strings.Repeat("<p>in the frame</p>", 1000)))
	// A frame of a third site that asks the broken host by itself.
	serve(t, "asking.three.test", func(w http.ResponseWriter, r *http.Request) {
		answers := strings.ReplaceAll(answers, "LIMIT", r.URL.Query().Get("limit"))
		html(`<script>`+answers+`.then(a => parent.postMessage(a, '*'))</script>`)(w, r)
	})

	tests := map[string]struct {
		rule   fault.Rule
		error  string // of the frame's document; empty: it is shown
		answer string // of a request to the host, from the page and from within a frame
		hangs  bool
	}{
		"passes":        {fault.Rule{}, "", "yes", false},
		"comes late":    {fault.Rule{Delay: 300 * time.Millisecond}, "", "yes", false},
		"refuses":       {fault.Rule{Action: fault.Refuse}, "net::ERR_TUNNEL_CONNECTION_FAILED", "TypeError", false},
		"resets":        {fault.Rule{Action: fault.Reset}, "net::ERR_CONNECTION_RESET", "TypeError", false},
		"cuts early":    {fault.Rule{Action: fault.Cut, Bytes: 100}, "net::ERR_CONNECTION_CLOSED", "TypeError", false},
		"replaces TLS":  {fault.Rule{Action: fault.Impersonate}, "net::ERR_CERT_AUTHORITY_INVALID", "TypeError", false},
		"never answers": {fault.Rule{Action: fault.Hang}, "", "TimeoutError", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			proxy := newProxy(t, map[string]fault.Rule{"broken.two.test": test.rule})
			p := newPage(t, shared, probe.ContextOptions{ProxyURL: proxy.URL()})
			if !test.hangs {
				require.NoError(t, p.Open(timed(t), top+"/"))
			} else {
				// The load event waits for the frame.
				ctx, cancel := context.WithCancel(timed(t))
				opened := make(chan error, 1)
				go func() { opened <- p.Open(ctx, top+"/") }()
				require.NoError(t, p.Until(timed(t), "window.f && f.src"))
				cancel()
				require.ErrorIs(t, <-opened, context.Canceled)
			}
			limit := map[bool]string{true: "500", false: "15000"}[test.hangs]
			assert.Equal(t, test.answer, eval[string](t, p, strings.ReplaceAll(answers, "LIMIT", limit)))
			require.NoError(t, p.Eval(timed(t), `addEventListener('message', e => fromFrame = e.data);
				document.body.append(Object.assign(document.createElement('iframe'), {src: 'https://asking.three.test/?limit=`+limit+`'}))`, nil))
			require.NoError(t, p.Until(timed(t), "window.fromFrame"))
			assert.Equal(t, test.answer, eval[string](t, p, "fromFrame"))

			switch truth := p.Truth(); {
			case test.hangs:
				assert.Zero(t, eval[int](t, p, "loads"))
				assert.NotContains(t, fmt.Sprint(truth.Frames), "broken.two.test")
			case test.error == "":
				assert.Contains(t, truth.Frames, "https://broken.two.test")
				assert.Empty(t, truth.Failures)
			default:
				require.NotEmpty(t, truth.Failures)
				first := truth.Failures[0]
				first.At = 0
				assert.Equal(t, probe.Failure{Origin: "https://broken.two.test", Type: "Document", Frame: true, Error: test.error}, first)
				assert.NotContains(t, truth.Frames, "https://broken.two.test")
			}
		})
	}
}

func TestAProxyCutsWithinTheAnswer(t *testing.T) {
	origin := serve(t, "cut.two.test", html(strings.Repeat("<p>long</p>", 100_000)))
	proxy := newProxy(t, map[string]fault.Rule{"cut.two.test": {Action: fault.Cut, Bytes: 100_000}})
	p := newPage(t, shared, probe.ContextOptions{ProxyURL: proxy.URL()})
	require.ErrorContains(t, p.Open(timed(t), origin+"/"), "ERR_INCOMPLETE_CHUNKED_ENCODING")
	assert.Contains(t, eval[string](t, p, "document.body.textContent"), "long", "the part that came is shown")
}

func TestAProxyChangesWhatAFrameGets(t *testing.T) {
	top := serve(t, "plain.one.test", html(`<iframe src="https://changed.two.test/"></iframe>`))
	frame := serve(t, "changed.two.test", html("original"))
	proxy := newProxy(t, map[string]fault.Rule{"changed.two.test": {
		Action: fault.Change,
		Change: func(r *http.Response) error {
			r.Header.Set("X-Frame-Options", "DENY")
			return nil
		},
	}})
	p := newPage(t, shared, probe.ContextOptions{ProxyURL: proxy.URL()})
	require.NoError(t, p.Open(timed(t), top+"/"))
	truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Failures) > 0 })
	assert.Equal(t, frame, truth.Failures[0].Origin)
	assert.Equal(t, "net::ERR_BLOCKED_BY_RESPONSE", truth.Failures[0].Error)

	direct := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, direct.Open(timed(t), top+"/"))
	until(t, direct, func(truth probe.Truth) bool { return len(truth.Frames) > 0 })
}

func TestNothingOutsideIsReached(t *testing.T) {
	for name, o := range map[string]probe.ContextOptions{
		"without proxy": {},
		"with proxy":    {ProxyURL: newProxy(t, nil).URL()},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t, shared, o)
			for _, url := range []string{"https://example.com/", "http://192.0.2.1/"} {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				require.Error(t, p.Open(ctx, url))
				cancel()
			}
			assert.Empty(t, p.Truth().Statuses)
		})
	}
}

// newProxy starts a proxy to the test's sites, which ends with the test.
func newProxy(t *testing.T, rules map[string]fault.Rule) *fault.Proxy {
	t.Helper()
	proxy, err := fault.NewProxy(t.Context(), fault.Options{
		Address:     sites.address(),
		Rules:       rules,
		Certificate: func(string) (*tls.Certificate, error) { return &sites.server.TLS.Certificates[0], nil },
		CAPEM:       sites.capem,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	return proxy
}
