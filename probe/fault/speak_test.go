package fault_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/fault"
)

func TestASignInPage(t *testing.T) {
	_, client := setupWith(t, fault.Options{Rest: fault.Rule{Action: fault.Portal}}, hello)
	body, err := get(client, "https://acs.issuer.test/path?secret=1")
	require.NoError(t, err)
	assert.Contains(t, body, "Sign in to use this network")

	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for range 2 { // the connection is used again
		response, err := client.Post("https://acs.issuer.test/path?secret=1", "text/plain", strings.NewReader("question"))
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, http.StatusFound, response.StatusCode)
		assert.Equal(t, "https://sign-in.portal.test/", response.Header.Get("Location"))
		assert.Empty(t, response.Header.Get("Access-Control-Allow-Origin"))
	}
}

func TestAnInspectingProxy(t *testing.T) {
	for name, test := range map[string]struct {
		noSockets bool
		status    int
	}{
		"that passes WebSockets":  {false, http.StatusSwitchingProtocols},
		"that refuses WebSockets": {true, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			rule := fault.Rule{Action: fault.Inspect, NoSockets: test.noSockets}
			_, client := setupWith(t, fault.Options{Rest: rule}, echoSocket)
			client.Timeout = 0 // what it puts around a body hides that one can write to it
			response, err := client.Get("https://acs.issuer.test/")
			require.NoError(t, err)
			seen, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, "1.1 proxy.office.test", string(seen), "the server is told")
			assert.Equal(t, "1.1 proxy.office.test", response.Header.Get("Via"), "and the browser")

			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://acs.issuer.test/", nil)
			require.NoError(t, err)
			request.Header.Set("Connection", "Upgrade")
			request.Header.Set("Upgrade", "websocket")
			response, err = client.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, test.status, response.StatusCode)
			if test.noSockets {
				return
			}
			assert.Equal(t, "websocket", response.Header.Get("Upgrade"))
			socket := response.Body.(io.ReadWriteCloser)
			for _, text := range []string{"hello", "again"} {
				_, err := io.WriteString(socket, text)
				require.NoError(t, err)
				echoed := make([]byte, len(text))
				_, err = io.ReadFull(socket, echoed)
				require.NoError(t, err)
				assert.Equal(t, text, string(echoed))
			}
		})
	}
}

// echoSocket says what proxies the request came by, or, where it asks for a
// WebSocket, what it is told.
func echoSocket(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		io.WriteString(w, r.Header.Get("Via"))
		return
	}
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	io.Copy(conn, buffered)
}
