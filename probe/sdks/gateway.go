package sdks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"checkoutdoctor/probe/lab"
	"checkoutdoctor/web/acs"
)

// gateway is what the SDKs' providers have in common: it knows the payments,
// and speaks to the lab's 3DS Server.
type gateway struct {
	server string // origin of the 3DS Server
	client *http.Client

	mu   sync.Mutex
	byID map[string]*payment // by threeDSServerTransID
}

// payment is one payment; the gateway's mu guards it.
type payment struct {
	ID         string
	MethodURL  string // empty where the issuer has no 3DS Method
	card       string
	faults     []string
	browser    acs.Browser
	methodDone bool   // the issuer called back
	compInd    string // threeDSCompInd, as sent to the issuer
	ares       authentication
}

// authentication is what the issuer answered, as the 3DS Server tells it.
type authentication struct {
	TransStatus       acs.TransStatus `json:"transStatus"`
	TransStatusReason string          `json:"transStatusReason,omitempty"`
	ACSURL            string          `json:"acsURL,omitempty"` // of a challenge
	CReq              string          `json:"creq,omitempty"`   // of a challenge, as the 3DS Server would send it
}

// challenge reads from the CReq what an SDK makes its own CReq of.
func (a authentication) challenge() (acs.CReq, error) {
	body, err := acs.Unwrap(a.CReq)
	if err != nil {
		return acs.CReq{}, err
	}
	return acs.Decode[acs.CReq](body, acs.ComponentServer)
}

// outcome is how a payment ended, as the shop's server tells its page.
type outcome struct {
	TransStatus       acs.TransStatus `json:"transStatus"`
	TransStatusReason string          `json:"transStatusReason,omitempty"`
	ThreeDSCompInd    string          `json:"threeDSCompInd,omitempty"`
	ErrorCode         string          `json:"errorCode,omitempty"` // of the issuer's Erro
}

// connect returns the gateway of a lab that is running.
func connect(l *lab.Lab) *gateway {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(l.CAPEM())
	const limit = 10 * time.Second
	return &gateway{
		server: l.Origins().ThreeDSServer,
		byID:   make(map[string]*payment),
		client: &http.Client{Timeout: limit, Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: pool},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, l.Address())
			},
		}},
	}
}

// lookup opens a payment. Fault is a list of the lab's codes.
func (g *gateway) lookup(ctx context.Context, card, fault string, browser acs.Browser) (payment, error) {
	var answer struct {
		ThreeDSServerTransID string `json:"threeDSServerTransID"`
		ThreeDSMethodURL     string `json:"threeDSMethodURL"`
	}
	question := map[string]string{"acctNumber": card}
	if err := g.call(ctx, "/lookup?fault="+url.QueryEscape(fault), question, &answer); err != nil {
		return payment{}, fmt.Errorf("looking the card up: %w", err)
	}
	p := &payment{
		ID: answer.ThreeDSServerTransID, MethodURL: answer.ThreeDSMethodURL,
		card: card, faults: strings.Split(fault, ","), browser: browser,
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.byID[p.ID] = p
	return *p, nil
}

// errNoPayment says that an id belongs to no payment.
var errNoPayment = errors.New("no such payment")

// find returns a copy of the payment.
func (g *gateway) find(id string) (payment, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.byID[id]
	if p == nil {
		return payment{}, errNoPayment
	}
	return *p, nil
}

// update changes the payment that find returned a copy of.
func (g *gateway) update(id string, change func(*payment)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(g.byID[id])
}

// outcome is what the ARes says.
func (p payment) outcome() outcome {
	return outcome{TransStatus: p.ares.TransStatus, TransStatusReason: p.ares.TransStatusReason, ThreeDSCompInd: p.compInd}
}

func (p payment) has(fault string) bool { return slices.Contains(p.faults, fault) }

// authenticate sends the AReq. The challenge, if there is one, is to come back
// to notificationURL.
func (g *gateway) authenticate(ctx context.Context, id, compInd, notificationURL string) (payment, error) {
	p, err := g.find(id)
	if err != nil {
		return payment{}, err
	}
	question := map[string]any{
		"threeDSServerTransID": p.ID, "acctNumber": p.card, "threeDSCompInd": compInd, "windowSize": "02",
		"browser": p.browser, "notificationURL": notificationURL,
		"purchase": map[string]string{
			"merchant": "SDK Shop", "url": shopOrigin, "minor": "12000", "currency": "840", "exponent": "2",
		},
	}
	p.compInd = compInd
	if err := g.call(ctx, "/authenticate", question, &p.ares); err != nil {
		return payment{}, fmt.Errorf("authenticating: %w", err)
	}
	g.update(id, func(stored *payment) { stored.compInd, stored.ares = p.compInd, p.ares })
	return p, nil
}

// result is what counts: the RReq's after a challenge, else the ARes's. While a
// challenge has no result it stays C, with what the issuer found wrong.
func (g *gateway) result(ctx context.Context, id string) (outcome, error) {
	p, err := g.find(id)
	if err != nil {
		return outcome{}, err
	}
	o := p.outcome()
	if o.TransStatus != acs.StatusChallenge {
		return o, nil
	}
	if g.call(ctx, "/result/"+id, nil, &o) == nil {
		return o, nil
	}
	if err := g.call(ctx, "/problem/"+id, nil, &o); err != nil {
		return outcome{}, fmt.Errorf("asking for the result: %w", err)
	}
	return o, nil
}

// ended is the end of a challenge, as the browser brings it.
type ended struct {
	ThreeDSServerTransID string          `json:"threeDSServerTransID"`
	TransStatus          acs.TransStatus `json:"transStatus"`
}

// check has the 3DS Server read a CRes.
func (g *gateway) check(ctx context.Context, cres string) (e ended, err error) {
	if err := g.call(ctx, "/cres", map[string]string{"cres": cres}, &e); err != nil {
		return ended{}, fmt.Errorf("checking a CRes: %w", err)
	}
	return e, nil
}

// call asks the 3DS Server. A question of nil is a GET.
func (g *gateway) call(ctx context.Context, path string, question, answer any) error {
	method, body := http.MethodGet, []byte(nil)
	if question != nil {
		var err error
		if body, err = json.Marshal(question); err != nil {
			return err
		}
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, g.server+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := g.client.Do(r)
	if err != nil {
		return err // names method and URL
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", path, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, res.Status, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", path, err)
	}
	return nil
}
