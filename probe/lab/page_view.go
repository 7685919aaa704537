package lab

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// view is what the page's template shows. The page's scripts read the faults
// and the settings from the attributes of the html element.
type view struct {
	Page            string // token of this page
	Card            string
	Faults          string // codes, separated by spaces
	Nonce           string // of the scripts under a strict policy, "" for none
	Provider        string // URL of the payment provider's script
	Script          string // URL path of the payment script, the first script of the page
	StartWorker     bool   // the script comes by way of a service worker
	ChallengeIn     challengePlace
	Sandbox         string // of the challenge frame, "" for none
	NotificationURL string // where the challenge comes back
	MethodLimit     int64  // milliseconds
	ChallengeLimit  int64  // milliseconds
	Watch           bool   // the diagnostic is to watch the payment
	Vantage         string
	Helper          string
	Canary          string
	AdsManagerURL   string
	Origins         Origins
}

// challengePlace is where the page shows the challenge.
type challengePlace string

const (
	inFrame      challengePlace = "frame"
	inPopup      challengePlace = "popup"      // a window that is opened in the click
	inPopupLater challengePlace = "late-popup" // a window that is opened when the challenge is there
)

// page serves a payment page with a token and faults of its own.
func (m *merchant) page(w http.ResponseWriter, r *http.Request) {
	faults, err := parseFaults(r.URL.Query().Get("fault"), m.lab.o.PlainHTTPLocalhost)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	v := m.view(m.open(w, r, faults), r.URL.Query().Get("card"), faults)
	m.pageHeaders(w.Header(), faults, v.Nonce)
	renderPage(w, http.StatusOK, "merchant.html", v)
}

func (m *merchant) view(token, card string, faults faultSet) view {
	o := m.lab.origins
	v := view{
		Page: token, Card: card, Faults: strings.Join(faults, " "), Script: pathScript, Provider: pathProvider,
		StartWorker:     faults.has(staleWorker) || faults.has(notificationSwallowed),
		ChallengeIn:     placeOf(faults),
		Sandbox:         sandboxOf(faults),
		NotificationURL: m.notificationURL(token, faults),
		MethodLimit:     m.lab.scaled(methodLimit).Milliseconds(),
		ChallengeLimit:  m.challengeLimit(faults).Milliseconds(),
		Watch:           faults.has(watched),
		AdsManagerURL:   o.Merchant + "/?aadvid=7",
		Origins:         o,
	}
	if faults.has(staleScript) {
		v.Script = pathStableScript
	}
	if faults.has(pageCSPScriptSrc) {
		v.Provider = o.ThreeDSServer + pathProvider
	}
	if faults.has(pageCSPStrict) {
		v.Nonce = newNonce()
	}
	v.Vantage, v.Helper, v.Canary = m.diagnosticSites(faults)
	return v
}

func placeOf(faults faultSet) challengePlace {
	switch {
	case faults.has(popupTooLate):
		return inPopupLater
	case faults.has(popupChallenge), faults.has(popupOpenerPolicy), faults.has(pageOpenerPolicy):
		return inPopup
	}
	return inFrame
}

func sandboxOf(faults faultSet) string {
	switch {
	case faults.has(frameSandboxNoForms):
		return "allow-scripts allow-same-origin"
	case faults.has(frameSandboxNoScripts):
		return "allow-forms allow-same-origin"
	case faults.has(frameSandboxNoSameOrigin):
		return "allow-forms allow-scripts"
	}
	return ""
}

// slowChallengeLimit leaves a user time after a page that takes six seconds of
// real time, whatever the time scale.
const slowChallengeLimit = 20 * time.Second

// challengeLimit is how long the page waits for the challenge's end.
func (m *merchant) challengeLimit(faults faultSet) time.Duration {
	limit := m.lab.scaled(challengeLimit)
	if faults.has(acsSlow) {
		return max(limit, slowChallengeLimit)
	}
	return limit
}

// notificationURL is where the challenge of the page with the token comes
// back: at the 3DS Server, or at the merchant's own server.
func (m *merchant) notificationURL(token string, faults faultSet) string {
	o := m.lab.origins
	switch {
	case faults.has(notificationTooLong):
		return tooLong(o.ThreeDSServer + pathChallengeNotify + "?state=")
	case faults.has(notificationMerchant), faults.has(notificationSessionLost),
		faults.has(notificationFrameOptions), faults.has(notificationSwallowed):
		return o.Merchant + pathReturn + "?" + url.Values{pageQuery: {token}}.Encode()
	}
	return o.ThreeDSServer + pathChallengeNotify
}

// tooLong fills an address up to more than the 256 characters that the
// protocol allows a notification URL.
func tooLong(address string) string {
	return address + strings.Repeat("x", max(0, 300-len(address)))
}

// The hosts of an issuer whose canary stands with it.
const (
	brokenIssuer  = "https://broken.issuer.test" // answers every request with an error
	loopingIssuer = "https://loop.issuer.test"   // redirects every request to itself
)

// nowhere is an origin of the diagnostic's own that no resolver knows (RFC 6761).
const nowhere = "https://doctor.unresolvable.invalid"

// pathCanary is where the diagnostic's own ACS stands on its host.
const pathCanary = "/acs"

// diagnosticSites are what the page gives its diagnostic to ask.
func (m *merchant) diagnosticSites(faults faultSet) (vantage, helper, canary string) {
	o := m.lab.origins
	vantage, helper, canary = o.Diag+"/vantage", o.Helper, o.Helper+pathCanary
	switch {
	case faults.has(vantageElsewhere):
		vantage += "?" + countryQuery + "=BR"
	case faults.has(vantageDown):
		vantage = nowhere + "/vantage"
	}
	if faults.has(helperDown) {
		helper = nowhere
	}
	switch {
	case faults.has(acsHTTP500Canary):
		canary = brokenIssuer + pathCanary
	case faults.has(acsRedirectLoopCanary):
		canary = loopingIssuer + pathCanary
	case faults.has(canaryDown):
		canary = nowhere + pathCanary
	}
	return vantage, helper, canary
}
