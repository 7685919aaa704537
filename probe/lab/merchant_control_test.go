package lab

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// control asks what the page's diagnostic asks of its server.
func (c *checkout) control() *page {
	c.s.t.Helper()
	return c.s.get(c.s.lab.origins.Merchant + c.setting("control-url"))
}

// withoutCookies is the same browser where a request leaves the cookies out.
func (s *shopper) withoutCookies() *shopper {
	client := *s.client
	client.Jar = nil
	return &shopper{s.t, s.lab, &client}
}

func TestControlAnswersAsThePaymentCallsDo(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		l := startLab(t, o)
		c := newShopper(t, l).open("")
		there := c.control()
		require.Equal(t, http.StatusOK, there.status, there.body)
		assert.Equal(t, controlAnswer{newBuild.id}, decode[controlAnswer](there))
		assert.Equal(t, "no-store", there.header.Get("Cache-Control"))
		assert.Equal(t, http.StatusOK, c.s.get(l.origins.Merchant+pathControl).status, "of no page")

		bare := c.s.withoutCookies().get(l.origins.Merchant + c.setting("control-url"))
		assert.Equal(t, http.StatusUnauthorized, bare.status)
		assert.Empty(t, bare.header.Values("Set-Cookie"))
		stranger := newShopper(t, l)
		stranger.open("")
		assert.Equal(t, http.StatusForbidden, stranger.get(l.origins.Merchant+c.setting("control-url")).status)
	})
}
