package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"checkoutdoctor/web"
	"checkoutdoctor/web/inbox"
	"checkoutdoctor/web/traffic"
	"checkoutdoctor/web/vantage"
)

// The limits of the server's connections.
const (
	headerTimeout   = 10 * time.Second
	requestTimeout  = 30 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second
	// maxHeader is in bytes: sixteen times a link of the longest, for what proxies
	// add. net/http answers 431 to more.
	maxHeader = 32 << 10
)

// service is what serve has opened.
type service struct {
	o           *serveOptions
	log         *slog.Logger
	watch       *traffic.Watch
	finder      vantage.Finder
	closeFinder func() error
	links       *linkKeeper  // nil where links are not signed
	certificate *certificate // nil without TLS
	inbox       *inbox.Dir   // nil for none
	ready       readiness
}

// open opens all that the options name but the addresses, and closes nothing where
// it fails: the command ends then.
func (o *serveOptions) open(log *slog.Logger) (s *service, err error) {
	s = &service{o: o, log: log, watch: traffic.New(log, version)}
	if s.links, err = o.keys.keeper(); err != nil {
		return nil, err
	}
	if s.finder, s.closeFinder, err = o.place.finder(log); err != nil {
		return nil, err
	}
	if o.certificate != "" {
		if s.certificate, err = openCertificate(o.certificate, o.key); err != nil {
			return nil, err
		}
		s.watch.CertificateUntil(s.certificate.until)
		s.ready.certificate = s.certificate
	}
	if s.inbox, err = o.reports.open(!o.check, s.links != nil); err != nil {
		return nil, err
	}
	if s.inbox != nil {
		return s, s.watchInbox()
	}
	return s, nil
}

// watchInbox has those who run the server told of how the inbox is. It fails where
// that can keep nothing: one that is full is taken up, since files may be removed.
func (s *service) watchInbox() error {
	s.ready.inbox = &inboxWatch{inbox: s.inbox, log: s.log}
	s.watch.InboxReady(s.ready.inbox.forSigned, s.ready.inbox.forUnsigned)
	if s.ready.inbox.warning() == warningInboxFailed {
		return fmt.Errorf("--reports: nothing can be kept in %s: %w", s.o.reports.folder, s.inbox.Ready())
	}
	return nil
}

// close ends what open has begun.
func (s *service) close() error {
	s.watch.Close()
	return s.closeFinder()
}

// serve serves until ctx ends or a server fails, and reads certificate and keys
// again at each of hangUps.
func (s *service) serve(ctx context.Context, stdout io.Writer, hangUps <-chan os.Signal) error {
	socket, err := s.o.listenSTUN(ctx)
	if err != nil {
		return err
	}
	sites, err := s.sites(s.options(socket))
	if err != nil {
		return errors.Join(err, closeSocket(socket))
	}
	defer s.keepUp(ctx, hangUps)()
	return s.run(ctx, stdout, sites, socket)
}

// options are what the sites are made with.
func (s *service) options(socket net.PacketConn) web.Options {
	options := web.Options{
		Helper: s.o.helper, Version: version, Client: s.finder.Find, STUN: s.o.stunOf(socket, s.finder.Find),
		ReportOrigins: s.o.reports.origins,
		Observe:       s.watch.Observe, LinkRefused: s.watch.LinkRefused, ReportReceived: s.watch.ReportReceived,
	}
	if s.links != nil { // an interface that holds a nil is none
		options.Links = s.links
	}
	if s.inbox != nil {
		options.Inbox = s.inbox
	}
	return options
}

// sites returns the diagnostic's server and, where it has an address of its
// own, the helper's.
func (s *service) sites(options web.Options) ([]*http.Server, error) {
	site, err := web.Handler(options)
	if err != nil {
		return nil, fmt.Errorf("prepare the site: %w", err)
	}
	if s.o.helper == "" {
		return []*http.Server{s.siteServer(s.o.listen, site)}, nil
	}
	helper, err := web.HelperHandler(options)
	if err != nil {
		return nil, fmt.Errorf("prepare the helper: %w", err)
	}
	if s.o.helperListen == "" {
		return []*http.Server{s.siteServer(s.o.listen, byHost(s.o.helper, helper, site))}, nil
	}
	return []*http.Server{s.siteServer(s.o.listen, site), s.siteServer(s.o.helperListen, helper)}, nil
}

// siteServer returns a server of a site, with the certificate if there is one.
func (s *service) siteServer(address string, site http.Handler) *http.Server {
	if s.certificate == nil {
		return newServer(address, site, s.watch.Strangers())
	}
	server := newServer(address, byHTTPSOnly(site), s.watch.Strangers())
	server.TLSConfig = s.certificate.config()
	return server
}

// newServer returns a server whose messages go to the log.
func newServer(address string, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr: address, Handler: handler, ConnContext: vantage.ConnContext, ErrorLog: messagesTo(log), MaxHeaderBytes: maxHeader,
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

// run listens and serves, until ctx ends or a server fails. It closes the
// socket. The operations are served for as long as the sites are.
func (s *service) run(ctx context.Context, stdout io.Writer, sites []*http.Server, socket net.PacketConn) error {
	servers := sites
	if s.o.opsListen != "" {
		ops := newServer(s.o.opsListen, opsHandler(&s.ready, s.watch.Metrics()), s.watch.Strangers())
		servers = append(slices.Clone(sites), ops)
		defer ops.Close() // whoever asks it asks again
	}
	listeners, err := s.o.listenAll(ctx, servers)
	if err != nil {
		return errors.Join(err, closeSocket(socket))
	}
	failed := make(chan error, len(servers))
	for i, server := range servers {
		what := "on " + s.o.scheme()
		if i == len(sites) {
			what = "operations on http"
		}
		fmt.Fprintf(stdout, "serving %s://%s\n", what, listeners[i].Addr())
		go func() { failed <- serveOn(listeners[i], server) }()
	}
	defer serveSTUN(ctx, stdout, s.log, socket)()
	select {
	case <-ctx.Done():
		return s.end(sites, failed)
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), closeAll(sites))
	}
}

// serveOn serves the listener's connections, with TLS if the server has a
// certificate.
func serveOn(listener net.Listener, s *http.Server) error {
	if s.TLSConfig == nil {
		return s.Serve(listener)
	}
	return s.ServeTLS(listener, "", "")
}

// hearHangUps returns each SIGHUP that comes from then on, which would end the
// process otherwise. One waits until it is looked at.
func hearHangUps() (hangUps <-chan os.Signal, stop func()) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	return heard, func() { signal.Stop(heard) }
}

// keepUp reads certificate and keys again, the one when its files change and both
// at each of hangUps, until ctx ends or it is stopped.
func (s *service) keepUp(ctx context.Context, hangUps <-chan os.Signal) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	if s.certificate != nil {
		go s.certificate.watch(ctx, certificateLook, s.log)
	}
	go func() {
		for {
			select {
			case <-hangUps:
				s.reload()
			case <-ctx.Done():
				return
			}
		}
	}()
	return cancel
}

// reload reads certificate and keys again.
func (s *service) reload() {
	if s.certificate != nil {
		s.certificate.reload(s.log)
	}
	if s.links != nil {
		s.links.reload(s.log)
	}
}

// end tells balancers to go elsewhere, serves on until they do, and then lets the
// requests that are under way end, for a while.
func (s *service) end(sites []*http.Server, failed <-chan error) error {
	s.ready.draining.Store(true)
	s.log.Info("ending", "drain", s.o.drain)
	select {
	case <-time.After(s.o.drain):
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), closeAll(sites))
	}
	return shutDown(sites, shutdownTimeout, s.log)
}

// shutDown takes no more connections, lets requests that are under way end within
// the limit, and breaks off those that do not. That is told and is no error.
func shutDown(servers []*http.Server, limit time.Duration, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	ended := make(chan error, len(servers))
	for _, server := range servers {
		go func() { ended <- server.Shutdown(ctx) }()
	}
	var errs []error
	late := 0
	for range servers {
		switch err := <-ended; {
		case errors.Is(err, context.DeadlineExceeded):
			late++
		case err != nil:
			errs = append(errs, fmt.Errorf("shut down: %w", err))
		}
	}
	if late > 0 {
		log.Warn("requests that took too long to end are broken off", "limit", limit, "servers", late)
		errs = append(errs, closeAll(servers))
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
