package vantage

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"

	"github.com/oschwald/maxminddb-golang/v2"
)

// MaxMind is a Locator of databases in the MaxMind DB format. It falls back to
// the embedded data for what they do not know.
type MaxMind struct {
	databases atomic.Pointer[[]*maxminddb.Reader]
}

// OpenMaxMind opens databases in the MaxMind DB format: GeoIP2 or GeoLite2
// Country and City, ASN, Anonymous IP and Connection Type, those of
// ip-location-db, and others whose records have the same keys. For each
// question the first of them that knows an answer counts. They are read into
// memory whole and checked from end to end, so that a file which is damaged is
// an error here that names it, and one that is replaced later does no harm.
func OpenMaxMind(files ...string) (*MaxMind, error) {
	if len(files) == 0 {
		return nil, errors.New("open databases of places: no file given")
	}
	var databases []*maxminddb.Reader
	for _, file := range files {
		database, err := openDatabase(file)
		if err != nil {
			return nil, fmt.Errorf("open the database of places %s: %w", file, err)
		}
		databases = append(databases, database)
	}
	m := new(MaxMind)
	m.databases.Store(&databases)
	return m, nil
}

func openDatabase(file string) (*maxminddb.Reader, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	database, err := maxminddb.OpenBytes(content)
	if err != nil {
		return nil, err
	}
	if err := readThrough(database); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	return database, nil
}

// readThrough reads every record once. The library's own Verify refuses
// databases that merely lack a description, such as those of ip-location-db.
func readThrough(database *maxminddb.Reader) error {
	read := make(map[uintptr]bool)
	for network := range database.Networks() {
		if err := network.Err(); err != nil {
			return err
		}
		if read[network.Offset()] {
			continue
		}
		var record any
		if err := network.Decode(&record); err != nil {
			return err
		}
		read[network.Offset()] = true
	}
	if len(read) == 0 {
		return errors.New("it holds no network")
	}
	return nil
}

// Close gives the databases up. From then on the MaxMind knows no more than the
// embedded data; questions that are under way end as they would have. It never
// fails.
func (m *MaxMind) Close() error {
	m.databases.Store(nil) // they are in memory alone
	return nil
}

// Locate returns what the databases know of the address. A relay of the
// embedded data stays a relay, since databases count its addresses among those
// of data centres or VPNs.
func (m *MaxMind) Locate(address netip.Addr) Place {
	place := Embedded().Locate(address)
	databases := m.databases.Load()
	if !address.IsValid() || databases == nil {
		return place
	}
	var f finding
	for _, database := range *databases {
		f.add(database.Lookup(plain(address)))
	}
	if f.country != "" {
		place.Country = f.country
	}
	if kind := f.kind(); kind != "" && place.Kind != Relay {
		place.Kind = kind
	}
	if place.Kind == "" && place.Country != "" {
		place.Kind = Other
	}
	return place
}

// finding is what several records say of one address.
type finding struct {
	country                     string
	hidden, hosting, cell, wire bool
	system                      uint32
}

// The keys of the facts, in the order in which they are tried. GeoIP2
// Enterprise has those of Anonymous IP and Connection Type below traits.
var (
	countryKeys = [][]any{{"country", "iso_code"}, {"country_code"}}
	systemKeys  = [][]any{{"autonomous_system_number"}, {"traits", "autonomous_system_number"}}
	hiddenKeys  = [][]any{
		{"is_anonymous_vpn"}, {"is_anonymous_proxy"}, {"is_public_proxy"}, {"is_residential_proxy"}, {"is_tor_exit_node"},
		{"traits", "is_anonymous_vpn"}, {"traits", "is_anonymous_proxy"}, {"traits", "is_public_proxy"},
		{"traits", "is_residential_proxy"}, {"traits", "is_tor_exit_node"},
	}
	hostingKeys    = [][]any{{"is_hosting_provider"}, {"traits", "is_hosting_provider"}}
	connectionKeys = [][]any{{"connection_type"}, {"traits", "connection_type"}}
)

// add adds what a record says. A record that cannot be read says nothing.
func (f *finding) add(record maxminddb.Result) {
	if !record.Found() {
		return
	}
	if f.country == "" {
		f.country = country(first[string](record, countryKeys))
	}
	if f.system == 0 {
		f.system = first[uint32](record, systemKeys)
	}
	f.hidden = f.hidden || first[bool](record, hiddenKeys)
	f.hosting = f.hosting || first[bool](record, hostingKeys)
	if connection := first[string](record, connectionKeys); !f.cell && !f.wire {
		f.cell = strings.EqualFold(connection, "Cellular")
		f.wire = connection != "" && !f.cell
	}
}

// first returns the first value of the keys that is not the zero value.
func first[V comparable](record maxminddb.Result, keys [][]any) V {
	var zero V
	for _, key := range keys {
		var value V
		if err := record.DecodePath(&value, key...); err == nil && value != zero {
			return value
		}
	}
	return zero
}

// kind returns the kind that follows, or nothing. What a database says of the
// address itself counts before what the list has of its autonomous system.
func (f *finding) kind() Kind {
	listed := Kind("")
	if f.system != 0 {
		listed = kindOfSystem(f.system)
	}
	switch {
	case f.hidden:
		return VPN
	case f.hosting && listed != VPN && listed != Relay:
		return Hosting
	case f.cell:
		return Mobile
	case f.wire && listed == Mobile:
		return Other
	}
	return listed
}
