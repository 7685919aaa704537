package diagnosis

import (
	"slices"

	"checkoutdoctor/wasm/facts"
)

const (
	codeOffline             Code = "network.offline"
	codeCaptivePortal       Code = "network.captive-portal"
	codeFlapping            Code = "network.flapping"
	codeTransfersStall      Code = "network.large-transfers-stall"
	codeSlow                Code = "network.slow"
	codeDNS                 Code = "network.dns"
	codeProviderUnreachable Code = "network.provider-unreachable"
	codeTLSReplaced         Code = "network.tls-replaced"
	codeProxy               Code = "network.proxy"
	codeClockSkew           Code = "network.clock-skew"
)

// Words for forms of a cause.
const (
	variantDownload   = "stalled-down"
	variantUpload     = "stalled-up"
	variantCut        = "cut"
	variantTold       = "told"
	variantNoSocket   = "no-socket"
	variantLongerPath = "longer-path"
)

// Words for what a failure cannot be told apart from.
var (
	oneOfPortal   = []string{"portal", "firewall", "no-way-out"}
	oneOfDNS      = []string{"dns", "dns-filter", "content-blocker", "service-down"}
	oneOfProvider = []string{"vpn", "firewall", "content-blocker", "service-down"}
	oneOfProxy    = []string{"proxy", oneOfVPN, oneOfSatellite}
	oneOfSocket   = []string{"proxy", "no-sockets"}
)

// slowest is the throughput, in kbit/s, below which a connection counts as the
// slowest class but one that browsers know, "2g"; a challenge's pages and
// scripts of some hundred kilobytes take half a minute on it.
const slowest = 70

// skewed is how far a clock may be off, in seconds. Five minutes is what
// protocols that depend on time allow by default.
const skewed = 5 * 60

var networkCauses = []Cause{
	{
		Code:        codeOffline,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.Online},
		Fixes:       []FixCode{"reconnect", "try-again"},
		Source:      "https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-online",
		match:       matchOffline,
	},
	{
		Code:        codeCaptivePortal,
		Severity:    Blocking,
		Confidences: []Confidence{Likely, Possible},
		OneOf:       oneOfPortal,
		Needs:       []facts.Declared{facts.ControlReached, facts.PageOrigin},
		DependsOn:   []Code{codeOffline},
		Fixes:       []FixCode{"sign-in-to-network", "reconnect", "try-another-network", "ask-it"},
		Source:      "https://www.rfc-editor.org/rfc/rfc8952",
		match:       matchCaptivePortal,
		moot:        refusedByPage(facts.ControlReached),
	},
	{
		Code:        codeFlapping,
		Severity:    Degrading,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.OfflineEvents, facts.RequestsLost},
		DependsOn:   []Code{codeOffline},
		Fixes:       []FixCode{"reconnect", "try-another-network", "try-again"},
		Source:      sourceHTML + "system-state.html#event-offline",
		match:       matchFlapping,
		moot:        unmeasured,
	},
	{
		Code:        codeTransfersStall,
		Severity:    Degrading,
		Confidences: []Confidence{Likely},
		Variants:    []string{variantDownload, variantUpload, variantCut},
		Needs:       []facts.Declared{facts.Download, facts.Upload},
		DependsOn:   []Code{codeOffline, codeFlapping},
		Fixes:       []FixCode{"disable-vpn", "try-another-network", "reconnect", "lower-mtu"},
		Source:      "https://www.rfc-editor.org/rfc/rfc2923#section-2.1",
		match:       matchTransfersStall,
		moot:        unmeasured,
	},
	{
		Code:        codeSlow,
		Severity:    Degrading,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.Throughput},
		DependsOn:   []Code{codeOffline, codeFlapping, codeTransfersStall},
		Fixes:       []FixCode{"try-another-network", "disable-vpn", "try-again"},
		Source:      "https://wicg.github.io/netinfo/#effective-connection-types",
		match:       matchSlow,
		moot:        unmeasured,
	},
	{
		Code:        codeDNS,
		Severity:    Blocking,
		Confidences: []Confidence{Possible},
		OneOf:       oneOfDNS,
		Needs:       []facts.Declared{facts.ProviderReached, facts.ProviderSibling},
		DependsOn:   []Code{codeOffline, codeFlapping},
		Fixes:       []FixCode{"disable-vpn", "disable-blocker", "try-another-network", "use-another-browser", "ask-it"},
		Source:      sourceFetch + "#concept-network-error",
		match:       matchDNS,
		moot:        providerMoot,
	},
	{
		Code:        codeProviderUnreachable,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		OneOf:       oneOfProvider,
		Needs:       []facts.Declared{facts.ProviderReached, facts.ControlReached},
		DependsOn:   []Code{codeOffline, codeFlapping, codeDNS},
		Fixes:       []FixCode{"try-again", "disable-vpn", "disable-blocker", "try-another-network", "ask-it"},
		Source:      sourceFetch + "#concept-network-error",
		match:       matchProviderUnreachable,
		moot:        providerMoot,
	},
	{
		Code:        codeTLSReplaced,
		Severity:    Notice,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.TLSBy},
		DependsOn:   []Code{codeOffline},
		Fixes:       []FixCode{"ask-it", "try-another-network"},
		Source:      "https://www.ndss-symposium.org/ndss2017/ndss-2017-programme/security-impact-https-interception/",
		match:       matchTLSReplaced,
	},
	{
		Code:        codeProxy,
		Severity:    Notice,
		Confidences: []Confidence{Certain, Possible},
		OneOf:       []string{"proxy", oneOfVPN, "no-sockets", oneOfSatellite},
		Variants:    []string{variantTold, variantNoSocket, variantLongerPath},
		Needs:       []facts.Declared{facts.ProxyHeaders, facts.ControlSocket, facts.RoundTrip, facts.TCPRoundTrip},
		DependsOn:   append([]Code{codeOffline, codeTLSReplaced}, weak...),
		Fixes:       []FixCode{"try-another-network", "disable-vpn", "ask-it"},
		Source:      "https://httpwg.org/specs/rfc9110.html#field.via",
		match:       matchProxy,
	},
	{
		Code:        codeClockSkew,
		Severity:    Notice,
		Confidences: []Confidence{Certain, Likely},
		Needs:       []facts.Declared{facts.ClockSkew},
		Fixes:       []FixCode{"set-clock"},
		Source:      "https://www.rfc-editor.org/rfc/rfc4120#section-8.2",
		match:       matchClockSkew,
	},
}

// fewLost is how many requests a good line does not lose: one can meet the end of
// a connection that was not used for long.
const fewLost = 2

// moreLost reports that something else of ours did not come through either. What
// is cut in its midst may have been lost with the same connection.
func moreLost(s *facts.Set) bool {
	return s.Equals(facts.Download, "failed") || unreached(s, facts.CanaryReached) || unreached(s, facts.HelperReached)
}

// refusedByPage reports that the page's own policy keeps our question from being
// asked, which says nothing of the network.
func refusedByPage(k facts.Declared) func(*facts.Set) bool {
	return func(s *facts.Set) bool { return s.Entry(k).Reason == facts.ReasonRefused }
}

// providerMoot reports that the provider cannot be asked from this page, or that
// a challenge went through, for which it must have been there.
func providerMoot(s *facts.Set) bool {
	return refusedByPage(facts.ProviderReached)(s) || challengeCompleted(s)
}

// unmeasured reports that the server by which the connection is measured is out,
// or not to be asked from this page; that is said by itself.
func unmeasured(s *facts.Set) bool {
	out := unreached(s, facts.VantageReached) || s.Entry(facts.VantageReached).Reason == facts.ReasonRefused
	return out && !s.AtLeast(facts.OfflineEvents, 1)
}

// weak are the causes for which what comes late, or not at all, is a symptom.
var weak = []Code{codeFlapping, codeTransfersStall, codeSlow}

// matchOffline believes onLine only when it says false: true merely means that
// there is some interface. A control that still answers contradicts it.
func matchOffline(s *facts.Set) *match {
	if !s.Is(facts.Online, false) || s.Equals(facts.ControlReached, "answered") {
		return nil
	}
	return &match{confidence: Certain, evidence: append(
		[]Evidence{unlike(s, facts.Online, true)}, evidence(s, facts.ControlReached)...)}
}

// matchCaptivePortal: something else answers in the place of our own server and
// of the page's, or nothing does anywhere, although the browser has a network.
// An outage of ours, or a filter that does not like us, would leave the page's
// origin alone; where that is our own, it is not asked.
func matchCaptivePortal(s *facts.Set) *match {
	if !astray(s, facts.ControlReached) || !astray(s, facts.PageOrigin) || anyAnswered(s, facts.VantageReached, facts.HelperReached) {
		return nil
	}
	m := found(s, Likely, facts.ControlReached, "answered", facts.PageOrigin, facts.VantageReached, facts.HelperReached)
	if s.Equals(facts.ControlReached, "other") || s.Equals(facts.PageOrigin, "other") {
		return m
	}
	if anyAnswered(s, facts.ProviderReached, facts.ACSFetch) {
		return nil
	}
	m.confidence, m.oneOf = Possible, oneOfPortal
	return m
}

// astray reports that a request is known not to have come to where it was to go.
func astray(s *facts.Set, k facts.StringKey) bool { return unreached(s, k) || s.Equals(k, "other") }

func anyAnswered(s *facts.Set, keys ...facts.StringKey) bool {
	return slices.ContainsFunc(keys, func(k facts.StringKey) bool { return s.Equals(k, "answered") })
}

// unreached reports that a request is known to have got no answer.
func unreached(s *facts.Set, k facts.StringKey) bool { return s.Equals(k, "failed", "timed-out") }

// matchFlapping: the browser says that it went offline and came back, or small
// requests are lost beside others that are answered.
func matchFlapping(s *facts.Set) *match {
	switch {
	case s.AtLeast(facts.OfflineEvents, 1) && !s.Is(facts.Online, false):
		return found(s, Certain, facts.OfflineEvents, 0.0, facts.RequestsLost, facts.Online)
	case s.AtLeast(facts.RequestsLost, fewLost) || s.AtLeast(facts.RequestsLost, 1) && moreLost(s):
		return found(s, Likely, facts.RequestsLost, 0.0, facts.RoundTrip)
	}
	return nil
}

// matchTransfersStall: what fits into one packet passes, and what does not
// fit stays away. So it is where packets of full size vanish on the way and the
// word of it, too: in tunnels whose ends know nothing of the narrowest link. On a
// slow line a large request takes too long to tell.
func matchTransfersStall(s *facts.Set) *match {
	down, up := s.Equals(facts.Download, "stalled"), s.Equals(facts.Upload, "stalled") && !crawls(s)
	if !s.Equals(facts.VantageReached, "answered") || !down && !up && !s.Equals(facts.Download, "cut") {
		return nil
	}
	rests, variant := facts.Download, variantCut
	switch {
	case down:
		variant = variantDownload
	case up:
		rests, variant = facts.Upload, variantUpload
	}
	return found(s, Likely, rests, "passed", facts.RoundTrip, facts.SegmentSize).as(variant)
}

// crawls reports that large answers come, and take their time.
func crawls(s *facts.Set) bool { return atMost(s, facts.Throughput, slowest-1) }

func matchSlow(s *facts.Set) *match {
	if !crawls(s) {
		return nil
	}
	return found(s, Likely, facts.Throughput, nil, facts.RoundTrip)
}

// matchDNS: one of the provider's hosts fails at once, while another under the
// same domain answers. A name that is not found is such a failure; a page cannot
// tell it from a filter that goes by names, or from a server that is down.
func matchDNS(s *facts.Set) *match {
	if !s.Equals(facts.ProviderReached, "failed") || !s.Is(facts.ProviderSibling, true) {
		return nil
	}
	m := found(s, Possible, facts.ProviderReached, "answered", facts.ProviderOrigin, facts.ProviderSibling)
	m.oneOf = oneOfDNS
	return m
}

// matchProviderUnreachable weighs the provider's silence against a control. What
// takes too long on a connection that is slow, or stuck, is a symptom of that.
func matchProviderUnreachable(s *facts.Set) *match {
	late := s.Equals(facts.ProviderReached, "timed-out") && (crawls(s) || matchTransfersStall(s) != nil)
	if !unreached(s, facts.ProviderReached) || late || !s.Equals(facts.ControlReached, "answered") {
		return nil
	}
	m := found(s, Likely, facts.ProviderReached, "answered", facts.ProviderOrigin, facts.ControlReached)
	m.oneOf = oneOfProvider
	return m
}

func matchTLSReplaced(s *facts.Set) *match {
	if !s.Equals(facts.TLSBy, "replaced") {
		return nil
	}
	return found(s, Likely, facts.TLSBy, "own", facts.ProxyHeaders, facts.HTTPVersion)
}

// matchProxy: a proxy says so itself; or requests pass and no WebSocket does,
// to neither of our sites; or the way is longer than the server's own connection.
func matchProxy(s *facts.Set) *match {
	headers, _ := s.List(facts.ProxyHeaders)
	switch {
	case len(headers) > 0:
		return found(s, Certain, facts.ProxyHeaders, nil, facts.HTTPVersion).as(variantTold)
	case s.Equals(facts.ControlReached, "answered") && unreached(s, facts.ControlSocket) && !s.Equals(facts.HelperSocket, "answered"):
		m := found(s, Possible, facts.ControlSocket, "answered", facts.ControlReached, facts.HelperSocket).as(variantNoSocket)
		m.oneOf = oneOfSocket
		return m
	case longerPath(s):
		m := found(s, Possible, facts.RoundTrip, nil, facts.TCPRoundTrip).as(variantLongerPath)
		m.oneOf = oneOfProxy
		return m
	}
	return nil
}

// matchClockSkew: the browser's clock and the vantage's differ. The page's own
// server says which of the two is wrong, where it can be asked.
func matchClockSkew(s *facts.Set) *match {
	off := s.AtLeast(facts.ClockSkew, skewed) || atMost(s, facts.ClockSkew, -skewed)
	if !off || s.Is(facts.ClockConfirmed, false) {
		return nil
	}
	m := found(s, Likely, facts.ClockSkew, 0.0, facts.ClockConfirmed)
	if s.Is(facts.ClockConfirmed, true) {
		m.confidence = Certain
	}
	return m
}
