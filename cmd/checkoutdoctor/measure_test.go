package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web/vantage"
)

// troubled is a server with the troubles that the page measures, beside the
// diagnostic's own that has none.
type troubled struct {
	*shop
	url     string       // the server's origin
	nobody  string       // an origin where nobody listens
	waiting atomic.Int32 // requests that are held until their client goes
}

// passed is how many bytes of an answer pass before its trouble begins.
const passed = 20_000

func newTroubled(t *testing.T) *troubled {
	t.Helper()
	s := &troubled{shop: newShop(t), nobody: nobodysOrigin(t)}
	mux := http.NewServeMux()
	s.handleTransfers(mux)
	s.handleSockets(mux)
	mux.HandleFunc("POST /late", func(w http.ResponseWriter, r *http.Request) {
		within(r, 800*time.Millisecond)
		io.WriteString(w, "{}")
	})
	mux.HandleFunc("POST /far", func(w http.ResponseWriter, r *http.Request) { // large ones never come
		within(r, 800*time.Millisecond)
		if r.ContentLength > 4096 {
			s.hold(w, r)
			return
		}
		w.Header().Set("Timing-Allow-Origin", "*")
		json.NewEncoder(w).Encode(map[string]int64{"bytes": r.ContentLength})
	})
	mux.HandleFunc("POST /long", func(w http.ResponseWriter, r *http.Request) {
		within(r, 200*time.Millisecond)
		io.WriteString(w, "{}")
	})
	mux.HandleFunc("POST /timed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Timing-Allow-Origin", "*")
		io.WriteString(w, "{}")
	})
	var asked atomic.Int32
	mux.HandleFunc("POST /second-broken", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 2 { // half an answer: where there was none the browser would ask again
			w.Header().Set("Content-Length", "2")
			io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "{}")
	})
	var looked atomic.Int32
	mux.HandleFunc("POST /often-broken", func(w http.ResponseWriter, _ *http.Request) {
		if looked.Add(1)%2 == 0 {
			w.Header().Set("Content-Length", "2")
			io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "{}")
	})
	mux.HandleFunc("/hang", s.hold)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// hold takes everything, and answers nothing until the client goes; that is
// noticed only once all was taken.
func (s *troubled) hold(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	s.waiting.Add(1)
	defer s.waiting.Add(-1)
	<-r.Context().Done()
}

// within waits, but not for a client that went.
func within(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}

// handleTransfers adds answers that stop somewhere, and such as are none.
func (s *troubled) handleTransfers(mux *http.ServeMux) {
	some := func(w http.ResponseWriter, r *http.Request, bytes int) {
		io.WriteString(w, r.URL.Query().Get("nonce")) // the client may be gone: nobody is left to tell
		io.CopyN(w, rand.Reader, int64(bytes-len(r.URL.Query().Get("nonce"))))
		w.(http.Flusher).Flush()
	}
	announce := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", r.URL.Query().Get("bytes"))
	}
	mux.HandleFunc("GET /stall", func(w http.ResponseWriter, r *http.Request) {
		announce(w, r)
		some(w, r, passed)
		s.hold(w, r)
	})
	mux.HandleFunc("GET /bare", func(w http.ResponseWriter, r *http.Request) {
		announce(w, r)
		w.(http.Flusher).Flush()
		s.hold(w, r)
	})
	mux.HandleFunc("GET /cut", func(w http.ResponseWriter, r *http.Request) {
		announce(w, r)
		some(w, r, passed)
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("GET /short", func(w http.ResponseWriter, r *http.Request) { some(w, r, passed) })
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		some(w, r, 1000)
		for range 100 { // 80 kbit/s
			within(r, 100*time.Millisecond)
			io.CopyN(w, rand.Reader, 1000)
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("GET /gaps", func(w http.ResponseWriter, r *http.Request) {
		announce(w, r)
		some(w, r, 1000)
		for range 100 {
			within(r, 2*time.Second)
			io.CopyN(w, rand.Reader, 1000)
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("GET /portal", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "<!doctype html><title>Sign in</title>"+strings.Repeat(" ", passed))
	})
	take := func(w http.ResponseWriter, bytes int64) {
		w.Header().Set("Timing-Allow-Origin", "*")
		json.NewEncoder(w).Encode(map[string]int64{"bytes": bytes})
	}
	mux.HandleFunc("POST /swallow", func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 4096 {
			s.hold(w, r)
			return
		}
		take(w, r.ContentLength)
	})
	mux.HandleFunc("POST /sip", func(w http.ResponseWriter, r *http.Request) { // 40 kbit/s
		var all, n int64
		for err := error(nil); err == nil; all += n {
			within(r, 50*time.Millisecond)
			n, err = io.CopyN(io.Discard, r.Body, 256)
		}
		take(w, all)
	})
	mux.HandleFunc("POST /truncate", func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		json.NewEncoder(w).Encode(map[string]int64{"bytes": n - 1})
	})
	mux.HandleFunc("POST /abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// handleSockets adds WebSockets that do not do what they should.
func (s *troubled) handleSockets(mux *http.ServeMux) {
	socket := func(path string, act func(context.Context, *websocket.Conn)) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
			if err != nil {
				return
			}
			defer c.CloseNow()
			s.waiting.Add(1)
			defer s.waiting.Add(-1)
			act(r.Context(), c)
		})
	}
	silent := func(ctx context.Context, c *websocket.Conn) {
		for {
			if _, _, err := c.Read(ctx); err != nil {
				return
			}
		}
	}
	socket("/silent", silent)
	socket("/far-echo", func(ctx context.Context, c *websocket.Conn) {
		kind, message, err := c.Read(ctx)
		if err != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(1200 * time.Millisecond):
			c.Write(ctx, kind, message)
			silent(ctx, c)
		}
	})
	socket("/closed", func(_ context.Context, c *websocket.Conn) { c.Close(websocket.StatusGoingAway, "") })
	socket("/other-words", func(ctx context.Context, c *websocket.Conn) {
		c.Write(ctx, websocket.MessageText, []byte("hello"))
		silent(ctx, c)
	})
	mux.HandleFunc("GET /no-socket", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "no socket") })
}

// nobodysOrigin returns an origin where connections are refused.
func nobodysOrigin(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return "http://" + l.Addr().String()
}

// keepsCount makes a page count what our measuring opens, and what goes wrong
// unseen.
const keepsCount = countsHooks + `<script>
globalThis.opened = []
globalThis.rejected = []
addEventListener("unhandledrejection", ({reason}) => rejected.push(String(reason)))
for (const name of ["WebSocket", "RTCPeerConnection"]) {
	globalThis[name] = class extends globalThis[name] {
		constructor(...all) { super(...all); opened.push(this) }
	}
}
const isOpen = (it) => it instanceof RTCPeerConnection ? it.signalingState !== "closed" : it.readyState < WebSocket.CLOSING
globalThis.left = () => opened.filter(isOpen).length
</script>`

// measure runs one measurement in the page: an expression of m, the measures.
// A measurement that is not over long after its limit has none.
func (s *troubled) measure(t *testing.T, page probe.Page, expression string, limit int) map[string]any {
	t.Helper()
	return s.facts(t, page, fmt.Sprintf(`
		const [diag, server, nobody, limit, run] = [%q, %q, %q, %d, new AbortController()]
		const loader = await (await fetch(diag + "/checkout-doctor.js")).text()
		const core = await import(new URL(loader.match(/"(.+)checkout-doctor\.js"/)[1] + "run.js", diag).href)
		const m = core.measuring(run.signal)
		const before = globalThis.hooks?.size
		const start = performance.now()
		const result = await (%s)
		const late = performance.now() - start > limit + 2000
		return {result, late, hooks: globalThis.hooks?.size - before || 0, left: globalThis.left?.() ?? 0}`,
		s.diag, s.url, s.nobody, limit, expression))
}

// measured asserts that the measurement gives want, in time, and leaves nothing.
func (s *troubled) measured(t *testing.T, page probe.Page, expression string, limit int, want any) {
	t.Helper()
	got := s.measure(t, page, expression, limit)
	assert.Equal(t, map[string]any{"result": want, "late": false, "hooks": 0.0, "left": 0.0}, got)
}

func TestMeasures(t *testing.T) {
	s := newTroubled(t)
	page := s.open(t, keepsCount)
	outcome := func(of string) string { return of + ".then(({outcome}) => outcome)" }
	trips := func(of string) string { return of + ".then(({times, lost}) => [times.length, lost])" }
	// watched looks at the line four times, and tells whether something was lost.
	watched := func(url string) string {
		return `(async (url) => {
			m.watchLine(url)
			while (performance.getEntriesByName(url).length < 4) await new Promise((over) => setTimeout(over, 20))
			return m.lostOnLine() > 0
		})(` + url + `)`
	}
	tests := map[string]struct {
		measure string
		limit   int
		want    any
	}{
		"small requests pass":             {trips(`m.roundTrips(diag + "/vantage", 5, limit)`), 3000, []any{5.0, 0.0}},
		"few fit into the time":           {`m.roundTrips(server + "/late", 5, limit).then(({times, lost}) => [times.length <= 2, lost])`, 3000, []any{true, 0.0}},
		"one of them is lost":             {trips(`m.roundTrips(server + "/second-broken", 3, limit)`), 3000, []any{2.0, 1.0}},
		"they take long":                  {trips(`m.roundTrips(server + "/long", 5, limit)`), 3000, []any{3.0, 0.0}},
		"none is answered":                {trips(`m.roundTrips(server + "/hang", 5, limit)`), 300, []any{0.0, 1.0}},
		"nobody listens":                  {trips(`m.roundTrips(nobody + "/vantage", 2, limit)`), 3000, []any{0.0, 2.0}},
		"what is no address":              {trips(`m.roundTrips("https://", 2, limit)`), 3000, []any{0.0, 2.0}},
		"the line comes and goes":         {watched(`server + "/often-broken"`), 3000, true},
		"the line is there all the time":  {watched(`diag + "/vantage"`), 3000, false},
		"there is no line":                {watched(`nobody + "/vantage"`), 3000, false},
		"a large answer passes":           {outcome(`m.download(diag + "/transfer", 65536, limit)`), 4000, "passed"},
		"only its header comes":           {outcome(`m.download(server + "/bare", 65536, limit)`), 400, "stalled"},
		"nothing of it comes":             {outcome(`m.download(server + "/hang", 65536, limit)`), 400, "stalled"},
		"it is cut":                       {outcome(`m.download(server + "/cut", 65536, limit)`), 4000, "cut"},
		"it ends early":                   {outcome(`m.download(server + "/short", 65536, limit)`), 4000, "cut"},
		"it is slow":                      {`m.download(server + "/slow", 65536, limit).then(({outcome, kbits}) => [outcome, kbits > 5 && kbits < 100])`, 1500, []any{"passed", true}},
		"something else answers":          {outcome(`m.download(server + "/portal", 65536, limit)`), 4000, "failed"},
		"no such answer":                  {outcome(`m.download(server + "/gone", 65536, limit)`), 4000, "failed"},
		"nobody answers":                  {`m.download(nobody + "/transfer", 65536, limit)`, 4000, map[string]any{"outcome": "failed", "kbits": 0.0}},
		"an answer from no address":       {outcome(`m.download("https://", 65536, limit)`), 4000, "failed"},
		"a large request passes":          {`m.upload(diag + "/transfer", 200000, limit)`, 4000, "passed"},
		"it is small":                     {`m.upload(server + "/swallow", 1000, limit)`, 4000, "passed"},
		"nothing at all goes up":          {`m.upload(server + "/hang", 32768, limit)`, 400, "slow"},
		"not all of it arrives":           {`m.upload(server + "/truncate", 32768, limit)`, 4000, "failed"},
		"it is turned down":               {`m.upload(server + "/abort", 32768, limit)`, 4000, "failed"},
		"something else takes it":         {`m.upload(server + "/late", 32768, limit)`, 4000, "failed"},
		"nobody takes it":                 {`m.upload(nobody + "/transfer", 32768, limit)`, 4000, "failed"},
		"a socket answers":                {`m.socket(diag + "/socket", "n1", limit)`, 3000, "answered"},
		"a socket by its own scheme":      {`m.socket(diag.replace("http", "ws") + "/socket", "n1", limit)`, 3000, "answered"},
		"a socket that hangs":             {`m.socket(server + "/hang", "n1", limit)`, 300, "timed-out"},
		"a socket without an answer":      {`m.socket(server + "/silent", "n1", limit)`, 300, "timed-out"},
		"a socket that closes":            {`m.socket(server + "/closed", "n1", limit)`, 3000, "failed"},
		"a socket that says other things": {`m.socket(server + "/other-words", "n1", limit)`, 3000, "failed"},
		"a socket that is none":           {`m.socket(server + "/no-socket", "n1", limit)`, 3000, "failed"},
		"a socket where nobody is":        {`m.socket(nobody + "/socket", "n1", limit)`, 3000, "failed"},
		"a socket to no address":          {`m.socket("https://", "n1", limit)`, 3000, "failed"},
		"a run that was cancelled before": {`(run.abort(), Promise.all([m.roundTrips(server + "/hang", 5, 9000).then(({lost}) => lost), ` +
			outcome(`m.download(server + "/hang", 9, 9000)`) + `, m.upload(server + "/hang", 9, 9000), m.socket(server + "/hang", "n", 9000), m.candidates("stun:127.0.0.1", 9000)]))`,
			0, []any{0.0, "stalled", "slow", "timed-out", []any{}}},
		"a run that is cancelled": {`(setTimeout(() => run.abort(), 50), Promise.all([m.roundTrips(server + "/hang", 5, 9000).then(({lost}) => lost), ` +
			outcome(`m.download(server + "/bare", 9, 9000)`) + `, m.upload(server + "/hang", 9, 9000), m.socket(server + "/hang", "n", 9000)]))`,
			50, []any{1.0, "stalled", "slow", "timed-out"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { s.measured(t, page, tt.measure, tt.limit, tt.want) })
	}
	assert.Eventually(t, func() bool { return s.waiting.Load() == 0 }, waitLimit, 10*time.Millisecond, "no request is left open")
	var rejected []string
	require.NoError(t, page.Eval(s.ctx, "rejected", &rejected))
	assert.Empty(t, rejected)
}

// TestWhatIsSlowIsNotStuck, up or down, and what is stuck on one connection is
// told while others pass.
func TestWhatIsSlowIsNotStuck(t *testing.T) {
	s := newTroubled(t)
	page := s.open(t, keepsCount)
	tests := map[string]struct {
		measure string
		want    any
	}{
		"an answer that stops":           {`m.download(server + "/stall", 65536, limit).then(({outcome, kbits}) => [outcome, kbits > 0])`, []any{"stalled", true}},
		"an answer with long gaps":       {`m.download(server + "/gaps", 65536, limit).then(({outcome, kbits}) => [outcome, kbits >= 2 && kbits <= 6])`, []any{"passed", true}},
		"a request that is swallowed":    {`m.upload(server + "/swallow", 32768, 4000)`, "stalled"},
		"a request that is taken slowly": {`m.upload(server + "/sip", 32768, 4000)`, "slow"},
	}
	var all []string
	want := map[string]any{"others": true}
	for name, tt := range tests {
		all = append(all, fmt.Sprintf("%q: %s", name, tt.measure))
		want[name] = tt.want
	}
	s.measured(t, page, `(async (tests) => {
		m.watchLine(server + "/timed")
		const results = await Promise.all(Object.values(tests))
		const asked = performance.getEntriesByName(server + "/timed").length
		return {...Object.fromEntries(Object.keys(tests).map((name, i) => [name, results[i]])), others: asked > 10 && !m.lostOnLine()}
	})({`+strings.Join(all, ",")+`})`, 7000, want)
	assert.Eventually(t, func() bool { return s.waiting.Load() == 0 }, waitLimit, 10*time.Millisecond, "no request is left open")
}

// TestWhatIsFarIsNotStuck: where round trips are long, what takes several has as
// long as they take, and where there is no time for them nothing is known.
func TestWhatIsFarIsNotStuck(t *testing.T) {
	s := newTroubled(t)
	page := s.open(t, keepsCount)
	tests := map[string]struct {
		measure string // once a round trip is known to take 800 ms
		want    any
	}{
		"a large request that had not two round trips": {`m.upload(server + "/far", 32768, 3500)`, "slow"},
		"a socket that answers after its limit":        {`m.socket(server + "/far-echo", "n", 1000)`, "answered"},
		"a socket that had as long as it needs":        {`m.socket(server + "/silent", "n", 3000)`, "timed-out"},
		"a socket that had not so long":                {`m.socket(server + "/silent", "n", 600)`, "slow"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s.measured(t, page, `m.roundTrips(server + "/late", 1, 3000).then(() => `+tt.measure+`)`, 6000, tt.want)
		})
	}
	assert.Eventually(t, func() bool { return s.waiting.Load() == 0 }, waitLimit, 10*time.Millisecond, "nothing is left open")
}

// TestARoundTripIsTheNetworksAlone where the server lets the page know: what
// else keeps the page busy does not count.
func TestARoundTripIsTheNetworksAlone(t *testing.T) {
	s := newTroubled(t)
	page := s.open(t, keepsCount)
	const busy = `, () => { const until = performance.now() + 1000; while (performance.now() < until); }`
	for path, counts := range map[string]bool{"/timed": false, "/second-broken": true} {
		t.Run(path, func(t *testing.T) {
			s.measured(t, page, `((trips, work) => (work(), trips))(m.roundTrips(server + "`+path+`", 1, limit)`+busy+`)
				.then(({times: [time]}) => time >= 1000)`, 3000, counts)
		})
	}
}

// TestMeasuringInAHostilePage gives a result whatever the page has made of the
// browser's own functions.
func TestMeasuringInAHostilePage(t *testing.T) {
	s := newTroubled(t)
	const fetchAgain = "const {fetch: real} = globalThis; const ours = (url) => !/\\/(transfer|vantage|hang|stall)/.test(url);"
	tests := map[string]struct {
		spoil, measure string
		limit          int
		want           any
	}{
		"no WebRTC":                  {`delete globalThis.RTCPeerConnection`, `m.candidates("stun:127.0.0.1", limit)`, 1500, nil},
		"WebRTC that is refused":     {`globalThis.RTCPeerConnection = function () { throw new Error("refused") }`, `m.candidates("stun:127.0.0.1", limit)`, 1500, nil},
		"WebRTC that is a stub":      {`globalThis.RTCPeerConnection = class {}`, `m.candidates("stun:127.0.0.1", limit)`, 1500, nil},
		"WebRTC that does nothing":   {`globalThis.RTCPeerConnection = class { createDataChannel() {} createOffer() { return new Promise(() => {}) } }`, `m.candidates("stun:127.0.0.1", limit)`, 200, []any{}},
		"no WebSocket":               {`delete globalThis.WebSocket`, `m.socket(diag + "/socket", "n", limit)`, 3000, "failed"},
		"a WebSocket that is a stub": {`globalThis.WebSocket = class {}`, `m.socket(diag + "/socket", "n", limit)`, 200, "timed-out"},
		"no PerformanceObserver":     {`delete globalThis.PerformanceObserver`, `m.roundTrips(diag + "/vantage", 2, limit).then(({times}) => times.every((time) => time > 0))`, 3000, true},
		"a full list of timings":     {`performance.setResourceTimingBufferSize(0)`, `m.roundTrips(diag + "/vantage", 2, limit).then(({times}) => times.length)`, 3000, 2.0},
		"no combined signals":        {`delete AbortSignal.any; delete AbortSignal.timeout`, `m.download(server + "/hang", 65536, limit)`, 200, map[string]any{"outcome": "stalled", "kbits": 0.0}},
		"no streams":                 {`Object.defineProperty(Response.prototype, "body", {value: undefined})`, `m.download(diag + "/transfer", 65536, limit).then(({outcome, kbits}) => [outcome, kbits > 0])`, 4000, []any{"passed", true}},
		"no streams, and it stalls":  {`Object.defineProperty(Response.prototype, "body", {value: undefined})`, `m.download(server + "/stall", 65536, limit)`, 300, map[string]any{"outcome": "stalled", "kbits": 0.0}},
		"a fetch that throws": {fetchAgain + `globalThis.fetch = (url, ...all) => { if (ours(url)) return real(url, ...all); throw new Error("no") }`,
			`Promise.all([m.download(diag + "/transfer", 9, limit), m.upload(diag + "/transfer", 9, limit), m.roundTrips(diag + "/vantage", 2, limit)])`, 4000,
			[]any{map[string]any{"outcome": "failed", "kbits": 0.0}, "failed", map[string]any{"times": []any{}, "lost": 2.0}}},
		"a fetch that never ends": {fetchAgain + `globalThis.fetch = (url, ...all) => ours(url) ? real(url, ...all) : new Promise(() => {})`,
			`Promise.all([m.download(diag + "/transfer", 9, limit), m.upload(diag + "/transfer", 9, limit), m.roundTrips(diag + "/vantage", 2, limit)])`, 300,
			[]any{map[string]any{"outcome": "stalled", "kbits": 0.0}, "slow", map[string]any{"times": []any{}, "lost": 1.0}}},
		"a fetch that gives nothing": {fetchAgain + `globalThis.fetch = async (url, ...all) => ours(url) ? real(url, ...all) : undefined`,
			`Promise.all([m.download(diag + "/transfer", 9, limit), m.upload(diag + "/transfer", 9, limit), m.roundTrips(diag + "/vantage", 2, limit)])`, 3000,
			[]any{map[string]any{"outcome": "failed", "kbits": 0.0}, "failed", map[string]any{"times": []any{}, "lost": 2.0}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			page := s.open(t, `<script>globalThis.rejected = []; addEventListener("unhandledrejection", ({reason}) => rejected.push(String(reason)));`+tt.spoil+`</script>`)
			s.measured(t, page, tt.measure, tt.limit, tt.want)
			var rejected []string
			require.NoError(t, page.Eval(s.ctx, "rejected", &rejected))
			assert.Empty(t, rejected)
		})
	}
}

// TestPublicAddressesOfWebRTC are those that STUN tells, and no others.
func TestPublicAddressesOfWebRTC(t *testing.T) {
	s := newTroubled(t)
	listen := func(serve bool) string {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		if serve {
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- vantage.ServeSTUN(ctx, conn) }()
			t.Cleanup(func() { stop(); assert.NoError(t, <-done) })
		}
		return strconv.Quote("stun:" + conn.LocalAddr().String())
	}
	page := s.open(t, keepsCount)
	s.measured(t, page, `m.candidates(`+listen(true)+`, limit)`, 1500, []any{"127.0.0.1"})
	s.measured(t, page, `m.candidates(`+listen(false)+`, limit)`, 300, []any{})
	s.measured(t, page, `m.candidates("https://no.stun/", limit)`, 1500, nil)
}

// TestOfflineEventsAreCounted from the beginning of each run.
func TestOfflineEventsAreCounted(t *testing.T) {
	s := newTroubled(t)
	page := s.open(t, "")
	s.measured(t, page, `(globalThis.first = m).offlineEvents()`, 0, 0.0)
	require.NoError(t, page.SetOffline(s.ctx, true))
	require.NoError(t, page.SetOffline(s.ctx, false))
	s.measured(t, page, `[first.offlineEvents(), m.offlineEvents()]`, 0, []any{1.0, 0.0})
}
