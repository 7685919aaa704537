package lab

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestThePageNamesThePaymentProvidersOrigins(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	assert.Equal(t, "https://tds.gateway.test https://js.gateway.test", s.open("").setting("provider-origins"))
	assert.Equal(t, "https://tds.gateway.test https://js-gone.gateway.test", s.open("", providerDNS).setting("provider-origins"))
	for _, origin := range s.lab.ProviderOrigins() {
		p := s.get(origin + "/")
		assert.Equal(t, http.StatusNoContent, p.status, origin)
		assert.Equal(t, "cross-origin", p.header.Get("Cross-Origin-Resource-Policy"), "a page with COEP may ask, too")
		assert.Contains(t, s.lab.Hosts(), hostOf(origin), "the browser has to map it")
	}
	assert.Equal(t, http.StatusOK, s.get(providerScripts+pathProvider).status)
	assert.NotContains(t, s.lab.Hosts(), LostHost, "nothing may map it")
	assert.Equal(t, http.StatusMisdirectedRequest, s.get(lostProvider).status, "the lab has no such host")
}

func TestWithoutHTTPSThePaymentProviderHasOneOrigin(t *testing.T) {
	s := newShopper(t, startLab(t, Options{PlainHTTPLocalhost: true}))
	assert.Equal(t, s.lab.origins.ThreeDSServer, s.open("").setting("provider-origins"))
	p := s.get(s.lab.PayURL("", []string{providerDNS}))
	assert.Contains(t, p.body, "fault provider-dns needs HTTPS: 127.0.0.1 has no hosts beside it")
}
