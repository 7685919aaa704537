package vantage

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// database writes a database of records by prefix and returns its file.
func database(t testing.TB, kind string, records map[string]mmdbtype.Map) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, RecordSize: 24, IncludeReservedNetworks: true})
	require.NoError(t, err)
	for prefix, record := range records {
		_, network, err := net.ParseCIDR(prefix)
		require.NoError(t, err)
		require.NoError(t, tree.Insert(network, record))
	}
	var content bytes.Buffer
	_, err = tree.WriteTo(&content)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), kind+".mmdb")
	require.NoError(t, os.WriteFile(file, content.Bytes(), 0o600))
	return file
}

// The databases of the tests, in the forms of their makers.
func countries(t testing.TB) string {
	iso := func(code string) mmdbtype.Map {
		return mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(code), "geoname_id": mmdbtype.Uint32(1)}}
	}
	return database(t, "GeoLite2-Country", map[string]mmdbtype.Map{
		"192.0.2.0/24": iso("SE"), "2001:db8::/32": iso("NO"), "198.51.100.0/24": iso("nonsense"), "104.28.40.0/24": iso("FI"),
	})
}

func systems(t testing.TB) string {
	as := func(number uint32) mmdbtype.Map {
		return mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(number), "autonomous_system_organization": mmdbtype.String("A")}
	}
	return database(t, "GeoLite2-ASN", map[string]mmdbtype.Map{
		"192.0.2.0/28": as(16509), "192.0.2.16/28": as(39351), "192.0.2.32/28": as(21928), "192.0.2.48/28": as(3320), "104.28.40.0/24": as(13335),
	})
}

func hidden(t testing.TB) string {
	is := func(keys ...string) mmdbtype.Map {
		m := mmdbtype.Map{"is_anonymous": mmdbtype.Bool(true)}
		for _, key := range keys {
			m[mmdbtype.String(key)] = mmdbtype.Bool(true)
		}
		return m
	}
	return database(t, "GeoIP2-Anonymous-IP", map[string]mmdbtype.Map{
		"192.0.2.1/32": is("is_anonymous_vpn", "is_hosting_provider"), "192.0.2.2/32": is("is_tor_exit_node"),
		"192.0.2.3/32": is("is_public_proxy"), "192.0.2.17/32": is("is_hosting_provider"), "192.0.2.49/32": is("is_hosting_provider"),
		"192.0.2.50/32": {"is_anonymous_vpn": mmdbtype.Bool(false)}, "104.28.40.1/32": is("is_anonymous_vpn"),
		"203.0.113.0/24": {"is_anonymous_vpn": mmdbtype.String("yes"), "is_hosting_provider": mmdbtype.Uint32(1)},
	})
}

func connections(t testing.TB) string {
	by := func(kind string) mmdbtype.Map { return mmdbtype.Map{"connection_type": mmdbtype.String(kind)} }
	return database(t, "GeoIP2-Connection-Type", map[string]mmdbtype.Map{
		"192.0.2.33/32": by("Cable/DSL"), "192.0.2.51/32": by("Cellular"), "192.0.2.52/32": by("Corporate"),
	})
}

func TestMaxMind(t *testing.T) {
	enterprise := func(t testing.TB) string {
		return database(t, "GeoIP2-Enterprise", map[string]mmdbtype.Map{"192.0.2.0/24": {
			"country": mmdbtype.Map{"iso_code": mmdbtype.String("DK")},
			"traits":  mmdbtype.Map{"is_hosting_provider": mmdbtype.Bool(false), "connection_type": mmdbtype.String("Cellular")},
		}})
	}
	located := func(t testing.TB) string {
		return database(t, "ip-location-db", map[string]mmdbtype.Map{"192.0.2.0/24": {"country_code": mmdbtype.String("FI")}})
	}
	all := []func(testing.TB) string{countries, systems, hidden, connections}
	tests := []struct {
		name    string
		files   []func(testing.TB) string
		address string
		want    Place
	}{
		{"a country", all[:1], "192.0.2.200", Place{"SE", Other}},
		{"a country over IPv6", all[:1], "2001:db8::1", Place{"NO", Other}},
		{"IPv4 within IPv6", all[:1], "::ffff:192.0.2.200", Place{"SE", Other}},
		{"no country in the record", all[:1], "198.51.100.1", Place{}},
		{"what it does not know", all[:1], "8.8.8.8", Place{"US", Hosting}},
		{"what nobody knows", all, "127.0.0.1", Place{}},
		{"a data centre by its number", all[:2], "192.0.2.1", Place{"SE", Hosting}},
		{"a VPN by its number", all[:2], "192.0.2.17", Place{"SE", VPN}},
		{"a carrier by its number", all[:2], "192.0.2.33", Place{"SE", Mobile}},
		{"a number that is not listed", all[:2], "192.0.2.50", Place{"SE", Other}},
		{"a VPN in a data centre", all, "192.0.2.1", Place{"SE", VPN}},
		{"a Tor exit", all, "192.0.2.2", Place{"SE", VPN}},
		{"a public proxy", all, "192.0.2.3", Place{"SE", VPN}},
		{"a data centre that a VPN service runs on", all, "192.0.2.17", Place{"SE", VPN}},
		{"a data centre that is not listed", all, "192.0.2.49", Place{"SE", Hosting}},
		{"no VPN, it says", all, "192.0.2.50", Place{"SE", Other}},
		{"values of other types", all, "203.0.113.1", Place{}},
		{"a carrier's fixed line", all, "192.0.2.33", Place{"SE", Other}},
		{"a mobile line", all, "192.0.2.51", Place{"SE", Mobile}},
		{"an office", all, "192.0.2.52", Place{"SE", Other}},
		{"a relay that it takes for a VPN", all, "104.28.40.1", Place{"FI", Relay}},
		{"the first file counts", []func(testing.TB) string{located, countries}, "192.0.2.1", Place{"FI", Other}},
		{"the traits of Enterprise", []func(testing.TB) string{enterprise}, "192.0.2.1", Place{"DK", Mobile}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var files []string
			for _, write := range tt.files {
				files = append(files, write(t))
			}
			m, err := OpenMaxMind(files...)
			require.NoError(t, err)
			assert.Equal(t, tt.want, m.Locate(netip.MustParseAddr(tt.address)))
			assert.Equal(t, Place{}, m.Locate(netip.Addr{}), "no address")
			assert.NoError(t, m.Close())
		})
	}
}

func TestMaxMindClosedWhileAsked(t *testing.T) {
	m, err := OpenMaxMind(countries(t), systems(t))
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				m.Locate(netip.MustParseAddr("192.0.2.1"))
			}
		})
	}
	require.NoError(t, m.Close())
	group.Wait()
	assert.Equal(t, Place{}, m.Locate(netip.MustParseAddr("192.0.2.1")))
}

func TestOpenMaxMindNamesTheFile(t *testing.T) {
	good := countries(t)
	content, err := os.ReadFile(good)
	require.NoError(t, err)
	bad := func(content []byte) string {
		file := filepath.Join(t.TempDir(), "bad.mmdb")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		return file
	}
	tests := []struct{ name, file, want string }{
		{"no such file", filepath.Join(t.TempDir(), "none.mmdb"), "no such file"},
		{"a folder", t.TempDir(), "is a directory"},
		{"an empty file", bad(nil), "invalid MaxMind DB"},
		{"another format", bad([]byte("ip,country\n192.0.2.1,SE\n")), "invalid MaxMind DB"},
		{"the end of a file", bad(content[len(content)/2:]), ""},
		{"records overwritten", bad(overwritten(content)), "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := OpenMaxMind(good, tt.file)
			require.ErrorContains(t, err, "open the database of places "+tt.file+": ")
			assert.ErrorContains(t, err, tt.want)
		})
	}
	_, err = OpenMaxMind()
	assert.EqualError(t, err, "open databases of places: no file given")
}

// overwritten returns the content with nonsense in place of the records.
func overwritten(content []byte) []byte {
	out := bytes.Clone(content)
	records := bytes.Index(out, []byte("iso_code"))
	for i := range 24 {
		out[records-12+i] = 0xff
	}
	return out
}

func FuzzOpenMaxMind(f *testing.F) {
	content, err := os.ReadFile(connections(f))
	require.NoError(f, err)
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		file := filepath.Join(t.TempDir(), "a.mmdb")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		m, err := OpenMaxMind(file)
		if err != nil {
			assert.ErrorContains(t, err, file)
			return
		}
		for _, address := range []string{"192.0.2.51", "2001:db8::1", "255.255.255.255"} {
			m.Locate(netip.MustParseAddr(address))
		}
	})
}
