package chrome_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
)

// requireNothingLeft checks that neither processes nor files of the browser stay.
func requireNothingLeft(t *testing.T, pid int, dir string) {
	t.Helper()
	assert.False(t, chrome.GroupRuns(pid), "processes are left")
	assert.NoDirExists(t, dir)
}

// shortTemp makes temporary files go to a directory of the test's own. Its
// path is short enough for sockets in it, whatever TMPDIR was.
func shortTemp(t *testing.T) string {
	t.Helper()
	temp, err := os.MkdirTemp("/tmp", "cd")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(temp)) })
	t.Setenv("TMPDIR", temp)
	return temp
}

func TestACrashedTabIsToldToEverybodyWhoWaits(t *testing.T) {
	origin := serve(t, "crash.one.test", html("soon gone"))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), origin+"/"))
	waiting := make(chan error, 2)
	go func() { waiting <- p.Until(timed(t), "false") }()
	go func() { waiting <- p.Eval(timed(t), "new Promise(() => {})", nil) }()

	require.Error(t, p.Open(timed(t), "chrome://crash"))
	for range 2 {
		require.ErrorIs(t, <-waiting, probe.ErrPageCrashed)
	}
	_, err := p.Screenshot(timed(t))
	require.ErrorIs(t, err, probe.ErrPageCrashed)
	assert.NotEmpty(t, p.Truth().Statuses, "what was seen stays")

	other := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, other.Open(timed(t), origin+"/"), "the other contexts live on")
}

// TestARendererThatEndsWhileAPageIsOpenedEndsTheWait kills each renderer of a
// browser as soon as there is one, so that the blank page never answers.
func TestARendererThatEndsWhileAPageIsOpenedEndsTheWait(t *testing.T) {
	b, err := launcher.Launch(timed(t), probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	ctx, stop := context.WithCancel(t.Context())
	var killing sync.WaitGroup
	killing.Go(func() {
		for ctx.Err() == nil {
			killRenderers(chrome.Dir(b))
		}
	})
	opening := timed(t)
	_, err = b.NewContext(opening, probe.ContextOptions{Locale: "sv-SE"})
	stop()
	killing.Wait()
	require.ErrorIs(t, err, probe.ErrPageCrashed)
	require.NoError(t, opening.Err(), "only the limit ended the wait")

	p, err := b.NewContext(timed(t), probe.ContextOptions{})
	require.NoError(t, err, "the browser lives on")
	require.NoError(t, p.Close())
}

// killRenderers kills the renderers of the browser with the directory.
func killRenderers(dir string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		command, _ := os.ReadFile(file) // a process may be gone by now
		if !bytes.Contains(command, []byte("--type=renderer")) || !bytes.Contains(command, []byte(dir)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// TestABrowserStartsHoweverLongTheTemporaryPathIs takes the longest path that is
// used as it is, and one that is too long for a browser's socket.
func TestABrowserStartsHoweverLongTheTemporaryPathIs(t *testing.T) {
	parent := shortTemp(t)
	longest := filepath.Join(parent, "x")
	for chrome.TempBase(longest+"x") == longest+"x" {
		longest += "x"
	}
	for name, test := range map[string]struct{ temp, base string }{
		"just short enough": {longest, longest},
		"too long":          {filepath.Join(parent, strings.Repeat("y", 150)), "/tmp"},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.Mkdir(test.temp, 0o700))
			t.Setenv("TMPDIR", test.temp)
			b, err := launcher.Launch(timed(t), probe.Profile{})
			require.NoError(t, err)
			assert.Equal(t, test.base, filepath.Dir(chrome.Dir(b)))
			require.NoError(t, b.Close())
			assert.NoDirExists(t, chrome.Dir(b))
		})
	}
}

func TestATabThatWasClosedIsGone(t *testing.T) {
	p := newPage(t, shared, probe.ContextOptions{})
	chrome.CloseTab(p)
	require.ErrorIs(t, p.Until(timed(t), "false"), probe.ErrPageCrashed)
}

func TestAKilledBrowserIsToldToEverybodyWhoWaits(t *testing.T) {
	b, err := launcher.Launch(timed(t), probe.Profile{})
	require.NoError(t, err)
	pid, dir := chrome.PID(b), chrome.Dir(b)
	p, err := b.NewContext(timed(t), probe.ContextOptions{})
	require.NoError(t, err)
	waiting := make(chan error, 2)
	go func() { waiting <- p.Until(timed(t), "false") }()
	go func() { waiting <- p.Eval(timed(t), "new Promise(() => {})", nil) }()

	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	for range 2 {
		require.ErrorIs(t, <-waiting, probe.ErrBrowserGone)
	}
	require.ErrorIs(t, p.Open(timed(t), "about:blank"), probe.ErrBrowserGone)
	_, err = p.Frames(timed(t))
	require.ErrorIs(t, err, probe.ErrBrowserGone)
	_, err = b.NewContext(timed(t), probe.ContextOptions{})
	require.ErrorIs(t, err, probe.ErrBrowserGone)

	require.NoError(t, p.Close())
	require.NoError(t, b.Close())
	requireNothingLeft(t, pid, dir)
}

func TestNothingIsLeftOfABrowserThatWasClosed(t *testing.T) {
	b, err := launcher.Launch(timed(t), probe.Profile{})
	require.NoError(t, err)
	pid, dir := chrome.PID(b), chrome.Dir(b)
	_, err = b.NewContext(timed(t), probe.ContextOptions{})
	require.NoError(t, err)
	require.DirExists(t, dir)
	require.NoError(t, b.Close())
	requireNothingLeft(t, pid, dir)
	require.NoError(t, b.Close(), "closing again does nothing")
}

func TestNothingIsLeftOfALaunchThatWasCancelled(t *testing.T) {
	temp := shortTemp(t)
	for _, after := range []time.Duration{0, 30 * time.Millisecond, 150 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		b, err := launcher.Launch(ctx, probe.Profile{})
		if err == nil {
			err = b.Close() // it was quick enough
		} else {
			require.ErrorIs(t, err, context.DeadlineExceeded)
			err = nil
		}
		cancel()
		require.NoError(t, err)
		left, err := filepath.Glob(filepath.Join(temp, "*"))
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

func TestABrowserThatNeverAnswersIsEnded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mute")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\nexec sleep 600\n"), 0o700))
	temp := shortTemp(t)
	mute := chrome.New(chrome.Options{ExecPath: path})
	for name, ask := range map[string]func(context.Context) error{
		"launched":           func(ctx context.Context) error { _, err := mute.Launch(ctx, probe.Profile{}); return err },
		"asked for its name": func(ctx context.Context) error { _, err := mute.Engine(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			err := ask(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotErrorIs(t, err, probe.ErrNoBrowser)
			left, err := filepath.Glob(filepath.Join(temp, "*"))
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

func TestNoBrowserSaysWhatToInstall(t *testing.T) {
	temp := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(temp, name)
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700))
		return path
	}
	tests := map[string]struct{ path, want string }{
		"nothing is there":     {filepath.Join(temp, "nothing"), "apt-get install chromium libnss3-tools"},
		"it is no program":     {temp, "apt-get install chromium libnss3-tools"},
		"it ends at once":      {script("ends", "echo cannot open display >&2; exit 1"), "cannot open display"},
		"it cannot be started": {script("broken", ""), "ended at once"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			temp := shortTemp(t)
			_, err := chrome.New(chrome.Options{ExecPath: test.path}).Launch(timed(t), probe.Profile{})
			require.ErrorIs(t, err, probe.ErrNoBrowser)
			assert.ErrorContains(t, err, test.want)
			left, err := filepath.Glob(filepath.Join(temp, "*"))
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}

	t.Setenv("CHECKOUTDOCTOR_BROWSER", filepath.Join(temp, "elsewhere"))
	_, err := chrome.New(chrome.Options{}).Engine(timed(t))
	require.ErrorIs(t, err, probe.ErrNoBrowser)
	assert.ErrorContains(t, err, "CHECKOUTDOCTOR_BROWSER")
}

func TestEngineNamesBrowserAndVersion(t *testing.T) {
	engine, err := launcher.Engine(timed(t))
	require.NoError(t, err)
	assert.Regexp(t, `^[A-Z][A-Za-z ]+ \d+\.\d+$`, engine)

	path := filepath.Join(t.TempDir(), "mute")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho hello\n"), 0o700))
	_, err = chrome.New(chrome.Options{ExecPath: path}).Engine(timed(t))
	require.ErrorIs(t, err, probe.ErrNoBrowser)
	assert.ErrorContains(t, err, "hello")
}

func TestTheHeadlessShellIsNeverTaken(t *testing.T) {
	shell := filepath.Join(t.TempDir(), "chrome-headless-shell")
	require.NoError(t, os.WriteFile(shell, []byte("#!/bin/sh\n"), 0o700))
	link := filepath.Join(t.TempDir(), "browser")
	require.NoError(t, os.Symlink(shell, link))
	for _, path := range []string{shell, link} {
		_, err := chrome.New(chrome.Options{ExecPath: path}).Launch(timed(t), probe.Profile{})
		var unsupported *probe.UnsupportedError
		require.ErrorAs(t, err, &unsupported)
		assert.Contains(t, unsupported.Error(), "headless shell")
	}
}

func TestAnUnknownExtensionIsAnError(t *testing.T) {
	_, err := launcher.Launch(timed(t), probe.Profile{Extensions: []string{"nobody"}})
	require.ErrorContains(t, err, `"nobody"`)
	require.ErrorContains(t, err, "popup-null")
	assert.False(t, strings.Contains(err.Error(), "no usable browser"))
}
