package lab

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheLabAlsoAnswersOnAListenerOfSomebodyElses(t *testing.T) {
	l, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	also, other := listenAlso(t), listenAlso(t)
	l.ServeOn(also)
	l.ServeOn(other)
	for _, listener := range []net.Listener{also, other} {
		s := newShopper(t, l)
		s.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, listener.Addr().String())
		}
		assert.Equal(t, http.StatusOK, s.get(l.LinkURL()).status)
	}
	require.NoError(t, other.Close(), "the one does not need the other")
	require.NoError(t, l.Close())
	_, err = also.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
}

func listenAlso(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return listener
}
