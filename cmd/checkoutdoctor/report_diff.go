package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

func reportDiffCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Print in what two reports differ",
		Long: `Print in what two reports differ: the verdict, the findings with what they rest
on, what was not checked, and the facts. Each is a file, - for standard input, or
a support code. Who sent them, when, and how long it took is not compared, nor is
what the user left out of one of them, or what a support code does not have.

Exit codes: 0 the same · 1 something differs · 2 no such file, or neither a
report nor a code.`,
		Example: `  checkoutdoctor report diff before.json after.json
  checkoutdoctor report diff AKTR-32M-8X5-EP2 after.json
  checkoutdoctor report diff --json before.json after.json`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "-" && args[1] == "-" {
				return errors.New("only one of the reports can be standard input")
			}
			var both [2]subject
			for i, arg := range args {
				read, err := readSubject(c.InOrStdin(), arg)
				if err != nil {
					return exit(probe.ExitUsage, err)
				}
				both[i] = read
			}
			return compareSubjects(both[0], both[1]).print(c.OutOrStdout(), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the differences as JSON")
	return c
}

// comparison is in what two reports differ, as far as that can be told.
type comparison struct {
	Same        bool               `json:"same"`
	Differences []probe.Difference `json:"differences"`
	NotCompared []string           `json:"notCompared,omitempty"` // what, and why not
}

// compareSubjects compares what both of the two have.
func compareSubjects(a, b subject) comparison {
	c := comparison{Differences: []probe.Difference{}}
	x, y := a.report, b.report
	if x == nil || y == nil {
		x, y = summarized(a.summary), summarized(b.summary)
		c.NotCompared = append(c.NotCompared, "evidence, fixes, symptoms and most facts, which a support code does not have")
	}
	if withheld := append(partsLeftOut(x), partsLeftOut(y)...); len(withheld) > 0 {
		x, y = report.Without(x, withheld...), report.Without(y, withheld...)
		c.NotCompared = append(c.NotCompared, joined(x.Withheld)+", which the user left out")
	}
	c.Differences = append(append(c.Differences, probe.Compare(x, y)...), probe.CompareFacts(x, y)...)
	c.Same = len(c.Differences) == 0
	return c
}

func partsLeftOut(r *report.Report) []report.Part {
	var parts []report.Part
	for _, name := range r.Withheld {
		parts = append(parts, report.Part(name))
	}
	return parts
}

// summarized is a report that says what the summary does, to be compared with
// another such: in notChecked it has families, with the classes of why.
func summarized(s report.Summary) *report.Report {
	r := &report.Report{Facts: &facts.Set{}, Result: diagnosis.Result{Verdict: s.Verdict}}
	for _, f := range s.Findings {
		r.Findings = append(r.Findings, diagnosis.Finding{Code: f.Code, Confidence: f.Confidence, Variant: f.Variant, OneOf: f.OneOf})
	}
	for _, u := range s.NotChecked {
		r.NotChecked = append(r.NotChecked, diagnosis.NotChecked{Code: diagnosis.Code(u.Family), Reason: facts.Reason(u.Why)})
	}
	for key, word := range map[facts.StringKey]string{facts.Browser: s.Browser, facts.Platform: s.Platform} {
		if word != "" {
			r.Facts.PutString(key, word, "code")
		}
	}
	return r
}

func (c comparison) print(w io.Writer, asJSON bool) error {
	text := c.text()
	if asJSON {
		var err error
		if text, err = indentedJSON(c); err != nil {
			return exit(probe.ExitEnvironment, err)
		}
	}
	if _, err := w.Write(text); err != nil {
		return printed(err)
	}
	if !c.Same {
		return exit(probe.ExitFailed, nil)
	}
	return nil
}

func (c comparison) text() []byte {
	var out bytes.Buffer
	if c.Same {
		fmt.Fprintln(&out, "the same")
	}
	for _, d := range c.Differences {
		fmt.Fprintln(&out, visible(d.String()))
	}
	for _, what := range c.NotCompared {
		fmt.Fprintln(&out, "not compared:", what)
	}
	return out.Bytes()
}
