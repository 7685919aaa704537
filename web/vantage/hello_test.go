package vantage

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// User-Agents as the browsers send them.
const (
	agentChrome    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
	agentEdge      = agentChrome + " Edg/141.0.0.0"
	agentOldEdge   = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.102 Safari/537.36 Edge/18.19042"
	agentWebView   = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36"
	agentOldChrome = "Mozilla/5.0 (Linux; Android 5.0; X) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/44.0.2403.119 Mobile Safari/537.36"
	agentFirefox   = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	agentSafari    = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"
	agentIPhone    = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
	agentOldSafari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.6 Safari/605.1.15"
	agentCriOS     = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.0.0 Mobile/15E148 Safari/604.1"
	agentEpiphany  = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15"
)

func TestMarkOfBrowsers(t *testing.T) {
	tests := []struct {
		name, agent string
		want        mark
	}{
		{"Chrome", agentChrome, markGREASE},
		{"Edge", agentEdge, markGREASE},
		{"Edge before it was Chromium", agentOldEdge, 0},
		{"a web view of Android", agentWebView, markGREASE},
		{"an old web view", agentOldChrome, 0},
		{"Firefox", agentFirefox, markNSS},
		{"Safari", agentSafari, markGREASE},
		{"Safari on a phone", agentIPhone, markGREASE},
		{"Safari of which some systems send no GREASE", agentOldSafari, 0},
		{"Chrome on a phone whose engine is WebKit", agentCriOS, 0},
		{"WebKit on Linux", agentEpiphany, 0},
		{"no browser", "curl/8.5.0", 0},
		{"nothing", "", 0},
		{"a version that is none", "Chrome/x", 0},
		{"a version that no number holds", "Chrome/99999999999999999999", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, markFor(tt.agent))
		})
	}
}

func TestHandshakeOfAHello(t *testing.T) {
	grease := &tls.ClientHelloInfo{CipherSuites: []uint16{0x8a8a, tls.TLS_AES_128_GCM_SHA256}, Extensions: []uint16{0x1a1a, 0, 16}}
	firefox := &tls.ClientHelloInfo{CipherSuites: []uint16{tls.TLS_AES_128_GCM_SHA256}, Extensions: []uint16{0, 34, 28}}
	plain := &tls.ClientHelloInfo{CipherSuites: []uint16{0x0a1a, 0x0a0b, tls.TLS_AES_128_GCM_SHA256}, Extensions: []uint16{0, 16}}
	tests := []struct {
		name, agent string
		hello       *tls.ClientHelloInfo
		want        Handshake
	}{
		{"Chrome's own", agentChrome, grease, Own},
		{"Chrome's replaced", agentChrome, plain, Replaced},
		{"Firefox under Chrome's name", agentChrome, firefox, ""},
		{"Chrome under Firefox's name", agentFirefox, grease, ""},
		{"WebKit under Playwright, whose TLS is GnuTLS", agentSafari, &tls.ClientHelloInfo{Extensions: []uint16{0, 16, 28}}, ""},
		{"both marks", agentChrome, &tls.ClientHelloInfo{CipherSuites: []uint16{0x8a8a}, Extensions: []uint16{28}}, Own},
		{"GREASE among the extensions alone", agentChrome, &tls.ClientHelloInfo{Extensions: []uint16{0xfafa}}, Own},
		{"Firefox's own", agentFirefox, firefox, Own},
		{"Firefox's own, without delegated credentials", agentFirefox, &tls.ClientHelloInfo{Extensions: []uint16{28}}, Own},
		{"Firefox's replaced", agentFirefox, plain, Replaced},
		{"Safari's own", agentSafari, grease, Own},
		{"Safari's replaced", agentSafari, plain, Replaced},
		{"nobody's", "curl/8.5.0", plain, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("User-Agent", tt.agent)
			assert.Empty(t, HandshakeOf(r), "there was no TLS")
			r = r.WithContext(ConnContext(r.Context(), nil))
			assert.Empty(t, HandshakeOf(r), "there was no TLS")
			connectionIn(r.Context()).hello = hello{seen: true, marks: marksOf(tt.hello)}
			assert.Equal(t, tt.want, HandshakeOf(r))
		})
	}
}

// TestAHandshakeThatIsNoBrowsers is what an intercepting proxy looks like: Go's
// TLS under a browser's User-Agent.
func TestAHandshakeThatIsNoBrowsers(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Write([]byte(HandshakeOf(r)))
			}))
			server.Config.ConnContext, server.TLS, server.EnableHTTP2 = ConnContext, TLSConfig(&tls.Config{}), http2
			server.StartTLS()
			defer server.Close()
			assert.Equal(t, "replaced", tlsSeen(t, server, agentChrome))
			assert.Equal(t, "replaced", tlsSeen(t, server, agentFirefox))
			assert.Empty(t, tlsSeen(t, server, "Go-http-client/1.1"))
		})
	}
}

func TestTLSConfigKeepsTheHookThatIsThere(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(HandshakeOf(r)))
	}))
	server.Config.ConnContext = ConnContext
	server.TLS = TLSConfig(&tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		asked.Add(1)
		return nil, nil
	}})
	server.StartTLS()
	defer server.Close()
	assert.Equal(t, "replaced", tlsSeen(t, server, agentChrome))
	assert.EqualValues(t, 1, asked.Load())
}

// tlsSeen asks the server, and returns what it says of the handshake.
func tlsSeen(t *testing.T, server *httptest.Server, agent string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	require.NoError(t, err)
	r.Header.Set("User-Agent", agent)
	answer, err := server.Client().Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text := make([]byte, 16)
	n, _ := answer.Body.Read(text) // at once, or the answer is empty
	return string(text[:n])
}

func FuzzUserAgent(f *testing.F) {
	for _, agent := range []string{agentChrome, agentFirefox, agentIPhone, agentOldEdge, "Version/", "Chrome/-1"} {
		f.Add(agent)
	}
	f.Fuzz(func(t *testing.T, agent string) {
		assert.Contains(t, []mark{0, markGREASE, markNSS}, markFor(agent))
	})
}
