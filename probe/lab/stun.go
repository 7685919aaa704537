package lab

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"checkoutdoctor/web/vantage"
)

// The vantage's query parameter that says that STUN gets no answer, as in a
// network that lets no UDP out, and its value.
const (
	stunQuery  = "lab-stun"
	stunSilent = "silent"
)

// stunServers are where the vantage sends WebRTC to ask for the address that it
// goes out by.
type stunServers struct {
	mu     sync.Mutex
	local  map[netip.Addr]string // URI (RFC 7064) by the local address that a request comes in on
	remote map[netip.Addr]string // URI by the client's address, of networks that UDP goes through
	silent string                // URI of one that takes and never answers
}

// listenSTUN opens the STUN servers: one for whoever comes in on the lab's own
// address, one for each network that UDP goes through, and the silent one.
func (l *Lab) listenSTUN(ctx context.Context) error {
	own, err := openSTUN(ctx)
	if err != nil {
		return err
	}
	l.ServeSTUNOn(own)
	silent, err := openSTUN(ctx)
	if err != nil {
		return err
	}
	l.stun.silent = uriOf(silent)
	l.serving.Go(func() {
		<-l.life.Done()
		silent.Close()
	})
	for _, n := range networks {
		if n.udp != goesThrough {
			continue
		}
		conn, err := openSTUN(ctx)
		if err != nil {
			return err
		}
		l.stun.put(&l.stun.remote, n.from, uriOf(conn))
		l.serveSTUN(seenFrom{conn, n.from})
	}
	return nil
}

func openSTUN(ctx context.Context) (net.PacketConn, error) {
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening a STUN server: %w", err)
	}
	return conn, nil
}

// ServeSTUNOn answers STUN on the socket until the lab is closed, which closes
// it. The vantage names it to whoever asks on the socket's own address, which
// has to be one that the lab listens on, too; 127.0.0.1 has a socket already.
func (l *Lab) ServeSTUNOn(conn net.PacketConn) {
	l.stun.put(&l.stun.local, addressOf(conn.LocalAddr()), uriOf(conn))
	l.serveSTUN(conn)
}

func (l *Lab) serveSTUN(conn net.PacketConn) {
	l.serving.Go(func() { _ = vantage.ServeSTUN(l.life, conn) }) // a socket that breaks is one that does not answer
}

// stunFor returns the STUN server that the vantage names to who asks: empty
// where there is none on the address that the request came in on.
func (l *Lab) stunFor(r *http.Request) string {
	from := clientOf(r).Address
	network, _ := networkOf(from)
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	l.stun.mu.Lock()
	defer l.stun.mu.Unlock()
	switch {
	case network.udp == isBlocked, r.URL.Query().Get(stunQuery) == stunSilent:
		return l.stun.silent
	case network.udp == goesThrough:
		return l.stun.remote[from]
	}
	return l.stun.local[addressOf(local)]
}

func (s *stunServers) put(servers *map[netip.Addr]string, at netip.Addr, uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *servers == nil {
		*servers = make(map[netip.Addr]string)
	}
	(*servers)[at] = uri
}

func uriOf(conn net.PacketConn) string { return "stun:" + conn.LocalAddr().String() }

// addressOf returns the IP address of a socket's end; not valid where there is
// none.
func addressOf(end net.Addr) netip.Addr {
	if end == nil {
		return netip.Addr{}
	}
	at, err := netip.ParseAddrPort(end.String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// seenFrom is a socket to which everybody seems to come from an address of a
// network, as where that network's NAT stands in between. The ports stay, so
// that answers find their way back to the loopback.
type seenFrom struct {
	net.PacketConn
	network netip.Addr
}

// ReadFrom implements net.PacketConn.
func (s seenFrom) ReadFrom(p []byte) (n int, from net.Addr, err error) {
	n, from, err = s.PacketConn.ReadFrom(p)
	if udp, ok := from.(*net.UDPAddr); ok {
		from = net.UDPAddrFromAddrPort(netip.AddrPortFrom(s.network, udp.AddrPort().Port()))
	}
	return n, from, err
}

// WriteTo implements net.PacketConn.
func (s seenFrom) WriteTo(p []byte, to net.Addr) (n int, err error) {
	if udp, ok := to.(*net.UDPAddr); ok {
		to = net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), udp.AddrPort().Port()))
	}
	return s.PacketConn.WriteTo(p, to)
}
