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
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
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

// authority signs certificates for any host, and its own stands for
// *.issuer.test.
type authority struct{ tls.Certificate }

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := certificateOf("*.issuer.test", net.IPv4(127, 0, 0, 1))
	template.IsCA, template.BasicConstraintsValid = true, true
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return authority{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: certificate}}
}

func certificateOf(host string, addresses ...net.IP) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, IPAddresses: addresses,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
}

// sign makes a certificate for the host.
func (a authority) sign(host string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, certificateOf(host), a.Leaf, key.Public(), a.PrivateKey)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func (a authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Leaf.Raw})
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
	server, client, _ := setupProxy(t, o, h)
	return server, client
}

// setupProxy is setupWith, and returns the proxy too.
func setupProxy(t *testing.T, o fault.Options, h http.HandlerFunc) (*httptest.Server, *http.Client, *fault.Proxy) {
	t.Helper()
	known := newAuthority(t)
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{known.Certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	o.Address, o.Certificate, o.CAPEM = server.Listener.Addr().String(), known.sign, known.pem()
	proxy, err := fault.NewProxy(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })

	address, err := url.Parse(proxy.URL())
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(known.Leaf)
	transport := &http.Transport{Proxy: http.ProxyURL(address), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return server, &http.Client{Transport: transport, Timeout: limit}, proxy
}

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }

// says returns whether an error has the text, by the protocol that it was got by.
func says(byHTTP, bySOCKS string) func(error, bool) bool {
	return func(err error, socks bool) bool {
		text := byHTTP
		if socks {
			text = bySOCKS
		}
		return strings.Contains(err.Error(), text)
	}
}

// isOne returns whether an error is one of several.
func isOne(targets ...error) func(error, bool) bool {
	return func(err error, _ bool) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

func isUnknownAuthority(err error, _ bool) bool {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	return unknown
}

func isOtherName(err error, _ bool) bool {
	_, other := errors.AsType[x509.HostnameError](err)
	return other
}

func TestTheProxyDoesWhatItsRuleSays(t *testing.T) {
	long := strings.Repeat("long ", 20_000)
	tests := map[string]struct {
		rule fault.Rule
		fail func(err error, socks bool) bool // nil: the answer comes whole
	}{
		"passes":                    {fault.Rule{}, nil},
		"comes late":                {fault.Rule{Delay: 20 * time.Millisecond}, nil},
		"refuses":                   {fault.Rule{Action: fault.Refuse}, says("Bad Gateway", "connection refused")},
		"cannot look the name up":   {fault.Rule{Action: fault.NoHost}, says("Bad Gateway", "host unreachable")},
		"resets":                    {fault.Rule{Action: fault.Reset}, isOne(syscall.ECONNRESET)},
		"cuts within the handshake": {fault.Rule{Action: fault.Cut, Bytes: 10}, isOne(io.EOF, io.ErrUnexpectedEOF)},
		"cuts within the answer":    {fault.Rule{Action: fault.Cut, Bytes: 20_000}, isOne(io.ErrUnexpectedEOF)},
		"replaces the certificate":  {fault.Rule{Action: fault.Impersonate}, isUnknownAuthority},
		"inspects":                  {fault.Rule{Action: fault.Inspect}, nil},
		"leads elsewhere":           {fault.Rule{Action: fault.Elsewhere}, isOtherName},
		"has one sign in first, under an unknown authority": {fault.Rule{Action: fault.Portal, Untrusted: true}, isUnknownAuthority},
		"stalls only what is larger":                        {fault.Rule{Action: fault.Stall, Bytes: 1 << 20}, nil},
		"breaks only after more turns":                      {fault.Rule{Action: fault.Flap, Turns: 9}, nil},
	}
	for name, test := range tests {
		for _, socks := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, SOCKS %t", name, socks), func(t *testing.T) {
				rules := map[string]fault.Rule{"acs.issuer.test": test.rule}
				_, client := setupWith(t, fault.Options{Rules: rules, SOCKS: socks}, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Length", strconv.Itoa(len(long)))
					io.WriteString(w, long)
				})
				body, err := get(client, "https://acs.issuer.test/")
				if test.fail != nil {
					require.Error(t, err)
					assert.True(t, test.fail(err, socks), "%v", err)
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
}

func TestTheRestOfTheHostsHasARuleToo(t *testing.T) {
	_, client := setupWith(t, fault.Options{
		Rules: map[string]fault.Rule{"acs.issuer.test": {}}, Rest: fault.Rule{Action: fault.Refuse},
	}, hello)
	_, err := get(client, "https://acs.issuer.test/")
	require.NoError(t, err)
	_, err = get(client, "https://other.issuer.test/")
	assert.ErrorContains(t, err, "Bad Gateway")
}

func TestTheServersSeeTheEgress(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8 on its loopback")
	}
	for name, rule := range map[string]fault.Rule{"of a tunnel": {}, "of a proxy that reads": {Action: fault.Inspect}} {
		t.Run(name, func(t *testing.T) {
			_, client, proxy := setupProxy(t, fault.Options{Rest: rule, Egress: netip.MustParseAddr("127.71.0.1")}, remoteHost)
			for _, step := range []struct {
				on   bool
				from string
			}{{true, "127.71.0.1"}, {false, "127.0.0.1"}, {true, "127.71.0.1"}} {
				proxy.Switch(step.on)
				from, err := getAgain(client, "https://acs.issuer.test/")
				require.NoError(t, err)
				assert.Equal(t, step.from, from)
			}
		})
	}
}

// remoteHost answers with the address that the request comes from.
func remoteHost(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	io.WriteString(w, host)
}

func TestWhoTakesAReplacedCertificateGetsTheAnswer(t *testing.T) {
	_, client := setup(t, fault.Rule{Action: fault.Impersonate}, hello)
	client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	body, err := get(client, "https://acs.issuer.test/")
	require.NoError(t, err)
	assert.Equal(t, "hello", body)
}

// getAgain gets what browsers get, which ask again where a connection that they
// had kept turns out to be closed.
func getAgain(client *http.Client, address string) (string, error) {
	client.CloseIdleConnections()
	return get(client, address)
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

func TestTheLoopbackIsReachedBySOCKSToo(t *testing.T) {
	server, client := setupWith(t, fault.Options{SOCKS: true}, hello)
	body, err := get(client, server.URL)
	require.NoError(t, err)
	assert.Equal(t, "hello", body)
	_, err = get(client, "https://[2001:db8::1]/")
	assert.ErrorContains(t, err, "connection refused", "it is outside")
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
