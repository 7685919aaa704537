package vantage

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Handshake says who began the TLS handshake of a connection. The zero value
// means that it cannot be told.
type Handshake string

// A handshake is the browser's own, or that of somebody in between who ends the
// browser's TLS and began one of their own.
const (
	Own      Handshake = "own"
	Replaced Handshake = "replaced"
)

// hello is what is remembered of a connection's ClientHello.
type hello struct {
	seen  bool
	marks mark
}

// mark is what a TLS implementation puts into its ClientHello that few others do.
type mark uint8

const (
	// markGREASE: values reserved for nothing, so that servers learn to ignore
	// what they do not know (RFC 8701).
	markGREASE mark = 1 << iota
	// markNSS: the extensions record_size_limit (RFC 8449) and
	// delegated_credential (RFC 9345).
	markNSS
)

// The extensions by which Firefox's NSS is known
// (https://www.iana.org/assignments/tls-extensiontype-values).
const (
	extensionRecordSizeLimit      = 28
	extensionDelegatedCredentials = 34
)

// A browser is told by its User-Agent, and its handshake by a mark. That a
// handshake which lacks the mark is not the browser's is how proxies and
// antivirus software are told in Durumeric et al., The Security Impact of HTTPS
// Interception, NDSS 2017, section 3. Whoever copies the mark is not seen, a
// handshake that has any of it counts as the browser's own, and one that has
// another browser's says nothing: then it is rather the User-Agent that is
// wrong, by an extension that changes it, or in WebKit under Playwright, whose
// TLS is not Safari's. A false alarm would send a user after software that is
// not there.
type browser struct {
	product string   // in the User-Agent, before the version
	since   int      // the first version that surely has the mark
	with    []string // one of these must be in the User-Agent too, if there are any
	without string   // this must not be, if it is not empty
	mark    mark
}

// browsers are in the order in which a User-Agent is held against them: that of
// Chromium names Safari as well. Browsers on iOS that are not Safari name no
// version of their engine and are left out, as is WebKit on Linux, whose TLS is
// GnuTLS.
var browsers = []browser{
	// Chromium switches GREASE on for every connection, since version 55
	// (net/socket/ssl_client_socket_impl.cc, SSL_CTX_set_grease_enabled). The
	// Edge that said "Edge/" was no Chromium.
	{product: "Chrome/", since: 64, without: "Edge/", mark: markGREASE},
	// NSS as Firefox has it: the fingerprints of refraction-networking/utls have
	// record_size_limit since version 63 and delegated_credential from 99 to
	// 120, and Firefox 153 still sends both.
	{product: "Firefox/", since: 91, mark: markNSS},
	// Apple's systems send GREASE since iOS 14 and macOS 11 (utls, HelloIOS_13
	// against HelloIOS_14). Safari 16 runs on neither that is older; 15 did.
	{product: "Version/", since: 16, with: []string{"Macintosh", "iPhone", "iPad"}, mark: markGREASE},
}

// TLSConfig returns the configuration with a hook that remembers each
// connection's ClientHello for HandshakeOf. The server needs ConnContext too.
func TLSConfig(c *tls.Config) *tls.Config {
	c = c.Clone()
	choose := c.GetConfigForClient
	c.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		if connection := connectionIn(h.Context()); connection != nil {
			connection.hello = hello{seen: true, marks: marksOf(h)}
		}
		if choose == nil {
			return nil, nil
		}
		return choose(h)
	}
	return c
}

func marksOf(h *tls.ClientHelloInfo) mark {
	var found mark
	if slices.ContainsFunc(h.CipherSuites, isGREASE) || slices.ContainsFunc(h.Extensions, isGREASE) {
		found |= markGREASE
	}
	if slices.Contains(h.Extensions, extensionRecordSizeLimit) || slices.Contains(h.Extensions, extensionDelegatedCredentials) {
		found |= markNSS
	}
	return found
}

// isGREASE tells the values 0x0A0A, 0x1A1A, … 0xFAFA (RFC 8701, section 2).
func isGREASE(value uint16) bool { return value&0x0f0f == 0x0a0a && value>>8 == value&0xff }

// HandshakeOf says whose handshake the request came by, as far as its
// User-Agent tells what the browser's own looks like. It is empty where that is
// no browser that is known, where the handshake is another browser's, and where
// there was no TLS.
func HandshakeOf(r *http.Request) Handshake {
	c := connectionIn(r.Context())
	if c == nil || !c.hello.seen {
		return ""
	}
	expected := markFor(r.UserAgent())
	switch {
	case c.hello.marks&expected != 0:
		return Own
	case expected != 0 && c.hello.marks == 0:
		return Replaced
	}
	return ""
}

// markFor returns the mark of the browser's handshakes, 0 where none is known.
func markFor(userAgent string) mark {
	for _, b := range browsers {
		version, named := versionOf(userAgent, b.product)
		if !named {
			continue
		}
		if version < b.since || b.without != "" && strings.Contains(userAgent, b.without) ||
			len(b.with) > 0 && !slices.ContainsFunc(b.with, func(w string) bool { return strings.Contains(userAgent, w) }) {
			return 0
		}
		return b.mark
	}
	return 0
}

// versionOf returns the major version of a product that the User-Agent names,
// 0 where it cannot be read.
func versionOf(userAgent, product string) (version int, named bool) {
	_, rest, named := strings.Cut(userAgent, product)
	if !named {
		return 0, false
	}
	digits := 0
	for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
		digits++
	}
	version, err := strconv.Atoi(rest[:digits])
	if err != nil {
		return 0, true
	}
	return version, true
}
