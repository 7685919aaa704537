package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
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
	for _, warning := range s.warnings(set, os.Environ()) {
		fmt.Fprintf(out, "warning: %s\n", warning)
	}
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
	return "signed with " + strings.Join(s.links.current.Load().Keys.IDs(), ", ") + ", by " + s.o.keys.source()
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
	case s.ready.inbox.warning() == warningInboxFullUnsigned:
		return kept + ", which is full for those without a signed link"
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
			fmt.Fprintf(out, "--%s\t%s\tfrom %s\n", f.Name, strings.Trim(f.Value.String(), "[]"), set.origin(f))
		}
	})
}

// saidOfUnused is what is said of a variable that no command reads.
const saidOfUnused = "is set and means nothing"

// meant suggests the variable that may have been meant, by what follows the prefix:
// with it, any two would be much alike.
func meant(name string, set *settings) string {
	var known []string
	for _, read := range set.variables() {
		known = append(known, strings.TrimPrefix(read, variablePrefix))
	}
	near := hint.DidYouMean(strings.TrimPrefix(name, variablePrefix), known)
	return strings.Replace(near, "mean ", "mean "+variablePrefix, 1)
}

// warnings are what nobody may have meant, and is no error: settings that give way,
// variables that may be misspelt, told of by their names alone, reports whose cases
// nothing proves, and a key that others can read.
func (s *service) warnings(set *settings, environment []string) []string {
	warnings := slices.Clone(set.passedOver)
	for _, name := range set.unusedVariables(environment) {
		warnings = append(warnings, name+" "+saidOfUnused+meant(name, set))
	}
	if s.o.reports.folder != "" && s.links == nil {
		warnings = append(warnings, "links are not signed: reports are kept under whatever case they name; --key-file has it proved")
	}
	if s.o.keys.readByOthers() {
		warnings = append(warnings, "others than its owner can read the file of --key-file, and so make links: chmod 600 it")
	}
	return warnings
}
