package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/lab"
)

func labCommand() *cobra.Command {
	var o lab.Options
	var asJSON, listFaults bool
	c := &cobra.Command{
		Use:   "lab",
		Short: "Run the reference checkout with its faults, for people and other browsers",
		Long: `Run the reference checkout on the loopback until interrupted: a merchant's
payment page that embeds the diagnostic, a 3DS Server, an issuer, the
diagnostic's own site and its helper. ?fault=CODE on the payment page switches a
fault on for that page alone; several codes are separated by commas.
?lab-country=NL&lab-kind=vpn, on the payment page or the link's, says where the
vantage finds the browser's address: an ISO 3166 code, and one of hosting, vpn,
relay, mobile, other.

The sites are HTTPS hosts under .test on one port, with a certificate authority
made at the start: the browser has to be told both, as is printed. With
--plain-http-localhost no browser needs to be told anything, but faults that
need Secure cookies are not to be had, and third-party cookies are not checked.`,
		Example: `  checkoutdoctor lab
  checkoutdoctor lab --list-faults
  checkoutdoctor lab --json --time-scale 120
  checkoutdoctor lab --plain-http-localhost --listen 127.0.0.1:8000`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if listFaults {
				return printed(listLabFaults(c.OutOrStdout()))
			}
			if o.TimeScale <= 0 {
				return fmt.Errorf("--time-scale is %v; it divides time limits, so it must be more than 0", o.TimeScale)
			}
			return runLab(c, o, asJSON)
		},
	}
	f := c.Flags()
	f.BoolVar(&asJSON, "json", false, "print one line of JSON that describes the lab, for programs")
	f.BoolVar(&listFaults, "list-faults", false, "list the faults that a payment page can be asked for, and the cause that each must give")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:0", "loopback address and port to listen on; port 0 is a free one")
	f.Float64Var(&o.TimeScale, "time-scale", 1, "divides the protocol's time limits: 120 makes ten minutes five seconds")
	f.BoolVar(&o.PlainHTTPLocalhost, "plain-http-localhost", false, "serve plain HTTP on localhost and 127.0.0.1")
	return c
}

func listLabFaults(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range lab.Faults() {
		fmt.Fprintf(out, "%s\t%s\t%s\n", f.Code, f.Gives, f.Title)
	}
	return out.Flush()
}

func runLab(c *cobra.Command, o lab.Options, asJSON bool) error {
	l, err := lab.Start(c.Context(), o)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	if asJSON {
		err = json.NewEncoder(c.OutOrStdout()).Encode(l.Info())
	} else {
		err = describeLab(c.OutOrStdout(), l.Info(), o.PlainHTTPLocalhost, o.TimeScale)
	}
	if err != nil {
		return exit(probe.ExitEnvironment, fmt.Errorf("describe the lab: %w", err))
	}
	<-c.Context().Done()
	if err := l.Close(); err != nil {
		return exit(probe.ExitEnvironment, fmt.Errorf("close the lab: %w", err))
	}
	return nil
}

// chromiumLines start a browser with a home of its own, whose certificate
// database trusts the lab. They can be pasted into a shell.
const chromiumLines = `  home="$(mktemp -d)" db="sql:$home/.pki/nssdb"
  mkdir -p "$home/.pki/nssdb" && certutil -N --empty-password -d "$db"
  certutil -A -n lab -t C,, -i '%s' -d "$db"
  HOME="$home" chromium --user-data-dir="$home/profile" --host-resolver-rules='MAP %s ~NOTFOUND,MAP *.test:443 %s' '%s'
`

func describeLab(w io.Writer, info lab.Info, plain bool, timeScale float64) error {
	var out strings.Builder
	fmt.Fprintf(&out, "payment page      %s\n", info.Pay)
	fmt.Fprintf(&out, "with a fault      %s&fault=%s\n", info.Pay, info.Faults[0].Code)
	fmt.Fprintf(&out, "the link's page   %s\n", info.Link)
	if !plain {
		fmt.Fprintf(&out, "certificate       %s\n", info.CA)
		out.WriteString("\nA Chromium that trusts it and finds the hosts (certutil is in libnss3-tools):\n\n")
		fmt.Fprintf(&out, chromiumLines, info.CA, lab.LostHost, info.Address, info.Pay)
	}
	out.WriteString("\nThe code of a challenge is 1234.")
	if timeScale == 1 {
		out.WriteString(" The time limits are the protocol's, up to ten minutes; --time-scale 120 makes those five seconds.")
	}
	out.WriteString(" Ctrl-C ends the lab.\n")
	_, err := io.WriteString(w, out.String())
	return err
}
