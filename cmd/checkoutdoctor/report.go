package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
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

A code is read in upper or lower case, with dashes, blanks and full stops or
without, with "Code:" before it, and with the usual misreadings, such as the letter
O for a D, an S for a 5, or a Cyrillic or Greek letter for one that looks the
same. Its check digits find every wrong character, and every two that changed
places. The number of a report is no code: report list --id finds its file.

--html writes a new file; one that is there is left alone.

Exit codes: 0 shown · 2 no such file, neither a report nor a code, or a page is
there already · 3 the page cannot be written.`,
		Example: `  checkoutdoctor report show report.json
  checkoutdoctor report show AKTR-32M-8X5-EP2
  checkoutdoctor report show --html report.html report.json`,
		Args: oneSubject,
		RunE: func(c *cobra.Command, args []string) error {
			read, err := readSubject(c.InOrStdin(), strings.Join(args, " "))
			if err != nil {
				return exit(probe.ExitUsage, err)
			}
			view, err := viewOf(read)
			if err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			if c.Flags().Changed("html") {
				return writePage(c.OutOrStdout(), page, view)
			}
			_, err = c.OutOrStdout().Write(view.text())
			return printed(err)
		},
	}
	c.Flags().StringVar(&page, "html", "", "write a page that prints well to this new `file`, or (as -) to standard output, instead of text")
	return c
}

// oneSubject takes one file or code, of which the code may be in several words.
func oneSubject(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which report? The command is %s", c.UseLine())
	}
	for _, arg := range args {
		if _, err := os.Stat(arg); err == nil && len(args) > 1 {
			return fmt.Errorf("%s takes one report at a time, and %q is a file of its own; where it is a part of a code, put the code in quotes", c.CommandPath(), arg)
		}
	}
	return nil
}

func writePage(stdout io.Writer, file string, v *reportView) error {
	page, err := v.page()
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	if file == "-" {
		_, err := stdout.Write(page)
		return printed(err)
	}
	return writeNewFile("--html", file, page, 0o644)
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
	if errors.Is(err, os.ErrNotExist) {
		return readArgument(arg, err)
	}
	if err != nil {
		return subject{}, err
	}
	// Editors of Windows put a mark before what they save.
	return readText(source(arg), bytes.TrimPrefix(text, []byte("\ufeff")))
}

// readArgument reads the code that the argument is, which is no file.
func readArgument(arg string, noFile error) (subject, error) {
	summary, err := report.ReadCode(arg)
	switch {
	case err == nil:
		return subject{summary: summary}, nil
	case isPath(arg):
		return subject{}, noFile
	}
	return subject{}, fmt.Errorf("there is no file %q, and %w", arg, noCode(arg, err))
}

// isPath tells whether the text, which is no code, was meant to be a file.
func isPath(text string) bool {
	ext := strings.ToLower(filepath.Ext(text))
	return strings.ContainsAny(text, `/\`) || ext == ".json" || ext == ".txt"
}

// maxCodeText bounds, in bytes, what was meant to be a code: one with the words
// that introduce it. No report is as short.
const maxCodeText = 256

// readText reads what a file or standard input has, which is a report or a code.
func readText(from string, text []byte) (subject, error) {
	words := string(bytes.TrimSpace(text))
	if words == "" {
		return subject{}, fmt.Errorf("read the report: %s is empty", from)
	}
	if len(words) <= maxCodeText && !strings.Contains(words, "{") {
		summary, err := report.ReadCode(words)
		if err != nil {
			return subject{}, fmt.Errorf("%s has no report, and %w", from, noCode(words, err))
		}
		return subject{summary: summary}, nil
	}
	r, err := report.Decode(text)
	if err != nil {
		return subject{}, fmt.Errorf("read the report %s: %s", from, visible(err.Error())) // it quotes the report
	}
	return subject{report: r, summary: report.Summarize(r)}, nil
}

// reportNumber is the number of a report, with such words before it as the page
// has.
var reportNumber = regexp.MustCompile(`(?:^|[^[:alnum:]])([[:xdigit:]]{16})[^[:alnum:]]*$`)

// noCode says what is wrong with a code that cannot be read.
func noCode(text string, err error) error {
	if found := reportNumber.FindStringSubmatch(text); found != nil {
		number := strings.ToLower(found[1])
		return fmt.Errorf("%s is the number of a report, not a code: `checkoutdoctor report list --id %s FOLDER` finds its file", number, number)
	}
	return fmt.Errorf("as a code: %w", err)
}

// source is the file as a sentence names it.
func source(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
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
		return nil, fmt.Errorf("read the report %s: %w", source(file), err)
	}
	if len(text) > report.MaxBytes {
		return nil, fmt.Errorf("read the report %s: it has more than %d KB; one of every fact and cause has about 20 KB", source(file), report.MaxBytes>>10)
	}
	return text, nil
}
