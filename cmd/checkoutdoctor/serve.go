package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/pion/stun/v3"
	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
)

// maxDrain is longer than any balancer needs.
const maxDrain = 10 * time.Minute

// serveOptions are the flags of serve.
type serveOptions struct {
	listen       string
	helper       string
	helperListen string
	certificate  string
	key          string
	stunListen   string
	stunURL      string
	opsListen    string
	drain        time.Duration
	config       string
	check        bool
	place        placeFlags
	keys         linkKeyFlags
	reports      reportFlags
	log          logFlags
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
403, with a page that says how to get a new one. A URL in a link must lead to an
--allowed-host, as it had to when the link was made. Without a link there is the
same page for everybody, without a case. To change the key, put the new one
before the old one in the file and send SIGHUP; take the old one out when its
last link has expired. The variable goes before a key-file of --config, and any
other --key-file before it. Without a key whatever a query says is believed.

With --reports, users can send their report, which becomes a file of that folder
before they are told that it is received. Pages of other sites that embed the
diagnostic may send reports where --report-origin names them.

Each flag but --check, --config and --help is also a setting of the YAML file that
--config names, as in

  listen: :8080
  helper: https://helper.example
  trusted-proxy: [127.0.0.1]

and each but --check and --help a variable: CHECKOUTDOCTOR_OPS_LISTEN sets
--ops-listen; a list's items are parted by commas. The command line goes before
the environment, and that before the file. --check says what would be served, and
from where each setting is. It listens nowhere, and leaves no file: whether the
folder of --reports can be made it tries out by one that it removes again.

--ops-listen serves /healthz (200 for as long as the process lives), /readyz (503
while it ends and where the certificate has expired, with the reasons in JSON) and
/metrics, for Prometheus. Where no report could be kept /readyz stays 200 and has
the warning inbox-full or inbox-failed, or inbox-full-unsigned where signed links
alone could bring one: pages work and show the code all the same.
The sites have none of these: a balancer that sees them alone can ask
/control?nonce=1.

SIGTERM or SIGINT ends it in good order: /readyz says 503, requests are served
for --drain, then no more are taken, and those under way have ten seconds, after
which they are broken off. One more signal, a second later, ends it at once. SIGHUP reads keys and certificate
again; a renewed certificate is taken over without it too, within ten seconds.
What cannot be read leaves what there was.

The log has a line for each request: site, method, route, status, bytes and time,
and no address, query, header or case. Requests that fail (4xx and 5xx), forged
links, refused reports and broken connections have ten lines a second at most, all
together; /metrics counts each. Others have a line each, which --log-level warn
leaves out.

POST /repair/clear-site-data?data=cache is an example to copy: it answers 204 and
Clear-Site-Data: "cache". A payment page whose own server has such an address,
for its own pages only, hands it in as page.clearURL, and its users are offered
to have the site's cached files cleared.`,
		Example: `  checkoutdoctor serve
  checkoutdoctor serve --listen :8080 --helper https://helper.example
  checkoutdoctor serve --listen :8080 --key-file link.key --allowed-host ads.example
  checkoutdoctor serve --listen :443 --tls-cert cert.pem --tls-key key.pem --helper https://helper.example
  checkoutdoctor serve --listen localhost:8080 --helper https://helper.example --helper-listen 127.0.0.1:8081
  checkoutdoctor serve --listen :443 --tls-cert cert.pem --tls-key key.pem --stun-listen :3478
  checkoutdoctor serve --config serve.yaml --ops-listen 127.0.0.1:9090 --drain 5s
  checkoutdoctor serve --config serve.yaml --check`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runServe(c, &o)
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
	f.StringVar(&o.opsListen, "ops-listen", "", "address and port for /healthz, /readyz and /metrics, where none but you reaches it")
	f.DurationVar(&o.drain, "drain", 0, "for how `long` to serve on after a signal to end, until balancers have seen that it is not ready")
	f.StringVar(&o.config, configFlag, "", "YAML `file` of settings, named as these flags")
	f.BoolVar(&o.check, checkFlag, false, "say what would be served, or what is wrong with that, and end")
	o.place.register(f)
	o.keys.register(f)
	o.reports.register(f)
	o.log.register(f)
	return c
}

// runServe reads the settings, and serves by them or describes them.
func runServe(c *cobra.Command, o *serveOptions) error {
	hangUps, stop := hearHangUps()
	defer stop()
	set, err := readSettings(c.Flags())
	if err != nil {
		return err
	}
	if err := o.validate(); err != nil {
		return set.attributed(err)
	}
	log := o.log.logger(c.ErrOrStderr())
	s, err := o.open(log)
	if err != nil {
		return set.attributed(err)
	}
	if o.check {
		return errors.Join(printed(s.describe(c.OutOrStdout(), set)), s.close())
	}
	for _, warning := range s.warnings(set, os.Environ()) {
		log.Warn(warning)
	}
	if err := errors.Join(s.serve(c.Context(), c.OutOrStdout(), hangUps), s.close()); err != nil {
		return exit(probe.ExitEnvironment, set.attributed(err))
	}
	return nil
}

// validate finds flags that do not go together.
func (o *serveOptions) validate() error {
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
	if o.drain < 0 || o.drain > maxDrain {
		return fmt.Errorf("--drain: %s is out of range; want 0s to %s", o.drain, maxDrain)
	}
	return errors.Join(o.checkAddresses(), o.checkHelper(), o.place.check(), o.reports.check(), o.log.check())
}

// checkHelper finds flags of the helper that do not go together.
func (o *serveOptions) checkHelper() error {
	if o.helper == "" {
		if o.helperListen != "" {
			return errors.New("--helper-listen needs --helper, the origin at which browsers reach it")
		}
		return nil
	}
	if u, err := url.Parse(o.helper); err == nil && u.Scheme == "http" {
		return errors.New("--helper: it must be https, the cookies by which it checks are Secure")
	}
	if err := checkOrigin(o.helper, "https://helper.example"); err != nil {
		return fmt.Errorf("--helper: %w", err)
	}
	return nil
}

func (o *serveOptions) scheme() string {
	if o.certificate == "" {
		return "http"
	}
	return "https"
}
