package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testLog is a log as serve has by default.
func testLog(w io.Writer) *slog.Logger {
	return (&logFlags{format: logText, level: "info"}).logger(w)
}

// nextMessage waits for what a server says next of what went wrong.
func nextMessage(t *testing.T, messages lineWriter) string {
	t.Helper()
	select {
	case message := <-messages:
		return message
	case <-time.After(10 * time.Second):
		require.Fail(t, "the server says nothing")
		return ""
	}
}

// withClientOf starts the server and returns a connection to it, and what of
// the client's address must not be told.
func withClientOf(t *testing.T, s *http.Server) (conn net.Conn, secret []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go serveOn(listener, s) // returns when it is closed
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	conn, err = net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, port, err := net.SplitHostPort(conn.LocalAddr().String())
	require.NoError(t, err)
	return conn, []string{"127.0.0.1", ":" + port}
}

func TestServeTellsOfHandshakesWithoutAddresses(t *testing.T) {
	messages := make(lineWriter, 1)
	server := newServer("", http.NotFoundHandler(), testLog(messages))
	testing := httptest.NewTLSServer(nil)
	defer testing.Close()
	server.TLSConfig = &tls.Config{Certificates: testing.TLS.Certificates}
	conn, secret := withClientOf(t, server)
	_, err := conn.Write([]byte("this is no TLS, whatever it may be\r\n\r\n"))
	require.NoError(t, err)
	message := nextMessage(t, messages)
	assert.Contains(t, message, "TLS handshake error from …: tls: first record does not look like a TLS handshake")
	for _, s := range secret {
		assert.NotContains(t, message, s)
	}
}

func TestServeTellsOfPanicsWithoutAddresses(t *testing.T) {
	messages := make(lineWriter, 1)
	conn, secret := withClientOf(t, newServer("", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		panic("asked by " + r.RemoteAddr)
	}), testLog(messages)))
	_, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: doctor.example\r\n\r\n"))
	require.NoError(t, err)
	message := nextMessage(t, messages)
	assert.Contains(t, message, "panic serving …: asked by …")
	assert.Contains(t, message, "serve_log_test.go:", "it says where")
	for _, s := range append(secret, "0x") {
		assert.NotContains(t, message, s)
	}
}

func TestMessagesKeepTheirCause(t *testing.T) {
	for message, want := range map[string]string{
		"read tcp 192.0.2.1:443->[2001:db8::7]:4711: read: connection reset by peer": "read tcp …->…: read: connection reset by peer",
		"dial ::1: refused":                                          "dial …: refused",
		"fe80::1%eth0.5: gone, 2001:db8::: too":                      "…: gone, … too",
		"::ffff:192.0.2.1, and [fe80::1%eth0]:80.":                   "…, and ….",
		"web.(*site).take(0xc000123?, {{0x0, 0xffffc0000201}, 0x1})": "web.(*site).take(…?, {{…, …}, …})",
		"index out of range [5] at 10:23:45, site.go:12:34":          "index out of range [5] at 10:23:45, site.go:12:34",
		"version 1.2.3": "version 1.2.3",
	} {
		assert.Equal(t, want, string(cleaned([]byte(message))))
	}
}

// TestServeTellsOfHandshakesWithoutWhatAClientAsksFor, of which there can be 64 KB.
func TestServeTellsOfHandshakesWithoutWhatAClientAsksFor(t *testing.T) {
	messages := make(lineWriter, 1)
	server := newServer("", http.NotFoundHandler(), testLog(messages))
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*selfSigned(t, "doctor.example", 1)}}
	conn, _ := withClientOf(t, server)
	var protocols []string
	for range 200 {
		protocols = append(protocols, "chosen"+strings.Repeat("\x01", 200))
	}
	assert.Error(t, tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: protocols}).HandshakeContext(t.Context()))
	message := nextMessage(t, messages)
	assert.Contains(t, message, `TLS handshake error from …: tls: client requested unsupported application protocols"`)
	assert.NotContains(t, message, "chosen")
	assert.Less(t, len(message), 2*mostOfLine)
}

func TestLongMessagesAreShortened(t *testing.T) {
	long := strings.Repeat("x", mostOfLine)
	for name, test := range map[string]struct{ message, want string }{
		"a line":                        {long + "y", long + leftOut + "\n"},
		"no longer than may be":         {long, long + "\n"},
		"a panic's value":               {"panic serving: " + long + "\ngoroutine 7 [running]:\nmain.go:12\n", "panic serving: " + long[15:] + leftOut + "\ngoroutine 7 [running]:\nmain.go:12\n"},
		"within an address":             {long[4:] + "2001:db8::7", long[4:] + leftOut + "\n"},
		"within an address in brackets": {long[4:] + "[2001:db8::7]:443", long[4:] + leftOut + "\n"},
		"within an address and a port":  {long[8:] + "192.0.2.1:443", long[8:] + leftOut + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, string(bounded([]byte(test.message))))
		})
	}
	stack := string(bounded([]byte(strings.Repeat(long+"\n", 1000))))
	assert.Less(t, len(stack), mostOfMessage+2*mostOfLine)
	assert.True(t, strings.HasSuffix(stack, "\n"+leftOut))
}

// FuzzMessages has every address in what messages are made of.
func FuzzMessages(f *testing.F) {
	f.Add([]byte{192, 0, 2, 1}, uint16(443), "TLS handshake error from ", ": EOF")
	f.Add([]byte("\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07"), uint16(1), "read: ", " gone")
	f.Add(bytes.Repeat([]byte{0xff}, 16), uint16(65535), "", "")
	f.Fuzz(func(t *testing.T, address []byte, port uint16, before, after string) {
		from, ok := netip.AddrFromSlice(address)
		if !ok || from.IsUnspecified() {
			return
		}
		got := string(cleaned(fmt.Appendf(nil, "%s from %s: %s", strings.ReplaceAll(before, from.String(), ""), netip.AddrPortFrom(from, port), after)))
		assert.Contains(t, got, " from …: ")
		got = string(cleaned(fmt.Appendf(nil, "read %s: refused", from)))
		assert.Regexp(t, "^read …:? refused$", got)
	})
}
