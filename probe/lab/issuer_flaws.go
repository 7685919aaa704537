package lab

import (
	"io"
	"net/http"
	"time"

	"checkoutdoctor/web/acs"
)

// intercept puts the issuer's faults before its pages.
func (l *Lab) intercept(step acs.Step, threeDSServerTransID string, next http.Handler) http.Handler {
	faults := l.assigned.of(threeDSServerTransID)
	for _, f := range l.flaws(step) {
		if faults.has(f.fault) {
			next = f.put(next)
		}
	}
	return next
}

// A flaw is what a fault puts before a page of the issuer's.
type flaw struct {
	fault string
	put   func(next http.Handler) http.Handler
}

// flaws lists the faults of a step, the innermost first.
func (l *Lab) flaws(step acs.Step) []flaw {
	var flaws []flaw
	switch step {
	case acs.StepMethod:
		flaws = l.methodFlaws()
	case acs.StepChallenge:
		flaws = l.challengeFlaws()
	case acs.StepAnswer:
		flaws = []flaw{{acsNeverReturned, instead(noContent)}}
	}
	return append(flaws,
		flaw{acsFrameOptions, withHeader("X-Frame-Options", "DENY")},
		flaw{acsFrameAncestors, withHeader("Content-Security-Policy", "frame-ancestors 'none'")},
		flaw{acsResourcePolicy, reserved},
	)
}

func (l *Lab) methodFlaws() []flaw {
	limit := l.scaled(methodLimit)
	return []flaw{
		{methodTimeout, instead(silentMethod)},
		{methodTimeoutFatal, instead(silentMethod)},
		{methodLate, late(limit * 6 / 10)},
		{methodTooLate, late(limit * 14 / 10)},
	}
}

// slowness is how long the slow issuer takes, whatever the time scale: it is
// the patience of programs that it tries.
const slowness = 6 * time.Second

func (l *Lab) challengeFlaws() []flaw {
	return []flaw{
		{acsHang, instead(hang)},
		{acsHangBody, instead(hangInBody)},
		{acsHTTP404, instead(http.NotFound)},
		{acsHTTP500, instead(fail)},
		{acsRedirectLoop, instead(redirectToItself)},
		{acsNoContent, instead(noContent)},
		{acsDownload, instead(download)},
		{acsRejectsRequest, misread},
		{acsNeedsCookie, needCookie},
		{acsNeverReturned, allowFetch},
		{acsPostOnly, postOnly},
		{acsSlow, late(slowness)},
		{acsTwoHops, l.sendToOtherHost(pathHop)},
		{pageCSPFrameSrcRedirect, l.sendToOtherHost("")},
		{pageCSPFormActionRedirect, l.sendToOtherHost("")},
	}
}

// instead answers in place of the page.
func instead(answer http.HandlerFunc) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler { return answer }
}

// withHeader adds a header. Browsers hold a page to all of several policies.
func withHeader(name, value string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add(name, value)
			next.ServeHTTP(w, r)
		})
	}
}

// late lets the request wait.
func late(span time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if sleep(r.Context(), span) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// sendToOtherHost redirects what comes to the ACS to its second host, under a
// prefix of the path. Redirect 307 repeats the POST with its CReq.
func (l *Lab) sendToOtherHost(prefix string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host != hostOf(l.origins.ACS) {
				next.ServeHTTP(w, r)
				return
			}
			http.Redirect(w, r, l.origins.ACS2+prefix+r.URL.EscapedPath(), http.StatusTemporaryRedirect)
		})
	}
}

// silentMethod is a 3DS Method page whose script has gone.
func silentMethod(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, "<!doctype html><html lang=\"en\"><title>3DS Method</title></html>\n")
}

// hang reads the request and never answers, not even when the lab is closed.
func hang(w http.ResponseWriter, r *http.Request) {
	drain(w, r)
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// hangInBody answers half a line, and no more.
func hangInBody(w http.ResponseWriter, r *http.Request) {
	drain(w, r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, "<!doctype html><html lang=\"en\"><title>Confirm")
	http.NewResponseController(w).Flush() // an error means that the browser has gone
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// drain reads the request: until then a server does not notice that its client
// has gone.
func drain(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxRequest))
}

func fail(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "the issuer's service failed", http.StatusInternalServerError)
}

func redirectToItself(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.EscapedPath(), http.StatusTemporaryRedirect)
}

func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func download(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="challenge.bin"`)
	io.WriteString(w, "This was meant to be a page.\n")
}

func postOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "a challenge is opened by POST", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// misread spoils a valid CReq before the ACS reads it, so that the ACS rejects
// it and says so to all whom it concerns.
func misread(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		if field, ok := spoilt(r.PostFormValue("creq")); ok {
			r.PostForm.Set("creq", field) // which the ACS finds parsed
		}
		next.ServeHTTP(w, r)
	})
}

// spoilt returns the CReq with a window of no size; false if it is none.
func spoilt(field string) (string, bool) {
	body, err := acs.Unwrap(field)
	if err != nil {
		return "", false
	}
	creq, err := acs.Decode[acs.CReq](body, acs.ComponentACS)
	if err != nil {
		return "", false
	}
	creq.ChallengeWindowSize = "00"
	field, err = acs.Wrap(creq)
	return field, err == nil
}

// allowFetch lets the page's script speak to its server, beside its form.
func allowFetch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const policy = "Content-Security-Policy"
		w.Header().Set(policy, w.Header().Get(policy)+"; connect-src 'self'")
		next.ServeHTTP(w, r)
	})
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
