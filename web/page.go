package web

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"net/http"
	"strings"

	"checkoutdoctor/web/link"
)

//go:embed page.html refused.html
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "*.html"))

// policyPlain is the policy of pages that need nothing but a script of ours.
const policyPlain = "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'"

// page is the page behind a link: the diagnostic on its own origin.
type page struct {
	files  *assets
	o      Options
	policy string
}

func newPage(files *assets, o Options) (*page, error) {
	if _, err := Locale(fallbackLanguage); err != nil {
		return nil, err
	}
	return &page{files: files, o: o, policy: pagePolicy(o.Helper)}, nil
}

// pagePolicy lets the page run the module, show the link's code, ask its own server and any HTTPS
// origin that a check needs, also by WebSocket, frame the helper, and post to
// its canary.
func pagePolicy(helper string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		"img-src 'self'",
		"connect-src 'self' https: wss:",
		strings.TrimSpace("frame-src https: " + helper),
		"base-uri 'none'",
		"form-action " + cmp.Or(helper, "'none'"),
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	}, "; ")
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l, refused := p.o.linkOf(r)
	words, err := Locale(l.Language, r.Header.Get("Accept-Language"))
	if err != nil {
		http.Error(w, "no words to show", http.StatusInternalServerError)
		return
	}
	if refused != "" {
		p.o.LinkRefused(refused)
		p.refuse(w, words, refused)
		return
	}
	document{"page.html", http.StatusOK, p.policy, words.Language, p.data(words, l, r)}.send(w)
}

// document is a page that is made for one request.
type document struct {
	template string
	status   int
	policy   string // Content-Security-Policy
	language string // BCP 47
	data     any    // what the template shows
}

func (d document) send(w http.ResponseWriter) {
	var text bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&text, d.template, d.data); err != nil {
		http.Error(w, "no page to show", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaType(d.template))
	h.Set("Content-Language", d.language)
	h.Set(headerPolicy, d.policy)
	standAlone(h)
	w.WriteHeader(d.status)
	w.Write(text.Bytes()) // the client may be gone: nobody is left to tell
}

// pageData is what page.html shows.
type pageData struct {
	Words           Words
	Guide           []FixWords
	Helper, Version string
	Vantage, Canary string
	Host            string // under which the server was asked, as its QR code has it
	Link            link.Link
	ReportTo        string // where the user may send the report; empty for nowhere
	Checks          string // names of the checks to make, parted by spaces; empty for all
	Script, Style   string
	Loader          string
	Integrity       string
}

func (p *page) data(words Words, l link.Link, r *http.Request) pageData {
	canary := ""
	if p.o.Helper != "" {
		canary = CanaryURL(p.o.Helper)
	}
	return pageData{
		Words:     words,
		Guide:     words.guide(),
		Helper:    p.o.Helper,
		Version:   p.o.Version,
		Vantage:   p.o.Vantage(r),
		Canary:    canary,
		Host:      r.Host,
		Link:      l,
		ReportTo:  p.o.reportTo(),
		Checks:    strings.Join(l.Only, " "),
		Script:    p.files.url("page.js"),
		Style:     p.files.url("page.css"),
		Loader:    p.files.url(loaderFile),
		Integrity: p.files.integrity,
	}
}
