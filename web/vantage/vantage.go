// Package vantage holds what the server sees of a connection and a browser
// cannot see of itself: the country and the kind of network of the public
// address, and the size of the cookies that arrived, and with them what a time
// zone's name says about the place. An address goes in and only its place comes
// out.
package vantage

import "net/http"

// CookieBytes returns the length of the Cookie headers' values, which is what
// counts against a server's header limit.
func CookieBytes(h http.Header) int {
	n := 0
	for _, line := range h.Values("Cookie") {
		n += len(line)
	}
	return n
}
