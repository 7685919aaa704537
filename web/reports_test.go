package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/inbox"
	"checkoutdoctor/web/link"
	"checkoutdoctor/web/vantage"
)

// reportSite is a site that takes reports in.
type reportSite struct {
	http.Handler
	inbox  string // the directory
	signer link.Signer

	mu     sync.Mutex
	events []ReportEvent
}

// newReportSite makes a site of which links are signed, with what change makes of
// its options.
func newReportSite(t testing.TB, change func(*Options)) *reportSite {
	t.Helper()
	s := &reportSite{inbox: t.TempDir(), signer: newSigner(t)}
	dir, err := inbox.Open(s.inbox, inbox.Limits{})
	require.NoError(t, err)
	o := Options{
		Inbox:          dir,
		Links:          &link.Verifier{Keys: s.signer.Keys, Hosts: s.signer.Hosts},
		ReportOrigins:  []string{"https://pay.example"},
		ReportReceived: s.told,
		Now:            func(*http.Request) time.Time { return linkNoon },
	}
	if change != nil {
		change(&o)
	}
	s.Handler, err = newSite(built(t), o)
	require.NoError(t, err)
	return s
}

func (s *reportSite) told(e ReportEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// takeEvents returns what was told since the last time.
func (s *reportSite) takeEvents() []ReportEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.events
	s.events = nil
	return events
}

// kept returns the reports that are kept, as they are in their files.
func (s *reportSite) kept(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(s.inbox)
	require.NoError(t, err)
	texts := make([]string, len(entries))
	for i, e := range entries {
		text, err := os.ReadFile(filepath.Join(s.inbox, e.Name()))
		require.NoError(t, err)
		texts[i] = string(text)
	}
	return texts
}

// keptAsSigned tells of each report that is kept whether its file says that a signed
// link brought it.
func (s *reportSite) keptAsSigned(t testing.TB) (list []bool) {
	t.Helper()
	entries, err := os.ReadDir(s.inbox)
	require.NoError(t, err)
	for _, e := range entries {
		name, ok := inbox.ParseName(e.Name())
		require.True(t, ok, e.Name())
		list = append(list, name.Signed)
	}
	return list
}

// query is that of a link for the case.
func (s *reportSite) query(t testing.TB, number string) string {
	t.Helper()
	return queryOf(t, s.signer, func(l *link.Link) { l.Case, l.AdsManagerURL = number, "" })
}

// sent is a report with an id and a case, as pages send it.
func sent(t testing.TB, id int, number string) string {
	t.Helper()
	text, err := report.Encode(&report.Report{
		Schema: report.Schema, ID: fmt.Sprintf("%016x", id), GeneratedAt: "2026-11-22T11:59:00Z", Module: report.Version,
		Mode: "link", Case: number, Result: diagnosis.Result{Verdict: diagnosis.Clear}, Facts: &facts.Set{},
	})
	require.NoError(t, err)
	return string(text)
}

// The header lines of a page of the site's own, and of one that is allowed.
const (
	jsonBody    = "Content-Type: application/json"
	ownPage     = "Sec-Fetch-Site: same-origin"
	otherSite   = "Sec-Fetch-Site: cross-site"
	allowedPage = "Origin: https://pay.example"
	linkLine    = linkHeader + ": "
)

// refusedAs checks that the answer has the refusal, that it was told once, and
// that nothing is kept.
func (s *reportSite) refusedAs(t testing.TB, r *http.Response, reason Refusal) ReportEvent {
	t.Helper()
	assert.Equal(t, refusalStatus[reason], r.StatusCode)
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	var answer map[string]string
	require.NoError(t, json.NewDecoder(r.Body).Decode(&answer))
	assert.Equal(t, map[string]string{"error": string(reason)}, answer)
	assert.Empty(t, s.kept(t))
	events := s.takeEvents()
	require.Len(t, events, 1, "each refusal is told once")
	assert.Equal(t, reason, events[0].Reason)
	assert.Equal(t, r.StatusCode, events[0].Status)
	return events[0]
}

func TestAReportIsAcknowledged(t *testing.T) {
	s := newReportSite(t, nil)
	body := sent(t, 1, "4711")
	r := ask(s, "POST", "/reports", strings.Join(strings.Fields(body), ""), jsonBody, ownPage, linkLine+s.query(t, "4711"))
	require.Equal(t, http.StatusCreated, r.StatusCode)
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	assert.Empty(t, r.Header.Get("Access-Control-Allow-Origin"))
	receipt := bodyOf(t, r)

	require.Equal(t, []string{body}, s.kept(t), "what is kept is the canonical form")
	assert.Equal(t, []bool{true}, s.keptAsSigned(t))
	decoded, err := report.Decode([]byte(body))
	require.NoError(t, err)
	code := report.Code(decoded)
	assert.JSONEq(t, `{"id": "0000000000000001", "case": "4711", "code": "`+code+`"}`, receipt)
	assert.Equal(t, []ReportEvent{{Status: 201, Signed: true}}, s.takeEvents())

	r = ask(s, "POST", "/reports", body, jsonBody, ownPage, linkLine+s.query(t, "4711"))
	assert.Equal(t, http.StatusOK, r.StatusCode, "the same again, in other bytes")
	assert.Equal(t, receipt, bodyOf(t, r))
	assert.Len(t, s.kept(t), 1)
	assert.Equal(t, []ReportEvent{{Status: 200, Signed: true}}, s.takeEvents())
}

func TestAReportWithoutACaseNeedsNoLink(t *testing.T) {
	s := newReportSite(t, nil)
	r := ask(s, "POST", "/reports", sent(t, 1, ""), jsonBody, ownPage)
	require.Equal(t, http.StatusCreated, r.StatusCode)
	assert.NotContains(t, bodyOf(t, r), "case")
	events := s.takeEvents()
	require.Len(t, events, 1)
	assert.False(t, events[0].Signed)
	assert.Equal(t, []bool{false}, s.keptAsSigned(t))
}

func TestACaseIsBelievedOf(t *testing.T) {
	unsigned := func(o *Options) { o.Links = nil }
	for name, test := range map[string]struct {
		change func(*Options)
		lines  []string
		want   Refusal
		link   link.Reason
	}{
		"a page of the site's own, without a link": {nil, []string{ownPage}, ReportLink, link.NoLink},
		"nobody, without a link":                   {nil, nil, ReportLink, link.NoLink},
		"an allowed page":                          {nil, []string{otherSite, allowedPage}, "", ""},
		"anybody where links are not signed":       {unsigned, []string{ownPage}, "", ""},
		"a link that nobody verifies":              {unsigned, []string{ownPage, linkLine + "case=4712&sig=1.x.y"}, "", ""},
		"an allowed page with a bad link":          {nil, []string{otherSite, allowedPage, linkLine + "case=4711"}, ReportLink, link.Truncated},
	} {
		t.Run(name, func(t *testing.T) {
			s := newReportSite(t, test.change)
			r := ask(s, "POST", "/reports", sent(t, 1, "4711"), append(test.lines, jsonBody)...)
			if test.want != "" {
				assert.Equal(t, test.link, s.refusedAs(t, r, test.want).Link)
				return
			}
			assert.Equal(t, http.StatusCreated, r.StatusCode)
			assert.Equal(t, []bool{false}, s.keptAsSigned(t), "believed is not proved")
		})
	}
}

func TestReportsByLinksThatAreNotGood(t *testing.T) {
	s := newReportSite(t, nil)
	good := s.query(t, "4711")
	changed := func(change func(*link.Link)) string {
		return queryOf(t, s.signer, func(l *link.Link) { l.Case, l.AdsManagerURL = "4711", ""; change(l) })
	}
	for name, test := range map[string]struct {
		queries []string
		want    Refusal
		link    link.Reason
	}{
		"forged":            {[]string{queryOf(t, newSigner(t), func(l *link.Link) { l.AdsManagerURL = "" })}, ReportLink, link.ForeignKey},
		"altered":           {[]string{strings.Replace(good, "4711", "4712", 1)}, ReportLink, link.Altered},
		"another case's":    {[]string{s.query(t, "4712")}, ReportLink, ""},
		"expired":           {[]string{changed(func(l *link.Link) { l.From, l.Until = l.From.AddDate(0, 0, -2), l.Until.AddDate(0, 0, -2) })}, ReportExpired, link.Expired},
		"not valid yet":     {[]string{changed(func(l *link.Link) { l.From = linkNoon.Add(time.Hour); l.Until = l.From.Add(time.Hour) })}, ReportLink, link.NotYetValid},
		"with its mark":     {[]string{"?" + good}, ReportLink, link.Added},
		"not copied whole":  {[]string{good[:len(good)-3]}, ReportLink, link.Truncated},
		"two":               {[]string{good, good}, ReportLink, link.Doubled},
		"two, one empty":    {[]string{good, ""}, ReportLink, link.Doubled},
		"two in one":        {[]string{good + ", " + good}, ReportLink, link.Doubled},
		"empty":             {[]string{""}, ReportLink, link.NoLink},
		"longer than any":   {[]string{good + strings.Repeat("x", 2000)}, ReportLink, link.TooLong},
		"something else":    {[]string{"<script>alert(1)</script>"}, ReportLink, link.NoLink},
		"with a line's end": {[]string{good + "\r\nX-Evil: 1"}, ReportLink, link.Recoded},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/reports", strings.NewReader(sent(t, 1, "4711")))
			r.Header.Set("Content-Type", "application/json")
			r.Header[linkHeader] = test.queries
			r.RemoteAddr = "" // nobody's, whose reports are limited less
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			assert.Equal(t, test.link, s.refusedAs(t, w.Result(), test.want).Link)
		})
	}
}

// TestALinkBringsTwentyReports: whoever has it may send it on, and a link that is
// in the world must not fill the inbox.
func TestALinkBringsTwentyReports(t *testing.T) {
	s := newReportSite(t, nil)
	good := s.query(t, "4711")
	post := func(id int, query string) *http.Response {
		r := httptest.NewRequest("POST", "/reports", strings.NewReader(sent(t, id, "4711")))
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", id)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(linkHeader, query)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Result()
	}
	for id := range reportsPerLink {
		require.Equal(t, http.StatusCreated, post(id, good).StatusCode)
	}
	s.takeEvents()
	r := post(reportsPerLink, good)
	assert.Equal(t, http.StatusForbidden, r.StatusCode)
	assert.Empty(t, r.Header.Get("Retry-After"), "to try again is of no use")
	assert.JSONEq(t, `{"error": "spent"}`, bodyOf(t, r))
	assert.Equal(t, []ReportEvent{{Status: 403, Reason: ReportSpent}}, s.takeEvents())
	assert.Equal(t, http.StatusOK, post(0, good).StatusCode, "one that it brought may be sent again")
	another := queryOf(t, s.signer, func(l *link.Link) { l.Case, l.AdsManagerURL, l.Language = "4711", "", "de" })
	assert.Equal(t, http.StatusCreated, post(reportsPerLink, another).StatusCode, "another link of the case")
	assert.Len(t, s.kept(t), reportsPerLink+1)
}

func TestLinksThatWereUsedAreForgottenInTheirOrder(t *testing.T) {
	u := newLinkUses(3)
	link := func(n byte) [32]byte { return [32]byte{n} }
	fill := func(n byte) {
		for id := range reportsPerLink {
			require.True(t, u.take(link(n), fmt.Sprint(id)))
		}
		require.False(t, u.take(link(n), "another"))
	}
	for n := range byte(3) {
		fill(n)
	}
	fill(3)
	assert.False(t, u.take(link(1), "another"), "still known")
	assert.True(t, u.take(link(0), "another"), "forgotten for that of 3")
	assert.True(t, u.take(link(1), "another"), "forgotten for that of 0")
	assert.False(t, u.take(link(3), "another"))
	assert.Len(t, u.ids, 3)
}

func TestReportsOfOtherSites(t *testing.T) {
	for name, test := range map[string]struct {
		lines   []string
		allowed bool
		readers string // Access-Control-Allow-Origin
	}{
		"an allowed one":                         {[]string{otherSite, allowedPage}, true, "https://pay.example"},
		"an allowed one, of an old browser":      {[]string{allowedPage}, true, "https://pay.example"},
		"the site's own":                         {[]string{ownPage, "Origin: http://example.com"}, true, ""},
		"the site's own, of an old browser":      {[]string{"Origin: http://example.com"}, true, ""},
		"no browser":                             {nil, true, ""},
		"another":                                {[]string{otherSite, "Origin: https://evil.example"}, false, ""},
		"another, of an old browser":             {[]string{"Origin: https://evil.example"}, false, ""},
		"another of the same registrable domain": {[]string{"Sec-Fetch-Site: same-site", "Origin: https://evil.example.com"}, false, ""},
		"a frame without an origin":              {[]string{otherSite, "Origin: null"}, false, ""},
		"the same in an old browser":             {[]string{"Origin: null"}, false, ""},
		"an allowed one by plain HTTP":           {[]string{otherSite, "Origin: http://pay.example"}, false, ""},
		"an allowed one at another port":         {[]string{otherSite, "Origin: https://pay.example:8443"}, false, ""},
		"below an allowed one":                   {[]string{otherSite, "Origin: https://a.pay.example"}, false, ""},
		"one that begins as an allowed one":      {[]string{otherSite, "Origin: https://pay.example.evil.example"}, false, ""},
		"one in capitals":                        {[]string{otherSite, "Origin: https://PAY.example"}, false, ""},
		"one with a path":                        {[]string{otherSite, "Origin: https://pay.example/"}, false, ""},
		"two at once":                            {[]string{otherSite, "Origin: https://evil.example", allowedPage}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newReportSite(t, nil)
			r := ask(s, "POST", "/reports", sent(t, 1, ""), append(test.lines, jsonBody)...)
			assert.Equal(t, test.readers, r.Header.Get("Access-Control-Allow-Origin"))
			assert.Empty(t, r.Header.Get("Access-Control-Allow-Credentials"))
			assert.Contains(t, r.Header.Values("Vary"), "Origin")
			if test.allowed {
				assert.Equal(t, http.StatusCreated, r.StatusCode)
				return
			}
			s.refusedAs(t, r, ReportOrigin)
		})
	}
}

func TestBrowsersAskWhetherAPageMaySendReports(t *testing.T) {
	s := newReportSite(t, nil)
	asked := []string{otherSite, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: checkout-doctor-link,content-type"}
	r := ask(s, "OPTIONS", "/reports", "", append(asked, allowedPage)...)
	assert.Equal(t, http.StatusNoContent, r.StatusCode)
	assert.Equal(t, "https://pay.example", r.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "POST", r.Header.Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "Content-Type, Checkout-Doctor-Link", r.Header.Get("Access-Control-Allow-Headers"))
	assert.Contains(t, r.Header.Values("Vary"), "Origin")
	assert.Empty(t, s.takeEvents())

	r = ask(s, "OPTIONS", "/reports", "", append(asked, "Origin: https://evil.example")...)
	assert.Empty(t, r.Header.Get("Access-Control-Allow-Origin"))
	s.refusedAs(t, r, ReportOrigin)
}

func TestPagesOfOtherSitesReadWhyTheirReportIsRefused(t *testing.T) {
	s := newReportSite(t, nil)
	r := ask(s, "POST", "/reports", "{}", jsonBody, otherSite, allowedPage)
	assert.Equal(t, "https://pay.example", r.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "Retry-After", r.Header.Get("Access-Control-Expose-Headers"))
	s.refusedAs(t, r, ReportInvalid)
}

func TestOriginsThatAreNone(t *testing.T) {
	for _, origin := range []string{"", "*", "null", "pay.example", "https://pay.example/", "https://pay.example/a", "https://"} {
		t.Run(origin, func(t *testing.T) {
			_, err := newSite(built(t), Options{Inbox: broken{}, ReportOrigins: []string{origin}})
			assert.ErrorContains(t, err, fmt.Sprintf("allow reports from %q", origin))
		})
	}
}

// broken is an inbox that fails.
type broken struct{ err error }

func (b broken) Keep(*report.Report, bool) (bool, error) { return false, b.err }

func TestAReportThatCannotBeKeptIsNotAcknowledged(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want Refusal
	}{
		"full":               {inbox.ErrFull, ReportUnavailable},
		"broken":             {errors.New("input/output error"), ReportUnavailable},
		"another of that id": {fmt.Errorf("keep: %w", inbox.ErrConflict), ReportConflict},
		"too large":          {inbox.ErrTooLarge, ReportTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			s := newReportSite(t, func(o *Options) { o.Inbox = broken{test.err} })
			event := s.refusedAs(t, ask(s, "POST", "/reports", sent(t, 1, ""), jsonBody, ownPage), test.want)
			assert.Equal(t, test.err, event.Err)
		})
	}
}

func TestAnotherReportOfTheSameIDIsAConflict(t *testing.T) {
	s := newReportSite(t, func(o *Options) { o.Links = nil })
	require.Equal(t, 201, ask(s, "POST", "/reports", sent(t, 1, "4711"), jsonBody).StatusCode)
	s.takeEvents()
	r := ask(s, "POST", "/reports", sent(t, 1, "4712"), jsonBody)
	assert.Equal(t, http.StatusConflict, r.StatusCode)
	assert.JSONEq(t, `{"error": "conflict"}`, bodyOf(t, r))
	assert.Equal(t, []string{sent(t, 1, "4711")}, s.kept(t))
	events := s.takeEvents()
	require.Len(t, events, 1)
	assert.Equal(t, ReportConflict, events[0].Reason)
}

func TestWithoutAnInboxThereIsNoSuchAddress(t *testing.T) {
	h := site(t, Options{ReportOrigins: []string{"https://pay.example"}})
	for _, method := range []string{"POST", "OPTIONS", "GET"} {
		assert.Equal(t, http.StatusNotFound, ask(h, method, "/reports", "", allowedPage).StatusCode, method)
	}
}

func TestAClientSendsTenReportsAtOnceAndThenOneInTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		s := newReportSite(t, func(o *Options) { o.Client = as(from("192.0.2.7", "DE")) })
		for id := range 10 {
			require.Equal(t, http.StatusCreated, ask(s, "POST", "/reports", sent(t, id, ""), jsonBody).StatusCode)
		}
		s.takeEvents()
		r := ask(s, "POST", "/reports", sent(t, 10, ""), jsonBody, allowedPage)
		assert.Equal(t, http.StatusTooManyRequests, r.StatusCode)
		assert.Equal(t, "10", r.Header.Get("Retry-After"))
		assert.Equal(t, "https://pay.example", r.Header.Get("Access-Control-Allow-Origin"))
		assert.Equal(t, []ReportEvent{{Status: 429, Reason: ReportTooMany}}, s.takeEvents())
		assert.Len(t, s.kept(t), 10)
	})
}

func TestClientsThatNobodyKnowsDoNotLockEachOtherOut(t *testing.T) {
	rs, err := newReports(Options{Client: as(vantage.Client{})}.complete())
	require.NoError(t, err)
	for range 1000 {
		_, ok := rs.limits.take(vantage.Client{}, tokensPerReport)
		require.True(t, ok)
	}
}
