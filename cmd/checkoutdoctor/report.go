package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
)

func reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Show what a report or a support code says, or in what two reports differ",
		Long: `Show what a report or a support code says, or in what two reports differ.
A report is the file that the diagnostic sends or lets the user save; a support
code is what the user reads out where nothing can be sent.`,
		Example: `  checkoutdoctor report show report.json
  checkoutdoctor report diff before.json after.json`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q for %q", args[0], c.CommandPath())
			}
			return c.Help()
		},
	}
	c.AddCommand(reportShowCommand(), reportDiffCommand(), reportListCommand())
	return c
}

func reportShowCommand() *cobra.Command {
	var page string
	c := &cobra.Command{
		Use:   "show FILE|CODE|-",
		Short: "Show a report or a support code, worded in English",
		Long: `Show a report, from a file or (as -) from standard input, or a support code: the
verdict, each finding with how sure it is, what it rests on and what to do about
it, what could not be checked and why, and what is known of the browser and its
network.

A code is read in upper or lower case, with dashes and blanks or without (then in
quotes), and with the usual misreadings, such as the letter O for a D or an S for
a 5. Its check digits find every wrong character, and every two that changed
places.

Exit codes: 0 shown · 2 no such file, or neither a report nor a code.`,
		Example: `  checkoutdoctor report show report.json
  checkoutdoctor report show AKTR-32M-8X5-EP2
  checkoutdoctor report show --html report.html report.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			read, err := readSubject(c.InOrStdin(), args[0])
			if err != nil {
				return exit(probe.ExitUsage, err)
			}
			view, err := viewOf(read)
			if err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			if page != "" {
				return writePage(page, view)
			}
			_, err = c.OutOrStdout().Write(view.text())
			return printed(err)
		},
	}
	c.Flags().StringVar(&page, "html", "", "write a page that prints well to this file, instead of text to the terminal")
	return c
}

func writePage(file string, v *reportView) error {
	page, err := v.page()
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	if err := os.WriteFile(file, page, 0o644); err != nil {
		return exit(probe.ExitEnvironment, fmt.Errorf("write the page: %w", err))
	}
	return nil
}

// subject is what is shown: a report, or a support code alone.
type subject struct {
	report  *report.Report // nil where there is but a code
	summary report.Summary
}

// readSubject reads a file, standard input, or the code that the argument is. A
// file of that name comes first.
func readSubject(stdin io.Reader, arg string) (subject, error) {
	text, err := readLimited(stdin, arg)
	switch {
	case errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(arg, `./\`):
		summary, codeErr := report.ReadCode(arg)
		if codeErr != nil {
			return subject{}, fmt.Errorf("there is no file %q, and as a code: %w", arg, codeErr)
		}
		return subject{summary: summary}, nil
	case err != nil:
		return subject{}, err
	case !bytes.ContainsRune(text, '{'):
		if summary, err := report.ReadCode(string(text)); err == nil {
			return subject{summary: summary}, nil
		}
	}
	// Editors of Windows put a mark before what they save.
	r, err := report.Decode(bytes.TrimPrefix(text, []byte("\ufeff")))
	if err != nil {
		return subject{}, fmt.Errorf("read the report %s: %s", arg, visible(err.Error())) // it quotes the report
	}
	return subject{report: r, summary: report.Summarize(r)}, nil
}

// readLimited reads a file, or standard input for -. What is larger than any
// report is refused, and not read to its end.
func readLimited(stdin io.Reader, file string) ([]byte, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read the report: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, report.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the report %s: %w", file, err)
	}
	if len(text) > report.MaxBytes {
		return nil, fmt.Errorf("read the report %s: it has more than %d KB; one of every fact and cause has about 20 KB", file, report.MaxBytes>>10)
	}
	return text, nil
}
