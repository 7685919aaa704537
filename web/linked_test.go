package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/link"
)

// linkNoon is when the tests' links are opened.
var linkNoon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// linkSite is a site whose page is opened by signed links.
type linkSite struct {
	http.Handler
	signer  link.Signer
	refused []link.Reason // what it told of links
}

func newLinkSite(t *testing.T) *linkSite {
	t.Helper()
	s := &linkSite{signer: newSigner(t, "ads.example")}
	s.Handler = site(t, Options{
		Links:       &link.Verifier{Keys: s.signer.Keys, Hosts: s.signer.Hosts},
		LinkRefused: func(reason link.Reason) { s.refused = append(s.refused, reason) },
		Now:         func(*http.Request) time.Time { return linkNoon },
	})
	return s
}

// newSigner has a key of its own.
func newSigner(t testing.TB, hosts ...string) link.Signer {
	t.Helper()
	keys, err := link.ParseKeys(link.NewKey())
	require.NoError(t, err)
	allowed, err := link.ParseHosts(hosts)
	require.NoError(t, err)
	return link.Signer{Base: "https://doctor.example", Keys: keys, Hosts: allowed}
}

// queryOf signs a link that says everything, with what change makes of it.
func queryOf(t testing.TB, s link.Signer, change func(*link.Link)) string {
	t.Helper()
	l := link.Link{
		Case: "T-4711", Language: "sv", Only: []string{"popup", "vantage"}, AdsManagerURL: "https://ads.example/?a=b%&c='d'",
		From: linkNoon.Add(-time.Hour), Until: linkNoon.Add(time.Hour),
	}
	if change != nil {
		change(&l)
	}
	signed, err := s.Sign(l)
	require.NoError(t, err)
	_, query, _ := strings.Cut(signed, "?")
	return query
}

func TestTheWholePageIsForGoodLinksOnly(t *testing.T) {
	s := newLinkSite(t)
	good := queryOf(t, s.signer, nil)
	wider := s.signer
	wider.Hosts = newSigner(t, "evil.example").Hosts
	elsewhere := func(l *link.Link) { l.AdsManagerURL = "https://evil.example/" }
	expired := func(l *link.Link) { l.From, l.Until = l.From.AddDate(0, 0, -2), l.Until.AddDate(0, 0, -2) }

	const bare, whole, gone, early, forbidden = "bare", "whole", "gone", "early", "forbidden"
	for name, test := range map[string]struct {
		query  string
		want   string
		reason link.Reason
	}{
		"good":                         {good, whole, ""},
		"no query":                     {"", bare, ""},
		"a language":                   {"lang=sv", bare, ""},
		"what others add to addresses": {"lang=sv&utm_source=mail", bare, ""},

		"expired":                       {queryOf(t, s.signer, expired), gone, link.Expired},
		"expired and altered":           {strings.Replace(queryOf(t, s.signer, expired), "T-4711", "T-4712", 1), forbidden, link.Altered},
		"not valid yet":                 {queryOf(t, s.signer, func(l *link.Link) { l.From = linkNoon.Add(time.Hour); l.Until = l.From.Add(time.Hour) }), early, link.NotYetValid},
		"another case":                  {strings.Replace(good, "T-4711", "T-4712", 1), forbidden, link.Altered},
		"another language":              {strings.Replace(good, "lang=sv", "lang=de", 1), forbidden, link.Altered},
		"another address":               {strings.Replace(good, "ads.example", "evil.example", 1), forbidden, link.Altered},
		"another address added":         {good + "&ads-manager-url=https%3A%2F%2Fevil.example%2F", forbidden, link.Doubled},
		"a language added":              {good + "&lang=de", forbidden, link.Doubled},
		"markup added":                  {good + "&evil.example=<script>", forbidden, link.Added},
		"not copied whole":              {good[:len(good)-5], forbidden, link.Truncated},
		"without its seal":              {good[:strings.Index(good, "&sig=")], forbidden, link.Truncated},
		"a case and no seal":            {"case=T-4711", forbidden, link.Truncated},
		"an address and no seal":        {"ads-manager-url=https://evil.example/", forbidden, link.Truncated},
		"signed by others":              {queryOf(t, newSigner(t, "ads.example"), nil), forbidden, link.ForeignKey},
		"signed by us for another host": {queryOf(t, wider, elsewhere), forbidden, link.Unacceptable},
		"longer than any":               {good + strings.Repeat("x", 2000), forbidden, link.TooLong},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused = nil
			r := askQuery(s, test.query)
			text := bodyOf(t, r)
			for _, lines := range r.Header {
				assert.NotContains(t, strings.Join(lines, "\n"), "evil.example")
			}
			assert.NotContains(t, text, "evil.example")
			assert.Empty(t, r.Header.Get("Location"))
			assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
			switch test.want {
			case whole:
				assert.Equal(t, http.StatusOK, r.StatusCode)
				for _, said := range []string{`<html lang="sv"`, `<bdi>T-4711</bdi>`, ` case="T-4711"`, ` data-checks="popup vantage"`, ` value="https://ads.example/?a=b%&amp;c=&#39;d&#39;"`} {
					assert.Contains(t, text, said)
				}
			case bare:
				assert.Equal(t, http.StatusOK, r.StatusCode)
				assert.Contains(t, text, "<checkout-doctor")
			case gone:
				assert.Equal(t, http.StatusGone, r.StatusCode)
				assertRefused(t, r, text, "linkExpired")
			case early:
				assert.Equal(t, http.StatusForbidden, r.StatusCode)
				assertRefused(t, r, text, "linkEarly")
			case forbidden:
				assert.Equal(t, http.StatusForbidden, r.StatusCode)
				assertRefused(t, r, text, "linkInvalid")
			}
			if test.want != whole {
				for _, secret := range []string{"T-471", "ads.example", "popup vantage"} {
					assert.NotContains(t, text, secret)
				}
			}
			var told []link.Reason
			if test.reason != "" {
				told = []link.Reason{test.reason}
			}
			assert.Equal(t, told, s.refused)
		})
	}
}

// askQuery asks for the page, with a query that need not be well-formed.
func askQuery(h http.Handler, query string, lines ...string) *http.Response {
	return ask(withQuery(h, query), "GET", "/", "", lines...)
}

func withQuery(h http.Handler, query string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = query
		h.ServeHTTP(w, r)
	})
}

// assertRefused: it says what to do in words that are there, needs no script,
// and leads to our own page alone.
func assertRefused(t *testing.T, r *http.Response, text, heading string) {
	t.Helper()
	words, err := Locale(r.Header.Get("Content-Language"))
	require.NoError(t, err)
	require.NotEmpty(t, words.Page[heading])
	require.NotEmpty(t, words.Page[heading+"Text"])
	assert.Contains(t, text, "<h1>"+words.Page[heading]+"</h1>")
	assert.Contains(t, text, words.Page[heading+"Text"])
	assert.Equal(t, policyStill, r.Header.Get("Content-Security-Policy"))
	assert.NotContains(t, text, "<script")
	assert.Equal(t, 2, strings.Count(text, "href="))
	assert.Contains(t, text, `<link rel="stylesheet" href="/v/`)
	assert.Contains(t, text, `href="/?lang=`+words.Language+`">`+words.Page["linkWithout"]+`</a>`)
}

// TestWhoIsRefusedIsToldInTheirLanguage: that of the link, even of one that is
// altered, and else the browser's.
func TestWhoIsRefusedIsToldInTheirLanguage(t *testing.T) {
	s := newLinkSite(t)
	for name, test := range map[string]struct{ query, accept, want string }{
		"the link's":            {"case=1&lang=ar", "de", `<html lang="ar" dir="rtl">`},
		"the browser's":         {"case=1", "fr-CH, de;q=0.5", `<html lang="fr" dir="ltr">`},
		"one that there is not": {"case=1&lang=tlh", "", `<html lang="en" dir="ltr">`},
		"none of ours":          {"case=1&lang=tlh", "sv", `<html lang="sv" dir="ltr">`},
		"no language at all":    {"case=1&lang=en/../en", "sv", `<html lang="sv" dir="ltr">`},
		"markup":                {`case=1&lang="><script>`, "", `<html lang="en" dir="ltr">`},
	} {
		t.Run(name, func(t *testing.T) {
			r := askQuery(s, test.query, "Accept-Language: "+test.accept)
			assert.Equal(t, http.StatusForbidden, r.StatusCode)
			assert.Contains(t, bodyOf(t, r), test.want)
		})
	}
}
