package vantage

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// SYNs that a Linux kernel kept (TCP_SAVED_SYN), of connections between two
// network namespaces. The link of the first to the third had an MTU of 1500,
// 1420 and 1492 bytes: an Ethernet, a WireGuard tunnel and PPPoE.
const (
	synEthernet = "4500003cd01540004006e6a2c0000201c00002029b2a1f90b18b069400000000a002faf084320000020405b40402080a278ffb7c000000000103030a"
	synTunnel   = "4500003ca570400040061148c0000201c00002029b361f902e41eb1600000000a002fd5c84320000020405640402080a6ee96c25000000000103030a"
	synPPPoE    = "4500003c38a5400040067e13c0000201c00002029b461f9067208f1800000000a002ff3c84320000020405ac0402080aa63df4ec000000000103030a"
	synIPv6     = "6007b3e70028064020010db800000000000000000000000120010db8000000000000000000000002e4101f91059bcca600000000a002fd205ba30000020405a00402080ac8d8097e000000000103030a"
	synLoopback = "4500003cd6af40004006660a7f0000017f000001b0b211d79353057800000000a002ffd7fe3000000204ffd70402080a46ac8521000000000103030a"
)

func packet(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

func TestSegmentSize(t *testing.T) {
	// spliced puts extension headers into the IPv6 packet, of which the first
	// has that number.
	spliced := func(first byte, extensions ...byte) []byte {
		p := packet(t, synIPv6)
		p[6] = first
		return slices.Insert(p, 40, extensions...)
	}
	// replaced has other options than the Ethernet packet.
	replaced := func(options ...byte) []byte {
		p := packet(t, synEthernet)[:40]
		p[32] = byte(20+len(options)) << 2
		return append(p, options...)
	}
	tests := []struct {
		name   string
		packet []byte
		want   int
	}{
		{"an Ethernet", packet(t, synEthernet), 1460},
		{"a WireGuard tunnel", packet(t, synTunnel), 1380},
		{"PPPoE", packet(t, synPPPoE), 1452},
		{"IPv6", packet(t, synIPv6), 1440},
		{"loopback", packet(t, synLoopback), 65495},
		{"IPv4 with options", append(append([]byte{0x47}, packet(t, synEthernet)[1:20]...),
			append([]byte{1, 1, 1, 1, 1, 1, 1, 0}, packet(t, synEthernet)[20:]...)...), 1460},
		{"IPv6 with destination options", spliced(60, 6, 0, 1, 4, 0, 0, 0, 0), 1440},
		{"IPv6 with two kinds of options", spliced(0, 60, 0, 1, 4, 0, 0, 0, 0, 6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 1440},
		{"IPv6 with a fragment header", spliced(44, 6, 0, 0, 0, 0, 0, 0, 1), 1440},
		{"IPv6 with an authentication header", spliced(51, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 1440},
		{"IPv6 with a header that nobody knows", spliced(253, 6, 0, 0, 0, 0, 0, 0, 0), 0},
		{"IPv6 with an extension that is cut", spliced(60, 6, 200, 0, 0, 0, 0, 0, 0), 0},
		{"after padding", replaced(1, 1, 1, 2, 4, 5, 0, 0), 1280},
		{"no options", replaced(), 0},
		{"other options", replaced(3, 3, 7, 0), 0},
		{"after the end of the options", replaced(0, 2, 4, 5, 180, 0, 0, 0), 0},
		{"an option without a length", replaced(1, 1, 1, 2), 0},
		{"an option of no length", replaced(3, 0, 2, 4), 0},
		{"an option that is longer than the header", replaced(2, 4, 5, 180, 3, 9, 0, 0)[:44], 0},
		{"a segment size of another length", replaced(2, 3, 5, 1), 0},
		{"no SYN", func() []byte { p := packet(t, synEthernet); p[33] = 0x10; return p }(), 0},
		{"no TCP", func() []byte { p := packet(t, synEthernet); p[9] = 17; return p }(), 0},
		{"a short IPv4 header", func() []byte { p := packet(t, synEthernet); p[0] = 0x44; return p }(), 0},
		{"a TCP header that is cut", packet(t, synEthernet)[:50], 0},
		{"a short TCP header", func() []byte { p := packet(t, synEthernet); p[32] = 0x40; return p }(), 0},
		{"another version", []byte(strings.Repeat("\x50", 60)), 0},
		{"nothing", nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, segmentSize(tt.packet))
		})
	}
}

func FuzzSegmentSize(f *testing.F) {
	for _, syn := range []string{synEthernet, synIPv6, synLoopback} {
		f.Add(packet(f, syn))
	}
	f.Add([]byte{0x45})
	f.Fuzz(func(t *testing.T, p []byte) {
		size := segmentSize(p)
		assert.True(t, 0 <= size && size < 1<<16, size)
	})
}
