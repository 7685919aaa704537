package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
)

// regressionFiles is where a report becomes a test.
type regressionFiles struct{ name, dir string }

// regressionName is what scenarios are called.
var regressionName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// write writes the scenario and the facts, and makes the folder where there is
// none. Files that are there are left alone.
func (f regressionFiles) write(w io.Writer, r *report.Report) error {
	if len(f.name) > 64 || !regressionName.MatchString(f.name) {
		return fmt.Errorf("--as-scenario: %q is no name; want small letters and digits with dashes between, such as case-4711", f.name)
	}
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
	if err := writeNew(f.path("yaml"), made.Scenario, f.path("json"), facts); err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	_, err = fmt.Fprintf(w, "%s\n%s\n%s%s", f.path("yaml"), f.path("json"), unmatchedText(made), openText(report.Unjudged(made.Fixture)))
	return printed(err)
}

func (f regressionFiles) path(ending string) string { return filepath.Join(f.dir, f.name+"."+ending) }

func (f regressionFiles) make(r *report.Report) (*probe.Regression, error) {
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
		return fmt.Errorf("write the scenario: %s: %w", second, fs.ErrExist)
	}
	if err := createFile(first, firstText); err != nil {
		return fmt.Errorf("write the scenario: %w", err)
	}
	if err := createFile(second, secondText); err != nil {
		return errors.Join(fmt.Errorf("write the scenario's facts: %w", err), os.Remove(first))
	}
	return nil
}

// createFile writes a file that is not there yet.
func createFile(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
