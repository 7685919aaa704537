package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// socketOf opens the handler's WebSocket, from a page of another origin.
func socketOf(t *testing.T, h http.Handler) *websocket.Conn {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	socket, answer, err := websocket.Dial(t.Context(), server.URL+"/socket", &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"https://shop.example"}},
	})
	require.NoError(t, err)
	assert.Equal(t, http.StatusSwitchingProtocols, answer.StatusCode)
	t.Cleanup(func() { _ = socket.CloseNow() })
	return socket
}

func TestSocketSendsOneMessageBack(t *testing.T) {
	for name, h := range map[string]http.Handler{"site": site(t, Options{}), "helper": helperSite(t)} {
		t.Run(name, func(t *testing.T) {
			socket := socketOf(t, h)
			message := strings.Repeat("å", maxMessage/2)
			require.NoError(t, socket.Write(t.Context(), websocket.MessageText, []byte(message)))
			kind, got, err := socket.Read(t.Context())
			require.NoError(t, err)
			assert.Equal(t, websocket.MessageText, kind)
			assert.Equal(t, message, string(got))
			_, _, err = socket.Read(t.Context())
			assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))
		})
	}
}

func TestSocketRefusesOtherMessages(t *testing.T) {
	tests := []struct {
		name    string
		kind    websocket.MessageType
		message string
		want    websocket.StatusCode
	}{
		{"a long one", websocket.MessageText, strings.Repeat("x", maxMessage+1), websocket.StatusMessageTooBig},
		{"one that is no text", websocket.MessageBinary, "x", websocket.StatusUnsupportedData},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			socket := socketOf(t, site(t, Options{}))
			require.NoError(t, socket.Write(t.Context(), tt.kind, []byte(tt.message)))
			_, _, err := socket.Read(t.Context())
			assert.Equal(t, tt.want, websocket.CloseStatus(err))
		})
	}
}

func TestSocketIsForWebSocketsOnly(t *testing.T) {
	assert.Equal(t, http.StatusUpgradeRequired, ask(site(t, Options{}), "GET", "/socket", "").StatusCode)
}
