package lab

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"checkoutdoctor/web"
	"checkoutdoctor/web/acs"
)

// merchant is the payment page and the server behind it.
type merchant struct {
	lab    *Lab
	mux    *http.ServeMux
	assets map[string]asset

	mu       sync.Mutex
	sessions map[string]*session // by the cookie's value
	pages    map[string]payment  // by the page's token
}

// session is one browser; the merchant's mu guards it.
type session struct {
	old oldThings
}

// payment is one payment page.
type payment struct {
	session     *session
	faults      faultSet
	first       bool // it is the session's first with a fault about an old build
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
	m := &merchant{lab: l, mux: http.NewServeMux(), assets: assets, sessions: make(map[string]*session), pages: make(map[string]payment)}
	m.mux.HandleFunc("GET /{$}", m.page)
	m.mux.HandleFunc("GET "+pathBilling+"{$}", m.page)
	m.mux.HandleFunc("GET /assets/{path...}", m.asset)
	m.mux.HandleFunc("GET "+pathWorker, m.worker)
	m.mux.HandleFunc("GET "+pathApp, m.app)
	m.mux.Handle("POST "+pathClear, web.ClearSiteData("cache", "storage"))
	m.mux.HandleFunc("GET "+pathControl, m.control)
	m.mux.HandleFunc("POST /pay/start", m.start)
	m.mux.HandleFunc("POST /pay/authenticate", m.authenticate)
	m.mux.HandleFunc("POST /pay/result", m.result)
	m.mux.HandleFunc("POST /pay/problem", m.problem)
	m.mux.HandleFunc("GET "+pathReturn, m.explainReturn)
	m.mux.HandleFunc("POST "+pathReturn, m.challengeReturned)
	m.mux.HandleFunc("POST "+oldBuild.api+"/", gone)
	return m.byClock(m.mux), nil
}

// open gives the browser a session if it has none, and the page a token in it.
func (m *merchant) open(w http.ResponseWriter, r *http.Request, faults faultSet) (token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.session(r)
	if s == nil {
		s = m.newSession(w)
	}
	token = acs.NewTransactionID()
	m.pages[token] = payment{session: s, faults: faults, first: s.old.promise(faults)}
	m.addCookies(w, token, faults)
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
	s := &session{old: make(oldThings)}
	m.sessions[id] = s
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: id, Path: "/",
		HttpOnly: true, Secure: !m.lab.o.PlainHTTPLocalhost, SameSite: http.SameSiteLaxMode,
	})
	return s
}

// payment returns the payment of the page with the token, if the request is of
// its session and has all else that the page needs. Otherwise it has answered.
func (m *merchant) payment(w http.ResponseWriter, r *http.Request, token string) (payment, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	refused := m.refuse(r, token)
	p, known := m.pages[token]
	if refused == nil && !known {
		refused = &refusal{http.StatusForbidden, "the page is not known"}
	}
	if refused != nil {
		refused.reply(w)
		return payment{}, false
	}
	return p, true
}

// update stores what has become of the page's payment.
func (m *merchant) update(token string, p payment) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pages[token] = p
}

// What the page's script asks of its server.
type (
	pageQuestion struct {
		Page string `json:"page"`
	}
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
	}
	resultAnswer struct {
		outcome
		Paid        bool   `json:"paid"`
		DeclineCode string `json:"declineCode,omitempty"` // of the gateway, for a charge that was declined
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
	m.update(q.Page, p)
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
			WindowSize: q.WindowSize, SessionData: p.sessionData, NotificationURL: m.notificationURL(q.Page, p.faults),
			Purchase: bill, Browser: browserOf(r, q.Browser),
		})
	if err != nil {
		replyError(w, http.StatusBadGateway, err)
		return
	}
	pay := payAnswer{authenticateAnswer: answer, Paid: pays(answer.TransStatus)}
	if answer.TransStatus == acs.StatusChallenge {
		pay.SessionData = p.sessionData
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

// result tells the page how its challenge ended, and charges the card.
func (m *merchant) result(w http.ResponseWriter, r *http.Request) {
	p, ok := m.asked(w, r)
	if !ok {
		return
	}
	answer, err := m.charge(r.Context(), p)
	if err != nil {
		replyError(w, http.StatusBadGateway, err)
		return
	}
	replyJSON(w, http.StatusOK, answer)
}

// problem tells the page, whose challenge did not end in time, what error the
// issuer reported meanwhile.
func (m *merchant) problem(w http.ResponseWriter, r *http.Request) {
	p, ok := m.asked(w, r)
	if !ok {
		return
	}
	answer, err := callJSON[problemAnswer](r.Context(), m.lab.client, m.lab.origins.ThreeDSServer+pathProblem+p.threeDSID, nil)
	if err != nil {
		replyError(w, http.StatusBadGateway, err)
		return
	}
	replyJSON(w, http.StatusOK, answer)
}

// asked returns the payment of the page that a call names. The answer is sent
// if it returns false.
func (m *merchant) asked(w http.ResponseWriter, r *http.Request) (payment, bool) {
	var q pageQuestion
	if !readJSON(w, r, &q) {
		return payment{}, false
	}
	return m.payment(w, r, q.Page)
}

// gone answers the payment call of an old build.
func gone(w http.ResponseWriter, _ *http.Request) {
	replyError(w, http.StatusGone, errors.New("this build's payment call was removed"))
}
