package lab

import (
	"embed"
	"net/http"
	"net/url"
)

// unresolvable is a base for the ACS that no resolver knows (RFC 6761).
const unresolvable = "https://acs.unresolvable.invalid"

// plainIssuer is the ACS without HTTPS, where nothing listens: a browser that
// asked it would have let mixed content pass.
const plainIssuer = "http://acs.issuer.test"

// The issuer's hosts whose fault is the host itself; two more,
// [brokenIssuer] and [loopingIssuer], the payment page knows.
const (
	expiredIssuer   = "https://expired.issuer.test"   // its certificate ended yesterday
	wrongNameIssuer = "https://wrongname.issuer.test" // its certificate is for another host
	untrustedIssuer = "https://untrusted.issuer.test" // its certificate is of a CA that nobody knows
	localIssuer     = "https://" + LocalHost          // on the second listener, see [Lab.LocalAddress]
	reservedIssuer  = "https://reserved.issuer.test"  // keeps what it serves to its own origin
)

// faultyIssuers lists the hosts above that resolve, as origins. The lab has
// them in HTTPS mode.
func faultyIssuers() []string {
	return []string{expiredIssuer, wrongNameIssuer, untrustedIssuer, localIssuer, reservedIssuer, brokenIssuer, loopingIssuer}
}

// challengeBase is where the ARes says that the challenge is; empty for the
// ACS. Without HTTPS there are none of the hosts, and faults that need one are
// refused, but for acs-resource-policy: its header alone has to do.
func (l *Lab) challengeBase(faults faultSet) string {
	if l.o.PlainHTTPLocalhost && faults.has(acsResourcePolicy) {
		return ""
	}
	for _, place := range []struct{ fault, base string }{
		{acsDNS, unresolvable},
		{acsTLSExpired, expiredIssuer},
		{acsTLSWrongName, wrongNameIssuer},
		{acsTLSUntrusted, untrustedIssuer},
		{acsMixedContent, plainIssuer},
		{acsLocalNetwork, localIssuer},
		{acsResourcePolicy, reservedIssuer},
		{acsHTTP500Canary, brokenIssuer},
		{acsRedirectLoopCanary, loopingIssuer},
	} {
		if faults.has(place.fault) {
			return place.base
		}
	}
	return ""
}

// issuerSites returns the issuer's sites by host.
func (l *Lab) issuerSites() byHost {
	site := l.issuerSite()
	sites := byHost{
		hostOf(l.origins.ACS):  site,
		hostOf(l.origins.ACS2): site,
	}
	if l.o.PlainHTTPLocalhost {
		return sites
	}
	for _, origin := range faultyIssuers() {
		sites[hostOf(origin)] = site
	}
	sites[hostOf(reservedIssuer)] = reserved(site)
	sites[hostOf(brokenIssuer)] = toAnyOrigin(fail)
	sites[hostOf(loopingIssuer)] = toAnyOrigin(redirectToItself)
	return sites
}

// pathHop is before the path of a challenge page where a redirect leads there.
const pathHop = "/hop"

// pathLeft is a page of the issuer's that stands outside of any frame.
const pathLeft = "/left"

//go:embed issuer/*.js
var issuerScripts embed.FS

// issuerSite is the ACS, and what the issuer has beside it.
func (l *Lab) issuerSite() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", l.issuer)
	mux.HandleFunc(pathHop+"/challenge/{id}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/challenge/"+url.PathEscape(r.PathValue("id")), http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("GET "+pathLeft, left)
	mux.Handle("GET /issuer/", http.FileServerFS(issuerScripts))
	mux.HandleFunc("GET "+pathDeviceScript, func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, issuerScripts, "issuer"+pathDeviceScript)
	})
	return mux
}

// pathDeviceScript is one that content blockers know by its name, whatever the
// host: their users' issuers do call it so.
const pathDeviceScript = "/fingerprint2.min.js"

// challengeScripts are the scripts of the challenge page beside its own.
func challengeScripts(faults faultSet) []string {
	for _, page := range []struct {
		fault   string
		scripts []string
	}{
		{acsLeftFrame, []string{"/issuer/leave.js"}},
		{acsLeftFrameRefused, []string{"/issuer/break-out.js"}},
		{acsNeverReturned, []string{"/issuer/keep.js"}},
		{acsNeedsScriptCookie, []string{"/issuer/cookie.js"}},
		{acsDeviceScript, []string{"/issuer/device.js", pathDeviceScript}},
		{acsPasskey, []string{"/issuer/passkey.js"}},
	} {
		if faults.has(page.fault) {
			return page.scripts
		}
	}
	return nil
}

// left is where a challenge page goes that leaves its frame.
func left(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	renderPage(w, http.StatusOK, "left.html", nil)
}

// toAnyOrigin lets pages of any origin read the answer and its status, also
// where they ask for that first.
func toAnyOrigin(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Headers", "*")
		answer(w, r)
	})
}

// reserved keeps answers to the origin that they come from. It governs what
// pages of others fetch, not what they frame.
func reserved(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
