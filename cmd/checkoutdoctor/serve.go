package main

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
	"time"

	"github.com/pion/stun/v3"
	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
	"checkoutdoctor/web/link"
	"checkoutdoctor/web/vantage"
)

// The limits of the server's connections.
const (
	headerTimeout   = 10 * time.Second
	requestTimeout  = 30 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second
)

// serveOptions are the flags of serve.
type serveOptions struct {
	listen       string
	helper       string
	helperListen string
	certificate  string
	key          string
	stunListen   string
	stunURL      string
	place        placeFlags
	keys         linkKeyFlags
}

func serveCommand() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the diagnostic: its page, its module and what it asks of a server",
		Long: `Serve the diagnostic until interrupted: the page that support links to, the
script and module that payment pages embed, and the vantage. Requests that are
under way are finished first.

Third-party cookies can only be checked with a second site on another
registrable domain: --helper names its origin. Requests for that host are
answered as the helper, on the same address; --helper-listen gives it an address
of its own. The helper also has the 3DS canary, under /acs: a stand-in for an
issuer whose challenge answers itself, of which nothing is a payment. Without a
helper both checks are left out, and reports say so.

The vantage tells a page the country and the kind of network of its address,
what TCP and TLS show of the way to it, and never the address, which is not
logged either. Each client may ask it 100 times a second.

A server behind a reverse proxy names that by --trusted-proxy, and by
--address-header where it writes the client's address: else nothing is known of
any client. Name the proxies' own addresses and no network that users are in:
whoever is in it can write what is believed. The proxy must pass WebSocket
upgrades on, of /socket here and on the helper: else every network seems to let
no WebSocket through.

--stun-listen serves STUN beside it, over UDP, by which a page learns whether
WebRTC goes out by the same address; pages are sent to that port of the host
that they asked for, or to --stun-url, which a server behind a proxy needs. On a
machine with several addresses name the one that browsers reach.

With --key-file, or a key in the variable ` + linkKeysVariable + `,
the page is opened by links that checkoutdoctor link signed with the same key:
an expired one is answered by 410, one that is not ours or that was changed by
403, with a page that says how to get a new one and a line in the log that has
the reason and nothing of the link. A URL in a link must lead to an
--allowed-host, as it had to when the link was made. Without a link there is the
same page for everybody, without a case. To change the key, put the new one
before the old one and start again; take the old one out when its last link has
expired. Without a key whatever a query says is believed.

POST /repair/clear-site-data?data=cache is an example to copy: it answers 204 and
Clear-Site-Data: "cache". A payment page whose own server has such an address,
for its own pages only, hands it in as page.clearURL, and its users are offered
to have the site's cached files cleared.`,
		Example: `  checkoutdoctor serve
  checkoutdoctor serve --listen :8080 --helper https://helper.example
  checkoutdoctor serve --listen :8080 --key-file link.key --allowed-host ads.example
  checkoutdoctor serve --listen :443 --tls-cert cert.pem --tls-key key.pem --helper https://helper.example
  checkoutdoctor serve --listen localhost:8080 --helper https://helper.example --helper-listen 127.0.0.1:8081
  checkoutdoctor serve --listen :443 --tls-cert cert.pem --tls-key key.pem --stun-listen :3478`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			links, err := o.keys.verifier()
			if err != nil {
				return err
			}
			if err := o.serve(c.Context(), links, c.OutOrStdout(), messagesTo(c.ErrOrStderr())); err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address and port to listen on")
	f.StringVar(&o.helper, "helper", "", "origin of the helper site, such as https://helper.example")
	f.StringVar(&o.helperListen, "helper-listen", "", "address and port of its own for the helper")
	f.StringVar(&o.certificate, "tls-cert", "", "file with the certificate chain, in PEM; serves HTTPS")
	f.StringVar(&o.key, "tls-key", "", "file with the certificate's key, in PEM")
	f.StringVar(&o.stunListen, "stun-listen", "", "address and UDP port to serve STUN on, such as :3478")
	f.StringVar(&o.stunURL, "stun-url", "", "STUN server that pages are sent to, such as stun:stun.example:3478")
	o.place.register(f)
	o.keys.register(f)
	return c
}

// check finds flags that do not go together.
func (o *serveOptions) check() error {
	if (o.certificate == "") != (o.key == "") {
		return errors.New("--tls-cert and --tls-key need each other")
	}
	if o.stunURL != "" {
		if u, err := stun.ParseURI(o.stunURL); err != nil || u.Scheme != stun.SchemeTypeSTUN {
			return fmt.Errorf("--stun-url: %q is no STUN server; want one such as stun:stun.example:3478", o.stunURL)
		}
	}
	if o.stunListen != "" && o.stunURL == "" && len(o.place.proxies) > 0 {
		return errors.New("--stun-listen needs --stun-url where there is a --trusted-proxy: UDP goes past it, and pages know its host alone")
	}
	return errors.Join(o.checkHelper(), o.place.check())
}

// checkHelper finds flags of the helper that do not go together.
func (o *serveOptions) checkHelper() error {
	if o.helper == "" {
		if o.helperListen != "" {
			return errors.New("--helper-listen needs --helper, the origin at which browsers reach it")
		}
		return nil
	}
	u, err := url.Parse(o.helper)
	if err == nil && u.Scheme == "http" {
		return errors.New("--helper: it must be https, the cookies by which it checks are Secure")
	}
	if err != nil || u.Host == "" || u.Scheme != "https" || o.helper != "https://"+u.Host {
		return fmt.Errorf("--helper: %q is no origin; want one such as https://helper.example", o.helper)
	}
	return nil
}

func (o *serveOptions) scheme() string {
	if o.certificate == "" {
		return "http"
	}
	return "https"
}

// serve serves until ctx ends or a server fails. Without links, none are signed.
func (o *serveOptions) serve(ctx context.Context, links *link.Verifier, stdout io.Writer, messages *log.Logger) (err error) {
	finder, closePlaces, err := o.place.finder(messages)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePlaces()) }()
	socket, err := o.listenSTUN(ctx)
	if err != nil {
		return err
	}
	servers, err := o.servers(web.Options{
		Helper: o.helper, Version: version, Client: finder.Find, STUN: o.stunOf(socket, finder.Find),
		Links: links, LinkRefused: func(reason link.Reason) { messages.Printf("a link is refused: %s", reason) },
	}, messages)
	if err != nil {
		return errors.Join(err, closeSocket(socket))
	}
	return o.run(ctx, stdout, messages, servers, socket)
}

// run listens and serves, until ctx ends or a server fails. It closes the
// socket.
func (o *serveOptions) run(ctx context.Context, stdout io.Writer, messages *log.Logger, servers []*http.Server, socket net.PacketConn) error {
	failed := make(chan error, len(servers))
	for i, s := range servers {
		listener, err := vantage.Listen(ctx, s.Addr)
		if err != nil {
			return errors.Join(fmt.Errorf("listen: %w", err), closeAll(servers[:i]), closeSocket(socket))
		}
		fmt.Fprintf(stdout, "serving on %s://%s\n", o.scheme(), listener.Addr())
		go func() { failed <- serveOn(listener, s) }()
	}
	defer serveSTUN(ctx, stdout, messages, socket)()
	select {
	case <-ctx.Done():
		return shutDown(servers)
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), closeAll(servers))
	}
}

// serveSTUN serves STUN on the socket, if there is one, until ctx ends or it is
// stopped. Its failure is told and no more: without it reports lack one fact.
func serveSTUN(ctx context.Context, stdout io.Writer, messages *log.Logger, socket net.PacketConn) (stop func()) {
	if socket == nil {
		return func() {}
	}
	fmt.Fprintf(stdout, "serving on stun:%s\n", socket.LocalAddr())
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := vantage.ServeSTUN(ctx, socket); err != nil {
			messages.Printf("STUN is served no more: %v", err)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// listenSTUN opens the socket of the STUN server, if there is to be one.
func (o *serveOptions) listenSTUN(ctx context.Context) (net.PacketConn, error) {
	if o.stunListen == "" {
		return nil, nil
	}
	socket, err := new(net.ListenConfig).ListenPacket(ctx, "udp", o.stunListen)
	if err != nil {
		return nil, fmt.Errorf("listen for STUN: %w", err)
	}
	return socket, nil
}

func closeSocket(socket net.PacketConn) error {
	if socket == nil {
		return nil
	}
	return socket.Close()
}

// stunOf returns which STUN server a page is sent to, or nil for none. Clients
// behind a proxy are sent to none but --stun-url: they know the proxy's host
// alone, and UDP does not go by it.
func (o *serveOptions) stunOf(socket net.PacketConn, client func(*http.Request) vantage.Client) func(*http.Request) string {
	if o.stunURL != "" {
		return func(*http.Request) string { return o.stunURL }
	}
	if socket == nil {
		return nil
	}
	beside := vantage.STUNAt(socket.LocalAddr().(*net.UDPAddr).Port)
	return func(r *http.Request) string {
		if client(r).Proxied {
			return ""
		}
		return beside(r)
	}
}

// servers returns the diagnostic's server and, where it has an address of its
// own, the helper's.
func (o *serveOptions) servers(options web.Options, messages *log.Logger) ([]*http.Server, error) {
	site, err := web.Handler(options)
	if err != nil {
		return nil, fmt.Errorf("prepare the site: %w", err)
	}
	servers := []*http.Server{newServer(o.listen, site, messages)}
	if o.helper != "" {
		helper, err := web.HelperHandler(options)
		if err != nil {
			return nil, fmt.Errorf("prepare the helper: %w", err)
		}
		if o.helperListen != "" {
			servers = append(servers, newServer(o.helperListen, helper, messages))
		} else {
			servers[0].Handler = byHost(o.helper, helper, site)
		}
	}
	return servers, o.secure(servers)
}

func newServer(address string, handler http.Handler, messages *log.Logger) *http.Server {
	return &http.Server{
		Addr: address, Handler: handler, ConnContext: vantage.ConnContext, ErrorLog: messages,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: requestTimeout, IdleTimeout: idleTimeout,
	}
}

// byHost sends requests for the origin's host to one handler, all others to
// the other.
func byHost(origin string, match, other http.Handler) http.Handler {
	u, _ := url.Parse(origin) // checked before
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == u.Host {
			match.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
}

// secure gives the servers the certificate, if there is one.
func (o *serveOptions) secure(servers []*http.Server) error {
	if o.certificate == "" {
		return nil
	}
	certificate, err := tls.LoadX509KeyPair(o.certificate, o.key)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	for _, s := range servers {
		s.TLSConfig = vantage.TLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}})
	}
	return nil
}

// serveOn serves the listener's connections, with TLS if the server has a
// certificate.
func serveOn(listener net.Listener, s *http.Server) error {
	if s.TLSConfig == nil {
		return s.Serve(listener)
	}
	return s.ServeTLS(listener, "", "")
}

// shutDown lets requests that are under way end, for a while.
func shutDown(servers []*http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	var errs []error
	for _, s := range servers {
		if err := s.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("shut down: %w", err))
		}
	}
	return errors.Join(errs...)
}

func closeAll(servers []*http.Server) error {
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
