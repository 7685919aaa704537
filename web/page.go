package web

import (
	"bytes"
	"cmp"
	_ "embed" // for the page
	"html/template"
	"net/http"
	"strings"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

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

// pagePolicy lets the page run the module, ask its own server and any HTTPS
// origin that a check needs, also by WebSocket, frame the helper, and post to
// its canary.
func pagePolicy(helper string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		"connect-src 'self' https: wss:",
		strings.TrimSpace("frame-src https: " + helper),
		"base-uri 'none'",
		"form-action " + cmp.Or(helper, "'none'"),
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	}, "; ")
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	words, err := Locale(cmp.Or(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language")))
	if err != nil {
		http.Error(w, "no words to show", http.StatusInternalServerError)
		return
	}
	var text bytes.Buffer
	if err := pageTemplate.Execute(&text, p.data(words, r)); err != nil {
		http.Error(w, "no page to show", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", mediaType("page.html"))
	h.Set("Content-Language", words.Language)
	h.Set("Content-Security-Policy", p.policy)
	w.Write(text.Bytes()) // the client may be gone: nobody is left to tell
}

// pageData is what page.html shows.
type pageData struct {
	Words           Words
	Guide           []FixWords
	Helper, Version string
	Vantage, Canary string
	Case            string
	Script, Style   string
	Loader          string
	Integrity       string
}

func (p *page) data(words Words, r *http.Request) pageData {
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
		Case:      r.URL.Query().Get("case"),
		Script:    p.files.url("page.js"),
		Style:     p.files.url("page.css"),
		Loader:    p.files.url(loaderFile),
		Integrity: p.files.integrity,
	}
}
