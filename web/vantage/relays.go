package vantage

import (
	"fmt"
	"io"
	"net/netip"

	"checkoutdoctor/web/vantage/internal/ranges"
)

// Relays are ranges of relays' addresses that were handed in.
type Relays struct {
	countries ranges.Table[string] // empty where the list does not say
}

// ReadRelays reads the list that Apple publishes of iCloud Private Relay
// (https://mask-api.icloud.com/egress-ip-ranges.csv), whose first two columns
// are the prefix and the country, or any list of prefixes or addresses, one a
// line. Its errors name the line.
func ReadRelays(r io.Reader) (*Relays, error) {
	networks, err := ranges.ParsePrefixes(r)
	if err != nil {
		return nil, fmt.Errorf("read the relays' ranges: %w", err)
	}
	for i, n := range networks {
		if notCountry(n.Value) || n.Value == unassigned {
			networks[i].Value = ""
		}
	}
	return &Relays{ranges.OfNetworks(networks)}, nil
}

// Over returns a Locator by which the addresses in the ranges are a relay's,
// in the country that the list gives; all else is as the other Locator has it.
func (r *Relays) Over(other Locator) Locator { return relayLocator{r, other} }

type relayLocator struct {
	relays *Relays
	other  Locator
}

func (l relayLocator) Locate(address netip.Addr) Place {
	country, ok := l.relays.countries.Find(plain(address))
	if ok && country != "" {
		return Place{Country: country, Kind: Relay}
	}
	place := l.other.Locate(address)
	if ok {
		place.Kind = Relay
	}
	return place
}
