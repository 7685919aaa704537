package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// How the vantage is loaded. A client may ask 100 times a second and 200 times
// at once: with a pause before each question none asks more than 200 times in a
// run, and has what it took of its burst back before the next one. All of them
// together can ask 102400 times a second, benchCap. A server that answers more
// than benchLoaded of that is measured no more: the pauses are.
const (
	benchClients  = 512
	benchPause    = 5 * time.Millisecond
	benchRun      = time.Second
	benchCap      = benchClients * float64(time.Second/benchPause)
	benchLoaded   = 0.8
	benchQuestion = `{"zone":"Europe/Berlin"}`
)

// asLoad makes the test's own program load the vantage: "PORT RATE", by
// BenchmarkVantage's clients. It prints the 99th percentile of the latency.
const asLoad = "CHECKOUTDOCTOR_TEST_AS_LOAD"

// load does what asLoad says, and ends the program.
func load(how string) {
	runtime.GOMAXPROCS(1)  // the other core is for the server
	debug.SetGCPercent(-1) // a run is short, and a collection would count as the server's latency
	var port string
	var perSecond float64
	_, err := fmt.Sscan(how, &port, &perSecond)
	if err == nil {
		var latency time.Duration
		latency, err = latencyAt(port, perSecond)
		fmt.Print(latency)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// latencyAt asks that often a second, whether the server keeps up or not, and
// returns the 99th percentile of the latency: from when a request was to be
// sent, so that a request that had to wait for its connection counts too.
func latencyAt(port string, perSecond float64) (time.Duration, error) {
	askers := make([]*asker, benchClients)
	for i := range askers {
		var err error
		if askers[i], err = newAsker(i, port); err != nil {
			return 0, err
		}
		defer askers[i].conn.Close()
	}
	latencies := make([]time.Duration, int(perSecond*benchRun.Seconds()))
	failures := make([]error, len(askers))
	began := time.Now()
	var running sync.WaitGroup
	for i, a := range askers {
		running.Go(func() {
			for n := i; n < len(latencies) && failures[i] == nil; n += len(askers) {
				due := began.Add(time.Duration(float64(n) / perSecond * float64(time.Second)))
				time.Sleep(time.Until(due))
				_, failures[i] = a.ask()
				latencies[n] = time.Since(due)
			}
		})
	}
	running.Wait()
	slices.SortFunc(latencies, cmp.Compare[time.Duration])
	return latencies[len(latencies)*99/100], errors.Join(failures...)
}

// asker is one client on one connection.
type asker struct {
	conn    net.Conn
	answers *bufio.Reader
	request []byte
}

func newAsker(client int, port string) (*asker, error) {
	conn, err := net.Dial("tcp", net.JoinHostPort(serverAddress(client), port))
	if err != nil {
		return nil, fmt.Errorf("connect as client %d: %w", client, err)
	}
	return &asker{conn, bufio.NewReader(conn), fmt.Appendf(nil,
		"POST /vantage HTTP/1.1\r\nHost: doctor.example\r\nContent-Length: %d\r\n\r\n%s", len(benchQuestion), benchQuestion)}, nil
}

// ask asks once and returns the bytes of the answer.
func (a *asker) ask() (int, error) {
	if _, err := a.conn.Write(a.request); err != nil {
		return 0, fmt.Errorf("ask: %w", err)
	}
	answer, err := http.ReadResponse(a.answers, nil)
	if err != nil {
		return 0, fmt.Errorf("read the answer: %w", err)
	}
	defer answer.Body.Close()
	size, err := io.Copy(io.Discard, answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %s", answer.Status)
	}
	return int(size), err
}

// serverAddress is where the i-th client reaches the server.
func serverAddress(i int) string { return fmt.Sprintf("127.1.%d.%d", i/200, 1+i%200) }
