package lab

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestResetLink(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		s := newShopper(t, startLab(t, o))
		c := s.open("", stalePage)
		for _, address := range []string{
			s.lab.PayURL("", []string{stalePage}) + "&reset_cache=1",
			attribute(c.page.find("checkout-doctor", ""), "ads-manager-url") + "&reset_cache=1",
		} {
			p := s.get(address)
			assert.Equal(t, http.StatusOK, p.status)
			assert.Equal(t, `"cache"`, p.header.Get("Clear-Site-Data"))
			assert.Equal(t, "no-store", p.header.Get("Cache-Control"))
			assert.Empty(t, p.header.Values("Set-Cookie"), "the session stays")
			assert.Equal(t, "/assets/reset.js", attribute(p.find("script", ""), "src"))
			assert.Equal(t, "resetting", attribute(p.find("html", ""), "data-state"))
		}
		c.lookup(DefaultCard)
		assert.NotNil(t, s.get(s.lab.PayURL("", nil)+"&reset_cache=0").find("checkout-doctor", ""), "another value asks for the page")
	})
}

func TestSiteDataAreClearedByPost(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	address := s.lab.origins.Merchant + pathClear
	assert.Equal(t, "/repair/clear-site-data", pathClear, "it is what the page hands in")
	for kind, status := range map[string]int{"cache": http.StatusNoContent, "storage": http.StatusNoContent, "cookies": http.StatusBadRequest} {
		p := s.do(http.MethodPost, address+"?data="+kind, http.Header{"Sec-Fetch-Site": {"same-origin"}}, nil)
		assert.Equal(t, status, p.status, kind)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, s.get(address+"?data=cache").status)
	foreign := s.do(http.MethodPost, address+"?data=cache", http.Header{"Sec-Fetch-Site": {"cross-site"}}, nil)
	assert.Equal(t, http.StatusForbidden, foreign.status)
}
