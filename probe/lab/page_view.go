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
	Script          string // URL path of the payment script
	Start           string // URL path of the page's first script: that one, or one that loads it
	Worker          string // URL path of the service worker that the page registers, "" for none
	StoreOld        bool   // the old build is left in Cache Storage first
	WidgetHash      string // of the widget's script as the page demands it, "" where it has none
	Chunk           string // URL path of a part that the script loads late, "" for none
	ChallengeIn     challengePlace
	Sandbox         string   // of the challenge frame, "" for none
	NotificationURL string   // where the challenge comes back
	HeadScripts     []string // URLs of classic scripts before all modules
	Signals         string   // hosts whose scripts the page waits for before it pays, separated by spaces
	Providers       string   // origins of the payment provider, separated by spaces
	ControlURL      string   // URL path at which the diagnostic asks what the server makes of this browser
	HeaderLimit     int      // bytes of cookies that the server takes, 0 where it says nothing of that
	CSRF            string   // what payment calls repeat in a header, "" for nothing
	StepExpires     string   // when the cookie ends that the page's script sets, "" for none
	Returned        returned
	MethodLimit     int64 // milliseconds
	ChallengeLimit  int64 // milliseconds
	Watch           bool  // the diagnostic is to watch the payment
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
	inPage       challengePlace = "page"       // the page's own window
)

// page serves a payment page with a token and faults of its own.
func (m *merchant) page(w http.ResponseWriter, r *http.Request) {
	if asksForReset(r) {
		m.reset(w)
		return
	}
	faults, err := parseFaults(r.URL.Query().Get(faultQuery), m.lab.o.PlainHTTPLocalhost)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if faults.has(cookieDuplicatePath) && r.URL.Path != pathBilling {
		http.Redirect(w, r, pathBilling+"?"+r.URL.RawQuery, http.StatusFound)
		return
	}
	if framed(faults) && !r.URL.Query().Has(framedQuery) {
		m.outer(w, r.URL, faults)
		return
	}
	v := m.view(m.open(w, r, faults), r.URL.Query().Get("card"), faults)
	v.Vantage = vantageFor(r, v.Vantage)
	m.renderPayment(w, v, faults)
}

func (m *merchant) renderPayment(w http.ResponseWriter, v view, faults faultSet) {
	m.pageHeaders(w.Header(), faults, v.Nonce)
	w.Header().Set("Cache-Control", m.cacheControl(v, faults))
	renderPage(w, http.StatusOK, "merchant.html", v)
}

func (m *merchant) view(token, card string, faults faultSet) view {
	o := m.origins(faults)
	v := view{
		Page: token, Card: card, Faults: strings.Join(faults, " "), Provider: pathProvider,
		ChallengeIn:     placeOf(faults),
		Sandbox:         sandboxOf(faults),
		NotificationURL: m.notificationURL(token, faults),
		HeadScripts:     headScripts(faults),
		Signals:         signals(faults),
		Providers:       m.handedOrigins(faults),
		ControlURL:      pathControl + "?" + url.Values{pageQuery: {token}}.Encode(),
		MethodLimit:     m.lab.scaled(methodLimit).Milliseconds(),
		ChallengeLimit:  m.challengeLimit(faults).Milliseconds(),
		Watch:           faults.has(watched),
		AdsManagerURL:   o.Merchant + "/?aadvid=7",
		Origins:         o,
	}
	m.addBuild(&v, faults, m.isFirst(token))
	if faults.has(pageCSPScriptSrc) {
		v.Provider = o.ThreeDSServer + pathProvider
	}
	if faults.has(pageCSPStrict) {
		v.Nonce = newNonce()
	}
	v.describeCookies(faults)
	v.Vantage, v.Helper, v.Canary = m.diagnosticSites(faults)
	return v
}

func placeOf(faults faultSet) challengePlace {
	switch {
	case redirects(faults):
		return inPage
	case faults.has(popupTooLate):
		return inPopupLater
	case faults.has(popupChallenge), faults.has(popupSecond), faults.has(pageSandboxed),
		faults.has(popupOpenerPolicy), faults.has(pageOpenerPolicy):
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
	case redirects(faults), faults.has(notificationMerchant), faults.has(notificationSessionLost),
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

// origins are the sites as the page with the faults has them.
func (m *merchant) origins(faults faultSet) Origins {
	o := m.lab.origins
	if faults.has(socketRefused) {
		o.Diag, o.Helper = diagWithoutSocket, helperWithoutSocket
	}
	return o
}

// diagnosticSites are what the page gives its diagnostic to ask.
func (m *merchant) diagnosticSites(faults faultSet) (vantage, helper, canary string) {
	o := m.origins(faults)
	vantage, helper, canary = o.Diag+"/vantage", o.Helper, m.lab.origins.Helper+pathCanary
	vantage = withQuery(vantage, vantageKnobs(faults))
	if faults.has(vantageDown) {
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
