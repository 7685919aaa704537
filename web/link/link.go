// Package link makes and verifies diagnostic links: the addresses that support
// sends to a user, with a case number, and that nobody else can make or change.
//
// A link's query has its parameters in a fixed order, written in one way only,
// and the seal last:
//
//	?case=4711&lang=sv&only=popup.vantage&ads-manager-url=https%3A%2F%2Fads.example%2F&from=1795369200&until=1795628400&sig=1.k3qp.…
//
// The seal holds the version, the key's id and HMAC-SHA-256, cut to 128 bits
// (RFC 2104, section 5), over a prefix that no other use of the key has, the id,
// and the query before the seal, byte for byte. It is compared before anything
// in the link is believed. What is not needed may be missing; sig has letters,
// digits and dots alone, of which no chat or mail program makes markup.
//
// Whoever has a link may use it, any number of times, until it expires. It is
// not bound to a host: sites that must not take each other's links need keys of
// their own.
package link

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Bounds of a link.
const (
	MinTTL  = 10 * time.Minute
	MaxTTL  = 30 * 24 * time.Hour
	maxBase = 200 // bytes
	// maxQuery is in bytes. With the longest base, a link stays within 2,000,
	// which browsers, mail programs and proxies take.
	maxQuery = 1800
)

// Skew is how far the clock of the machine that makes links may be from that of
// the machine that verifies them: a link is good that much earlier and later
// than it says.
const Skew = 5 * time.Minute

// Link is what a diagnostic link says.
type Link struct {
	Case          string    // support's number: printable, 64 characters at most
	Language      string    // BCP 47; empty for the reader's own
	Only          []string  // names of the checks to make; empty for all
	AdsManagerURL string    // empty for none; https, and on an allowed host
	From, Until   time.Time // when it is good, to the second
}

// Signer makes links.
type Signer struct {
	Base  string // URL under which the diagnostic is served, such as https://doctor.example
	Keys  Keys
	Hosts Hosts // where a URL in a link may lead
}

// Sign returns the link's URL: the same for the same link and key. An error that
// lies in the link is an [Error] that names the parameter.
func (s Signer) Sign(l Link) (string, error) {
	base, err := linkBase(s.Base)
	if err != nil {
		return "", err
	}
	if len(s.Keys.list) == 0 {
		return "", errors.New("there is no key to sign with")
	}
	if err := l.check(s.Hosts); err != nil {
		return "", err
	}
	query := l.query()
	query += sealStart + s.Keys.list[0].seal(query)
	if len(query) > maxQuery {
		return "", &Error{Reason: TooLong, err: fmt.Errorf("its parameters take %d bytes, %d is the most", len(query), maxQuery)}
	}
	return base + "?" + query, nil
}

// linkBase checks the base and has it end with a slash. What is signed must not be
// read on the way: plain HTTP is for this machine alone.
func linkBase(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(base, "?# ") || u.Scheme != "https" && u.Scheme != "http" {
		return "", fmt.Errorf("%q is no address that a link can have; want one such as https://doctor.example", base)
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return "", fmt.Errorf("%q must be https", base)
	}
	if len(base) > maxBase {
		return "", fmt.Errorf("the base is longer than %d bytes", maxBase)
	}
	return strings.TrimRight(u.String(), "/") + "/", nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// Verifier tells good links from others.
type Verifier struct {
	Keys  Keys
	Hosts Hosts // where a URL in a link may lead
}

// Verify returns what the link with this query says: the part of its URL after
// the question mark, as it was sent. The error is an [*Error] that gives the
// reason; nothing of a link that has one is to be believed.
func (v Verifier) Verify(rawQuery string, now time.Time) (Link, error) {
	if len(rawQuery) > maxQuery {
		return Link{}, &Error{Reason: TooLong}
	}
	query, ok := v.Keys.unseal(rawQuery)
	if !ok {
		return Link{}, v.Keys.whyNot(rawQuery)
	}
	l, err := parse(query)
	if err != nil {
		return Link{}, &Error{Reason: Unacceptable, err: err}
	}
	if err := l.check(v.Hosts); err != nil {
		return Link{}, err
	}
	if err := l.checkTime(now); err != nil {
		return Link{}, err
	}
	return l, nil
}

// checkTime tells whether the link is good now.
func (l Link) checkTime(now time.Time) error {
	if now.Before(l.From.Add(-Skew)) {
		return &Error{Reason: NotYetValid, err: fmt.Errorf("it is good from %s", l.From.UTC().Format(time.RFC3339))}
	}
	if now.After(l.Until.Add(Skew)) {
		return &Error{Reason: Expired, err: fmt.Errorf("it was good until %s", l.Until.UTC().Format(time.RFC3339))}
	}
	return nil
}
