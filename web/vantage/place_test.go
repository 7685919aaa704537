package vantage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// request is a request from an address, with header lines by turns of name and
// value.
func request(from string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = from
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestFindGoesByTheConnection(t *testing.T) {
	var f Finder
	client := f.Find(request("8.8.8.8:4711"))
	assert.Equal(t, Client{Address: netip.MustParseAddr("8.8.8.8"), Place: Place{"US", Hosting}}, client)

	client = f.Find(request("[::ffff:8.8.8.8%25eth0]:4711"))
	assert.False(t, client.Address.Is4In6(), "an IPv4 address is one also within IPv6")

	client = f.Find(request("91.64.0.1:4711", "X-Forwarded-For", "8.8.8.8", "CF-IPCountry", "SE", "Forwarded", "for=8.8.8.8"))
	assert.Equal(t, Client{Address: netip.MustParseAddr("91.64.0.1"), Place: Place{"DE", Other}}, client, "a header that anybody can write must not count")

	assert.Equal(t, Client{}, f.Find(request("@")), "a Unix socket has no place")
}

func TestFindNoticesAProxyThatNobodyNamed(t *testing.T) {
	tests := []struct {
		name, from string
		headers    []string
		want       bool
	}{
		{"beside the server", "127.0.0.1:1", []string{"X-Forwarded-For", "8.8.8.8"}, true},
		{"beside the server, over IPv6", "[::1]:1", []string{"Forwarded", "for=8.8.8.8"}, true},
		{"in a private network", "[::ffff:10.1.2.3]:1", []string{"X-Forwarded-For", "8.8.8.8"}, true},
		{"in a private network over IPv6", "[fd00::1]:1", []string{"X-Forwarded-For", ""}, true},
		{"on the link", "[fe80::1%eth0]:1", []string{"X-Forwarded-For", "8.8.8.8"}, true},
		{"in a cloud's shared space", "100.64.0.1:1", []string{"X-Forwarded-For", "8.8.8.8"}, true},
		{"Cloudflare", "172.68.1.1:1", []string{"X-Forwarded-For", "81.226.1.1", "CF-Connecting-IP", "81.226.1.1", "CF-IPCountry", "SE", "CDN-Loop", "cloudflare"}, true},
		{"Cloudflare without X-Forwarded-For", "172.68.1.1:1", []string{"CF-Connecting-IP", "81.226.1.1"}, true},
		{"Fastly", "151.101.1.57:1", []string{"Fastly-Client-IP", "81.226.1.1", "Via", "1.1 varnish"}, true},
		{"CloudFront", "18.64.1.1:1", []string{"X-Amz-Cf-Id", "x", "Via", "2.0 abc.cloudfront.net (CloudFront)"}, true},
		{"a content network that nobody lists", "91.64.0.1:1", []string{"CDN-Loop", "example"}, true},
		{"a reverse proxy on a rented machine", "8.8.8.8:1", []string{"X-Forwarded-For", "81.226.1.1"}, true},
		{"another way of telling it", "8.8.8.8:1", []string{"X-Real-IP", "81.226.1.1"}, true},
		{"a browser in a data centre", "8.8.8.8:1", nil, false},
		{"the proxy of somebody in a data centre", "8.8.8.8:1", []string{"Via", "1.1 squid"}, false},
		{"a proxy somewhere on the internet", "91.64.0.1:1", []string{"X-Forwarded-For", "8.8.8.8"}, false},
		{"one on the internet over IPv6", "[2003::1]:1", []string{"Forwarded", "for=8.8.8.8"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			told := 0
			client := Finder{Unnamed: func() { told++ }}.Find(request(tt.from, tt.headers...))
			assert.Equal(t, tt.want, client.Proxied)
			assert.Equal(t, tt.want, told == 1)
			assert.NotEqual(t, tt.want, client.Address.IsValid())
			assert.Equal(t, tt.want, client.Hop.IsValid(), "its own address tells it from others of that kind")
			assert.Equal(t, client, Finder{}.Find(request(tt.from, tt.headers...)), "also where nobody is told")
			if tt.want {
				assert.Zero(t, client.Place, "that of the proxy is not its clients'")
			}
		})
	}
	named := Finder{
		Trust:   Trust{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AddressHeader: "X-Forwarded-For"},
		Unnamed: func() { assert.Fail(t, "this one is named") },
	}
	assert.Equal(t, netip.MustParseAddr("8.8.8.8"), named.Find(request("127.0.0.1:1", "X-Forwarded-For", "8.8.8.8")).Address)
}

// TestFindTakesNobodyInAPrivateNetworkForAClient: a container's port, or a proxy
// that passes TCP on as it is, has the packets and the round trip of its own
// connection.
func TestFindTakesNobodyInAPrivateNetworkForAClient(t *testing.T) {
	nobody := Finder{Unnamed: func() { assert.Fail(t, "nothing says that it is a reverse proxy") }}
	for name, from := range map[string]string{
		"a container's port":         "172.17.0.1:1",
		"a balancer":                 "[::ffff:10.1.2.3]:1",
		"one over IPv6":              "[fd00::1]:1",
		"in a cloud's shared space":  "100.64.0.1:1",
		"on the link":                "[fe80::1%eth0]:1",
		"a client behind that proxy": "192.168.1.1:1",
	} {
		peer := netip.MustParseAddrPort(from).Addr()
		assert.Equal(t, Client{Proxied: true, Hop: plain(peer)}, nobody.Find(request(from, "Via", "1.1 x")), name)
	}
	for name, from := range map[string]string{"tried out": "127.0.0.1:1", "the same over IPv6": "[::1]:1"} {
		assert.Equal(t, Client{Address: netip.MustParseAddrPort(from).Addr()}, nobody.Find(request(from)), name)
	}
}

func TestFindBelievesTrustedProxies(t *testing.T) {
	f := Finder{Trust: Trust{
		Proxies:       []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		AddressHeader: "X-Forwarded-For", CountryHeader: "CF-IPCountry", ASNHeader: "X-ASN",
	}}
	address := netip.MustParseAddr
	tests := []struct {
		name string
		r    *http.Request
		want Client
	}{
		{"an address", request("127.0.0.1:1", "X-Forwarded-For", "8.8.8.8"),
			Client{Address: address("8.8.8.8"), Place: Place{"US", Hosting}, Proxied: true}},
		{"a country beside it", request("127.0.0.1:1", "X-Forwarded-For", "91.64.0.1", "CF-IPCountry", "se"),
			Client{Address: address("91.64.0.1"), Place: Place{"SE", Other}, Proxied: true}},
		{"a country alone", request("127.0.0.1:1", "CF-IPCountry", "SE"), Client{Place: Place{Country: "SE"}, Proxied: true}},
		{"Tor is no country, and hides the user", request("127.0.0.1:1", "CF-IPCountry", "T1"), Client{Place: Place{Kind: VPN}, Proxied: true}},
		{"an exit of Tor's in a data centre", request("127.0.0.1:1", "X-Forwarded-For", "8.8.8.8", "CF-IPCountry", "t1", "X-ASN", "15169"),
			Client{Address: address("8.8.8.8"), Place: Place{"US", VPN}, Proxied: true}},
		{"Europe is no country", request("127.0.0.1:1", "CF-IPCountry", "EU"), Client{Proxied: true}},
		{"neither is Asia", request("127.0.0.1:1", "CF-IPCountry", "ap"), Client{Proxied: true}},
		{"neither is one that is not known", request("127.0.0.1:1", "CF-IPCountry", "XX"), Client{Proxied: true}},
		{"two countries, of which one may be the client's", request("127.0.0.1:1", "CF-IPCountry", "SE", "CF-IPCountry", "DE"), Client{Proxied: true}},
		{"a system alone", request("127.0.0.1:1", "X-ASN", "AS16509"), Client{Place: Place{Kind: Hosting}, Proxied: true}},
		{"a system that is not listed", request("127.0.0.1:1", "X-ASN", "3320"), Client{Place: Place{Kind: Other}, Proxied: true}},
		{"a system where the address says no more", request("127.0.0.1:1", "X-Forwarded-For", "91.64.0.1", "X-ASN", "as21928"),
			Client{Address: address("91.64.0.1"), Place: Place{"DE", Mobile}, Proxied: true}},
		{"a relay in a system of content", request("127.0.0.1:1", "X-Forwarded-For", "104.28.40.1", "X-ASN", "13335"),
			Client{Address: address("104.28.40.1"), Place: Place{"GB", Relay}, Proxied: true}},
		{"no number", request("127.0.0.1:1", "X-ASN", "AS"), Client{Proxied: true}},
		{"too high a number", request("127.0.0.1:1", "X-ASN", "4294967296"), Client{Proxied: true}},
		{"nothing", request("127.0.0.1:1"), Client{Proxied: true}},
		{"somebody else", request("91.64.0.1:1", "X-Forwarded-For", "8.8.8.8", "CF-IPCountry", "SE", "X-ASN", "16509"),
			Client{Address: address("91.64.0.1"), Place: Place{"DE", Other}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, f.Find(tt.r))
		})
	}
}

// TestClientsAreNeverPrintedWithTheirAddress: whoever logs a client or what
// holds one must not leave its address in the log.
func TestClientsAreNeverPrintedWithTheirAddress(t *testing.T) {
	address := netip.MustParseAddr("203.0.113.77")
	client := Client{Address: address, Place: Place{"SE", Mobile}, Hop: address}
	outer := struct {
		Client Client
		More   []Client
	}{client, []Client{client}}
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%y"} {
		for _, value := range []any{client, &client, outer, []Client{client}, map[string]Client{"a": client}, any(client)} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
	}
	for _, value := range []any{client, outer, &client} {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("request", "client", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("request", "client", value)
		texts = append(texts, string(encoded), log.String())
	}
	for _, text := range texts {
		for _, form := range []string{"203.0.113", "203 0 113", "cb00714d", "3405803853", "281474087547213"} {
			assert.NotContains(t, strings.ToLower(text), form)
		}
		assert.Contains(t, text, "SE")
	}
	assert.Equal(t, `client{country:"SE" kind:"mobile" proxied:false}`, fmt.Sprintf("%+v", client))
	assert.Equal(t, `client{country:"SE" kind:"mobile" proxied:false}`, fmt.Sprintf("%#v", client))
	assert.Equal(t, `client{country:"SE" kind:"mobile" proxied:false}`, fmt.Sprintf("%d", client))
}
