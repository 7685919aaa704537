package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

const codeVPNSuspected Code = "vpn.suspected"

func vpnCauses() []Cause {
	return []Cause{{
		Code:        codeVPNSuspected,
		Severity:    Notice,
		Confidences: []Confidence{Possible},
		OneOf:       []string{"vpn", "travel", "relay"},
		Needs:       []facts.Declared{facts.AddressCountry, facts.TimeZoneCountries},
		DependsOn:   []Code{codeOffline},
		Fixes:       []FixCode{"disable-vpn"},
		Source:      sourceInvalidMethod,
		match:       matchVPNSuspected,
	}}
}

// matchVPNSuspected: an address in a country where nobody's clock is set like
// the browser's. Travellers and relays look the same, so it stays a suspicion.
// A zone without countries, such as UTC, says nothing.
func matchVPNSuspected(s *facts.Set) *match {
	country, known := s.String(facts.AddressCountry)
	countries, zoneKnown := s.List(facts.TimeZoneCountries)
	if !known || !zoneKnown || len(countries) == 0 || slices.Contains(countries, country) {
		return nil
	}
	return &match{confidence: Possible, oneOf: []string{"vpn", "travel", "relay"},
		evidence: evidence(s, facts.AddressCountry, facts.TimeZone, facts.TimeZoneCountries)}
}
