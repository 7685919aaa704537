package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"checkoutdoctor/web/vantage"
)

// How much one client may ask of a site's vantage and transfers, taken
// together, in tokens. A question takes one, a transfer one for each part of
// its size. A run of the diagnostic takes some twenty at once (two questions,
// five small ones, 64 KB down and 32 KB up), and then one every 0.3 s, thirty
// times at most. An office shares one address: several may begin at once.
const (
	limitPerSecond = 100
	limitBurst     = 200
	limitClients   = 1 << 16 // 1.1 MB
	bytesPerToken  = 8 << 10
)

// What all clients whose address is not known may ask together: behind a proxy
// that does not tell it they may be many, and must not lock each other out.
const (
	unknownPerSecond = 100 * limitPerSecond
	unknownBurst     = 100 * limitBurst
)

// limits bounds how much each client may ask.
type limits struct {
	client  func(*http.Request) vantage.Client
	known   *vantage.Limit
	unknown *vantage.Limit
}

func newLimits(client func(*http.Request) vantage.Client) limits {
	return limits{
		client:  client,
		known:   vantage.NewLimit(limitPerSecond, limitBurst, limitClients),
		unknown: vantage.NewLimit(unknownPerSecond, unknownBurst, 1),
	}
}

func (l limits) take(client netip.Addr, tokens int) (wait time.Duration, ok bool) {
	if client.IsValid() {
		return l.known.Take(client, tokens)
	}
	return l.unknown.Take(client, tokens)
}

// A clientHandler answers a request of which the client is known.
type clientHandler func(http.ResponseWriter, *http.Request, vantage.Client)

// limited answers too frequent requests itself (RFC 6585, section 4). The cost
// of a request is in tokens.
func (l limits) limited(cost func(*http.Request) int, next clientHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		client := l.client(r)
		wait, ok := l.take(client.Address, cost(r))
		if !ok {
			w.Header().Set("Retry-After", wholeSeconds(wait))
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next(w, r, client)
	}
}

// wholeSeconds returns the time in seconds, rounded up, as Retry-After has it.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}

// each is limited to whom every request costs one token. Files are not limited, nor
// what sends a nonce back: they cost less than to refuse them, and a bait that is
// refused would look blocked.
func (l limits) each(next http.Handler) http.HandlerFunc {
	return l.limited(one, func(w http.ResponseWriter, r *http.Request, _ vantage.Client) { next.ServeHTTP(w, r) })
}

// readable is limited, and lets any page read the answer, time it exactly
// (https://www.w3.org/TR/resource-timing/#sec-timing-allow-origin) and ask anew
// each time.
func (l limits) readable(cost func(*http.Request) int, next clientHandler) http.HandlerFunc {
	handler := l.limited(cost, next)
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Timing-Allow-Origin", "*")
		allowAnyOrigin(h)
		handler(w, r)
	}
}

// one is the cost of a request that is small both ways.
func one(*http.Request) int { return 1 }

// bySize is the cost of a transfer of that many bytes, as many as one can have
// at most where that is less or they are not known (-1).
func bySize(bytes int64) int {
	if bytes < 0 || bytes > maxTransfer {
		bytes = maxTransfer
	}
	return int(max(1, (bytes+bytesPerToken-1)/bytesPerToken))
}
