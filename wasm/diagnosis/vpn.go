package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

const (
	codeVPNRelay     Code = "vpn.relay"
	codeVPNLikely    Code = "vpn.likely"
	codeVPNSuspected Code = "vpn.suspected"
)

// Words for what else a suspicion of a VPN can be.
var oneOfVPN = []string{"vpn", "proxy", "travel", "relay"}

// No page can prove a VPN. What speaks for one is weighed in vpn_signals.go.
var vpnCauses = []Cause{
	{
		Code:        codeVPNRelay,
		Severity:    Notice,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.AddressKind},
		DependsOn:   []Code{codeOffline},
		Fixes:       []FixCode{"pause-relay"},
		Source:      "https://developer.apple.com/support/prepare-your-network-for-icloud-private-relay/",
		match:       matchVPNRelay,
	},
	{
		Code:        codeVPNLikely,
		Severity:    Degrading,
		Confidences: []Confidence{Likely},
		Needs:       vpnNeeds,
		DependsOn:   []Code{codeOffline, codeVPNRelay},
		Fixes:       []FixCode{"disable-vpn", "try-another-network", "ask-it"},
		Source:      sourceInvalidMethod,
		match:       matchVPN(BandLikely, Likely, nil),
		moot:        unmeasured,
	},
	{
		Code:        codeVPNSuspected,
		Severity:    Notice,
		Confidences: []Confidence{Possible},
		OneOf:       oneOfVPN,
		Needs:       vpnNeeds,
		DependsOn:   []Code{codeOffline, codeVPNRelay},
		Fixes:       []FixCode{"disable-vpn", "try-another-network"},
		Source:      sourceInvalidMethod,
		match:       matchVPN(BandPossible, Possible, oneOfVPN),
	},
}

// vpnNeeds are the facts without which a VPN was not looked for: where the
// address is, and where the clock is. The others make it surer, where they are
// known.
var vpnNeeds = []facts.Declared{facts.AddressCountry, facts.TimeZoneCountries}

// matchVPNRelay: relays of browsers and operating systems keep to the user's
// region, and sites are told their ranges.
func matchVPNRelay(s *facts.Set) *match {
	if !s.Equals(facts.AddressKind, "relay") {
		return nil
	}
	return found(s, Likely, facts.AddressKind, nil, facts.AddressCountry)
}

// matchVPN returns the match of a band, with what each signal rests on.
func matchVPN(band Band, confidence Confidence, oneOf []string) func(*facts.Set) *match {
	return func(s *facts.Set) *match {
		is, names := VPN(s)
		if is != band {
			return nil
		}
		m := &match{confidence: confidence, oneOf: oneOf}
		for _, signal := range signals {
			if slices.Contains(names, signal.Name) {
				m.evidence = append(m.evidence, evidence(s, signal.rests...)...)
			}
		}
		return m
	}
}
