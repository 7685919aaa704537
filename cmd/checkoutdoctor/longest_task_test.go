package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/web"
)

// How long the longest task on the main thread may take, in milliseconds, from
// the opening of the link's page to the report.
const (
	boundCached    = 50
	boundFirstLoad = 100
	boundThrottled = 200
)

// BenchmarkLongestTaskCached has the module in the browser's cache.
func BenchmarkLongestTaskCached(b *testing.B) {
	benchmarkLongestTask(b, taskRuns{bound: boundCached, warm: true})
}

// BenchmarkLongestTaskFirstLoad has nothing in the browser's cache.
func BenchmarkLongestTaskFirstLoad(b *testing.B) {
	benchmarkLongestTask(b, taskRuns{bound: boundFirstLoad})
}

// BenchmarkLongestTaskThrottled has a quarter of the processor's speed, as a
// cheap phone has, and the module in the cache.
func BenchmarkLongestTaskThrottled(b *testing.B) {
	benchmarkLongestTask(b, taskRuns{bound: boundThrottled, warm: true, device: probe.Device{CPU: 4}})
}

// taskRuns says how the runs of a benchmark are made.
type taskRuns struct {
	bound  float64 // milliseconds
	warm   bool    // the same browser context was on the page before
	device probe.Device
}

// taskTimer is the first script of the page. The browser tells of each task that
// takes 50 ms and more (Long Tasks API). Where there is none, a message to itself
// tells, which is answered once the main thread is free: the longest way from one
// to the next is the longest task, or several short ones in a row.
const taskTimer = `
const leastLong = 50
const tasks = []
let gap = 0
new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({duration}) => duration))).observe({type: "longtask", buffered: true})
const {port1, port2} = new MessageChannel()
let last = performance.now()
port1.onmessage = () => {
	const now = performance.now()
	gap = Math.max(gap, now - last)
	last = now
	port2.postMessage(null)
}
port2.postMessage(null)
globalThis.longestTask = () => (tasks.length ? Math.max(...tasks) : Math.min(gap, leastLong))
`

func benchmarkLongestTask(b *testing.B, runs taskRuns) {
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	site, err := web.Handler(web.Options{})
	require.NoError(b, err)
	server := httptest.NewServer(withTaskTimer(site))
	defer server.Close()
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	require.NoError(b, err)
	defer browser.Close()

	open := func() probe.Page {
		page, err := browser.NewContext(ctx, probe.ContextOptions{Device: runs.device})
		require.NoError(b, err)
		return page
	}
	page := open()
	longestTask(b, ctx, page, server.URL) // fills the browser's cache; what the process does once is done
	var tasks []float64
	for b.Loop() {
		if !runs.warm {
			require.NoError(b, page.Close())
			page = open()
		}
		tasks = append(tasks, longestTask(b, ctx, page, server.URL))
	}
	require.NoError(b, page.Close())
	slices.Sort(tasks)
	median := tasks[len(tasks)/2]
	b.ReportMetric(0, "ns/op") // it is not the whole visit that is measured
	b.ReportMetric(tasks[0], "ms-min")
	b.ReportMetric(median, "ms-median")
	b.ReportMetric(tasks[len(tasks)-1], "ms-max")
	if median > runs.bound {
		b.Errorf("the longest task takes %.0f ms in the median, and %.0f ms are allowed", median, runs.bound)
	}
}

// withTaskTimer puts the timer before every other script of the link's page.
func withTaskTimer(site http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /task-timer.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, taskTimer)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		head := []byte("<head>")
		page := bytes.Replace(answer.Body.Bytes(), head, append(head, `<script src="/task-timer.js"></script>`...), 1)
		w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		w.Write(page) // the browser says what did not come
	})
	mux.Handle("/", site)
	return mux
}

// longestTask opens the page, presses the diagnostic's button as soon as that
// can be done, and returns how many milliseconds the longest task took until the
// report was shown.
func longestTask(b *testing.B, ctx context.Context, page probe.Page, url string) (longest float64) {
	b.Helper()
	require.NoError(b, page.Open(ctx, url))
	require.NoError(b, page.Until(ctx, benchModuleReady))
	var at struct{ X, Y float64 }
	require.NoError(b, page.Eval(ctx, benchButton, &at))
	require.NoError(b, page.ClickAt(ctx, at.X, at.Y))
	require.NoError(b, page.Until(ctx, benchReported))
	require.NoError(b, page.Eval(ctx, "longestTask()", &longest))
	return longest
}
