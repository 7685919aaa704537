package sdks

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
)

// Shop is a lab with a shop in it that pays with the SDKs.
type Shop struct {
	lab     *lab.Lab
	gateway *gateway
	files   map[string][]byte // scripts and style sheets, by name
}

// Open bundles the payment pages and starts a lab in real time, which runs
// until ctx ends or Close. Packages is a node_modules folder; where it lacks
// an SDK, the error is [ErrNoPackages].
func Open(ctx context.Context, packages string) (*Shop, error) {
	packages, err := filepath.Abs(packages)
	if err != nil {
		return nil, fmt.Errorf("finding the SDKs' packages: %w", err)
	}
	if err := installed(packages); err != nil {
		return nil, err
	}
	s := new(Shop)
	if s.files, err = bundle(packages); err != nil {
		return nil, err
	}
	s.lab, err = lab.Start(ctx, lab.Options{Extra: map[string]http.Handler{
		shopHost: s.site(), providerHost: newProvider(s, packages),
	}})
	if err != nil {
		return nil, err
	}
	s.gateway = connect(s.lab)
	return s, nil
}

// Close ends the lab.
func (s *Shop) Close() error {
	s.gateway.client.CloseIdleConnections()
	return s.lab.Close()
}

// Launcher returns browsers whose *.test names lead to the shop and the lab.
func (s *Shop) Launcher() probe.Launcher {
	return chrome.New(chrome.Options{Address: s.lab.Address(), CAPEM: s.lab.CAPEM()})
}

// challengeLimit is what the shop gives a challenge. The SDKs give it longer, a
// minute and ten minutes.
const challengeLimit = 12 * time.Second

// address returns a payment page with faults, codes of the lab.
func address(sdk SDK, card string, faults []string) string {
	return shopOrigin + "/" + sdk.path + "?" + url.Values{"card": {card}, "fault": {strings.Join(faults, ",")}}.Encode()
}

// site is the shop itself.
func (s *Shop) site() http.Handler {
	mux := http.NewServeMux()
	for _, sdk := range All() {
		mux.HandleFunc("GET /"+sdk.path, func(w http.ResponseWriter, r *http.Request) { s.page(w, r, sdk) })
	}
	mux.HandleFunc("GET /{file}", s.file)
	mux.HandleFunc("POST /pay", s.pay)
	mux.HandleFunc("POST /authenticate", s.authenticateSession)
	mux.HandleFunc("POST /result", s.result)
	return mux
}

// page serves a payment page with the faults that a page can have.
func (s *Shop) page(w http.ResponseWriter, r *http.Request, sdk SDK) {
	query, o := r.URL.Query(), s.lab.Origins()
	faults := strings.Split(query.Get("fault"), ",")
	view := map[string]string{
		"Name": sdk.Name, "Card": query.Get("card"), "Fault": query.Get("fault"), "Frame": sdk.frame,
		"Script": "/" + sdk.path + ".js", "Provider": providerOrigin, "Diag": o.Diag, "Helper": o.Helper,
		"TimeLimit": strconv.FormatInt(challengeLimit.Milliseconds(), 10),
	}
	if _, ok := s.files[sdk.path+".css"]; ok {
		view["Sheet"] = "/" + sdk.path + ".css"
	}
	for _, f := range faults {
		if h, ok := pageHeaders(o)[f]; ok {
			w.Header().Add(h.name, h.value)
		}
		if tokens, ok := sandboxes[f]; ok {
			view["Sandbox"] = tokens
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	templates.ExecuteTemplate(w, "shop.html", view) // an error means that the client has gone
}

type header struct{ name, value string }

// pageHeaders are the faults that a header of the page makes. A policy names
// all that the page needs but the issuer.
func pageHeaders(o lab.Origins) map[string]header {
	const policy, embedder = "Content-Security-Policy", "Cross-Origin-Embedder-Policy"
	sites := strings.Join([]string{"'self'", providerOrigin, o.ThreeDSServer, o.Diag, o.Helper}, " ")
	return map[string]header{
		"page-csp-frame-src":       {policy, "frame-src " + sites},
		"page-csp-form-action":     {policy, "form-action " + sites},
		"page-coep-require-corp":   {embedder, "require-corp"},
		"page-coep-credentialless": {embedder, "credentialless"},
	}
}

// sandboxes are the faults of a frame's sandbox, with the tokens that are left.
var sandboxes = map[string]string{
	"frame-sandbox-no-forms":       "allow-scripts allow-same-origin",
	"frame-sandbox-no-scripts":     "allow-forms allow-same-origin",
	"frame-sandbox-no-same-origin": "allow-forms allow-scripts",
}

// file serves scripts and style sheets: bundled ones, and the shop's own.
func (s *Shop) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	content, ok := s.files[name]
	if !ok {
		http.ServeFileFS(w, r, pages, "pages/"+name)
		return
	}
	kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
	w.Header().Set("Content-Type", kinds[filepath.Ext(name)])
	w.Write(content) // an error means that the client has gone
}

// result tells the page what counts.
func (s *Shop) result(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID string `json:"id"`
	}
	if !readJSON(w, r, &q) {
		return
	}
	o, err := s.gateway.result(r.Context(), q.ID)
	reply(w, o, err)
}
