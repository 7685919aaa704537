package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"checkoutdoctor/web"
	"checkoutdoctor/web/vantage"
)

// What the vantage must reach: its rate, as a part of the bare handler's, and
// the 99th percentile of its latency at half of its rate, in milliseconds.
const (
	benchRatio   = 0.5
	benchLatency = 5
)

// BenchmarkVantage holds the vantage with its embedded data against a bare JSON
// handler, on the same machine in turn, as wrk sees them, and then measures
// its latency at half of its rate. It needs root, for a network of its own in
// which clients have public addresses, and a machine that does nothing else.
// `make bench` runs both servers 10 times.
func BenchmarkVantage(b *testing.B) {
	enterNetworkOfItsOwn(b)
	site := vantageServer(b)
	bare := serveInBench(b, newServer("", bareHandler(answerSize(b, site)), testLog(os.Stderr)))
	wrk(b, site) // warms up
	wrk(b, bare)
	var rates, bareRates, ratios, latencies []float64
	for b.Loop() {
		rate, bareRate := wrk(b, site), wrk(b, bare)
		rates, bareRates, ratios = append(rates, rate), append(bareRates, bareRate), append(ratios, rate/bareRate)
	}
	constant := median(rates) / 2
	for range rates {
		latencies = append(latencies, constantRate(b, site, constant).Seconds()*1e3)
	}
	b.ReportMetric(0, "ns/op") // what is measured is not how long all of it takes
	b.ReportMetric(median(rates), "req/s")
	b.ReportMetric(median(bareRates), "bare-req/s")
	b.ReportMetric(median(ratios), "x-bare")
	b.ReportMetric(constant, "constant-req/s")
	b.ReportMetric(median(latencies), "ms-p99")
	if rate := median(bareRates); rate > benchLoaded*benchCap {
		b.Errorf("the bare handler answers %.0f requests a second: too few are asked to tell, at most %.0f", rate, benchCap)
	}
	if ratio := median(ratios); ratio < benchRatio {
		b.Errorf("the vantage reaches %.2f of the bare handler's rate, want %.2f", ratio, benchRatio)
	}
	if latency := median(latencies); latency >= benchLatency {
		b.Errorf("99 %% are answered within %.1f ms at half of the rate, want less than %d ms", latency, benchLatency)
	}
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// enterNetworkOfItsOwn takes the benchmark's thread, and the programs that it
// starts, into a new network namespace, which ends with them. There each of the
// destinations 127.1.x.y is reached from a public address of its own.
func enterNetworkOfItsOwn(b *testing.B) {
	b.Helper()
	for _, program := range []string{"wrk", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			skipBench(b, program+" is missing: `make bench` installs it")
		}
	}
	runtime.LockOSThread() // for good: the thread ends with the benchmark
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		skipBench(b, fmt.Sprintf("a network namespace needs root: %v", err))
	}
	lines := []string{"link set lo up"}
	for i := range benchClients {
		lines = append(lines,
			fmt.Sprintf("addr add %s/32 dev lo", clientAddress(i)),
			fmt.Sprintf("route add local %s dev lo src %s table local", serverAddress(i), clientAddress(i)))
	}
	ip := exec.CommandContext(b.Context(), "ip", "-batch", "-")
	ip.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	out, err := ip.CombinedOutput()
	require.NoError(b, err, string(out))
}

// skipBench skips the benchmark with the reason, which the testing package
// keeps to itself.
func skipBench(b *testing.B, reason string) {
	b.Helper()
	fmt.Println(b.Name(), "skipped:", reason)
	b.Skip(reason)
}

// clientAddress is the i-th client's, somewhere in the world.
func clientAddress(i int) string { return fmt.Sprintf("%d.%d.0.%d", 12+i%80, 1+i%200, 1+i%250) }

// vantageServer runs what serve runs without options, and returns its port.
func vantageServer(b *testing.B) string {
	b.Helper()
	service, err := (&serveOptions{}).open(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	require.NoError(b, err)
	servers, err := service.sites(web.Options{Version: version, Client: vantage.Finder{}.Find, Observe: service.watch.Observe})
	require.NoError(b, err)
	return serveInBench(b, servers[0])
}

// serveInBench runs the server until the benchmark ends, and returns its port.
func serveInBench(b *testing.B, server *http.Server) (port string) {
	b.Helper()
	listener, err := vantage.Listen(b.Context(), "0.0.0.0:0")
	require.NoError(b, err)
	go server.Serve(listener) // returns when it is closed
	b.Cleanup(func() { assert.NoError(b, server.Close()) })
	_, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(b, err)
	return port
}

// bareHandler answers a small struct, as long in JSON as it is told, and does
// nothing else.
func bareHandler(size int) http.Handler {
	type small struct {
		Country string `json:"country"`
		Time    int64  `json:"time"`
		Filling string `json:"filling"`
	}
	bare, _ := json.Marshal(small{Country: "DE", Time: time.Now().UnixMilli()}) // never fails
	filling := strings.Repeat("x", size-len(bare))
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(small{Country: "DE", Time: time.Now().UnixMilli(), Filling: filling})
	})
}

// answerSize returns how long the vantage's answer is.
func answerSize(b *testing.B, port string) int {
	b.Helper()
	asker, err := newAsker(0, port)
	require.NoError(b, err)
	defer asker.conn.Close()
	size, err := asker.ask()
	require.NoError(b, err)
	return size
}

// wrkScript gives each of wrk's threads an address of the server's, and so of
// its own. A status that is no success counts as an error.
const wrkScript = `
local threads = 0
function setup(thread)
	thread.addr = wrk.lookup(string.format("127.1.%%d.%%d", math.floor(threads / 200), 1 + threads %% 200), "%s")[1]
	threads = threads + 1
end
wrk.method = "POST"
wrk.body = '%s'
function delay() return %d end
function done(summary)
	local e = summary.errors
	io.write(string.format("\nresult %%d %%d %%d\n", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
`

// wrk loads the server for one run and returns how many requests it answered a
// second.
func wrk(b *testing.B, port string) float64 {
	b.Helper()
	script := filepath.Join(b.TempDir(), "vantage.lua")
	require.NoError(b, os.WriteFile(script, fmt.Appendf(nil, wrkScript, port, benchQuestion, benchPause.Milliseconds()), 0o600))
	clients := fmt.Sprint(benchClients)
	out, err := exec.CommandContext(b.Context(), "wrk", "-t", clients, "-c", clients, "-d", benchRun.String(), "-s", script,
		"http://"+net.JoinHostPort(serverAddress(0), port)+"/vantage").CombinedOutput()
	require.NoError(b, err, string(out))
	_, result, found := bytes.Cut(out, []byte("\nresult "))
	require.True(b, found, string(out))
	var requests, micros, failed int
	_, err = fmt.Sscan(string(result), &requests, &micros, &failed)
	require.NoError(b, err)
	require.Zero(b, failed, "an answer that is no success, or none: %s", out)
	return float64(requests) / (float64(micros) / 1e6)
}

// constantRate asks that often a second, whether the server keeps up or not,
// and returns the 99th percentile of the latency. What asks is a program of its
// own, as wrk is: in the server's it would wait for the server's turn.
func constantRate(b *testing.B, port string, perSecond float64) time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	self, err := os.Executable()
	require.NoError(b, err)
	program := exec.CommandContext(ctx, self)
	program.Env = append(os.Environ(), fmt.Sprintf("%s=%s %g", asLoad, port, perSecond))
	program.Stderr = os.Stderr
	out, err := program.Output()
	require.NoError(b, err)
	latency, err := time.ParseDuration(string(out))
	require.NoError(b, err, string(out))
	return latency
}
