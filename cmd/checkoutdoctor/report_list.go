package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/inbox"
)

func reportListCommand() *cobra.Command {
	var wanted wantedReports
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

--id finds the report whose number the user has from the page: 16 digits from 0 to
9 and a to f, of which the first 8 are enough. The file's name has the number.

A file may be removed at any time: the server makes room.

Exit codes: 0 listed · 2 no such folder, or no number.`,
		Example: `  checkoutdoctor report list /var/lib/checkoutdoctor/reports
  checkoutdoctor report list --id 0123456789abcdef /var/lib/checkoutdoctor/reports
  checkoutdoctor report list --case 4711 /var/lib/checkoutdoctor/reports`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := wanted.check(c.Flags()); err != nil {
				return err
			}
			list, err := listReports(args[0])
			if err != nil {
				return exit(probe.ExitUsage, err)
			}
			text, err := listText(wanted.of(list, c.ErrOrStderr()), asJSON)
			if err != nil {
				return exit(probe.ExitEnvironment, err)
			}
			_, err = c.OutOrStdout().Write(text)
			return printed(err)
		},
	}
	c.Flags().StringVar(&wanted.number, "case", "", "list the reports of this `case` only")
	c.Flags().StringVar(&wanted.id, "id", "", "list the report of this `number` only, of which 8 digits are enough")
	c.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return c
}

// listedReport is one file of an inbox.
type listedReport struct {
	Received string   `json:"received,omitempty"` // RFC 3339; empty where the file's name does not tell
	ID       string   `json:"id,omitempty"`       // the report's own, or that of the file's name where it cannot be read
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
		l.Received, l.Signed, l.ID = name.Received.Format(time.RFC3339), name.Signed, name.ID
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
	l.ID, l.Case, l.Code, l.Verdict = r.ID, r.Case, report.Code(r), string(r.Verdict)
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

// wantedReports are those of a case, of an id, or of both.
type wantedReports struct {
	ofCase bool // also where the case is empty
	number string
	id     string // or its beginning; empty: any
}

// wantedID is an id, or so much of its beginning that no other has the same.
var wantedID = regexp.MustCompile(`^[0-9a-f]{8,16}$`)

// check reads the flags, which are parsed.
func (w *wantedReports) check(flags *pflag.FlagSet) error {
	w.ofCase = flags.Changed("case")
	if !flags.Changed("id") {
		return nil
	}
	w.id = strings.ToLower(strings.TrimSpace(w.id))
	if !wantedID.MatchString(w.id) {
		return fmt.Errorf("--id: %q is no report's number; want its 16 digits from 0 to 9 and a to f, or the first 8 of them or more", w.id)
	}
	return nil
}

// of returns what is wanted of the list. Of which case a broken file is nobody
// knows, nor of which id where its name does not tell: that there are some is said.
func (w *wantedReports) of(list []listedReport, stderr io.Writer) []listedReport {
	perhaps := 0
	list = slices.DeleteFunc(list, func(l listedReport) bool {
		found := strings.HasPrefix(l.ID, w.id) && (!w.ofCase || l.Error == "" && l.Case == w.number)
		if !found && l.Error != "" && (l.ID == "" || strings.HasPrefix(l.ID, w.id)) {
			perhaps++
		}
		return !found
	})
	if perhaps > 0 {
		fmt.Fprintf(stderr, "%d that cannot be read may be among them: list them without %s\n", perhaps, w.flags())
	}
	return list
}

// flags names what narrows the list.
func (w *wantedReports) flags() string {
	switch {
	case w.id == "":
		return "--case"
	case w.ofCase:
		return "--case and --id"
	}
	return "--id"
}

func listText(list []listedReport, asJSON bool) ([]byte, error) {
	if asJSON {
		return indentedJSON(append([]listedReport{}, list...))
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
