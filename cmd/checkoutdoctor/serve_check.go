package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"checkoutdoctor/probe/hint"
)

// describe says what serve would do, and where each setting comes from. A key is
// told of by its name in links, never by what it is.
func (s *service) describe(w io.Writer, set *settings) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "checkoutdoctor %s would serve\n", version)
	for _, line := range []struct{ what, how string }{
		{"the diagnostic", s.o.scheme() + "://" + s.o.listen},
		{"the helper", s.helperLine()},
		{"links", s.linksLine()},
		{"reports", s.reportsLine()},
		{"certificate", s.certificateLine()},
		{"STUN", cmp.Or(s.o.stunURL, s.o.stunListen, "none")},
		{"operations", s.opsLine()},
	} {
		fmt.Fprintf(out, "  %s\t%s\n", line.what, line.how)
	}
	describeSettings(out, set)
	return out.Flush()
}

func (s *service) helperLine() string {
	switch {
	case s.o.helper == "":
		return "none: third-party cookies and the 3DS canary are not checked"
	case s.o.helperListen == "":
		return s.o.helper + ", on the same address"
	}
	return s.o.helper + ", on " + s.o.helperListen
}

func (s *service) linksLine() string {
	if s.links == nil {
		return "not signed: whatever a query says is believed"
	}
	return "signed with " + strings.Join(s.links.current.Load().Keys.IDs(), ", ")
}

func (s *service) reportsLine() string {
	if s.o.reports.folder == "" {
		return "not taken in"
	}
	kept := "kept in " + s.o.reports.folder
	switch {
	case s.inbox == nil:
		return kept + ", which is made then"
	case s.ready.inbox.warning() == warningInboxFull:
		return kept + ", which is full"
	}
	return kept
}

func (s *service) certificateLine() string {
	if s.certificate == nil {
		return "none: something in front of it has to speak HTTPS"
	}
	return "until " + s.certificate.until().UTC().Format("2006-01-02")
}

func (s *service) opsLine() string {
	if s.o.opsListen == "" {
		return "none: nobody is told of health and metrics"
	}
	return fmt.Sprintf("http://%s: /healthz, /readyz, /metrics", s.o.opsListen)
}

// describeSettings lists what is not as it is by default.
func describeSettings(out io.Writer, set *settings) {
	set.flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed && f.Name != checkFlag {
			fmt.Fprintf(out, "--%s\t%s\tfrom %s\n", f.Name, strings.Trim(f.Value.String(), "[]"), cmp.Or(set.from[f.Name], "the command line"))
		}
	})
	for _, name := range set.unusedVariables(os.Environ()) {
		fmt.Fprintf(out, "%s\t%s%s\n", name, saidOfUnused, meant(name, set))
	}
}

// saidOfUnused is what is said of a variable that no command reads.
const saidOfUnused = "is set and means nothing"

// meant suggests the variable that may have been meant.
func meant(name string, set *settings) string {
	var known []string
	for key := range set.keys() {
		known = append(known, variable(key))
	}
	return hint.DidYouMean(name, known)
}

// warnOfUnused tells of variables that may be misspelt, by their names alone.
func (s *settings) warnOfUnused(log *slog.Logger, environment []string) {
	for _, name := range s.unusedVariables(environment) {
		log.Warn(name + " " + saidOfUnused + meant(name, s))
	}
}

// warnOfBelief tells of reports whose cases nothing proves.
func (s *service) warnOfBelief() {
	if s.o.reports.folder != "" && s.links == nil {
		s.log.Warn("links are not signed: reports are kept under whatever case they name; --key-file has it proved")
	}
}

// checkAddresses finds addresses to listen on that are none, which only listening
// would show otherwise.
func (o *serveOptions) checkAddresses() error {
	for _, a := range []struct{ flag, address string }{
		{"--listen", o.listen}, {"--helper-listen", o.helperListen}, {"--ops-listen", o.opsListen}, {"--stun-listen", o.stunListen},
	} {
		if a.address == "" && a.flag != "--listen" {
			continue
		}
		_, port, err := net.SplitHostPort(a.address)
		if err == nil {
			_, err = net.LookupPort("tcp", port)
		}
		if err != nil {
			return fmt.Errorf("%s: %q is no address and port, such as 127.0.0.1:8080 or :443", a.flag, a.address)
		}
	}
	return nil
}
