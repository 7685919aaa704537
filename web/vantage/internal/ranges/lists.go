package ranges

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// System is an autonomous system of a list.
type System struct {
	Kind   string
	Number uint32
	Name   string
	Source string // a URL
}

// ParseSystems reads a list of autonomous systems: kind, number, name and
// source, with a tab between. Empty lines and those that begin with # are left
// out; a number stands in it once.
func ParseSystems(list string) ([]System, error) {
	var systems []System
	seen := make(map[uint32]bool)
	err := eachRow(list, func(kind, subject, name, source string) error {
		number, err := strconv.ParseUint(subject, 10, 32)
		if err != nil || number == 0 || seen[uint32(number)] {
			return fmt.Errorf("%q is no number of an autonomous system, or stands here twice", subject)
		}
		seen[uint32(number)] = true
		systems = append(systems, System{kind, uint32(number), name, source})
		return nil
	})
	return systems, err
}

// ParseNetworks reads a list like that of ParseSystems, with prefixes in place
// of the numbers; the values are the kinds.
func ParseNetworks(list string) ([]Network[string], error) {
	var networks []Network[string]
	err := eachRow(list, func(kind, subject, _, _ string) error {
		prefix, err := netip.ParsePrefix(subject)
		if err != nil || prefix != prefix.Masked() {
			return fmt.Errorf("%q is no prefix", subject)
		}
		networks = append(networks, Network[string]{prefix, kind})
		return nil
	})
	return networks, err
}

func eachRow(list string, row func(kind, subject, name, source string) error) error {
	n := 0
	for line := range strings.Lines(list) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 4 {
			return fmt.Errorf("line %d: want kind, subject, name and source with a tab between", n)
		}
		if err := row(columns[0], columns[1], columns[2], columns[3]); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

// The limits of a file of prefixes. Apple's has some 290,000 lines of less
// than 100 bytes.
const (
	maxLine     = 4 << 10
	maxPrefixes = 2_000_000
)

// ParsePrefixes reads prefixes or single addresses, one a line, whose values
// are the second column, if there is one: Apple's egress-ip-ranges.csv
// ("172.224.226.0/27,GB,GB-EN,London,") as well as a plain list. Empty lines
// and those that begin with # are left out. A file without any prefix is an
// error, since it can hardly be the one that was meant.
func ParsePrefixes(r io.Reader) ([]Network[string], error) {
	var networks []Network[string]
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		first, rest, _ := strings.Cut(line, ",")
		prefix, err := ParsePrefix(strings.TrimSpace(first))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		second, _, _ := strings.Cut(rest, ",")
		if len(networks) == maxPrefixes {
			return nil, fmt.Errorf("line %d: more than %d prefixes", n, maxPrefixes)
		}
		networks = append(networks, Network[string]{prefix, strings.Clone(strings.TrimSpace(second))})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	if len(networks) == 0 {
		return nil, errors.New("no prefix in it")
	}
	return networks, nil
}

// ParsePrefix reads a prefix, or an address, which counts as a prefix of its
// own. IPv4 within IPv6 becomes IPv4, and host bits are cleared.
func ParsePrefix(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%.50q is neither a prefix such as 192.0.2.0/24 nor an address", text)
	}
	if prefix.Addr().Is4In6() {
		if prefix.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("%.50q mixes IPv4 and IPv6", text)
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), nil
}

// Kinds are the kinds of networks of the lists; the packed ranges hold their
// places in it.
var Kinds = []string{"hosting", "vpn", "relay", "mobile"}
