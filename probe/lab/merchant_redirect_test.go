package lab

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// returned reads what the server told the payment page that it came back to.
func (p *page) returned() returned {
	html := p.find("html", "")
	return returned{attribute(html, "data-returned"), attribute(html, "data-session"), attribute(html, "data-outcome")}
}

func TestChallengeTakesThePagesPlace(t *testing.T) {
	const authenticated = `{"transStatus":"Y","paid":true}`
	tests := []struct {
		symptom, fault string
		answer         url.Values // of the user
		cookieComes    bool
		want           returned
	}{
		{"by token", redirectChallenge, nil, false, returned{"paid", "", authenticated}},
		{"by token, with the cookie", redirectChallenge, nil, true, returned{"paid", "present", authenticated}},
		{"by token, cancelled", redirectChallenge, url.Values{"cancel": {"01"}}, false,
			returned{"failed", "", `{"transStatus":"N","transStatusReason":"01","paid":false}`}},
		{"by the session", sameSiteLost, nil, true, returned{"paid", "present", authenticated}},
		{"by the session, whose cookie is kept back", sameSiteLost, nil, false, returned{"failed", "missing", ""}},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			c, asked := s.upToChallenge(DefaultCard, tt.fault)
			assert.Equal(t, "page", c.setting("challenge-in"))
			final := asked.submit("data-challenge", tt.answer)
			if !tt.cookieComes {
				final.s = s.withoutCookies() // as in a post from another site: the cookie is Lax
			}
			back := final.submit("data-post", nil)
			require.Equal(t, http.StatusOK, back.status, back.body)
			assert.Equal(t, c.setting("notification-url"), back.url.String())
			assert.Equal(t, tt.want, back.returned())
			assert.Equal(t, c.token, attribute(back.find("html", ""), "data-page"))
			assert.Equal(t, DefaultCard, attribute(back.find("input", "name"), "value"))
			assert.NotNil(t, back.find("checkout-doctor", "record"))
			assert.NotEmpty(t, back.header.Get("Content-Security-Policy"))
			assert.Empty(t, back.header.Values("Set-Cookie"), "it would replace the session")
			assert.Equal(t, http.StatusOK, c.control().status, "the session is there all the same")
		})
	}
	assert.Equal(t, returned{}, s.open("", sameSiteLost).page.returned())
}

func TestReturnWithACResThatIsNoneHasFailed(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	c, _ := s.upToChallenge(DefaultCard, redirectChallenge)
	back := s.postForm(c.setting("notification-url"), url.Values{"cres": {"e30"}})
	assert.Equal(t, returned{State: "failed", Session: "present"}, back.returned())
}

func TestChargeIsDeclinedAfterTheRedirect(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	_, back := s.comeBack(redirectChallenge, declinedInsufficientFunds)
	assert.Equal(t, returned{"failed", "present", `{"transStatus":"Y","paid":false,"declineCode":"insufficient_funds"}`}, back.returned())
}
