package diagnosis

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"checkoutdoctor/wasm/ascii"
)

const (
	resetName  = "reset_cache"
	resetParam = resetName + "=1"
)

// ResetCacheURL returns the address of an Ads Manager with reset_cache=1 added
// at the end of its query, as the help centre's document on invalid payment
// methods recommends. Everything else is kept byte for byte: order and escapes
// of the query, the fragment, an international host. An address without a
// scheme gets https. In a hash-routed address both readings of "the end of the
// address" get the parameter.
//
// It returns an error that says what is wrong with an address that is empty,
// has spaces, another scheme than http or https, a user name, or no host.
func ResetCacheURL(raw string) (string, error) {
	address, err := httpAddress(strings.TrimSpace(raw))
	if err != nil {
		return "", fmt.Errorf("reset_cache link: %w", err)
	}
	address, fragment, hasFragment := strings.Cut(address, "#")
	out := withReset(address)
	if hasFragment {
		out += "#" + resetFragment(fragment)
	}
	return out, nil
}

// httpAddress checks the address and gives it a scheme.
func httpAddress(s string) (string, error) {
	if s == "" {
		return "", errors.New("the address is empty")
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", errors.New("the address has a space in it")
	}
	s, err := withScheme(s)
	if err != nil {
		return "", err
	}
	return s, checkAuthority(authority(s))
}

// withScheme returns s with a scheme of http or https. What stands before a
// first colon is a scheme unless it is a host with a port.
func withScheme(s string) (string, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if strings.HasPrefix(s, "//") {
		return "https:" + s, nil
	}
	if !ok || !isScheme(scheme) || isHostWithPort(scheme, rest) {
		return "https://" + s, nil
	}
	switch scheme = ascii.Lower(scheme); scheme {
	case "http", "https":
		if !strings.HasPrefix(rest, "//") {
			return "", errors.New("the address has no host")
		}
		return s, nil
	}
	return "", fmt.Errorf("the scheme %s: is not supported, only http and https are", scheme)
}

// isScheme follows RFC 3986, 3.1.
func isScheme(s string) bool {
	for i, r := range s {
		letter := r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80
		other := r >= '0' && r <= '9' || r == '+' || r == '-' || r == '.'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return s != ""
}

// isHostWithPort tells ads.example:8443/x from javascript:1: the name of a
// site has a dot, or is localhost.
func isHostWithPort(name, rest string) bool {
	return isPort(rest) && (strings.Contains(name, ".") || ascii.Lower(name) == "localhost")
}

// isPort reports whether what follows a colon is a port, not the rest of a URL.
func isPort(rest string) bool {
	port := upTo(rest, "/?#")
	return port != "" && strings.Trim(port, "0123456789") == ""
}

func authority(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	return upTo(rest, `/?#\`)
}

// upTo returns s up to the first of the stop characters.
func upTo(s, stops string) string {
	if i := strings.IndexAny(s, stops); i >= 0 {
		return s[:i]
	}
	return s
}

func checkAuthority(a string) error {
	if strings.Contains(a, "@") {
		return errors.New("the address has a user name in it")
	}
	host := a
	if !strings.HasPrefix(a, "[") {
		host, _, _ = strings.Cut(a, ":")
		if port := a[len(host):]; port != "" && port != ":" && !isPort(port[1:]) {
			return fmt.Errorf("the port %q is not a number", port[1:])
		}
	} else if !strings.Contains(a, "]") {
		return errors.New("the address has no host")
	}
	if strings.Trim(host, ".") == "" {
		return errors.New("the address has no host")
	}
	if strings.ContainsAny(host, `<>"^|{}%`+"`") {
		return fmt.Errorf("the host %q has characters that no host has", host)
	}
	return nil
}

// resetFragment adds the parameter to a fragment that is a route, #/… or
// #!/…; any other fragment is kept.
func resetFragment(fragment string) string {
	if strings.HasPrefix(fragment, "/") || strings.HasPrefix(fragment, "!/") {
		return withReset(fragment)
	}
	return fragment
}

// withReset sets the parameter in the query of s, which has no fragment.
func withReset(s string) string {
	base, query, hasQuery := strings.Cut(s, "?")
	if !hasQuery {
		return base + "?" + resetParam
	}
	if query == "" {
		return base + "?" + resetParam
	}
	pairs := strings.Split(query, "&")
	found := false
	for i, pair := range pairs {
		if name, _, _ := strings.Cut(pair, "="); name == resetName {
			pairs[i], found = resetParam, true
		}
	}
	query = strings.Join(pairs, "&")
	if found {
		return base + "?" + query
	}
	if strings.HasSuffix(query, "&") {
		return base + "?" + query + resetParam
	}
	return base + "?" + query + "&" + resetParam
}
