package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
)

func replayCommand() *cobra.Command {
	var asJSON bool
	var regression regressionFiles
	c := &cobra.Command{
		Use:   "replay FILE",
		Short: "Apply today's diagnosis to a report's facts, and print what differs",
		Long: `Apply today's diagnosis to the facts of a report, such as probe --record keeps
or a user sent, and print where the result differs from what the report says.
FILE may be - for standard input. What cannot be judged because the user left
out a part of the report is listed, and makes no difference.

With --as-scenario the report becomes a test, so that what failed for a user
stays known: NAME.json has the report's facts, without its number and case, and
NAME.yaml is a scenario that expects what today's diagnosis makes of them; change
that where it is wrong. How the browser is brought there is taken from the
scenarios that expect the same findings. In testdata/reports of the repository
the two are replayed by its tests; the probe runs the scenario. A report whose
findings rest on what the user left out makes no test, and is refused.

Exit codes: 0 the same, or written · 1 something differs · 2 no such file, no
report, or none that makes a test · 3 the files cannot be written.`,
		Example: `  checkoutdoctor replay report.json
  checkoutdoctor replay --json report.json | diff report.json -
  checkoutdoctor replay --as-scenario case-4711 --out testdata/reports report.json`,
		Args: oneSubject,
		RunE: func(c *cobra.Command, args []string) error {
			if err := regression.check(c.Flags()); err != nil {
				return err
			}
			stored, err := readReport(c.InOrStdin(), strings.Join(args, " "))
			if err != nil {
				return exit(probe.ExitUsage, err)
			}
			if regression.wanted {
				return regression.write(c.OutOrStdout(), stored)
			}
			return replay(c.OutOrStdout(), stored, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the whole report as it would be today, instead of what differs")
	c.Flags().StringVar(&regression.name, "as-scenario", "", "write a scenario and its facts of this name, instead of what differs")
	c.Flags().StringVar(&regression.dir, "out", ".", "folder of the files of --as-scenario")
	return c
}

// replay prints what differs, or the replayed report.
func replay(w io.Writer, stored *report.Report, asJSON bool) error {
	today := report.Replay(stored)
	differs := probe.Diff(stored, today)
	text, err := replayText(today, differs, report.Unjudged(stored), asJSON)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	if _, err := w.Write(text); err != nil {
		return exit(probe.ExitEnvironment, fmt.Errorf("print the replay: %w", err))
	}
	if len(differs) > 0 {
		return exit(probe.ExitFailed, nil)
	}
	return nil
}

func replayText(today *report.Report, differs []string, open []report.Open, asJSON bool) ([]byte, error) {
	if asJSON {
		text, err := report.Encode(today)
		return printableJSON(text), err
	}
	var out bytes.Buffer
	if len(differs) == 0 {
		fmt.Fprintf(&out, "the same: %s, %s\n", visible(string(today.Verdict)), counted(len(today.Findings), "finding"))
	}
	for _, d := range differs {
		fmt.Fprintln(&out, visible(d))
	}
	out.WriteString(openText(open))
	return out.Bytes(), nil
}

// openText says what could not be judged, by what it takes that was left out.
func openText(open []report.Open) string {
	var reasons []string
	codes := make(map[string][]string)
	for _, o := range open {
		reason := joined(o.Without)
		if codes[reason] == nil {
			reasons = append(reasons, reason)
		}
		codes[reason] = append(codes[reason], string(o.Code))
	}
	var out bytes.Buffer
	for _, reason := range reasons {
		wrappedList(&out, "", "  ", fmt.Sprintf("not judged, since the user left out %s:", reason), codes[reason])
	}
	return out.String()
}

// readReport reads what can be replayed.
func readReport(stdin io.Reader, arg string) (*report.Report, error) {
	read, err := readSubject(stdin, arg)
	if err != nil {
		return nil, err
	}
	if read.report == nil {
		return nil, errors.New("a support code has no facts to replay; report show says what it holds")
	}
	return read.report, nil
}

// counted is the number and the word, in the plural unless there is one.
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
