package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The cookies that payment calls need beside the session's, for pages with the
// faults cookie-duplicate and clock-behind.
const (
	csrfCookie = "csrf"
	csrfHeader = "X-CSRF" // repeats that cookie's value, which no other site's page can read
	stepCookie = "checkout_step"
)

// leftCSRF is the value of the cookie that a former checkout, on another host
// of the domain or another path, has left behind.
const leftCSRF = "of-a-former-checkout"

// pathBilling is where the payment page stands with the fault
// cookie-duplicate-path. A cookie of that path does not come with payment calls.
const pathBilling = "/billing/"

const (
	// tooManyCookies are more than the 180 that Chromium keeps of a site before
	// it drops those that were used least recently down to 150.
	tooManyCookies = 250
	manyCookies    = 100 // which every browser keeps
	largeCookies   = 3   // of largeCookie bytes, which together are more than headerLimit
	largeCookie    = 3600
)

// serverBehind is how far the server's clock is behind with the fault
// clock-behind. Of a cookie in a header Chromium takes the answer's Date off
// again; of one that script sets it knows no Date, so that it ends at once.
const serverBehind = 48 * time.Hour

// serverAhead is how far the clock of the merchant's server, and of the vantage,
// is ahead with the fault vantage-clock.
const serverAhead = 2 * time.Hour

// clock is what the time is on the server of a page with the faults.
func clock(faults faultSet) time.Time {
	switch {
	case faults.has(clockBehind):
		return time.Now().Add(-serverBehind)
	case faults.has(vantageClock):
		return time.Now().Add(serverAhead)
	}
	return time.Now()
}

// byClock dates every answer as the clock has it: to the page, and to what the
// page asks for, of which the referrer tells the faults.
func (m *merchant) byClock(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := r.URL
		if from, err := url.Parse(r.Referer()); err == nil && !page.Query().Has(faultQuery) {
			page = from
		}
		if faults, err := parseFaults(page.Query().Get(faultQuery), m.lab.o.PlainHTTPLocalhost); err == nil {
			w.Header().Set("Date", clock(faults).UTC().Format(http.TimeFormat))
		}
		next.ServeHTTP(w, r)
	})
}

// addCookies sets the cookies that the faults of the page with the token ask
// for. The session's cookie has to be set before: a browser whose jar is full drops the oldest.
func (m *merchant) addCookies(w http.ResponseWriter, token string, faults faultSet) {
	if faults.has(jarOverfull) {
		m.setMany(w, "campaign", tooManyCookies)
	}
	if faults.has(cookiesHundred) {
		m.setMany(w, "preference", manyCookies)
	}
	if faults.has(headerTooLarge) || faults.has(headerTooLarge400) {
		m.setLarge(w)
	}
	if faults.has(cookieDuplicate) {
		m.setTwice(w, csrfCookie, leftCSRF, token)
	}
	if faults.has(cookieDuplicatePath) {
		m.setCookie(w, http.Cookie{Name: csrfCookie, Value: leftCSRF})
		m.setCookie(w, http.Cookie{Name: csrfCookie, Value: token, Path: pathBilling})
	}
	if faults.has(cookiesTwice) {
		m.setTwice(w, "theme", "dark", "light")
	}
}

func (m *merchant) setMany(w http.ResponseWriter, name string, n int) {
	for i := range n {
		m.setCookie(w, http.Cookie{Name: fmt.Sprintf("%s_%03d", name, i), Value: "seen"})
	}
}

// setLarge sets cookies that come with payment calls alone, so that the page
// itself can still be had.
func (m *merchant) setLarge(w http.ResponseWriter) {
	for i := range largeCookies {
		m.setCookie(w, http.Cookie{Name: fmt.Sprintf("basket_%d", i), Value: strings.Repeat("x", largeCookie), Path: "/pay"})
	}
}

// setTwice sets two cookies of one name, which a browser tells apart by their
// domains. It sends the older one first (RFC 6265, section 5.4).
func (m *merchant) setTwice(w http.ResponseWriter, name, ofDomain, ofHost string) {
	_, domain, _ := strings.Cut(hostOf(m.lab.origins.Merchant), ".")
	m.setCookie(w, http.Cookie{Name: name, Value: ofDomain, Domain: domain})
	m.setCookie(w, http.Cookie{Name: name, Value: ofHost})
}

// setCookie sets a cookie that scripts may read, unless it says otherwise, on
// all of the site, unless it names a path.
func (m *merchant) setCookie(w http.ResponseWriter, c http.Cookie) {
	if c.Path == "" {
		c.Path = "/"
	}
	c.Secure, c.SameSite = !m.lab.o.PlainHTTPLocalhost, http.SameSiteLaxMode
	http.SetCookie(w, &c)
}

// describeCookies tells the page's scripts what they need to know of the
// cookies that the faults are about.
func (v *view) describeCookies(faults faultSet) {
	if faults.has(headerTooLarge) || faults.has(headerTooLarge400) {
		v.HeaderLimit = headerLimit
	}
	if needsProof(faults) {
		v.CSRF = v.Page
	}
	if faults.has(clockBehind) {
		v.StepExpires = clock(faults).Add(time.Hour).UTC().Format(http.TimeFormat)
	}
}

// refuseCookies returns why the server does not answer the page's request by
// the cookies beside the session's, or nil.
func refuseCookies(r *http.Request, token string, faults faultSet) *refusal {
	if needsProof(faults) && !provesPage(r, token) {
		return &refusal{http.StatusForbidden, "the csrf cookie is not this page's"}
	}
	if _, err := r.Cookie(stepCookie); err != nil && faults.has(clockBehind) {
		return &refusal{http.StatusForbidden, "the checkout's step is not known"}
	}
	return nil
}

// needsProof reports whether payment calls have to come with the csrf cookie.
func needsProof(faults faultSet) bool {
	return faults.has(cookieDuplicate) || faults.has(cookieDuplicatePath)
}

// provesPage reports whether the request is from the page that got the token
// in a cookie: a call that has an effect repeats it in a header. Like most
// servers this one reads the first cookie of a name, and no other.
func provesPage(r *http.Request, token string) bool {
	cookie, err := r.Cookie(csrfCookie)
	if err != nil || cookie.Value != token {
		return false
	}
	return r.Method == http.MethodGet || r.Header.Get(csrfHeader) == token
}
