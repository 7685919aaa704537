// Firefox records how a real Firefox behaves in the lab's failures. It pays in
// the lab's checkout, as a user does, presses the diagnostic's button, and keeps
// the reports, whose facts the tests judge without the browser:
//
//	go run ./probe/firefox testdata/firefox [TRIAL…]
//
// Each trial gets a fresh headless Firefox with a profile of its own, driven over
// WebDriver BiDi (https://w3c.github.io/webdriver-bidi/). It needs Firefox,
// firefox-esr or firefox in PATH, and certutil.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"checkoutdoctor/probe/lab"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: go run ./probe/firefox DIRECTORY [TRIAL…]")
		return 2
	}
	if err := recordAll(ctx, args[0], args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// timeScale makes the ten minutes of a challenge five seconds.
const timeScale = 120

// trialLimit is how long one trial may take, the browser's start included.
const trialLimit = time.Minute

// recordAll records the trials with these names, or all where there are none.
// One that cannot be recorded keeps none of the others from it.
func recordAll(ctx context.Context, dir string, names []string) error {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	l, err := lab.Start(ctx, lab.Options{TimeScale: timeScale})
	if err != nil {
		return err
	}
	errs := []error{os.MkdirAll(dir, 0o755)}
	for _, t := range chosen {
		if ctx.Err() != nil {
			errs = append(errs, context.Cause(ctx))
			break
		}
		if err := t.record(ctx, l, dir); err != nil {
			errs = append(errs, fmt.Errorf("record %s: %w", t.name, err))
		}
	}
	return errors.Join(append(errs, l.Close())...)
}

// choose returns the trials with these names, or all where there are none.
func choose(names []string) ([]trial, error) {
	all := trials()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []trial
	for _, name := range names {
		i := slices.IndexFunc(all, func(t trial) bool { return t.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no trial %q", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// record keeps what is reported in the trial, as a file that is named for it.
func (t *trial) record(ctx context.Context, l *lab.Lab, dir string) error {
	r, err := t.play(ctx, l)
	if err != nil {
		return err
	}
	fmt.Printf("%-38s %-12s %v\n", t.name, r.Verdict, codes(r))
	encoded, err := report.Encode(r)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, t.name+".json"), encoded, 0o644)
}

// play takes a fresh browser through the trial and returns what the diagnostic
// reports there.
func (t *trial) play(ctx context.Context, l *lab.Lab) (r *report.Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, trialLimit)
	defer cancel()
	b, err := start(ctx, l, t.prefs)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.install(ctx, l, t.extensions); err != nil {
		return nil, err
	}
	tab, err := firstTab(ctx, b.connection)
	if err != nil {
		return nil, err
	}
	u := user{tab, t.user}
	return u.pay(ctx, l.PayURL(lab.DefaultCard, t.faults))
}

// codes lists what was found.
func codes(r *report.Report) (found []diagnosis.Code) {
	for _, f := range r.Findings {
		found = append(found, f.Code)
	}
	return found
}
