package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"checkoutdoctor/web/vantage"
)

// certificateLook is how often the certificate's files are looked at.
const certificateLook = 10 * time.Second

// certificate is a certificate that is read again when its files change, so that it
// can be renewed without a restart.
type certificate struct {
	chainFile, keyFile string
	current            atomic.Pointer[tls.Certificate]

	mu   sync.Mutex
	read pemFiles // when it was last tried, be it good or not
}

// pemFiles is what both files have.
type pemFiles struct{ chain, key []byte }

// openCertificate reads the certificate's files.
func openCertificate(chainFile, keyFile string) (*certificate, error) {
	c := &certificate{chainFile: chainFile, keyFile: keyFile}
	if _, err := c.refresh(); err != nil {
		return nil, err
	}
	return c, nil
}

// refresh takes the files' certificate over if they have changed. One that is not
// good leaves that which there is, and is told of once.
func (c *certificate) refresh() (changed bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, err := c.readFiles()
	if err != nil {
		return false, err
	}
	if bytes.Equal(now.chain, c.read.chain) && bytes.Equal(now.key, c.read.key) {
		return false, nil
	}
	c.read = now
	pair, err := tls.X509KeyPair(now.chain, now.key)
	if err != nil {
		return false, fmt.Errorf("--tls-cert %s, --tls-key %s: %w", c.chainFile, c.keyFile, err)
	}
	c.current.Store(&pair)
	return true, nil
}

func (c *certificate) readFiles() (pemFiles, error) {
	chain, err := os.ReadFile(c.chainFile)
	if err != nil {
		return pemFiles{}, fmt.Errorf("--tls-cert: %w", err)
	}
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return pemFiles{}, fmt.Errorf("--tls-key: %w", err)
	}
	return pemFiles{chain, key}, nil
}

// reload refreshes the certificate and tells what came of it.
func (c *certificate) reload(log *slog.Logger) {
	changed, err := c.refresh()
	switch {
	case err != nil:
		log.Error("the certificate stays as it was", "error", err)
	case changed:
		log.Info("the certificate is renewed", "until", c.until())
	}
}

// watch reloads the certificate every so often, until ctx ends.
func (c *certificate) watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.reload(log)
		case <-ctx.Done():
			return
		}
	}
}

// until is when the certificate ends.
func (c *certificate) until() time.Time { return c.current.Load().Leaf.NotAfter }

// config is that of a server with the certificate. TLS before 1.2 is deprecated
// (RFC 8996).
func (c *certificate) config() *tls.Config {
	return vantage.TLSConfig(&tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	})
}

// httpsOnly is for how long browsers ask for the host by HTTPS alone (RFC 6797), in
// seconds: a year.
const httpsOnly = "max-age=31536000"

// byHTTPSOnly has browsers ask by HTTPS from then on. This computer itself is no
// such host: whatever else is tried out there would be out of reach.
func byHTTPSOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			w.Header().Set("Strict-Transport-Security", httpsOnly)
		}
		next.ServeHTTP(w, r)
	})
}

// isLoopback tells whether a Host header names this computer.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	address, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback()
}
