package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/hint"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/web"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain a cause that a report can name, or list all of them",
		Long: `Explain a cause: what it does to a payment, how it is worded for each degree of
confidence, what is recommended against it, which facts decide it, and which
fault causes it in the lab. Without a code, all causes are listed.`,
		Example: `  checkoutdoctor explain
  checkoutdoctor explain threeds.acs-frame-options`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			words, err := web.Locale("en")
			if err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			engineers, err := web.Engineers()
			if err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			maps.Copy(words.Fixes, engineers.Fixes)
			if len(args) == 0 {
				return printed(listCauses(c.OutOrStdout(), words))
			}
			cause, ok := diagnosis.Lookup(diagnosis.Code(args[0]))
			if !ok {
				return unknownCause(args[0])
			}
			_, err = c.OutOrStdout().Write(explanation(cause, words))
			return printed(err)
		},
	}
}

func unknownCause(code string) error {
	var codes []string
	for _, c := range diagnosis.Causes() {
		codes = append(codes, string(c.Code))
	}
	return fmt.Errorf("there is no cause %s%s", code,
		cmp.Or(hint.DidYouMean(code, codes), "; `checkoutdoctor explain` lists all"))
}

func listCauses(w io.Writer, words web.Words) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range diagnosis.Causes() {
		fmt.Fprintf(out, "%s\t%s\t%s\n", c.Code, c.Severity, words.Causes[c.Code].Title)
	}
	return out.Flush()
}

// explanation is everything that the code of a cause leads to.
func explanation(c diagnosis.Cause, words web.Words) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n%s\n\n", c.Code, words.Causes[c.Code].Title)
	for _, row := range [][2]string{
		{"severity", string(c.Severity)},
		{"source", c.Source},
		{"hidden by", joined(c.DependsOn)},
		{"caused by", strings.Join(causedBy(c.Code), ", ")},
	} {
		if row[1] != "" {
			fmt.Fprintf(&out, "%-11s %s\n", row[0], row[1])
		}
	}
	out.WriteString("\nWhat it says\n")
	for _, confidence := range c.Confidences {
		fmt.Fprintf(&out, "  %-9s %s\n", confidence, words.Causes[c.Code].Text(confidence))
	}
	explainWords(&out, "\nForms that it tells apart", c.Variants, words.Variants)
	explainWords(&out, "\nWhat it cannot tell apart, and then names as one of", c.OneOf, words.OneOf)
	explainDoubt(&out, c)
	if limit := probe.TruthLimitOf(c.Code); limit != "" {
		fmt.Fprintf(&out, "\nWhat the probe cannot confirm: %s.\n", limit)
	}
	explainFixes(&out, c, words)
	explainFacts(&out, c)
	return out.Bytes()
}

// explainWords lists the words that a finding may carry, with what is said.
func explainWords(out *bytes.Buffer, title string, list []string, texts map[string]string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(out, title)
	rows := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, word := range list {
		fmt.Fprintf(rows, "  %s\t%s\n", word, texts[word])
	}
	rows.Flush()
}

// explainDoubt says why a cause of 3-D Secure is no surer.
func explainDoubt(out *bytes.Buffer, c diagnosis.Cause) {
	for _, r := range taxonomy() {
		if r.Gives == c.Code && r.Why != "" {
			fmt.Fprintf(out, "\nWhy it is not surer: %s.\n", r.Why)
			return
		}
	}
}

func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

// causedBy names the faults that must lead to the cause.
func causedBy(code diagnosis.Code) []string {
	var faults []string
	for _, f := range knownFaults() {
		if f.Gives == code {
			faults = append(faults, fmt.Sprintf("%s fault %s", f.Place, f.Code))
		}
	}
	return faults
}

// audiences words who can apply a fix.
var audiences = map[diagnosis.Audience]string{
	diagnosis.ForUser: "the user", diagnosis.ForMerchant: "the merchant", diagnosis.ForIssuer: "the issuer", diagnosis.ForIT: "IT",
}

func explainFixes(out *bytes.Buffer, c diagnosis.Cause, words web.Words) {
	if len(c.Fixes) == 0 {
		return
	}
	remedies := make(map[diagnosis.FixCode]diagnosis.Remedy)
	for _, r := range diagnosis.Remedies() {
		remedies[r.Code] = r
	}
	out.WriteString("\nWhat to do, least disruptive first\n")
	if c.TurnsAway {
		out.WriteString("  0. Where a VPN is likely (disable-vpn), or a relay in use (pause-relay), that before all else\n")
	}
	for i, code := range c.Fixes {
		fmt.Fprintf(out, "  %d. %s (%s, for %s)\n", i+1, words.Fixes[code].Title, code, audiences[remedies[code].For])
		for _, step := range words.Fixes[code].Steps {
			fmt.Fprintf(out, "     - %s\n", step)
		}
	}
}

func explainFacts(out *bytes.Buffer, c diagnosis.Cause) {
	if len(c.Needs) == 0 {
		return
	}
	out.WriteString("\nFacts without which it cannot be excluded\n")
	rows := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, k := range c.Needs {
		fmt.Fprintf(rows, "  %s\t%s\n", facts.Name(k), facts.Doc(k))
	}
	rows.Flush()
}
