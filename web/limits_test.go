package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage"
)

// refused asks until one client has asked as often as it may, and returns the
// refusal.
func refused(t *testing.T, h http.Handler, method, path string) *http.Response {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); { // tokens come back meanwhile
		if r := ask(h, method, path, "{}"); r.StatusCode == http.StatusTooManyRequests {
			return r
		}
	}
	require.Fail(t, "there is no limit", "%s %s", method, path)
	return nil
}

func TestTooManyRequestsOfOneClient(t *testing.T) {
	client := from("2001:db8::1", "SE")
	h := site(t, Options{Client: func(*http.Request) vantage.Client { return client }})
	for _, target := range []string{"POST /vantage", "GET /transfer?bytes=1&nonce=1", "POST /transfer", "GET /socket"} {
		method, path, _ := strings.Cut(target, " ")
		r := refused(t, h, method, path)
		assert.Equal(t, "1", r.Header.Get("Retry-After"), target)
		if path != "/socket" {
			assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"), target)
			assert.Equal(t, "no-store", r.Header.Get("Cache-Control"), target)
		}
	}
	assert.Equal(t, http.StatusOK, ask(h, "GET", "/control?nonce=1", "").StatusCode, "the control has no limit")
	client = from("2001:db8:0:1::1", "SE")
	assert.Equal(t, http.StatusOK, ask(h, "POST", "/vantage", "{}").StatusCode, "another client has its own")
}

func TestHelperLimitsItsSocket(t *testing.T) {
	assert.Equal(t, "1", refused(t, helperSite(t), "GET", "/socket").Header.Get("Retry-After"))
}

// BenchmarkLimit is what the limit costs, to be held against BenchmarkVantageHandler.
func BenchmarkLimit(b *testing.B) {
	l := newLimits(as(from("192.0.2.7", "SE")))
	handler := l.limited(func(http.ResponseWriter, *http.Request, vantage.Client) {})
	r := httptest.NewRequest("POST", "/vantage", nil)
	for b.Loop() {
		handler(discard{}, r)
	}
}

// BenchmarkVantageHandler is one question without a network.
func BenchmarkVantageHandler(b *testing.B) {
	v := view{stun: vantage.STUNAt(3478), now: Options{}.complete().Now}
	finder := vantage.Finder{}
	for b.Loop() {
		r := httptest.NewRequest("POST", "/vantage", strings.NewReader(`{"zone":"Europe/Berlin"}`))
		r.RemoteAddr = "8.8.8.8:4711"
		v.serve(discard{}, r, finder.Find(r))
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
