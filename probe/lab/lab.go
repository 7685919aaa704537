// Package lab is the reference checkout: a merchant's payment page that embeds
// the diagnostic, the payment provider with its 3DS Server and a host for
// scripts, an issuer on two hosts, the diagnostic's own site and its cross-site
// helper. All of it listens on loopback only.
//
// By default the sites are HTTPS hosts under .test behind one listener, with
// certificates of a CA made at the start; URLs have no port, so the browser
// has to map *.test:443 to [Lab.Address] and to trust [Lab.CAFile]. With
// [Options.PlainHTTPLocalhost] the merchant is http://localhost:PORT and each
// other site http://127.0.0.1 on a port of its own, for browsers that can do
// neither.
//
// In HTTPS mode the lab also stands in for two anti-fraud services under their
// own names, because content blockers know them by these: see [Lab.StandIns].
//
// On the loopback nobody has a public address. The vantage knows some by a table
// (see networks.go), so that a proxy which dials from one of them stands in a
// network of that kind; where all others are is chosen by lab-country and lab-kind in
// the page's address, see [Lab.PayURLFrom] and [Lab.LinkURLFrom]. WebRTC
// goes past such a proxy, or nowhere, as the table says.
//
// The merchant's server says at the payment page's control URL what it makes of
// the browser's cookies, and where a challenge takes the page's place it is the
// page itself that is posted back, with what the server knows.
//
// The servers talk to each other by real HTTP requests, and speak 3-D Secure
// as package acs does. A card number chooses the flow, see [DefaultCard]; each
// of [Faults] can be switched on for one payment page by ?fault=CODE.
package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"checkoutdoctor/web/acs"
)

// Options configures a lab. The zero value is HTTPS in real time on a free port.
type Options struct {
	// Listen is a loopback address and port; empty means 127.0.0.1:0, a free
	// port. In PlainHTTPLocalhost it is the merchant's.
	Listen string
	// TimeScale divides the protocol's time limits: 120 makes ten minutes
	// five seconds. No limit becomes shorter than 1.5 s. 0 means 1, real time.
	TimeScale float64
	// PlainHTTPLocalhost serves plain HTTP on localhost and 127.0.0.1. Cookies
	// can then be neither Secure nor SameSite=None, so that the faults which
	// need such a cookie are refused.
	PlainHTTPLocalhost bool
	// Extra are further sites, by host, such as shop.example.test. They are
	// served behind the lab's listener, so not in PlainHTTPLocalhost.
	Extra map[string]http.Handler
}

// Origins are the lab's sites, as scheme://host[:port].
type Origins struct {
	Merchant      string `json:"merchant"`
	ThreeDSServer string `json:"threeDSServer"`
	ACS           string `json:"acs"`
	ACS2          string `json:"acs2"`
	Diag          string `json:"diag"`
	Helper        string `json:"helper"`
}

func (o Origins) list() []string {
	return []string{o.Merchant, o.ThreeDSServer, o.ACS, o.ACS2, o.Diag, o.Helper}
}

// testOrigins are the sites in HTTPS mode: six registrable domains.
func testOrigins() Origins {
	return Origins{
		Merchant:      "https://pay.merchant.test",
		ThreeDSServer: "https://tds.gateway.test",
		ACS:           "https://acs.issuer.test",
		ACS2:          "https://acs2.redirect.test",
		Diag:          "https://doctor.diag.test",
		Helper:        "https://echo.helper.test",
	}
}

// Info describes a running lab to people and programs.
type Info struct {
	Pay     string   `json:"pay"`  // payment page with the default card
	Link    string   `json:"link"` // the diagnostic's own page
	Origins Origins  `json:"origins"`
	Hosts   []string `json:"hosts"`
	Address string   `json:"address"`
	// LocalAddress is where local.issuer.test has to be mapped to, to be told
	// apart from the other hosts by its port; without HTTPS there is none.
	LocalAddress string  `json:"localAddress,omitempty"`
	CA           string  `json:"ca"`
	Faults       []Fault `json:"faults"`
}

// Lab is a running reference checkout.
type Lab struct {
	o       Options
	origins Origins
	address string
	ca      *authority
	caDir   string

	localAddress string     // of the second listener
	untrusted    *authority // signs for the fault acs-tls-untrusted

	server   *http.Server
	requests requests
	serving  sync.WaitGroup
	client   *http.Client // of the servers among themselves
	issuer   *acs.Server
	assigned assignments
	stun     stunServers

	// life ends with the lab. What outlives the closing of server, which are
	// WebSockets, goes by it.
	life context.Context
	stop context.CancelFunc

	close  func() error
	forget func() bool // takes the lab off the context that it was started with
}

// Start starts a lab, which runs until Close or until ctx ends. The error says
// which option is wrong, or what could not be listened on.
func Start(ctx context.Context, o Options) (*Lab, error) {
	o, err := withDefaults(o)
	if err != nil {
		return nil, fmt.Errorf("starting the lab: %w", err)
	}
	l := &Lab{o: o}
	l.life, l.stop = context.WithCancel(ctx)
	listeners, err := l.prepare(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the lab: %w", err), l.end())
	}
	for _, listener := range listeners {
		l.serving.Go(func() { l.server.Serve(listener) })
	}
	l.close = sync.OnceValue(l.end)
	l.forget = context.AfterFunc(ctx, func() { l.close() })
	return l, nil
}

func withDefaults(o Options) (Options, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.TimeScale == 0 {
		o.TimeScale = 1
	}
	if o.TimeScale < 0 {
		return o, fmt.Errorf("time scale %v is negative", o.TimeScale)
	}
	at, err := netip.ParseAddrPort(o.Listen)
	if err != nil || !at.Addr().IsLoopback() {
		return o, fmt.Errorf("%q is no loopback address with a port", o.Listen)
	}
	return o, nil
}

// prepare makes everything but the serving itself. What it has made when it
// fails, end takes away.
func (l *Lab) prepare(ctx context.Context) ([]net.Listener, error) {
	var err error
	if l.ca, err = newAuthority("Checkout Doctor Lab CA"); err != nil {
		return nil, err
	}
	if l.untrusted, err = newAuthority("Checkout Doctor Lab CA That Nobody Trusts"); err != nil {
		return nil, err
	}
	if err := l.writeCA(); err != nil {
		return nil, err
	}
	if err := l.listenSTUN(ctx); err != nil {
		return nil, err
	}
	listeners, err := l.listen(ctx)
	if err != nil {
		return nil, err
	}
	l.client = l.newClient()
	handler, err := l.sites()
	if err != nil {
		return nil, errors.Join(err, closeAll(listeners))
	}
	l.server = l.newServer(handler)
	return listeners, nil
}

func (l *Lab) writeCA() (err error) {
	if l.caDir, err = os.MkdirTemp("", "checkout-doctor-lab-"); err != nil {
		return fmt.Errorf("making a directory for the CA: %w", err)
	}
	if err := os.WriteFile(l.CAFile(), l.ca.pem(), 0o600); err != nil {
		return fmt.Errorf("writing the CA: %w", err)
	}
	return nil
}

// sites returns the handler of all sites, by the request's host.
func (l *Lab) sites() (http.Handler, error) {
	var err error
	if l.issuer, err = l.newIssuer(); err != nil {
		return nil, err
	}
	diag, helper, err := l.diagnostic()
	if err != nil {
		return nil, err
	}
	merchant, err := newMerchant(l)
	if err != nil {
		return nil, err
	}
	sites := byHost{
		hostOf(l.origins.Merchant):      merchant,
		hostOf(l.origins.ThreeDSServer): newThreeDSServer(l),
		hostOf(l.origins.Diag):          diag,
		hostOf(l.origins.Helper):        helper,
	}
	maps.Copy(sites, l.issuerSites())
	if !l.o.PlainHTTPLocalhost {
		sites[hostOf(providerScripts)] = newProviderScripts()
		sites[hostOf(diagWithoutSocket)] = withoutSocket(diag)
		sites[hostOf(helperWithoutSocket)] = withoutSocket(helper)
		maps.Copy(sites, antiFraudSites())
	}
	maps.Copy(sites, l.o.Extra)
	return sites, nil
}

// Close ends the lab: when it returns no request is being answered, nothing
// listens, and the CA file is gone. Further calls return what the first did.
func (l *Lab) Close() error {
	l.forget()
	return l.close()
}

func (l *Lab) end() error {
	var errs []error
	l.requests.refuse()
	l.stop()
	if l.server != nil {
		errs = append(errs, closeServer(l.server))
	}
	l.serving.Wait()
	l.requests.wait()
	if l.issuer != nil {
		l.issuer.Close()
	}
	if l.client != nil {
		l.client.CloseIdleConnections()
	}
	if l.caDir != "" {
		errs = append(errs, os.RemoveAll(l.caDir))
	}
	return errors.Join(errs...)
}

// closeServer ends the requests' contexts with their connections. A listener that
// somebody else has closed just before is no error.
func closeServer(s *http.Server) error {
	if err := s.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Origins returns the lab's sites.
func (l *Lab) Origins() Origins { return l.origins }

// Hosts returns the names of the sites' hosts, without ports, each once, those
// of [Lab.StandIns] included.
func (l *Lab) Hosts() []string {
	origins := l.origins.list()
	if !l.o.PlainHTTPLocalhost {
		origins = slices.Concat(origins, []string{providerScripts}, socketless(), faultyIssuers())
	}
	var hosts []string
	for _, origin := range origins {
		host, _, err := net.SplitHostPort(hostOf(origin))
		if err != nil {
			host = hostOf(origin) // has no port
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return append(hosts, l.StandIns()...)
}

// Address returns the loopback address and port to which the browser has to
// map the hosts' port 443; without HTTPS, the merchant's.
func (l *Lab) Address() string { return l.address }

// LocalHost is the host of the issuer's behind [Lab.LocalAddress].
const LocalHost = "local.issuer.test"

// LocalAddress returns the loopback address and port of a second listener. To a
// browser that is told that [Lab.Address] is public it is still local, so that
// the issuer's host local.issuer.test, mapped to it, is one that a public page
// may reach only with the permission for the local network. Empty without HTTPS.
func (l *Lab) LocalAddress() string { return l.localAddress }

// CAFile returns the file with the CA's certificate, in PEM.
func (l *Lab) CAFile() string { return filepath.Join(l.caDir, "ca.pem") }

// CAPEM returns the CA's certificate, in PEM.
func (l *Lab) CAPEM() []byte { return l.ca.pem() }

// Certificate returns a certificate of the lab's CA for a host under .test, or
// of [Lab.StandIns], with its key: for a proxy that changes what passes.
func (l *Lab) Certificate(host string) (*tls.Certificate, error) {
	if !strings.HasSuffix(host, ".test") && !slices.Contains(standIns(), host) {
		return nil, fmt.Errorf("making the certificate of %s: the lab's CA signs for names under .test and its stand-ins only", host)
	}
	return l.ca.leaf(host)
}

// PayURL returns the payment page with a card number ("" for [DefaultCard])
// and faults switched on.
func (l *Lab) PayURL(card string, faults []string) string {
	if card == "" {
		card = DefaultCard
	}
	address := l.origins.Merchant + "/?card=" + url.QueryEscape(card)
	if len(faults) > 0 {
		address += "&fault=" + strings.Join(faults, ",")
	}
	return address
}

// LinkURL returns the diagnostic's own page, for link mode.
func (l *Lab) LinkURL() string { return l.origins.Diag + "/" }

// Info describes the lab, as `lab --json` prints it.
func (l *Lab) Info() Info {
	return Info{
		Pay: l.PayURL("", nil), Link: l.LinkURL(), Origins: l.origins, Hosts: l.Hosts(),
		Address: l.address, LocalAddress: l.localAddress, CA: l.CAFile(), Faults: Faults(),
	}
}

// The protocol's time limits, and the shortest that a busy machine can keep.
const (
	methodLimit    = 10 * time.Second
	firstCReqLimit = 30 * time.Second
	challengeLimit = 10 * time.Minute
	shortestLimit  = 1500 * time.Millisecond
)

// scaled divides a time limit of the protocol by the time scale.
func (l *Lab) scaled(limit time.Duration) time.Duration {
	return max(shortestLimit, time.Duration(float64(limit)/l.o.TimeScale))
}

// assignments are the faults of payments that are under way, by threeDSServerTransID.
type assignments struct {
	mu   sync.Mutex
	byID map[string]faultSet
}

func (a *assignments) put(threeDSServerTransID string, faults faultSet) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byID == nil {
		a.byID = make(map[string]faultSet)
	}
	a.byID[threeDSServerTransID] = faults
}

func (a *assignments) of(threeDSServerTransID string) faultSet {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.byID[threeDSServerTransID]
}
