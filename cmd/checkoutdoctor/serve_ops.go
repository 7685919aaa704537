package main

import (
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// readiness tells whether a balancer is to send requests here.
type readiness struct {
	draining    atomic.Bool
	inbox       interface{ Ready() error } // nil for none
	certificate *certificate               // nil for none
}

// The words for what is in the way.
const (
	notReadyDraining    = "draining"
	notReadyInbox       = "inbox"
	notReadyCertificate = "certificate-expired"
)

// reasons returns what is in the way at that time; none where nothing is.
func (r *readiness) reasons(now time.Time) []string {
	reasons := []string{}
	if r.draining.Load() {
		reasons = append(reasons, notReadyDraining)
	}
	if r.inbox != nil && r.inbox.Ready() != nil {
		reasons = append(reasons, notReadyInbox)
	}
	if r.certificate != nil && now.After(r.certificate.until()) {
		reasons = append(reasons, notReadyCertificate)
	}
	return reasons
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	reasons := r.reasons(time.Now())
	w.Header().Set("Content-Type", "application/json")
	if len(reasons) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(struct { // whoever asked may be gone: nobody is left to tell
		Ready   bool     `json:"ready"`
		Reasons []string `json:"reasons"`
	}{len(reasons) == 0, reasons})
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
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	})
}
