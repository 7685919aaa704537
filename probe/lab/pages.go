package lab

import (
	"embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets
var assetFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// renderPage answers with a page. Its headers are the caller's.
func renderPage(w http.ResponseWriter, status int, page string, data any) {
	var body strings.Builder
	if err := pages.ExecuteTemplate(&body, page, data); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write([]byte(body.String())) // an error means that the browser has gone
}
