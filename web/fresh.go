package web

import (
	"html/template"
	"net/http"
)

// freshPage is the document of a frame that tells its parent what the servers
// have of some files. Its script reads the data attributes, and its policy lets
// it ask anywhere: a server that wants to be asked says so by CORS, and gets no
// cookies.
var freshPage = template.Must(template.New("fresh").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>Cache check</title>
<script src="{{.Script}}" data-nonce="{{.Nonce}}" data-files="{{.Files}}"></script>
</html>
`))

// serveFresh is for pages whose Trusted Types do not let the diagnostic write
// that document itself.
func (a *assets) serveFresh(w http.ResponseWriter, r *http.Request) {
	n, ok := nonce(w, r)
	if !ok {
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaType("fresh.html"))
	h.Set("Content-Security-Policy", policyPlain+"; connect-src *")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	data := struct{ Script, Nonce, Files string }{a.url("fresh.js"), n, r.URL.Query().Get("files")}
	_ = freshPage.Execute(w, data) // fails only when the client is gone: nobody is left to tell
}
