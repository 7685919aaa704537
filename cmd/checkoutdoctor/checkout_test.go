package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/fault"
	"checkoutdoctor/probe/lab"
)

func TestANetworkFaultConcernsTheHostsOfItsRole(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{})
	require.NoError(t, err)
	defer l.Close()
	c, err := newCheckout(l)
	require.NoError(t, err)
	o, provider := l.Origins(), l.ProviderOrigins()
	all := append([]string{o.Merchant, o.ACS, o.ACS2, o.Diag, o.Helper}, provider...)
	for code, concerned := range map[string][]string{
		"forward-proxy":     nil,
		"acs-refused":       {o.ACS},
		"provider-refused":  provider,
		"provider-one-host": provider[1:],
		"ours-refused":      {o.Diag, o.Helper},
		"portal-untrusted":  all,
	} {
		t.Run(code, func(t *testing.T) {
			proxy, err := c.Proxy(t.Context(), code)
			require.NoError(t, err)
			defer proxy.Close()
			proxy.Switch(true)
			client := through(t, proxy, l.CAPEM())
			defer client.CloseIdleConnections()
			for _, origin := range all {
				response, err := client.Get(origin + "/robots.txt")
				assert.Equal(t, slices.Contains(concerned, origin), err != nil, "%s: %v", origin, err)
				if err == nil {
					require.NoError(t, response.Body.Close())
				}
			}
		})
	}
	assert.Equal(t, []string{o.Helper}, c.origins(fault.AtHelper))
	assert.Equal(t, []string{o.Diag}, c.origins(fault.AtDiagnostic))
	_, err = c.Proxy(t.Context(), "none")
	assert.EqualError(t, err, "there is no network fault none")
}

// through returns a client whose requests go through the proxy.
func through(t *testing.T, proxy probe.Proxy, authorities []byte) *http.Client {
	t.Helper()
	address, err := url.Parse(proxy.URL())
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(authorities))
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(address), TLSClientConfig: &tls.Config{RootCAs: roots}}}
}
