// Package output shows how a run of scenarios goes on and how it ended: as
// text for people, and as JSON for programs.
package output

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"checkoutdoctor/probe"
)

// Text writes a run for people. The scenarios of a family are shown together,
// as soon as the last of them has ended; on a terminal a line below says what
// runs at the moment. It implements [probe.Reporter].
type Text struct {
	w       io.Writer
	version string
	live    bool

	families []*family
	total    int
	ended    int
	running  []string
	columns  columns
}

// family is a folder of scenarios, and those of its results that are there.
type family struct {
	name    string
	ids     []string // in the order of the plan
	results map[string]*probe.Result
	shown   bool
}

// columns are the widths of a line's parts, in characters.
type columns struct{ name, title int }

// NewText returns a reporter that writes to w. version is the command's own;
// live says that w is a terminal.
func NewText(w io.Writer, version string, live bool) *Text {
	return &Text{w: w, version: version, live: live}
}

var _ probe.Reporter = (*Text)(nil)

// Started writes the heading.
func (t *Text) Started(engine string, scenarios []probe.Scenario, workers int) {
	t.total = len(scenarios)
	for _, s := range scenarios {
		f := t.family(s.Family())
		f.ids = append(f.ids, s.ID)
		t.columns.name = max(t.columns.name, utf8.RuneCountInString(s.Base()))
		t.columns.title = max(t.columns.title, utf8.RuneCountInString(s.Name))
	}
	t.printf("checkoutdoctor %s · %s · %s · %d at a time\n", t.version, engine, plural(t.total, "scenario"), workers)
	t.progress()
}

// family returns the family with the name, and begins it if it is new.
func (t *Text) family(name string) *family {
	i := slices.IndexFunc(t.families, func(f *family) bool { return f.name == name })
	if i >= 0 {
		return t.families[i]
	}
	f := &family{name: name, results: make(map[string]*probe.Result)}
	t.families = append(t.families, f)
	return f
}

// ScenarioStarted shows on a terminal what runs.
func (t *Text) ScenarioStarted(s *probe.Scenario) {
	if !slices.Contains(t.running, s.Base()) {
		t.running = append(t.running, s.Base())
	}
	t.progress()
}

// ScenarioEnded writes the scenario's family, if this was its last.
func (t *Text) ScenarioEnded(r *probe.Result) {
	t.ended++
	t.running = slices.DeleteFunc(t.running, func(name string) bool { return name == r.Base() })
	f := t.family(r.Family())
	f.results[r.ID] = r
	if len(f.results) == len(f.ids) {
		t.show(f)
	}
	t.progress()
}

// Ended writes what is not shown yet, all results as a table, and the sum.
func (t *Text) Ended(o *probe.Outcome) {
	for _, f := range t.families {
		t.show(f)
	}
	how := "in"
	if o.Interrupted {
		how = "when it was interrupted after"
	}
	t.clear()
	t.table(o.Results)
	t.confusion(o)
	t.signals(o.Signals)
	t.printf("\n%s %s %s\n", sum(o.Summary()), how, seconds(o.Elapsed))
}

// show writes a family's results, once.
func (t *Text) show(f *family) {
	if f.shown {
		return
	}
	f.shown = true
	t.clear()
	t.printf("\n%s\n", f.name)
	for _, id := range f.ids {
		if r, ok := f.results[id]; ok {
			t.result(r)
		}
	}
}

// marks stand before a scenario's name.
var marks = map[probe.ResultStatus]string{
	probe.Passed: "✓", probe.Failed: "✗", probe.Flaky: "~", probe.Skipped: "-", probe.Errored: "!",
}

func (t *Text) result(r *probe.Result) {
	note := ""
	if !r.Blocking && r.Status != probe.Passed {
		note = " (not blocking)"
	}
	t.line("  %s %s  %s  %8s%s\n", marks[r.Status], pad(r.Base(), t.columns.name), pad(r.Name, t.columns.title),
		seconds(r.Duration), note)
	switch r.Status {
	case probe.Skipped:
		t.detail("skipped", r.Reason)
	case probe.Failed, probe.Flaky, probe.Errored:
		t.problems(r)
	}
}

// table sets what was expected beside what was found. It is the part of the
// output that is worth keeping.
func (t *Text) table(results []probe.Result) {
	var rows strings.Builder
	columns := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	fmt.Fprint(columns, "\n  scenario\texpected\tfound\ttime\n")
	for _, r := range results {
		found := r.Actual.Short()
		if found == "" {
			found = string(r.Status)
		}
		fmt.Fprintf(columns, "%s %s\t%s\t%s\t%s\n", marks[r.Status], r.ID, r.Expected.Short(), found, seconds(r.Duration))
	}
	_ = columns.Flush() // a builder never fails
	t.printf("%s", rows.String())
}

// confusion sets each fault beside what was named first, how often, and sums up
// how many faults were named and how many healthy profiles were found clear. A
// run of a few scenarios has shown as much above.
func (t *Text) confusion(o *probe.Outcome) {
	const few = 6
	if len(o.Results) <= few {
		return
	}
	var rows strings.Builder
	columns := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	fmt.Fprint(columns, "\n  fault\tnamed first\ttimes\n")
	for _, c := range o.Confusion {
		mark, instead := marks[probe.Passed], ""
		if !c.Right() {
			mark, instead = marks[probe.Failed], fmt.Sprintf("\tnot %s", c.Gives)
		}
		fmt.Fprintf(columns, "%s %s\t%s\t%d%s\n", mark, c.Fault, c.First, c.Count, instead)
	}
	if len(o.Confusion) > 0 {
		_ = columns.Flush() // a builder never fails
	}
	t.printf("%s\n", rows.String())
	if o.Faults.Total > 0 {
		t.printf("faults named first and alone: %d of %d\n", o.Faults.Named, o.Faults.Total)
	}
	t.printf("healthy profiles found clear: %d of %d\n", o.Healthy.ProfilesClear, o.Healthy.Profiles)
}

// signals shows how often each signal of a VPN was seen where there is one, and
// where nothing is wrong. Runs without one say nothing of them.
func (t *Text) signals(all probe.Signals) {
	if len(all) == 0 || all[0].VPN.Of == 0 {
		return
	}
	var rows strings.Builder
	columns := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	fmt.Fprint(columns, "\n  signal\tweight\tin vpn\tin healthy\n")
	for _, s := range all {
		fmt.Fprintf(columns, "  %s\t%d\t%d of %d\t%d of %d\n", s.Name, s.Weight, s.VPN.Fired, s.VPN.Of, s.Healthy.Fired, s.Healthy.Of)
	}
	_ = columns.Flush() // a builder never fails
	t.printf("%s", rows.String())
}

// problems says what was expected, what was found instead, and where to look.
func (t *Text) problems(r *probe.Result) {
	if slices.ContainsFunc(r.Problems, func(p probe.Problem) bool { return p.Kind == probe.Unexpected }) {
		t.detail("expected", r.Expected.String())
		t.detail("found", r.Actual.String())
	}
	if r.Status == probe.Flaky {
		t.detail("flaky", r.Reason)
	}
	for _, p := range r.Problems {
		if p.Kind != probe.Unexpected {
			t.detail(string(p.Kind), p.Text)
		}
	}
	t.printf("%s--> %s:%d\n", indent, r.File, r.Expected.Line)
	if r.Evidence != "" {
		t.detail("evidence", r.Evidence)
	}
}

const indent = "          "

func (t *Text) detail(what, text string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			what = ""
		}
		t.printf("%s%-8s  %s\n", indent, what, line)
	}
}

// progress writes the line of a terminal that says what runs.
func (t *Text) progress() {
	if !t.live || t.ended == t.total {
		return
	}
	t.clear()
	t.printf("  %d/%d  %s", t.ended, t.total, strings.Join(t.running, ", "))
}

// clear takes the progress away: back to the line's start, and erase.
func (t *Text) clear() {
	if t.live {
		t.printf("\r\x1b[2K")
	}
}

// printf writes. A terminal or pipe that is gone must not end the run, whose
// JSON and exit code still count.
func (t *Text) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.w, format, args...) }

// line writes one line without spaces at its end.
func (t *Text) line(format string, args ...any) {
	t.printf("%s\n", strings.TrimRight(fmt.Sprintf(format, args...), " \n"))
}

func sum(s probe.Summary) string {
	parts := []string{fmt.Sprintf("%d passed", s.Passed), fmt.Sprintf("%d failed", s.Failed)}
	if s.Flaky > 0 {
		parts = append(parts, fmt.Sprintf("%d flaky", s.Flaky))
	}
	if s.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", s.Skipped))
	}
	if s.Errors > 0 {
		parts = append(parts, plural(s.Errors, "error"))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// pad fills s with spaces up to width characters.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}
