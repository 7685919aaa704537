package vantage

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
)

// Kind says what sort of network an address belongs to. The zero value means
// that it is not known.
type Kind string

// The kinds of networks that matter to a payment. Hosting is a data centre,
// where no advertiser's browser runs without something between; VPN is a
// network of a VPN service; Relay one of the relays that browsers bring along,
// such as iCloud Private Relay, which keep the country; Mobile a carrier's;
// Other is every other network that is in use.
const (
	Hosting Kind = "hosting"
	VPN     Kind = "vpn"
	Relay   Kind = "relay"
	Mobile  Kind = "mobile"
	Other   Kind = "other"
)

// Place is what is known of where an address belongs.
type Place struct {
	// Country is the ISO 3166-1 alpha-2 code, or empty where it is not known.
	Country string
	Kind    Kind
}

// Client is who sent a request, as far as the server can tell. It prints and
// marshals without the address, so that none gets into a log by accident; a
// Client in an unexported field of something that is printed is beyond its
// reach, since fmt calls no methods there.
type Client struct {
	// Address is without a zone, and IPv4 also where it came as IPv4 within
	// IPv6. It is not valid where it is not known.
	Address netip.Addr `json:"-"`
	Place
	// Proxied says that the connection is that of a proxy in front of the
	// server, or may be: what TCP, TLS and HTTP show of it says nothing of the
	// client. That goes for Via and Forwarded too, although a proxy of the client's
	// own may have written to them before: how many entries are the server's own
	// proxies' cannot be told, since one that has several layers, as content
	// networks have, adds several.
	Proxied bool
	// Hop is the address of a proxy that nobody has named, of a client that
	// writes like one, or of whoever is in a private network with the server. It
	// tells apart, to whoever limits clients whose own address is not known, by
	// which of them they come.
	Hop netip.Addr `json:"-"`
}

// LimitAddress returns the address by which the client is to be limited, which is not
// valid where many may share all that is known of them. Somebody on the internet who
// writes like a proxy is limited alone, since anybody can: a content network that
// nobody has named is limited by the address of each of its machines.
func (c Client) LimitAddress() netip.Addr {
	switch {
	case c.Address.IsValid():
		return c.Address
	case isPublic(c.Hop):
		return c.Hop
	}
	return netip.Addr{}
}

// String describes the client without its address.
func (c Client) String() string {
	return fmt.Sprintf("client{country:%q kind:%q proxied:%t}", c.Country, c.Kind, c.Proxied)
}

// Format writes String's text whatever the verb is.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(c.String()))
}

// LogValue gives slog the place and never the address.
func (c Client) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("country", c.Country), slog.String("kind", string(c.Kind)), slog.Bool("proxied", c.Proxied))
}

// Locator knows where addresses belong. It is safe for concurrent use.
type Locator interface {
	// Locate returns the place of the address; an IPv4 address within IPv6 and
	// one with a zone count like the plain address. Of an address that is not
	// valid or belongs to nobody, nothing is known.
	Locate(address netip.Addr) Place
}

// Finder finds out who sent a request. The zero value goes by the connection's
// address and the embedded data.
type Finder struct {
	// Locator knows the places; nil stands for Embedded.
	Locator Locator
	Trust   Trust
	// Unnamed, if it is not nil, is called for each request that comes by what
	// seems to be a reverse proxy in front of the server that Trust does not
	// name: with headers that content networks write, or with those of any
	// reverse proxy from a private network or a data centre. Any client there can
	// write them. It may be called by several goroutines at a time.
	Unnamed func()
}

// Find returns the client that sent the request. Headers count as far as the
// Finder's Trust goes. A country that a trusted proxy names counts before the
// Locator's, an autonomous system where the Locator knows no special kind. Of a
// client behind a proxy or a forwarder that Trust does not name, nothing is known.
func (f Finder) Find(r *http.Request) Client {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return Client{}
	}
	peer := plain(from.Addr())
	if !f.Trust.trusts(peer) {
		unnamed := f.isUnnamedProxy(peer, r.Header)
		if unnamed && f.Unnamed != nil {
			f.Unnamed()
		}
		if unnamed || maybeForwarder(peer) {
			return Client{Proxied: true, Hop: peer}
		}
	}
	return f.claimed(f.Trust.claim(peer, r.Header))
}

// isUnnamedProxy tells whether the connection is that of a reverse proxy of the
// server's own, which nobody has named. What it says is not believed. An address
// of a data centre alone may be a VPN's, whose user's own proxy writes headers as
// reverse proxies do: of that user nothing is known, rather than something wrong
// of everybody behind a reverse proxy.
func (f Finder) isUnnamedProxy(peer netip.Addr, h http.Header) bool {
	return fromContentNetwork(h) ||
		fromReverseProxy(h) && (!isPublic(peer) || f.locator().Locate(peer).Kind == Hosting)
}

// maybeForwarder tells whether the connection may be that of one who passes TCP
// on as it is, such as a container's port or HAProxy: it comes from where no
// client on the internet is. Whoever tries the server out does so over the
// loopback, which is therefore believed.
func maybeForwarder(peer netip.Addr) bool { return !isPublic(peer) && !peer.IsLoopback() }

// claimed returns the client of whom that is believed.
func (f Finder) claimed(claim claim) Client {
	client := Client{Address: claim.address, Proxied: claim.proxied}
	if claim.address.IsValid() {
		client.Place = f.locator().Locate(claim.address)
	}
	if claim.country != "" {
		client.Country = claim.country
	}
	if claim.kind != "" {
		client.Kind = claim.kind
	}
	if claim.asn != 0 && (client.Kind == "" || client.Kind == Other) {
		client.Kind = kindOfSystem(claim.asn)
	}
	return client
}

func (f Finder) locator() Locator {
	if f.Locator == nil {
		return Embedded()
	}
	return f.Locator
}

// plain returns the address as tables hold it.
func plain(address netip.Addr) netip.Addr {
	return address.Unmap().WithZone("")
}
