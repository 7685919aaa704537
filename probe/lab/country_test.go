package lab

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheVantageIsToldWhereTheUserIs(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	for name, test := range map[string]struct {
		country string
		faults  []string
		vantage string
	}{
		"nowhere":                  {"", nil, "https://doctor.diag.test/vantage"},
		"in a country":             {"IN", nil, "https://doctor.diag.test/vantage?lab-country=IN"},
		"there, with a slow clock": {"IN", []string{clockBehind}, "https://doctor.diag.test/vantage?lab-time=-48h0m0s&lab-country=IN"},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.get(s.lab.PayURLFrom(test.country, "", test.faults))
			require.Equal(t, http.StatusOK, p.status, p.body)
			assert.Equal(t, test.vantage, attribute(p.find("checkout-doctor", ""), "vantage"))
		})
	}
}
