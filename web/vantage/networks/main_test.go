package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage/internal/ranges"
)

// archive writes an npm package with the files, by turns of name and content.
func archive(t *testing.T, files ...string) string {
	t.Helper()
	var content bytes.Buffer
	zipped := gzip.NewWriter(&content)
	w := tar.NewWriter(zipped)
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}))
		_, err := w.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zipped.Close())
	file := filepath.Join(t.TempDir(), "asn.tgz")
	require.NoError(t, os.WriteFile(file, content.Bytes(), 0o600))
	return file
}

const (
	four = "192.0.2.0,192.0.2.127,64496,\"A, Inc.\"\n192.0.2.128,192.0.2.255,64497,B\n192.0.3.0,192.0.3.255,64497,B\n198.51.100.0,198.51.100.255,1,C\n"
	six  = "2001:db8::,2001:db8:0:1:ffff:ffff:ffff:ffff,64496,\"A, Inc.\"\n2001:db8:1::8,2001:db8:1:2::,64497,B\n2001:db8:2::1,2001:db8:2::2,64497,B\n"
	list = "hosting\t64496\tA, Inc.\thttps://a.example\nvpn\t64497\tB\thttps://b.example\n"
)

func TestRun(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "systems.txt"), []byte(list), 0o600))
	var stdout bytes.Buffer
	require.NoError(t, run(t.Context(), folder, archive(t, tables[0], four, tables[1], six, "package/README.md", "x"), &stdout))
	assert.Contains(t, stdout.String(), "hosting     1 systems      1 ranges of IPv4      1 of IPv6\nvpn         1 systems      1 ranges of IPv4      1 of IPv6\n")

	packed, err := os.ReadFile(filepath.Join(folder, "ranges.bin"))
	require.NoError(t, err)
	table, err := ranges.Unpack(packed)
	require.NoError(t, err)
	for address, want := range map[string]string{
		"192.0.2.0": "hosting", "192.0.2.127": "hosting", "192.0.2.128": "vpn", "192.0.3.255": "vpn", "192.0.4.0": "", "198.51.100.1": "",
		"2001:db8::": "hosting", "2001:db8:0:1:ffff:ffff:ffff:ffff": "hosting", "2001:db8:0:2::": "",
		"2001:db8:1::8": "", "2001:db8:1:1::": "vpn", "2001:db8:1:2::": "", "2001:db8:2::1": "",
	} {
		kind, ok := table.Find(netip.MustParseAddr(address))
		assert.Equal(t, want != "", ok, address)
		if ok {
			assert.Equal(t, want, ranges.Kinds[kind], address)
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	tests := []struct {
		name, list, four, six, want string
	}{
		{"a kind that nobody knows", "home\t1\tA\tb\n", four, six, `AS1 is "home", want one of ["hosting" "vpn" "relay" "mobile"]`},
		{"a number with another name", "vpn\t64497\tBcd\tb\n", four, six,
			`AS64497 is "Bcd" in systems.txt and "B" in the package; it may have changed hands`},
		{"a number that is gone", "vpn\t64499\tD\tb\n", four, six,
			`AS64499 is "D" in systems.txt and "" in the package; it may have changed hands`},
		{"ranges that overlap", list, four + "192.0.2.10,192.0.2.11,64497,B\n", six, "the ranges that begin at 192.0.2.0 and 192.0.2.10 overlap"},
		{"no address", list, "a,b,64497,B\n", six, `read asn.tgz: package/asn-ipv4.csv: ParseAddr("a"): unable to parse IP`},
		{"no number", list, "192.0.2.0,192.0.2.1,x,B\n", six, `read asn.tgz: package/asn-ipv4.csv: strconv.ParseUint: parsing "x": invalid syntax`},
		{"a column too few", list, "192.0.2.0,192.0.2.1,1\n", six, "read asn.tgz: package/asn-ipv4.csv: record on line 1: wrong number of fields"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			systems, err := ranges.ParseSystems(tt.list)
			require.NoError(t, err)
			_, err = choose(archive(t, tables[0], tt.four, tables[1], tt.six), systems)
			assert.EqualError(t, err, tt.want)
		})
	}
	_, err := choose(archive(t, tables[0], four), nil)
	assert.EqualError(t, err, `read asn.tgz: it lacks ["package/asn-ipv6.csv"]`)
}

// TestListsAreInOrder holds the lists of the repository.
func TestListsAreInOrder(t *testing.T) {
	text, err := os.ReadFile("systems.txt")
	require.NoError(t, err)
	systems, err := ranges.ParseSystems(string(text))
	require.NoError(t, err)
	_, err = newChooser(systems)
	require.NoError(t, err)
	for _, s := range systems {
		assert.NotEmpty(t, s.Name, "AS%d", s.Number)
		assert.True(t, strings.HasPrefix(s.Source, "https://"), "AS%d has the source %q", s.Number, s.Source)
	}

	text, err = os.ReadFile("prefixes.txt")
	require.NoError(t, err)
	networks, err := ranges.ParseNetworks(string(text))
	require.NoError(t, err)
	for i, n := range networks {
		assert.Contains(t, ranges.Kinds, n.Value)
		for _, other := range networks[:i] {
			assert.False(t, n.Prefix.Overlaps(other.Prefix), "%s and %s", n.Prefix, other.Prefix)
		}
	}

	notice, err := os.ReadFile("NOTICE")
	require.NoError(t, err)
	version := source[strings.LastIndex(source, "@")+1:]
	assert.Contains(t, string(notice), "version "+version, "the NOTICE names the package that was read")
}
