package vantage

import "encoding/binary"

// segmentSize returns the maximum segment size that a SYN's headers announce,
// from the IP header on, or 0 where they announce none or are no SYN's.
func segmentSize(packet []byte) int {
	return maximumSegment(tcpOptions(tcpHeader(packet)))
}

// Numbers of protocols and of IPv6 extension headers
// (https://www.iana.org/assignments/protocol-numbers).
const (
	protoHopByHop    = 0
	protoTCP         = 6
	protoRouting     = 43
	protoFragment    = 44
	protoAuth        = 51
	protoDestination = 60
)

// tcpHeader returns what follows the IP header (RFC 791, RFC 8200), if it is
// TCP.
func tcpHeader(packet []byte) []byte {
	if len(packet) == 0 {
		return nil
	}
	switch packet[0] >> 4 {
	case 4:
		if len(packet) >= 20 && packet[9] == protoTCP {
			return after(packet, int(packet[0]&0xf)*4, 20)
		}
	case 6:
		if len(packet) >= 40 {
			return afterExtensions(packet[6], packet[40:])
		}
	}
	return nil
}

// afterExtensions returns what follows IPv6's extension headers, of which next
// is the first one's number (RFC 8200, section 4), if it is TCP.
func afterExtensions(next byte, rest []byte) []byte {
	for next != protoTCP {
		if len(rest) < 8 {
			return nil
		}
		var size int
		switch next {
		case protoHopByHop, protoRouting, protoDestination:
			size = (int(rest[1]) + 1) * 8
		case protoFragment:
			size = 8
		case protoAuth: // RFC 4302, section 2.2
			size = (int(rest[1]) + 2) * 4
		default:
			return nil
		}
		next, rest = rest[0], after(rest, size, 8)
	}
	return rest
}

// after returns what follows a header of that size, or nothing where there is
// less than that or the header is smaller than its kind can be.
func after(b []byte, size, least int) []byte {
	if size < least || size > len(b) {
		return nil
	}
	return b[size:]
}

// flagSYN is TCP's, in the header's 14th byte (RFC 9293, section 3.1).
const flagSYN = 0x02

// tcpOptions returns the options of a SYN's TCP header.
func tcpOptions(header []byte) []byte {
	if len(header) < 20 || header[13]&flagSYN == 0 {
		return nil
	}
	size := int(header[12]>>4) * 4
	if size < 20 || size > len(header) {
		return nil
	}
	return header[20:size]
}

// Kinds of TCP options (RFC 9293, section 3.2). Each but the first two has its
// length in the byte that follows.
const (
	optionEnd     = 0
	optionNothing = 1
	optionMSS     = 2
)

// maximumSegment returns the maximum segment size among TCP options.
func maximumSegment(options []byte) int {
	for len(options) > 0 && options[0] != optionEnd {
		if options[0] == optionNothing {
			options = options[1:]
			continue
		}
		if len(options) < 2 {
			return 0
		}
		kind, size := options[0], int(options[1])
		if size < 2 || size > len(options) {
			return 0
		}
		if kind == optionMSS && size == 4 {
			return int(binary.BigEndian.Uint16(options[2:]))
		}
		options = options[size:]
	}
	return 0
}
