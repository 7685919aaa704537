package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage"
)

// refused asks until one client has asked as often as it may, and returns the
// refusal.
func refused(t *testing.T, h http.Handler, method, path string) *http.Response {
	t.Helper()
	for range limitBurst + 1 {
		if r := ask(h, method, path, "{}"); r.StatusCode == http.StatusTooManyRequests {
			return r
		}
	}
	require.Fail(t, "there is no limit", "%s %s", method, path)
	return nil
}

func TestTooManyRequestsOfOneClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		client := from("2001:db8::1", "SE")
		h := site(t, Options{Client: func(*http.Request) vantage.Client { return client }})
		for _, target := range []string{"POST /vantage", "GET /transfer?bytes=1&nonce=1", "POST /transfer"} {
			method, path, _ := strings.Cut(target, " ")
			r := refused(t, h, method, path)
			assert.Equal(t, "1", r.Header.Get("Retry-After"), target)
			assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"), target)
			assert.Equal(t, "no-store", r.Header.Get("Cache-Control"), target)
		}
		assert.Equal(t, http.StatusOK, ask(h, "GET", "/control?nonce=1", "").StatusCode, "the control has no limit")
		assert.Equal(t, http.StatusUpgradeRequired, ask(h, "GET", "/socket", "").StatusCode, "a browser cannot see that a socket is refused for now")
		client = from("2001:db8:0:1::1", "SE")
		assert.Equal(t, http.StatusOK, ask(h, "POST", "/vantage", "{}").StatusCode, "another client has its own")
	})
}

// passes tells whether a request of that cost passes.
func passes(l limits, cost int) bool {
	w := httptest.NewRecorder()
	l.limited(func(*http.Request) int { return cost }, func(http.ResponseWriter, *http.Request, vantage.Client) {})(w, httptest.NewRequest("POST", "/", nil))
	return w.Code == http.StatusOK
}

func TestClientsOfUnknownAddressDoNotLockEachOtherOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		known, unknown := newLimits(as(from("192.0.2.7", "SE"))), newLimits(as(vantage.Client{Proxied: true}))
		for range limitBurst {
			require.True(t, passes(known, 1))
		}
		require.False(t, passes(known, 1))
		for range unknownFactor * limitBurst {
			require.True(t, passes(unknown, 1))
		}
		require.False(t, passes(unknown, 1), "and yet there is a bound")
	})
}

// TestWhoWritesLikeAProxyLocksNobodyElseOut: any client in a private network can
// write X-Forwarded-For, and so can a proxy that no flag names.
func TestWhoWritesLikeAProxyLocksNobodyElseOut(t *testing.T) {
	through := func(l limits, peer string) bool {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", "8.8.8.8")
		w := httptest.NewRecorder()
		l.limited(one, func(http.ResponseWriter, *http.Request, vantage.Client) {})(w, r)
		return w.Code == http.StatusOK
	}
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		l := newLimits(vantage.Finder{}.Find)
		for range unknownFactor * limitBurst {
			require.True(t, through(l, "10.0.0.7:1"), "a proxy's clients are many")
		}
		require.False(t, through(l, "10.0.0.7:1"), "and yet there is a bound")
		assert.True(t, through(l, "10.0.0.8:1"), "another proxy")
		assert.True(t, through(l, "@"), "a client of whom nothing is known")
	})
}

// TestAStrangerWhoWritesLikeAContentNetworkIsLimited: who does so from the internet
// gains nothing by it.
func TestAStrangerWhoWritesLikeAContentNetworkIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = "8.8.8.8:1"
		r.Header.Set("CDN-Loop", "example")
		stranger := vantage.Finder{}.Find(r)
		require.False(t, stranger.Address.IsValid())
		l := newLimits(as(stranger))
		for range limitBurst {
			require.True(t, passes(l, 1))
		}
		assert.False(t, passes(l, 1))
	})
}

// TestSeveralRunsBeginBehindOneAddress counts what a run of the diagnostic
// asks at its beginning.
func TestSeveralRunsBeginBehindOneAddress(t *testing.T) {
	down, up := sendingCost(httptest.NewRequest("GET", "/transfer?nonce=1&bytes=65536", nil)),
		takingCost(httptest.NewRequest("POST", "/transfer", strings.NewReader(strings.Repeat("x", 32768))))
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		l := newLimits(as(from("192.0.2.7", "SE")))
		for run := range 8 {
			for range 2 + 5 {
				require.True(t, passes(l, 1), "run %d", run)
			}
			require.True(t, passes(l, down) && passes(l, up), "run %d", run)
		}
	})
}

func TestTransfersCostBySize(t *testing.T) {
	for query, want := range map[string]int{
		"bytes=1": 1, "bytes=8192": 1, "bytes=8193": 2, "bytes=65536": 8, "bytes=262144": 32, "bytes=262145": 1, "bytes=x": 1, "": 1,
	} {
		assert.Equal(t, want, sendingCost(httptest.NewRequest("GET", "/transfer?"+query, nil)), query)
	}
	for size, want := range map[int64]int{0: 1, 1: 1, 8192: 1, 8193: 2, 32768: 4, maxTransfer: 32, maxTransfer + 1: 32, -1: 32} {
		r := httptest.NewRequest("POST", "/transfer", nil)
		r.ContentLength = size
		assert.Equal(t, want, takingCost(r), size)
	}
}

// TestTransfersAreLimitedBySize: what one address can have carried at once is
// bounded.
func TestTransfersAreLimitedBySize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		h := site(t, Options{Client: as(from("192.0.2.7", "SE"))})
		carried := 0
		for ask(h, "GET", "/transfer?nonce=1&bytes=262144", "").StatusCode == http.StatusOK {
			carried++
		}
		assert.Equal(t, limitBurst/32, carried)
	})
}

// BenchmarkLimit is what the limit costs, to be held against BenchmarkVantageHandler.
func BenchmarkLimit(b *testing.B) {
	l := newLimits(as(from("192.0.2.7", "SE")))
	handler := l.limited(one, func(http.ResponseWriter, *http.Request, vantage.Client) {})
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
