// Package tunnel makes real network links between a browser and the servers of
// the probe: through WireGuard with the packet sizes that it leaves, or with
// those of a mobile network or of PPPoE. Each end is a network namespace of its
// own, without a name, and has a TUN device. A link can be made to lose every
// large packet in one direction without a word, as tunnels on a path with a
// smaller MTU than they believe do (RFC 2923, section 2.1).
//
// It needs Linux, the rights of root and /dev/net/tun. Nothing of a link is left
// behind, however the process ends: devices and namespaces go with the last file
// that stands for them.
package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/web/vantage"
)

// kind is what a link is like.
type kind struct {
	name      string
	device    string        // Chromium does not count tun0 as a way out (navigator.onLine)
	mtu       int           // bytes of an IP packet
	delay     time.Duration // each way
	ipv6      bool          // it has IPv6 and nothing else
	wireGuard bool          // packets go encrypted, in UDP datagrams over the loopback
}

var kinds = []kind{
	{name: "ethernet", device: "eth0", mtu: 1500},
	{name: "wireguard-1420", device: "wg0", mtu: 1420, wireGuard: true}, // wg-quick(8)'s default on Ethernet
	{name: "wireguard-1280", device: "wg0", mtu: 1280, wireGuard: true}, // the least that IPv6 allows (RFC 8200, section 5), which VPN apps choose to be safe
	{name: "mobile", device: "eth0", mtu: 1440, delay: 150 * time.Millisecond},
	{name: "satellite", device: "eth0", mtu: 1500, delay: 300 * time.Millisecond},       // geostationary: 36,000 km up and down again, each way
	{name: "satellite-twice", device: "eth0", mtu: 1500, delay: 700 * time.Millisecond}, // a terminal whose hub is reached by one more
	{name: "pppoe", device: "eth0", mtu: 1492},                                          // RFC 2516, section 7
	{name: "ipv6", device: "eth0", mtu: 1500, ipv6: true},
}

// Names lists the links that there are.
func Names() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// A Fault is a failure that a link can have.
type Fault struct {
	Code  string         // stable: scenarios name it
	Title string         // what is wrong, for people
	Gives diagnosis.Code // the cause that the diagnosis must give
	up    bool           // in the packets of the browser, rather than in those to it
}

// Faults lists every fault of links.
func Faults() []Fault {
	const cause = "network.large-transfers-stall"
	return []Fault{
		{Code: "black-hole-down", Title: "The tunnel swallows large packets on the way to the browser", Gives: cause},
		{Code: "black-hole-up", Title: "The tunnel swallows large packets of the browser's", Gives: cause, up: true},
	}
}

// The addresses of the two ends, of the ranges for benchmarks (RFC 2544) and
// documentation (RFC 3849), so that no mistake can reach anybody.
var (
	ipv4 = ends[netip.Prefix]{client: netip.MustParsePrefix("198.18.0.2/30"), server: netip.MustParsePrefix("198.18.0.1/30")}
	ipv6 = ends[netip.Prefix]{client: netip.MustParsePrefix("2001:db8::2/64"), server: netip.MustParsePrefix("2001:db8::1/64")}
)

// ends is something that both ends of a link have.
type ends[T any] struct{ client, server T }

// addresses returns those of the link's two ends.
func (k kind) addresses() ends[netip.Prefix] {
	if k.ipv6 {
		return ipv6
	}
	return ipv4
}

// A Link leads from the client's end, where a browser is started, to the
// server's, where listeners are opened.
type Link struct {
	kind       kind
	namespaces ends[*namespace]
	up, down   *path
	cable      io.Closer

	mu     sync.Mutex
	closed bool
	opened []io.Closer // at the server's end

	close func() error
}

// Open makes the link of the name, which is one of Names. Where the machine does
// not allow it the error is a *probe.UnsupportedError.
func Open(name string) (*Link, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no tunnel %s", name)
	}
	l := &Link{kind: kinds[i], up: newPath(kinds[i].delay), down: newPath(kinds[i].delay)}
	l.close = sync.OnceValue(l.end)
	if err := l.make(); err != nil {
		return nil, errors.Join(explain(name, err), l.Close())
	}
	return l, nil
}

// make makes both ends and what is between them. What it has made when it fails,
// end takes away.
func (l *Link) make() (err error) {
	for _, end := range []**namespace{&l.namespaces.client, &l.namespaces.server} {
		if *end, err = newNamespace(); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
	}
	l.cable, err = l.connect()
	return err
}

// explain tells what the machine does not allow from what went wrong.
func explain(name string, err error) error {
	for _, missing := range []error{fs.ErrPermission, fs.ErrNotExist, errors.ErrUnsupported, syscall.ENODEV} {
		if errors.Is(err, missing) {
			return &probe.UnsupportedError{
				What: "the tunnel " + name, Why: err.Error() + "; it needs Linux, the rights of root and /dev/net/tun",
			}
		}
	}
	return fmt.Errorf("open the tunnel %s: %w", name, err)
}

// Do runs f on a thread at the client's end, to which the sockets and processes
// belong that f makes. Only what f does itself happens there, not what it lets
// other goroutines do.
func (l *Link) Do(f func() error) error { return l.namespaces.client.do(f) }

// Address is that of the server's end.
func (l *Link) Address() netip.Addr { return l.kind.addresses().server.Addr() }

// Listen opens a listener at the server's end, on the port or, where it is 0, on
// a free one. What it accepts are *net.TCPConn that package vantage can look at.
// Close closes all of it.
func (l *Link) Listen(ctx context.Context, port uint16) (net.Listener, error) {
	var inner net.Listener
	err := l.atServer(port, func(address string) (c io.Closer, err error) {
		inner, err = vantage.Listen(ctx, address)
		return inner, err
	})
	if err != nil {
		return nil, err
	}
	return &listener{inner, l}, nil
}

// ListenPacket opens a UDP socket at the server's end, as Listen does.
func (l *Link) ListenPacket(ctx context.Context, port uint16) (packets net.PacketConn, err error) {
	err = l.atServer(port, func(address string) (c io.Closer, err error) {
		packets, err = new(net.ListenConfig).ListenPacket(ctx, "udp", address)
		return packets, err
	})
	return packets, err
}

// atServer opens something on the port of the server's end.
func (l *Link) atServer(port uint16, open func(address string) (io.Closer, error)) error {
	address := netip.AddrPortFrom(l.Address(), port).String()
	return l.namespaces.server.do(func() error {
		opened, err := open(address)
		if err != nil {
			return fmt.Errorf("listen on %s of the tunnel %s: %w", address, l.kind.name, err)
		}
		return l.keep(opened)
	})
}

// keep remembers what has to be closed with the link, or closes it at once.
func (l *Link) keep(opened io.Closer) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errors.Join(net.ErrClosed, opened.Close())
	}
	l.opened = append(l.opened, opened)
	return nil
}

// listener keeps what it accepts: a connection outlives its listener, and the
// client's farewell may no longer come through.
type listener struct {
	net.Listener
	link *Link
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if err := l.link.keep(c); err != nil {
		return nil, err
	}
	return c, nil
}

// Switch switches the fault with the code on or off.
func (l *Link) Switch(code string, on bool) error {
	i := slices.IndexFunc(Faults(), func(f Fault) bool { return f.Code == code })
	switch {
	case i < 0:
		return fmt.Errorf("there is no tunnel fault %s", code)
	case Faults()[i].up:
		l.up.swallow(on)
	default:
		l.down.swallow(on)
	}
	return nil
}

// Close takes the link away, with all that was opened at the server's end. What
// runs at the client's is cut off. Further calls return what the first did.
func (l *Link) Close() error { return l.close() }

func (l *Link) end() error {
	l.mu.Lock()
	l.closed = true
	opened := l.opened
	l.mu.Unlock()
	for _, o := range opened {
		_ = o.Close() // most of them are closed already
	}
	l.up.close()
	l.down.close()
	var err error
	if l.cable != nil {
		err = l.cable.Close()
	}
	return errors.Join(err, l.namespaces.client.close(), l.namespaces.server.close())
}
