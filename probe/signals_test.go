package probe_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/facts"
)

func TestSignalsAreCountedWhereThereIsAVPNAndWhereNothingIsWrong(t *testing.T) {
	var abroad, home facts.Set
	abroad.PutString(facts.AddressCountry, "NL", "vantage")
	home.PutString(facts.AddressCountry, "SE", "vantage")
	for _, set := range []*facts.Set{&abroad, &home} {
		set.PutList(facts.TimeZoneCountries, []string{"SE"}, "vantage")
	}

	all := probe.NewSignals()
	all.Count([]string{"vpn", "advertiser"}, &abroad)
	all.Count([]string{"vpn"}, &home)
	all.Count([]string{"healthy"}, &home)
	all.Count([]string{"threeds"}, &abroad)
	all.Count(nil, &abroad)

	for _, signal := range all {
		assert.Positive(t, signal.Weight, signal.Name)
		fired := 0
		if signal.Name == "zone" {
			fired = 1
		}
		assert.Equal(t, probe.Fired{Fired: fired, Of: 2}, signal.VPN, signal.Name)
		assert.Equal(t, probe.Fired{Of: 1}, signal.Healthy, signal.Name)
	}
}
