package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// authority is a certificate authority of one lab. It may only sign for names
// under .test, and for the few hosts for which the lab stands in: people are
// asked to trust it.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer

	mu     sync.Mutex
	leaves map[leafKey]*tls.Certificate
}

// leafKey names a certificate that an authority has signed.
type leafKey struct {
	host    string
	expired bool
}

// lifetime of the authority and of what it signs. Clocks of virtual machines
// go wrong by hours.
const (
	lifetime   = 30 * 24 * time.Hour
	clockSlack = 24 * time.Hour
)

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making %s: %w", name, err)
	}
	template := newTemplate(pkix.Name{CommonName: name})
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign
	template.PermittedDNSDomainsCritical, template.PermittedDNSDomains = true, append(standIns(), "test")
	certificate, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making %s: %w", name, err)
	}
	return &authority{certificate: certificate, key: key, leaves: make(map[leafKey]*tls.Certificate)}, nil
}

// leaf returns the certificate of a host. Each host has one of its own: with a
// certificate in common, browsers would share one HTTP/2 connection between
// sites that have to be distinct.
func (a *authority) leaf(host string) (*tls.Certificate, error) { return a.get(leafKey{host: host}) }

// expiredLeaf returns a certificate of a host that was good until yesterday.
func (a *authority) expiredLeaf(host string) (*tls.Certificate, error) {
	return a.get(leafKey{host, true})
}

func (a *authority) get(k leafKey) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf := a.leaves[k]; leaf != nil {
		return leaf, nil
	}
	leaf, err := a.newLeaf(k)
	if err != nil {
		return nil, fmt.Errorf("making the certificate of %s: %w", k.host, err)
	}
	a.leaves[k] = leaf
	return leaf, nil
}

func (a *authority) newLeaf(k leafKey) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := newTemplate(pkix.Name{CommonName: k.host})
	template.DNSNames = []string{k.host}
	if k.expired {
		template.NotBefore, template.NotAfter = template.NotBefore.Add(-lifetime), time.Now().Add(-clockSlack)
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	certificate, err := sign(template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key, Leaf: certificate}, nil
}

func newTemplate(subject pkix.Name) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serialNumber(), Subject: subject,
		NotBefore: now.Add(-clockSlack), NotAfter: now.Add(lifetime),
	}
}

// serialNumber is random: browsers refuse two certificates of one issuer and serial.
func serialNumber() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[0] &= 0x7f    // serial numbers are positive
	return new(big.Int).SetBytes(b[:])
}

func sign(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}
