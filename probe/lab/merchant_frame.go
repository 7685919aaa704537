package lab

import (
	"net/http"
	"net/url"
)

// framedQuery is the query parameter of the payment page that stands in a
// frame of the site's own, with the faults page-in-frame and page-sandboxed:
// without it, such a page's address leads to the page around it.
const framedQuery = "framed"

// onlyWithoutWindows is what the sandbox of the fault page-sandboxed leaves to
// the payment page: all that it needs but windows.
const onlyWithoutWindows = "allow-scripts allow-forms allow-same-origin"

// framed reports whether the payment page stands in a frame of the site's own.
func framed(faults faultSet) bool { return faults.has(pageInFrame) || faults.has(pageSandboxed) }

// outerView is the page around the payment page. Its html element says by
// data-payment-frame, with a selector, where that is.
type outerView struct {
	Frame   string // URL of the payment page
	Sandbox string // of its frame, "" for none
}

// outer serves the page around the payment page that the address stands for.
func (m *merchant) outer(w http.ResponseWriter, address *url.URL, faults faultSet) {
	query := address.Query()
	query.Set(framedQuery, "yes")
	v := outerView{Frame: "/?" + query.Encode()}
	if faults.has(pageSandboxed) {
		v.Sandbox = onlyWithoutWindows
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	renderPage(w, http.StatusOK, "outer.html", v)
}
