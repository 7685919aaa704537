package lab

import "net/http"

// pathReturn is the merchant's own notification page, and pageQuery the
// parameter of its address that names the payment page to which it belongs:
// a post from the issuer's site brings no cookie that would.
const (
	pathReturn = "/3ds/return"
	pageQuery  = "page"
)

// explainReturn answers whoever looks at the page without a CRes.
func (m *merchant) explainReturn(w http.ResponseWriter, r *http.Request) {
	m.notify(w, r, http.StatusOK, notification{Problem: "This page belongs to a payment."})
}

// challengeReturned takes the CRes with which the browser comes back.
func (m *merchant) challengeReturned(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	faults, signedIn := m.returned(r)
	if faults.has(notificationSessionLost) && !signedIn {
		m.notify(w, r, http.StatusForbidden, notification{Problem: "You are not signed in."})
		return
	}
	if redirects(faults) {
		m.pageReturned(w, r)
		return
	}
	field := r.PostFormValue("cres")
	end, err := m.check(r, field)
	if err != nil {
		m.notify(w, r, http.StatusBadRequest, notification{Problem: err.Error()})
		return
	}
	m.notify(w, r, http.StatusOK, challengeEnd(faults, end, field))
}

// check has the 3DS Server read a CRes.
func (m *merchant) check(r *http.Request, field string) (cresAnswer, error) {
	q := cresQuestion{CRes: field, SessionData: r.PostFormValue("threeDSSessionData")}
	return callJSON[cresAnswer](r.Context(), m.lab.client, m.lab.origins.ThreeDSServer+pathCRes, q)
}

// notify answers with a notification page, with the faults of the payment page
// to which it belongs.
func (m *merchant) notify(w http.ResponseWriter, r *http.Request, status int, n notification) {
	faults, _ := m.returned(r)
	n.NoFrame = faults.has(notificationFrameOptions)
	m.lab.notify(w, status, n)
}

// returned returns the faults of the payment page to which a notification
// belongs, and whether the request has a session.
func (m *merchant) returned(r *http.Request) (faults faultSet, signedIn bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pages[r.URL.Query().Get(pageQuery)].faults, m.session(r) != nil
}
