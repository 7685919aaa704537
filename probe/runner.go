package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/vantage"
)

// evidenceReserve is the part of a scenario's time that is kept for taking
// evidence when the rest is used up: a fifth of it, and no more than this.
const evidenceReserve = 4 * time.Second

// Lab is the reference checkout as the probe sees it.
type Lab interface {
	// PayURLFrom returns the payment page for a user whose public address is
	// there; what the place leaves out is the browser's own, which is nothing
	// where all is loopback.
	PayURLFrom(there vantage.Place, card string, faults []string) string
	// LinkURLFrom returns the page of a link for such a user.
	LinkURLFrom(there vantage.Place) string
	Origins() Origins
}

// Network causes faults on the way between browser and lab.
type Network interface {
	// Proxy starts a forward proxy with the fault, which is in force unless it is
	// one that begins later. It serves one context, until it is closed.
	Proxy(ctx context.Context, fault string) (Proxy, error)
}

// A Proxy is a forward proxy that runs.
type Proxy interface {
	URL() string
	// Switch brings the fault into force, or ends it: then all passes as if no
	// proxy were there. It does nothing where it is so already.
	Switch(on bool)
	Close() error
}

// A Reporter is told how a run goes on. Its methods are called one at a time.
type Reporter interface {
	Started(engine string, scenarios []Scenario, workers int)
	ScenarioStarted(s *Scenario)
	ScenarioEnded(r *Result)
	Ended(o *Outcome)
}

// A Runner runs scenarios.
type Runner struct {
	Launcher Launcher
	Lab      Lab
	Network  Network
	Reporter Reporter
	Workers  int    // scenarios at a time, at least 1
	Repeat   int    // runs of each scenario, at least 1
	Out      string // directory for evidence of failures
	Record   string // directory for the reports of all scenarios; empty for none
}

// Run runs the scenarios and returns how they ended. One that fails or breaks
// never keeps the others from running. When ctx is cancelled, the outcome has
// what was done so far. An error means that nothing could be run, or that
// something could not be written or cleaned up; the outcome is then as far as
// it goes, or nil.
func (r *Runner) Run(ctx context.Context, scenarios []Scenario) (*Outcome, error) {
	started := time.Now()
	engine, err := r.Launcher.Engine(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for a browser: %w", err)
	}
	r.Reporter.Started(engine, scenarios, r.Workers)
	tasks := schedule(scenarios, r.Repeat)
	run := &run{Runner: r, pool: newPool(r.Launcher, tasks), rounds: make([][]Result, len(scenarios))}
	run.all(ctx, tasks)
	run.keep(run.pool.close())

	o := &Outcome{Engine: engine, Interrupted: ctx.Err() != nil, Elapsed: time.Since(started)}
	for _, rounds := range run.rounds {
		o.Results = append(o.Results, merge(rounds))
	}
	o.Confusion, o.Faults, o.Healthy = confusion(scenarios, run.rounds)
	o.Signals = countSignals(run.rounds)
	r.Reporter.Ended(o)
	return o, errors.Join(run.errs...)
}

// run is the state of one Run.
type run struct {
	*Runner
	pool *pool

	mu     sync.Mutex
	rounds [][]Result // by scenario
	errs   []error
}

// keep remembers an error that belongs to no scenario.
func (r *run) keep(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// all works the tasks off, in their order, several at a time.
func (r *run) all(ctx context.Context, tasks []task) {
	queue := make(chan task, len(tasks))
	for _, t := range tasks {
		queue <- t
	}
	close(queue)
	var workers sync.WaitGroup
	for range r.Workers {
		workers.Go(func() {
			for t := range queue {
				r.one(ctx, t)
			}
		})
	}
	workers.Wait()
}

// one runs one task and files its result. What an interrupt kept from ending
// is in the outcome, and not worth a word of the reporter's.
func (r *run) one(ctx context.Context, t task) {
	if ctx.Err() == nil {
		r.mu.Lock()
		r.Reporter.ScenarioStarted(t.scenario)
		r.mu.Unlock()
	}
	result := r.attempt(ctx, t)
	r.keep(r.pool.release(t))

	r.mu.Lock()
	defer r.mu.Unlock()
	rounds := append(r.rounds[t.index], result)
	r.rounds[t.index] = rounds
	if len(rounds) == r.Repeat && result.Reason != reasonInterrupted {
		merged := merge(rounds)
		r.Reporter.ScenarioEnded(&merged)
	}
}

// attempt runs a scenario once.
func (r *run) attempt(ctx context.Context, t task) Result {
	s := t.scenario
	result := Result{
		ID: s.ID, Name: s.Name, File: s.File, Tags: s.Tags, Faults: s.faultCodes(), Blocking: s.Blocking, Expected: s.Expect,
	}
	if ctx.Err() != nil {
		result.interrupted()
		return result
	}
	browser, err := r.pool.acquire(ctx, t)
	if err != nil {
		result.broke(ctx, err)
		return result
	}
	started := time.Now()
	err = r.inBrowser(ctx, browser, t, &result)
	result.Duration = time.Since(started)
	result.DurationMs = result.Duration.Milliseconds()
	if err != nil {
		result.broke(ctx, err)
	}
	if errors.Is(err, ErrBrowserGone) && ctx.Err() == nil {
		r.keep(r.pool.lost(t, browser))
	}
	return result
}

// inBrowser runs a scenario in a context of its own. The error says that the
// run broke; what the diagnostic said, right or wrong, is in the result.
func (r *run) inBrowser(ctx context.Context, browser Browser, t task, result *Result) (err error) {
	s := t.scenario
	whole, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	options := ContextOptions{TimeZone: s.TimeZone, Locale: s.Locale, UserAgent: s.userAgent(), Device: s.Device}
	if s.quota() {
		options.FullOrigin = originOf(address(r.Lab, s))
	}
	scene := scene{Lab: r.Lab}
	if faults := s.codes(InNetwork); len(faults) > 0 {
		proxy, err := r.Network.Proxy(whole, faults[0])
		if err != nil {
			return fmt.Errorf("start the proxy: %w", err)
		}
		defer func() { err = errors.Join(err, proxy.Close()) }()
		options.ProxyURL = proxy.URL()
		scene.proxy = proxy
	}
	page, err := browser.NewContext(whole, options)
	if err != nil {
		return fmt.Errorf("open a context: %w", err)
	}
	defer func() { err = errors.Join(err, page.Close()) }()

	inner, cancel := context.WithTimeout(whole, s.Timeout-min(evidenceReserve, s.Timeout/5))
	defer cancel()
	seen, err := drive(inner, page, scene, s)
	r.judge(page, s, seen, result)
	if err == nil && s.Repair != "" && result.Status == Passed {
		err = r.repair(inner, page, scene, s, seen, result)
	}
	if err != nil {
		result.stopped(ctx, s, err)
	}
	if result.Status != Passed && ctx.Err() == nil {
		err = errors.Join(brokenRun(err), r.takeEvidence(whole, page, t, result))
	}
	return errors.Join(brokenRun(err), r.record(s, result))
}

// brokenRun returns err unless it is only that a page did not do what it must,
// in time or at all: that is the scenario's failure, not the run's.
func brokenRun(err error) error {
	if errors.Is(err, ErrBrowserGone) || errors.Is(err, ErrPageCrashed) {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNoReport) || errors.Is(err, errNoButton) {
		return nil
	}
	return err
}

// judge compares what was seen with what the scenario expects, with what the
// same facts give outside the browser, and with the browser's own instruments.
func (r *run) judge(page Page, s *Scenario, seen observation, result *Result) {
	view := r.view(page, s, seen)
	result.Truth = &view.whole
	result.Status = Passed
	if seen.report == nil {
		return
	}
	result.Report = (*reportJSON)(seen.report)
	result.Actual = actualOf(seen.report, seen.paid)
	result.Problems = slices.Concat(
		s.Expect.compare(result.Actual),
		replayProblems(seen.report),
		contradictions(view),
		windowProblems(seen.leftOpen),
		coldProblems(seen.cold),
	)
	result.Limits = truthLimits(seen.report)
	result.failed()
}

// view is what is known of a run that has just ended.
func (r *run) view(page Page, s *Scenario, seen observation) *view {
	whole := page.Truth()
	whole.Challenge = seen.payment.Challenge
	return &view{
		report: seen.report, paid: seen.paid != nil && *seen.paid, card: s.Card, agent: s.userAgent(), origins: r.Lab.Origins(),
		payment: seen.payment, whole: whole, log: seen.log,
	}
}

// failed makes a result with problems one that failed.
func (r *Result) failed() {
	if len(r.Problems) > 0 {
		r.Status, r.Reason = Failed, r.Problems[0].Text
	}
}

// repair has the diagnostic repair what it found, and judges whether that
// helped.
func (r *run) repair(ctx context.Context, page Page, scene scene, s *Scenario, found observation, result *Result) error {
	again, err := repair(ctx, page, scene, s, found)
	if again.report != nil {
		result.Repaired = repairedOf(s.Repair, again)
		result.Problems = append(repairProblems(s, again), contradictions(r.view(page, s, again))...)
		result.failed()
	}
	return err
}

// stopped says that the scenario got no further because of err.
func (r *Result) stopped(ctx context.Context, s *Scenario, err error) {
	text := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		text = fmt.Sprintf("not done within %s: %s", s.Timeout, text)
	}
	r.Status, r.Reason = Failed, text
	r.Problems = append(r.Problems, Problem{Broken, text})
}

// broke says that the run itself broke, or was not possible in this browser.
func (r *Result) broke(ctx context.Context, err error) {
	if ctx.Err() != nil {
		r.interrupted()
		return
	}
	r.Status, r.Reason = Errored, err.Error()
	if _, unsupported := errors.AsType[*UnsupportedError](err); unsupported {
		r.Status = Skipped
	}
	r.Problems = []Problem{{Broken, r.Reason}}
}

const reasonInterrupted = "the run was interrupted"

func (r *Result) interrupted() {
	r.Status, r.Reason, r.Problems = Skipped, reasonInterrupted, nil
}

// record keeps the report, for replay.
func (r *run) record(s *Scenario, result *Result) error {
	if r.Record == "" || result.Report == nil {
		return nil
	}
	encoded, err := report.Encode((*report.Report)(result.Report))
	if err != nil {
		return fmt.Errorf("record the report: %w", err)
	}
	if err := os.MkdirAll(r.Record, 0o755); err != nil {
		return fmt.Errorf("record the report: %w", err)
	}
	if err := os.WriteFile(filepath.Join(r.Record, s.Base()+".json"), encoded, 0o644); err != nil {
		return fmt.Errorf("record the report: %w", err)
	}
	return nil
}

// merge makes one result of the repetitions of a scenario: that of the first
// repetition that did not pass, if there is one.
func merge(rounds []Result) Result {
	result := rounds[0]
	statuses := make([]ResultStatus, len(rounds))
	for i, r := range rounds {
		statuses[i] = r.Status
		if result.Status == Passed && r.Status != Passed {
			result = r
		}
	}
	if len(rounds) == 1 {
		return result
	}
	result.Rounds = statuses
	switch {
	case slices.Contains(statuses, Errored):
		result.Status = Errored
	case slices.Contains(statuses, Passed) && slices.Contains(statuses, Failed):
		result.Status = Flaky
		result.Reason = fmt.Sprintf("failed in %d of %d runs: %s", count(statuses, Failed), len(statuses), result.Reason)
	}
	return result
}

func count(statuses []ResultStatus, status ResultStatus) int {
	n := 0
	for _, s := range statuses {
		if s == status {
			n++
		}
	}
	return n
}
