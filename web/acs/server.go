// Package acs speaks the issuer's side of EMV 3-D Secure 2 in the browser: the
// messages of the protocol with their validation, and an Access Control Server
// that answers AReq, serves the 3DS Method page and the challenge page, and
// sends the result. It stands in for an issuer: no card is ever charged by it.
//
// The challenge asks for a code that it shows. What an issuer gets wrong is no
// part of this package; [Options.Intercept] is where a caller puts it. A
// [Canary] is both sides in one, for a page that tries out its browser.
package acs

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options configures a Server.
type Options struct {
	// Base is the URL under which the handler is reached, without a slash at
	// its end, such as https://acs.issuer.test or https://helper.example/acs. A path
	// in it has to be stripped before the handler sees a request.
	Base string
	// Client sends the RReq to the 3DS Server that the AReq names, and an Erro
	// where the CReq of its transaction is rejected.
	Client *http.Client
	// Decide is the issuer's policy.
	Decide func(AReq) Decision
	// Intercept, if not nil, stands before the handler of the browser's
	// requests for a transaction. The page's headers are set already, so that
	// it can change them, or answer in place of next.
	Intercept func(step Step, threeDSServerTransID string, next http.Handler) http.Handler
	// FirstCReq is how long the challenge may take to be opened after the
	// ARes; 0 means the specification's 30 s.
	FirstCReq time.Duration
	// Interaction is how long the cardholder may take for each answer; 0 means
	// the specification's 10 min.
	Interaction time.Duration
}

// Decision is the issuer's answer to an AReq.
type Decision struct {
	TransStatus TransStatus // of the ARes
	Reason      string      // transStatusReason, required for N, U and R
	Outcome     TransStatus // Y or N: how a challenge ends when the right code was given
	Base        string      // where the ARes says that the challenge is; empty for Options.Base

	Automatic  bool     // the challenge page answers itself, with the right code
	Nested     bool     // the form stands in a frame within the challenge page
	Scripts    []string // URL paths of further scripts of the challenge page, on its own host
	PaddedCRes bool     // the CRes is padded, which senders must not do and receivers have to accept
}

// Step names what the browser asks the server for.
type Step string

// The steps that [Options.Intercept] sees.
const (
	StepMethod    Step = "method"    // the 3DS Method page
	StepChallenge Step = "challenge" // the challenge page, and the form of a nested one
	StepAnswer    Step = "answer"    // the answers to a challenge
)

// Code is the code that the challenge asks for, and shows.
const Code = "1234"

// The parts of a path under Options.Base.
const (
	pathAReq      = "/areq"
	pathMethod    = "/method"
	pathChallenge = "/challenge/"
	pathForm      = "/form"
	pathAnswer    = "/answer"
)

// AReqURL returns the URL that takes the AReq of a server under base.
func AReqURL(base string) string { return base + pathAReq }

// MethodURL returns the 3DS Method URL of a server under base.
func MethodURL(base string) string { return base + pathMethod }

// Server is an Access Control Server. It is an http.Handler; [Server.Close]
// ends it.
type Server struct {
	o      Options
	prefix string // path of Options.Base
	mux    *http.ServeMux
	open   transactions
	ctx    context.Context
	stop   context.CancelFunc

	mu      sync.Mutex // guards closed, and orders it with results.Add
	closed  bool
	results sync.WaitGroup
}

// New returns a server that runs until Close. The error says which option is
// missing or malformed.
func New(o Options) (*Server, error) {
	if o.Client == nil || o.Decide == nil {
		return nil, errors.New("starting the ACS: Client and Decide are required")
	}
	s, err := newServer(o)
	if err != nil {
		return nil, fmt.Errorf("starting the ACS: %w", err)
	}
	s.mux.HandleFunc("POST "+pathAReq, s.authenticate)
	s.mux.HandleFunc("POST "+pathMethod, s.method)
	return s, nil
}

// newServer returns a server that has the challenge's pages and takes nothing
// that opens one. Without a client it tells nobody how a challenge ended.
func newServer(o Options) (*Server, error) {
	base, err := url.Parse(o.Base)
	if err != nil || !isAddress(o.Base) || strings.HasSuffix(o.Base, "/") {
		return nil, fmt.Errorf("%q is no base URL", o.Base)
	}
	if o.Intercept == nil {
		o.Intercept = func(_ Step, _ string, next http.Handler) http.Handler { return next }
	}
	if o.FirstCReq == 0 {
		o.FirstCReq = 30 * time.Second
	}
	if o.Interaction == 0 {
		o.Interaction = 10 * time.Minute
	}
	s := &Server{o: o, prefix: base.EscapedPath(), mux: http.NewServeMux()}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.routePages()
	return s, nil
}

func (s *Server) routePages() {
	s.mux.Handle("GET "+pathChallenge+"{id}", s.step(StepChallenge, s.explain))
	s.mux.Handle("POST "+pathChallenge+"{id}", s.step(StepChallenge, s.challenge))
	s.mux.Handle("GET "+pathChallenge+"{id}"+pathForm, s.step(StepChallenge, s.form))
	s.mux.Handle("POST "+pathChallenge+"{id}"+pathAnswer, s.step(StepAnswer, s.answer))
	for _, path := range assetPaths() {
		s.mux.Handle("GET "+path, assetHandler())
	}
	s.mux.HandleFunc("GET /{$}", s.home)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close stops the time limits and waits for results that are being sent.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.open.stopTimers()
	s.results.Wait()
}

// enter reports whether work that Close has to wait for may begin; it is to be
// ended by results.Done.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.results.Add(1)
	return true
}

// authenticate answers an AReq.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) {
	areq, err := Receive[AReq](r, ComponentACS)
	if err != nil {
		ReplyErro(w, ComponentACS, err)
		return
	}
	d := s.o.Decide(areq)
	ares := newARes(areq, d)
	if d.TransStatus == StatusChallenge {
		t := s.begin(areq, ares, d)
		if t == nil {
			Reply(w, newErro(ComponentACS, "AReq", CodeTransientFailure, "too many transactions",
				elements{"threeDSServerTransID": areq.ThreeDSServerTransID}))
			return
		}
		ares.ACSURL = s.challengeBase(d) + pathChallenge + t.acsID
	}
	Reply(w, ares)
}

func (s *Server) challengeBase(d Decision) string {
	if d.Base != "" {
		return d.Base
	}
	return s.o.Base
}

// begin opens the challenge's transaction; nil if there are too many.
func (s *Server) begin(areq AReq, ares ARes, d Decision) *transaction {
	t := &transaction{areq: areq, acsID: ares.ACSTransID, dsID: ares.DSTransID, decision: d}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.deadline = time.Now().Add(s.o.FirstCReq)
	t.timeLimit = time.AfterFunc(s.o.FirstCReq, func() { s.expire(t) })
	if err := s.open.add(t, t.deadline.Add(s.o.Interaction)); err != nil {
		t.timeLimit.Stop()
		return nil
	}
	return t
}

// newARes answers areq as decided. Without a directory server between, the
// ACS names its transaction and reference number too.
func newARes(areq AReq, d Decision) ARes {
	ares := ARes{
		MessageType: "ARes", MessageVersion: areq.MessageVersion,
		ThreeDSServerTransID: areq.ThreeDSServerTransID, ACSTransID: NewTransactionID(), DSTransID: NewTransactionID(),
		ACSReferenceNumber: "CHECKOUT-DOCTOR-ACS", ACSOperatorID: "CHECKOUT-DOCTOR", DSReferenceNumber: "CHECKOUT-DOCTOR-DS",
		TransStatus: d.TransStatus, TransStatusReason: d.Reason,
	}
	switch d.TransStatus {
	case StatusChallenge:
		ares.ACSChallengeMandated, ares.AuthenticationType = "Y", dynamicAuthentication
	case StatusDecoupled:
		ares.ACSDecConInd, ares.AuthenticationType = "Y", dynamicAuthentication
	}
	ares.AuthenticationValue, ares.ECI = proofOf(d.TransStatus)
	return ares
}

// dynamicAuthentication is the authenticationType of a one-time code.
const dynamicAuthentication = "02"

// proofOf returns what a merchant hands on to the card scheme: a random
// authenticationValue and the eci, for the statuses that have them.
func proofOf(status TransStatus) (value, eci string) {
	switch status {
	case StatusAuthenticated:
		eci = "05"
	case StatusAttempted:
		eci = "06"
	default:
		return "", ""
	}
	var b [20]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return base64.StdEncoding.EncodeToString(b[:]), eci
}

// method serves the 3DS Method page.
func (s *Server) method(w http.ResponseWriter, r *http.Request) {
	data, err := readMethodData(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.showMethod(w, r, data)
}

func readMethodData(w http.ResponseWriter, r *http.Request) (MethodData, error) {
	field, err := formField(w, r, "threeDSMethodData")
	if err != nil {
		return MethodData{}, err
	}
	return DecodeMethodData(field)
}

// showMethod answers with a page that calls back at once.
func (s *Server) showMethod(w http.ResponseWriter, r *http.Request, data MethodData) {
	setPageHeaders(w.Header(), originOf(data.NotificationURL))
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s.renderMethod(w, data) })
	s.o.Intercept(StepMethod, data.ThreeDSServerTransID, page).ServeHTTP(w, r)
}

func (s *Server) home(w http.ResponseWriter, _ *http.Request) {
	setPageHeaders(w.Header(), "'none'")
	s.renderMessage(w, http.StatusOK, "Access control server", "This issuer is a stand-in: it takes part in test payments and knows no real card.")
}

// formField reads one required field of a form in the request's body.
func formField(w http.ResponseWriter, r *http.Request, name string) (string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxMessage)
	if err := r.ParseForm(); err != nil {
		return "", fmt.Errorf("reading the form: %w", err)
	}
	if !r.PostForm.Has(name) {
		return "", fmt.Errorf("reading the form: no field %s", name)
	}
	return r.PostForm.Get(name), nil
}

// originOf returns the origin of a URL that isAddress has accepted.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
