package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage"
)

func parsePlace(t *testing.T, args ...string) *placeFlags {
	t.Helper()
	var o placeFlags
	f := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	o.register(f)
	require.NoError(t, f.Parse(args))
	return &o
}

func TestPlaceFlagsThatMakeNoSense(t *testing.T) {
	const believed = "--trusted-proxy needs --address-header: without the client's address all clients share one limit"
	tests := []struct {
		name string
		args []string
		want string // empty: they do
	}{
		{"none", nil, ""},
		{"a proxy and its header", []string{"--trusted-proxy", "127.0.0.1", "--address-header", "X-Forwarded-For"}, ""},
		{"networks of both families", []string{"--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "2001:db8::/32", "--address-header", "X-Forwarded-For", "--country-header", "CF-IPCountry"}, ""},
		{"an address header alone", []string{"--address-header", "Forwarded"}, "--address-header needs --trusted-proxy: anybody else could write that header"},
		{"a country header alone", []string{"--country-header", "CF-IPCountry"}, "--country-header needs --trusted-proxy: anybody else could write that header"},
		{"an ASN header alone", []string{"--asn-header", "X-ASN"}, "--asn-header needs --trusted-proxy: anybody else could write that header"},
		{"a proxy alone", []string{"--trusted-proxy", "127.0.0.1"}, believed},
		{"a proxy and the country alone", []string{"--trusted-proxy", "127.0.0.1", "--country-header", "CF-IPCountry"}, believed},
		{"a proxy and its network", []string{"--trusted-proxy", "10.1.2.3/8", "--address-header", "Forwarded"},
			`--trusted-proxy: "10.1.2.3/8" is within the network 10.0.0.0/8; want that or the address alone`},
		{"a proxy by name", []string{"--trusted-proxy", "proxy.example", "--asn-header", "X-ASN"},
			`--trusted-proxy: "proxy.example" is neither a prefix such as 192.0.2.0/24 nor an address`},
		{"a port", []string{"--trusted-proxy", "127.0.0.1:8080", "--asn-header", "X-ASN"},
			`--trusted-proxy: "127.0.0.1:8080" is neither a prefix such as 192.0.2.0/24 nor an address`},
		{"an empty proxy", []string{"--trusted-proxy", "", "--asn-header", "X-ASN"},
			`--trusted-proxy: "" is neither a prefix such as 192.0.2.0/24 nor an address`},
		{"everybody", []string{"--trusted-proxy", "0.0.0.0/0", "--asn-header", "X-ASN"}, `--trusted-proxy: "0.0.0.0/0" would trust everybody`},
		{"everybody over IPv6", []string{"--trusted-proxy", "::/0", "--asn-header", "X-ASN"}, `--trusted-proxy: "::/0" would trust everybody`},
		{"no name of a header", []string{"--trusted-proxy", "127.0.0.1", "--asn-header", "X-ASN:"}, `--asn-header: "X-ASN:" is no name of a header`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := parsePlace(t, tt.args...).check()
			if tt.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestPlaceFinderNamesTheFile(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	missing, database, relays, empty := filepath.Join(folder, "none"), file("a.mmdb", "a"), file("a.csv", "192.0.2.1\na,b\n"), file("b.csv", "")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no such database", []string{"--geo-db", missing}, "--geo-db: open the database of places " + missing + ": open " + missing + ": no such file or directory"},
		{"no database", []string{"--geo-db", database}, "--geo-db: open the database of places " + database + ": "},
		{"no such list", []string{"--relay-ranges", missing}, "--relay-ranges: open " + missing + ": no such file or directory"},
		{"no list", []string{"--relay-ranges", relays},
			"--relay-ranges: " + relays + `: read the relays' ranges: line 2: "a" is neither a prefix such as 192.0.2.0/24 nor an address`},
		{"an empty list", []string{"--relay-ranges", empty}, "--relay-ranges: " + empty + ": read the relays' ranges: no prefix in it"},
		{"a folder", []string{"--relay-ranges", folder}, "--relay-ranges: " + folder + ": read the relays' ranges: line 1: read " + folder + ": is a directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := parsePlace(t, tt.args...).finder(testLog(io.Discard))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestPlaceFinder(t *testing.T) {
	relays := filepath.Join(t.TempDir(), "egress-ip-ranges.csv")
	require.NoError(t, os.WriteFile(relays, []byte("91.64.0.0/24,SE,SE-AB,Stockholm,\n"), 0o600))
	o := parsePlace(t, "--relay-ranges", relays, "--trusted-proxy", "127.0.0.1", "--address-header", "X-Forwarded-For")
	require.NoError(t, o.check())
	finder, closeFiles, err := o.finder(testLog(io.Discard))
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "127.0.0.1:4711"
	r.Header.Set("X-Forwarded-For", "91.64.0.1")
	want := vantage.Client{Address: netip.MustParseAddr("91.64.0.1"), Place: vantage.Place{Country: "SE", Kind: vantage.Relay}, Proxied: true}
	assert.Equal(t, want, finder.Find(r))
	assert.NoError(t, closeFiles())
}

// TestAProxyThatNobodyNamed is a server behind a reverse proxy whose flags were
// forgotten.
func TestAProxyThatNobodyNamed(t *testing.T) {
	var messages bytes.Buffer
	finder, closeFiles, err := parsePlace(t).finder(testLog(&messages))
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "192.168.7.9:4711"
	finder.Find(r)
	assert.Empty(t, messages.String(), "it may be a client in the office")
	r.Header.Set("X-Forwarded-For", "91.64.0.1")
	for range 3 {
		assert.Equal(t, vantage.Client{Proxied: true, Hop: netip.MustParseAddr("192.168.7.9")}, finder.Find(r))
	}
	assert.Equal(t, 1, strings.Count(messages.String(), unnamedProxy), "once")
	assert.NotContains(t, messages.String(), "192.168", "without an address")
	assert.NoError(t, closeFiles())
}
