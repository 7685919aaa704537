package lab

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/acs"
)

// toIssuer pays until the issuer has decided, and opens no challenge.
func (s *shopper) toIssuer(faults ...string) *checkout {
	s.t.Helper()
	c := s.open("", faults...)
	c.lookup(DefaultCard)
	c.authenticate("U")
	return c
}

// noRedirects lets the shopper see redirects in place of following them.
func (s *shopper) noRedirects() {
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

func TestIssuerAnswersInPlaceOfTheChallenge(t *testing.T) {
	tests := []struct {
		fault  string
		status int
		header string
		value  string
	}{
		{acsHTTP404, http.StatusNotFound, "", ""},
		{acsHTTP500, http.StatusInternalServerError, "", ""},
		{acsNoContent, http.StatusNoContent, "", ""},
		{acsDownload, http.StatusOK, "Content-Disposition", `attachment; filename="challenge.bin"`},
		{acsHTTP500Canary, http.StatusInternalServerError, "Access-Control-Allow-Origin", "*"},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			c := s.toIssuer(tt.fault)
			for _, p := range []*page{c.challenge(), s.get(c.pay.ACSURL)} {
				assert.Equal(t, tt.status, p.status)
				assert.Equal(t, tt.value, p.header.Get(tt.header))
				assert.Nil(t, p.find("form", ""))
			}
		})
	}
}

func TestIssuerRedirectsToItself(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	s.noRedirects()
	for _, fault := range []string{acsRedirectLoop, acsRedirectLoopCanary} {
		c := s.toIssuer(fault)
		for _, p := range []*page{c.challenge(), s.get(c.pay.ACSURL)} {
			assert.Equal(t, http.StatusTemporaryRedirect, p.status, fault)
			target, err := p.url.Parse(p.header.Get("Location"))
			require.NoError(t, err)
			assert.Equal(t, c.pay.ACSURL, target.String(), fault)
		}
	}
}

func TestCanaryStandsOnTheIssuersBrokenHosts(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	s.noRedirects()
	for origin, status := range map[string]int{brokenIssuer: http.StatusInternalServerError, loopingIssuer: http.StatusTemporaryRedirect} {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodOptions} {
			p := s.do(method, origin+"/acs/canary", nil, nil)
			assert.Equal(t, status, p.status, "%s %s", method, origin)
			assert.Equal(t, "*", p.header.Get("Access-Control-Allow-Origin"), "%s %s", method, origin)
		}
	}
}

func TestIssuerStopsInTheMiddleOfALine(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.toIssuer(acsHangBody)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.pay.ACSURL, strings.NewReader(url.Values{"creq": {c.pay.CReq}}.Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.client.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusOK, res.StatusCode)
	begun := bufio.NewReader(res.Body)
	_, err = begun.ReadString('>')
	require.NoError(t, err)
	time.AfterFunc(200*time.Millisecond, cancel)
	_, err = begun.ReadString('\n')
	assert.ErrorIs(t, err, context.Canceled, "the line does not end")
}

func TestIssuersHostIsTheFault(t *testing.T) {
	tests := map[string]string{
		acsDNS:                unresolvable,
		acsTLSExpired:         expiredIssuer,
		acsTLSWrongName:       wrongNameIssuer,
		acsTLSUntrusted:       untrustedIssuer,
		acsMixedContent:       plainIssuer,
		acsLocalNetwork:       localIssuer,
		acsHTTP500Canary:      brokenIssuer,
		acsRedirectLoopCanary: loopingIssuer,
	}
	l := startLab(t, Options{})
	s := newShopper(t, l)
	for fault, base := range tests {
		assert.True(t, strings.HasPrefix(s.toIssuer(fault).pay.ACSURL, base+"/challenge/"), fault)
	}
	for _, origin := range faultyIssuers() {
		assert.Contains(t, l.Hosts(), hostOf(origin), "the browser has to map it")
	}
}

func TestIssuersCertificateIsTheFault(t *testing.T) {
	l := startLab(t, Options{})
	s := newShopper(t, l)
	_, err := s.client.Get(expiredIssuer)
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, x509.Expired, invalid.Reason)

	_, err = s.client.Get(wrongNameIssuer)
	_, ok = errors.AsType[x509.HostnameError](err)
	assert.True(t, ok, "%v", err)

	_, err = s.client.Get(untrustedIssuer)
	_, ok = errors.AsType[x509.UnknownAuthorityError](err)
	assert.True(t, ok, "%v", err)

	assert.Equal(t, http.StatusOK, s.get(l.origins.ACS+"/").status, "the others are good")
	good, err := l.Certificate(strings.TrimPrefix(expiredIssuer, "https://"))
	require.NoError(t, err)
	assert.True(t, good.Leaf.NotAfter.After(time.Now()), "a proxy gets good ones")
}

func TestLocalIssuerIsOnAListenerOfItsOwn(t *testing.T) {
	l := startLab(t, Options{})
	s := newShopper(t, l)
	c := s.toIssuer(acsLocalNetwork)
	assert.NotEqual(t, l.Address(), l.LocalAddress())
	s.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, l.LocalAddress())
	}
	s.client.CloseIdleConnections()
	assert.NotNil(t, c.challenge().find("form", "data-challenge"), "who may reach it pays there")
}

func TestIssuerRejectsTheRequest(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.toIssuer(acsRejectsRequest)
	p := c.challenge()
	kind, _, err := mime.ParseMediaType(p.header.Get("Content-Type"))
	require.NoError(t, err)
	assert.Equal(t, "application/json", kind)
	erro, err := acs.Decode[acs.Erro]([]byte(p.body), acs.ComponentServer)
	require.NoError(t, err)
	assert.Equal(t, "203 challengeWindowSize", string(erro.ErrorCode)+" "+erro.ErrorDetail)
	assert.Equal(t, c.start.ThreeDSServerTransID, erro.ThreeDSServerTransID)
	assert.Equal(t, "203", decode[map[string]string](c.ask("problem", startQuestion{Page: c.token}))["errorCode"], "the shop can know it")
	assert.Equal(t, http.StatusOK, s.get(c.pay.ACSURL).status, "looking is not rejected")
}

func TestSecondRequestIsRejectedAndToldTheServer(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard)
	assert.NotNil(t, asked.find("form", "data-challenge"))
	assert.Contains(t, c.challenge().body, `"errorCode":"301"`)
	assert.Equal(t, "301", decode[map[string]string](c.ask("problem", startQuestion{Page: c.token}))["errorCode"])
}

func TestIssuerTakesItsTime(t *testing.T) {
	t.Parallel() // to wait beside the others
	s := newShopper(t, startLab(t, Options{TimeScale: 120}))
	c := s.toIssuer(acsSlow)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.pay.ACSURL, nil)
	require.NoError(t, err)
	_, err = s.client.Do(r)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	asked := c.challenge()
	assert.NotNil(t, asked.find("form", "data-challenge"), "the CReq is in time all the same: %s", asked.body)
}

func TestIssuerRedirectsToItsOtherHost(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	o := s.lab.origins
	tests := map[string][]string{
		acsTwoHops:                {o.ACS2 + "/hop", o.ACS2},
		pageCSPFrameSrcRedirect:   {o.ACS2},
		pageCSPFormActionRedirect: {o.ACS2},
	}
	for fault, bases := range tests {
		t.Run(fault, func(t *testing.T) {
			c := s.toIssuer(fault)
			var seen []string
			s.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
				assert.Equal(t, http.MethodPost, r.Method)
				seen = append(seen, r.URL.String())
				return nil
			}
			asked := c.challenge()
			s.client.CheckRedirect = nil
			path := strings.TrimPrefix(c.pay.ACSURL, o.ACS)
			var want []string
			for _, base := range bases {
				want = append(want, base+path)
			}
			assert.Equal(t, want, seen)
			back := asked.submit("data-challenge", nil).submit("data-post", nil)
			assert.Equal(t, "Y", back.notification()["trans-status"])
		})
	}
}

func TestIssuersPagesAreReserved(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		s := newShopper(t, startLab(t, o))
		c := s.toIssuer(acsResourcePolicy)
		pages := []*page{c.challenge(), s.get(c.pay.ACSURL)}
		if !o.PlainHTTPLocalhost {
			pages = append(pages, s.get(reservedIssuer+"/"))
		}
		for _, p := range pages {
			assert.Equal(t, []string{"same-origin"}, p.header.Values("Cross-Origin-Resource-Policy"))
		}
		back := pages[0].submit("data-challenge", nil).submit("data-post", nil)
		assert.Equal(t, "Y", back.notification()["trans-status"])
	})
}

func TestIssuerTakesPostOnly(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.toIssuer(acsPostOnly)
	assert.Equal(t, http.StatusMethodNotAllowed, s.get(c.pay.ACSURL).status)
	back := c.challenge().submit("data-challenge", nil).submit("data-post", nil)
	assert.Equal(t, "Y", back.notification()["trans-status"])
}

func TestIssuersFormIsNested(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	outer := s.toIssuer(acsNestedFrame).challenge()
	assert.Nil(t, outer.find("form", ""))
	frame := outer.find("iframe", "")
	require.NotNil(t, frame)
	address, err := outer.url.Parse(attribute(frame, "src"))
	require.NoError(t, err)
	end := s.get(address.String()).submit("data-challenge", nil)
	assert.Equal(t, "_parent", attribute(end.find("form", "data-post"), "target"))
	assert.Equal(t, "Y", end.submit("data-post", nil).notification()["trans-status"])
}

func TestIssuerPadsTheCRes(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	for fault, padded := range map[string]bool{cresPadded: true, messagePadded: true, acsPostOnly: false} {
		_, asked := s.upToChallenge(DefaultCard, fault)
		end := asked.submit("data-challenge", nil)
		cres := attribute(end.find("input", "name"), "value")
		assert.Equal(t, padded, strings.HasSuffix(cres, "="), fault)
		assert.Equal(t, http.StatusOK, end.submit("data-post", nil).status, fault)
	}
}

func TestIssuersScriptIsTheFault(t *testing.T) {
	tests := map[string][]string{
		acsLeftFrame:         {"/issuer/leave.js"},
		acsLeftFrameRefused:  {"/issuer/break-out.js"},
		acsNeverReturned:     {"/issuer/keep.js"},
		acsNeedsScriptCookie: {"/issuer/cookie.js"},
		acsDeviceScript:      {"/issuer/device.js", "/fingerprint2.min.js"},
		acsPasskey:           {"/issuer/passkey.js"},
		acsPostOnly:          nil,
	}
	s := newShopper(t, startLab(t, Options{}))
	for fault, scripts := range tests {
		_, asked := s.upToChallenge(DefaultCard, fault)
		var found []string
		for n := range asked.doc.Descendants() {
			if n.Data == "script" {
				found = append(found, attribute(n, "src"))
			}
		}
		assert.Equal(t, scripts, found, fault)
		for _, script := range scripts {
			p := s.get(s.lab.origins.ACS + script)
			assert.Equal(t, http.StatusOK, p.status, script)
			assert.Contains(t, p.header.Get("Content-Type"), "javascript", script)
		}
	}
	outside := s.get(s.lab.origins.ACS + pathLeft)
	assert.Equal(t, http.StatusOK, outside.status)
	assert.Contains(t, outside.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
}

func TestIssuerKeepsTheAnswer(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard, acsNeverReturned)
	assert.Contains(t, asked.header.Get("Content-Security-Policy"), "connect-src 'self'")
	assert.Equal(t, http.StatusNoContent, asked.submit("data-challenge", nil).status)
	assert.Equal(t, http.StatusBadGateway, c.ask("result", startQuestion{Page: c.token}).status, "there is no result")
}

func TestMethodCallsBackLate(t *testing.T) {
	t.Parallel()                            // to wait beside the others
	l := startLab(t, Options{TimeScale: 4}) // the limit is 2.5 s
	s := newShopper(t, l)
	for fault, intime := range map[string]bool{methodLate: true, methodTooLate: false} {
		c := s.open("", fault)
		c.lookup(DefaultCard)
		ctx, cancel := context.WithTimeout(t.Context(), l.scaled(methodLimit))
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.start.ThreeDSMethodURL,
			strings.NewReader(url.Values{"threeDSMethodData": {c.start.ThreeDSMethodData}}.Encode()))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := s.client.Do(r)
		if intime {
			require.NoError(t, err)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			res.Body.Close()
			assert.Contains(t, string(body), "data-post")
		} else {
			require.ErrorIs(t, err, context.DeadlineExceeded)
			done := c.method()
			assert.Equal(t, "threeds.method", done.notification()["type"], "it does call back")
		}
		cancel()
		c.authenticate("N")
		assert.Equal(t, acs.StatusChallenge, c.pay.TransStatus)
	}
}

func TestMethodThatTheSilentPageNeverEnds(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", methodTimeoutFatal)
	c.lookup(DefaultCard)
	p := s.postForm(c.start.ThreeDSMethodURL, url.Values{"threeDSMethodData": {c.start.ThreeDSMethodData}})
	assert.Equal(t, http.StatusOK, p.status)
	assert.Nil(t, p.find("form", ""))
}

func TestIssuersResultContradictsItsCRes(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard, resultContradictsCRes)
	back := asked.submit("data-challenge", nil).submit("data-post", nil)
	assert.Equal(t, "Y", back.notification()["trans-status"])
	result := decode[resultAnswer](c.ask("result", startQuestion{Page: c.token}))
	assert.Equal(t, outcome{TransStatus: "N", TransStatusReason: "01"}, result.outcome)
	assert.False(t, result.Paid)
}

func TestIssuerDeclines(t *testing.T) {
	tests := map[string]outcome{
		declinedExpiredCard:    {TransStatus: "N", TransStatusReason: "05"},
		declinedTooManyTries:   {TransStatus: "N", TransStatusReason: "04"},
		declinedSuspectedFraud: {TransStatus: "R", TransStatusReason: "11"},
		declinedWrongNumber:    {TransStatus: "N", TransStatusReason: "06"},
		declinedNotPermitted:   {TransStatus: "R", TransStatusReason: "12"},
		declinedUnsupported:    {TransStatus: "N", TransStatusReason: "03"},
		declinedIssuerTrouble:  {TransStatus: "U", TransStatusReason: "22"},
	}
	s := newShopper(t, startLab(t, Options{}))
	for fault, want := range tests {
		c := s.toIssuer(fault)
		assert.Equal(t, want, c.pay.outcome, fault)
		assert.Empty(t, c.pay.ACSURL, fault)
		assert.False(t, c.pay.Paid, fault)
	}
}

func TestEveryVersionAndWindowSize(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	for i, version := range acs.Versions() {
		for j, size := range acs.WindowSizes() {
			number := "400000000000" + string(rune('1'+i)) + "040"
			c := s.open(number)
			c.lookup(number)
			p := c.ask("authenticate", payQuestion{
				Page: c.token, ThreeDSCompInd: "U", WindowSize: size,
				Browser: acs.Browser{
					Language: "sv", JavascriptEnabled: new(true), JavaEnabled: new(false),
					ColorDepth: "24", ScreenHeight: "900", ScreenWidth: "1440", TZ: "-60",
				},
			})
			c.pay = decode[payAnswer](p)
			pad := strings.Repeat("=", (4-len(c.pay.CReq)%4)%4*(j%2)) // every other CReq
			c.pay.CReq += pad
			asked := c.challenge()
			assert.Equal(t, string(size), attribute(asked.find("html", ""), "data-window"), "%s %s", version, size)
			back := asked.submit("data-challenge", nil).submit("data-post", nil)
			assert.Equal(t, "Y", back.notification()["trans-status"], "%s %s", version, size)
			assert.True(t, decode[resultAnswer](c.ask("result", startQuestion{Page: c.token})).Paid, "%s %s", version, size)
		}
	}
}

func TestCanaryIsOnTheHelper(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		l := startLab(t, o)
		s := newShopper(t, l)
		c := decode[acs.CanaryTransaction](s.do(http.MethodPost, l.origins.Helper+"/acs/canary", nil, nil))
		method := s.postForm(c.MethodURL, url.Values{"threeDSMethodData": {c.MethodData}}).submit("data-post", nil)
		assert.Equal(t, "method", method.notification()["step"])
		back := s.postForm(c.ACSURL, url.Values{"creq": {c.CReq}}).submit("data-challenge", nil).submit("data-post", nil)
		told := back.notification()
		assert.Equal(t, []string{"challenge", c.TransID, "Y"}, []string{told["step"], told["trans-id"], told["trans-status"]})
	})
}

// FuzzSpoilt holds that whatever comes in place of a CReq is left as it was,
// and that a spoilt one is rejected.
func FuzzSpoilt(f *testing.F) {
	good, err := acs.Wrap(acs.CReq{
		MessageType: "CReq", MessageVersion: "2.2.0", ThreeDSServerTransID: acs.NewTransactionID(),
		ACSTransID: acs.NewTransactionID(), ChallengeWindowSize: acs.Window250x400,
	})
	require.NoError(f, err)
	f.Add(good)
	f.Add(good + "==")
	f.Add("e30")
	f.Add("")
	f.Fuzz(func(t *testing.T, field string) {
		changed, ok := spoilt(field)
		if !ok {
			assert.Empty(t, changed)
			return
		}
		body, err := acs.Unwrap(changed)
		require.NoError(t, err)
		_, err = acs.Decode[acs.CReq](body, acs.ComponentACS)
		erro, _ := errors.AsType[*acs.Erro](err)
		require.NotNil(t, erro)
		assert.Equal(t, acs.CodeFormatInvalid, erro.ErrorCode)
	})
}
