package fault_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/fault"
)

const limit = 10 * time.Second

// issue makes a certificate for *.issuer.test that stands for itself.
func issue(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"*.issuer.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// setup starts a server for *.issuer.test, a proxy before it with the rule for
// one of its hosts, and a client that goes through the proxy.
func setup(t *testing.T, rule fault.Rule, h http.HandlerFunc) (*httptest.Server, *http.Client) {
	t.Helper()
	return setupWith(t, fault.Options{Rules: map[string]fault.Rule{"acs.issuer.test": rule}}, h)
}

// setupWith is setup with options of the proxy, to which it adds where the
// server is and what it is trusted by.
func setupWith(t *testing.T, o fault.Options, h http.HandlerFunc) (*httptest.Server, *http.Client) {
	t.Helper()
	certificate, authority := issue(t)
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	o.Address = server.Listener.Addr().String()
	o.Certificate = func(string) (*tls.Certificate, error) { return &certificate, nil }
	o.CAPEM = authority
	proxy, err := fault.NewProxy(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })

	address, err := url.Parse(proxy.URL())
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(authority))
	transport := &http.Transport{Proxy: http.ProxyURL(address), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return server, &http.Client{Transport: transport, Timeout: limit}
}

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }

func TestTheProxyDoesWhatItsRuleSays(t *testing.T) {
	long := strings.Repeat("long ", 20_000)
	tests := map[string]struct {
		rule fault.Rule
		fail func(error) bool // nil: the answer comes whole
	}{
		"passes":                    {fault.Rule{}, nil},
		"comes late":                {fault.Rule{Delay: 20 * time.Millisecond}, nil},
		"refuses":                   {fault.Rule{Action: fault.Refuse}, func(err error) bool { return strings.Contains(err.Error(), "Bad Gateway") }},
		"resets":                    {fault.Rule{Action: fault.Reset}, func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		"cuts within the handshake": {fault.Rule{Action: fault.Cut, Bytes: 10}, func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }},
		"replaces the certificate": {fault.Rule{Action: fault.Impersonate}, func(err error) bool {
			_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
			return unknown
		}},
		"cuts within the answer": {fault.Rule{Action: fault.Cut, Bytes: 20_000}, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, client := setup(t, test.rule, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(len(long)))
				io.WriteString(w, long)
			})
			body, err := get(client, "https://acs.issuer.test/")
			if test.fail != nil {
				require.Error(t, err)
				assert.True(t, test.fail(err), "%v", err)
			} else {
				require.NoError(t, err)
				assert.Equal(t, long, body)
			}
			body, err = get(client, "https://other.issuer.test/")
			require.NoError(t, err, "other hosts are left alone")
			assert.Equal(t, long, body)
		})
	}
}

func TestWhoTakesAReplacedCertificateGetsTheAnswer(t *testing.T) {
	_, client := setup(t, fault.Rule{Action: fault.Impersonate}, hello)
	client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	body, err := get(client, "https://acs.issuer.test/")
	require.NoError(t, err)
	assert.Equal(t, "hello", body)
}

func get(client *http.Client, address string) (string, error) {
	response, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestAChangedAnswer(t *testing.T) {
	var asked []string
	_, client := setup(t, fault.Rule{Action: fault.Change, Change: func(r *http.Response) error {
		if r.Request.URL.Path == "/broken" {
			return errors.New("cannot be changed")
		}
		body, err := io.ReadAll(r.Body)
		r.Header.Set("X-Changed", "yes")
		r.Body = io.NopCloser(strings.NewReader(strings.ToUpper(string(body))))
		return err
	}}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Method+" "+r.Host+r.URL.Path+" "+string(body))
		hello(w, r)
	})
	for range 2 { // the connection is used again
		response, err := client.Post("https://acs.issuer.test/path", "text/plain", strings.NewReader("question"))
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, "HELLO", string(body))
		assert.Equal(t, "yes", response.Header.Get("X-Changed"))
	}
	assert.Equal(t, []string{"POST acs.issuer.test/path question", "POST acs.issuer.test/path question"}, asked)

	response, err := client.Get("https://acs.issuer.test/broken")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusBadGateway, response.StatusCode)
}

func TestNothingOutsideIsReached(t *testing.T) {
	_, client := setup(t, fault.Rule{}, hello)
	for _, address := range []string{"https://example.com/", "https://192.0.2.1/", "https://acs.issuer.test:8443/"} {
		_, err := get(client, address)
		assert.ErrorContains(t, err, "Bad Gateway", address)
	}
	_, err := get(client, "http://acs.issuer.test/")
	assert.Error(t, err, "plain HTTP")
}

func TestTheLoopbackIsReached(t *testing.T) {
	server, client := setup(t, fault.Rule{}, hello)
	body, err := get(client, server.URL)
	require.NoError(t, err)
	assert.Equal(t, "hello", body)
}

func TestTheEndOfTheProxyEndsEveryConnection(t *testing.T) {
	ends := map[string]func(*fault.Proxy, context.CancelFunc){
		"it is closed":     func(p *fault.Proxy, _ context.CancelFunc) { _ = p.Close() },
		"its context ends": func(_ *fault.Proxy, cancel context.CancelFunc) { cancel() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			server, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer server.Close()
			proxy, err := fault.NewProxy(ctx, fault.Options{
				Address: server.Addr().String(),
				Rules: map[string]fault.Rule{
					"hangs.test": {Action: fault.Hang},
					"waits.test": {Delay: time.Hour},
				},
				Line: fault.Line{Latency: time.Millisecond, Bandwidth: 1000},
			})
			require.NoError(t, err)

			var connections []net.Conn
			for _, host := range []string{"hangs.test", "waits.test", "open.test", ""} {
				connections = append(connections, connect(t, proxy, host))
			}
			end(proxy, cancel)
			for _, c := range connections {
				_, err := io.Copy(io.Discard, c)
				assert.False(t, errors.Is(err, syscall.ETIMEDOUT), "it was closed")
				c.Close()
			}
			require.NoError(t, proxy.Close())
			server.Close()
			assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, limit, time.Millisecond,
				"goroutines are left") // Eventually's own is one more
		})
	}
}

// connect asks the proxy for a tunnel; without host it asks for nothing.
func connect(t *testing.T, proxy *fault.Proxy, host string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(proxy.URL(), "http://"))
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(limit)))
	if host != "" {
		_, err = io.WriteString(conn, "CONNECT "+host+":443 HTTP/1.1\r\nHost: "+host+":443\r\n\r\n")
		require.NoError(t, err)
	}
	return conn
}

func TestABadAuthorityIsAnError(t *testing.T) {
	_, err := fault.NewProxy(t.Context(), fault.Options{CAPEM: []byte("none")})
	assert.EqualError(t, err, "start the fault proxy: no certificate in the authorities' PEM")
}
