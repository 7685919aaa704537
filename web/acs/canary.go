package acs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// PathCanary is the path under a canary's base that opens a transaction. Each takes
// one of the ten thousand places for up to 90 seconds: whoever serves a canary bounds
// how often one client may ask for it.
const PathCanary = "/canary"

// The other paths of the canary under its base.
const (
	pathCanaryMethod    = "/canary/method"
	pathCanaryChallenge = "/canary/challenge"
)

// canaryLimit is how long a canary's challenge may take to be opened, and then
// to be answered. Scripts do both.
const canaryLimit = 30 * time.Second

// Canary is a harmless stand-in for an issuer and a 3DS Server in one: whoever
// asks gets a transaction of its own, and the 3DS Method and the challenge that
// it can open in frames, as it would a real issuer's. The challenge answers
// itself. Nothing of it is a payment: it takes no AReq, and posts nothing
// anywhere.
//
// It answers
//
//	POST BASE/canary            opens a transaction, see [CanaryTransaction]
//	POST BASE/method            the 3DS Method page
//	POST BASE/challenge/ID      the challenge page
//	POST BASE/canary/method     its notification page of the 3DS Method
//	POST BASE/canary/challenge  its notification page of the challenge
//
// to pages of any origin. A notification page posts to its parent, whoever
// that is, {type: "checkout-doctor:canary", step: "method" or "challenge",
// transID, transStatus}, the last for a challenge alone: there is no secret in it.
type Canary struct {
	base   string
	server *Server
	mux    *http.ServeMux
}

// CanaryTransaction is what a page needs to run a canary, in JSON.
type CanaryTransaction struct {
	TransID    string `json:"transID"`   // threeDSServerTransID
	MethodURL  string `json:"methodURL"` // takes MethodData in the form field threeDSMethodData
	MethodData string `json:"methodData"`
	ACSURL     string `json:"acsURL"` // takes CReq in the form field creq
	CReq       string `json:"creq"`
}

// NewCanary returns the canary that is reached under base, a URL without a
// slash at its end. A path in it has to be stripped before the canary sees a
// request. It needs no end: what was opened is forgotten after 90 seconds, and
// no more than ten thousand are open at once.
func NewCanary(base string) (*Canary, error) {
	server, err := newServer(Options{Base: base, FirstCReq: canaryLimit, Interaction: canaryLimit})
	if err != nil {
		return nil, fmt.Errorf("starting the canary: %w", err)
	}
	c := &Canary{base: base, server: server, mux: http.NewServeMux()}
	c.mux.HandleFunc("POST "+PathCanary, c.open)
	c.mux.HandleFunc("POST "+pathMethod, c.method)
	c.mux.HandleFunc("POST "+pathCanaryMethod, c.methodDone)
	c.mux.HandleFunc("POST "+pathCanaryChallenge, c.challengeDone)
	c.mux.Handle("/", server)
	return c, nil
}

// ServeHTTP implements http.Handler.
func (c *Canary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	c.mux.ServeHTTP(w, r)
}

// open begins a transaction. The request's body is of no interest.
func (c *Canary) open(w http.ResponseWriter, _ *http.Request) {
	areq := c.areq()
	decision := Decision{TransStatus: StatusChallenge, Outcome: StatusAuthenticated, Automatic: true}
	ares := newARes(areq, decision)
	if c.server.begin(areq, ares, decision) == nil {
		http.Error(w, "too many transactions are open", http.StatusServiceUnavailable)
		return
	}
	t, err := c.transaction(ares)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", messageContentType)
	json.NewEncoder(w).Encode(t) // an error means that the browser has gone
}

// areq is the AReq that the canary's own 3DS Server would have sent, as far as
// the challenge shows it or needs it.
func (c *Canary) areq() AReq {
	return AReq{
		MessageType: "AReq", MessageVersion: "2.2.0", ThreeDSServerTransID: NewTransactionID(),
		MessageCategory: "02", AcctNumber: "0000000000000000", MerchantName: "Checkout Doctor",
		PurchaseAmount: "0", PurchaseCurrency: "840", PurchaseExponent: "2",
		NotificationURL: c.base + pathCanaryChallenge,
	}
}

func (c *Canary) transaction(ares ARes) (CanaryTransaction, error) {
	data, err := Wrap(MethodData{ares.ThreeDSServerTransID, c.base + pathCanaryMethod})
	if err != nil {
		return CanaryTransaction{}, err
	}
	creq, err := Wrap(CReq{
		MessageType: "CReq", MessageVersion: ares.MessageVersion,
		ThreeDSServerTransID: ares.ThreeDSServerTransID, ACSTransID: ares.ACSTransID, ChallengeWindowSize: Window250x400,
	})
	if err != nil {
		return CanaryTransaction{}, err
	}
	return CanaryTransaction{
		TransID:   ares.ThreeDSServerTransID,
		MethodURL: MethodURL(c.base), MethodData: data,
		ACSURL: c.base + pathChallenge + ares.ACSTransID, CReq: creq,
	}, nil
}

// method serves the 3DS Method page, for the canary's own notification page
// alone: anybody can reach it, and it is to send nobody anywhere else.
func (c *Canary) method(w http.ResponseWriter, r *http.Request) {
	data, err := readMethodData(w, r)
	if err == nil && data.NotificationURL != c.base+pathCanaryMethod {
		err = errors.New("threeDSMethodNotificationURL is not the canary's")
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.server.showMethod(w, r, data)
}

// canaryNote is what a notification page tells its parent.
type canaryNote struct {
	Step        Step
	TransID     string
	TransStatus TransStatus
}

func (c *Canary) methodDone(w http.ResponseWriter, r *http.Request) {
	field, err := formField(w, r, "threeDSMethodData")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	done, err := DecodeMethodDone(field)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.notify(w, canaryNote{Step: StepMethod, TransID: done.ThreeDSServerTransID})
}

func (c *Canary) challengeDone(w http.ResponseWriter, r *http.Request) {
	cres, err := readCRes(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.notify(w, canaryNote{StepChallenge, cres.ThreeDSServerTransID, cres.TransStatus})
}

func readCRes(w http.ResponseWriter, r *http.Request) (CRes, error) {
	field, err := formField(w, r, "cres")
	if err != nil {
		return CRes{}, err
	}
	body, err := Unwrap(field)
	if err != nil {
		return CRes{}, err
	}
	return Decode[CRes](body, ComponentServer)
}

func (c *Canary) notify(w http.ResponseWriter, note canaryNote) {
	setPageHeaders(w.Header(), "'none'")
	render(w, http.StatusOK, "canary.html", struct {
		frame
		canaryNote
	}{c.server.frame(""), note})
}
