package fault

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// The parts of SOCKS5 that are spoken here (RFC 1928): CONNECT, and no
// authentication.
const (
	socksVersion    = 5
	socksConnect    = 1
	socksNoAuth     = 0
	socksNoMethod   = 0xff
	socksIPv4       = 1
	socksDomain     = 3
	socksIPv6       = 4
	socksSucceeded  = 0
	socksNoHost     = 4
	socksRefused    = 5
	socksBadCommand = 7
	socksBadAddress = 8
)

// socks is SOCKS5.
type socks struct{}

func (socks) scheme() string { return "socks5" }

func (s socks) read(c *client) (string, error) {
	if err := s.greet(c); err != nil {
		return "", err
	}
	address, reply, err := readSOCKSRequest(c)
	if reply != socksSucceeded {
		s.reply(c, reply)
	}
	return address, err
}

func (s socks) answer(to io.Writer, o outcome) {
	s.reply(to, map[outcome]byte{connected: socksSucceeded, refused: socksRefused, noHost: socksNoHost}[o])
}

// reply answers a request. The address that the proxy is bound to is of no use
// to who asked for a connection, and stays zero.
func (socks) reply(to io.Writer, code byte) {
	to.Write([]byte{socksVersion, code, 0, socksIPv4, 0, 0, 0, 0, 0, 0})
}

// greet settles how the browser shows who it is: not at all.
func (socks) greet(c *client) error {
	methods, err := readSOCKSGreeting(c)
	if err != nil {
		return err
	}
	if !slices.Contains(methods, socksNoAuth) {
		c.Write([]byte{socksVersion, socksNoMethod})
		return errors.New("read the SOCKS greeting: the browser wants to authenticate itself")
	}
	_, err = c.Write([]byte{socksVersion, socksNoAuth})
	return err
}

// readSOCKSGreeting returns the methods of authentication that are offered
// (section 3).
func readSOCKSGreeting(from io.Reader) (methods []byte, err error) {
	head, err := readSome(from, 2)
	if err != nil {
		return nil, fmt.Errorf("read the SOCKS greeting: %w", err)
	}
	if head[0] != socksVersion {
		return nil, fmt.Errorf("read the SOCKS greeting: version %d is not spoken here", head[0])
	}
	if methods, err = readSome(from, int(head[1])); err != nil {
		return nil, fmt.Errorf("read the SOCKS greeting: %w", err)
	}
	return methods, nil
}

// readSOCKSRequest returns the host:port of a request for a connection (section
// 4), or what to reply to another one, which is an error. Where there is nobody
// to reply to, the reply is 0.
func readSOCKSRequest(from io.Reader) (address string, reply byte, err error) {
	head, err := readSome(from, 4)
	if err != nil {
		return "", 0, fmt.Errorf("read the SOCKS request: %w", err)
	}
	version, command, kind := head[0], head[1], head[3]
	if version != socksVersion {
		return "", 0, fmt.Errorf("read the SOCKS request: version %d is not spoken here", version)
	}
	host, reply, err := readSOCKSHost(from, kind)
	if err != nil {
		return "", reply, fmt.Errorf("read the SOCKS request: %w", err)
	}
	port, err := readSome(from, 2)
	if err != nil {
		return "", 0, fmt.Errorf("read the SOCKS request: %w", err)
	}
	if command != socksConnect {
		return "", socksBadCommand, fmt.Errorf("read the SOCKS request: there is no command %d", command)
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port[0])<<8|int(port[1]))), 0, nil
}

// readSOCKSHost returns the host of a request, by the kind of its address
// (section 5).
func readSOCKSHost(from io.Reader, kind byte) (host string, reply byte, err error) {
	size := map[byte]int{socksIPv4: net.IPv4len, socksIPv6: net.IPv6len}[kind]
	switch kind {
	case socksIPv4, socksIPv6:
	case socksDomain:
		length, err := readSome(from, 1)
		if err != nil {
			return "", 0, err
		}
		size = int(length[0])
	default:
		return "", socksBadAddress, fmt.Errorf("there is no kind of address %d", kind)
	}
	text, err := readSome(from, size)
	switch {
	case err != nil:
		return "", 0, err
	case kind != socksDomain:
		ip, _ := netip.AddrFromSlice(text) // which has the length of one
		return ip.String(), 0, nil
	case !isHostName(text):
		return "", socksBadAddress, fmt.Errorf("%q is no host name", text)
	}
	return string(text), 0, nil
}

// isHostName reports whether the text can be a name that is looked up: what
// could be taken for something else in a host:port cannot.
func isHostName(text []byte) bool {
	return len(text) > 0 && !slices.ContainsFunc(text, func(b byte) bool {
		return !(b == '-' || b == '.' || b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z')
	})
}

func readSome(from io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(from, b)
	return b, err
}
