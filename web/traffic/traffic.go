// Package traffic tells what a server does: as metrics in the format of Prometheus,
// and as lines of a log.
//
// Nothing that a client chose is told: no address, path, host, query, header or
// case, and of methods those alone that are common. So nobody is known by a line,
// and nobody can make the number of labels grow. What anybody can cause at will,
// such as forged links and requests that fail, is logged [Sparing]ly.
package traffic

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"checkoutdoctor/web"
	"checkoutdoctor/web/link"
)

// Watch is told of all that happens on the sites of a server. It is safe for
// concurrent use.
type Watch struct {
	metrics   *metrics
	log       *slog.Logger
	strangers *slog.Logger
	sparing   *Sparing
}

// New returns a Watch that writes to the log, for a program of that version.
func New(log *slog.Logger, version string) *Watch {
	sparing := NewSparing(log.Handler())
	return &Watch{metrics: newMetrics(version), log: log, strangers: slog.New(sparing), sparing: sparing}
}

// Strangers is the log for what anybody can cause, which all of that shares.
func (w *Watch) Strangers() *slog.Logger { return w.strangers }

// Close writes what is not written yet.
func (w *Watch) Close() { w.sparing.Flush() }

// Metrics answers with all metrics.
func (w *Watch) Metrics() http.Handler { return w.metrics.handler() }

// CertificateUntil has the metrics tell until when the server's certificate is good,
// which is asked each time.
func (w *Watch) CertificateUntil(until func() time.Time) { w.metrics.addCertificate(until) }

// InboxReady has the metrics tell whether a report could be kept that a signed link
// brings, and one that comes without, which is asked each time.
func (w *Watch) InboxReady(signed, unsigned func() bool) { w.metrics.addInbox(signed, unsigned) }

// Observe counts and logs the requests of a site. It is a web.Options.Observe.
func (w *Watch) Observe(site web.Site, routes http.Handler) http.Handler {
	inFlight := w.metrics.inFlight.WithLabelValues(string(site))
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inFlight.Inc()
		a := &answer{ResponseWriter: rw}
		began := time.Now()
		defer func() { // also where the handler panics, which has been no answer
			inFlight.Dec()
			w.answered(site, r, a, time.Since(began))
		}()
		routes.ServeHTTP(a, r)
		a.ended = true
	})
}

func (w *Watch) answered(site web.Site, r *http.Request, a *answer, took time.Duration) {
	e := exchange{
		site: site, method: methodOf(r.Method), route: routeOf(r.Pattern),
		status: a.statusSent(), bytes: a.bytes, took: took,
	}
	w.metrics.count(e)
	log, level := w.logOf(e.status)
	log.LogAttrs(r.Context(), level, "request",
		slog.String("site", string(e.site)), slog.String("method", e.method), slog.String("route", e.route),
		slog.Int("status", e.status), slog.Int64("bytes", e.bytes), slog.Float64("ms", milliseconds(took)))
}

// logOf returns where a request is told of that was answered so, and how loudly.
func (w *Watch) logOf(status int) (*slog.Logger, slog.Level) {
	switch {
	case status >= http.StatusInternalServerError:
		return w.strangers, slog.LevelWarn
	case status >= http.StatusBadRequest:
		return w.strangers, slog.LevelInfo
	}
	return w.log, slog.LevelInfo
}

// milliseconds has no more digits than anybody reads.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// LinkRefused is a web.Options.LinkRefused.
func (w *Watch) LinkRefused(reason link.Reason) {
	w.metrics.linksRefused.WithLabelValues(string(reason)).Inc()
	w.strangers.Warn("link refused", "reason", string(reason))
}

// ReportReceived is a web.Options.ReportReceived.
func (w *Watch) ReportReceived(e web.ReportEvent) {
	w.metrics.reports.WithLabelValues(outcome(e)).Inc()
	if e.Reason == "" {
		w.log.Info("report "+outcome(e), "signed", e.Signed)
		return
	}
	fields := []any{"status", e.Status, "reason", string(e.Reason)}
	if e.Link != "" {
		fields = append(fields, "link", string(e.Link))
	}
	if e.Err != nil {
		fields = append(fields, "error", e.Err)
	}
	w.strangers.Warn("report refused", fields...)
}

// What becomes of a report that is not refused.
const (
	outcomeKept  = "kept"
	outcomeAgain = "kept before"
)

func outcome(e web.ReportEvent) string {
	switch {
	case e.Reason != "":
		return string(e.Reason)
	case e.Status == http.StatusCreated:
		return outcomeKept
	}
	return outcomeAgain
}

// other stands for all that has no name of its own.
const other = "other"

// methods are those that have a name in what is told.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

func methodOf(method string) string {
	if slices.Contains(methods, method) {
		return method
	}
	return other
}

// routeOf returns the pattern of a route without its method.
func routeOf(pattern string) string {
	if pattern == "" {
		return other
	}
	return pattern[strings.IndexByte(pattern, '/'):]
}
