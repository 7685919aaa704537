package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/pflag"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
)

// regressionFiles is where a report becomes a test.
type regressionFiles struct {
	wanted    bool // --as-scenario was given
	name, dir string
}

// regressionName is what scenarios are called.
var regressionName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// check finds flags that do not go together, and a name that files shall not have.
func (f *regressionFiles) check(flags *pflag.FlagSet) error {
	f.wanted = flags.Changed("as-scenario")
	switch {
	case !f.wanted && flags.Changed("out"):
		return errors.New("--out is where --as-scenario writes its files: without --as-scenario NAME nothing is written")
	case f.wanted && flags.Changed("json"):
		return errors.New("--json prints the report and --as-scenario writes files: want one of the two")
	case f.wanted && (len(f.name) > 64 || !regressionName.MatchString(f.name)):
		return fmt.Errorf("--as-scenario: %q is no name; want small letters and digits with dashes between, such as case-4711", f.name)
	}
	return nil
}

// write writes the scenario and the facts, and makes the folder where there is
// none. Files that are there are left alone.
func (f *regressionFiles) write(w io.Writer, r *report.Report) error {
	made, err := f.make(r)
	if errors.Is(err, probe.ErrNothingToTest) {
		return exit(probe.ExitUsage, err)
	}
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	facts, err := report.Encode(made.Fixture)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return exit(probe.ExitEnvironment, fmt.Errorf("write the scenario: %w", err))
	}
	err = writeNew(f.path("yaml"), made.Scenario, f.path("json"), facts)
	if errors.Is(err, fs.ErrExist) {
		return exit(probe.ExitEnvironment, fmt.Errorf("write the scenario: %s or its .json is there already, and is not overwritten: give another name by --as-scenario, or another folder by --out", f.path("yaml")))
	}
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	_, err = fmt.Fprintf(w, "%s\n%s\n%s%s", f.path("yaml"), f.path("json"), unmatchedText(made), openText(report.Unjudged(made.Fixture)))
	return printed(err)
}

func (f *regressionFiles) path(ending string) string { return filepath.Join(f.dir, f.name+"."+ending) }

func (f *regressionFiles) make(r *report.Report) (*probe.Regression, error) {
	known, err := builtInScenarios()
	if err != nil {
		return nil, err
	}
	words, err := web.Locale("en")
	if err != nil {
		return nil, err
	}
	title := "What a user reported"
	if today := report.Replay(r); len(today.Findings) > 0 {
		title += ": " + words.Causes[today.Findings[0].Code].Title
	}
	return probe.NewRegression(f.path("yaml"), title, r, known, knownFaults())
}

// unmatchedText says what the scenario cannot do.
func unmatchedText(made *probe.Regression) string {
	if len(made.Unmatched) == 0 {
		return ""
	}
	return fmt.Sprintf("It can be replayed, but not run: no scenario shows how to cause %s.\n", joined(made.Unmatched))
}

// writeNew writes two files that are not there yet, both or neither.
func writeNew(first string, firstText []byte, second string, secondText []byte) error {
	if _, err := os.Stat(second); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", second, fs.ErrExist)
	}
	if err := createFile(first, firstText, 0o644); err != nil {
		return fmt.Errorf("write the scenario: %w", err)
	}
	if err := createFile(second, secondText, 0o644); err != nil {
		return errors.Join(fmt.Errorf("write the scenario's facts: %w", err), os.Remove(first))
	}
	return nil
}
