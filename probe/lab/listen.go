package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"checkoutdoctor/web/vantage"
)

// listen opens the lab's listeners, which settles address and origins.
func (l *Lab) listen(ctx context.Context) ([]net.Listener, error) {
	if l.o.PlainHTTPLocalhost {
		return l.listenPlain(ctx)
	}
	main, err := listenOn(ctx, l.o.Listen)
	if err != nil {
		return nil, err
	}
	local, err := listenOn(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, main.Close())
	}
	l.address, l.localAddress = main.Addr().String(), local.Addr().String()
	l.origins = testOrigins()
	config := l.tlsConfig()
	return []net.Listener{tls.NewListener(main, config), tls.NewListener(local, config)}, nil
}

// listenPlain opens a listener for each site, the merchant's on Options.Listen.
func (l *Lab) listenPlain(ctx context.Context) ([]net.Listener, error) {
	var listeners []net.Listener
	open := func(address, host string) (origin string, err error) {
		listener, err := listenOn(ctx, address)
		if err != nil {
			return "", errors.Join(err, closeAll(listeners))
		}
		listeners = append(listeners, listener)
		_, port, err := net.SplitHostPort(listener.Addr().String())
		return "http://" + net.JoinHostPort(host, port), err
	}
	var err error
	if l.origins.Merchant, err = open(l.o.Listen, "localhost"); err != nil {
		return nil, err
	}
	l.address = listeners[0].Addr().String()
	for _, site := range []*string{&l.origins.ThreeDSServer, &l.origins.ACS, &l.origins.ACS2, &l.origins.Diag, &l.origins.Helper} {
		if *site, err = open("127.0.0.1:0", "127.0.0.1"); err != nil {
			return nil, err
		}
	}
	return listeners, nil
}

func listenOn(ctx context.Context, address string) (net.Listener, error) {
	listener, err := vantage.Listen(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return listener, nil
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, listener := range listeners {
		errs = append(errs, listener.Close())
	}
	return errors.Join(errs...)
}

func (l *Lab) tlsConfig() *tls.Config {
	return vantage.TLSConfig(&tls.Config{
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return l.shown(hello.ServerName)
		},
	})
}

// wrongName is the host for which the certificate of [wrongNameIssuer] is.
const wrongName = "www.wrongname.test"

// shown returns the certificate that the lab shows for a host: its own, but
// for the hosts whose fault is their certificate.
func (l *Lab) shown(host string) (*tls.Certificate, error) {
	switch "https://" + host {
	case expiredIssuer:
		return l.ca.expiredLeaf(host)
	case wrongNameIssuer:
		return l.ca.leaf(wrongName)
	case untrustedIssuer:
		return l.untrusted.leaf(host)
	}
	return l.Certificate(host)
}

func (l *Lab) newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           l.requests.track(handler),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return l.life },
		ConnContext:       vantage.ConnContext,
		// Browsers that do not trust the CA would fill the log.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// newClient returns the client of the servers among themselves. It reaches the
// lab alone, and verifies its certificates.
func (l *Lab) newClient() *http.Client {
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second}
	if !l.o.PlainHTTPLocalhost {
		transport.TLSClientConfig = &tls.Config{RootCAs: l.ca.pool()}
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, l.address)
		}
	}
	return &http.Client{Transport: transport, Timeout: serverLimit}
}

// serverLimit is how long one server waits for another.
const serverLimit = 10 * time.Second

// byHost routes requests by their host: host:port where origins have a port.
type byHost map[string]http.Handler

func (sites byHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	site := sites[r.Host]
	if site == nil { // somebody wrote the port in the address
		name, _, _ := strings.Cut(r.Host, ":")
		site = sites[name]
	}
	if site == nil {
		http.Error(w, fmt.Sprintf("the lab has no host %q", r.Host), http.StatusMisdirectedRequest)
		return
	}
	site.ServeHTTP(w, r)
}

// hostOf returns the host of an origin, with its port if it has one.
func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Host
}

// requests counts what is being answered, so that Close can wait for it:
// http.Server.Close does not.
type requests struct {
	mu      sync.Mutex // orders refused with open.Add
	refused bool
	open    sync.WaitGroup
}

func (q *requests) track(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !q.enter() {
			http.Error(w, "the lab is being closed", http.StatusServiceUnavailable)
			return
		}
		defer q.open.Done()
		next.ServeHTTP(w, r)
	})
}

func (q *requests) enter() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refused {
		return false
	}
	q.open.Add(1)
	return true
}

// refuse turns down what comes from now on.
func (q *requests) refuse() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refused = true
}

func (q *requests) wait() { q.open.Wait() }
