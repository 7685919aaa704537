package web

import (
	"bufio"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// The bounds of WebSockets: the bytes of their one message, how long one may
// take, and how many a site has open at a time. Their number is not bounded for
// each client: a browser shows a page no status of a WebSocket that is refused,
// so that a limit would look like a network that lets none pass.
const (
	maxMessage  = 128
	socketLimit = 4 * time.Second // a page waits for 3
	maxSockets  = 2048
)

// sockets answers WebSockets. Any page may ask: nothing here depends on who
// does.
type sockets struct {
	places chan struct{} // one for each that is open
	limit  time.Duration // of each
}

func newSockets(most int, limit time.Duration) sockets {
	return sockets{make(chan struct{}, most), limit}
}

// ServeHTTP sends one text message back and ends.
func (s sockets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
		echoOnce(bounded{w, time.Now().Add(s.limit)}, r)
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many sockets", http.StatusServiceUnavailable)
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
