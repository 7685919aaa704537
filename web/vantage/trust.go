package vantage

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"checkoutdoctor/web/vantage/internal/ranges"
)

// Trust says which proxies are believed about the client, and what they write.
// Headers count only on connections that come from one of Proxies: anybody else
// could have written them. The zero value trusts nobody.
type Trust struct {
	// Proxies are the networks of the proxies in front of the server, IPv4 as
	// such and not within IPv6.
	Proxies []netip.Prefix
	// AddressHeader names the header with the client's address: Forwarded (RFC
	// 7239) is read as such, any other as a list of addresses as
	// X-Forwarded-For has it. It is read from its end, where the proxies add to
	// it, as far as the addresses are trusted proxies' own; what the client
	// itself may have written before that is never reached. Empty: the client's
	// address is not told.
	AddressHeader string
	// CountryHeader names the header with the client's country, such as
	// CF-IPCountry. The proxy must set it on every request, over what the
	// client sent. Empty: none.
	CountryHeader string
	// ASNHeader names the header with the number of the client's autonomous
	// system, "64496" or "AS64496"; the same holds. Empty: none.
	ASNHeader string
}

// ParsePrefix reads a network such as 192.0.2.0/24, or an address, which counts
// as a network of its own, in the form in which Trust wants it: IPv4 within
// IPv6 becomes IPv4. A network with bits below its prefix is refused: it may be
// an address whose prefix is too short.
func ParsePrefix(text string) (netip.Prefix, error) {
	prefix, err := ranges.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	if written, err := netip.ParsePrefix(text); err == nil && written != written.Masked() {
		return netip.Prefix{}, fmt.Errorf("%q is within the network %s; want that or the address alone", text, prefix)
	}
	return prefix, nil
}

// maxHops bounds how many proxies are followed in a header.
const maxHops = 32

// claim is what is believed of a request's client.
type claim struct {
	address netip.Addr // not valid where a proxy did not tell it
	country string     // empty where none was named
	kind    Kind       // empty where none was named
	asn     uint32     // 0 where none was named
	proxied bool
}

// claim returns what is believed of the client of a connection from peer.
func (t Trust) claim(peer netip.Addr, h http.Header) claim {
	if !t.trusts(peer) {
		return claim{address: peer}
	}
	named := single(h, t.CountryHeader)
	c := claim{proxied: true, country: country(named), asn: systemNumber(single(h, t.ASNHeader))}
	if strings.EqualFold(named, torCountry) {
		c.kind = VPN
	}
	if t.AddressHeader != "" {
		c.address = t.client(h.Values(t.AddressHeader), nodeReader(t.AddressHeader))
	}
	return c
}

// Headers that tell of a proxy in front of the server, in the form of
// http.Header's keys. Content networks alone write the first: CDN-Loop (RFC
// 8586), and the names under which Cloudflare, Fastly and CloudFront pass on
// for whom they ask. Any reverse proxy writes the others, but so do forward
// proxies. Via is in neither list: forward proxies write it more than others
// do, and reverse proxies seldom write nothing else.
var (
	contentNetworkHeaders = []string{"Cdn-Loop", "Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Amz-Cf-Id"}
	reverseProxyHeaders   = []string{"X-Forwarded-For", "Forwarded", "True-Client-Ip", "X-Real-Ip"}
)

// fromContentNetwork tells whether a content network wrote the headers, or
// somebody in its name. A browser and its user's proxies do not.
func fromContentNetwork(h http.Header) bool { return hasAny(h, contentNetworkHeaders) }

// fromReverseProxy tells whether the headers are as reverse proxies write them.
func fromReverseProxy(h http.Header) bool {
	return fromContentNetwork(h) || hasAny(h, reverseProxyHeaders)
}

func hasAny(h http.Header, keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return len(h[key]) > 0 })
}

// sharedSpace is that of carriers and clouds (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// isPublic tells whether the address can be one of the internet.
func isPublic(address netip.Addr) bool {
	return address.IsValid() && !address.IsPrivate() && !address.IsLoopback() && !address.IsLinkLocalUnicast() && !sharedSpace.Contains(address)
}

func (t Trust) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(t.Proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// client walks the elements of the lines from the end and returns the first
// address that is not a trusted proxy's; where all are, the first of the list.
// An element without an address ends the walk in vain: what comes before it was
// written by nobody knows whom.
func (t Trust) client(lines []string, node func(element string) (netip.Addr, bool)) netip.Addr {
	var furthest netip.Addr
	hops := 0
	for _, line := range slices.Backward(lines) {
		for more := true; more; {
			var element string
			line, element, more = cutLast(line)
			if element == "" {
				continue // RFC 9110, section 5.6.1.2: empty elements do not count
			}
			address, ok := node(element)
			if hops++; !ok || hops > maxHops {
				return netip.Addr{}
			}
			if !t.trusts(address) {
				return address
			}
			furthest = address
		}
	}
	return furthest
}

// cutLast cuts the last element off a list with commas. A comma between quotes
// belongs to its element. The quotes are paired from the end, so that one which
// the client left open cannot swallow what proxies added.
func cutLast(list string) (before, element string, more bool) {
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch {
		case list[i] == '"' && !escaped(list[:i]):
			quoted = !quoted
		case list[i] == ',' && !quoted:
			return list[:i], strings.Trim(list[i+1:], " \t"), true
		}
	}
	return "", strings.Trim(list, " \t"), false
}

// escaped tells whether a character after this text is escaped.
func escaped(before string) bool {
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

func nodeReader(header string) func(string) (netip.Addr, bool) {
	if strings.EqualFold(header, "Forwarded") {
		return forwardedFor
	}
	return nodeAddress
}

// forwardedFor returns the address of the "for" parameter of an element of the
// header Forwarded.
func forwardedFor(element string) (netip.Addr, bool) {
	var node string
	found := false
	for rest := element; rest != ""; {
		var pair string
		pair, rest = cutPair(rest)
		name, value, _ := strings.Cut(strings.Trim(pair, " \t"), "=")
		if !strings.EqualFold(name, "for") {
			continue
		}
		if found {
			return netip.Addr{}, false // RFC 7239, section 4: once an element
		}
		node, found = value, true
	}
	if unquoted, ok := strings.CutPrefix(node, `"`); ok {
		if node, ok = strings.CutSuffix(unquoted, `"`); !ok {
			return netip.Addr{}, false
		}
	}
	return nodeAddress(node)
}

// cutPair cuts the first of the pairs of an element off. A semicolon between
// quotes belongs to its pair.
func cutPair(pairs string) (pair, rest string) {
	quoted := false
	for i := range len(pairs) {
		switch {
		case pairs[i] == '"' && !escaped(pairs[:i]):
			quoted = !quoted
		case pairs[i] == ';' && !quoted:
			return pairs[:i], pairs[i+1:]
		}
	}
	return pairs, ""
}

// nodeAddress reads an address with or without port, brackets and zone. Names
// that hide it, "unknown" and "_hidden" (RFC 7239, sections 6.2 and 6.3), are
// no address.
func nodeAddress(node string) (netip.Addr, bool) {
	if address, err := netip.ParseAddrPort(node); err == nil {
		return plain(address.Addr()), true
	}
	if inner, ok := strings.CutPrefix(node, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		address, err := netip.ParseAddr(inner)
		return plain(address), ok && err == nil && address.Is6()
	}
	address, err := netip.ParseAddr(node)
	return plain(address), err == nil
}

// single returns the header's value, or nothing where it stands in the request
// several times: then not all of them are the proxy's.
func single(h http.Header, name string) string {
	if values := h.Values(name); name != "" && len(values) == 1 {
		return strings.Trim(values[0], " \t")
	}
	return ""
}

// torCountry is what CF-IPCountry has of Tor's exits, in place of a country
// (https://developers.cloudflare.com/fundamentals/reference/http-headers/). They
// count as a VPN: they hide where the user is, and banks refuse them likewise.
const torCountry = "T1"

// country returns the country's code, or nothing for what is no country's: XX
// and T1 of CF-IPCountry, or the EU and AP (the Asia-Pacific region) of
// databases that know no closer.
func country(code string) string {
	code = strings.ToUpper(code)
	if notCountry(code) || slices.Contains([]string{unassigned, "XX", "EU", "AP"}, code) {
		return ""
	}
	return code
}

func systemNumber(text string) uint32 {
	if len(text) > 2 && strings.EqualFold(text[:2], "AS") {
		text = text[2:]
	}
	number, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(number)
}
