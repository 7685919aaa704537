package lab

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// doctor returns an attribute of the diagnostic's element on the page.
func (c *checkout) doctor(name string) string {
	return attribute(c.page.find("checkout-doctor", ""), name)
}

func TestTheVantagesClockIsAhead(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	p := s.do(http.MethodPost, s.open("", vantageClock).doctor("vantage"), http.Header{"Content-Type": {"text/plain"}}, strings.NewReader("{}"))
	told := time.UnixMilli(decode[struct{ Time int64 }](p).Time)
	assert.WithinDuration(t, time.Now().Add(2*time.Hour), told, time.Minute)
}

func TestFaultsOfTheVantageGoTogether(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", vantageElsewhere, vantageProxied, stunUnanswered)
	assert.Equal(t, "https://doctor.diag.test/vantage?lab-country=BR&lab-proxied=yes&lab-stun=silent", c.doctor("vantage"))
}

func TestWebSocketsAreRefused(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	s.client.Transport.(*http.Transport).ForceAttemptHTTP2 = false // a WebSocket begins with HTTP/1.1
	for name, test := range map[string]struct {
		faults []string
		status int
	}{
		"with the fault":    {[]string{socketRefused}, http.StatusForbidden},
		"and not otherwise": {nil, http.StatusSwitchingProtocols},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.open("", test.faults...)
			diag := strings.TrimSuffix(c.doctor("vantage"), "/vantage")
			assert.Contains(t, c.page.body, `src="`+diag+`/checkout-doctor.js"`, "the control is asked where the script is from")
			for _, origin := range []string{diag, c.doctor("helper")} {
				assert.Equal(t, test.status, s.upgrade(origin+pathSocket))
				assert.Contains(t, directive(c.page, "connect-src"), socketOrigin(origin), "the page lets it ask")
				assert.Contains(t, s.lab.Hosts(), hostOf(origin), "the browser has to map it")
			}
		})
	}
}

// upgrade begins a WebSocket (RFC 6455, section 4.1) and returns the answer's
// status. What comes of it is left open until the test ends.
func (s *shopper) upgrade(address string) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, address, nil)
	require.NoError(s.t, err)
	r.Header = http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	res, err := s.client.Do(r)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { res.Body.Close() })
	return res.StatusCode
}

func TestAWebSocketThatIsLeftOpenKeepsNobodyFromClosingTheLab(t *testing.T) {
	l, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	s := newShopper(t, l)
	s.client.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	require.Equal(t, http.StatusSwitchingProtocols, s.upgrade(l.origins.Diag+pathSocket))

	begun := time.Now()
	require.NoError(t, l.Close())
	assert.Less(t, time.Since(begun), 5*time.Second, "the server's own limit is ten")
}
