package web

import (
	"net/http"
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

// How many canaries one client may open: each run of the diagnostic opens one. What
// is opened is forgotten after 90 s, so that one client has at most 560 of the ten
// thousand places, and all behind one proxy that does not tell theirs not half of them.
const (
	canariesPerSecond = 4
	canariesBurst     = 200
	canariesUnknown   = 8
)

// How many times as much as one client all may ask together whose address is not
// known: behind a proxy that does not tell it they may be many, and must not lock
// each other out. Each address of a private network has a limit of its own: it may be
// a client that only writes like a proxy, and must lock nobody else out.
const (
	unknownFactor  = 100
	unknownProxies = 1 << 10
)

// limits bounds how much each client may ask.
type limits struct {
	client  func(*http.Request) vantage.Client
	known   *vantage.Limit
	unknown *vantage.Limit
}

func newLimits(client func(*http.Request) vantage.Client) limits {
	return limitsOf(client, limitPerSecond, limitBurst, unknownFactor)
}

// limitsOf lets each client take perSecond tokens a second and burst at once, and all
// of one proxy whose address is not known the factor's multiple of both.
func limitsOf(client func(*http.Request) vantage.Client, perSecond, burst, factor int) limits {
	return limits{
		client:  client,
		known:   vantage.NewLimit(perSecond, burst, limitClients),
		unknown: vantage.NewLimit(factor*perSecond, factor*burst, unknownProxies),
	}
}

func (l limits) take(client vantage.Client, tokens int) (wait time.Duration, ok bool) {
	if own := client.LimitAddress(); own.IsValid() {
		return l.known.Take(own, tokens)
	}
	return l.unknown.Take(client.Hop, tokens)
}

// A clientHandler answers a request of which the client is known.
type clientHandler func(http.ResponseWriter, *http.Request, vantage.Client)

// limited answers too frequent requests itself (RFC 6585, section 4). The cost
// of a request is in tokens.
func (l limits) limited(cost func(*http.Request) int, next clientHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		client := l.client(r)
		wait, ok := l.take(client, cost(r))
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
	return l.limited(one, forAnyClient(next))
}

// forAnyClient makes no difference between clients.
func forAnyClient(next http.Handler) clientHandler {
	return func(w http.ResponseWriter, r *http.Request, _ vantage.Client) { next.ServeHTTP(w, r) }
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
