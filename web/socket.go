package web

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"checkoutdoctor/web/vantage"
)

// The bounds of a WebSocket: the bytes of its message, and how long it may take.
const (
	maxMessage  = 128
	socketLimit = 10 * time.Second
)

// echoOnce sends one text message back and ends. Any page may ask: nothing
// here depends on who does.
func echoOnce(w http.ResponseWriter, r *http.Request, _ vantage.Client) {
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer socket.CloseNow()
	socket.SetReadLimit(maxMessage)
	ctx, cancel := context.WithTimeout(r.Context(), socketLimit)
	defer cancel()
	kind, message, err := socket.Read(ctx)
	if err != nil {
		return // the client is gone or has been told, and nobody else is
	}
	if kind != websocket.MessageText {
		socket.Close(websocket.StatusUnsupportedData, "want text")
		return
	}
	if err := socket.Write(ctx, kind, message); err != nil {
		return
	}
	socket.Close(websocket.StatusNormalClosure, "")
}
