package web

import (
	"net/http"
	"strconv"
	"time"

	"checkoutdoctor/web/vantage"
)

// How often one client may ask a site's vantage, transfers and socket, taken
// together. A run of the diagnostic asks some twenty times; an office shares
// one address.
const (
	limitPerSecond = 100
	limitBurst     = 200
	limitClients   = 1 << 16 // 1.1 MB
)

// limits bounds how often each client may ask.
type limits struct {
	client func(*http.Request) vantage.Client
	limit  *vantage.Limit
}

func newLimits(client func(*http.Request) vantage.Client) limits {
	return limits{client, vantage.NewLimit(limitPerSecond, limitBurst, limitClients)}
}

// A clientHandler answers a request of which the client is known.
type clientHandler func(http.ResponseWriter, *http.Request, vantage.Client)

// limited answers too frequent requests itself (RFC 6585, section 4).
func (l limits) limited(next clientHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		client := l.client(r)
		wait, ok := l.limit.Take(client.Address)
		if !ok {
			w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next(w, r, client)
	}
}

// readable is limited, and lets any page read the answer, time it exactly
// (https://www.w3.org/TR/resource-timing/#sec-timing-allow-origin) and ask anew
// each time.
func (l limits) readable(next clientHandler) http.HandlerFunc {
	handler := l.limited(next)
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Timing-Allow-Origin", "*")
		allowAnyOrigin(h)
		handler(w, r)
	}
}
