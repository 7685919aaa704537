package diagnosis

import (
	"slices"
	"strings"

	"checkoutdoctor/wasm/ascii"
	"checkoutdoctor/wasm/facts"
)

// Band says how much speaks for a VPN.
type Band string

// The bands.
const (
	BandNone     Band = "none"     // nothing that was looked at
	BandPossible Band = "possible" // one signal, or several that one harmless thing explains
	BandLikely   Band = "likely"   // signals of different kinds, which together fit little else
)

// enough is the weight that signals of at least two groups must have together
// to make a VPN likely. It is such that a clock of another country and the
// segments of a tunnel suffice, and that a company's network in a data centre,
// its proxy far away, a traveller's clock, or a tunnel to the office alone do
// not.
const enough = 3

// A Signal is something that speaks for a VPN.
type Signal struct {
	Name   string // stable: reports and locales have it
	Weight int    // from 1, which many networks without a VPN show too, to 3, which few do
	Source string // why it is one; empty in the module

	group  group
	others []string         // words for what without a VPN shows it as well
	rests  []facts.Declared // the facts that it rests on
	fires  func(*facts.Set) bool
}

// oneOfSatellite is a line by satellite: what stands at its ends answers in the
// place of the server and of the browser, so that it looks like a proxy.
const oneOfSatellite = "satellite"

// Words for what shows signals of a kind without a VPN.
var (
	awayFromHome = []string{"proxy", "travel"}
	sharedExit   = []string{"proxy", oneOfRelay}
	companyWay   = []string{"proxy"}
)

// group is what a signal is drawn from. Signals of one group often have one
// harmless reason between them, so that they never make a VPN likely by
// themselves.
type group uint8

const (
	byPlace   group = iota // the user seems to be elsewhere than the address
	byNetwork              // the address belongs to a network that people do not live in
	byPath                 // the way to us is like one through a tunnel or a proxy, as companies have them too
)

// signals are in the order in which they are shown.
var signals = []Signal{
	{Name: "zone", Weight: 2, group: byPlace, others: awayFromHome, fires: zoneElsewhere,
		rests: []facts.Declared{facts.AddressCountry, facts.TimeZone, facts.TimeZoneCountries}},
	{Name: "language", Weight: 1, group: byPlace, others: awayFromHome, fires: languageElsewhere,
		rests: []facts.Declared{facts.AddressCountry, facts.Languages}},
	{Name: "vpn-network", Weight: 3, group: byNetwork, others: sharedExit, fires: kindIs("vpn"),
		rests: []facts.Declared{facts.AddressKind}},
	{Name: "hosting-network", Weight: 2, group: byNetwork, others: sharedExit, fires: kindIs("hosting"),
		rests: []facts.Declared{facts.AddressKind}},
	{Name: "webrtc-address", Weight: 3, group: byPath, others: sharedExit, fires: otherAddress,
		rests: []facts.Declared{facts.Candidates}},
	{Name: "segment-size", Weight: 1, group: byPath, others: companyWay, fires: tunnelSegments,
		rests: []facts.Declared{facts.SegmentSize, facts.AddressFamily}},
	{Name: "round-trip", Weight: 1, group: byPath, others: oneOfProxy, fires: longerPath,
		rests: []facts.Declared{facts.RoundTrip, facts.TCPRoundTrip}},
}

// Signals returns every signal that is weighed.
func Signals() []Signal {
	all := slices.Clone(signals)
	for i := range all {
		all[i].Source = signalSource(all[i].Name)
	}
	return all
}

// VPN weighs what speaks for a VPN, and names what does. One signal alone never
// makes it likely. A relay of the browser's or the system's is no VPN.
func VPN(s *facts.Set) (Band, []string) {
	var names []string
	weight, groups := 0, map[group]bool{}
	for _, signal := range signals {
		if signal.fires(s) {
			names = append(names, signal.Name)
			weight += signal.Weight
			groups[signal.group] = true
		}
	}
	switch {
	case len(names) == 0 || s.Equals(facts.AddressKind, "relay"):
		return BandNone, nil
	case weight >= enough && len(groups) > 1:
		return BandLikely, names
	}
	return BandPossible, names
}

// zoneElsewhere: the address is in a country where nobody's clock is set like
// the browser's. A phone that roams has its home network's address and the time
// of where it is: it is set to its home's language.
func zoneElsewhere(s *facts.Set) bool {
	country, known := s.String(facts.AddressCountry)
	countries := zoneCountries(s)
	if !known || len(countries) == 0 || slices.Contains(countries, country) {
		return false
	}
	home := func(r region) bool { return r.country == country }
	return !s.Equals(facts.AddressKind, "mobile") || !slices.ContainsFunc(regions(s), home)
}

// zoneCountries returns the countries that the browser's clock is set like. It is
// empty where that tells no place: for UTC, and for what Firefox says in its place
// when it resists fingerprinting.
func zoneCountries(s *facts.Set) []string {
	if s.Equals(facts.TimeZone, unspecific) && s.Equals(facts.Engine, "firefox") {
		return nil
	}
	countries, _ := s.List(facts.TimeZoneCountries)
	return countries
}

// unspecific is the zone of a Firefox that resists fingerprinting, since version
// 128 (https://github.com/arkenfox/user.js/issues/1857): it has UTC's time all
// year round.
const unspecific = "Atlantic/Reykjavik"

// languageElsewhere: the clock tells no place, and none of the languages is one
// of the address's country. English is spoken, and preset, everywhere. It is not
// asked where the clock tells: people take their language along.
func languageElsewhere(s *facts.Set) bool {
	country, known := s.String(facts.AddressCountry)
	_, zoneKnown := s.List(facts.TimeZoneCountries)
	spoken := slices.DeleteFunc(regions(s), func(r region) bool { return r.language == "en" })
	there := func(r region) bool { return r.country == country }
	return known && zoneKnown && len(zoneCountries(s)) == 0 && len(spoken) > 0 && !slices.ContainsFunc(spoken, there)
}

// region is a language as it is spoken in a country.
type region struct{ language, country string }

// regions returns those of the languages that name a country (RFC 5646, region
// subtag).
func regions(s *facts.Set) (all []region) {
	languages, _ := s.List(facts.Languages)
	for _, tag := range languages {
		language, rest, _ := strings.Cut(tag, "-")
		if country := rest[strings.LastIndex(rest, "-")+1:]; len(country) == 2 {
			all = append(all, region{language, ascii.Upper(country)})
		}
	}
	return all
}

func kindIs(kind string) func(*facts.Set) bool {
	return func(s *facts.Set) bool { return s.Equals(facts.AddressKind, kind) }
}

// otherAddress: what WebRTC sends leaves by another address than our requests.
// A proxy that tells of itself explains it.
func otherAddress(s *facts.Set) bool {
	return s.Equals(facts.Candidates, "other") && !openProxy(s)
}

// tunnelSizes are the maximum segment sizes, over IPv4 and over IPv6, that
// common tunnels announce: WireGuard's MTU of 1420, that of 1400 of IPsec and
// L2TP clients, and that of 1280, the least that IPv6 allows, of which many
// apps make sure. A line by PPPoE (1452) and most mobile networks (1400 and
// more) announce others. 1380 over IPv4 is also what Cisco's firewalls cut them
// to unless told otherwise ("sysopt connection tcpmss"), hence the signal's weight.
var tunnelSizes = map[string][]int64{
	"4": {1380, 1360, 1240},
	"6": {1360, 1340, 1220},
}

// tunnelSegments: the connection's segments are as large as a tunnel's. Those of
// mobile networks are tunnels of the carrier's own.
func tunnelSegments(s *facts.Set) bool {
	family, _ := s.String(facts.AddressFamily)
	size, known := s.Int(facts.SegmentSize)
	return known && slices.Contains(tunnelSizes[family], size) && !s.Equals(facts.AddressKind, "mobile")
}

// The way through a proxy is longer than the server's own connection, which ends
// there: by more than a busy browser takes, in milliseconds, and by more than a
// line's own rise and fall.
const (
	longerBy    = 100
	timesLonger = 3
)

// longerPath: an answer takes much longer than the connection that the server
// has. A proxy that tells of itself explains it, and so do those that mobile
// carriers have in the way.
func longerPath(s *facts.Set) bool {
	whole, known := s.Int(facts.RoundTrip)
	part, partKnown := s.Int(facts.TCPRoundTrip)
	return known && partKnown && whole >= part+longerBy && whole >= timesLonger*part && !openProxy(s) &&
		!s.Equals(facts.AddressKind, "mobile")
}

// openProxy reports a proxy that says so, or that ends the browser's TLS.
func openProxy(s *facts.Set) bool {
	headers, _ := s.List(facts.ProxyHeaders)
	return len(headers) > 0 || s.Equals(facts.TLSBy, "replaced")
}
