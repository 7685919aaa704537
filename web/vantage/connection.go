package vantage

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Connection is what the server's kernel knows of a client's TCP connection,
// on Linux; of what it does not know, zero. Behind a proxy all of it is the
// proxy's.
type Connection struct {
	// MSS is the maximum segment size that the client's SYN announced (RFC
	// 9293, section 3.7.1), in bytes: 1460 on an Ethernet, less through a
	// tunnel, unless the network in between has lowered it.
	MSS int
	// PathMTU is the largest packet that the path towards the client is
	// believed to carry, in bytes.
	PathMTU int
	// RTT is the least round trip that the kernel has measured, or the smoothed
	// one where it keeps no least.
	RTT time.Duration
}

// connection is what is remembered of one connection for its requests.
type connection struct {
	raw   syscall.RawConn // nil where there is none
	mss   int
	hello hello
}

// Listen opens a TCP listener whose connections ConnContext can look at. They
// are no MPTCP, which Go prefers: its sockets keep no SYN.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	config := net.ListenConfig{Control: keepSYN}
	config.SetMultipathTCP(false)
	return config.Listen(ctx, "tcp", address)
}

type connectionKey struct{}

// ConnContext is the [http.Server.ConnContext] of a server whose handlers ask
// for ConnectionOf or HandshakeOf. Only of Listen's connections is the SYN's
// segment size known.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, newConnection(c))
}

func newConnection(c net.Conn) *connection {
	raw := rawConn(c)
	if raw == nil {
		return &connection{}
	}
	return &connection{raw: raw, mss: segmentSize(savedSYN(raw))}
}

// rawConn returns the socket that the connection wraps, however often it was
// wrapped in what says so by NetConn, as TLS does. It is nil where there is
// none.
func rawConn(c net.Conn) syscall.RawConn {
	for {
		wrapped, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = wrapped.NetConn()
	}
	socket, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// connectionIn returns what ConnContext has remembered, or nil where there was
// none.
func connectionIn(ctx context.Context) *connection {
	c, _ := ctx.Value(connectionKey{}).(*connection)
	return c
}

// ConnectionOf returns what the kernel knows by now of the connection that the
// request came on.
func ConnectionOf(r *http.Request) Connection {
	c := connectionIn(r.Context())
	if c == nil || c.raw == nil {
		return Connection{}
	}
	pathMTU, rtt := pathOf(c.raw)
	return Connection{MSS: c.mss, PathMTU: pathMTU, RTT: rtt}
}
