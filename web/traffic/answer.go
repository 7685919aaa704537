package traffic

import (
	"net/http"
	"time"

	"checkoutdoctor/web"
)

// exchange is what is told of one request and its answer.
type exchange struct {
	site          web.Site
	method, route string
	status        int
	bytes         int64 // of the answer's body
	took          time.Duration
}

// answer notes what is sent by it.
type answer struct {
	http.ResponseWriter
	status int // 0 until it is sent
	bytes  int64
	ended  bool // the handler returned
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets an http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// statusSent returns the answer's status: what net/http sends where the handler
// said none, and 500 where it panicked before.
func (a *answer) statusSent() int {
	switch {
	case a.status != 0:
		return a.status
	case a.ended:
		return http.StatusOK
	}
	return http.StatusInternalServerError
}
