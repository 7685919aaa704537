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

// serveBait answers under the name of a script that filter lists block: with
// the nonce, in a form that does nothing where it is run.
func serveBait(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	allowAnyOrigin(w.Header())
	if n, ok := nonce(w, r); ok {
		w.Header().Set("Content-Type", mediaType(baitFile))
		io.WriteString(w, "/* "+n+" */") // the client may be gone: nobody is left to tell
	}
}

// baitFile is a script that issuers' pages load, and that filter lists block
// wherever it is (https://github.com/easylist/easylist/issues/22807).
const baitFile = "fingerprint2.min.js"

// view answers what the server sees of the client: its country, never its
// address.
type view struct {
	country func(*http.Request) (string, bool)
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
	}{country, append([]string{}, vantage.ZoneCountries(question.Zone)...), vantage.CookieBytes(r.Header), time.Now().UnixMilli()})
}
