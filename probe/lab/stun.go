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
	silent string                // URI of one that takes and never answers
}

// listenSTUN opens the STUN servers: one for whoever comes in on the lab's own
// address, and the silent one.
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
	l.stun.put(addressOf(conn.LocalAddr()), uriOf(conn))
	l.serving.Go(func() { _ = vantage.ServeSTUN(l.life, conn) }) // a socket that breaks is one that does not answer
}

// stunFor returns the STUN server that the vantage names to who asks: empty
// where there is none on the address that the request came in on.
func (l *Lab) stunFor(r *http.Request) string {
	network, _ := networkOf(clientOf(r).Address)
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	l.stun.mu.Lock()
	defer l.stun.mu.Unlock()
	if network.noUDP || r.URL.Query().Get(stunQuery) == stunSilent {
		return l.stun.silent
	}
	return l.stun.local[addressOf(local)]
}

func (s *stunServers) put(at netip.Addr, uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.local == nil {
		s.local = make(map[netip.Addr]string)
	}
	s.local[at] = uri
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
