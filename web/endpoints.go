package web

import (
	"io"
	"net/http"
	"regexp"
)

// noncePattern is what a nonce may be: nothing that could be read as anything
// else where it is sent back.
var noncePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// nonce returns the request's nonce, or answers that it has none.
func nonce(w http.ResponseWriter, r *http.Request) (string, bool) {
	n := r.URL.Query().Get("nonce")
	if !noncePattern.MatchString(n) {
		http.Error(w, "nonce must be 1 to 64 letters, digits, - or _", http.StatusBadRequest)
		return "", false
	}
	return n, true
}

// serveControl sends the nonce back: whoever gets it has reached this server,
// and nobody in between answered.
func serveControl(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(headerPolicy, policyFramed)
	allowAnyOrigin(w.Header())
	if n, ok := nonce(w, r); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, n) // the client may be gone: nobody is left to tell
	}
}

// bait is a file under a name that filter lists block wherever it is. It is made
// of the nonce, in a form that does nothing where a browser loads it.
type bait struct {
	mediaType, before, after string
}

// baits are by their names, whose sources are these. Issuers' pages load the
// script (https://github.com/easylist/easylist/issues/22807); the image and the
// beacon fit general patterns of EasyList and of EasyPrivacy
// (https://easylist.to/easylist/easylist.txt, /easylist/easyprivacy.txt).
var baits = map[string]bait{
	"fingerprint2.min.js":    {mediaType: "text/javascript; charset=utf-8", before: "/* ", after: " */"},
	"ads/banner_300x250.gif": {mediaType: "image/gif"},
	"collect":                {mediaType: "text/plain; charset=utf-8"},
}

func (b bait) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header())
	if n, ok := nonce(w, r); ok {
		w.Header().Set("Content-Type", b.mediaType)
		io.WriteString(w, b.before+n+b.after) // the client may be gone: nobody is left to tell
	}
}
