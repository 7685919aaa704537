package diagnosis_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// firing makes one signal fire in a healthy run, and no other.
var firing = map[string]func(*facts.Set){
	"zone": func(s *facts.Set) { s.PutString(facts.AddressCountry, "BR", "test") },
	"language": func(s *facts.Set) {
		s.PutList(facts.TimeZoneCountries, nil, "test")
		s.PutList(facts.Languages, []string{"pl-PL"}, "test")
	},
	"vpn-network":     func(s *facts.Set) { s.PutString(facts.AddressKind, "vpn", "test") },
	"hosting-network": func(s *facts.Set) { s.PutString(facts.AddressKind, "hosting", "test") },
	"webrtc-address":  func(s *facts.Set) { s.PutString(facts.Candidates, "other", "test") },
	"segment-size":    func(s *facts.Set) { s.PutInt(facts.SegmentSize, 1380, "test") },
	"round-trip":      func(s *facts.Set) { s.PutInt(facts.RoundTrip, 400, "test") },
}

func TestOneSignalAloneNeverMakesAVPNLikely(t *testing.T) {
	for _, signal := range diagnosis.Signals() {
		s := healthy()
		change, ok := firing[signal.Name]
		if !assert.True(t, ok, "nothing makes %s fire", signal.Name) {
			continue
		}
		change(s)
		band, names := diagnosis.VPN(s)
		assert.Equal(t, diagnosis.BandPossible, band, signal.Name)
		assert.Equal(t, []string{signal.Name}, names)
	}
}

func TestSignalsAreDeclaredCompletely(t *testing.T) {
	for _, signal := range diagnosis.Signals() {
		if runtime.GOOS != "js" { // the module never says why
			assert.NotEmpty(t, signal.Source, signal.Name)
		}
		assert.GreaterOrEqual(t, signal.Weight, 1, signal.Name)
		assert.LessOrEqual(t, signal.Weight, 3, signal.Name)
	}
	assert.Len(t, diagnosis.Signals(), len(firing))
}

func TestVPNBands(t *testing.T) {
	tests := map[string]struct {
		fire []string
		want diagnosis.Band
	}{
		"nothing":                                  {nil, diagnosis.BandNone},
		"a mismatch and a tunnel's segments":       {[]string{"zone", "segment-size"}, diagnosis.BandLikely},
		"a mismatch and a network of servers":      {[]string{"zone", "hosting-network"}, diagnosis.BandLikely},
		"servers and a tunnel's segments":          {[]string{"hosting-network", "segment-size"}, diagnosis.BandLikely},
		"another address and a network of servers": {[]string{"hosting-network", "webrtc-address"}, diagnosis.BandLikely},
		"a company's proxy behind a firewall":      {[]string{"webrtc-address", "segment-size"}, diagnosis.BandPossible},
		"another address and a longer way":         {[]string{"webrtc-address", "round-trip"}, diagnosis.BandPossible},
		"a tunnel's segments and a longer way":     {[]string{"segment-size", "round-trip"}, diagnosis.BandPossible},
		"languages of elsewhere and a longer way":  {[]string{"language", "round-trip"}, diagnosis.BandPossible},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			for _, signal := range tt.fire {
				firing[signal](s)
			}
			band, names := diagnosis.VPN(s)
			assert.Equal(t, tt.want, band)
			assert.Equal(t, tt.fire, names)
		})
	}
}

func TestAPhoneThatRoamsIsAtHome(t *testing.T) {
	for language, want := range map[string]diagnosis.Band{
		"en-GB": diagnosis.BandNone, "cy-gb": diagnosis.BandNone, "fr-FR": diagnosis.BandPossible, "en": diagnosis.BandPossible,
	} {
		s := healthy()
		s.PutString(facts.AddressKind, "mobile", "test")
		s.PutString(facts.AddressCountry, "GB", "test")
		s.PutList(facts.TimeZoneCountries, []string{"ES"}, "test")
		s.PutList(facts.Languages, []string{language}, "test")
		firing["segment-size"](s)
		firing["round-trip"](s)
		band, _ := diagnosis.VPN(s)
		assert.Equal(t, want, band, language)
	}
}

func TestAFirefoxThatResistsFingerprintingTellsNoPlace(t *testing.T) {
	for engine, want := range map[string]diagnosis.Band{"firefox": diagnosis.BandNone, "chromium": diagnosis.BandPossible} {
		s := healthy()
		s.PutString(facts.Engine, engine, "test")
		s.PutString(facts.TimeZone, "Atlantic/Reykjavik", "test")
		s.PutList(facts.TimeZoneCountries, []string{"IS"}, "test")
		s.PutList(facts.Languages, []string{"en-US", "en"}, "test")
		band, _ := diagnosis.VPN(s)
		assert.Equal(t, want, band, engine)
	}
}

func TestARelayIsNoVPN(t *testing.T) {
	s := healthy()
	for _, fire := range firing {
		fire(s)
	}
	s.PutString(facts.AddressKind, "relay", "test")
	band, names := diagnosis.VPN(s)
	assert.Equal(t, diagnosis.BandNone, band)
	assert.Empty(t, names)
}

func TestAnOpenProxyExplainsItsOwnTraces(t *testing.T) {
	for name, tell := range map[string]func(*facts.Set){
		"by a header": func(s *facts.Set) { s.PutList(facts.ProxyHeaders, []string{"via"}, "test") },
		"by its TLS":  func(s *facts.Set) { s.PutString(facts.TLSBy, "replaced", "test") },
	} {
		s := healthy()
		firing["webrtc-address"](s)
		firing["round-trip"](s)
		tell(s)
		band, _ := diagnosis.VPN(s)
		assert.Equal(t, diagnosis.BandNone, band, name)
	}
}
