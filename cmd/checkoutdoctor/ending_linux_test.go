package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
)

// These tests run the probe in a process of its own, with a real browser, and
// take something away from it. Whatever it was, the result is written, and
// neither a process nor a file is left behind.

// waitLimit bounds each wait; a machine under load needs a while for a browser.
const waitLimit = time.Minute

// probing is a probe in a process of its own.
type probing struct {
	command *exec.Cmd
	output  bytes.Buffer
	ended   chan struct{}
	temp    string // its temporary files, and those of its browsers
	json    string
}

// startProbe starts the probe of scenarios, one at a time.
func startProbe(t *testing.T, scenarios ...string) *probing {
	t.Helper()
	p := newProbing(t, scenarios...)
	p.start(t)
	return p
}

// newProbing prepares the probe of scenarios.
func newProbing(t *testing.T, scenarios ...string) *probing {
	t.Helper()
	_, err := chrome.New(chrome.Options{}).Engine(t.Context())
	require.NoError(t, err) // says what to install
	p := &probing{temp: shortTempDir(t), json: filepath.Join(t.TempDir(), "result.json"), ended: make(chan struct{})}
	args := append([]string{"probe", "-j", "1", "--out", t.TempDir(), "--json", p.json}, scenarios...)
	p.command = exec.Command(os.Args[0], args...)
	p.command.Env = append(os.Environ(), asCommand+"=1", "TMPDIR="+p.temp)
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	return p
}

// start starts the probe, which the test's end ends at the latest.
func (p *probing) start(t *testing.T) {
	t.Helper()
	require.NoError(t, p.command.Start())
	go func() {
		p.command.Wait() // says how it ended in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.command.Process.Kill() // has no effect on one that ended
		<-p.ended
		if t.Failed() {
			t.Log(p.output.String())
		}
	})
}

// shortTempDir is t.TempDir with a path that a browser can put a socket in,
// however long that of the test's own temporary files is.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "cd-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// process is a process of a probe.
type process struct {
	pid     int
	command string
}

func (p process) isRenderer() bool { return strings.Contains(p.command, "--type=renderer") }

func (p process) isBrowser() bool {
	return strings.Contains(p.command, "--user-data-dir=") && !strings.Contains(p.command, "--type=")
}

// processes lists those whose environment or command line names the probe's
// temporary files: the probe itself and all that it started, orphans included.
func (p *probing) processes(t *testing.T) []process {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	require.NoError(t, err)
	var list []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		// A process may be gone by now: then there is nothing to read.
		environment, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		command, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if bytes.Contains(slices.Concat(environment, command), []byte(p.temp)) {
			list = append(list, process{pid, strings.ReplaceAll(string(command), "\x00", " ")})
		}
	}
	return list
}

// await waits until enough of the probe's processes are of a kind, and returns
// them.
func (p *probing) await(t *testing.T, kind func(process) bool, enough int) []process {
	t.Helper()
	var list []process
	require.Eventually(t, func() bool {
		select {
		case <-p.ended:
			return true
		default:
		}
		list = slices.DeleteFunc(p.processes(t), func(x process) bool { return !kind(x) })
		return len(list) >= enough
	}, waitLimit, 20*time.Millisecond)
	require.GreaterOrEqual(t, len(list), enough, "the probe ended too early")
	return list
}

// result is the part of the probe's JSON that these tests look at.
type result struct {
	Interrupted bool
	Summary     probe.Summary
	Scenarios   []struct {
		ID     string
		Status probe.ResultStatus
		Reason string
	}
}

// ends waits for the probe's end and returns its exit code and result. Nothing
// is left behind.
func (p *probing) ends(t *testing.T) (int, result) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(waitLimit):
		require.Fail(t, "the probe does not end")
	}
	require.Eventually(t, func() bool { return len(p.processes(t)) == 0 }, waitLimit, 20*time.Millisecond, "processes are left")
	left, err := os.ReadDir(p.temp)
	require.NoError(t, err)
	assert.Empty(t, left, "temporary files are left")

	text, err := os.ReadFile(p.json)
	require.NoError(t, err)
	var r result
	require.NoError(t, json.Unmarshal(text, &r))
	return p.command.ProcessState.ExitCode(), r
}

func TestInterruptedProbeWritesWhatItHas(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			p := startProbe(t, "acs-hang", "frictionless")
			p.await(t, process.isRenderer, 2)
			require.NoError(t, p.command.Process.Signal(signal))
			code, r := p.ends(t)
			assert.Equal(t, probe.ExitInterrupted, code)
			assert.True(t, r.Interrupted)
			assert.Len(t, r.Scenarios, 2)
			assert.Contains(t, p.output.String(), "when it was interrupted after")
		})
	}
}

// withoutSigns leaves the signs of a VPN out, of which these runs have none to tell.
func withoutSigns(s probe.Summary) probe.Summary {
	s.Signals = nil
	return s
}

func TestKilledBrowserIsReplaced(t *testing.T) {
	p := startProbe(t, "acs-hang", "method-timeout")
	p.await(t, process.isRenderer, 4) // with those of cross-site frames: the launch itself is over
	for _, browser := range p.await(t, process.isBrowser, 1) {
		require.NoError(t, syscall.Kill(browser.pid, syscall.SIGKILL))
	}
	code, r := p.ends(t)
	assert.Equal(t, probe.ExitEnvironment, code)
	assert.Equal(t, probe.Summary{Passed: 1, Errors: 1, Faults: probe.FaultCount{Total: 2, Named: 1}}, withoutSigns(r.Summary))
	assert.Equal(t, probe.Errored, r.Scenarios[0].Status)
	assert.Contains(t, r.Scenarios[0].Reason, probe.ErrBrowserGone.Error())
}

func TestCrashedTabLeavesTheOthers(t *testing.T) {
	p := startProbe(t, "acs-hang", "method-timeout")
	for _, renderer := range p.await(t, process.isRenderer, 4) { // with those of cross-site frames
		// One that is gone meanwhile cannot be killed, nor need it be.
		_ = syscall.Kill(renderer.pid, syscall.SIGKILL)
	}
	code, r := p.ends(t)
	assert.Equal(t, probe.ExitEnvironment, code)
	assert.Equal(t, probe.Summary{Passed: 1, Errors: 1, Faults: probe.FaultCount{Total: 2, Named: 1}}, withoutSigns(r.Summary))
	assert.Equal(t, probe.Errored, r.Scenarios[0].Status)
	assert.Contains(t, r.Scenarios[0].Reason, probe.ErrPageCrashed.Error())
}

// TestAProbeThatNobodyReadsGoesOn: the heading is read, as head(1) would, and
// then nothing any more.
func TestAProbeThatNobodyReadsGoesOn(t *testing.T) {
	p := newProbing(t, "frictionless")
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	p.command.Stdout = writer
	p.start(t)
	require.NoError(t, writer.Close())
	_, err = bufio.NewReader(reader).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	code, r := p.ends(t)
	assert.Equal(t, probe.ExitOK, code)
	assert.Equal(t, probe.Summary{Passed: 1}, withoutSigns(r.Summary))
}
