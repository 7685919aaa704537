// Package ranges finds out in which of many ranges an address lies, and holds
// the formats in which such ranges and lists of networks are kept.
package ranges

import (
	"cmp"
	"net/netip"
	"slices"
)

// Range is a run of addresses of one family with what is known of them.
type Range[V any] struct {
	First, Last netip.Addr // both are in the range
	Value       V
}

// Table holds ranges that are sorted and do not overlap. The zero value is
// empty. It is safe for concurrent use.
type Table[V any] struct {
	ranges []Range[V]
}

// Len returns the number of ranges.
func (t Table[V]) Len() int { return len(t.ranges) }

// Find returns the value of the range that holds the address. Addresses count
// as they are: one of IPv4 within IPv6 lies in no range of IPv4.
func (t Table[V]) Find(address netip.Addr) (value V, ok bool) {
	low, high := 0, len(t.ranges)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if t.ranges[middle].Last.Less(address) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == len(t.ranges) || address.Less(t.ranges[low].First) {
		return value, false
	}
	return t.ranges[low].Value, true
}

// Network is a prefix with what is known of its addresses.
type Network[V any] struct {
	Prefix netip.Prefix
	Value  V
}

// OfNetworks makes a table of networks in any order. Of several that hold an
// address the smallest counts, and of equal ones the last.
func OfNetworks[V comparable](networks []Network[V]) Table[V] {
	sorted := make([]Network[V], len(networks))
	for i, n := range networks {
		sorted[i] = Network[V]{n.Prefix.Masked(), n.Value}
	}
	slices.SortStableFunc(sorted, func(a, b Network[V]) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()))
	})
	var f flattener[V]
	for _, n := range sorted {
		f.open(n)
	}
	f.closeBefore(netip.Addr{})
	return Table[V]{slices.Clip(f.out)}
}

// flattener turns nested ranges into a sequence without overlaps. Ranges are
// opened in the order of their first address, the larger first.
type flattener[V comparable] struct {
	out    []Range[V]
	nested []Range[V] // those that are open, the smallest last; First is where what is left of it begins
}

func (f *flattener[V]) open(n Network[V]) {
	first := n.Prefix.Addr()
	f.closeBefore(first)
	if len(f.nested) > 0 {
		outer := &f.nested[len(f.nested)-1]
		if outer.First.Less(first) {
			f.emit(Range[V]{outer.First, first.Prev(), outer.Value})
			outer.First = first
		}
	}
	f.nested = append(f.nested, Range[V]{first, last(n.Prefix), n.Value})
}

// closeBefore closes the open ranges that end before the address; all of them,
// if it is not valid.
func (f *flattener[V]) closeBefore(address netip.Addr) {
	for len(f.nested) > 0 {
		inner := f.nested[len(f.nested)-1]
		if address.IsValid() && !inner.Last.Less(address) {
			return
		}
		f.nested = f.nested[:len(f.nested)-1]
		if inner.First.IsValid() && !inner.Last.Less(inner.First) {
			f.emit(inner)
		}
		if len(f.nested) > 0 {
			outer := &f.nested[len(f.nested)-1]
			outer.First = inner.Last.Next() // not valid after the last address of all
		}
	}
}

// emit writes a range, as a part of the one before where they are alike.
func (f *flattener[V]) emit(r Range[V]) {
	if n := len(f.out); n > 0 && f.out[n-1].Value == r.Value && f.out[n-1].Last.Next() == r.First {
		f.out[n-1].Last = r.Last
		return
	}
	f.out = append(f.out, r)
}

// last returns the highest address of the prefix.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	address, _ := netip.AddrFromSlice(bytes)
	return address
}
