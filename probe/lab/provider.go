package lab

import (
	"net/http"
	"strings"
)

// The payment provider's second host, from which pages load its script, and one
// whose name does not resolve where the browser is told so, with the fault
// provider-dns.
const (
	providerScripts = "https://js.gateway.test"
	lostProvider    = "https://" + LostHost
)

// LostHost is the host of the payment provider's that no resolver must find,
// though it is under .test: the browser has to be told.
const LostHost = "js-gone.gateway.test"

// ProviderOrigins returns the origins of the payment provider that a payment
// page without a fault hands to its diagnostic: that of the 3DS Server and,
// with HTTPS, the one for scripts.
func (l *Lab) ProviderOrigins() []string { return l.providerOrigins(nil) }

// providerOrigins are those of a page with the faults. Without HTTPS the
// provider has but one: 127.0.0.1 has no hosts beside it.
func (l *Lab) providerOrigins(faults faultSet) []string {
	origins := []string{l.origins.ThreeDSServer}
	switch {
	case l.o.PlainHTTPLocalhost:
		return origins
	case faults.has(providerDNS):
		return append(origins, lostProvider)
	}
	return append(origins, providerScripts)
}

// handedOrigins are the same, separated by spaces.
func (m *merchant) handedOrigins(faults faultSet) string {
	return strings.Join(m.lab.providerOrigins(faults), " ")
}

// newProviderScripts is the provider's host for scripts. Pages of any origin
// may load them, those that demand leave for it included.
func newProviderScripts() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", publicAssets())
	mux.HandleFunc("GET /", standing)
	return toPages(mux)
}

// standing answers for whatever else the host is asked: it is there.
func standing(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

// toPages lets pages of every origin load the answers (Fetch, 3.6), also those
// with COEP.
func toPages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		next.ServeHTTP(w, r)
	})
}
