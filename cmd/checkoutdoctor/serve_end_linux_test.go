package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serveProcess is serve in a process of its own.
type serveProcess struct {
	command   *exec.Cmd
	site, ops string // addresses
	log       *bufio.Reader
	ended     chan struct{}
}

// startServe starts it, and returns when it serves.
func startServe(t *testing.T, args ...string) *serveProcess {
	t.Helper()
	return startServeWith(t, func(*os.Process) {}, args...)
}

// startServeWith does something to the process before it serves.
func startServeWith(t *testing.T, starting func(*os.Process), args ...string) *serveProcess {
	t.Helper()
	p := &serveProcess{ended: make(chan struct{})}
	p.command = exec.Command(os.Args[0], append([]string{"serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"}, args...)...)
	p.command.Env = append(os.Environ(), asCommand+"=1")
	said, err := p.command.StdoutPipe()
	require.NoError(t, err)
	logRead, logWrite, err := os.Pipe()
	require.NoError(t, err)
	p.command.Stderr, p.log = logWrite, bufio.NewReader(logRead)
	require.NoError(t, p.command.Start())
	require.NoError(t, logWrite.Close())
	starting(p.command.Process)
	lines := bufio.NewReader(said)
	for _, address := range []*string{&p.site, &p.ops} {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		_, *address, _ = strings.Cut(strings.TrimSpace(line), "http://")
	}
	go func() {
		p.command.Wait() // says how it ended in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.command.Process.Kill() // has no effect on one that ended
		<-p.ended
		logRead.Close()
	})
	return p
}

// waitEnd waits for the process to end.
func (p *serveProcess) waitEnd(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(waitLimit):
		require.Fail(t, "serve does not end")
	}
}

// waitNotReady waits until the server says that it ends.
func (p *serveProcess) waitNotReady(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		status, body := bodyAt(t, p.ops, "/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "draining")
	}, waitLimit, time.Millisecond)
}

// beginTransfer sends a request without its last byte, which end sends.
func beginTransfer(t *testing.T, address string) (end func() string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = io.WriteString(conn, "POST /transfer HTTP/1.1\r\nHost: doctor.example\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	answer := bufio.NewReader(conn)
	line, err := answer.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue", "the request is under way")
	_, err = answer.ReadString('\n')
	require.NoError(t, err)
	_, err = io.WriteString(conn, "one")
	require.NoError(t, err)
	return func() string {
		_, err := io.WriteString(conn, "!")
		require.NoError(t, err)
		status, err := answer.ReadString('\n')
		require.NoError(t, err)
		return strings.TrimSpace(status)
	}
}

// TestServeEndsInGoodOrder: it takes no more connections, and lets what is under way
// end.
func TestServeEndsInGoodOrder(t *testing.T) {
	p := startServe(t)
	end := beginTransfer(t, p.site)
	require.NoError(t, p.command.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", p.site)
		if err == nil {
			conn.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	}, waitLimit, time.Millisecond)
	assert.Equal(t, "HTTP/1.1 200 OK", end())
	p.waitEnd(t)
	assert.Equal(t, 0, p.command.ProcessState.ExitCode())
}

// TestASecondSignalEndsServeAtOnce, however long the drain still is, in which it is
// not ready and serves on.
func TestASecondSignalEndsServeAtOnce(t *testing.T) {
	p := startServe(t, "--drain", "10m")
	require.NoError(t, p.command.Process.Signal(syscall.SIGTERM))
	p.waitNotReady(t)
	assert.Equal(t, http.StatusOK, get(t, p.site, p.site, "/control?nonce=1"), "balancers may not know yet")
	require.Eventually(t, func() bool {
		p.command.Process.Signal(syscall.SIGTERM) // the first of them may come too soon to count
		select {
		case <-p.ended:
			return true
		default:
			return false
		}
	}, waitLimit, 50*time.Millisecond)
}

// TestServeReadsItsKeysAgainAtSIGHUP while it serves.
func TestServeReadsItsKeysAgainAtSIGHUP(t *testing.T) {
	file := keyFile(t, testKey)
	p := startServe(t, "--key-file", file)
	before := made(t, p.site, "--key-file", file)
	assert.Equal(t, http.StatusOK, get(t, p.site, p.site, strings.TrimPrefix(before, "http://"+p.site)))
	other := keyFile(t, "checkout-doctor-link-key-1:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8")
	copyFile(t, other, file)
	require.NoError(t, p.command.Process.Signal(syscall.SIGHUP))
	for {
		line, err := p.log.ReadString('\n')
		require.NoError(t, err, "it says that the keys are read again")
		if strings.Contains(line, "the keys of links are read again") {
			break
		}
	}
	after := made(t, p.site, "--key-file", other)
	for address, want := range map[string]int{before: http.StatusForbidden, after: http.StatusOK} {
		assert.Equal(t, want, get(t, p.site, p.site, strings.TrimPrefix(address, "http://"+p.site)), fmt.Sprint(want))
	}
}

// TestSIGHUPWhileServeStartsDoesNotEndIt: it comes while the settings are read, which
// wait for the other end of a pipe.
func TestSIGHUPWhileServeStartsDoesNotEndIt(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "serve.yaml")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	p := startServeWith(t, func(process *os.Process) {
		settings, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until it is read
		require.NoError(t, err)
		defer settings.Close()
		require.NoError(t, process.Signal(syscall.SIGHUP))
		_, err = io.WriteString(settings, "drain: 0s\n")
		require.NoError(t, err)
	}, "--config", pipe)
	assert.Equal(t, http.StatusOK, get(t, p.site, p.site, "/control?nonce=1"))
}
