package sdks

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"checkoutdoctor/web/acs"
)

// The sites: the shop, and the providers' service on a site of its own.
const (
	shopHost       = "shop.clients.test"
	shopOrigin     = "https://" + shopHost
	providerHost   = "api.provider.test"
	providerOrigin = "https://" + providerHost
)

// maxBody bounds a body, in bytes.
const maxBody = 64 << 10

// provider is the service behind both SDKs: their programming interfaces, and
// the notification pages to which the browser comes back from the issuer.
type provider struct {
	shop  *Shop
	mux   *http.ServeMux
	pages http.Handler // static pages of @basis-theory/web-threeds
}

func newProvider(s *Shop, packages string) http.Handler {
	static := filepath.Join(packages, BasisTheory.Name, "dist", "pages")
	p := &provider{shop: s, mux: http.NewServeMux(), pages: http.FileServerFS(os.DirFS(static))}
	p.mux.Handle("GET /basis-theory/pages/", http.StripPrefix("/basis-theory/pages/", p.pages))
	p.mux.HandleFunc("POST /3ds/sessions", p.createSession)
	p.mux.HandleFunc("POST /basis-theory/method", p.basisTheoryMethod)
	p.mux.HandleFunc("POST /basis-theory/challenge", p.basisTheoryChallenge)
	p.mux.HandleFunc("POST /adyen/test/v1/submitThreeDS2Fingerprint", p.submitFingerprint)
	p.mux.HandleFunc("POST /adyen/analytics/", p.analytics)
	p.mux.HandleFunc("POST /adyen/method", p.adyenMethod)
	p.mux.HandleFunc("POST /adyen/challenge", p.adyenChallenge)
	return p
}

// ServeHTTP lets the shop's page ask, as the real services let every shop's.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Headers", "*")
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// methodDone reads the 3DS Method's callback, and notes it. It has answered if
// ok is false.
func (p *provider) methodDone(w http.ResponseWriter, r *http.Request) (id string, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	done, err := acs.DecodeMethodDone(r.PostFormValue("threeDSMethodData"))
	if err == nil {
		_, err = p.shop.gateway.find(done.ThreeDSServerTransID)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return "", false
	}
	p.shop.gateway.update(done.ThreeDSServerTransID, func(stored *payment) { stored.methodDone = true })
	return done.ThreeDSServerTransID, true
}

// challengeDone takes the CRes, and causes the faults of a notification page.
// It has answered if ok is false.
func (p *provider) challengeDone(w http.ResponseWriter, r *http.Request) (e ended, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	e, err := p.shop.gateway.check(r.Context(), r.PostFormValue("cres"))
	var paid payment
	if err == nil {
		paid, err = p.shop.gateway.find(e.ThreeDSServerTransID)
	}
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case paid.has("notification-error"):
		http.Error(w, "the notification page failed", http.StatusInternalServerError)
	case paid.has("notification-silent"):
		p.notify(w, "", nil)
	default:
		return e, true
	}
	return ended{}, false
}

var templates = template.Must(template.ParseFS(pages, "pages/*.html"))

// notify answers with a page that posts message to its parent, if that is of
// the target origin. A message of nil is posted to nobody.
func (p *provider) notify(w http.ResponseWriter, target string, message any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	templates.ExecuteTemplate(w, "notify.html", map[string]any{"Target": target, "Message": message}) // an error means that the client has gone
}

// seenBrowser adds what a server sees of the browser to what a script told.
func seenBrowser(r *http.Request, b acs.Browser) acs.Browser {
	b.AcceptHeader, b.UserAgent = r.Header.Get("Accept"), r.UserAgent()
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		b.IP = host
	}
	return b
}

// readJSON reads a request's body. The answer is sent if it returns false.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into); err != nil {
		reply(w, nil, fmt.Errorf("reading the request: %w", err))
		return false
	}
	return true
}

// reply answers with JSON: the answer, or the error, which is what a provider
// or the lab said.
func reply(w http.ResponseWriter, answer any, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		answer = map[string]string{"error": err.Error()}
	}
	json.NewEncoder(w).Encode(answer) // an error means that the client has gone
}
