package probe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

func TestScenariosOfOneProfileShareABrowser(t *testing.T) {
	f := newFixture(t)
	block := withProfile(probe.Profile{ThirdPartyCookies: "block"})
	o, err := f.runner.Run(t.Context(), []probe.Scenario{
		healthy("a/1"), healthy("a/2", block), healthy("a/3"), healthy("a/4", block),
	})
	require.NoError(t, err)
	assert.Equal(t, probe.ExitOK, o.ExitCode())
	assert.Equal(t, []string{" ", "block "}, f.engine.launched)
	assert.Equal(t, 1, f.engine.most, "browsers at once with one worker")
	f.leavesNothing(t)
	assert.Equal(t, []string{
		"started Fake 1.0 4 1", "run 1", "1 passed", "run 3", "3 passed", "run 2", "2 passed", "run 4", "4 passed", "ended 0",
	}, f.notes.lines)
}

func TestNoMoreBrowsersLiveThanThereAreWorkers(t *testing.T) {
	f := newFixture(t)
	f.runner.Workers = 3
	var scenarios []probe.Scenario
	for i := range 12 {
		scenarios = append(scenarios, healthy(fmt.Sprintf("a/%d", i),
			withProfile(probe.Profile{ThirdPartyCookies: fmt.Sprint(i % 5)})))
	}
	o, err := f.runner.Run(t.Context(), scenarios)
	require.NoError(t, err)
	assert.Equal(t, probe.Summary{Passed: 12, Signals: probe.NewSignals()}, o.Summary())
	assert.LessOrEqual(t, f.engine.most, 3)
	assert.Len(t, f.engine.launched, 5, "launches")
	f.leavesNothing(t)
}

func TestWithoutABrowserNothingRuns(t *testing.T) {
	f := newFixture(t)
	f.engine.missing = fmt.Errorf("%w: install chromium", probe.ErrNoBrowser)
	_, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1")})
	require.ErrorIs(t, err, probe.ErrNoBrowser)
	assert.ErrorContains(t, err, "install chromium")
	assert.Empty(t, f.notes.lines)
}

func TestAProfileThatTheBrowserCannotGiveIsSkipped(t *testing.T) {
	f := newFixture(t)
	f.engine.launch = func(_ context.Context, p probe.Profile) error {
		if len(p.Extensions) > 0 {
			return &probe.UnsupportedError{What: "an extension", Why: "this is a headless shell"}
		}
		return nil
	}
	extended := healthy("a/2", withProfile(probe.Profile{Extensions: []string{"popup-null"}}))
	o, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1"), extended})
	require.NoError(t, err)
	assert.Equal(t, []probe.ResultStatus{probe.Passed, probe.Skipped}, statuses(o))
	assert.Equal(t, "start a browser: an extension is not possible here: this is a headless shell", o.Results[1].Reason)
	assert.Equal(t, probe.ExitOK, o.ExitCode())

	o, err = f.runner.Run(t.Context(), []probe.Scenario{extended})
	require.NoError(t, err)
	assert.Equal(t, probe.ExitNothing, o.ExitCode(), "all skipped")
	f.leavesNothing(t)
}

func TestAKilledBrowserIsStartedOnceMore(t *testing.T) {
	f := newFixture(t)
	f.engine.pay = func(_ context.Context, url string) error {
		if strings.Contains(url, "kill") {
			return fmt.Errorf("click: %w", probe.ErrBrowserGone)
		}
		return nil
	}
	kill := func(s *probe.Scenario) { s.Card = "kill" }
	o, err := f.runner.Run(t.Context(), []probe.Scenario{
		healthy("a/1"), healthy("a/2", kill), healthy("a/3"), healthy("a/4", kill), healthy("a/5"),
	})
	require.NoError(t, err)
	assert.Equal(t, []probe.ResultStatus{probe.Passed, probe.Errored, probe.Passed, probe.Errored, probe.Errored}, statuses(o))
	assert.Contains(t, o.Results[1].Reason, "press pay: click: the browser is gone")
	assert.Contains(t, o.Results[4].Reason, "it ended 2 times and is not started again")
	assert.Equal(t, probe.ExitEnvironment, o.ExitCode())
	assert.Len(t, f.engine.launched, 2)
	f.leavesNothing(t)
}

func TestACrashedTabEndsItsScenarioAlone(t *testing.T) {
	f := newFixture(t)
	f.engine.pay = func(_ context.Context, url string) error {
		if strings.Contains(url, "crash") {
			return probe.ErrPageCrashed
		}
		return nil
	}
	o, err := f.runner.Run(t.Context(), []probe.Scenario{
		healthy("a/1", func(s *probe.Scenario) { s.Card = "crash" }), healthy("a/2"),
	})
	require.NoError(t, err)
	assert.Equal(t, []probe.ResultStatus{probe.Errored, probe.Passed}, statuses(o))
	assert.Equal(t, probe.ExitEnvironment, o.ExitCode())
	assert.Len(t, f.engine.launched, 1, "the browser goes on")
	assert.FileExists(t, o.Results[0].Evidence)
	f.leavesNothing(t)
}

// TestABrowserThatNeverAnswersEndsTheWait: a launch that would take for ever
// breaks its profile's scenarios, and those of others still run.
func TestABrowserThatNeverAnswersEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.engine.launch = func(ctx context.Context, p probe.Profile) error {
			if p.Cookies != "block" {
				return nil
			}
			<-ctx.Done()
			return context.Cause(ctx)
		}
		mute := withProfile(probe.Profile{Cookies: "block"})
		o, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1", mute), healthy("a/2"), healthy("a/3", mute)})
		require.NoError(t, err)
		assert.Equal(t, []probe.ResultStatus{probe.Errored, probe.Passed, probe.Errored}, statuses(o))
		assert.Equal(t, "start a browser: no usable browser: it did not answer within 1m0s", o.Results[0].Reason)
		assert.Equal(t, probe.ExitEnvironment, o.ExitCode())
		f.leavesNothing(t)
	})
}

// TestAHangLeavesTimeForEvidence: a scenario that never ends is stopped before
// its time is up, so that the page can still be looked at.
func TestAHangLeavesTimeForEvidence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.engine.pay = func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		started := time.Now()
		o, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1")})
		require.NoError(t, err)
		assert.Less(t, time.Since(started), time.Minute)
		require.Equal(t, []probe.ResultStatus{probe.Failed}, statuses(o))
		assert.Contains(t, o.Results[0].Reason, "not done within 1m0s: press pay")
		assert.Equal(t, probe.ExitFailed, o.ExitCode())
		picture, err := os.ReadFile(filepath.Join(filepath.Dir(o.Results[0].Evidence), "page.png"))
		require.NoError(t, err)
		assert.Equal(t, "png", string(picture))
		f.leavesNothing(t)
	})
}

func TestAnInterruptKeepsWhatWasDone(t *testing.T) {
	f := newFixture(t)
	ctx, interrupt := context.WithCancel(t.Context())
	f.engine.pay = func(ctx context.Context, url string) error {
		if !strings.Contains(url, "slow") {
			return nil
		}
		interrupt()
		<-ctx.Done()
		return context.Cause(ctx)
	}
	o, err := f.runner.Run(ctx, []probe.Scenario{
		healthy("a/1"), healthy("a/2", func(s *probe.Scenario) { s.Card = "slow" }), healthy("a/3"),
	})
	require.NoError(t, err)
	assert.True(t, o.Interrupted)
	assert.Equal(t, probe.ExitInterrupted, o.ExitCode())
	assert.Equal(t, []probe.ResultStatus{probe.Passed, probe.Skipped, probe.Skipped}, statuses(o))
	assert.Equal(t, "the run was interrupted", o.Results[1].Reason)
	assert.Empty(t, o.Results[1].Evidence)
	assert.Equal(t, []string{"started Fake 1.0 3 1", "run 1", "1 passed", "run 2", "ended 130"}, f.notes.lines)
	f.leavesNothing(t)
}

func TestRepetitionsThatDifferAreFlaky(t *testing.T) {
	for name, test := range map[string]struct {
		fails    func(n int64) bool
		blocking bool
		status   probe.ResultStatus
		exit     int
	}{
		"never fails":                   {func(int64) bool { return false }, true, probe.Passed, probe.ExitOK},
		"always fails":                  {func(int64) bool { return true }, true, probe.Failed, probe.ExitFailed},
		"fails once":                    {func(n int64) bool { return n == 2 }, true, probe.Flaky, probe.ExitFlaky},
		"fails once, but blocks nobody": {func(n int64) bool { return n == 2 }, false, probe.Flaky, probe.ExitOK},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.runner.Repeat = 3
			var runs atomic.Int64
			f.engine.pay = func(context.Context, string) error {
				if test.fails(runs.Add(1)) {
					return context.DeadlineExceeded
				}
				return nil
			}
			o, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1", func(s *probe.Scenario) { s.Blocking = test.blocking })})
			require.NoError(t, err)
			assert.Equal(t, []probe.ResultStatus{test.status}, statuses(o))
			assert.Equal(t, test.exit, o.ExitCode())
			assert.Len(t, o.Results[0].Rounds, 3)
			assert.Equal(t, 1, count(f.notes.lines, "1 "+string(test.status)), "told once")
			f.leavesNothing(t)
		})
	}
}

func TestANetworkFaultGetsAProxyOfItsOwn(t *testing.T) {
	f := newFixture(t)
	o, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1", withFaults(someFaults[2])), healthy("a/2")})
	require.NoError(t, err)
	assert.Equal(t, []string{"acs-refused", "on true"}, f.network.seen)
	assert.Equal(t, []string{"acs-refused"}, o.Results[0].Faults)
	assert.Empty(t, o.Results[1].Faults)
	assert.Equal(t, []probe.Confusion{{Fault: "acs-refused", Gives: "threeds.acs-unreachable", First: "inconclusive", Count: 1}}, o.Confusion)
	assert.Equal(t, probe.ExitOK, o.ExitCode())
	f.leavesNothing(t)
}

func TestAFailureLeavesEvidence(t *testing.T) {
	f := newFixture(t)
	s := healthy("threeds/acs-hang", withFaults(someFaults[0]))
	o, err := f.runner.Run(t.Context(), []probe.Scenario{s})
	require.NoError(t, err)
	r := o.Results[0]
	require.Equal(t, probe.Failed, r.Status)
	assert.Equal(t, "the verdict is blocked, not inconclusive", r.Reason)
	dir := filepath.Join(f.runner.Out, "threeds", "acs-hang")
	assert.Equal(t, filepath.Join(dir, "index.html"), r.Evidence)
	page, err := os.ReadFile(r.Evidence)
	require.NoError(t, err)
	assert.Contains(t, string(page), "threeds.acs-hang, blocking, likely")
	assert.Contains(t, string(page), "&lt;b&gt;hello", "what pages say is text")
	console, err := os.ReadFile(filepath.Join(dir, "console.txt"))
	require.NoError(t, err)
	assert.Equal(t, "   1.500  info: <b>hello</b>\n", string(console))
	for _, name := range []string{"page.png", "report.json", "network.txt", "truth.json"} {
		assert.FileExists(t, filepath.Join(dir, name))
	}
}

func TestRecordKeepsEveryReport(t *testing.T) {
	f := newFixture(t)
	f.runner.Record = filepath.Join(t.TempDir(), "records")
	_, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1"), healthy("b/2")})
	require.NoError(t, err)
	for _, name := range []string{"1.json", "2.json"} {
		text, err := os.ReadFile(filepath.Join(f.runner.Record, name))
		require.NoError(t, err)
		r, err := report.Decode(text)
		require.NoError(t, err)
		assert.Equal(t, diagnosis.Inconclusive, r.Verdict)
		again, err := report.Encode(report.Replay(r))
		require.NoError(t, err)
		assert.Equal(t, string(text), string(again))
	}
}

func TestEvidenceThatCannotBeWrittenIsAnError(t *testing.T) {
	f := newFixture(t)
	f.runner.Out = filepath.Join(f.runner.Out, "file")
	require.NoError(t, os.WriteFile(f.runner.Out, nil, 0o600))
	o, err := f.runner.Run(t.Context(), []probe.Scenario{healthy("a/1", withFaults(someFaults[0]))})
	require.NoError(t, err)
	assert.Equal(t, []probe.ResultStatus{probe.Errored}, statuses(o))
	assert.Contains(t, o.Results[0].Reason, "write the evidence")
	f.leavesNothing(t)
}

func TestALaunchThatFailsBreaksItsProfileAlone(t *testing.T) {
	f := newFixture(t)
	f.engine.launch = func(_ context.Context, p probe.Profile) error {
		if p.Cookies == "block" {
			return errors.New("no space left")
		}
		return nil
	}
	o, err := f.runner.Run(t.Context(), []probe.Scenario{
		healthy("a/1", withProfile(probe.Profile{Cookies: "block"})), healthy("a/2"),
	})
	require.NoError(t, err)
	assert.Equal(t, []probe.ResultStatus{probe.Errored, probe.Passed}, statuses(o))
	assert.Equal(t, "start a browser: no space left", o.Results[0].Reason)
}

func TestARepairIsPartOfTheResult(t *testing.T) {
	f := newFixture(t)
	f.runner.Record = filepath.Join(t.TempDir(), "records")
	s := healthy("a/1", func(s *probe.Scenario) { s.Repair = probe.RepairFile })
	o, err := f.runner.Run(t.Context(), []probe.Scenario{s})
	require.NoError(t, err)
	require.Equal(t, []probe.ResultStatus{probe.Failed}, statuses(o))
	assert.Equal(t, "after repair-file it is no finding (inconclusive, paid)", o.Results[0].Reason)
	repaired, err := json.Marshal(o.Results[0].Repaired)
	require.NoError(t, err)
	assert.JSONEq(t, `{"by": "repair-file", "verdict": "inconclusive", "findings": [], "paid": true}`, string(repaired))
	assert.FileExists(t, filepath.Join(filepath.Dir(o.Results[0].Evidence), "repaired.json"))
	assert.FileExists(t, filepath.Join(f.runner.Record, "1.json"))
	f.leavesNothing(t)
}

func TestASecondVisitThatFindsTheCacheEmptyFails(t *testing.T) {
	f := newFixture(t)
	warm := healthy("a/1", func(s *probe.Scenario) { s.Warm = true })
	cached := 0
	f.engine.truth = func() probe.Truth { return probe.Truth{Cached: cached} }
	o, err := f.runner.Run(t.Context(), []probe.Scenario{warm})
	require.NoError(t, err)
	assert.Equal(t, []probe.Problem{{Kind: probe.Cold, Text: "the second visit took nothing from the browser's cache, which the first one was to fill"}},
		o.Results[0].Problems)

	f.engine.pay = func(context.Context, string) error { cached++; return nil } // which is on the second one
	o, err = f.runner.Run(t.Context(), []probe.Scenario{warm})
	require.NoError(t, err)
	assert.Empty(t, o.Results[0].Problems)
}

func TestAFailureThatIsNotFoundIsNotRepaired(t *testing.T) {
	f := newFixture(t)
	s := healthy("a/1", func(s *probe.Scenario) { s.Repair, s.Expect.Verdict = probe.RepairFile, diagnosis.Blocked })
	o, err := f.runner.Run(t.Context(), []probe.Scenario{s})
	require.NoError(t, err)
	assert.Equal(t, []probe.ResultStatus{probe.Failed}, statuses(o))
	assert.Nil(t, o.Results[0].Repaired)
}

func TestTheContextIsAsTheScenarioSays(t *testing.T) {
	f := newFixture(t)
	quota := probe.Fault{Place: probe.InBrowser, Code: "storage-quota", Quota: true}
	device := probe.Device{Width: 360, Height: 640, Touch: true}
	_, err := f.runner.Run(t.Context(), []probe.Scenario{
		healthy("a/1", withFaults(quota), func(s *probe.Scenario) { s.Device = device }), healthy("a/2"),
	})
	require.NoError(t, err)
	assert.Equal(t, []probe.ContextOptions{{Device: device, FullOrigin: "https://pay.merchant.test"}, {}}, f.engine.contexts)
	assert.Len(t, f.engine.launched, 1, "a device needs no browser of its own")
}
