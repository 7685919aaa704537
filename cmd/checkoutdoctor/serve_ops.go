package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"checkoutdoctor/web"
	"checkoutdoctor/web/inbox"
)

// readiness tells whether a balancer is to send requests here.
type readiness struct {
	draining    atomic.Bool
	inbox       *inboxWatch  // nil for none
	certificate *certificate // nil for none
}

// The words for what is in the way.
const (
	notReadyDraining    = "draining"
	notReadyCertificate = "certificate-expired"
)

// The words for what is wrong and not in the way: without an inbox pages diagnose
// and show the code all the same.
const (
	warningInboxFull         = "inbox-full"
	warningInboxFullUnsigned = "inbox-full-unsigned" // signed links still bring reports
	warningInboxFailed       = "inbox-failed"
)

// inboxWatch tells of an inbox whether a report could be kept. It logs when that
// changes, with what the inbox says.
type inboxWatch struct {
	inbox interface{ Ready() error }
	log   *slog.Logger

	mu   sync.Mutex
	last string // warning
}

// warning returns what is wrong with the inbox; empty for nothing.
func (i *inboxWatch) warning() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	err := i.inbox.Ready()
	now := warningOf(err)
	if now == i.last {
		return now
	}
	i.last = now
	i.tell(now, err)
	return now
}

func (i *inboxWatch) tell(warning string, err error) {
	switch warning {
	case "":
		i.log.Info("reports can be kept again")
	case warningInboxFullUnsigned:
		i.log.Warn("no report can be kept but what signed links bring", "warning", warning, "error", err)
	default:
		i.log.Error("no report can be kept", "warning", warning, "error", err)
	}
}

// forSigned tells whether a report that a signed link brings could be kept.
func (i *inboxWatch) forSigned() bool {
	warning := i.warning()
	return warning == "" || warning == warningInboxFullUnsigned
}

// forUnsigned tells whether a report that comes without a signed link could be kept.
func (i *inboxWatch) forUnsigned() bool { return i.warning() == "" }

func warningOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, inbox.ErrFullForUnsigned):
		return warningInboxFullUnsigned
	case errors.Is(err, inbox.ErrFull):
		return warningInboxFull
	}
	return warningInboxFailed
}

// reasons returns what is in the way at that time; none where nothing is.
func (r *readiness) reasons(now time.Time) []string {
	reasons := []string{}
	if r.draining.Load() {
		reasons = append(reasons, notReadyDraining)
	}
	if r.certificate != nil && now.After(r.certificate.until()) {
		reasons = append(reasons, notReadyCertificate)
	}
	return reasons
}

// warnings returns what is wrong and not in the way; none where nothing is.
func (r *readiness) warnings() []string {
	warnings := []string{}
	if r.inbox != nil {
		if warning := r.inbox.warning(); warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	reasons := r.reasons(time.Now())
	w.Header().Set("Content-Type", "application/json")
	if len(reasons) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(struct { // whoever asked may be gone: nobody is left to tell
		Ready    bool     `json:"ready"`
		Reasons  []string `json:"reasons"`
		Warnings []string `json:"warnings"`
	}{len(reasons) == 0, reasons, r.warnings()})
}

// opsHandler serves those who run the server. It has no part in the sites: how the
// server is, and how much is asked of it, is nobody's business there.
func opsHandler(ready *readiness, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "alive\n") // whoever asked may be gone: nobody is left to tell
	})
	mux.Handle("GET /readyz", ready)
	mux.Handle("GET /metrics", metrics)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", web.PolicyNothing)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	})
}
