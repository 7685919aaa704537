package vantage

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/stun/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// question builds a binding request with further parts.
func question(t testing.TB, setters ...stun.Setter) []byte {
	t.Helper()
	m, err := stun.Build(append([]stun.Setter{stun.TransactionID, stun.BindingRequest}, setters...)...)
	require.NoError(t, err)
	return m.Raw
}

func decoded(t testing.TB, raw []byte) *stun.Message {
	t.Helper()
	m := new(stun.Message)
	require.NoError(t, stun.Decode(raw, m))
	return m
}

func TestBindingAnswerIsTheAddress(t *testing.T) {
	tests := []struct {
		name, from, want string
		size             int
	}{
		{"IPv4", "192.0.2.7:4711", "192.0.2.7:4711", 32},
		{"IPv4 on a socket of both families", "[::ffff:192.0.2.7]:4711", "192.0.2.7:4711", 32},
		{"IPv6", "[2001:db8::1]:4711", "[2001:db8::1]:4711", 44},
		{"IPv6 with a zone", "[fe80::1%eth0]:4711", "[fe80::1]:4711", 44},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := question(t)
			raw := bindingAnswer(asked, netip.MustParseAddrPort(tt.from))
			assert.Len(t, raw, tt.size, "no larger than it needs to be")
			answer := decoded(t, raw)
			assert.Equal(t, stun.BindingSuccess, answer.Type)
			assert.Equal(t, decoded(t, asked).TransactionID, answer.TransactionID)
			var address stun.XORMappedAddress
			require.NoError(t, address.GetFrom(answer))
			assert.Equal(t, tt.want, address.String())
		})
	}
}

func TestBindingAnswerToAnAttributeThatItDoesNotUnderstand(t *testing.T) {
	answer := decoded(t, bindingAnswer(question(t, stun.RawAttribute{Type: stun.AttrChangeRequest, Value: make([]byte, 4)}), netip.MustParseAddrPort("192.0.2.7:1")))
	assert.Equal(t, stun.BindingError, answer.Type)
	var code stun.ErrorCodeAttribute
	require.NoError(t, code.GetFrom(answer))
	assert.Equal(t, stun.CodeUnknownAttribute, code.Code)
	var unknown stun.UnknownAttributes
	require.NoError(t, unknown.GetFrom(answer))
	assert.Equal(t, stun.UnknownAttributes{stun.AttrChangeRequest}, unknown)
}

func TestWhatIsAnsweredAndWhatIsNot(t *testing.T) {
	indication, err := stun.Build(stun.TransactionID, stun.NewType(stun.MethodBinding, stun.ClassIndication))
	require.NoError(t, err)
	allocate, err := stun.Build(stun.TransactionID, stun.NewType(stun.MethodAllocate, stun.ClassRequest))
	require.NoError(t, err)
	tests := []struct {
		name     string
		request  []byte
		answered bool
	}{
		{"as browsers ask", question(t), true},
		{"as ICE asks", question(t, stun.NewUsername("a:b"), stun.NewShortTermIntegrity("x"), stun.Fingerprint), true},
		{"an attribute that may be ignored", question(t, stun.NewSoftware("x")), true},
		{"an answer", bindingAnswer(question(t), netip.MustParseAddrPort("192.0.2.7:1")), false},
		{"an indication", indication.Raw, false},
		{"TURN", allocate.Raw, false},
		{"STUN without the magic cookie", func() []byte { q := question(t); q[4] = 0; return q }(), false},
		{"a length that is a lie", func() []byte { q := question(t); q[3] = 8; return q }(), false},
		{"longer than it may be", append(question(t), make([]byte, maxSTUN)...), false},
		{"no STUN", []byte("GET / HTTP/1.1\r\n\r\n"), false},
		{"nothing", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.answered, bindingAnswer(tt.request, netip.MustParseAddrPort("192.0.2.7:1")) != nil)
		})
	}
}

func TestSTUNIsLimited(t *testing.T) {
	limit, _ := stopped(1, 3, 64)
	one := &net.UDPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 1}
	for range 3 {
		assert.NotNil(t, answerSTUN(limit, question(t), one))
	}
	assert.Nil(t, answerSTUN(limit, question(t), &net.UDPAddr{IP: one.IP, Port: 2}), "another port is no other client")
	assert.NotNil(t, answerSTUN(limit, question(t), &net.UDPAddr{IP: net.IPv4(192, 0, 2, 8), Port: 1}))
	assert.Nil(t, answerSTUN(limit, question(t), &net.UnixAddr{}))
}

// asked sends the request to a STUN server and returns its answer.
func asked(t *testing.T, server net.Addr, request []byte) *stun.Message {
	t.Helper()
	client, err := net.Dial(server.Network(), server.String())
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = client.Write(request)
	require.NoError(t, err)
	answer := make([]byte, maxSTUN)
	n, err := client.Read(answer)
	require.NoError(t, err)
	m := decoded(t, answer[:n])
	var address stun.XORMappedAddress
	require.NoError(t, address.GetFrom(m))
	assert.Equal(t, client.LocalAddr().String(), address.String())
	return m
}

func TestSTUNServer(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			conn, err := net.ListenPacket("udp", address)
			if err != nil {
				t.Skipf("there is no such address here: %v", err)
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- ServeSTUN(ctx, conn) }()
			request := question(t)
			noise, err := net.Dial("udp", conn.LocalAddr().String())
			require.NoError(t, err)
			defer noise.Close()
			for _, datagram := range [][]byte{{}, bytes.Repeat([]byte("x"), 4096), request[:19]} {
				_, err := noise.Write(datagram)
				require.NoError(t, err)
			}
			assert.Equal(t, decoded(t, request).TransactionID, asked(t, conn.LocalAddr(), request).TransactionID)
			stop()
			assert.NoError(t, <-ended)
			assert.ErrorIs(t, conn.SetDeadline(time.Now()), net.ErrClosed)
		})
	}
}

func TestSTUNServerWithoutASocket(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	err = ServeSTUN(t.Context(), conn)
	assert.ErrorContains(t, err, "read a STUN request")
	assert.ErrorIs(t, err, net.ErrClosed)
}

// brokenConn fails a number of reads, gives one request, and then nothing until
// it is closed.
type brokenConn struct {
	net.PacketConn
	failures int
	request  []byte
	answered chan []byte
	closing  sync.Once
	closed   chan struct{}
	room     int // what it was last given to read into
}

func (c *brokenConn) ReadFrom(b []byte) (int, net.Addr, error) {
	c.room = len(b)
	if c.failures > 0 {
		c.failures--
		return 0, nil, errors.New("network is unreachable")
	}
	if c.request == nil {
		<-c.closed
		return 0, nil, net.ErrClosed
	}
	n := copy(b, c.request)
	c.request = nil
	return n, &net.UDPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 1}, nil
}

func (c *brokenConn) WriteTo(b []byte, _ net.Addr) (int, error) {
	c.answered <- bytes.Clone(b)
	return len(b), nil
}

func (c *brokenConn) Close() error {
	c.closing.Do(func() { close(c.closed) })
	return nil
}

func TestSTUNServerOutlivesANetworkThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := &brokenConn{failures: 1000, request: question(t), answered: make(chan []byte, 1), closed: make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- ServeSTUN(ctx, conn) }()
		assert.Equal(t, stun.BindingSuccess, decoded(t, <-conn.answered).Type)
		assert.Greater(t, time.Since(began), 900*time.Second, "it does not ask without a pause")
		stop()
		assert.NoError(t, <-ended)
		assert.Equal(t, 1<<16, conn.room)
	})
}

func TestSTUNServerEndsWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer stop()
		conn := &brokenConn{failures: 1 << 30, closed: make(chan struct{})}
		began := time.Now()
		assert.NoError(t, ServeSTUN(ctx, conn))
		assert.Equal(t, 100*time.Millisecond, time.Since(began))
	})
}

func TestSTUNAt(t *testing.T) {
	for host, want := range map[string]string{
		"doctor.example":         "stun:doctor.example:3478",
		"doctor.example:8443":    "stun:doctor.example:3478",
		"192.0.2.7:80":           "stun:192.0.2.7:3478",
		"[2001:db8::1]:80":       "stun:[2001:db8::1]:3478",
		"[2001:db8::1]":          "stun:[2001:db8::1]:3478",
		"[fe80::1%25eth0]:80":    "",
		"":                       "",
		"a b":                    "",
		"doctor.example/x?y":     "",
		`"><script>`:             "",
		"doctor.example:80:80":   "",
		"user@doctor.example:80": "",
	} {
		r := httptest.NewRequest("POST", "/vantage", nil)
		r.Host = host
		assert.Equal(t, want, STUNAt(3478)(r), host)
	}
}

func FuzzBindingAnswer(f *testing.F) {
	f.Add(question(f))
	f.Add(question(f, stun.NewUsername("a:b"), stun.NewShortTermIntegrity("x"), stun.Fingerprint))
	f.Add(question(f, stun.RawAttribute{Type: 0x7fff, Value: []byte("x")}, stun.RawAttribute{Type: 3}))
	f.Add([]byte{0, 1, 0, 0})
	from := netip.MustParseAddrPort("[2001:db8::1]:65535")
	f.Fuzz(func(t *testing.T, request []byte) {
		before := bytes.Clone(request)
		answer := bindingAnswer(request, from)
		assert.Equal(t, before, request)
		if answer == nil {
			return
		}
		assert.LessOrEqual(t, len(answer), len(request)+24)
		m := decoded(t, answer)
		assert.Contains(t, []stun.MessageType{stun.BindingSuccess, stun.BindingError}, m.Type)
	})
}
