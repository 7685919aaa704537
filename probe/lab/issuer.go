package lab

import (
	"io"
	"net/http"

	"checkoutdoctor/web/acs"
)

// unresolvable is a base for the ACS that no resolver knows (RFC 6761).
const unresolvable = "https://acs.unresolvable.invalid"

// newIssuer returns the issuer's server. It stands on both hosts of the
// issuer: a challenge that one opens can be answered on the other, so that a
// redirect between them needs nothing more.
func (l *Lab) newIssuer() (*acs.Server, error) {
	return acs.New(acs.Options{
		Base:        l.origins.ACS,
		Client:      l.client,
		Decide:      l.decide,
		Intercept:   l.intercept,
		FirstCReq:   max(shortestFirstCReq, l.scaled(firstCReqLimit)),
		Interaction: l.scaled(challengeLimit),
	})
}

// shortestFirstCReq leaves a slow proxy the time to let a CReq through.
const shortestFirstCReq = 3 * shortestLimit

func (l *Lab) decide(areq acs.AReq) acs.Decision {
	c, err := parseCard(areq.AcctNumber)
	if err != nil {
		return acs.Decision{TransStatus: acs.StatusUnavailable, Reason: acs.ReasonNoCardRecord}
	}
	d := c.decision()
	if l.assigned.of(areq.ThreeDSServerTransID).has(acsDNS) {
		d.Base = unresolvable
	}
	return d
}

// intercept puts the issuer's faults before its pages.
func (l *Lab) intercept(step acs.Step, threeDSServerTransID string, next http.Handler) http.Handler {
	faults := l.assigned.of(threeDSServerTransID)
	switch {
	case step == acs.StepMethod && faults.has(methodTimeout):
		return http.HandlerFunc(silentMethod)
	case step != acs.StepChallenge:
		return next
	case faults.has(acsHang):
		return http.HandlerFunc(hang)
	case faults.has(acsHTTP500):
		return http.HandlerFunc(fail)
	case faults.has(acsNeedsCookie):
		next = needCookie(next)
	}
	if faults.has(acsFrameOptions) {
		next = withHeader(next, "X-Frame-Options", "DENY")
	}
	if faults.has(acsFrameAncestors) {
		next = withHeader(next, "Content-Security-Policy", "frame-ancestors 'none'")
	}
	return next
}

// withHeader adds a header. Browsers hold a page to all of several policies.
func withHeader(next http.Handler, name, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add(name, value)
		next.ServeHTTP(w, r)
	})
}

// silentMethod is a 3DS Method page whose script has gone.
func silentMethod(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, "<!doctype html><html lang=\"en\"><title>3DS Method</title></html>\n")
}

// hang reads the request and never answers, not even when the lab is closed.
func hang(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxRequest))
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

func fail(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "the issuer's service failed", http.StatusInternalServerError)
}

// The cookie of an issuer that insists on one, and the mark of its redirect.
const (
	deviceCookie = "acs_device"
	triedQuery   = "tried"
)

// needCookie sets an unpartitioned third-party cookie, redirects to itself,
// and goes no further if the cookie does not come back. Redirect 307 repeats
// the POST with its CReq.
func needCookie(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie(deviceCookie)
		switch {
		case err == nil || r.Method != http.MethodPost:
			next.ServeHTTP(w, r)
		case r.URL.Query().Has(triedQuery):
			renderPage(w, http.StatusOK, "cookies.html", nil)
		default:
			http.SetCookie(w, &http.Cookie{
				Name: deviceCookie, Value: acs.NewTransactionID(), Path: "/",
				Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode,
			})
			http.Redirect(w, r, r.URL.Path+"?"+triedQuery+"=1", http.StatusTemporaryRedirect)
		}
	})
}
