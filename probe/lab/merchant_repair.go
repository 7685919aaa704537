package lab

import (
	"net/http"

	"checkoutdoctor/web"
)

// pathClear is where a page has the browser clear what it keeps of the merchant.
const pathClear = web.ClearDataPath

// resetQuery is the parameter that asks for an empty cache in place of a page,
// as the Ads Manager's does.
const resetQuery = "reset_cache"

// asksForReset reports whether the page's address is a reset link.
func asksForReset(r *http.Request) bool { return r.URL.Query().Get(resetQuery) == "1" }

// reset answers a reset link: the browser drops the HTTP cache of the site, and
// the page's script the service workers and Cache Storage. Cookies and all
// other storage stay.
func (m *merchant) reset(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Clear-Site-Data", `"cache"`)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; frame-ancestors 'none'")
	renderPage(w, http.StatusOK, "reset.html", nil)
}
