// Package vantage holds what the server sees of a connection and a browser
// cannot see of itself: the country of the public address and the size of the
// cookies that arrived, and with them what a time zone's name says about the
// place. An address goes in and only its country comes out.
package vantage

import (
	"net/http"
	"net/netip"

	"github.com/phuslu/iploc"
)

// Country returns the ISO 3166 code of the country of the request's address,
// or false where there is none: loopback and private networks, or ranges that
// belong to nobody. It goes by the connection alone, since anybody can write a
// forwarding header; a server behind a proxy needs a function of its own.
func Country(r *http.Request) (string, bool) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "", false
	}
	return CountryOf(from.Addr())
}

// CountryOf returns the ISO 3166 code of the address's country, or false where
// there is none.
func CountryOf(address netip.Addr) (string, bool) {
	if !address.IsValid() {
		return "", false
	}
	country := iploc.IPCountry(address.Unmap().WithZone(""))
	if notCountry(country) || country == unassigned {
		return "", false
	}
	return country, true
}

// unassigned is the table's code for private, reserved and free ranges.
const unassigned = "ZZ"

// CookieBytes returns the length of the Cookie headers' values, which is what
// counts against a server's header limit.
func CookieBytes(h http.Header) int {
	n := 0
	for _, line := range h.Values("Cookie") {
		n += len(line)
	}
	return n
}
