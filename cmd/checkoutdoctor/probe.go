package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/lab"
	"checkoutdoctor/probe/output"
	"checkoutdoctor/testdata"
)

// timeScale makes the ten minutes of a challenge five seconds.
const timeScale = 120

// probeOptions are the flags of the probe.
type probeOptions struct {
	tags    []string
	pattern string
	list    bool
	jobs    int
	repeat  int
	json    string
	record  string
	out     string
}

func probeCommand() *cobra.Command {
	var o probeOptions
	c := &cobra.Command{
		Use:   "probe [SCENARIO…]",
		Short: "Cause checkout failures in a real browser and check the diagnosis",
		Long: `Start the lab, bring a real browser into each scenario's failure, press the
diagnostic's button and compare its report with what the scenario expects, and
with what the browser's own instruments say. Without arguments all built-in
scenarios run.

SCENARIO is NAME, FAMILY/NAME, a whole FAMILY, or the path of a scenario file
that ends in .yaml. The name of a file with variants stands for all of them.

A scenario that fails leaves its evidence in the --out directory. The browser is
looked for in the usual places; CHECKOUTDOCTOR_BROWSER names another one.

Tags: ` + strings.Join(probe.Tags(), ", ") + `.

Exit codes: 0 as expected · 1 an expectation failed · 2 usage or scenario error ·
3 environment (no browser, a crash) · 4 nothing ran · 5 flaky · 130 interrupted.`,
		Example: `  checkoutdoctor probe
  checkoutdoctor probe acs-hang popup
  checkoutdoctor probe --tags issuer --json result.json
  checkoutdoctor probe --run '^threeds/acs-' --repeat 5
  checkoutdoctor probe my-scenarios/slow-bank.yaml --record reports
  checkoutdoctor probe --list`,
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(c.Context(), c.OutOrStdout(), args)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&o.tags, "tags", nil, "only scenarios with one of these tags, separated by commas")
	f.StringVar(&o.pattern, "run", "", "only scenarios whose FAMILY/NAME or title matches the regular expression")
	f.BoolVar(&o.list, "list", false, "list the scenarios instead of running them")
	f.IntVarP(&o.jobs, "jobs", "j", 2, "how many scenarios run at a time")
	f.IntVar(&o.repeat, "repeat", 1, "how often each scenario runs; what then differs is flaky")
	f.StringVar(&o.json, "json", "", "also write the result as JSON to this file, whatever the result is")
	f.StringVar(&o.record, "record", "", "keep each scenario's report as NAME.json in this directory, for replay")
	f.StringVar(&o.out, "out", "out", "directory for the evidence of failures")
	return c
}

func (o *probeOptions) run(ctx context.Context, stdout io.Writer, args []string) error {
	if o.jobs < 1 || o.repeat < 1 {
		return errors.New("--jobs and --repeat must be at least 1")
	}
	scenarios, err := o.scenarios(args)
	if err != nil {
		return err
	}
	if o.list {
		return printed(listScenarios(stdout, scenarios))
	}
	keep, err := createJSON(o.json)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	defer outliveReader()()
	outcome, err := o.inLab(ctx, stdout, scenarios)
	err = errors.Join(err, keep(outcome))
	switch {
	case err != nil && ctx.Err() != nil:
		return exit(probe.ExitInterrupted, err)
	case err != nil:
		return exit(probe.ExitEnvironment, err)
	case outcome.ExitCode() != probe.ExitOK:
		return exit(outcome.ExitCode(), nil)
	}
	return nil
}

// outliveReader makes a write to a pipe that nobody reads any more an error,
// until the returned function is called. Otherwise it would end the process, as
// with `probe | head`, before the browsers' files are removed.
func outliveReader() (stop func()) {
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE) // not Ignore, which browsers would inherit
	return func() { signal.Stop(broken) }
}

// scenarios returns the scenarios that are asked for by file, name and flags.
func (o *probeOptions) scenarios(args []string) ([]probe.Scenario, error) {
	filter := probe.Selection{Tags: o.tags}
	if o.pattern != "" {
		pattern, err := regexp.Compile(o.pattern)
		if err != nil {
			return nil, fmt.Errorf("--run: %w", err)
		}
		filter.Run = pattern
	}
	files, names := filesAndNames(args)
	all, err := loadFiles(files)
	if err != nil {
		return nil, exit(probe.ExitUsage, err)
	}
	if len(names) > 0 || len(files) == 0 {
		builtIn, err := builtInScenarios()
		if err != nil {
			return nil, exit(probe.ExitUsage, err)
		}
		named, err := probe.Select(builtIn, probe.Selection{Names: names})
		if err != nil {
			return nil, exit(probe.ExitNothing, err)
		}
		all = append(all, named...)
	}
	chosen, err := probe.Select(all, filter)
	if err != nil {
		return nil, exit(probe.ExitNothing, err)
	}
	return chosen, probe.Unique(chosen)
}

// filesAndNames tells the paths of scenario files from names.
func filesAndNames(args []string) (files, names []string) {
	for _, arg := range args {
		if strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml") {
			files = append(files, arg)
		} else {
			names = append(names, arg)
		}
	}
	return files, names
}

func builtInScenarios() ([]probe.Scenario, error) {
	return probe.Load(testdata.Scenarios(), testdata.ScenariosDir, knownFaults())
}

func loadFiles(files []string) ([]probe.Scenario, error) {
	var all []probe.Scenario
	var errs []error
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, fmt.Errorf("read the scenario: %w", err))
			continue
		}
		scenarios, err := probe.Parse(file, source, knownFaults())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, scenarios...)
	}
	return all, errors.Join(errs...)
}

func listScenarios(w io.Writer, scenarios []probe.Scenario) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range scenarios {
		fmt.Fprintf(out, "%s\t%s\t%s\n", s.ID, s.Name, strings.Join(s.Tags, ", "))
	}
	return out.Flush()
}

// inLab starts the lab and runs the scenarios against it.
func (o *probeOptions) inLab(ctx context.Context, stdout io.Writer, scenarios []probe.Scenario) (outcome *probe.Outcome, err error) {
	l, err := lab.Start(ctx, lab.Options{TimeScale: timeScale})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	site, err := newCheckout(l)
	if err != nil {
		return nil, err
	}
	runner := probe.Runner{
		Launcher: site.launcher(),
		Lab:      site,
		Network:  site,
		Reporter: output.NewText(stdout, version, isTerminal(stdout)),
		Workers:  o.jobs,
		Repeat:   o.repeat,
		Out:      o.out,
		Record:   o.record,
	}
	return runner.Run(ctx, scenarios)
}

// isTerminal reports whether a line written to w can be taken back.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// createJSON creates the file that the returned function writes the outcome to,
// if there is one of both. It is created before anything runs: a file that
// cannot be written is noticed in time, and one of an earlier run is gone even
// if this run gets nowhere.
func createJSON(path string) (keep func(*probe.Outcome) error, err error) {
	if path == "" {
		return func(*probe.Outcome) error { return nil }, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("write the result: %w", err)
	}
	return func(outcome *probe.Outcome) error {
		if outcome == nil {
			return file.Close()
		}
		return errors.Join(output.WriteJSON(file, outcome), file.Close())
	}, nil
}
