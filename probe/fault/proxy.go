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
	"strings"
	"sync"
	"time"
)

// Action is what the proxy does to a connection.
type Action int

// The actions. What a browser says of them in its own words stands behind.
const (
	// Pass lets the connection through.
	Pass Action = iota
	// Refuse answers that the host cannot be reached: ERR_TUNNEL_CONNECTION_FAILED,
	// as a browser behind a proxy says of a connection that was refused.
	Refuse
	// Reset accepts, waits for the first byte and resets: ERR_CONNECTION_RESET.
	Reset
	// Hang accepts and never says anything.
	Hang
	// Cut lets Rule.Bytes from the server pass and then closes: ERR_CONNECTION_CLOSED
	// within the handshake, a truncated answer after it.
	Cut
	// Change hands each answer to Rule.Change before it goes on.
	Change
	// Impersonate speaks TLS in the host's name with a certificate of an authority
	// that nobody knows, as a company's proxy or a virus scanner does:
	// ERR_CERT_AUTHORITY_INVALID. A browser that takes it gets the host's answers.
	Impersonate
)

// Rule says what happens to the connections to one host.
type Rule struct {
	// Delay comes before anything else.
	Delay time.Duration
	// Action is done then.
	Action Action
	// Bytes is how many bytes a [Cut] lets pass, those of the TLS handshake
	// included.
	Bytes int64
	// Change alters an answer, header and body. It is for [Change] alone, and
	// is called from several goroutines.
	Change func(*http.Response) error
}

// Options say what a proxy reaches and what it does on the way.
type Options struct {
	// Address is the host:port that answers for every *.test:443. Other hosts
	// than these and the loopback are refused, so that nothing leaves the machine.
	Address string
	// Rules are the rules by host name. Hosts without one pass.
	Rules map[string]Rule
	// Line is what lies before every host. What a [Cut], a [Change] or an
	// [Impersonate] lets pass does not go through it.
	Line Line
	// Certificate gives the certificate with which the proxy speaks for a host
	// in a [Change].
	Certificate func(host string) (*tls.Certificate, error)
	// CAPEM are the authorities, as PEM, of the servers behind a [Change].
	CAPEM []byte
}

// A Proxy is a forward HTTP proxy on the loopback that tunnels with CONNECT
// and breaks what its rules say. As the browser sends everything through it,
// the faults reach the requests of frames, nested frames and pop-ups too.
type Proxy struct {
	options   Options
	listener  net.Listener
	up, down  *link           // seen from the browser
	transport *http.Transport // to the servers behind a Change
	ctx       context.Context
	cancel    context.CancelFunc
	work      sync.WaitGroup
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
	p := &Proxy{options: o, listener: listener, up: newLink(o.Line), down: newLink(o.Line)}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.transport = &http.Transport{
		DialContext:        func(ctx context.Context, _, address string) (net.Conn, error) { return p.dial(ctx, address) },
		TLSClientConfig:    &tls.Config{RootCAs: roots},
		DisableCompression: true, // the browser negotiates it with the server
	}
	context.AfterFunc(p.ctx, func() { listener.Close() })
	p.work.Go(p.accept)
	return p, nil
}

// URL returns the proxy's address as browsers are told it.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// Close ends the proxy, every connection through it included.
func (p *Proxy) Close() error {
	p.cancel()
	p.work.Wait()
	p.transport.CloseIdleConnections()
	return nil
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() {
			defer p.closeLater(conn)()
			p.serve(conn)
		})
	}
}

// closeLater closes the connection when the proxy ends, or when the returned
// function is called.
func (p *Proxy) closeLater(conn net.Conn) func() {
	stop := context.AfterFunc(p.ctx, func() { conn.Close() })
	return func() {
		stop()
		conn.Close()
	}
}

// serve handles one connection of the browser, for which it asks with CONNECT.
func (p *Proxy) serve(conn net.Conn) {
	reader := bufio.NewReader(conn)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	host, _, err := net.SplitHostPort(request.Host)
	if err != nil || request.Method != http.MethodConnect {
		return // nothing here speaks plain HTTP
	}
	rule := p.options.Rules[host]
	if !waitUntil(p.ctx, time.Now().Add(rule.Delay+2*p.options.Line.Latency)) {
		return
	}
	p.apply(rule, &client{Conn: conn, reader: reader}, host, request.Host)
}

// apply does to the browser's connection what the rule says.
func (p *Proxy) apply(rule Rule, c *client, host, address string) {
	switch rule.Action {
	case Refuse:
		answer(c, http.StatusBadGateway)
	case Reset:
		answer(c, http.StatusOK)
		c.reset()
	case Hang:
		answer(c, http.StatusOK)
		io.Copy(io.Discard, c) // until the browser gives up or the proxy ends
	case Change:
		answer(c, http.StatusOK)
		p.change(c, host, p.options.Certificate, rule.Change)
	case Impersonate:
		answer(c, http.StatusOK)
		p.change(c, host, unknownCertificate, func(*http.Response) error { return nil })
	default:
		p.tunnel(rule, c, address)
	}
}

// tunnel passes bytes both ways until both sides have ended, or the rule cuts.
func (p *Proxy) tunnel(rule Rule, c *client, address string) {
	server, err := p.dial(p.ctx, address)
	if err != nil {
		answer(c, http.StatusBadGateway)
		return
	}
	defer p.closeLater(server)()
	answer(c, http.StatusOK)

	var up sync.WaitGroup
	up.Go(func() {
		p.up.copy(p.ctx, server, c)
		closeWrite(server)
	})
	if rule.Action == Cut {
		io.CopyN(c, server, rule.Bytes)
		c.Close()
		server.Close()
	} else {
		p.down.copy(p.ctx, c, server)
		closeWrite(c.Conn)
	}
	up.Wait()
}

// change speaks TLS with the browser in the host's name, and changes the
// answers of the host that it passes on.
func (p *Proxy) change(c *client, host string, certify func(string) (*tls.Certificate, error), change func(*http.Response) error) {
	certificate, err := certify(host)
	if err != nil {
		return
	}
	secure := tls.Server(c, &tls.Config{
		Certificates: []tls.Certificate{*certificate},
		NextProtos:   []string{"http/1.1"},
	})
	defer secure.Close()
	reader := bufio.NewReader(secure)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if !p.forward(change, request, secure) {
			return
		}
	}
}

// forward gets the answer to the request, changes it and writes it. It reports
// whether the connection can serve another request.
func (p *Proxy) forward(change func(*http.Response) error, request *http.Request, to io.Writer) bool {
	request.URL.Scheme, request.URL.Host = "https", request.Host
	request.RequestURI = "" // a client must not set it
	response, err := p.transport.RoundTrip(request.WithContext(p.ctx))
	if err != nil {
		answer(to, http.StatusBadGateway)
		return false
	}
	defer response.Body.Close()
	if err := change(response); err != nil {
		answer(to, http.StatusBadGateway)
		return false
	}
	return response.Write(to) == nil && !request.Close && !response.Close
}

// dial connects to the server that the address stands for.
func (p *Proxy) dial(ctx context.Context, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ip := net.ParseIP(host)
	switch {
	case strings.HasSuffix(host, ".test") && port == "443":
		address = p.options.Address
	case host == "localhost" || ip != nil && ip.IsLoopback():
	default:
		return nil, fmt.Errorf("%s is outside", address)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

// client is the browser's connection, with what was read ahead of it.
type client struct {
	net.Conn
	reader *bufio.Reader
}

func (c *client) Read(b []byte) (int, error) { return c.reader.Read(b) }

// reset waits for the first byte, so that the reset cannot overtake the answer
// to CONNECT, and ends the connection with a TCP reset.
func (c *client) reset() {
	c.reader.ReadByte()
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

// closeWrite ends one direction of a connection.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}

// answer writes an answer without a body. A browser that is gone does not need it.
func answer(to io.Writer, status int) {
	length := "Content-Length: 0\r\n"
	if status == http.StatusOK {
		length = "" // the tunnel follows
	}
	fmt.Fprintf(to, "HTTP/1.1 %d %s\r\n%s\r\n", status, http.StatusText(status), length)
}
