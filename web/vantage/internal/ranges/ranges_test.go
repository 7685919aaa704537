package ranges

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func table(networks ...string) Table[string] {
	var all []Network[string]
	for i, n := range networks {
		all = append(all, Network[string]{netip.MustParsePrefix(n), fmt.Sprint(i)})
	}
	return OfNetworks(all)
}

func TestFind(t *testing.T) {
	tests := []struct {
		name     string
		networks []string
		address  string
		want     string // the place of the network; empty: none
	}{
		{"none at all", nil, "192.0.2.1", ""},
		{"the first address", []string{"192.0.2.0/24"}, "192.0.2.0", "0"},
		{"the last address", []string{"192.0.2.0/24"}, "192.0.2.255", "0"},
		{"the one before", []string{"192.0.2.0/24"}, "192.0.1.255", ""},
		{"the one after", []string{"192.0.2.0/24"}, "192.0.3.0", ""},
		{"between two", []string{"192.0.4.0/24", "192.0.2.0/24"}, "192.0.3.1", ""},
		{"a smaller one within", []string{"192.0.2.128/25", "192.0.2.0/24"}, "192.0.2.200", "0"},
		{"before a smaller one within", []string{"192.0.2.64/26", "192.0.2.0/24"}, "192.0.2.1", "1"},
		{"after a smaller one within", []string{"192.0.2.64/26", "192.0.2.0/24"}, "192.0.2.200", "1"},
		{"three within each other", []string{"192.0.2.0/24", "192.0.2.0/25", "192.0.2.0/26"}, "192.0.2.64", "1"},
		{"the last of equal ones", []string{"192.0.2.0/24", "192.0.2.0/24"}, "192.0.2.1", "1"},
		{"the highest address", []string{"0.0.0.0/0", "255.255.255.255/32"}, "255.255.255.255", "1"},
		{"the one below it", []string{"0.0.0.0/0", "255.255.255.255/32"}, "255.255.255.254", "0"},
		{"the other family", []string{"::/0"}, "192.0.2.1", ""},
		{"a family beside the other", []string{"::/0", "0.0.0.0/0"}, "::1", "0"},
		{"the highest IPv6 address", []string{"::/0", "ffff::/16"}, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "1"},
		{"IPv4 within IPv6", []string{"192.0.2.0/24"}, "::ffff:192.0.2.1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, ok := table(tt.networks...).Find(netip.MustParseAddr(tt.address))
			assert.Equal(t, tt.want, value)
			assert.Equal(t, tt.want != "", ok)
		})
	}
	_, ok := table("0.0.0.0/0").Find(netip.Addr{})
	assert.False(t, ok, "no address")
}

func TestOfNetworksJoinsWhatIsAlike(t *testing.T) {
	joined := OfNetworks([]Network[bool]{
		{netip.MustParsePrefix("192.0.2.0/25"), true}, {netip.MustParsePrefix("192.0.2.128/25"), true}, {netip.MustParsePrefix("192.0.2.1/32"), true},
	})
	assert.Equal(t, 1, joined.Len())
}

// FuzzOfNetworks compares with the plain search for the smallest network.
func FuzzOfNetworks(f *testing.F) {
	f.Add([]byte{0, 0, 8, 0, 0, 4, 255, 255, 32, 9})
	f.Add([]byte{192, 0, 24, 192, 0, 30, 192, 1, 32, 192, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		var networks []Network[int]
		for i := 0; i+2 < len(data) && len(networks) < 64; i += 3 {
			address := netip.AddrFrom4([4]byte{data[i], 0, 0, data[i+1]})
			if data[i+2]%2 == 1 {
				address = netip.AddrFrom16([16]byte{0: data[i], 15: data[i+1]})
			}
			networks = append(networks, Network[int]{netip.PrefixFrom(address, int(data[i+2])%(address.BitLen()+1)), i})
		}
		flat := OfNetworks(networks)
		orderly(t, flat.ranges)
		for _, n := range networks {
			for _, address := range []netip.Addr{n.Prefix.Masked().Addr(), last(n.Prefix), n.Prefix.Masked().Addr().Prev(), last(n.Prefix).Next()} {
				want, known := smallest(networks, address)
				got, ok := flat.Find(address)
				assert.Equal(t, known, ok, address)
				assert.Equal(t, want, got, address)
			}
		}
	})
}

func smallest(networks []Network[int], address netip.Addr) (value int, ok bool) {
	bits := -1
	for _, n := range networks {
		if n.Prefix.Contains(address) && n.Prefix.Bits() >= bits {
			value, bits, ok = n.Value, n.Prefix.Bits(), true
		}
	}
	return value, ok
}

// orderly holds that ranges are sorted, of one family each, and apart.
func orderly[V any](t *testing.T, ranges []Range[V]) {
	t.Helper()
	for i, r := range ranges {
		require.Equal(t, r.First.BitLen(), r.Last.BitLen())
		require.False(t, r.Last.Less(r.First))
		if i > 0 {
			require.True(t, ranges[i-1].Last.Less(r.First))
		}
	}
}

func spans(list ...string) []Range[uint8] {
	var out []Range[uint8]
	for i := 0; i < len(list); i += 2 {
		out = append(out, Range[uint8]{netip.MustParseAddr(list[i]), netip.MustParseAddr(list[i+1]), uint8(i)})
	}
	return out
}

func TestPackKeepsTheRanges(t *testing.T) {
	const top = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
	for name, all := range map[string][]Range[uint8]{
		"none":                nil,
		"IPv4 alone":          spans("0.0.0.0", "0.0.0.0", "1.0.0.0", "1.255.255.255", "255.255.255.255", "255.255.255.255"),
		"IPv6 alone":          spans("::", "::ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::", top),
		"all there is":        spans("0.0.0.0", "255.255.255.255", "::", top),
		"ranges that touch":   spans("1.0.0.0", "1.0.0.1", "1.0.0.2", "1.0.0.2"),
		"one of each, spaced": spans("192.0.2.0", "192.0.2.255", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
	} {
		t.Run(name, func(t *testing.T) {
			packed, err := Pack(all)
			require.NoError(t, err)
			got, err := Unpack(packed)
			require.NoError(t, err)
			assert.Equal(t, all, got.ranges)
		})
	}
}

// zipped is the packed form of numbers, of which the values must stay below
// 128 to be bytes.
func zipped(t testing.TB, numbers ...uint64) []byte {
	t.Helper()
	var plain []byte
	for _, n := range numbers {
		plain = binary.AppendUvarint(plain, n)
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestUnpackRefusesWhatIsDamaged(t *testing.T) {
	good := zipped(t, 1, 5, 10, 0, 0)
	_, err := Unpack(good)
	require.NoError(t, err)
	for name, packed := range map[string][]byte{
		"nothing":                       nil,
		"no gzip":                       []byte("ranges"),
		"half of it":                    good[:len(good)/2],
		"empty within":                  zipped(t),
		"one family":                    zipped(t, 0),
		"more at the end":               zipped(t, 0, 0, 0),
		"too few ranges":                zipped(t, 2, 5, 10, 0, 0),
		"many that are not there":       zipped(t, 1<<60, 0),
		"beyond the last IPv4 address":  zipped(t, 1, 1<<32, 0, 0, 0),
		"longer than IPv4":              zipped(t, 1, 1, 1<<32-1, 0, 0),
		"a range after the last":        zipped(t, 2, 0, 1<<32-1, 0, 0, 0, 0, 0),
		"a range after the last, IPv6":  zipped(t, 0, 2, 0, 1<<64-1, 0, 0, 0, 0),
		"a range that wraps, IPv6":      zipped(t, 0, 1, 5, 1<<64-1, 0),
		"no value":                      zipped(t, 0, 1, 5, 5),
		"a number that does not end":    zipped(t, 0, 1<<63)[:12],
		"a range of no family any more": zipped(t, 0, 0, 1, 1, 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Unpack(packed)
			assert.Error(t, err)
		})
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(zipped(f, 1, 5, 10, 0, 1, 5, 10, 1))
	f.Add(zipped(f, 2, 0, 1<<32-1, 0, 0))
	f.Fuzz(func(t *testing.T, packed []byte) {
		got, err := Unpack(packed)
		if err != nil {
			return
		}
		orderly(t, got.ranges)
		again, err := Pack(got.ranges)
		require.NoError(t, err)
		same, err := Unpack(again)
		require.NoError(t, err)
		assert.Equal(t, got, same)
	})
}

func TestParseLists(t *testing.T) {
	list := "# a comment\n\nvpn\t%s\tA, Inc.\thttps://a.example\n"
	systems, err := ParseSystems(fmt.Sprintf(list, "64496"))
	require.NoError(t, err)
	assert.Equal(t, []System{{"vpn", 64496, "A, Inc.", "https://a.example"}}, systems)
	networks, err := ParseNetworks(fmt.Sprintf(list, "192.0.2.0/24"))
	require.NoError(t, err)
	assert.Equal(t, []Network[string]{{netip.MustParsePrefix("192.0.2.0/24"), "vpn"}}, networks)

	for name, tt := range map[string]struct{ subject, want string }{
		"no number":         {"AS1", `line 3: "AS1" is no number of an autonomous system, or stands here twice`},
		"zero":              {"0", `line 3: "0" is no number of an autonomous system, or stands here twice`},
		"too high":          {"4294967296", `line 3: "4294967296" is no number of an autonomous system, or stands here twice`},
		"a column too many": {"1\t2", "line 3: want kind, subject, name and source with a tab between"},
		"twice":             {"1\tb\tc\nvpn\t1", `line 4: "1" is no number of an autonomous system, or stands here twice`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseSystems(fmt.Sprintf(list, tt.subject))
			assert.EqualError(t, err, tt.want)
		})
	}
	_, err = ParseNetworks(fmt.Sprintf(list, "192.0.2.1/24"))
	assert.EqualError(t, err, `line 3: "192.0.2.1/24" is no prefix`)
}

func TestParsePrefixes(t *testing.T) {
	tests := []struct {
		name, list string
		want       []Network[string]
		err        string
	}{
		{"Apple's form", "172.224.226.0/27,GB,GB-EN,London,\n2a02:26f7:d580:4000::/64,LS,LS-A,Maseru,\r\n", []Network[string]{
			{netip.MustParsePrefix("172.224.226.0/27"), "GB"}, {netip.MustParsePrefix("2a02:26f7:d580:4000::/64"), "LS"}}, ""},
		{"a plain list", "\ufeff# of ours\n\n 192.0.2.1 \n192.0.2.77/24", []Network[string]{
			{netip.MustParsePrefix("192.0.2.1/32"), ""}, {netip.MustParsePrefix("192.0.2.0/24"), ""}}, ""},
		{"an empty file", "", nil, "no prefix in it"},
		{"comments alone", "# a\n", nil, "no prefix in it"},
		{"a page in its place", "192.0.2.1\n<!doctype html>", nil, `line 2: "<!doctype html>" is neither a prefix such as 192.0.2.0/24 nor an address`},
		{"a heading", "prefix,country\n", nil, `line 1: "prefix" is neither a prefix such as 192.0.2.0/24 nor an address`},
		{"a line without end", "192.0.2.1\n" + strings.Repeat("x", maxLine+1), nil, "line 2: bufio.Scanner: token too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParsePrefixes(strings.NewReader(tt.list))
			if tt.err != "" {
				assert.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParsePrefix(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1/32", "192.0.2.1/24": "192.0.2.0/24", "2001:db8::1": "2001:db8::1/128", "2001:db8::1/32": "2001:db8::/32",
		"::ffff:192.0.2.1": "192.0.2.1/32", "::ffff:192.0.2.1/120": "192.0.2.0/24", "::/0": "::/0",
	} {
		prefix, err := ParsePrefix(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, prefix.String(), text)
	}
	for _, text := range []string{"", "a", "192.0.2.1/33", "192.0.2", "fe80::1%eth0", "::ffff:192.0.2.1/90", "192.0.2.1:80", "[::1]", "192.0.2.1/"} {
		_, err := ParsePrefix(text)
		assert.Error(t, err, text)
	}
}

func FuzzParsePrefixes(f *testing.F) {
	f.Add("172.224.226.0/27,GB,GB-EN,London,\n")
	f.Add("\ufeff# a\n::ffff:1.2.3.4/120,,\n::/0\n255.255.255.255\n")
	f.Fuzz(func(t *testing.T, list string) {
		networks, err := ParsePrefixes(strings.NewReader(list))
		if err != nil {
			return
		}
		assert.NotEmpty(t, networks)
		for _, n := range networks {
			assert.True(t, n.Prefix.IsValid())
			assert.Equal(t, n.Prefix, n.Prefix.Masked())
		}
		orderly(t, OfNetworks(networks).ranges)
	})
}

func FuzzParseLists(f *testing.F) {
	f.Add("vpn\t64496\tA\thttps://a.example\n")
	f.Add("# a\n\nrelay\t192.0.2.0/24\tA\tb\r\n")
	f.Fuzz(func(t *testing.T, list string) {
		if systems, err := ParseSystems(list); err == nil {
			for _, s := range systems {
				assert.NotZero(t, s.Number)
			}
		}
		if networks, err := ParseNetworks(list); err == nil {
			orderly(t, OfNetworks(networks).ranges)
		}
	})
}
