package web

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage"
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

// rawSocket opens the handler's WebSocket by hand, and answers nothing by itself.
func rawSocket(t *testing.T, h http.Handler) net.Conn {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = conn.Write([]byte("GET /socket HTTP/1.1\r\nHost: doctor.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"))
	require.NoError(t, err)
	return conn
}

func TestSocketEndsInTimeWhateverTheClientDoes(t *testing.T) {
	for name, sent := range map[string][]byte{
		"it says nothing":           nil,
		"it sends half of a frame":  {0x81},
		"it does not answer to bye": {0x81, 0x81, 0, 0, 0, 0, 'x'},
		"nor after another message": {0x82, 0x81, 0, 0, 0, 0, 'x'},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := rawSocket(t, sockets{as(vantage.Client{}), newPlaces(1, 1), 100 * time.Millisecond})
			_, err := conn.Write(sent)
			require.NoError(t, err)
			require.NoError(t, conn.SetDeadline(time.Now().Add(3*time.Second))) // the library waits for 5
			answer, err := io.ReadAll(conn)
			assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
			assert.Contains(t, string(answer), "101 Switching Protocols")
		})
	}
}

func TestSocketsHaveABoundTogether(t *testing.T) {
	server := httptest.NewServer(sockets{as(vantage.Client{}), newPlaces(2, 1), time.Minute})
	defer server.Close()
	dial := func() (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(t.Context(), server.URL+"/socket", nil)
	}
	first, _, err := dial()
	require.NoError(t, err)
	second, _, err := dial()
	require.NoError(t, err)
	defer second.CloseNow()
	_, answer, err := dial()
	require.Error(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	assert.Equal(t, "1", answer.Header.Get("Retry-After"))
	require.NoError(t, first.CloseNow())
	require.Eventually(t, func() bool {
		third, _, err := dial()
		if err != nil {
			return false
		}
		return third.CloseNow() == nil
	}, 10*time.Second, 10*time.Millisecond, "a place is free again")
}

func TestSocketIsForWebSocketsOnly(t *testing.T) {
	assert.Equal(t, http.StatusUpgradeRequired, ask(site(t, Options{}), "GET", "/socket", "").StatusCode)
}

// TestOneClientLeavesPlacesToOthers: who keeps open all that it may leaves places to
// all others, and what is known of it takes no memory afterwards.
func TestOneClientLeavesPlacesToOthers(t *testing.T) {
	address := netip.MustParseAddr
	p := newPlaces(4, 2)
	greedy := address("2001:db8::1")
	require.True(t, p.take(greedy) && p.take(address("2001:db8::2")))
	assert.False(t, p.take(address("2001:db8::3")), "a privacy address of the same /64")
	assert.True(t, p.take(address("2001:db8:0:1::1")), "another client")
	assert.True(t, p.take(netip.Addr{}), "one that nobody knows")
	assert.False(t, p.take(address("192.0.2.7")), "there are no more")
	p.leave(netip.Addr{})
	p.leave(greedy)
	assert.True(t, p.take(greedy), "its place is free again")
	for _, client := range []netip.Addr{greedy, greedy, address("2001:db8:0:1::1")} {
		p.leave(client)
	}
	assert.Zero(t, p.all)
	assert.Empty(t, p.ofOne)
}

func TestClientsThatNobodyKnowsShareAllPlaces(t *testing.T) {
	p := newPlaces(4, 2)
	for range 4 {
		assert.True(t, p.take(netip.Addr{}))
	}
	assert.False(t, p.take(netip.Addr{}))
}

// TestAClientHasABoundOfItsOwn behind the site's own handler.
func TestAClientHasABoundOfItsOwn(t *testing.T) {
	client := from("192.0.2.7", "SE")
	s := newSockets(func(*http.Request) vantage.Client { return client })
	for range maxClientSockets {
		require.True(t, s.places.take(client.Address))
	}
	assert.Equal(t, http.StatusServiceUnavailable, ask(s, "GET", "/socket", "").StatusCode)
	client = from("192.0.2.8", "SE")
	assert.Equal(t, http.StatusUpgradeRequired, ask(s, "GET", "/socket", "").StatusCode, "another client has its own")
}
