package lab

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"checkoutdoctor/web/vantage"
)

// The vantage's query parameters that choose where the client's address is: in
// a lab every address is loopback.
const (
	countryQuery = "lab-country" // ISO 3166 code
	kindQuery    = "lab-kind"    // a vantage.Kind
)

// A network is where clients of the lab come from, by their address. All of
// them are of the loopback, so that a proxy on this machine can dial from them.
type network struct {
	from  netip.Addr
	place vantage.Place
	// home says that the network is in the country that the query chooses, as
	// is its user: a company's own.
	home bool
	// noUDP says that WebRTC gets nowhere. Browsers send UDP past an HTTP or
	// SOCKS proxy, by which all of these networks are reached, so that elsewhere
	// it comes from the machine's own address.
	noUDP bool
}

// The addresses that the lab tells apart. Every other one is where the query
// says, and nowhere where it says nothing.
var networks = []network{
	{from: netip.MustParseAddr("127.71.1.1"), place: vantage.Place{Kind: vantage.Other}, home: true},                 // a company's own proxy
	{from: netip.MustParseAddr("127.71.0.1"), place: vantage.Place{Country: "NL", Kind: vantage.VPN}},                // a VPN that is an extension of the browser's
	{from: netip.MustParseAddr("127.71.0.2"), place: vantage.Place{Country: "NL", Kind: vantage.Hosting}},            // a proxy in a data centre
	{from: netip.MustParseAddr("127.71.0.3"), place: vantage.Place{Country: "SE", Kind: vantage.Relay}, noUDP: true}, // a relay that comes with the browser
	{from: netip.MustParseAddr("127.71.0.4"), place: vantage.Place{Country: "SE", Kind: vantage.Mobile}},             // a proxy of a carrier's
	{from: netip.MustParseAddr("127.71.0.5"), place: vantage.Place{Country: "NL", Kind: vantage.Other}},              // a proxy in a home abroad
}

// clientOf returns who sent the request to the vantage, and where that is.
func clientOf(r *http.Request) vantage.Client {
	query := r.URL.Query()
	client := vantage.Client{Place: placeIn(query), Proxied: query.Get(proxiedQuery) == yes}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return client
	}
	client.Address = from.Addr().Unmap().WithZone("")
	if n, known := networkOf(client.Address); known {
		home := client.Country
		if client.Place = n.place; n.home {
			client.Country = home
		}
	}
	return client
}

// networkOf returns the network of the address, if it is one of the table's.
func networkOf(address netip.Addr) (n network, known bool) {
	i := slices.IndexFunc(networks, func(n network) bool { return n.from == address })
	if i < 0 {
		return network{}, false
	}
	return networks[i], true
}

// PayURLFrom returns the payment page as PayURL does, for a user whose public
// address is there.
func (l *Lab) PayURLFrom(there vantage.Place, card string, faults []string) string {
	return withQuery(l.PayURL(card, faults), placeQuery(there))
}

// LinkURLFrom returns the diagnostic's own page, for link mode, for a user whose
// public address is there.
func (l *Lab) LinkURLFrom(there vantage.Place) string {
	return withQuery(l.LinkURL(), placeQuery(there))
}

// placeQuery tells the vantage a place, as far as that is known.
func placeQuery(there vantage.Place) url.Values {
	query := url.Values{}
	if there.Country != "" {
		query.Set(countryQuery, there.Country)
	}
	if there.Kind != "" {
		query.Set(kindQuery, string(there.Kind))
	}
	return query
}

// placeIn is the place that a query tells.
func placeIn(query url.Values) vantage.Place {
	return vantage.Place{Country: query.Get(countryQuery), Kind: vantage.Kind(query.Get(kindQuery))}
}

// vantageFor returns the vantage's address, which is told where the page was
// asked for from, if that is said.
func vantageFor(r *http.Request, vantageURL string) string {
	return withQuery(vantageURL, placeQuery(placeIn(r.URL.Query())))
}

// withQuery adds the query to an address, which may have one: a fault asks for
// something as well. Of a parameter that is there twice the first counts.
func withQuery(address string, query url.Values) string {
	if len(query) == 0 {
		return address
	}
	mark := "?"
	if strings.Contains(address, mark) {
		mark = "&"
	}
	return address + mark + query.Encode()
}
