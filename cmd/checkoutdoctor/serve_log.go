package main

import (
	"io"
	"log"
	"net/netip"
	"regexp"
	"strings"
)

// messagesTo returns the log of what goes wrong in serve, which keeps the
// causes and no address of a client.
func messagesTo(w io.Writer) *log.Logger {
	return log.New(withoutAddresses{w}, "", 0)
}

// withoutAddresses is a writer that leaves out the addresses of what it is
// given, of which each call is a whole message. The standard library puts them
// into its messages of handshakes, panics and connections that broke.
type withoutAddresses struct{ next io.Writer }

func (w withoutAddresses) Write(message []byte) (int, error) {
	if _, err := w.next.Write(cleaned(message)); err != nil {
		return 0, err
	}
	return len(message), nil
}

// inMessages finds what may be an address with or without port: IPv6 in
// brackets and bare, and IPv4; and the values that a panic's stack shows of
// functions' arguments, of which some are an address's bits.
var inMessages = regexp.MustCompile(
	`\[[0-9A-Fa-f:.]+(?:%[^\]\s]*)?\](?::\d+)?` +
		`|(?:[0-9A-Fa-f]*:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]+)(?:%[^\]\s:>]+)?` +
		`|[0-9A-Fa-f:]*::` +
		`|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?` +
		`|\b0x[0-9a-f]+`)

// leftOut stands where an address was.
const leftOut = "…"

func cleaned(message []byte) []byte {
	return inMessages.ReplaceAllFunc(message, func(found []byte) []byte {
		if text := string(found); strings.HasPrefix(text, "0x") || isAddress(text) {
			return []byte(leftOut)
		}
		return found
	})
}

func isAddress(text string) bool {
	if _, err := netip.ParseAddrPort(text); err == nil {
		return true
	}
	text = strings.Trim(text, "[]")
	for _, text := range []string{text, strings.TrimSuffix(text, ":")} { // that of "::1: refused"
		if _, err := netip.ParseAddr(text); err == nil {
			return true
		}
	}
	return false
}
