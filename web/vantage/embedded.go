package vantage

import (
	_ "embed" // for the networks
	"fmt"
	"net/netip"
	"sync"

	"github.com/phuslu/iploc"

	"checkoutdoctor/web/vantage/internal/ranges"
)

// The data is described in networks/NOTICE.
var (
	//go:embed networks/systems.txt
	listedSystems string
	//go:embed networks/prefixes.txt
	listedPrefixes string
	//go:embed networks/ranges.bin
	packedRanges []byte
)

// Embedded returns the Locator of the data that is built in: countries by
// github.com/phuslu/iploc, kinds by the lists of well-known networks in
// networks. It knows the common ones alone; whoever wants to know more hands
// in databases (OpenMaxMind) and Apple's list (ReadRelays).
func Embedded() Locator { return embedded{} }

type embedded struct{}

func (embedded) Locate(address netip.Addr) Place {
	if !address.IsValid() {
		return Place{}
	}
	address = plain(address)
	country := iploc.IPCountry(address)
	if notCountry(country) || country == unassigned {
		country = ""
	}
	kind, listed := networks().kindOf(address)
	if !listed && country != "" {
		kind = Other
	}
	return Place{Country: country, Kind: kind}
}

// unassigned is the table's code for private, reserved and free ranges.
const unassigned = "ZZ"

// networkData is what is known of the kinds of networks.
type networkData struct {
	prefixes ranges.Table[string] // count before the ranges
	ranges   ranges.Table[uint8]
	kinds    []Kind // of the ranges' values
	systems  map[uint32]Kind
}

func (n *networkData) kindOf(address netip.Addr) (kind Kind, listed bool) {
	if kind, listed := n.prefixes.Find(address); listed {
		return Kind(kind), true
	}
	if i, listed := n.ranges.Find(address); listed && int(i) < len(n.kinds) {
		return n.kinds[i], true
	}
	return "", false
}

// networks is read once. It cannot fail on what was built in, which a test
// holds.
var networks = sync.OnceValue(func() *networkData {
	data, err := readNetworks(listedSystems, listedPrefixes, packedRanges)
	if err != nil {
		panic(err)
	}
	return data
})

func readNetworks(systems, prefixes string, packed []byte) (*networkData, error) {
	data := &networkData{systems: make(map[uint32]Kind)}
	for _, kind := range ranges.Kinds {
		data.kinds = append(data.kinds, Kind(kind))
	}
	list, err := ranges.ParseSystems(systems)
	if err != nil {
		return nil, fmt.Errorf("read networks/systems.txt: %w", err)
	}
	for _, s := range list {
		data.systems[s.Number] = Kind(s.Kind)
	}
	special, err := ranges.ParseNetworks(prefixes)
	if err != nil {
		return nil, fmt.Errorf("read networks/prefixes.txt: %w", err)
	}
	data.prefixes = ranges.OfNetworks(special)
	if data.ranges, err = ranges.Unpack(packed); err != nil {
		return nil, fmt.Errorf("read networks/ranges.bin: %w", err)
	}
	return data, nil
}

// kindOfSystem returns the kind of the autonomous system, and Other where the
// list does not have it.
func kindOfSystem(number uint32) Kind {
	if kind, listed := networks().systems[number]; listed {
		return kind
	}
	return Other
}
