package fault

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Options say what a proxy reaches and what it does on the way.
type Options struct {
	// Address is the host:port that answers for every *.test:443. Other hosts
	// than these and the loopback are refused, so that nothing leaves the machine.
	Address string
	// Rules are the rules by host name.
	Rules map[string]Rule
	// Rest is the rule of the hosts that have none of their own.
	Rest Rule
	// Line is what lies before every host. What the proxy answers itself, or
	// passes on of an exchange that it takes part in, does not go through it.
	Line Line
	// Egress is the loopback address that connections to the servers come from;
	// the zero Addr leaves it to the system.
	Egress netip.Addr
	// SOCKS has the proxy speak SOCKS5 (RFC 1928), and not HTTP.
	SOCKS bool
	// Later leaves rules, line and egress out until the proxy is switched on.
	Later bool
	// Certificate gives the certificate with which the proxy speaks for a host
	// where the browser trusts it.
	Certificate func(host string) (*tls.Certificate, error)
	// CAPEM are the authorities, as PEM, of the servers behind a [Change], an
	// [Impersonate] or an [Inspect].
	CAPEM []byte
}

// A Proxy is a forward proxy on the loopback that tunnels, by HTTP's CONNECT or
// by SOCKS5, and breaks what its rules say. As the browser sends everything
// through it, the faults reach the requests of frames, nested frames and
// pop-ups too.
type Proxy struct {
	options  Options
	protocol protocol
	roots    *x509.CertPool
	listener net.Listener
	up, down *link // seen from the browser
	ctx      context.Context
	cancel   context.CancelFunc
	work     sync.WaitGroup

	mu   sync.Mutex
	on   bool
	way  *way
	open map[*client]bool
	owed map[string]int // by host: connections that a Flap refuses before the next passes
}

// NewProxy starts a proxy, which runs until it is closed or ctx ends.
func NewProxy(ctx context.Context, o Options) (*Proxy, error) {
	roots := x509.NewCertPool()
	if o.CAPEM != nil && !roots.AppendCertsFromPEM(o.CAPEM) {
		return nil, errors.New("start the fault proxy: no certificate in the authorities' PEM")
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the fault proxy: %w", err)
	}
	p := &Proxy{
		options: o, protocol: connect{}, roots: roots, listener: listener, up: &link{}, down: &link{},
		open: make(map[*client]bool), owed: make(map[string]int),
	}
	if o.SOCKS {
		p.protocol = socks{}
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.turn(!o.Later)
	context.AfterFunc(p.ctx, func() { listener.Close() })
	p.work.Go(p.accept)
	return p, nil
}

// URL returns the proxy's address as browsers are told it.
func (p *Proxy) URL() string { return p.protocol.scheme() + "://" + p.listener.Addr().String() }

// Switch brings what the options say into force, or ends it: then all passes,
// at once and from the system's own address. Connections that are open come
// under a [Cut], a [Stall], a [Flap] and the line as they are; where the other
// actions need connections of their own, and when the fault ends, they are
// broken. Switching to what is so already does nothing.
func (p *Proxy) Switch(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if on == p.on {
		return
	}
	earlier := p.way
	p.turn(on)
	clear(p.owed)
	for c := range p.open {
		if !on || p.way.egress.IsValid() || p.way.rule(c.host).needsNew() {
			c.end()
		}
	}
	earlier.transport.CloseIdleConnections()
}

// turn sets the way of connections from now on.
func (p *Proxy) turn(on bool) {
	p.on, p.way = on, &way{address: p.options.Address}
	if on {
		p.way.rules, p.way.rest, p.way.line, p.way.egress = p.options.Rules, p.options.Rest, p.options.Line, p.options.Egress
	}
	p.way.transport = &http.Transport{
		DialContext:        p.way.dial,
		TLSClientConfig:    &tls.Config{RootCAs: p.roots},
		DisableCompression: true, // the browser negotiates it with the server
	}
	p.up.set(p.way.line)
	p.down.set(p.way.line)
}

// Close ends the proxy, every connection through it included.
func (p *Proxy) Close() error {
	p.cancel()
	p.work.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.way.transport.CloseIdleConnections()
	return nil
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.serve(conn) })
	}
}

// serve handles one connection of the browser's.
func (p *Proxy) serve(conn net.Conn) {
	c := newClient(p.ctx, conn)
	defer c.end()
	address, err := p.protocol.read(c)
	if err != nil {
		return
	}
	if c.host, _, err = net.SplitHostPort(address); err != nil {
		return
	}
	way := p.enter(c)
	defer p.leave(c)
	rule := way.rule(c.host)
	if waitUntil(c.ctx, time.Now().Add(rule.Delay+2*way.line.Latency)) {
		p.apply(way, rule, c, address)
	}
}

// enter counts the connection among those that are broken when the fault begins
// or ends, and returns the way that it goes.
func (p *Proxy) enter(c *client) *way {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
	return p.way
}

func (p *Proxy) leave(c *client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// ruleNow returns the rule for the host that is in force.
func (p *Proxy) ruleNow(host string) Rule {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.way.rule(host)
}

// apply does to the browser's connection what the rule says.
func (p *Proxy) apply(way *way, rule Rule, c *client, address string) {
	switch rule.Action {
	case Refuse:
		p.protocol.answer(c, refused)
	case NoHost:
		p.protocol.answer(c, noHost)
	case Reset:
		p.protocol.answer(c, connected)
		c.reset()
	case Hang:
		p.protocol.answer(c, connected)
		c.swallow()
	case Change, Impersonate, Inspect, Portal, Elsewhere:
		p.protocol.answer(c, connected)
		p.speak(way, rule, c)
	default:
		if p.refuses(c.host) {
			p.protocol.answer(c, refused)
			return
		}
		p.tunnel(way, c, address)
	}
}

// way is how connections go, from one switching to the next.
type way struct {
	address   string // of the servers
	rules     map[string]Rule
	rest      Rule
	line      Line
	egress    netip.Addr
	transport *http.Transport // to the servers, where the proxy takes part in the exchange
}

func (w *way) rule(host string) Rule {
	if rule, ok := w.rules[host]; ok {
		return rule
	}
	return w.rest
}

// dial connects to the server that the address stands for.
func (w *way) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ip := net.ParseIP(host)
	switch {
	case strings.HasSuffix(host, ".test") && port == "443":
		address = w.address
	case host == "localhost" || ip != nil && ip.IsLoopback():
	default:
		return nil, fmt.Errorf("%s is outside", address)
	}
	var dialer net.Dialer
	if w.egress.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(w.egress, 0))
	}
	return dialer.DialContext(ctx, "tcp", address)
}

// client is the browser's connection, with what was read ahead of it.
type client struct {
	net.Conn
	reader *bufio.Reader
	host   string // that it asks for
	ctx    context.Context
	cancel context.CancelFunc
	turns  turns
}

func newClient(ctx context.Context, conn net.Conn) *client {
	c := &client{Conn: conn, reader: bufio.NewReader(conn)}
	c.ctx, c.cancel = context.WithCancel(ctx)
	c.closeWith(conn)
	return c
}

// closeWith closes a connection when the browser's ends.
func (c *client) closeWith(conn net.Conn) {
	context.AfterFunc(c.ctx, func() { conn.Close() })
}

func (c *client) Read(b []byte) (int, error) { return c.reader.Read(b) }

// end ends the connection and all that depends on it.
func (c *client) end() {
	c.cancel()
	c.Close()
}

// swallow reads until the browser gives up or the proxy ends.
func (c *client) swallow() { io.Copy(io.Discard, c) }

// reset waits for the first byte, so that the reset cannot overtake the answer
// to the browser's wish, and ends the connection with a TCP reset.
func (c *client) reset() {
	c.reader.ReadByte()
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}
