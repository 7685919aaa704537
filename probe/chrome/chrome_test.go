package chrome_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/fault"
)

// limit bounds a single step. It is far above what a step takes.
const limit = 20 * time.Second

// elsewhere is a name of the sites' that is at another address.
const elsewhere = "elsewhere.two.test"

// pageHost is the host of what counts as the payment page.
const pageHost = "pay.one.test"

// site is a set of HTTPS sites behind one listener, with a CA of its own.
type site struct {
	server   *httptest.Server
	other    *httptest.Server // the same at another address
	handlers sync.Map         // host -> http.Handler
	capem    []byte
}

func (s *site) address() string { return s.server.Listener.Addr().String() }

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, ok := s.handlers.Load(r.Host)
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.(http.Handler).ServeHTTP(w, r)
}

func newSite() (*site, error) {
	ca, leaf, err := certificates("*.one.test", "*.two.test", "*.three.test")
	if err != nil {
		return nil, err
	}
	s := &site{capem: ca}
	s.server, s.other = httptest.NewUnstartedServer(s), httptest.NewUnstartedServer(s)
	for _, server := range []*httptest.Server{s.server, s.other} {
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}}
		server.StartTLS()
	}
	return s, nil
}

// certificates makes a CA and a leaf for the names.
func certificates(names ...string) (caPEM []byte, leaf tls.Certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	if err != nil {
		return nil, leaf, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, key.Public(), key)
	if err != nil {
		return nil, leaf, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}),
		tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

var (
	sites    *site
	launcher *chrome.Launcher
	shared   probe.Browser // with the zero profile
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if sites, err = newSite(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer sites.server.Close()
	defer sites.other.Close()
	launcher = chrome.New(chrome.Options{
		Address: sites.address(), Elsewhere: map[string]string{elsewhere: sites.other.Listener.Addr().String()}, PageHost: pageHost,
		CAPEM:      sites.capem,
		Extensions: fault.Extensions{ACS: "blocked.two.test"}.Files,
	})
	shared, err = launcher.Launch(context.Background(), probe.Profile{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := shared.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// serve answers for host until the test ends, and returns the host's origin.
func serve(t *testing.T, host string, h http.HandlerFunc) string {
	t.Helper()
	_, taken := sites.handlers.LoadOrStore(host, h)
	require.False(t, taken, "two tests use %s", host)
	t.Cleanup(func() { sites.handlers.Delete(host) })
	return "https://" + host
}

func html(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><title>test</title><body>"+body)
	}
}

// timed returns a context for one step.
func timed(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

func newPage(t *testing.T, b probe.Browser, o probe.ContextOptions) probe.Page {
	t.Helper()
	p, err := b.NewContext(timed(t), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func eval[T any](t *testing.T, in interface {
	Eval(context.Context, string, any) error
}, js string) T {
	t.Helper()
	var v T
	require.NoError(t, in.Eval(timed(t), js, &v))
	return v
}
