package vantage

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Limit bounds how much each client may ask: a token bucket for every IPv4
// address and every IPv6 /64, within which one user's addresses change by
// themselves (RFC 8981). Requests whose address is not known share one.
//
// Its memory is taken once and never grows. Where there are more clients than
// it has place for, the one whose bucket is nearest to full leaves, which is
// mostly the one that was longest away; one whose bucket is full loses nothing
// by it. A Limit is safe for concurrent use.
type Limit struct {
	interval time.Duration // in which one token comes
	capacity time.Duration // in which all tokens of a full bucket come
	seed     maphash.Seed  // so that nobody can choose addresses of one set
	sets     []limitSet
	now      func() time.Duration
}

// limitWays is how many clients one set of a Limit has place for.
const limitWays = 8

// limitSet holds the clients whose keys have one hash.
type limitSet struct {
	mu      sync.Mutex
	buckets [limitWays]bucket
}

// bucket is a client's tokens, told by the time at which it is full: the
// "theoretical arrival time" of the generic cell rate algorithm (ITU-T I.371).
// A bucket that was full at some time and one that nobody has ever used are
// the same, so that the zero value stands for an unused place.
type bucket struct {
	client uint64
	fullAt time.Duration
}

// NewLimit returns a limit of perSecond tokens a second and client, and of
// burst at once, for about that many clients at a time. All three are at least
// 1.
func NewLimit(perSecond, burst, clients int) *Limit {
	started := time.Now()
	interval := time.Second / time.Duration(perSecond)
	return &Limit{
		interval: interval,
		capacity: interval * time.Duration(burst),
		seed:     maphash.MakeSeed(),
		sets:     make([]limitSet, max(1, clients/limitWays)),
		now:      func() time.Duration { return time.Since(started) },
	}
}

// Take takes tokens of the client's bucket, at least one and at most burst of
// them, all or none. Where there are too few it returns after how long there
// will be enough.
func (l *Limit) Take(client netip.Addr, tokens int) (wait time.Duration, ok bool) {
	key, now := LimitKey(client), l.now()
	set := &l.sets[maphash.Comparable(l.seed, key)%uint64(len(l.sets))]
	set.mu.Lock()
	defer set.mu.Unlock()
	b := set.bucketOf(key)
	fullAt := max(b.fullAt, now) + l.interval*time.Duration(tokens)
	if wait = fullAt - now - l.capacity; wait > 0 {
		return wait, false
	}
	b.fullAt = fullAt
	return 0, true
}

// bucketOf returns the client's bucket, a full one for a client that is not
// there yet.
func (s *limitSet) bucketOf(client uint64) *bucket {
	fullest := &s.buckets[0]
	for i := range s.buckets {
		b := &s.buckets[i]
		if b.client == client {
			return b
		}
		if b.fullAt < fullest.fullAt {
			fullest = b
		}
	}
	*fullest = bucket{client: client}
	return fullest
}

// The keys of clients that are no IPv6 /64: multicast prefixes (ff00::/8),
// which are nobody's address.
const (
	keyUnknown = ^uint64(0)
	keyIPv4    = uint64(0xffff) << 48
)

// LimitKey returns what stands for the client in a Limit.
func LimitKey(client netip.Addr) uint64 {
	client = client.Unmap()
	switch {
	case !client.IsValid():
		return keyUnknown
	case client.Is4():
		address := client.As4()
		return keyIPv4 | uint64(binary.BigEndian.Uint32(address[:]))
	}
	address := client.As16()
	return binary.BigEndian.Uint64(address[:8])
}
