package web

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"time"

	"checkoutdoctor/web/vantage"
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
	w.Header().Set("Cache-Control", "no-store")
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
	w.Header().Set("Cache-Control", "no-store")
	allowAnyOrigin(w.Header())
	if n, ok := nonce(w, r); ok {
		w.Header().Set("Content-Type", b.mediaType)
		io.WriteString(w, b.before+n+b.after) // the client may be gone: nobody is left to tell
	}
}

// view answers what the server sees of the client, its country and never its
// address, and what the time is.
type view struct {
	country func(*http.Request) (string, bool)
	now     func(*http.Request) time.Time
}

// maxQuestion bounds the body of a question to the vantage, in bytes.
const maxQuestion = 1 << 10

func (v view) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	allowAnyOrigin(w.Header())
	var question struct {
		Zone string `json:"zone"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxQuestion)).Decode(&question); err != nil {
		http.Error(w, `the body must be {"zone":"…"}`, http.StatusBadRequest)
		return
	}
	country, known := v.country(r)
	if !known {
		country = ""
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(struct { // the client may be gone: nobody is left to tell
		Country       string   `json:"country"`
		ZoneCountries []string `json:"zoneCountries"`
		CookieBytes   int      `json:"cookieBytes"`
		Time          int64    `json:"time"` // milliseconds since 1970
	}{country, append([]string{}, vantage.ZoneCountries(question.Zone)...), vantage.CookieBytes(r.Header), v.now(r).UnixMilli()})
}
