package lab

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cookies returns the cookies that a page sets, in order.
func (p *page) cookies() []*http.Cookie {
	p.s.t.Helper()
	var all []*http.Cookie
	for _, line := range p.header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		require.NoError(p.s.t, err)
		all = append(all, cookie)
	}
	return all
}

// names returns the different names of cookies.
func names(cookies []*http.Cookie) []string {
	all := map[string]bool{}
	for _, c := range cookies {
		all[c.Name] = true
	}
	return slices.Sorted(maps.Keys(all))
}

func TestSiteSetsMoreCookiesThanABrowserKeeps(t *testing.T) {
	const keptByChromium = 180
	modes(t, func(t *testing.T, o Options) {
		set := newShopper(t, startLab(t, o)).open("", jarOverfull).page.cookies()
		assert.Equal(t, sessionCookie, set[0].Name, "the oldest is dropped first")
		assert.Greater(t, len(names(set[1:])), keptByChromium)
		for _, c := range set {
			assert.Equal(t, set[0].Secure, c.Secure, "those that are not Secure are dropped before")
			assert.Equal(t, "/", c.Path)
		}
		set = newShopper(t, startLab(t, o)).open("", cookiesHundred).page.cookies()
		assert.Len(t, names(set), 1+manyCookies)
		assert.Less(t, len(set), keptByChromium)
	})
}

func TestCookiesAreTooLargeForTheServer(t *testing.T) {
	for fault, status := range map[string]int{
		headerTooLarge:    http.StatusRequestHeaderFieldsTooLarge,
		headerTooLarge400: http.StatusBadRequest,
	} {
		modes(t, func(t *testing.T, o Options) {
			l := startLab(t, o)
			s := newShopper(t, l)
			c := s.open("", fault)
			assert.Equal(t, "8192", c.setting("header-limit"))
			for _, cookie := range c.page.cookies()[1:] {
				assert.Equal(t, "/pay", cookie.Path)
				assert.LessOrEqual(t, len(cookie.Name)+len(cookie.Value), 4096, "larger ones are not kept")
			}
			assert.Equal(t, status, c.control().status)
			assert.Equal(t, status, c.ask("start", startQuestion{c.token, DefaultCard}).status)
			assert.Equal(t, http.StatusUnauthorized, s.withoutCookies().get(l.origins.Merchant+c.setting("control-url")).status)

			other := s.open("")
			assert.Equal(t, http.StatusOK, other.control().status, "the limit is that page's")
			assert.Empty(t, other.setting("header-limit"))
		})
	}
}

func TestServerReadsTheOldOfTwoCookies(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", cookieDuplicate)
	twice := c.page.cookies()[1:]
	require.Len(t, twice, 2)
	assert.Equal(t, []string{csrfCookie}, names(twice))
	assert.Equal(t, "merchant.test", twice[0].Domain)
	assert.Empty(t, twice[1].Domain)
	assert.Equal(t, c.setting("csrf"), twice[1].Value)
	for _, cookie := range twice {
		assert.False(t, cookie.HttpOnly)
	}
	start := func() *page {
		header := http.Header{http.CanonicalHeaderKey(csrfHeader): {c.setting("csrf")}}
		return s.do(http.MethodPost, s.lab.origins.Merchant+"/pay/start", header, strings.NewReader(`{"page":"`+c.token+`","card":"`+DefaultCard+`"}`))
	}
	assert.Equal(t, http.StatusForbidden, start().status)
	assert.Equal(t, http.StatusForbidden, c.control().status)

	merchant, err := url.Parse(s.lab.origins.Merchant)
	require.NoError(t, err)
	s.client.Jar.SetCookies(merchant, []*http.Cookie{{Name: csrfCookie, Path: "/", Domain: "merchant.test", MaxAge: -1}})
	assert.Equal(t, http.StatusOK, c.control().status, "without the old one all is well")
	assert.Equal(t, http.StatusOK, start().status)
	assert.Equal(t, http.StatusForbidden, c.ask("start", startQuestion{c.token, DefaultCard}).status, "the page has to show the new one")
}

func TestACookieOfAnotherPathDoesNotComeWithAPayment(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", cookieDuplicatePath)
	twice := c.page.cookies()[1:]
	assert.Equal(t, []string{csrfCookie}, names(twice))
	require.Len(t, twice, 2)
	assert.Equal(t, []string{"/", pathBilling}, []string{twice[0].Path, twice[1].Path})
	assert.Equal(t, c.setting("csrf"), twice[1].Value)
	assert.Equal(t, http.StatusForbidden, c.control().status)
}

func TestTwoCookiesOfOneNameThatNobodyReads(t *testing.T) {
	c := newShopper(t, startLab(t, Options{})).open("", cookiesTwice)
	assert.Equal(t, []string{"theme"}, names(c.page.cookies()[1:]))
	assert.Len(t, c.page.cookies()[1:], 2)
	assert.Equal(t, http.StatusOK, c.control().status)
	c.lookup(DefaultCard)
}

func TestServersClockIsBehind(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		s := newShopper(t, startLab(t, o))
		c := s.open("", clockBehind)
		expires, err := http.ParseTime(c.setting("step-expires"))
		require.NoError(t, err)
		assert.True(t, expires.Before(time.Now().Add(-24*time.Hour)), "over at once, by a right clock")
		date, err := http.ParseTime(c.page.header.Get("Date"))
		require.NoError(t, err)
		assert.Equal(t, time.Hour, expires.Sub(date).Round(time.Minute), "by the server's it is not")
		assert.Equal(t, http.StatusForbidden, c.control().status)
		assert.Equal(t, http.StatusForbidden, c.ask("start", startQuestion{c.token, DefaultCard}).status)

		merchant, err := url.Parse(s.lab.origins.Merchant)
		require.NoError(t, err)
		s.client.Jar.SetCookies(merchant, []*http.Cookie{{Name: stepCookie, Value: "payment", Path: "/"}})
		assert.Equal(t, http.StatusOK, c.control().status, "a browser whose clock is behind too keeps it")
		c.lookup(DefaultCard)
		assert.Empty(t, s.open("").setting("step-expires"))
	})
}

func TestVantagesClockIsBehindToo(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	told := func(c *checkout) time.Time {
		address := attribute(c.page.find("checkout-doctor", ""), "vantage")
		answer := s.do(http.MethodPost, address, http.Header{"Content-Type": {"text/plain"}}, strings.NewReader(`{}`))
		require.Equal(t, http.StatusOK, answer.status, answer.body)
		return time.UnixMilli(decode[struct{ Time int64 }](answer).Time)
	}
	before := time.Now().Truncate(time.Millisecond)
	right, behind := told(s.open("")), told(s.open("", clockBehind))
	assert.False(t, right.Before(before))
	assert.True(t, behind.Before(before.Add(-24*time.Hour)))
}

func TestTheMerchantsAnswersHaveThePagesTime(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	dated := func(page string, path string) time.Duration {
		answer := s.do(http.MethodGet, s.lab.origins.Merchant+path, http.Header{"Referer": {page}}, nil)
		date, err := http.ParseTime(answer.header.Get("Date"))
		require.NoError(t, err)
		return time.Until(date).Round(time.Hour)
	}
	right, ahead := s.lab.PayURL("", nil), s.lab.PayURL("", []string{vantageClock})
	assert.Equal(t, serverAhead, dated("", strings.TrimPrefix(ahead, s.lab.origins.Merchant)), "the page")
	assert.Equal(t, serverAhead, dated(ahead, "/robots.txt"), "what it asks for")
	assert.Equal(t, -serverBehind, dated(s.lab.PayURL("", []string{clockBehind}), "/robots.txt"))
	assert.Zero(t, dated(right, "/robots.txt"))
	assert.Zero(t, dated("", "/robots.txt"), "of no page")
}
