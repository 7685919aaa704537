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

// Words for what a suspicion of a VPN can be, and what an issuer turns away.
const (
	oneOfVPN   = "vpn"
	oneOfRelay = "relay"
)

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
		match:       matchVPN(BandLikely, Likely),
		moot:        unmeasured,
	},
	{
		Code:        codeVPNSuspected,
		Severity:    Notice,
		Confidences: []Confidence{Possible},
		OneOf:       []string{oneOfVPN, "proxy", "travel", oneOfRelay, oneOfSatellite},
		Needs:       vpnNeeds,
		DependsOn:   []Code{codeOffline, codeVPNRelay},
		Fixes:       []FixCode{"disable-vpn", "try-another-network"},
		Source:      sourceInvalidMethod,
		match:       matchVPN(BandPossible, Possible),
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

// matchVPN returns the match of a band, with what each signal rests on. What is
// only possible names what else the signals can come from.
func matchVPN(band Band, confidence Confidence) func(*facts.Set) *match {
	return func(s *facts.Set) *match {
		is, names := VPN(s)
		if is != band {
			return nil
		}
		m := &match{confidence: confidence}
		others := []string{oneOfVPN}
		for _, signal := range signals {
			if !slices.Contains(names, signal.Name) {
				continue
			}
			m.evidence = append(m.evidence, evidence(s, signal.rests...)...)
			for _, word := range signal.others {
				if !slices.Contains(others, word) {
					others = append(others, word)
				}
			}
		}
		if confidence == Possible {
			m.oneOf = others
		}
		return m
	}
}

// detour is the word for a way out by an address that many share, which issuers
// and the firewalls before them turn away; empty where nothing tells of one. One
// sign of a VPN alone does not.
func detour(s *facts.Set) string {
	if s.Equals(facts.AddressKind, "relay") {
		return oneOfRelay
	}
	if band, _ := VPN(s); band == BandLikely {
		return oneOfVPN
	}
	return ""
}

// blame names a detour, where there is one, among what the finding can be, and
// has it left before anything else is tried: that costs less than another card,
// and trying again on the same way meets the same firewall.
func (f *Finding) blame(detour string, fixes []FixCode) []FixCode {
	if detour == "" {
		return fixes
	}
	if len(f.OneOf) > 0 {
		f.OneOf = append(f.OneOf, detour)
	}
	return append([]FixCode{"disable-vpn"}, fixes...)
}
