package vantage

import (
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEmbeddedCountry(t *testing.T) {
	tests := []struct {
		name    string
		address netip.Addr
		want    string
	}{
		{"a public address", netip.MustParseAddr("8.8.8.8"), "US"},
		{"the same within IPv6", netip.MustParseAddr("::ffff:8.8.8.8"), "US"},
		{"a public IPv6 address", netip.MustParseAddr("2a00:1450:4005::1"), "IE"},
		{"a home", netip.MustParseAddr("91.64.0.1"), "DE"},
		{"loopback", netip.MustParseAddr("127.0.0.1"), ""},
		{"a private network", netip.MustParseAddr("192.168.1.1"), ""},
		{"a private IPv6 network", netip.MustParseAddr("fd00::1"), ""},
		{"a link-local address with a zone", netip.MustParseAddr("fe80::1%eth0"), ""},
		{"carrier-grade NAT", netip.MustParseAddr("100.64.0.1"), ""},
		{"documentation", netip.MustParseAddr("2001:db8::1"), ""},
		{"the zero address", netip.MustParseAddr("0.0.0.0"), ""},
		{"no address", netip.Addr{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, Embedded().Locate(tt.address).Country)
		})
	}
}

func TestEmbeddedKind(t *testing.T) {
	tests := []struct {
		name    string
		address string
		want    Kind
	}{
		{"a public resolver", "8.8.8.8", Hosting},
		{"the same within IPv6", "::ffff:8.8.8.8", Hosting},
		{"a public IPv6 address", "2a00:1450:4005::1", Hosting},
		{"a small cloud", "188.166.1.1", Hosting},
		{"a German host", "2a01:4f8::1", Hosting},
		{"a VPN service's own network", "185.159.157.1", VPN},
		{"a network that a VPN service runs on", "193.138.218.74", VPN},
		{"a relay of Akamai's", "172.225.5.5", Relay},
		{"a relay of Cloudflare's", "104.28.40.1", Relay},
		{"a relay of Fastly's", "146.75.170.1", Relay},
		{"the same over IPv6", "2a04:4e41:1841::1", Relay},
		{"a relay of Cloudflare's over IPv6", "2606:54c0:5890::1", Relay},
		{"what may be WARP or the relay", "2a09:bac2:5890::1", Relay},
		{"the same", "2a09:bac3:2bb8:32d2::510:c", Relay},
		{"WARP", "2a09:bac1:2880:f0::2e0:b5", VPN},
		{"WARP as well", "2a09:bac5:79dd:25a5::3c0:2", VPN},
		{"the end of WARP's block", "2a09:bac7:ffff:ffff::1", VPN},
		{"Cloudflare's content network beside it", "104.27.1.1", Hosting},
		{"Fastly's content network beside it", "146.75.1.1", Hosting},
		{"a carrier", "172.56.0.1", Mobile},
		{"a home", "91.64.0.1", Other},
		{"a home over IPv6", "2003::1", Other},
		{"the lowest address", "0.0.0.0", ""},
		{"the highest address", "255.255.255.255", ""},
		{"loopback", "127.0.0.1", ""},
		{"IPv6 loopback", "::1", ""},
		{"a private network", "192.168.1.1", ""},
		{"carrier-grade NAT", "100.64.0.1", ""},
		{"documentation", "2001:db8::1", ""},
		{"the highest IPv6 address", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, Embedded().Locate(netip.MustParseAddr(tt.address)).Kind)
		})
	}
}

func TestEmbeddedForManyAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			assert.Equal(t, Place{"US", Hosting}, Embedded().Locate(netip.MustParseAddr("8.8.8.8")))
			assert.Equal(t, Place{"DE", Other}, Embedded().Locate(netip.MustParseAddr("2003::1")))
		})
	}
	group.Wait()
}

func TestKindOfSystem(t *testing.T) {
	assert.Equal(t, Hosting, kindOfSystem(16509))
	for _, rentsToMany := range []uint32{9009, 60068, 212238} {
		assert.Equal(t, Hosting, kindOfSystem(rentsToMany), "VPN services are among its customers, and others")
	}
	for _, tor := range []uint32{60729, 208323, 396507} {
		assert.Equal(t, Other, kindOfSystem(tor), "Tor's exits are no VPN")
	}
	for _, fixed := range []uint32{55836, 9534, 15796, 26615, 33771, 24835} {
		assert.Equal(t, Other, kindOfSystem(fixed), "it has fixed lines too")
	}
	assert.Equal(t, VPN, kindOfSystem(397540))
	assert.Equal(t, Relay, kindOfSystem(36183))
	assert.Equal(t, Mobile, kindOfSystem(21928))
	assert.Equal(t, Other, kindOfSystem(3320))
	assert.Equal(t, Other, kindOfSystem(0))
}

// TestNetworksAreKnownKinds keeps the lists' words and those of this package
// the same.
func TestNetworksAreKnownKinds(t *testing.T) {
	known := []Kind{Hosting, VPN, Relay, Mobile}
	assert.Equal(t, known, networks().kinds)
	for number, kind := range networks().systems {
		assert.Contains(t, known, kind, "AS%d", number)
	}
}

func TestReadNetworksNamesWhatIsDamaged(t *testing.T) {
	good := "vpn\t1\ta\thttps://a.example\n"
	tests := []struct {
		name              string
		systems, prefixes string
		packed            []byte
		want              string
	}{
		{"a system without a source", "vpn\t1\ta\n", "", packedRanges, "read networks/systems.txt: line 1: want kind, subject, name and source with a tab between"},
		{"a prefix with host bits", good, "relay\t1.2.3.4/8\ta\tb\n", packedRanges, `read networks/prefixes.txt: line 1: "1.2.3.4/8" is no prefix`},
		{"half of the ranges", good, "", packedRanges[:len(packedRanges)/2], "read networks/ranges.bin: unpack the ranges: unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readNetworks(tt.systems, tt.prefixes, tt.packed)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestLocateAllocatesNothing(t *testing.T) {
	addresses := []netip.Addr{netip.MustParseAddr("188.166.1.1"), netip.MustParseAddr("2003::1")}
	Embedded().Locate(addresses[1]) // reads the tables
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, a := range addresses {
			Embedded().Locate(a)
		}
	}))
}

func BenchmarkLocate(b *testing.B) {
	for _, address := range []string{"188.166.1.1", "2003::1"} {
		a := netip.MustParseAddr(address)
		b.Run(address, func(b *testing.B) {
			require.NotEmpty(b, Embedded().Locate(a)) // reads the tables
			b.ReportAllocs()
			for b.Loop() {
				Embedded().Locate(a)
			}
		})
	}
}
