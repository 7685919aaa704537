package vantage

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// stopped returns a limit whose time only the test moves.
func stopped(perSecond, burst, clients int) (l *Limit, now *time.Duration) {
	now = new(time.Duration)
	l = NewLimit(perSecond, burst, clients)
	l.now = func() time.Duration { return *now }
	return l, now
}

// taken returns how many tokens the client gets at once.
func taken(l *Limit, client netip.Addr) int {
	n := 0
	for {
		if _, ok := l.Take(client, 1); !ok {
			return n
		}
		n++
	}
}

func TestLimitIsABurstThatComesBack(t *testing.T) {
	l, now := stopped(100, 200, 64)
	client := netip.MustParseAddr("192.0.2.7")
	assert.Equal(t, 200, taken(l, client))
	wait, ok := l.Take(client, 1)
	assert.False(t, ok)
	assert.Equal(t, 10*time.Millisecond, wait)
	*now += wait
	assert.Equal(t, 1, taken(l, client))
	*now += time.Second
	assert.Equal(t, 100, taken(l, client))
	*now += time.Hour
	assert.Equal(t, 200, taken(l, client), "no more than the burst is saved")
}

func TestLimitTakesManyTokensAtOnce(t *testing.T) {
	l, now := stopped(100, 200, 64)
	client := netip.MustParseAddr("192.0.2.7")
	for range 6 {
		_, ok := l.Take(client, 32)
		assert.True(t, ok)
	}
	wait, ok := l.Take(client, 32)
	assert.False(t, ok)
	assert.Equal(t, 240*time.Millisecond, wait, "there are 8")
	assert.Equal(t, 8, taken(l, client), "none was taken in vain")
	*now += 320 * time.Millisecond
	_, ok = l.Take(client, 32)
	assert.True(t, ok)
	*now += time.Hour
	_, ok = l.Take(client, 200)
	assert.True(t, ok, "all of the burst")
}

func TestLimitTellsClientsApart(t *testing.T) {
	tests := []struct {
		name, one, other string
		same             bool
	}{
		{"two IPv4 addresses", "192.0.2.7", "192.0.2.8", false},
		{"one within IPv6", "192.0.2.7", "::ffff:192.0.2.7", true},
		{"a privacy address of the same /64", "2001:db8::1", "2001:db8::ffff:1", true},
		{"another /64", "2001:db8::1", "2001:db8:0:1::1", false},
		{"loopback of both families", "127.0.0.1", "::1", false},
		{"no address at all", "", "", true},
		{"no address, and one", "", "::1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one, _ := netip.ParseAddr(tt.one) // empty: the zero address
			other, _ := netip.ParseAddr(tt.other)
			l, _ := stopped(1, 3, 1<<10)
			assert.Equal(t, 3, taken(l, one))
			assert.Equal(t, tt.same, taken(l, other) == 0)
		})
	}
}

func TestWhoIsLimitedAlone(t *testing.T) {
	address := netip.MustParseAddr
	for name, tt := range map[string]struct {
		client Client
		want   netip.Addr
	}{
		"a client":                              {Client{Address: address("192.0.2.7")}, address("192.0.2.7")},
		"one in an office":                      {Client{Address: address("10.0.0.7")}, address("10.0.0.7")},
		"one on the internet like a proxy":      {Client{Proxied: true, Hop: address("192.0.2.7")}, address("192.0.2.7")},
		"all behind a proxy beside the server":  {Client{Proxied: true, Hop: address("127.0.0.1")}, netip.Addr{}},
		"all behind a proxy of its network":     {Client{Proxied: true, Hop: address("fd00::1")}, netip.Addr{}},
		"all of whom a trusted proxy tells not": {Client{Proxied: true}, netip.Addr{}},
	} {
		assert.Equal(t, tt.want, tt.client.LimitAddress(), name)
	}
}

func TestABusyClientStaysWhenManyPassBy(t *testing.T) {
	l, _ := stopped(1, 5, 64)
	busy := netip.MustParseAddr("192.0.2.7")
	assert.Equal(t, 5, taken(l, busy))
	for i := range uint32(100_000) {
		l.Take(numbered(i), 1)
	}
	assert.Zero(t, taken(l, busy), "whoever leaves makes room, not whoever is limited")
}

// numbered returns the address of that number.
func numbered(i uint32) netip.Addr {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 10<<24+i)))
}

func TestLimitDoesNotGrow(t *testing.T) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	l := NewLimit(100, 200, 1<<16)
	before := heap()
	for i := range uint32(1_000_000) {
		l.Take(numbered(i), 1)
	}
	assert.Less(t, int64(heap())-int64(before), int64(64<<10))
	client := numbered(1)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { l.Take(client, 1) }))
	runtime.KeepAlive(l)
}

func TestLimitIsKeptAmongMany(t *testing.T) {
	l, _ := stopped(1, 100, 1)
	client := netip.MustParseAddr("192.0.2.7")
	var passed atomic.Int64
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			for range 100 {
				if _, ok := l.Take(client, 1); ok {
					passed.Add(1)
				}
			}
		})
	}
	askers.Wait()
	assert.EqualValues(t, 100, passed.Load())
}
