package lab

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage"
)

func TestTheVantageIsToldWhereTheUserIs(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	for name, test := range map[string]struct {
		there   vantage.Place
		faults  []string
		vantage string
	}{
		"nowhere":                  {vantage.Place{}, nil, "https://doctor.diag.test/vantage"},
		"in a country":             {vantage.Place{Country: "IN"}, nil, "https://doctor.diag.test/vantage?lab-country=IN"},
		"there, in a data centre":  {vantage.Place{Country: "IN", Kind: vantage.Hosting}, nil, "https://doctor.diag.test/vantage?lab-country=IN&lab-kind=hosting"},
		"there, with a slow clock": {vantage.Place{Country: "IN"}, []string{clockBehind}, "https://doctor.diag.test/vantage?lab-time=-48h0m0s&lab-country=IN"},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.get(s.lab.PayURLFrom(test.there, "", test.faults))
			require.Equal(t, http.StatusOK, p.status, p.body)
			assert.Equal(t, test.vantage, attribute(p.find("checkout-doctor", ""), "vantage"))
		})
	}
}

func TestALinksPageTellsItsVantageWhereTheUserIs(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	for there, want := range map[vantage.Place]string{
		{}:                                   "/vantage",
		{Country: "NL", Kind: vantage.Relay}: "/vantage?lab-country=NL&lab-kind=relay",
	} {
		p := s.get(s.lab.LinkURLFrom(there))
		require.Equal(t, http.StatusOK, p.status, p.body)
		assert.Equal(t, want, attribute(p.find("checkout-doctor", ""), "vantage"))
	}
}

func TestAddressesThatTheLabKnowsAreWhereTheyAre(t *testing.T) {
	for name, test := range map[string]struct {
		from string
		is   vantage.Place
	}{
		"the machine's own":           {"127.0.0.1:4711", vantage.Place{Country: "IN", Kind: vantage.Mobile}},
		"of a network namespace":      {"10.71.0.2:4711", vantage.Place{Country: "IN", Kind: vantage.Mobile}},
		"a company's proxy, at home":  {"127.71.1.1:4711", vantage.Place{Country: "IN", Kind: vantage.Other}},
		"a VPN service":               {"127.71.0.1:4711", vantage.Place{Country: "NL", Kind: vantage.VPN}},
		"the same, as IPv6 writes it": {"[::ffff:127.71.0.1]:4711", vantage.Place{Country: "NL", Kind: vantage.VPN}},
		"a data centre":               {"127.71.0.2:4711", vantage.Place{Country: "NL", Kind: vantage.Hosting}},
		"a browser's relay":           {"127.71.0.3:4711", vantage.Place{Country: "SE", Kind: vantage.Relay}},
		"a carrier":                   {"127.71.0.4:4711", vantage.Place{Country: "SE", Kind: vantage.Mobile}},
		"somebody's home, abroad":     {"127.71.0.5:4711", vantage.Place{Country: "NL", Kind: vantage.Other}},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "https://doctor.diag.test/vantage?lab-country=IN&lab-kind=mobile", nil)
			r.RemoteAddr = test.from
			client := clientOf(r)
			assert.Equal(t, test.is, client.Place)
			assert.False(t, client.Proxied, "the connection is its own")
		})
	}
}
