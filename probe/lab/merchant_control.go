package lab

import (
	"errors"
	"net/http"

	"checkoutdoctor/web/vantage"
)

// pathControl is the address by which the diagnostic learns what the
// merchant's server makes of this browser. It stands among the payment calls,
// so that it gets the cookies that they get, and pageQuery names its page.
const pathControl = "/pay/session"

// headerLimit is how many bytes of cookies the server takes for the pages
// with a fault of that kind: as many as nginx does by its own default.
const headerLimit = 8192

// controlAnswer tells the build that the server has now.
type controlAnswer struct {
	BuildID string `json:"buildId"`
}

// control answers as a payment call of the page would, but without an effect:
// 200 to who could go on, and an error to who could not. Without a session it
// is 401, whoever asks.
func (m *merchant) control(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	refused := m.refuse(r, r.URL.Query().Get(pageQuery))
	m.mu.Unlock()
	if refused != nil {
		refused.reply(w)
		return
	}
	replyJSON(w, http.StatusOK, controlAnswer{newBuild.id})
}

// refusal is why the server does not answer a call of a page.
type refusal struct {
	status int
	reason string
}

func (f *refusal) reply(w http.ResponseWriter) { replyError(w, f.status, errors.New(f.reason)) }

// refuse returns why the server does not answer the request of the page with
// the token, or nil. A page that is not known has nothing to be checked but the
// session. It needs the lock.
func (m *merchant) refuse(r *http.Request, token string) *refusal {
	p := m.pages[token]
	if f := tooLarge(r, p.faults); f != nil {
		return f
	}
	s := m.session(r)
	switch {
	case s == nil:
		return &refusal{http.StatusUnauthorized, "the session's cookie is missing"}
	case p.session != nil && p.session != s:
		return &refusal{http.StatusForbidden, "the session's cookie is not this page's"}
	}
	return refuseCookies(r, token, p.faults)
}

// tooLarge refuses more cookies than the server takes, as its faults have it:
// with the status that the specification has for it (RFC 6585), or with
// nginx's.
func tooLarge(r *http.Request, faults faultSet) *refusal {
	if vantage.CookieBytes(r.Header) <= headerLimit {
		return nil
	}
	switch {
	case faults.has(headerTooLarge):
		return &refusal{http.StatusRequestHeaderFieldsTooLarge, "the cookies are too large"}
	case faults.has(headerTooLarge400):
		return &refusal{http.StatusBadRequest, "request header or cookie too large"}
	}
	return nil
}
