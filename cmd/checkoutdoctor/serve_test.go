package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pion/stun/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/lab"
	"checkoutdoctor/web/vantage"
)

// serving runs serve until the test ends, and returns its addresses: host and
// port, and a STUN server's as a URI.
func serving(t *testing.T, servers int, args ...string) []string {
	t.Helper()
	return servingTo(t, os.Stderr, servers, args...)
}

// servingTo is serving with its messages in a place of their own, to be read
// when the test has ended.
func servingTo(t *testing.T, messages io.Writer, servers int, args ...string) []string {
	t.Helper()
	ctx, interrupt := context.WithCancel(context.Background())
	printed := make(lineWriter, servers)
	ended := make(chan int, 1)
	go func() { ended <- runUntil(ctx, append([]string{"serve"}, args...), printed, messages) }()
	t.Cleanup(func() {
		interrupt()
		assert.Equal(t, probe.ExitOK, <-ended)
	})
	var addresses []string
	for range servers {
		var line string
		select {
		case line = <-printed:
		case code := <-ended:
			ended <- code
			require.FailNow(t, "serve ended before it served")
		}
		_, address, ok := strings.Cut(strings.TrimSpace(line), " on ")
		require.True(t, ok, line)
		addresses = append(addresses, strings.TrimPrefix(address, "http://"))
	}
	return addresses
}

func get(t *testing.T, address, host, path string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	require.NoError(t, err)
	request.Host = host
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	return response.StatusCode
}

func TestServeTellsTheSitesApartByHost(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--helper", "https://helper.example")[0]
	assert.Equal(t, http.StatusOK, get(t, address, "doctor.example", "/control?nonce=1"))
	assert.Equal(t, http.StatusNotFound, get(t, address, "helper.example", "/control?nonce=1"))
	assert.Equal(t, http.StatusOK, get(t, address, "helper.example", "/helper/echo?nonce=1"))
	assert.Equal(t, http.StatusNotFound, get(t, address, "doctor.example", "/helper/echo?nonce=1"))
}

func TestServeHasTheCanaryOnTheHelper(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--helper", "https://helper.example")[0]
	assert.Equal(t, http.StatusOK, get(t, address, "helper.example", "/acs/assets/canary.js"))
	assert.Equal(t, http.StatusNotFound, get(t, address, "doctor.example", "/acs/assets/canary.js"))
}

func TestServeGivesTheHelperAnAddressOfItsOwn(t *testing.T) {
	addresses := serving(t, 2, "--listen", "127.0.0.1:0", "--helper", "https://helper.example", "--helper-listen", "127.0.0.1:0")
	assert.Equal(t, http.StatusOK, get(t, addresses[0], addresses[0], "/control?nonce=1"))
	assert.Equal(t, http.StatusOK, get(t, addresses[1], addresses[1], "/helper/echo?nonce=1"))
	assert.Equal(t, http.StatusNotFound, get(t, addresses[1], addresses[1], "/control?nonce=1"))
}

func TestServeWithoutAHelperHasNone(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0")[0]
	assert.Equal(t, http.StatusOK, get(t, address, address, "/"))
	assert.Equal(t, http.StatusNotFound, get(t, address, address, "/helper/echo?nonce=1"))
}

// seenBy returns what a server's vantage says.
func seenBy(t *testing.T, address string) map[string]any {
	t.Helper()
	response, err := http.Post("http://"+address+"/vantage", "text/plain", strings.NewReader("{}"))
	require.NoError(t, err)
	defer response.Body.Close()
	var seen map[string]any
	require.NoError(t, json.NewDecoder(response.Body).Decode(&seen))
	return seen
}

func TestServeHasSTUNBesideIt(t *testing.T) {
	addresses := serving(t, 2, "--listen", "127.0.0.1:0", "--stun-listen", "127.0.0.1:0")
	assert.Equal(t, addresses[1], seenBy(t, addresses[0])["stun"])
	server, ok := strings.CutPrefix(addresses[1], "stun:")
	require.True(t, ok)
	client, err := stun.Dial("udp", server)
	require.NoError(t, err)
	defer client.Close()
	request, err := stun.Build(stun.TransactionID, stun.BindingRequest)
	require.NoError(t, err)
	require.NoError(t, client.Do(request, func(e stun.Event) {
		var address stun.XORMappedAddress
		if assert.NoError(t, e.Error) && assert.NoError(t, address.GetFrom(e.Message)) {
			assert.Equal(t, "127.0.0.1", address.IP.String())
		}
	}))
}

func TestServeSendsToAnotherSTUNServer(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--stun-url", "stun:stun.example:3478")[0]
	assert.Equal(t, "stun:stun.example:3478", seenBy(t, address)["stun"])
}

func TestFlagsOfServeThatDoNotGoTogether(t *testing.T) {
	proxy := placeFlags{proxies: []string{"127.0.0.1"}, addressHeader: "Forwarded"}
	with := func(stunURL string, place placeFlags) *serveOptions {
		return &serveOptions{listen: ":0", log: logFlags{format: logText, level: "info"}, stunListen: ":3478", stunURL: stunURL, place: place}
	}
	assert.EqualError(t, with("", proxy).validate(),
		"--stun-listen needs --stun-url where there is a --trusted-proxy: UDP goes past it, and pages know its host alone")
	assert.NoError(t, with("stun:stun.example:3478", proxy).validate())
	assert.NoError(t, with("", placeFlags{}).validate())
}

func TestServeSendsNobodyBehindAProxyToItsOwnSTUN(t *testing.T) {
	socket, err := (&serveOptions{stunListen: "127.0.0.1:0"}).listenSTUN(t.Context())
	require.NoError(t, err)
	defer socket.Close()
	finder := vantage.Finder{}
	r := httptest.NewRequest(http.MethodPost, "/vantage", nil)
	r.RemoteAddr = "127.0.0.1:4711"
	assert.NotEmpty(t, (&serveOptions{}).stunOf(socket, finder.Find)(r))
	r.Header.Set("X-Forwarded-For", "91.64.0.1")
	assert.Empty(t, (&serveOptions{}).stunOf(socket, finder.Find)(r))
	assert.Equal(t, "stun:a", (&serveOptions{stunURL: "stun:a"}).stunOf(socket, finder.Find)(r))
}

// TestServeOutlivesItsSTUN has the socket of the STUN server closed under it.
func TestServeOutlivesItsSTUN(t *testing.T) {
	o := serveOptions{listen: "127.0.0.1:0", stunListen: "127.0.0.1:0"}
	socket, err := o.listenSTUN(t.Context())
	require.NoError(t, err)
	messages := make(lineWriter, 2)
	printed := make(lineWriter, 2)
	service, err := o.open(testLog(messages))
	require.NoError(t, err)
	server := newServer(o.listen, http.NotFoundHandler(), testLog(messages))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- service.run(ctx, printed, []*http.Server{server}, socket) }()
	address := strings.TrimSpace(strings.TrimPrefix(<-printed, "serving on http://"))
	<-printed
	require.NoError(t, socket.Close())
	assert.Contains(t, <-messages, "STUN is served no more")
	assert.Equal(t, http.StatusNotFound, get(t, address, address, "/"))
	stop()
	assert.NoError(t, <-ended)
}

func TestServeWithoutSTUN(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0")[0]
	assert.Equal(t, "", seenBy(t, address)["stun"])
}

func TestServeSeesTheConnection(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	seen := seenBy(t, serving(t, 1, "--listen", "127.0.0.1:0")[0])
	assert.EqualValues(t, 65495, seen["mss"], "that of the loopback")
	assert.Positive(t, seen["pathMTU"])
	assert.Positive(t, seen["rttMicros"])
}

// certificateFiles writes a certificate and its key to files.
func certificateFiles(t *testing.T, c *tls.Certificate) (certificate, key string) {
	t.Helper()
	private, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	require.NoError(t, err)
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certificate: {Type: "CERTIFICATE", Bytes: c.Certificate[0]},
		key:         {Type: "PRIVATE KEY", Bytes: private},
	} {
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	}
	return certificate, key
}

func TestServeSeesWhoBeganTheHandshake(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{TimeScale: timeScale})
	require.NoError(t, err)
	defer l.Close()
	own, err := l.Certificate("doctor.test")
	require.NoError(t, err)
	certificate, key := certificateFiles(t, own)
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key)[0]

	authorities := x509.NewCertPool()
	require.True(t, authorities.AppendCertsFromPEM(l.CAPEM()))
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: authorities, ServerName: "doctor.test"}, ForceAttemptHTTP2: true,
	}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/vantage", strings.NewReader("{}"))
	require.NoError(t, err)
	request.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36")
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	var seen struct{ TLS, HTTPVersion string }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&seen))
	assert.Equal(t, "replaced", seen.TLS, "Go's is not Chrome's")
	assert.Equal(t, "2", seen.HTTPVersion)
}
