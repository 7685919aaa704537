package lab

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
)

func TestFaultsNameACauseEach(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Faults() {
		assert.False(t, seen[f.Code], f.Code)
		seen[f.Code] = true
		assert.NotEmpty(t, f.Title, f.Code)
		if f.Gives == "" {
			continue // a harmless variant
		}
		_, known := diagnosis.Lookup(f.Gives)
		assert.True(t, known, "%s gives %s", f.Code, f.Gives)
	}
}

func TestFaultThatIsNotThereIsNamed(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	p := s.get(s.lab.PayURL("", []string{acsHang, "acs-hnag"}))
	assert.Equal(t, http.StatusBadRequest, p.status)
	assert.Contains(t, p.body, `unknown fault "acs-hnag"`)
	assert.Contains(t, p.body, vantageElsewhere, "the known ones are listed")
}

func TestFaultThatNeedsHTTPSIsRefusedWithoutIt(t *testing.T) {
	s := newShopper(t, startLab(t, Options{PlainHTTPLocalhost: true}))
	p := s.get(s.lab.PayURL("", []string{acsNeedsCookie}))
	assert.Equal(t, http.StatusBadRequest, p.status)
	assert.Contains(t, p.body, "fault acs-needs-cookie needs HTTPS: a SameSite=None cookie must be Secure")
}

func TestFaultIsForItsPageAlone(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	_, broken := s.upToChallenge(DefaultCard, acsHTTP500)
	assert.Equal(t, http.StatusInternalServerError, broken.status)
	_, healthy := s.upToChallenge(DefaultCard)
	assert.Equal(t, http.StatusOK, healthy.status)
}

func TestIssuerForbidsFraming(t *testing.T) {
	tests := []struct{ fault, header, value string }{
		{acsFrameOptions, "X-Frame-Options", "DENY"},
		{acsFrameAncestors, "Content-Security-Policy", "frame-ancestors 'none'"},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			c, asked := s.upToChallenge(DefaultCard, tt.fault)
			looked := s.get(c.pay.ACSURL)
			for _, p := range []*page{asked, looked} {
				assert.Equal(t, http.StatusOK, p.status)
				assert.Contains(t, p.header.Values(tt.header), tt.value)
			}
		})
	}
	_, healthy := s.upToChallenge(DefaultCard)
	assert.Empty(t, healthy.header.Get("X-Frame-Options"))
	assert.NotContains(t, strings.Join(healthy.header.Values("Content-Security-Policy"), ","), "frame-ancestors")
}

func TestIssuerDoesNotResolve(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", acsDNS)
	c.lookup(DefaultCard)
	c.authenticate("U")
	assert.Equal(t, "acs.unresolvable.invalid", hostOf(c.pay.ACSURL))
}

func TestIssuerHangs(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", acsHang)
	c.lookup(DefaultCard)
	c.authenticate("U")
	assert.Equal(t, http.StatusOK, s.get(s.lab.origins.ACS+"/").status, "other paths answer")

	for _, method := range []string{http.MethodPost, http.MethodGet} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		r, err := http.NewRequestWithContext(ctx, method, c.pay.ACSURL, strings.NewReader(url.Values{"creq": {c.pay.CReq}}.Encode()))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		_, err = s.client.Do(r)
		assert.ErrorIs(t, err, context.DeadlineExceeded, method)
		cancel()
	}
}

func TestIssuerAnswersWithAnError(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard, acsHTTP500)
	assert.Equal(t, http.StatusInternalServerError, asked.status)
	assert.Equal(t, http.StatusInternalServerError, s.get(c.pay.ACSURL).status)
}

func TestIssuerInsistsOnACookie(t *testing.T) {
	t.Run("kept", func(t *testing.T) {
		s := newShopper(t, startLab(t, Options{}))
		_, asked := s.upToChallenge(DefaultCard, acsNeedsCookie)
		back := asked.submit("data-challenge", nil).submit("data-post", nil)
		assert.Equal(t, "Y", back.notification()["trans-status"])
	})
	t.Run("refused", func(t *testing.T) {
		s := newShopper(t, startLab(t, Options{}))
		c := s.open("", acsNeedsCookie)
		c.lookup(DefaultCard)
		c.authenticate("U")
		var cookie *http.Cookie
		s.client.Jar = nil
		s.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			var err error
			cookie, err = http.ParseSetCookie(r.Response.Header.Get("Set-Cookie"))
			return err
		}
		asked := c.challenge()
		assert.Contains(t, asked.body, "Cookies are needed")
		assert.Nil(t, asked.find("form", ""), "there is no way on")
		require.NotNil(t, cookie)
		assert.True(t, cookie.Secure)
		assert.Equal(t, http.SameSiteNoneMode, cookie.SameSite)
		assert.False(t, cookie.Partitioned)
	})
}

// directive returns a directive's sources in a page's policy.
func directive(p *page, name string) string {
	for d := range strings.SplitSeq(p.header.Get("Content-Security-Policy"), "; ") {
		if sources, ok := strings.CutPrefix(d, name+" "); ok {
			return sources
		}
	}
	return ""
}

func TestMethodNeverCallsBack(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", methodTimeout)
	c.lookup(DefaultCard)
	p := s.postForm(c.start.ThreeDSMethodURL, url.Values{"threeDSMethodData": {c.start.ThreeDSMethodData}})
	assert.Equal(t, http.StatusOK, p.status)
	assert.Nil(t, p.find("form", ""))
	c.authenticate("N")
	assert.Equal(t, "C", string(c.pay.TransStatus), "the payment goes on")
}

func TestNotificationIsSilent(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard, notificationSilent)
	back := asked.submit("data-challenge", nil).submit("data-post", nil)
	assert.Equal(t, http.StatusOK, back.status)
	assert.Nil(t, back.find("script", ""))
	assert.True(t, decode[resultAnswer](c.ask("result", startQuestion{Page: c.token})).Paid, "the issuer's result came")
}

func TestOldBuildCallsWhatWasRemoved(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	now, old := s.get(s.lab.origins.Merchant+pathScript), s.get(s.lab.origins.Merchant+"/assets/"+oldScriptAsset)
	assert.Contains(t, now.body, `const api = "/pay";`)
	assert.Contains(t, now.body, `const build = "2026.10.2";`)
	assert.Contains(t, old.body, `const api = "/pay/v1";`)
	assert.NotEqual(t, now.header.Get("ETag"), old.header.Get("ETag"))
	assert.Equal(t, http.StatusGone, s.postJSON(s.lab.origins.Merchant+"/pay/v1/start", startQuestion{}).status)
}

func TestHTTPCacheHoldsTheOldScript(t *testing.T) {
	l := startLab(t, Options{})
	address := l.origins.Merchant + pathStableScript
	s := newShopper(t, l)
	assert.Contains(t, s.get(address).body, newBuild.id, "without the fault there is no old answer")

	assert.Contains(t, s.open("", staleScript).page.body, `src="/assets/pay-stable.js"`)
	head := s.do(http.MethodHead, address, nil, nil)
	first := s.get(address)
	assert.Contains(t, first.body, oldBuild.id)
	assert.Equal(t, "max-age=31536000", first.header.Get("Cache-Control"))
	assert.Equal(t, "*", first.header.Get("Access-Control-Allow-Origin"))
	second := s.get(address)
	assert.Contains(t, second.body, newBuild.id)
	assert.Equal(t, head.header.Get("ETag"), second.header.Get("ETag"), "a look at the head is not the first answer")
	assert.NotEqual(t, first.header.Get("ETag"), second.header.Get("ETag"))

	s.open("", staleScript)
	assert.Contains(t, s.get(address).body, newBuild.id, "once for each browser")
	other := newShopper(t, l)
	other.open("", staleScript)
	assert.Contains(t, other.get(address).body, oldBuild.id, "for each browser")
	unchanged := s.do(http.MethodGet, address, http.Header{"If-None-Match": {second.header.Get("ETag")}}, nil)
	assert.Equal(t, http.StatusNotModified, unchanged.status)
}

func TestWindowIsOpenedTooLate(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", popupTooLate)
	assert.Equal(t, "late-popup", c.setting("challenge-in"))

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	body := strings.NewReader(`{"page":"` + c.token + `","card":"` + DefaultCard + `"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.lab.origins.Merchant+"/pay/start", body)
	require.NoError(t, err)
	_, err = s.client.Do(r)
	assert.ErrorIs(t, err, context.DeadlineExceeded, "the lookup is late")
}

func TestVantageIsElsewhere(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	vantage := func(c *checkout) string { return attribute(c.page.find("checkout-doctor", ""), "vantage") }
	assert.Equal(t, "https://doctor.diag.test/vantage", vantage(s.open("")))
	elsewhere := vantage(s.open("", vantageElsewhere))
	assert.Equal(t, "https://doctor.diag.test/vantage?lab-country=BR", elsewhere)

	for address, country := range map[string]string{elsewhere: "BR", "https://doctor.diag.test/vantage": ""} {
		header := http.Header{"Content-Type": {"text/plain"}, "Origin": {s.lab.origins.Merchant}}
		p := s.do(http.MethodPost, address, header, strings.NewReader(`{"zone":"Europe/Stockholm"}`))
		require.Equal(t, http.StatusOK, p.status, p.body)
		assert.Equal(t, country, decode[map[string]any](p)["country"], address)
	}
}

func FuzzParseFaults(f *testing.F) {
	f.Add("", false)
	f.Add("acs-hang,acs-dns", false)
	f.Add("acs-needs-cookie", true)
	f.Add(",,", false)
	f.Fuzz(func(t *testing.T, value string, plain bool) {
		set, err := parseFaults(value, plain)
		if err != nil {
			return
		}
		for _, code := range set {
			fault, known := findFault(code)
			assert.True(t, known)
			assert.False(t, plain && fault.needsHTTPS != "")
		}
	})
}
