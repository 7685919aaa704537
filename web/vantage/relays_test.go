package vantage

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// appleList has lines as Apple's list has them.
const appleList = `172.224.226.0/27,GB,GB-EN,London,
172.224.226.32/31,SE,SE-AB,Stockholm,
2a02:26f7:d580:4000::/64,LS,LS-A,Maseru,
203.0.113.0/24,,,,
`

func TestRelays(t *testing.T) {
	relays, err := ReadRelays(strings.NewReader(appleList))
	require.NoError(t, err)
	l := relays.Over(Embedded())
	tests := []struct {
		name, address string
		want          Place
	}{
		{"its country", "172.224.226.31", Place{"GB", Relay}},
		{"the next range", "172.224.226.32", Place{"SE", Relay}},
		{"IPv4 within IPv6", "::ffff:172.224.226.33", Place{"SE", Relay}},
		{"IPv6", "2a02:26f7:d580:4000::1", Place{"LS", Relay}},
		{"no country in the list, nor elsewhere", "203.0.113.7", Place{"", Relay}},
		{"beside them", "91.64.0.1", Place{"DE", Other}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, l.Locate(netip.MustParseAddr(tt.address)))
		})
	}
	assert.Equal(t, Place{}, l.Locate(netip.Addr{}))
}

func TestReadRelaysNamesTheLine(t *testing.T) {
	_, err := ReadRelays(strings.NewReader(appleList + "<html>"))
	assert.EqualError(t, err, `read the relays' ranges: line 5: "<html>" is neither a prefix such as 192.0.2.0/24 nor an address`)
}

func FuzzReadRelays(f *testing.F) {
	f.Add(appleList)
	f.Add("\ufeff# a comment\n\n192.0.2.1\n::ffff:192.0.2.0/120,xx\n::/0,DE\n")
	f.Fuzz(func(t *testing.T, list string) {
		relays, err := ReadRelays(strings.NewReader(list))
		if err != nil {
			return
		}
		l := relays.Over(Embedded())
		for _, address := range []string{"192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "2001:db8::1"} {
			place := l.Locate(netip.MustParseAddr(address))
			if place.Country != "" {
				assert.False(t, notCountry(place.Country), "%q", place.Country)
			}
		}
	})
}
