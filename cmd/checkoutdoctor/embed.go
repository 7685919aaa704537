package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
	"checkoutdoctor/web/inventory"
)

func embedCommand() *cobra.Command {
	var o web.EmbedOptions
	c := &cobra.Command{
		Use:   "embed",
		Short: "Print what a payment page needs to embed the diagnostic",
		Long: `Print the tags with which a payment page embeds the diagnostic, what its
Content-Security-Policy needs for that, and what is sent where and when.

The script's address names one version, whose files never change; integrity has
the browser refuse any other script there, and the script asks for its module by
a hash as well. For the other scripts no hash is asked. What stands in the element
is shown until the script runs, and where it never does.

--self-hosted is for a page whose own server has a copy of the files: those of
/v/VERSION/ here, under /checkout-doctor/v/VERSION/ there, unchanged and with
their media types. inventory.json among them lists each file with its purpose,
its hash and what it sends. The vantage, which tells the country of an address,
stays at --base.

--report-to has the element offer to send the report to support. Nothing is sent
before the user has seen what, and agrees. With serve as its server, --reports and
--report-origin have it taken in.`,
		Example: `  checkoutdoctor embed --base https://doctor.example
  checkoutdoctor embed --base https://doctor.example --helper https://helper.example --lang sv
  checkoutdoctor embed --base https://doctor.example --report-to https://doctor.example/reports
  checkoutdoctor embed --base https://doctor.example --self-hosted`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			e, err := web.Embed(o)
			if wrong, ok := errors.AsType[*web.OptionError](err); ok {
				return fmt.Errorf("--%w", wrong)
			}
			if err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			return printed(printEmbedding(c.OutOrStdout(), e, o.SelfHosted))
		},
	}
	f := c.Flags()
	f.StringVar(&o.Base, "base", "", "URL under which the diagnostic is served, such as https://doctor.example")
	f.StringVar(&o.Helper, "helper", "", "origin of the helper site, such as https://helper.example")
	f.StringVar(&o.ReportTo, "report-to", "", "where the user may send the report, such as https://doctor.example/reports; that server has to allow the page's origin")
	f.StringVar(&o.Language, "lang", "", "language of the element (BCP 47), one of "+strings.Join(web.Languages(), ", ")+"; the reader's own unless told")
	f.BoolVar(&o.SelfHosted, "self-hosted", false, "the page's own server has a copy of the files")
	return c
}

func printEmbedding(w io.Writer, e web.Embedding, selfHosted bool) error {
	fmt.Fprintf(w, "%s\n\n%s\n", e.Tag, e.Element)
	if selfHosted {
		fmt.Fprintf(w, "\nThe page's own server needs the files of /v/%s/ under /checkout-doctor/v/%[1]s/.\n", e.Version)
	}
	fmt.Fprint(w, "\nContent-Security-Policy: beside what the page has in these directives\n\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range e.Policy {
		fmt.Fprintf(table, "  %s\t%s\t(%s)\n", d.Name, strings.Join(d.Sources, " "), d.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprint(w, `
Whether the issuer and the payment provider can be reached is checked where the
page names them, and where connect-src has their origins, and object-src the
issuer's, too.

Integrity: browsers check the script above by its hash, and the script checks
module.wasm. The other scripts rest on the folder, which its server never changes,
on script-src, and on whoever compares them with the hashes in inventory.json.

What is sent: before the diagnosis is started nothing but requests for its files
`)
	return printSent(w, e.Sent)
}

// printSent prints what is sent at the same time below that time.
func printSent(w io.Writer, sent []inventory.Transfer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	when := ""
	for _, s := range sent {
		if s.When != when {
			when = s.When
			fmt.Fprintf(table, "\n%s\n", when)
		}
		fmt.Fprintf(table, "  %s\t%s\n", s.To, s.What)
	}
	return table.Flush()
}
