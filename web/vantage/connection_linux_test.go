package vantage

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What Linux announces over its loopback: the MTU of 65536 bytes, or 65535 as
// no IPv4 packet is larger, less the headers.
const (
	loopbackMSS  = 65535 - 20 - 20
	loopbackMSS6 = 65536 - 40 - 20
)

// watched serves the handler so that connections can be looked at.
func watched(t *testing.T, address string, secure, http2 bool, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	listener, err := Listen(t.Context(), address)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	require.NoError(t, server.Listener.Close())
	server.Listener, server.EnableHTTP2 = listener, http2
	server.Config.ConnContext = ConnContext
	if secure {
		server.TLS = TLSConfig(&tls.Config{})
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

func TestConnectionOverLoopback(t *testing.T) {
	tests := []struct {
		name          string
		secure, http2 bool
		want          int // major version
	}{
		{"plain", false, false, 1},
		{"TLS", true, false, 1},
		{"HTTP/2", true, true, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := watched(t, "127.0.0.1:0", tt.secure, tt.http2, func(_ http.ResponseWriter, r *http.Request) {
				c := ConnectionOf(r)
				assert.Equal(t, loopbackMSS, c.MSS)
				assert.Greater(t, c.PathMTU, loopbackMSS)
				assert.Positive(t, c.RTT)
				assert.Less(t, c.RTT, time.Second)
				assert.Equal(t, tt.want, r.ProtoMajor)
			})
			for range 2 { // what is kept of the connection outlives its first request
				answer, err := server.Client().Get(server.URL)
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				assert.Equal(t, 200, answer.StatusCode)
			}
		})
	}
}

func TestConnectionOverIPv6(t *testing.T) {
	if probe, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skipf("there is no IPv6 here: %v", err)
	} else {
		require.NoError(t, probe.Close())
	}
	server := watched(t, "[::1]:0", false, false, func(_ http.ResponseWriter, r *http.Request) {
		assert.Equal(t, loopbackMSS6, ConnectionOf(r).MSS)
	})
	answer, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
}

func TestConnectionsThatCannotBeLookedAt(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	r := httptest.NewRequest("GET", "/", nil)
	assert.Zero(t, ConnectionOf(r), "nobody has remembered it")
	assert.Zero(t, ConnectionOf(r.WithContext(ConnContext(context.Background(), here))), "no socket")

	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	accepted, err := listener.Accept()
	require.NoError(t, err)
	ctx := ConnContext(context.Background(), accepted)
	require.NoError(t, accepted.Close())
	assert.Equal(t, Connection{MSS: loopbackMSS}, ConnectionOf(r.WithContext(ctx)), "closed meanwhile")
}
