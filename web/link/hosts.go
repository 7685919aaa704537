package link

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxURL is how long a URL in a link may be, in bytes.
const maxURL = 512

// Hosts lists where a URL in a link may lead. The zero value allows nothing.
type Hosts struct {
	names   []string // allowed as they are
	domains []string // allowed with every name below them
}

// ParseHosts reads the names of hosts, such as ads.example, and registrable
// domains with a dot before them, such as .example.co.uk, which stand for every
// host on them.
func ParseHosts(list []string) (Hosts, error) {
	var h Hosts
	for _, entry := range list {
		bare, below := strings.CutPrefix(entry, ".")
		name, err := idna.Lookup.ToASCII(bare)
		if err != nil || !isHostName(name) {
			return Hosts{}, fmt.Errorf("%q is no name of a host; want one such as ads.example, or .example.com for all of a domain's", entry)
		}
		if !below {
			h.names = append(h.names, name)
			continue
		}
		if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err != nil {
			return Hosts{}, fmt.Errorf("%q would allow hosts of everybody: it is a public suffix", entry)
		} else if domain != name {
			return Hosts{}, fmt.Errorf("%q is no registrable domain; want .%s, or hosts by their names", entry, domain)
		}
		h.domains = append(h.domains, name)
	}
	return h, nil
}

// isHostName tells whether the name is one of DNS, in lower case, and cannot be
// taken for an address: browsers read a last label of digits, or of 0x and
// digits, as IPv4 (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func isHostName(name string) bool {
	if len(name) > 253 {
		return false
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	first := labels[len(labels)-1][0]
	return first < '0' || first > '9'
}

// allows tells whether the host's name is in the list.
func (h Hosts) allows(host string) bool {
	if slices.Contains(h.names, host) {
		return true
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	return err == nil && slices.Contains(h.domains, domain)
}

// check tells whether a link may have the URL. It reads the URL by itself, and
// takes none of which two readers could disagree where it leads: no user, port,
// backslash, space or letter beyond ASCII.
func (h Hosts) check(url string) error {
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		return errors.New("it must begin with https://")
	}
	if len(url) > maxURL {
		return fmt.Errorf("it is longer than %d bytes", maxURL)
	}
	if strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return errors.New("it has a space, a backslash or a letter beyond ASCII; want it as the address bar copies it")
	}
	host := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		host = rest[:end]
	}
	host = strings.ToLower(host)
	if !isHostName(host) {
		return errors.New("want the name of a host after https://, without user and port")
	}
	if !h.allows(host) {
		return fmt.Errorf("%s is not among the allowed hosts", host)
	}
	return nil
}
