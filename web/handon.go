package web

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"checkoutdoctor/web/qr"
	"checkoutdoctor/web/vantage"
)

const (
	// maxHandedOn is how long a query may be that is drawn, in bytes. No link's is
	// longer, and with the longest name of a host it still is within [qr.MaxText].
	maxHandedOn = 2000
	// maxHost is how long a Host header may be, in bytes: a name of DNS, and a port.
	maxHost = 253 + len(":65535")
	// queryPerToken is how many bytes of a query are drawn for one token. A code of
	// so many takes some 0.4 ms to make: a client can have a twentieth of a core.
	queryPerToken = 16
)

// handOnPath is where the page of a link finds the code that opens the same page on
// another device. The scheme is in it since a server behind a proxy does not know
// by which one it is reached.
func handOnPath(scheme string) string { return "/link/" + scheme + ".svg" }

// handOn draws the address of the page behind a link as a QR code: that of the host
// that is asked, with the query that is sent, and nothing else. So a code of this
// site never leads to another one.
type handOn struct {
	o      Options
	scheme string // of the address
}

func (h handOn) serve(w http.ResponseWriter, r *http.Request, _ vantage.Client) {
	if _, refused := h.o.linkOf(r); refused != "" {
		h.o.LinkRefused(refused)
		http.Error(w, "no good link", refusedStatus(refused))
		return
	}
	address, err := h.address(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	code, err := qr.Encode(address)
	if err != nil {
		http.Error(w, "no code to show", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Write(code.SVG()) // the client may be gone: nobody is left to tell
}

// address returns the page's own address, as the browser that shows it has it.
func (h handOn) address(r *http.Request) (string, error) {
	if !isAuthority(r.Host) {
		return "", errors.New("the name of the host is none")
	}
	query := r.URL.RawQuery
	if len(query) > maxHandedOn {
		return "", errors.New("the query is too long")
	}
	if !isQuery(query) {
		return "", errors.New("the query is not written as browsers do")
	}
	if query != "" {
		query = "?" + query
	}
	return h.scheme + "://" + r.Host + "/" + query, nil
}

// isQuery tells whether a browser would have left the query as it is
// (https://url.spec.whatwg.org/#query-percent-encode-set).
func isQuery(query string) bool {
	return !strings.ContainsFunc(query, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"#<>`, c) })
}

// isAuthority tells whether a Host header names a host, and its port at most, as
// browsers send it.
func isAuthority(host string) bool {
	if len(host) > maxHost || !authority.MatchString(host) {
		return false
	}
	_, err := url.Parse("//" + host) // for IPv6
	return err == nil
}

// authority has no character that ends or escapes a host.
var authority = regexp.MustCompile(`^([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// drawingCost is by the length of what is drawn.
func drawingCost(r *http.Request) int {
	return min(1+len(r.URL.RawQuery)/queryPerToken, 1+maxHandedOn/queryPerToken)
}
