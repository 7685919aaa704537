package diagnosis_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// Ways out that an issuer may turn away.
func byVPN(s *facts.Set) {
	firing["zone"](s)
	firing["vpn-network"](s)
}

func byRelay(s *facts.Set) { s.PutString(facts.AddressKind, "relay", "test") }

// Failures of the issuer's page.
func hangs(s *facts.Set) {
	acs(s, "timed-out", "timed-out", "timed-out")
	s.PutInt(facts.FrameLoads, 0, "test")
	s.PutString(facts.FrameAccess, "blank", "test")
}

func outOfReach(s *facts.Set) { acs(s, "failed", "failed", "failed") }

func answersWithError(s *facts.Set) { acs(s, "answered", "failed", "failed") }

func localNetworkDenied(s *facts.Set) {
	outOfReach(s)
	s.PutString(facts.LocalNetwork, "denied", "test")
}

// TestWhatAnIssuerMayTurnAwayIsLeftFirst: whoever pays by a VPN or a relay must
// read at the issuer's failure itself that this may be why, and leave it before
// anything else.
func TestWhatAnIssuerMayTurnAwayIsLeftFirst(t *testing.T) {
	for name, tt := range map[string]struct {
		fails, by func(*facts.Set)
		code      diagnosis.Code
		fixes     []diagnosis.FixCode
		oneOf     []string
	}{
		"never answers a VPN": {hangs, byVPN, "threeds.acs-hang",
			[]diagnosis.FixCode{"disable-vpn", "try-again", "use-another-card", "ask-bank"}, nil},
		"never answers a relay": {hangs, byRelay, "threeds.acs-hang",
			[]diagnosis.FixCode{"pause-relay", "try-again", "use-another-card", "ask-bank"}, nil},
		"never answers, beside one sign of a VPN": {hangs, firing["zone"], "threeds.acs-hang",
			[]diagnosis.FixCode{"try-again", "use-another-card", "ask-bank"}, nil},
		"has an error for a VPN": {answersWithError, byVPN, "threeds.acs-no-sign-of-life",
			[]diagnosis.FixCode{"disable-vpn", "try-again", "use-another-card", "ask-bank", "ask-support"}, []string{"error-page", "issuer-silent", "vpn"}},
		"has an error for a VPN, and the canary stands there": {func(s *facts.Set) {
			answersWithError(s)
			s.PutString(facts.CanaryOrigin, "https://acs.issuer.test", "test")
			s.PutInt(facts.CanaryStatus, 403, "test")
		}, byVPN, "threeds.acs-http-error",
			[]diagnosis.FixCode{"disable-vpn", "try-again", "use-another-card", "ask-bank", "restore-issuer"}, nil},
		"has a page for a VPN that may not be framed": {func(s *facts.Set) {
			answersWithError(s)
			s.PutBool(facts.ReportAncestors, true, "test")
		}, byVPN, "threeds.acs-frame-ancestors",
			[]diagnosis.FixCode{"disable-vpn", "use-another-card", "ask-bank", "allow-framing", "use-redirect-flow"}, nil},
		"is out of reach by a VPN": {outOfReach, byVPN, "threeds.acs-unreachable",
			[]diagnosis.FixCode{"disable-vpn", "try-again", "disable-blocker", "use-another-card", "ask-it"}, []string{"dns", "refused", "tls", "vpn"}},
		"is out of reach by a relay": {outOfReach, byRelay, "threeds.acs-unreachable",
			[]diagnosis.FixCode{"pause-relay", "try-again", "disable-blocker", "use-another-card", "ask-it"}, []string{"dns", "refused", "tls", "relay"}},
		"is out of reach without a VPN": {outOfReach, func(*facts.Set) {}, "threeds.acs-unreachable",
			[]diagnosis.FixCode{"try-again", "disable-vpn", "disable-blocker", "use-another-card", "ask-it"}, []string{"dns", "refused", "tls"}},
		"is out of reach by a VPN, and the local network is denied": {localNetworkDenied, byVPN, "threeds.local-network-denied",
			[]diagnosis.FixCode{"disable-vpn", "allow-local-network", "try-again", "disable-blocker", "use-another-browser", "use-another-card", "ask-it"},
			[]string{"local-network", "dns", "refused", "tls", "vpn"}},
		"is there, and a VPN is no part of it": {func(s *facts.Set) {
			late(s)
			s.PutBool(facts.FrameFocused, true, "test")
		}, byVPN, "threeds.acs-never-returned",
			[]diagnosis.FixCode{"try-again", "use-another-card", "ask-bank", "poll-result"}, []string{"issuer-silent", "request-rejected", "tried-to-leave"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			tt.fails(s)
			tt.by(s)
			f := diagnosis.Judge(s).Findings[0]
			assert.Equal(t, tt.code, f.Code)
			assert.Equal(t, tt.fixes, fixCodes(f))
			assert.Equal(t, tt.oneOf, f.OneOf)
			cause, _ := diagnosis.Lookup(f.Code)
			assert.Subset(t, cause.OneOf, f.OneOf)
		})
	}
}

func fixCodes(f diagnosis.Finding) (codes []diagnosis.FixCode) {
	for _, fix := range f.Fixes {
		codes = append(codes, fix.Code)
	}
	return codes
}

func TestARelayIsPausedWhereAVPNWouldBeSwitchedOff(t *testing.T) {
	s := healthy()
	s.PutString(facts.Download, "stalled", "test")
	byRelay(s)
	f := diagnosis.Judge(s).Findings[0]
	assert.EqualValues(t, "network.large-transfers-stall", f.Code)
	assert.Equal(t, []diagnosis.FixCode{"pause-relay", "try-another-network", "reconnect", "lower-mtu"}, fixCodes(f))
}

// TestARefusedLocalNetworkIsOneExplanation: the permission may have been refused
// for something else, so that what stops an issuer out of reach stays named, and
// so do its fixes.
func TestARefusedLocalNetworkIsOneExplanation(t *testing.T) {
	s := healthy()
	localNetworkDenied(s)
	r := diagnosis.Judge(s)
	require.Len(t, r.Findings, 1)
	f := r.Findings[0]
	assert.EqualValues(t, "threeds.local-network-denied", f.Code)
	assert.Equal(t, diagnosis.Possible, f.Confidence)

	plain := healthy()
	outOfReach(plain)
	unreachable := diagnosis.Judge(plain).Findings[0]
	assert.Subset(t, f.OneOf, unreachable.OneOf)
	assert.Subset(t, f.Fixes, unreachable.Fixes)

	s.PutString(facts.ACSPrefetch, "loaded", "test")
	for _, f := range diagnosis.Judge(s).Findings {
		assert.NotEqualValues(t, "threeds.local-network-denied", f.Code, "a page that loads is not out of reach")
	}

	localNetworkDenied(s)
	s.PutString(facts.ControlReached, "failed", "test")
	assert.EqualValues(t, "threeds.acs-unreachable", diagnosis.Judge(s).Findings[0].Code, "nothing else is reached either")
}

func TestASuspicionNamesWhatElseItsSignsComeFrom(t *testing.T) {
	for name, tt := range map[string]struct {
		fire []string
		want []string
	}{
		"a clock of another country":                   {[]string{"zone"}, []string{"vpn", "proxy", "travel"}},
		"an address of a data centre":                  {[]string{"hosting-network"}, []string{"vpn", "proxy", "relay"}},
		"a tunnel's segments":                          {[]string{"segment-size"}, []string{"vpn", "proxy"}},
		"a longer way":                                 {[]string{"round-trip"}, []string{"vpn", "proxy", "satellite"}},
		"languages of elsewhere, and a longer way":     {[]string{"language", "round-trip"}, []string{"vpn", "proxy", "travel", "satellite"}},
		"another address, and a way longer than usual": {[]string{"webrtc-address", "round-trip"}, []string{"vpn", "proxy", "relay", "satellite"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			for _, signal := range tt.fire {
				firing[signal](s)
			}
			f := found(t, diagnosis.Judge(s), "vpn.suspected")
			assert.Equal(t, tt.want, f.OneOf)
		})
	}
}

// TestALineBySatelliteIsNamedBesideAProxy: what stands at its ends answers for the
// server at once, and the browser waits for the sky.
func TestALineBySatelliteIsNamedBesideAProxy(t *testing.T) {
	s := healthy()
	s.PutInt(facts.RoundTrip, 640, "test")
	s.PutInt(facts.TCPRoundTrip, 25, "test")
	r := diagnosis.Judge(s)
	assert.Contains(t, found(t, r, "network.proxy").OneOf, "satellite")
	assert.Contains(t, found(t, r, "vpn.suspected").OneOf, "satellite")
}

// found returns the result's finding of the cause.
func found(t *testing.T, r diagnosis.Result, code diagnosis.Code) diagnosis.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Code == code {
			return f
		}
	}
	require.Fail(t, "not found", "%s in %v", code, r.Findings)
	return diagnosis.Finding{}
}
