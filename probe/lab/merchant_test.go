package lab

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/acs"
)

func TestPagesPolicyLacksWhatThePaymentNeeds(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	o := s.lab.origins
	tests := []struct{ fault, directive, lacks, healthy string }{
		{pageCSPFrameSrc, "frame-src", o.ACS, "https:"},
		{pageCSPFrameSrcRedirect, "frame-src", o.ACS2, "https:"},
		{pageCSPFormAction, "form-action", o.ACS, "'self' https:"},
		{pageCSPFormActionRedirect, "form-action", o.ACS2, "'self' https:"},
		{pageCSPScriptSrc, "script-src", o.ThreeDSServer, "'self' 'wasm-unsafe-eval' " + o.Diag},
		{pageCSPNoWasm, "script-src", "'wasm-unsafe-eval'", "'self' 'wasm-unsafe-eval' " + o.Diag},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			assert.Equal(t, tt.healthy, directive(s.open("").page, tt.directive))
			sources := strings.Fields(directive(s.open("", tt.fault).page, tt.directive))
			assert.NotContains(t, sources, "https:")
			assert.NotContains(t, sources, tt.lacks)
		})
	}
	redirects := directive(s.open("", pageCSPFrameSrcRedirect).page, "frame-src")
	assert.Equal(t, strings.Join([]string{o.Diag, o.Helper, o.ThreeDSServer, o.ACS}, " "), redirects)
	redirects = directive(s.open("", pageCSPFormActionRedirect).page, "form-action")
	assert.Equal(t, strings.Join([]string{"'self'", o.Helper, o.ThreeDSServer, o.ACS}, " "), redirects)
}

func TestStrictPolicyNamesWhatIsNeeded(t *testing.T) {
	modes(t, func(t *testing.T, options Options) {
		s := newShopper(t, startLab(t, options))
		o := s.lab.origins
		p := s.open("", pageCSPStrict).page
		nonce := attribute(p.find("script", ""), "nonce")
		require.NotEmpty(t, nonce)
		assert.Equal(t, "'nonce-"+nonce+"' 'strict-dynamic' 'wasm-unsafe-eval'", directive(p, "script-src"))
		assert.Equal(t, "'none'", directive(p, "object-src"))
		assert.Equal(t, strings.Join([]string{"'self'", o.ACS, o.ACS2, o.ThreeDSServer, o.Diag, o.Helper}, " "), directive(p, "frame-src"))
		assert.Equal(t, strings.Join([]string{"'self'", o.ACS, o.ACS2, o.Helper}, " "), directive(p, "form-action"))
		assert.Equal(t, strings.Join([]string{
			"'self'", o.Diag, o.Helper, o.ACS, o.ACS2, o.ThreeDSServer, socketOrigin(o.Diag), socketOrigin(o.Helper),
		}, " "), directive(p, "connect-src"))
		for n := range p.doc.Descendants() {
			if n.Data == "script" {
				assert.Equal(t, nonce, attribute(n, "nonce"), attribute(n, "src"))
			}
		}
		again := s.open("", pageCSPStrict).page
		assert.NotEqual(t, nonce, attribute(again.find("script", ""), "nonce"))
		assert.False(t, hasAttribute(s.open("").page.find("script", ""), "nonce"))
	})
}

func TestHeadersOfThePaymentPage(t *testing.T) {
	tests := []struct{ fault, header, value string }{
		{pageTrustedTypes, "Content-Security-Policy", "require-trusted-types-for 'script'"},
		{pageCOEPRequireCORP, "Cross-Origin-Embedder-Policy", "require-corp"},
		{pageCOEPCredentialless, "Cross-Origin-Embedder-Policy", "credentialless"},
		{pageOpenerPolicy, "Cross-Origin-Opener-Policy", "same-origin"},
		{popupOpenerPolicy, "Cross-Origin-Opener-Policy", "same-origin-allow-popups"},
		{pagePermissionsPolicy, "Permissions-Policy", "publickey-credentials-get=(), payment=()"},
	}
	s := newShopper(t, startLab(t, Options{}))
	healthy := s.open("").page
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			assert.Contains(t, s.open("", tt.fault).page.header.Values(tt.header), tt.value)
			assert.NotContains(t, healthy.header.Values(tt.header), tt.value)
		})
	}
	assert.Len(t, healthy.header.Values("Content-Security-Policy"), 1)
}

func TestPageIsToldWhatToDo(t *testing.T) {
	tests := []struct{ fault, setting, value, healthy string }{
		{frameSandboxNoForms, "frame-sandbox", "allow-scripts allow-same-origin", ""},
		{frameSandboxNoScripts, "frame-sandbox", "allow-forms allow-same-origin", ""},
		{frameSandboxNoSameOrigin, "frame-sandbox", "allow-forms allow-scripts", ""},
		{popupTooLate, "challenge-in", "late-popup", "frame"},
		{popupChallenge, "challenge-in", "popup", "frame"},
		{popupOpenerPolicy, "challenge-in", "popup", "frame"},
		{pageOpenerPolicy, "challenge-in", "popup", "frame"},
		{pageCSPScriptSrc, "provider", "https://tds.gateway.test/assets/provider.js", "/assets/provider.js"},
		{staleScript, "script", "/assets/pay-stable.js", "/assets/pay.js"},
		{frameTooSmall, "faults", "frame-too-small", ""},
		{acsSlow, "challenge-limit", "20000", "5000"},
	}
	s := newShopper(t, startLab(t, Options{TimeScale: 120}))
	healthy := s.open("")
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			assert.Equal(t, tt.value, s.open("", tt.fault).setting(tt.setting))
			assert.Equal(t, tt.healthy, healthy.setting(tt.setting))
		})
	}
	both := s.open("", framePremounted, framePermissions)
	assert.Equal(t, "frame-premounted frame-permissions", both.setting("faults"))
}

func TestProvidersScriptIsTheSameEverywhere(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	theirs := s.get(s.lab.origins.ThreeDSServer + pathProvider)
	assert.Equal(t, "*", theirs.header.Get("Access-Control-Allow-Origin"), "only the page's policy is in the way")
	assert.Contains(t, theirs.body, "export function describeBrowser")
	assert.Equal(t, s.get(s.lab.origins.Merchant+pathProvider).body, theirs.body)
}

func TestDiagnosticsAttributes(t *testing.T) {
	tests := []struct{ fault, attribute, value string }{
		{vantageElsewhere, "vantage", "https://doctor.diag.test/vantage?lab-country=BR"},
		{vantageDown, "vantage", "https://doctor.unresolvable.invalid/vantage"},
		{helperDown, "helper", "https://doctor.unresolvable.invalid"},
		{canaryDown, "canary", "https://doctor.unresolvable.invalid/acs"},
		{acsHTTP500Canary, "canary", "https://broken.issuer.test/acs"},
		{acsRedirectLoopCanary, "canary", "https://loop.issuer.test/acs"},
		{watched, "watch", ""},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			element := s.open("", tt.fault).page.find("checkout-doctor", tt.attribute)
			require.NotNil(t, element)
			assert.Equal(t, tt.value, attribute(element, tt.attribute))
		})
	}
}

func TestIssuerReadsTheNotificationURL(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", notificationTooLong)
	assert.Len(t, c.setting("notification-url"), 300)
	c.lookup(DefaultCard)
	c.authenticate("U")
	assert.Equal(t, acs.CodeFormatInvalid, c.pay.ErrorCode)
	assert.Empty(t, c.pay.TransStatus)
	assert.Empty(t, c.pay.ACSURL)
	assert.False(t, c.pay.Paid)
}

func TestChargeIsDeclinedAfterTheChallenge(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard, declinedInsufficientFunds)
	asked.submit("data-challenge", nil).submit("data-post", nil)
	result := decode[resultAnswer](c.ask("result", pageQuestion{c.token}))
	assert.Equal(t, resultAnswer{outcome: outcome{TransStatus: "Y"}, DeclineCode: "insufficient_funds"}, result)
}

func TestIssuersErrorReachesThePage(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, _ := s.upToChallenge(DefaultCard)
	problem := func() problemAnswer { return decode[problemAnswer](c.ask("problem", pageQuestion{c.token})) }
	assert.Empty(t, problem())

	told := s.postJSON(s.lab.origins.ThreeDSServer+pathRReq, acs.UnknownTransaction(acs.ComponentACS, "CReq", "acsTransID", c.start.ThreeDSServerTransID))
	assert.Equal(t, http.StatusOK, told.status)
	assert.Empty(t, told.body, "an Erro is not answered with a message")
	assert.Equal(t, problemAnswer{acs.CodeUnknownID}, problem())
	assert.Equal(t, http.StatusNotFound, s.get(s.lab.origins.ThreeDSServer+pathProblem+"none").status)
}

// comeBack pays until the browser is back at the notification page.
func (s *shopper) comeBack(faults ...string) (*checkout, *page) {
	s.t.Helper()
	c, asked := s.upToChallenge(DefaultCard, faults...)
	return c, asked.submit("data-challenge", nil).submit("data-post", nil)
}

func TestNotificationOfTheMerchantsOwn(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		s := newShopper(t, startLab(t, o))
		c, back := s.comeBack(notificationMerchant)
		assert.Equal(t, c.setting("notification-url"), back.url.String())
		assert.Equal(t, s.lab.origins.Merchant+"/3ds/return?page="+c.token, back.url.String())
		require.Equal(t, http.StatusOK, back.status, back.body)
		assert.Equal(t, map[string]string{
			"type": "threeds.challenge", "three-ds-server-trans-id": c.start.ThreeDSServerTransID,
			"trans-status": "Y", "target": s.lab.origins.Merchant,
		}, back.notification())
		assert.Empty(t, back.header.Get("X-Frame-Options"))
		assert.True(t, decode[resultAnswer](c.ask("result", pageQuestion{c.token})).Paid)

		forged := s.postForm(back.url.String(), url.Values{"cres": {"e30"}})
		assert.Equal(t, http.StatusBadRequest, forged.status, "the 3DS Server reads it")
		assert.Contains(t, forged.body, "messageType is not CRes")
	})
}

func TestNotificationNeedsACookieThatDoesNotCome(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard, notificationSessionLost)
	final := asked.submit("data-challenge", nil)
	assert.Equal(t, http.StatusOK, final.submit("data-post", nil).status, "with the cookie it would do")

	s.client.Jar = nil // as in a post from another site: the cookie is Lax
	back := final.submit("data-post", nil)
	assert.Equal(t, http.StatusForbidden, back.status)
	assert.Nil(t, back.find("script", ""))
	assert.Equal(t, s.lab.origins.Merchant, attribute(back.find("body", ""), "data-target"))
	assert.Equal(t, s.lab.origins.Merchant+"/3ds/return?page="+c.token, back.url.String())
}

func TestNotificationForbidsFraming(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, back := s.comeBack(notificationFrameOptions)
	looked := s.do(http.MethodHead, c.setting("notification-url"), nil, nil)
	for _, p := range []*page{back, looked, s.get(c.setting("notification-url"))} {
		assert.Equal(t, http.StatusOK, p.status)
		assert.Equal(t, "DENY", p.header.Get("X-Frame-Options"))
		assert.NotContains(t, p.header.Get("Content-Security-Policy"), "frame-ancestors", "it would override the other")
	}
	other := s.get(s.open("", notificationMerchant).setting("notification-url"))
	assert.Empty(t, other.header.Get("X-Frame-Options"))
	assert.Equal(t, s.lab.origins.Merchant, directive(other, "frame-ancestors"))
}

func TestNotificationAnswersWithAnError(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, back := s.comeBack(notificationError)
	assert.Equal(t, http.StatusInternalServerError, back.status)
	assert.Nil(t, back.find("script", ""))
	assert.True(t, decode[resultAnswer](c.ask("result", pageQuestion{c.token})).Paid, "the issuer's result came")
}

func TestNotificationIsToldTwice(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	_, back := s.comeBack(notificationTwice)
	assert.Equal(t, "yes", back.notification()["twice"])
	assert.Equal(t, "Y", back.notification()["trans-status"])
	_, healthy := s.comeBack()
	assert.NotContains(t, healthy.notification(), "twice")
}

func TestWhatTheNotificationTells(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	t.Run(messageWrongTransaction, func(t *testing.T) {
		c, back := s.comeBack(messageWrongTransaction)
		told := back.notification()
		assert.NotEqual(t, c.start.ThreeDSServerTransID, told["three-ds-server-trans-id"])
		assert.Len(t, told["three-ds-server-trans-id"], len(c.start.ThreeDSServerTransID))
	})
	t.Run(messageMalformed, func(t *testing.T) {
		_, back := s.comeBack(messageMalformed)
		told := back.notification()
		assert.Empty(t, told["trans-status"])
		body, _ := acs.Unwrap(told["cres"])
		_, err := acs.Decode[acs.CRes](body, acs.ComponentServer)
		assert.Error(t, err)
	})
	for _, fault := range []string{messagePadded, cresPadded} {
		t.Run(fault, func(t *testing.T) {
			c, back := s.comeBack(fault)
			told := back.notification()
			assert.Empty(t, told["trans-status"])
			assert.True(t, strings.HasSuffix(told["cres"], "="), told["cres"])
			body, err := acs.Unwrap(told["cres"])
			require.NoError(t, err)
			cres, err := acs.Decode[acs.CRes](body, acs.ComponentServer)
			require.NoError(t, err)
			assert.Equal(t, c.start.ThreeDSServerTransID, cres.ThreeDSServerTransID)
		})
	}
}

func TestMethodTimeOutThatIsFatalIsThePagesMistake(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("", methodTimeoutFatal)
	assert.Equal(t, "method-timeout-fatal", c.setting("faults"))
	c.lookup(DefaultCard)
	p := s.postForm(c.start.ThreeDSMethodURL, url.Values{"threeDSMethodData": {c.start.ThreeDSMethodData}})
	assert.Nil(t, p.find("form", ""), "the method never calls back")
}
