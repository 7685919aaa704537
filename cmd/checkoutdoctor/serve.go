package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
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

POST /repair/clear-site-data?data=cache is an example to copy: it answers 204 and
Clear-Site-Data: "cache". A payment page whose own server has such an address,
for its own pages only, hands it in as page.clearURL, and its users are offered
to have the site's cached files cleared.`,
		Example: `  checkoutdoctor serve
  checkoutdoctor serve --listen :8080 --helper https://helper.example
  checkoutdoctor serve --listen :443 --tls-cert cert.pem --tls-key key.pem --helper https://helper.example
  checkoutdoctor serve --listen localhost:8080 --helper https://helper.example --helper-listen 127.0.0.1:8081`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if err := o.serve(c.Context(), c.OutOrStdout()); err != nil {
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
	return c
}

// check finds flags that do not go together.
func (o *serveOptions) check() error {
	if (o.certificate == "") != (o.key == "") {
		return errors.New("--tls-cert and --tls-key need each other")
	}
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

// serve serves until ctx ends or a server fails.
func (o *serveOptions) serve(ctx context.Context, stdout io.Writer) error {
	servers, err := o.servers()
	if err != nil {
		return err
	}
	if err := o.secure(servers); err != nil {
		return err
	}
	failed := make(chan error, len(servers))
	for i, s := range servers {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Addr)
		if err != nil {
			return errors.Join(fmt.Errorf("listen: %w", err), closeAll(servers[:i]))
		}
		fmt.Fprintf(stdout, "serving on %s://%s\n", o.scheme(), listener.Addr())
		go func() { failed <- serveOn(listener, s) }()
	}
	select {
	case <-ctx.Done():
		return shutDown(servers)
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), closeAll(servers))
	}
}

// servers returns the diagnostic's server and, where it has an address of its
// own, the helper's.
func (o *serveOptions) servers() ([]*http.Server, error) {
	options := web.Options{Helper: o.helper, Version: version}
	site, err := web.Handler(options)
	if err != nil {
		return nil, fmt.Errorf("prepare the site: %w", err)
	}
	if o.helper == "" {
		return []*http.Server{newServer(o.listen, site)}, nil
	}
	helper, err := web.HelperHandler(options)
	if err != nil {
		return nil, fmt.Errorf("prepare the helper: %w", err)
	}
	if o.helperListen != "" {
		return []*http.Server{newServer(o.listen, site), newServer(o.helperListen, helper)}, nil
	}
	return []*http.Server{newServer(o.listen, byHost(o.helper, helper, site))}, nil
}

func newServer(address string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr: address, Handler: handler,
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
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
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
