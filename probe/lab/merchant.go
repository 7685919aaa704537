package lab

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"checkoutdoctor/web/acs"
)

// merchant is the payment page and the server behind it.
type merchant struct {
	lab    *Lab
	mux    *http.ServeMux
	assets map[string]asset

	mu       sync.Mutex
	sessions map[string]*session
}

// session is one browser; the merchant's mu guards it.
type session struct {
	pages     map[string]*payment // by the page's token
	oldScript staleness
}

// staleness says what a session's browser was given for the script that the
// fault stale-script leaves in its cache.
type staleness int

const (
	neverAsked    staleness = iota // its pages do not use that script
	oldBuildIsDue                  // the next answer is the old build
	oldBuildGiven                  // every further one is the new
)

// payment is one payment page.
type payment struct {
	faults      faultSet
	card        string
	threeDSID   string
	sessionData string
}

// sessionCookie is first-party and needed by everything under /pay/.
const sessionCookie = "merchant_session"

// popupLookupDelay is longer than the five seconds that a click's activation
// lasts in Chromium. It is the browser's clock, so the time scale does not apply.
const popupLookupDelay = 6 * time.Second

// bill is what the page asks to be paid.
var bill = purchase{Merchant: "Ads Manager", Minor: "12000", Currency: "840", Exponent: "2"}

func newMerchant(l *Lab) (http.Handler, error) {
	assets, err := merchantAssets()
	if err != nil {
		return nil, err
	}
	m := &merchant{lab: l, mux: http.NewServeMux(), assets: assets, sessions: make(map[string]*session)}
	m.mux.HandleFunc("GET /{$}", m.page)
	m.mux.HandleFunc("GET /assets/{path...}", m.asset)
	m.mux.HandleFunc("GET "+pathWorker, m.worker)
	m.mux.HandleFunc("POST /pay/start", m.start)
	m.mux.HandleFunc("POST /pay/authenticate", m.authenticate)
	m.mux.HandleFunc("POST /pay/result", m.result)
	m.mux.HandleFunc("POST "+oldBuild.api+"/", gone)
	return m.mux, nil
}

// view is what the page's template shows.
type view struct {
	Page           string // token of this page
	Card           string
	Script         string // URL path of the payment script, the first script of the page
	StartWorker    bool   // the script comes by way of a service worker
	Popup          bool   // the challenge is to open in a window
	Sandbox        string // of the challenge frame, "" for none
	MethodLimit    int64  // milliseconds
	ChallengeLimit int64  // milliseconds
	Vantage        string
	Helper         string
	AdsManagerURL  string
	Origins        Origins
}

// page serves a payment page with a token and faults of its own.
func (m *merchant) page(w http.ResponseWriter, r *http.Request) {
	faults, err := parseFaults(r.URL.Query().Get("fault"), m.lab.o.PlainHTTPLocalhost)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	token := m.open(w, r, faults)
	h := w.Header()
	h.Set("Content-Security-Policy", m.policy(faults))
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Cache-Control", "no-store")
	renderPage(w, http.StatusOK, "merchant.html", m.view(token, r.URL.Query().Get("card"), faults))
}

func (m *merchant) view(token, card string, faults faultSet) view {
	v := view{
		Page: token, Card: card, Script: pathScript,
		MethodLimit:    m.lab.scaled(methodLimit).Milliseconds(),
		ChallengeLimit: m.lab.scaled(challengeLimit).Milliseconds(),
		Vantage:        m.lab.origins.Diag + "/vantage",
		Helper:         m.lab.origins.Helper,
		AdsManagerURL:  m.lab.origins.Merchant + "/?aadvid=7",
		Origins:        m.lab.origins,
		Popup:          faults.has(popupTooLate),
		StartWorker:    faults.has(staleWorker),
	}
	if faults.has(staleScript) {
		v.Script = pathStableScript
	}
	if faults.has(frameSandboxNoForms) {
		v.Sandbox = "allow-scripts allow-same-origin"
	}
	switch {
	case faults.has(vantageElsewhere):
		v.Vantage += "?" + countryQuery + "=BR"
	case faults.has(vantageDown):
		v.Vantage = nowhere + "/vantage"
	}
	if faults.has(helperDown) {
		v.Helper = nowhere
	}
	return v
}

// nowhere is an origin of the diagnostic's own that no resolver knows (RFC 6761).
const nowhere = "https://doctor.unresolvable.invalid"

// policy is the page's Content-Security-Policy. It has no inline script or
// style, and lets frames, forms and connections to HTTPS pass: a merchant
// cannot know every issuer's host.
func (m *merchant) policy(faults faultSet) string {
	o := m.lab.origins
	others := "https:"
	if m.lab.o.PlainHTTPLocalhost {
		others = strings.Join(append([]string{others}, o.list()[1:]...), " ")
	}
	frames := others
	if faults.has(pageCSPFrameSrc) {
		frames = strings.Join([]string{o.Diag, o.Helper, o.ThreeDSServer}, " ")
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval' " + o.Diag,
		"style-src 'self' " + o.Diag,
		"img-src 'self' " + o.Diag,
		"worker-src 'self'",
		"connect-src 'self' " + others,
		"frame-src " + frames,
		"object-src " + others,
		"form-action 'self' " + others,
		"base-uri 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

// open gives the browser a session if it has none, and the page a token in it.
func (m *merchant) open(w http.ResponseWriter, r *http.Request, faults faultSet) (token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.session(r)
	if s == nil {
		s = m.newSession(w)
	}
	if faults.has(staleScript) && s.oldScript == neverAsked {
		s.oldScript = oldBuildIsDue
	}
	token = acs.NewTransactionID()
	s.pages[token] = &payment{faults: faults}
	return token
}

// session returns the request's session, or nil. It needs the lock.
func (m *merchant) session(r *http.Request) *session {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	return m.sessions[cookie.Value]
}

// newSession needs the lock.
func (m *merchant) newSession(w http.ResponseWriter) *session {
	id := acs.NewTransactionID()
	s := &session{pages: make(map[string]*payment)}
	m.sessions[id] = s
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: id, Path: "/",
		HttpOnly: true, Secure: !m.lab.o.PlainHTTPLocalhost, SameSite: http.SameSiteLaxMode,
	})
	return s
}

// payment returns a copy of the page's payment if the request's session has
// such a page. Otherwise it has answered 403.
func (m *merchant) payment(w http.ResponseWriter, r *http.Request, token string) (payment, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.session(r); s != nil && s.pages[token] != nil {
		return *s.pages[token], true
	}
	replyError(w, http.StatusForbidden, errors.New("the session's cookie is missing or not this page's"))
	return payment{}, false
}

// update stores what payment returned a copy of.
func (m *merchant) update(r *http.Request, token string, p payment) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.session(r); s != nil {
		s.pages[token] = &p
	}
}

// What the page's script asks of its server.
type (
	startQuestion struct {
		Page string `json:"page"`
		Card string `json:"card"`
	}
	payQuestion struct {
		Page           string         `json:"page"`
		ThreeDSCompInd string         `json:"threeDSCompInd"`
		WindowSize     acs.WindowSize `json:"windowSize"`
		Browser        acs.Browser    `json:"browser"`
	}
	payAnswer struct {
		authenticateAnswer
		Paid        bool   `json:"paid"`
		SessionData string `json:"threeDSSessionData,omitempty"` // for the challenge's form
		Width       int    `json:"width,omitempty"`              // of the challenge frame, CSS pixels; 0 for all there is
		Height      int    `json:"height,omitempty"`
	}
	resultAnswer struct {
		outcome
		Paid bool `json:"paid"`
	}
)

// start looks the card up.
func (m *merchant) start(w http.ResponseWriter, r *http.Request) {
	var q startQuestion
	if !readJSON(w, r, &q) {
		return
	}
	p, ok := m.payment(w, r, q.Page)
	if !ok {
		return
	}
	if p.faults.has(popupTooLate) && !sleep(r.Context(), popupLookupDelay) {
		return
	}
	answer, err := callJSON[lookupAnswer](r.Context(), m.lab.client, m.lab.origins.ThreeDSServer+pathLookup, lookupQuestion{q.Card})
	if err != nil {
		replyError(w, http.StatusBadGateway, err)
		return
	}
	p.card, p.threeDSID = q.Card, answer.ThreeDSServerTransID
	p.sessionData = base64.RawURLEncoding.EncodeToString([]byte("page=" + q.Page))
	m.update(r, q.Page, p)
	m.lab.assigned.put(p.threeDSID, p.faults)
	replyJSON(w, http.StatusOK, answer)
}

// sleep reports whether it came to its end before ctx.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// authenticate asks the issuer by way of the 3DS Server.
func (m *merchant) authenticate(w http.ResponseWriter, r *http.Request) {
	var q payQuestion
	if !readJSON(w, r, &q) {
		return
	}
	p, ok := m.payment(w, r, q.Page)
	if !ok {
		return
	}
	bill := bill
	bill.URL = m.lab.origins.Merchant
	answer, err := callJSON[authenticateAnswer](r.Context(), m.lab.client, m.lab.origins.ThreeDSServer+pathAuthenticate,
		authenticateQuestion{
			ThreeDSServerTransID: p.threeDSID, AcctNumber: p.card, ThreeDSCompInd: q.ThreeDSCompInd,
			WindowSize: q.WindowSize, SessionData: p.sessionData, Purchase: bill, Browser: browserOf(r, q.Browser),
		})
	if err != nil {
		replyError(w, http.StatusBadGateway, err)
		return
	}
	m.replyAuthenticated(w, answer, p, q.WindowSize)
}

func (m *merchant) replyAuthenticated(w http.ResponseWriter, answer authenticateAnswer, p payment, window acs.WindowSize) {
	pay := payAnswer{authenticateAnswer: answer, Paid: pays(answer.TransStatus)}
	if answer.TransStatus == acs.StatusChallenge {
		pay.SessionData = p.sessionData
		pay.Width, pay.Height = window.Pixels()
	}
	replyJSON(w, http.StatusOK, pay)
}

// browserOf adds what the server sees of the browser to what the script told.
func browserOf(r *http.Request, b acs.Browser) acs.Browser {
	b.AcceptHeader = r.Header.Get("Accept")
	b.UserAgent = r.UserAgent()
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		b.IP = host
	}
	return b
}

// pays reports whether a merchant goes on to charge the card.
func pays(status acs.TransStatus) bool {
	return status == acs.StatusAuthenticated || status == acs.StatusAttempted || status == acs.StatusInformational
}

// result tells the page how its challenge ended, by the RReq alone.
func (m *merchant) result(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Page string `json:"page"`
	}
	if !readJSON(w, r, &q) {
		return
	}
	p, ok := m.payment(w, r, q.Page)
	if !ok {
		return
	}
	o, err := callJSON[outcome](r.Context(), m.lab.client, m.lab.origins.ThreeDSServer+pathResult+p.threeDSID, nil)
	if err != nil {
		replyError(w, http.StatusBadGateway, fmt.Errorf("no result of the challenge: %w", err))
		return
	}
	replyJSON(w, http.StatusOK, resultAnswer{o, pays(o.TransStatus)})
}

// gone answers the payment call of an old build.
func gone(w http.ResponseWriter, _ *http.Request) {
	replyError(w, http.StatusGone, errors.New("this build's payment call was removed"))
}
