package traffic

import (
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are of one server. Names and units are as
// https://prometheus.io/docs/practices/naming/ wants them.
type metrics struct {
	registry     *prometheus.Registry
	requests     *prometheus.CounterVec
	limited      *prometheus.CounterVec
	bytes        *prometheus.CounterVec
	durations    *prometheus.HistogramVec
	inFlight     *prometheus.GaugeVec
	linksRefused *prometheus.CounterVec
	reports      *prometheus.CounterVec
}

// durationBuckets are in seconds: from a file that is in memory, to as long as a
// request may take.
var durationBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

func newMetrics(version string) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "checkoutdoctor", Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: counter("requests_total", "Requests that were answered, by the class of the status, such as 2xx.", "site", "route", "method", "status"),
		limited:  counter("requests_limited_total", "Requests that were answered by 429, since their client asked too often.", "site", "route"),
		bytes:    counter("response_bytes_total", "Bytes of the bodies of answers.", "site", "route"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "checkoutdoctor", Name: "request_duration_seconds", Help: "How long requests took until their answer was written.", Buckets: durationBuckets,
		}, []string{"site", "route"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "checkoutdoctor", Name: "requests_in_flight", Help: "Requests that are under way.",
		}, []string{"site"}),
		linksRefused: counter("links_refused_total", "Links that were not good, by the reason.", "reason"),
		reports:      counter("reports_total", "Reports that were sent, by what became of them: kept, kept before, or the reason for which they were refused.", "outcome"),
	}
	m.registry.MustRegister(
		m.requests, m.limited, m.bytes, m.durations, m.inFlight, m.linksRefused, m.reports, buildInfo(version),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func buildInfo(version string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "checkoutdoctor", Name: "build_info", Help: "1, with what runs.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	}, func() float64 { return 1 })
}

func (m *metrics) addCertificate(until func() time.Time) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "checkoutdoctor", Name: "certificate_expiry_timestamp_seconds", Help: "Until when the certificate is good, in seconds since 1970.",
	}, func() float64 { return float64(until().Unix()) }))
}

func (m *metrics) addInbox(signed, unsigned func() bool) {
	m.registry.MustRegister(
		readyGauge("inbox_ready", "1 where a report that a signed link brings could be kept, 0 where the inbox is full or fails.", signed),
		readyGauge("inbox_ready_unsigned", "1 where a report that comes without a signed link could be kept, 0 where its part of the inbox is full, too.", unsigned),
	)
}

func readyGauge(name, help string, ready func() bool) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "checkoutdoctor", Name: name, Help: help}, func() float64 {
		if ready() {
			return 1
		}
		return 0
	})
}

func (m *metrics) count(e exchange) {
	site := string(e.site)
	m.requests.WithLabelValues(site, e.route, e.method, fmt.Sprintf("%dxx", e.status/100)).Inc()
	m.bytes.WithLabelValues(site, e.route).Add(float64(e.bytes))
	m.durations.WithLabelValues(site, e.route).Observe(e.took.Seconds())
	if e.status == http.StatusTooManyRequests {
		m.limited.WithLabelValues(site, e.route).Inc()
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
