package vantage

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// behindProxies trusts two networks of proxies, as the header says.
func behindProxies(header string) Trust {
	return Trust{AddressHeader: header, Proxies: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48"),
	}}
}

func TestTrustReadsTheAddressFromTheEnd(t *testing.T) {
	tests := []struct {
		name   string
		header string
		lines  []string
		want   string // empty: not known
	}{
		{"one address", "X-Forwarded-For", []string{"192.0.2.1"}, "192.0.2.1"},
		{"one that the client made up before it", "X-Forwarded-For", []string{"198.51.100.9, 192.0.2.1"}, "192.0.2.1"},
		{"past trusted proxies", "X-Forwarded-For", []string{"198.51.100.9, 192.0.2.1, 10.1.2.3,10.0.0.1"}, "192.0.2.1"},
		{"several lines", "X-Forwarded-For", []string{"198.51.100.9", "192.0.2.1", "10.0.0.1"}, "192.0.2.1"},
		{"nothing but proxies", "X-Forwarded-For", []string{"10.1.2.3, 10.0.0.1"}, "10.1.2.3"},
		{"empty elements", "X-Forwarded-For", []string{" , 192.0.2.1 ,, ", ""}, "192.0.2.1"},
		{"a port", "X-Forwarded-For", []string{"192.0.2.1:4711"}, "192.0.2.1"},
		{"IPv6", "X-Forwarded-For", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6 in brackets", "X-Forwarded-For", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"IPv6 with a port", "X-Forwarded-For", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"IPv6 with a zone", "X-Forwarded-For", []string{"fe80::1%eth0"}, "fe80::1"},
		{"IPv4 within IPv6", "X-Forwarded-For", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"a trusted proxy over IPv6", "X-Forwarded-For", []string{"192.0.2.1, 2001:db8:1::1"}, "192.0.2.1"},
		{"a name of its own for the header", "True-Client-IP", []string{"192.0.2.1"}, "192.0.2.1"},
		{"no header", "X-Forwarded-For", nil, ""},
		{"an empty header", "X-Forwarded-For", []string{""}, ""},
		{"unknown", "X-Forwarded-For", []string{"192.0.2.1, unknown"}, ""},
		{"a name", "X-Forwarded-For", []string{"192.0.2.1, localhost"}, ""},
		{"IPv4 in brackets", "X-Forwarded-For", []string{"[192.0.2.1]"}, ""},
		{"an open bracket", "X-Forwarded-For", []string{"[2001:db8::7"}, ""},
		{"a port too high", "X-Forwarded-For", []string{"192.0.2.1:65536"}, ""},
		{"a prefix", "X-Forwarded-For", []string{"192.0.2.0/24"}, ""},
		{"other spaces", "X-Forwarded-For", []string{"192.0.2.1\u00a0"}, ""},
		{"more proxies than are followed", "X-Forwarded-For", []string{"192.0.2.1" + strings.Repeat(",10.0.0.1", maxHops)}, ""},
		{"as many as are followed", "X-Forwarded-For", []string{"192.0.2.1" + strings.Repeat(",10.0.0.1", maxHops-1)}, "192.0.2.1"},
		{"a long tale before the end", "X-Forwarded-For", []string{strings.Repeat("198.51.100.9,", 50_000) + "192.0.2.1"}, "192.0.2.1"},

		{"the standard's header", "Forwarded", []string{"for=192.0.2.1"}, "192.0.2.1"},
		{"in lower case, with more in it", "forwarded", []string{`proto=https; FOR="192.0.2.1:4711" ;by=203.0.113.43`}, "192.0.2.1"},
		{"IPv6 quoted", "Forwarded", []string{`for="[2001:db8::7]:4711"`}, "2001:db8::7"},
		{"past trusted proxies with commas in quotes", "Forwarded", []string{`for=192.0.2.1;host="a,b;c", for=10.0.0.1`}, "192.0.2.1"},
		{"an escaped quote in a host", "Forwarded", []string{`for=198.51.100.9, host="a\",for=203.0.113.1";for=192.0.2.1`}, "192.0.2.1"},
		{"a quote that the client left open", "Forwarded", []string{`for="198.51.100.9, for=192.0.2.1`}, "192.0.2.1"},
		{"a hidden client", "Forwarded", []string{`for=_hidden, for=10.0.0.1`}, ""},
		{"a client that nobody knows", "Forwarded", []string{"for=unknown"}, ""},
		{"an element without it", "Forwarded", []string{"for=192.0.2.1, by=10.0.0.1"}, ""},
		{"twice in an element", "Forwarded", []string{"for=192.0.2.1;for=192.0.2.2"}, ""},
		{"a quote at the end alone", "Forwarded", []string{`for=192.0.2.1"`}, ""},
		{"a quote at the beginning alone", "Forwarded", []string{`for="192.0.2.1`}, ""},
		{"a lone quote", "Forwarded", []string{`for="`}, ""},
		{"the other header's form", "Forwarded", []string{"192.0.2.1"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{http.CanonicalHeaderKey(tt.header): tt.lines}
			got := behindProxies(tt.header).claim(netip.MustParseAddr("10.0.0.1"), h)
			assert.True(t, got.proxied)
			if tt.want == "" {
				assert.False(t, got.address.IsValid(), got.address)
				return
			}
			assert.Equal(t, netip.MustParseAddr(tt.want), got.address)
		})
	}
}

func TestTrustBelievesNobodyElse(t *testing.T) {
	h := http.Header{"Forwarded": {"for=192.0.2.1"}, "X-Forwarded-For": {"192.0.2.1"}, "Cf-Ipcountry": {"SE"}, "X-Asn": {"1"}}
	for _, peer := range []string{"11.0.0.1", "2001:db8:2::1", "::ffff:11.0.0.1"} {
		trust := behindProxies("Forwarded")
		trust.CountryHeader, trust.ASNHeader = "CF-IPCountry", "X-ASN"
		from := plain(netip.MustParseAddr(peer))
		assert.Equal(t, claim{address: from}, trust.claim(from, h))
		assert.Equal(t, claim{address: from}, Trust{AddressHeader: "X-Forwarded-For"}.claim(from, h), "without any proxy")
	}
}

func TestParsePrefix(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.0/24":          "192.0.2.0/24",
		"192.0.2.7":             "192.0.2.7/32",
		"::ffff:192.0.2.7":      "192.0.2.7/32",
		"::ffff:192.0.2.0/120":  "192.0.2.0/24",
		"2001:db8::/32":         "2001:db8::/32",
		"192.0.2.7/24":          "",
		"2001:db8::1/32":        "",
		"::ffff:192.0.2.7/120":  "",
		"192.0.2.0/33":          "",
		"fe80::1%eth0":          "",
		"192.0.2.0-192.0.2.255": "",
		"proxy.example":         "",
	} {
		got, err := ParsePrefix(text)
		if want == "" {
			assert.Error(t, err, text)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, want, got.String())
	}
}

func FuzzTrust(f *testing.F) {
	for _, seed := range []string{
		"192.0.2.1", "198.51.100.9, 192.0.2.1, 10.0.0.1", "[2001:db8::7]:1", "fe80::1%x,::ffff:10.0.0.1", "unknown", "_hidden",
		`for="[2001:db8::7]:4711";by=_x, for=10.0.0.1`, `for="192.0.2.1;for=\",`, ",,,,", `"\\\"`, ";=;", "for=", "10.0.0.1,10.0.0.1",
	} {
		f.Add("127.0.0.1:1", seed, seed)
		f.Add("10.0.0.1:1", seed, "10.0.0.1")
	}
	f.Fuzz(func(t *testing.T, remote, first, second string) {
		for _, header := range []string{"X-Forwarded-For", "Forwarded"} {
			r := request(remote, header, first, header, second)
			finder := Finder{Trust: behindProxies(header)}
			client := finder.Find(r)
			if client.Address.IsValid() {
				assert.False(t, client.Address.Is4In6())
				assert.Empty(t, client.Address.Zone())
			}
			if !client.Proxied {
				bare := finder.Find(request(remote))
				assert.Equal(t, bare, client, "the headers of somebody who is not trusted counted")
			} else if from, err := netip.ParseAddrPort(remote); err == nil && !finder.Trust.trusts(plain(from.Addr())) {
				assert.Equal(t, Client{Proxied: true, Hop: plain(from.Addr())}, client, "the headers of a proxy that nobody named counted")
			}
			// What stands before an address that proxies added never counts.
			added := map[string]string{"X-Forwarded-For": "192.0.2.99", "Forwarded": "for=192.0.2.99"}[header]
			appended := finder.Trust.claim(netip.MustParseAddr("10.0.0.1"), http.Header{header: {first + ", " + added}})
			assert.Equal(t, netip.MustParseAddr("192.0.2.99"), appended.address)
		}
	})
}
