package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/inbox"
)

func reportListCommand() *cobra.Command {
	var number string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list FOLDER",
		Short: "List the reports that users sent, the newest first",
		Long: `List the reports in the folder in which checkoutdoctor serve --reports keeps them,
the newest first: when each came, the case, whether a signed link brought it, the
support code, the verdict, the first of what was found, and the file, which report
show reads. The case of one that is signed is support's own number; of any other
it is whatever the sender said. A file that is no report is listed as broken, with
the reason; of more than 20 the table has the number, and --json has each.

A file may be removed at any time: the server makes room.

Exit codes: 0 listed · 2 no such folder.`,
		Example: `  checkoutdoctor report list /var/lib/checkoutdoctor/reports
  checkoutdoctor report list --case 4711 /var/lib/checkoutdoctor/reports`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			list, err := listReports(args[0])
			if err != nil {
				return exit(probe.ExitUsage, err)
			}
			if c.Flags().Changed("case") {
				list = ofCase(list, number, c.ErrOrStderr())
			}
			text, err := listText(list, asJSON)
			if err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			_, err = c.OutOrStdout().Write(text)
			return printed(err)
		},
	}
	c.Flags().StringVar(&number, "case", "", "list the reports of this `case` only")
	c.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return c
}

// listedReport is one file of an inbox.
type listedReport struct {
	Received string   `json:"received,omitempty"` // RFC 3339; empty where the file's name does not tell
	Case     string   `json:"case,omitempty"`
	Signed   bool     `json:"signed"` // by a signed link, which proves the case
	Code     string   `json:"code,omitempty"`
	Verdict  string   `json:"verdict,omitempty"`
	Findings []string `json:"findings,omitempty"` // codes
	File     string   `json:"file"`
	Error    string   `json:"error,omitempty"` // why the file is no report
}

// listReports reads every file of the folder that a report could be in.
func listReports(folder string) ([]listedReport, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list the reports: %w", err)
	}
	var list []listedReport
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".json" && !strings.HasPrefix(e.Name(), ".") {
			list = append(list, listReport(folder, e))
		}
	}
	slices.SortFunc(list, func(a, b listedReport) int {
		return cmp.Or(cmp.Compare(b.Received, a.Received), cmp.Compare(a.File, b.File))
	})
	return list, nil
}

func listReport(folder string, e fs.DirEntry) listedReport {
	l := listedReport{File: filepath.Join(folder, e.Name())}
	name, named := inbox.ParseName(e.Name())
	if named {
		l.Received, l.Signed = name.Received.Format(time.RFC3339), name.Signed
	}
	r, err := readListed(l.File, e)
	switch {
	case err != nil:
		l.Error = err.Error()
		return l
	case named && r.ID != name.ID:
		l.Error = "its name is that of another report"
		return l
	}
	l.Case, l.Code, l.Verdict = r.Case, report.Code(r), string(r.Verdict)
	for _, f := range r.Findings {
		l.Findings = append(l.Findings, string(f.Code))
	}
	return l
}

// readListed reads a file, and waits for none that is a pipe.
func readListed(file string, e fs.DirEntry) (*report.Report, error) {
	if !e.Type().IsRegular() {
		return nil, errors.New("it is no file of its own")
	}
	text, err := readLimited(nil, file)
	if err != nil {
		return nil, err
	}
	return report.Decode(text)
}

// ofCase returns the reports of the case. Of which case a broken file is nobody
// knows: that there are some is said.
func ofCase(list []listedReport, number string, stderr io.Writer) []listedReport {
	broken := 0
	list = slices.DeleteFunc(list, func(l listedReport) bool {
		if l.Error != "" {
			broken++
		}
		return l.Error != "" || l.Case != number
	})
	if broken > 0 {
		fmt.Fprintf(stderr, "%d that cannot be read may be of the case too: list them without --case\n", broken)
	}
	return list
}

func listText(list []listedReport, asJSON bool) ([]byte, error) {
	if asJSON {
		text, err := json.MarshalIndent(append([]listedReport{}, list...), "", "  ")
		if err != nil {
			return nil, fmt.Errorf("print the list: %w", err)
		}
		return append(text, '\n'), nil
	}
	var out bytes.Buffer
	if len(list) == 0 {
		out.WriteString("no reports\n")
		return out.Bytes(), nil
	}
	list, unnamed := withoutMostBroken(list)
	rows := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "RECEIVED\tCASE\tLINK\tCODE\tVERDICT\tFOUND\tFILE")
	for _, l := range list {
		fmt.Fprintln(rows, strings.Join(l.cells(), "\t"))
	}
	rows.Flush()
	if unnamed > 0 {
		fmt.Fprintf(&out, "and %s\n", counted(unnamed, "more broken file"))
	}
	return out.Bytes(), nil
}

// mostBroken is how many broken files a table names, among which the reports are
// still seen.
const mostBroken = 20

// withoutMostBroken returns the list with its first broken files alone, and the
// number of the others.
func withoutMostBroken(list []listedReport) (shown []listedReport, unnamed int) {
	broken := 0
	for _, l := range list {
		if l.Error != "" {
			broken++
		}
		if l.Error == "" || broken <= mostBroken {
			shown = append(shown, l)
		}
	}
	return shown, len(list) - len(shown)
}

// cells are a row of the table: a dash stands for what there is not. What is wrong
// with a file stands at the end, where it makes no column wide.
func (l listedReport) cells() []string {
	link, verdict, found, file := "", l.Verdict, "", l.File
	if l.Signed {
		link = "signed"
	}
	switch {
	case l.Error != "":
		verdict, file = "broken", file+": "+l.Error
	case len(l.Findings) == 1:
		found = l.Findings[0]
	case len(l.Findings) > 1:
		found = fmt.Sprintf("%s and %d more", l.Findings[0], len(l.Findings)-1)
	}
	cells := []string{l.Received, l.Case, link, l.Code, verdict, found, file}
	for i, text := range cells {
		cells[i] = visible(cmp.Or(text, "-"))
	}
	return cells
}
