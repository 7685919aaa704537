package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/link"
	"checkoutdoctor/web/vantage"
)

// keepsNothing is an inbox without room.
type keepsNothing struct{}

func (keepsNothing) Keep(*report.Report, bool) (bool, error) { return false, errors.New("full") }

// routeAnswer is what an answer of one route says of who may have it.
type routeAnswer struct {
	method, target string
	status         int
	policy         string // Content-Security-Policy
	resource       string // Cross-Origin-Resource-Policy
	opener         string // Cross-Origin-Opener-Policy
	cache          string // Cache-Control
}

// checkHeaders compares the headers that every answer has, and those of which each route
// has its own.
func checkHeaders(t *testing.T, h http.Handler, want routeAnswer) {
	t.Helper()
	r := ask(h, want.method, want.target, "")
	name := want.method + " " + want.target
	assert.Equal(t, want, routeAnswer{
		method: want.method, target: want.target, status: r.StatusCode, policy: r.Header.Get(headerPolicy),
		resource: r.Header.Get(headerResource), opener: r.Header.Get(headerOpener), cache: r.Header.Get("Cache-Control"),
	}, name)
	assert.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"), name)
	assert.Equal(t, "no-referrer", r.Header.Get("Referrer-Policy"), name)
	assert.Equal(t, noPermissions, r.Header.Get(headerPermissions), name)
	assert.Empty(t, r.Header.Get("Server"), name)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		assert.NotEqual(t, PolicyNothing, want.policy, "%s: a document says itself what it loads", name)
	}
}

func TestHeadersOfTheSite(t *testing.T) {
	const page, files, forAll, ours, kept = "same-origin-allow-popups", "public, max-age=31536000, immutable", "cross-origin", "same-origin", "no-store"
	h := site(t, Options{Helper: "https://helper.example", Inbox: keepsNothing{}})
	for _, want := range []routeAnswer{
		{"GET", "/", 200, pagePolicy("https://helper.example"), ours, page, kept},
		{"HEAD", "/", 200, pagePolicy("https://helper.example"), ours, page, kept},
		{"GET", "/checkout-doctor.js", 200, PolicyNothing, forAll, "", "no-cache"},
		{"GET", "/v/" + testHash + "/core.js", 200, PolicyNothing, forAll, "", files},
		{"GET", "/v/" + testHash + "/module.wasm", 200, PolicyNothing, forAll, "", files},
		{"GET", "/v/" + testHash + "/popup.html", 200, policyPlain + "; frame-ancestors 'none'", forAll, "", files},
		{"GET", "/v/" + testHash + "/none.js", 404, PolicyNothing, ours, "", kept},
		{"GET", "/control?nonce=1", 200, policyFramed, forAll, "", kept},
		{"GET", "/control", 400, policyFramed, forAll, "", kept},
		{"GET", "/fingerprint2.min.js?nonce=1", 200, PolicyNothing, forAll, "", kept},
		{"GET", "/ads/banner_300x250.gif?nonce=1", 200, PolicyNothing, forAll, "", kept},
		{"GET", "/collect?nonce=1", 200, PolicyNothing, forAll, "", kept},
		{"POST", "/vantage", 400, PolicyNothing, forAll, "", kept},
		{"GET", "/link/https.svg", 200, PolicyNothing, ours, "", kept},
		{"GET", "/link/http.svg", 200, PolicyNothing, ours, "", kept},
		{"GET", "/transfer?nonce=1&bytes=1", 200, PolicyNothing, forAll, "", kept},
		{"POST", "/transfer", 200, PolicyNothing, forAll, "", kept},
		{"GET", "/socket", 426, PolicyNothing, ours, "", kept},
		{"POST", ClearDataPath + "?data=cache", 204, PolicyNothing, ours, "", kept},
		{"POST", "/reports", 415, PolicyNothing, ours, "", kept},
		{"OPTIONS", "/reports", 403, PolicyNothing, ours, "", kept},
		{"GET", "/nothing", 404, PolicyNothing, ours, "", kept},
		{"DELETE", "/", 405, PolicyNothing, ours, "", kept},
	} {
		checkHeaders(t, h, want)
	}
}

func TestHeadersOfARefusedLink(t *testing.T) {
	keys, err := link.ParseKeys(link.NewKey())
	require.NoError(t, err)
	checkHeaders(t, site(t, Options{Links: &link.Verifier{Keys: keys}}),
		routeAnswer{"GET", "/?case=1", 403, policyStill, "same-origin", "same-origin-allow-popups", "no-store"})
}

func TestHeadersOfTheHelper(t *testing.T) {
	const forAll = "cross-origin"
	for _, want := range []routeAnswer{
		{"GET", "/helper/cookies?nonce=1", 200, policyPlain, forAll, "", "no-store"},
		{"GET", "/helper/echo?nonce=1", 200, policyPlain, forAll, "", "no-store"},
		{"GET", "/helper/fresh?nonce=1", 200, policyPlain + "; connect-src *", forAll, "", "no-store"},
		{"GET", "/v/" + testHash + "/helper-echo.js", 200, PolicyNothing, forAll, "", "public, max-age=31536000, immutable"},
		{"POST", "/acs/canary", 200, PolicyNothing, forAll, "", "no-store"},
		{"POST", "/acs/method", 400, PolicyNothing, forAll, "", "no-store"},
		{"GET", "/acs/assets/canary.js", 200, PolicyNothing, forAll, "", "max-age=3600"},
		{"GET", "/socket", 426, PolicyNothing, "same-origin", "", "no-store"},
		{"GET", "/", 404, PolicyNothing, "same-origin", "", "no-store"},
	} {
		checkHeaders(t, helperSite(t), want)
	}
}

// TestABodyIsBounded on a route that has no bound of its own.
func TestABodyIsBounded(t *testing.T) {
	var read int64
	h := hardened(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var err error
		read, err = io.Copy(io.Discard, r.Body)
		assert.ErrorContains(t, err, "too large")
	}))
	ask(h, "POST", "/", strings.Repeat("x", maxBody+1))
	assert.EqualValues(t, maxBody, read)
}

// TestEachClientIsLimited where an answer is made for it, and not where it is a file
// or a nonce.
func TestEachClientIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		client := func(*http.Request) vantage.Client { return vantage.Finder{}.Find(httptest.NewRequest("GET", "/", nil)) }
		o := Options{Client: client, Helper: "https://helper.example"}
		helper, err := newHelper(built(t), o)
		require.NoError(t, err)
		for target, test := range map[string]struct {
			site http.Handler
			want int
		}{
			"/":                           {site(t, o), 429},
			"/control?nonce=1":            {site(t, o), 200},
			"/checkout-doctor.js":         {site(t, o), 200},
			"/helper/echo?nonce=1":        {helper, 429},
			"/acs/assets/canary.js":       {helper, 429},
			"/v/" + testHash + "/core.js": {helper, 200},
		} {
			last := 200
			for range limitBurst + 1 {
				if last = ask(test.site, "GET", target, "").StatusCode; last == 429 {
					break
				}
			}
			assert.Equal(t, test.want, last, target)
		}
	})
}

func TestARoutesPatternIsThereForWhoObserves(t *testing.T) {
	var seen []string
	h := site(t, Options{Observe: func(s Site, routes http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			routes.ServeHTTP(w, r)
			seen = append(seen, string(s)+" "+r.Pattern)
		})
	}})
	ask(h, "GET", "/control?nonce=1", "")
	ask(h, "GET", "/nothing", "")
	assert.Equal(t, []string{"own GET /control", "own "}, seen)
}
