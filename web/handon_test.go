package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/link"
	"checkoutdoctor/web/qr"
	"checkoutdoctor/web/qr/qrtest"
)

// codeOf asks for the code of a query that need not be well-formed.
func codeOf(h http.Handler, scheme, host, query string) *http.Response {
	r := httptest.NewRequest("GET", handOnPath(scheme), nil)
	r.Host, r.URL.RawQuery = host, query
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestTheCodeLeadsToTheVeryLink(t *testing.T) {
	signed, unsigned := newLinkSite(t), site(t, Options{})
	good := queryOf(t, signed.signer, nil)
	for name, test := range map[string]struct {
		site                http.Handler
		scheme, host, query string
		want                string
	}{
		"a signed link":           {signed, "https", "doctor.example", good, "https://doctor.example/?" + good},
		"on this machine":         {signed, "http", "127.0.0.1:8080", good, "http://127.0.0.1:8080/?" + good},
		"an address of IPv6":      {signed, "http", "[::1]:8080", good, "http://[::1]:8080/?" + good},
		"the page without a link": {signed, "https", "doctor.example", "lang=sv", "https://doctor.example/?lang=sv"},
		"no query":                {signed, "https", "doctor.example", "", "https://doctor.example/"},
		"links are not signed":    {unsigned, "https", "doctor.example", "case=7&lang=ar&x={|}", "https://doctor.example/?case=7&lang=ar&x={|}"},
		"as long as can be": {unsigned, "https", strings.Repeat("a", 253) + ":65535", strings.Repeat("x", maxHandedOn),
			"https://" + strings.Repeat("a", 253) + ":65535/?" + strings.Repeat("x", maxHandedOn)},
	} {
		t.Run(name, func(t *testing.T) {
			r := codeOf(test.site, test.scheme, test.host, test.query)
			require.Equal(t, http.StatusOK, r.StatusCode)
			assert.Equal(t, "image/svg+xml", r.Header.Get("Content-Type"))
			assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
			assert.Equal(t, PolicyNothing, r.Header.Get("Content-Security-Policy"))
			got, err := qrtest.ReadSVG([]byte(bodyOf(t, r)))
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	assert.Empty(t, signed.refused)
}

// TestALinkThatIsNotGoodHasNoCode, since the page would not open by it.
func TestALinkThatIsNotGoodHasNoCode(t *testing.T) {
	s := newLinkSite(t)
	good := queryOf(t, s.signer, nil)
	expired := queryOf(t, s.signer, func(l *link.Link) { l.From, l.Until = l.From.AddDate(0, 0, -2), l.Until.AddDate(0, 0, -2) })
	for name, test := range map[string]struct {
		query  string
		status int
		reason link.Reason
	}{
		"expired":          {expired, http.StatusGone, link.Expired},
		"altered":          {strings.Replace(good, "T-4711", "T-4712", 1), http.StatusForbidden, link.Altered},
		"signed by others": {queryOf(t, newSigner(t, "ads.example"), nil), http.StatusForbidden, link.ForeignKey},
		"without its seal": {"case=T-4711", http.StatusForbidden, link.Truncated},
		"longer than any":  {good + strings.Repeat("x", 2000), http.StatusForbidden, link.TooLong},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused = nil
			r := codeOf(s, "https", "doctor.example", test.query)
			assert.Equal(t, test.status, r.StatusCode)
			assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
			assert.NotContains(t, bodyOf(t, r), "<svg")
			assert.Equal(t, []link.Reason{test.reason}, s.refused)
		})
	}
}

// TestWhatIsNoAddressIsNotDrawn: a reader of codes must not see another address
// than a browser did.
func TestWhatIsNoAddressIsNotDrawn(t *testing.T) {
	h := site(t, Options{})
	for name, test := range map[string]struct{ host, query string }{
		"a query of markup":        {"doctor.example", `"><script>alert(1)</script>`},
		"a query of two lines":     {"doctor.example", "a=b\nhttps://evil.example/"},
		"a query with a space":     {"doctor.example", "a=b https://evil.example/"},
		"a query with a fragment":  {"doctor.example", "a=b#c"},
		"a query with a control":   {"doctor.example", "a=\x1b]8;;"},
		"a query beyond ASCII":     {"doctor.example", "a=ä"},
		"a query of no characters": {"doctor.example", "a=\xff"},
		"a query too long":         {"doctor.example", strings.Repeat("x", maxHandedOn+1)},
		"no host":                  {"", "a=b"},
		"a port alone":             {":443", "a=b"},
		"a host and a user":        {"doctor.example@evil.example", "a=b"},
		"a host and a path":        {"evil.example/x", "a=b"},
		"a host and a query":       {"evil.example?x", "a=b"},
		"a host and a fragment":    {"evil.example#", "a=b"},
		"a host and a backslash":   {`evil.example\`, "a=b"},
		"a host of markup":         {`"><script>`, "a=b"},
		"a host that is escaped":   {"evil%2eexample", "a=b"},
		"a host of two lines":      {"doctor.example\nx", "a=b"},
		"a host beyond ASCII":      {"döctor.example", "a=b"},
		"two ports":                {"doctor.example:1:2", "a=b"},
		"a port that is none":      {"doctor.example:x", "a=b"},
		"brackets without IPv6":    {"[0]", "a=b"},
		"a bracket that is open":   {"[::1", "a=b"},
		"a host too long":          {strings.Repeat("a", maxHost+1), "a=b"},
	} {
		t.Run(name, func(t *testing.T) {
			r := codeOf(h, "https", test.host, test.query)
			assert.Equal(t, http.StatusBadRequest, r.StatusCode)
			text := bodyOf(t, r)
			assert.NotContains(t, text, "evil")
			assert.NotContains(t, text, "script")
		})
	}
}

func TestThereAreCodesOfTwoSchemesOnly(t *testing.T) {
	h := site(t, Options{})
	for _, scheme := range []string{"ftp", "javascript", "HTTPS", "https.svg/x", ""} {
		assert.Equal(t, http.StatusNotFound, codeOf(h, scheme, "doctor.example", "a=b").StatusCode, scheme)
	}
}

// TestALongCodeIsDear: it takes the server longer.
func TestALongCodeIsDear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		h := site(t, Options{})
		long := strings.Repeat("x", maxHandedOn)
		var r *http.Response
		drawn := 0
		for ; drawn < limitBurst; drawn++ {
			if r = codeOf(h, "https", "doctor.example", long); r.StatusCode != http.StatusOK {
				break
			}
		}
		assert.Equal(t, http.StatusTooManyRequests, r.StatusCode)
		assert.NotEmpty(t, r.Header.Get("Retry-After"))
		assert.Equal(t, limitBurst/(maxHandedOn/queryPerToken), drawn)
		assert.LessOrEqual(t, drawingCost(httptest.NewRequest("GET", "/?"+strings.Repeat("x", 100_000), nil)), limitBurst, "any can be asked for at all")
	})
}

// FuzzHandOn: whatever is asked for, what is drawn leads to the host that is asked.
func FuzzHandOn(f *testing.F) {
	f.Add("doctor.example", "case=4711&lang=sv")
	f.Add("[::1]:80", "")
	f.Add("a@b", "?#<>")
	h := handOn{Options{}.complete(), "https"}
	f.Fuzz(func(t *testing.T, host, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.URL.RawQuery = host, query
		address, err := h.address(r)
		if err != nil {
			return
		}
		u, err := url.Parse(address)
		require.NoError(t, err)
		assert.Equal(t, url.URL{Scheme: "https", Host: host, Path: "/", RawQuery: query}, *u)
		assert.LessOrEqual(t, len(address), qr.MaxText)
	})
}
