package traffic

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web"
	"checkoutdoctor/web/link"
)

// A logBuffer is read while a timer may write to it.
type logBuffer struct {
	mu      sync.Mutex
	written bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written.String()
}

// watched returns a site whose requests are told of, and the log.
func watched(t *testing.T) (*Watch, http.Handler, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	w := New(slog.New(slog.NewJSONHandler(log, nil)), "1.2")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v/{hash}/{name...}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "four") })
	mux.HandleFunc("POST /silent", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/often", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusTooManyRequests) })
	mux.HandleFunc("/full", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusServiceUnavailable) })
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	return w, w.Observe(web.SiteOwn, mux), log
}

func send(h http.Handler, method, target string) {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("X-Forwarded-For", "91.64.0.1")
	h.ServeHTTP(httptest.NewRecorder(), r)
}

// metricsOf returns the lines of our own metrics.
func metricsOf(t *testing.T, w *Watch) []string {
	t.Helper()
	answer := httptest.NewRecorder()
	w.Metrics().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, answer.Code)
	var lines []string
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "checkoutdoctor_") && !strings.Contains(line, "_duration_seconds_bucket") && !strings.Contains(line, "_duration_seconds_sum") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func TestRequestsAreToldOfWithoutWhatAClientChose(t *testing.T) {
	w, h, log := watched(t)
	send(h, "GET", "/v/hash-of-it/secret.js?case=secret-too")
	send(h, "GET", "/v/hash-of-another/other.js?case=T-1")
	send(h, "POST", "/silent")
	send(h, "BREW", "/often")
	send(h, "GET", "/secret")
	var lines []map[string]any
	for line := range strings.Lines(log.String()) {
		var l map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &l))
		delete(l, "time")
		assert.IsType(t, 0.0, l["ms"])
		delete(l, "ms")
		lines = append(lines, l)
	}
	line := func(method, route string, status, bytes float64) map[string]any {
		return map[string]any{"level": "INFO", "msg": "request", "site": "own", "method": method, "route": route, "status": status, "bytes": bytes}
	}
	assert.Equal(t, []map[string]any{
		line("GET", "/v/{hash}/{name...}", 200, 4),
		line("GET", "/v/{hash}/{name...}", 200, 4),
		line("POST", "/silent", 200, 0),
		line("other", "/often", 429, 1),
		line("GET", "other", 404, 19),
	}, lines)
	// Nothing else is in the log than those lines, times and durations.
	for _, secret := range []string{"secret", "hash-of", "T-1", "91.64.0.1", "192.0.2.1", "example.com", "BREW"} {
		assert.NotContains(t, strings.Join(metricsOf(t, w), "\n"), secret)
	}
}

func TestMetrics(t *testing.T) {
	w, h, _ := watched(t)
	send(h, "GET", "/v/a/b")
	send(h, "GET", "/v/c/d")
	send(h, "BREW", "/often")
	w.InboxReady(func() bool { return true }, func() bool { return false })
	w.CertificateUntil(func() time.Time { return time.Unix(1800000000, 0) })
	w.LinkRefused(link.Expired)
	w.ReportReceived(web.ReportEvent{Status: 201})
	w.ReportReceived(web.ReportEvent{Status: 200})
	w.ReportReceived(web.ReportEvent{Status: 403, Reason: web.ReportLink, Link: link.Altered})
	lines := metricsOf(t, w)
	for _, want := range []string{
		`checkoutdoctor_requests_total{method="GET",route="/v/{hash}/{name...}",site="own",status="2xx"} 2`,
		`checkoutdoctor_requests_total{method="other",route="/often",site="own",status="4xx"} 1`,
		`checkoutdoctor_requests_limited_total{route="/often",site="own"} 1`,
		`checkoutdoctor_response_bytes_total{route="/v/{hash}/{name...}",site="own"} 8`,
		`checkoutdoctor_request_duration_seconds_count{route="/v/{hash}/{name...}",site="own"} 2`,
		`checkoutdoctor_requests_in_flight{site="own"} 0`,
		`checkoutdoctor_links_refused_total{reason="expired"} 1`,
		`checkoutdoctor_reports_total{outcome="kept"} 1`,
		`checkoutdoctor_reports_total{outcome="kept before"} 1`,
		`checkoutdoctor_reports_total{outcome="link"} 1`,
		`checkoutdoctor_certificate_expiry_timestamp_seconds 1.8e+09`,
		`checkoutdoctor_inbox_ready 1`,
		`checkoutdoctor_inbox_ready_unsigned 0`,
	} {
		assert.Contains(t, lines, want)
	}
	answer := httptest.NewRecorder()
	w.Metrics().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{`version="1.2"`, "go_goroutines ", "process_start_time_seconds "} {
		assert.Contains(t, answer.Body.String(), want)
	}
}

func TestAHandlerThatPanicsIsCountedAndNoMoreInFlight(t *testing.T) {
	w, h, log := watched(t)
	assert.Panics(t, func() { send(h, "GET", "/panic") })
	assert.Contains(t, metricsOf(t, w), `checkoutdoctor_requests_in_flight{site="own"} 0`)
	assert.Contains(t, metricsOf(t, w), `checkoutdoctor_requests_total{method="GET",route="/panic",site="own",status="5xx"} 1`)
	assert.Contains(t, log.String(), `"level":"WARN"`)
}

// TestReportsAreToldOf with the reason and what the inbox says.
func TestReportsAreToldOf(t *testing.T) {
	w, _, log := watched(t)
	w.ReportReceived(web.ReportEvent{Status: 201, Signed: true})
	w.ReportReceived(web.ReportEvent{Status: 503, Reason: web.ReportUnavailable, Err: errors.New("no space left")})
	assert.Contains(t, log.String(), `"msg":"report kept","signed":true`)
	assert.Contains(t, log.String(), `"msg":"report refused","status":503,"reason":"unavailable","error":"no space left"`)
}

// TestForgedLinksDoNotFillADisk has a second of very many, and one after it.
func TestForgedLinksDoNotFillADisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, log := watched(t)
		for range 100_000 {
			w.LinkRefused(link.Altered)
		}
		assert.Equal(t, mostLines, strings.Count(log.String(), "link refused"))
		time.Sleep(linesTime)
		synctest.Wait()
		assert.Equal(t, 1, strings.Count(log.String(), "… and 99990 more"))
		w.LinkRefused(link.Altered)
		time.Sleep(10 * linesTime)
		synctest.Wait()
		assert.Equal(t, mostLines+2, strings.Count(log.String(), "\n"))
	})
}

// TestRequestsThatFailDoNotFillADisk, and hide none that did not. Their metrics count
// each.
func TestRequestsThatFailDoNotFillADisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, h, log := watched(t)
		for range 1000 {
			send(h, "GET", "/nothing")
			send(h, "GET", "/full")
			send(h, "POST", "/silent")
		}
		w.Close()
		assert.Equal(t, mostLines, strings.Count(log.String(), `"status":404`)+strings.Count(log.String(), `"status":503`))
		assert.Equal(t, 1, strings.Count(log.String(), "… and 1990 more"))
		assert.Equal(t, 1000, strings.Count(log.String(), `"status":200`))
		assert.Contains(t, metricsOf(t, w), `checkoutdoctor_requests_total{method="GET",route="other",site="own",status="4xx"} 1000`)
	})
}

// TestWhatIsLeftOutIsSaidAtTheEnd where the server ends within the second.
func TestWhatIsLeftOutIsSaidAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, log := watched(t)
		for range mostLines + 3 {
			w.LinkRefused(link.Altered)
		}
		w.Close()
		assert.Equal(t, 1, strings.Count(log.String(), "… and 3 more"))
		time.Sleep(2 * linesTime)
		synctest.Wait()
		assert.Equal(t, 1, strings.Count(log.String(), "more"))
	})
}

func TestSparingHandlersShareTheirLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := NewSparing(slog.NewTextHandler(&out, nil))
		all := []*slog.Logger{slog.New(s), slog.New(s).With("a", 1), slog.New(s).WithGroup("g")}
		for i := range 30 {
			all[i%len(all)].Info("line")
		}
		s.Flush()
		assert.Equal(t, mostLines+1, strings.Count(out.String(), "\n"))
		assert.Contains(t, out.String(), "… and 20 more")
	})
}
