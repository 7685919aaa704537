package ranges

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
)

// The packed form is gzip over one sequence for each family, IPv4 first: the
// number of ranges, then of each range the addresses left out since the one
// before, one less than the addresses in it, and its value. All but the value,
// which is a byte, are uvarints. IPv6 is counted in networks of 64 bits.

// maxPacked bounds what the packed form may unpack to, in bytes.
const maxPacked = 16 << 20

var errPacked = errors.New("the packed ranges are damaged")

// Pack writes the ranges, which must be sorted and must not overlap, and for
// IPv6 begin and end with a network of 64 bits.
func Pack(ranges []Range[uint8]) ([]byte, error) {
	var four, six []Range[uint8]
	for _, r := range ranges {
		if r.First.Is4() {
			four = append(four, r)
		} else {
			six = append(six, r)
		}
	}
	packed := appendFamily(appendFamily(nil, four), six)
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack the ranges: %w", err)
	}
	_, err = w.Write(packed)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("pack the ranges: %w", err)
	}
	return out.Bytes(), nil
}

func appendFamily(out []byte, ranges []Range[uint8]) []byte {
	out = binary.AppendUvarint(out, uint64(len(ranges)))
	var next uint64
	for _, r := range ranges {
		first, last := number(r.First), number(r.Last)
		out = binary.AppendUvarint(out, first-next)
		out = binary.AppendUvarint(out, last-first)
		out = append(out, r.Value)
		next = last + 1
	}
	return out
}

// Unpack reads what Pack wrote.
func Unpack(packed []byte) (Table[uint8], error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return Table[uint8]{}, fmt.Errorf("unpack the ranges: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxPacked))
	if err != nil {
		return Table[uint8]{}, fmt.Errorf("unpack the ranges: %w", err)
	}
	four, data, err := readFamily(nil, data, address4, 1<<32-1)
	if err != nil {
		return Table[uint8]{}, err
	}
	all, data, err := readFamily(four, data, address6, 1<<64-1)
	if err != nil {
		return Table[uint8]{}, err
	}
	if len(data) > 0 {
		return Table[uint8]{}, errPacked
	}
	return Table[uint8]{all}, nil
}

// readFamily adds the ranges of one family, whose highest number is limit. Its
// function address gives the first or the last address of a number.
func readFamily(ranges []Range[uint8], data []byte, address func(n uint64, last bool) netip.Addr, limit uint64) ([]Range[uint8], []byte, error) {
	count, data, err := uvarint(data)
	if err != nil {
		return nil, nil, err
	}
	var next uint64
	for i := range count {
		var gap, length uint64
		gap, data, err = uvarint(data)
		if err != nil {
			return nil, nil, err
		}
		length, data, err = uvarint(data)
		if err != nil {
			return nil, nil, err
		}
		full := i > 0 && next == 0 // the range before ended with the highest number of 64 bits
		if full || len(data) == 0 || next > limit || gap > limit-next || length > limit-next-gap {
			return nil, nil, errPacked
		}
		first := next + gap
		ranges = append(ranges, Range[uint8]{address(first, false), address(first+length, true), data[0]})
		data, next = data[1:], first+length+1
	}
	return ranges, data, nil
}

func uvarint(data []byte) (uint64, []byte, error) {
	n, size := binary.Uvarint(data)
	if size <= 0 {
		return 0, nil, errPacked
	}
	return n, data[size:], nil
}

// number returns an IPv4 address as a number, of an IPv6 address the upper
// half.
func number(address netip.Addr) uint64 {
	if address.Is4() {
		b := address.As4()
		return uint64(binary.BigEndian.Uint32(b[:]))
	}
	b := address.As16()
	return binary.BigEndian.Uint64(b[:8])
}

func address4(n uint64, _ bool) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n))
	return netip.AddrFrom4(b)
}

func address6(n uint64, last bool) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], n)
	if last {
		binary.BigEndian.PutUint64(b[8:], 1<<64-1)
	}
	return netip.AddrFrom16(b)
}
