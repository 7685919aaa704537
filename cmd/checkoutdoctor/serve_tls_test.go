package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/traffic"
)

// answerOf asks a handler for a path.
func answerOf(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// selfSigned makes a certificate that ends after so many hours.
func selfSigned(t *testing.T, name string, hours int) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	until := time.Now().Add(time.Duration(hours) * time.Hour)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func certificateOf(t *testing.T, name string, hours int) *certificate {
	t.Helper()
	c, err := openCertificate(certificateFiles(t, selfSigned(t, name, hours)))
	require.NoError(t, err)
	return c
}

// copyFile puts one file's content in the place of another's, at once: whoever watches
// must not see the half of it.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to+".new", text, 0o600))
	require.NoError(t, os.Rename(to+".new", to))
}

// nameShown returns the name in the certificate that a server shows.
func nameShown(t *testing.T, config *tls.Config, versions ...uint16) (string, error) {
	t.Helper()
	server, client := net.Pipe()
	defer server.Close()
	defer client.Close()
	go tls.Server(server, config).Handshake() // the client sees what comes of it
	asking := &tls.Config{InsecureSkipVerify: true}
	if len(versions) > 0 {
		asking.MinVersion, asking.MaxVersion = versions[0], versions[0]
	}
	conn := tls.Client(client, asking)
	if err := conn.HandshakeContext(t.Context()); err != nil {
		return "", err
	}
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
}

func TestARenewedCertificateIsTakenOver(t *testing.T) {
	chain, key := certificateFiles(t, selfSigned(t, "old.example", 1))
	renewedChain, renewedKey := certificateFiles(t, selfSigned(t, "new.example", 1))
	c, err := openCertificate(chain, key)
	require.NoError(t, err)
	messages := make(lineWriter, 8)
	log := testLog(messages)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()

	copyFile(t, renewedChain, chain)
	c.reload(log)
	assert.Contains(t, nextMessage(t, messages), "the certificate stays as it was", "the key is still that of the old one")
	shown, err := nameShown(t, c.config())
	require.NoError(t, err)
	assert.Equal(t, "old.example", shown)
	c.reload(log)
	assert.Empty(t, messages, "it is told of once")

	go c.watch(ctx, time.Millisecond, log)
	copyFile(t, renewedKey, key)
	assert.Contains(t, nextMessage(t, messages), "the certificate is renewed")
	shown, err = nameShown(t, c.config())
	require.NoError(t, err)
	assert.Equal(t, "new.example", shown)
}

func TestACertificateThatIsGoneStays(t *testing.T) {
	chain, key := certificateFiles(t, selfSigned(t, "doctor.example", 1))
	c, err := openCertificate(chain, key)
	require.NoError(t, err)
	require.NoError(t, os.Remove(chain))
	_, err = c.refresh()
	assert.ErrorContains(t, err, "--tls-cert: open ")
	shown, err := nameShown(t, c.config())
	require.NoError(t, err)
	assert.Equal(t, "doctor.example", shown)
}

func TestServeSpeaksNoOldTLS(t *testing.T) {
	config := certificateOf(t, "doctor.example", 1).config()
	for version, good := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		_, err := nameShown(t, config, version)
		assert.Equal(t, good, err == nil, tls.VersionName(version))
	}
}

func TestBrowsersComeBackByHTTPSAlone(t *testing.T) {
	h := byHTTPSOnly(http.NotFoundHandler())
	for host, want := range map[string]string{
		"doctor.example": httpsOnly, "doctor.example:8443": httpsOnly,
		"localhost": "", "localhost:8443": "", "a.LOCALHOST": "", "127.0.0.1:8443": "", "[::1]:8443": "", "127.8.9.1": "",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		h.ServeHTTP(w, r)
		assert.Equal(t, want, w.Header().Get("Strict-Transport-Security"), host)
	}
}

// TestWithoutTLSNothingIsSaidOfHTTPS: that is for the proxy to say, which has it.
func TestWithoutTLSNothingIsSaidOfHTTPS(t *testing.T) {
	for name, certificate := range map[string]*certificate{"": nil, httpsOnly: certificateOf(t, "doctor.example", 1)} {
		s := &service{o: &serveOptions{}, watch: traffic.New(testLog(&bytes.Buffer{}), ""), certificate: certificate}
		assert.Equal(t, name, answerOf(s.siteServer("", http.NotFoundHandler()).Handler, "/").Header().Get("Strict-Transport-Security"))
	}
}

// TestKeysAreReadAgain as SIGHUP has them: a link of the new key is good, and bad
// keys change nothing.
func TestKeysAreReadAgain(t *testing.T) {
	const other = "checkout-doctor-link-key-1:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
	file := keyFile(t, testKey)
	keys := &linkKeyFlags{file: file}
	keeper, err := keys.keeper()
	require.NoError(t, err)
	messages := make(lineWriter, 1)
	noon := time.Unix(1795348800, 0)
	const query = "case=4711&lang=sv&from=1795348800&until=1795608000&sig=1.u2f8.hupim3om0mtq8okifqpi6koiis"
	_, err = keeper.Verify(query, noon)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(file, []byte("no key"), 0o600))
	keeper.reload(testLog(messages))
	assert.Contains(t, nextMessage(t, messages), "the keys of links stay as they were")
	_, err = keeper.Verify(query, noon)
	assert.NoError(t, err)

	require.NoError(t, os.WriteFile(file, []byte(other), 0o600))
	keeper.reload(testLog(messages))
	message := nextMessage(t, messages)
	assert.Contains(t, message, "the keys of links are read again")
	assert.NotContains(t, message, "ICEiIy")
	_, err = keeper.Verify(query, noon)
	assert.ErrorContains(t, err, "foreign-key")
}
