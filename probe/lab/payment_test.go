package lab

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/acs"
)

// modes are the two ways in which a lab can be reached.
func modes(t *testing.T, test func(t *testing.T, o Options)) {
	t.Run("https", func(t *testing.T) { test(t, Options{}) })
	t.Run("plain http on localhost", func(t *testing.T) { test(t, Options{PlainHTTPLocalhost: true}) })
}

func TestWholePaymentWithMethodAndChallenge(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		s := newShopper(t, startLab(t, o))
		c := s.open("")
		c.lookup(DefaultCard)
		assert.Equal(t, "2.1.0", c.start.ACSStartProtocolVersion)
		assert.Equal(t, "2.2.0", c.start.ACSEndProtocolVersion)

		done := c.method()
		require.Equal(t, http.StatusOK, done.status, done.body)
		assert.Equal(t, map[string]string{
			"type": "threeds.method", "three-ds-server-trans-id": c.start.ThreeDSServerTransID,
			"trans-status": "", "target": s.lab.origins.Merchant,
		}, done.notification())

		c.authenticate("Y")
		assert.False(t, c.pay.Paid, "nothing is paid before the challenge")
		assert.Equal(t, http.StatusBadGateway, c.ask("result", startQuestion{Page: c.token}).status, "no result before the RReq")

		asked := c.challenge()
		require.NotNil(t, asked.find("form", "data-challenge"), asked.body)
		wrong := asked.submit("data-challenge", url.Values{"code": {"0000"}})
		assert.Contains(t, wrong.body, "That code is not right")
		back := wrong.submit("data-challenge", nil).submit("data-post", nil)
		require.Equal(t, http.StatusOK, back.status, back.body)
		assert.Equal(t, map[string]string{
			"type": "threeds.challenge", "three-ds-server-trans-id": c.start.ThreeDSServerTransID,
			"trans-status": "Y", "target": s.lab.origins.Merchant,
		}, back.notification())
		assert.NotNil(t, back.find("script", "src"))

		result := decode[resultAnswer](c.ask("result", startQuestion{Page: c.token}))
		assert.Equal(t, resultAnswer{outcome: outcome{TransStatus: "Y"}, Paid: true}, result)
	})
}

func TestCardChoosesTheOutcomeOfTheAReq(t *testing.T) {
	tests := []struct {
		card   string
		status acs.TransStatus
		reason string
		paid   bool
	}{
		{"4000000000001000", "Y", "", true},
		{"4000000000002000", "Y", "", true},
		{"4000000000003000", "Y", "", true},
		{"4000000000002010", "N", "01", false},
		{"4000000000002020", "U", "22", false},
		{"4000000000002030", "A", "", true},
		{"4000000000002040", "C", "", false},
		{"4000000000002050", "R", "11", false},
		{"4000000000002060", "D", "", false},
		{"4000000000003070", "I", "", true},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.card, func(t *testing.T) {
			c := s.open(tt.card)
			c.lookup(tt.card)
			assert.Empty(t, c.start.ThreeDSMethodURL)
			c.authenticate("U")
			assert.Equal(t, outcome{TransStatus: tt.status, TransStatusReason: tt.reason}, c.pay.outcome)
			assert.Equal(t, tt.paid, c.pay.Paid)
			assert.Equal(t, tt.status == "C", c.pay.ACSURL != "")
		})
	}
}

func TestChallengeThatDoesNotAuthenticate(t *testing.T) {
	tests := []struct {
		symptom, card string
		answer        url.Values
	}{
		{"issuer says no", "4000000000002141", nil},
		{"cancelled", DefaultCard, url.Values{"cancel": {"01"}}},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			c, asked := s.upToChallenge(tt.card)
			back := asked.submit("data-challenge", tt.answer).submit("data-post", nil)
			assert.Equal(t, "N", back.notification()["trans-status"])
			result := decode[resultAnswer](c.ask("result", startQuestion{Page: c.token}))
			assert.Equal(t, resultAnswer{outcome: outcome{TransStatus: "N", TransStatusReason: "01"}}, result)
		})
	}
}

func TestStatusThatTheVersionLacksBreaksThePayment(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("4000000000001060")
	c.lookup("4000000000001060") // 2.1.0 knows no D
	p := c.tryAuthenticate("U")
	assert.Equal(t, http.StatusBadGateway, p.status)
	assert.Contains(t, p.body, "erro 203 of component S on ARes")
}

func TestCardThatChoosesNothing(t *testing.T) {
	tests := []struct{ symptom, number, err string }{
		{"empty", "", "card number has 0 characters, wanted 13 to 19"},
		{"too long", "40000000000000002140", "card number has 20 characters"},
		{"letters", "400000000000214O", `card number has a 'O' in it`},
		{"version 0", "4000000000000140", "digit 1 of the card's last four is 0, wanted 1 to 3"},
		{"version 4", "4000000000004140", "digit 1 of the card's last four is 4, wanted 1 to 3"},
		{"method 2", "4000000000002240", "digit 2 of the card's last four is 2, wanted 0 to 1"},
		{"status 8", "4000000000002180", "digit 3 of the card's last four is 8, wanted 0 to 7"},
		{"outcome 2", "4000000000002142", "digit 4 of the card's last four is 2, wanted 0 to 1"},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			c := s.open(DefaultCard)
			p := c.ask("start", startQuestion{c.token, tt.number})
			assert.Equal(t, http.StatusBadGateway, p.status)
			assert.Contains(t, decode[problem](p).Error, tt.err)
		})
	}
}

func TestPayingNeedsTheSessionsCookie(t *testing.T) {
	l := startLab(t, Options{})
	c := newShopper(t, l).open("")
	stranger := newShopper(t, l)
	stranger.open("") // has a session, but not this page
	for symptom, tt := range map[string]struct {
		s      *shopper
		status int
	}{
		"no cookie":       {newShopper(t, l), http.StatusUnauthorized},
		"another session": {stranger, http.StatusForbidden},
	} {
		t.Run(symptom, func(t *testing.T) {
			for _, call := range []string{"start", "authenticate", "result", "problem"} {
				p := tt.s.postJSON(l.origins.Merchant+"/pay/"+call, map[string]string{"page": c.token, "card": DefaultCard})
				assert.Equal(t, tt.status, p.status, call)
			}
		})
	}
}

func TestSessionCookie(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		p := newShopper(t, startLab(t, o)).open("").page
		cookie, err := http.ParseSetCookie(p.header.Get("Set-Cookie"))
		require.NoError(t, err)
		assert.True(t, cookie.HttpOnly)
		assert.Equal(t, !o.PlainHTTPLocalhost, cookie.Secure)
		assert.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
	})
}

func TestNotificationThatBelongsToNoPayment(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard)
	final := asked.submit("data-challenge", nil)
	stranger, err := acs.Wrap(acs.CRes{
		MessageType: "CRes", MessageVersion: "2.2.0", ThreeDSServerTransID: c.start.ThreeDSServerTransID,
		ACSTransID: acs.NewTransactionID(), ChallengeCompletionInd: "Y", TransStatus: "Y",
	})
	require.NoError(t, err)
	tests := []struct {
		symptom string
		change  url.Values
		problem string
	}{
		{"no base64", url.Values{"cres": {"?"}}, "decoding base64url"},
		{"no message", url.Values{"cres": {"e30"}}, "messageType is not CRes"},
		{"other transaction", url.Values{"cres": {stranger}}, "belongs to no transaction"},
		{"other session data", url.Values{"threeDSSessionData": {"eA"}}, "not what the CReq came with"},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			p := final.submit("data-post", tt.change)
			assert.Equal(t, http.StatusBadRequest, p.status)
			assert.Contains(t, p.body, tt.problem)
			assert.Nil(t, p.find("script", ""), "tells the page nothing")
		})
	}
	p := s.postForm(s.lab.origins.ThreeDSServer+pathMethodNotify, url.Values{"threeDSMethodData": {"e30"}})
	assert.Equal(t, http.StatusBadRequest, p.status)
}

func TestResultIsTakenOnce(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, asked := s.upToChallenge(DefaultCard)
	asked.submit("data-challenge", nil)
	creq, err := acs.Unwrap(c.pay.CReq)
	require.NoError(t, err)
	sent, err := acs.Decode[acs.CReq](creq, acs.ComponentServer)
	require.NoError(t, err)
	again := acs.RReq{
		MessageType: "RReq", MessageVersion: "2.2.0", MessageCategory: "01", InteractionCounter: "01",
		ThreeDSServerTransID: c.start.ThreeDSServerTransID, ACSTransID: sent.ACSTransID, DSTransID: acs.NewTransactionID(),
		TransStatus: "N", TransStatusReason: "01",
	}
	unknown := again
	unknown.ThreeDSServerTransID = acs.NewTransactionID()
	for symptom, rreq := range map[string]acs.RReq{"second": again, "unknown": unknown} {
		t.Run(symptom, func(t *testing.T) {
			erro := decode[acs.Erro](s.postJSON(s.lab.origins.ThreeDSServer+pathRReq, rreq))
			assert.Equal(t, acs.CodeUnknownID, erro.ErrorCode)
			assert.Equal(t, acs.ComponentServer, erro.ErrorComponent)
		})
	}
	assert.True(t, decode[resultAnswer](c.ask("result", startQuestion{Page: c.token})).Paid, "the first stays")
}

func TestSecondHostOfTheIssuerAnswersTheChallenge(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c := s.open("")
	c.lookup(DefaultCard)
	c.authenticate("U")
	moved, err := url.Parse(c.pay.ACSURL)
	require.NoError(t, err)
	moved.Host = hostOf(s.lab.origins.ACS2)
	c.pay.ACSURL = moved.String()
	back := c.challenge().submit("data-challenge", nil).submit("data-post", nil)
	assert.Equal(t, "Y", back.notification()["trans-status"])
}

func FuzzParseCard(f *testing.F) {
	f.Add(DefaultCard)
	f.Add("")
	f.Add("４000000000002140")
	f.Fuzz(func(t *testing.T, number string) {
		c, err := parseCard(number)
		if err != nil {
			return
		}
		assert.Contains(t, acs.Versions(), c.version)
		assert.Contains(t, statusDigits, c.status)
		assert.Contains(t, statusDigits[:2], c.outcome)
	})
}
