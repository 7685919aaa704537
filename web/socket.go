package web

import (
	"bufio"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/coder/websocket"

	"checkoutdoctor/web/vantage"
)

// The bounds of WebSockets: the bytes of their one message, how long one may
// take, and how many a site has open at a time, of all and of one client. A browser
// shows a page no status of a WebSocket that is refused, so that a bound looks like a
// network that lets none pass: an office that shares one address must not meet its
// own, nor all be refused by what one client keeps open.
const (
	maxMessage       = 128
	socketLimit      = 4 * time.Second // its message comes a round trip after its upgrade
	maxSockets       = 2048
	maxClientSockets = 128
)

// sockets answers WebSockets. Any page may ask: nothing here depends on who
// does.
type sockets struct {
	client func(*http.Request) vantage.Client
	places *places
	limit  time.Duration // of each
}

func newSockets(client func(*http.Request) vantage.Client) sockets {
	return sockets{client, newPlaces(maxSockets, maxClientSockets), socketLimit}
}

// ServeHTTP sends one text message back and ends.
func (s sockets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	client := s.client(r).LimitAddress()
	if !s.places.take(client) {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many sockets", http.StatusServiceUnavailable)
		return
	}
	defer s.places.leave(client)
	echoOnce(bounded{w, time.Now().Add(s.limit)}, r)
}

// places bounds how many are there at a time, of all and of each client whose address
// is known. It is safe for concurrent use.
type places struct {
	most, mostOfOne int

	mu    sync.Mutex
	all   int
	ofOne map[uint64]int // by vantage.LimitKey; none is 0
}

func newPlaces(most, mostOfOne int) *places {
	return &places{most: most, mostOfOne: mostOfOne, ofOne: make(map[uint64]int)}
}

// take tells whether there was a place for the client; it has it until leave.
func (p *places) take(client netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := vantage.LimitKey(client)
	if p.all >= p.most || client.IsValid() && p.ofOne[key] >= p.mostOfOne {
		return false
	}
	p.all++
	p.ofOne[key]++
	return true
}

func (p *places) leave(client netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := vantage.LimitKey(client)
	p.all--
	if p.ofOne[key]--; p.ofOne[key] == 0 {
		delete(p.ofOne, key)
	}
}

func echoOnce(w http.ResponseWriter, r *http.Request) {
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer socket.CloseNow()
	socket.SetReadLimit(maxMessage)
	kind, message, err := socket.Read(r.Context())
	if err != nil {
		return // the client is gone or has been told, and nobody else is
	}
	if kind != websocket.MessageText {
		socket.Close(websocket.StatusUnsupportedData, "want text")
		return
	}
	if err := socket.Write(r.Context(), kind, message); err != nil {
		return
	}
	socket.Close(websocket.StatusNormalClosure, "")
}

// bounded is a response whose connection, once it is taken over, ends at that
// time, whatever the client does or leaves undone.
type bounded struct {
	http.ResponseWriter
	end time.Time
}

// Hijack takes the connection over.
func (b bounded) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(b.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return conn, buffered, conn.SetDeadline(b.end)
}
