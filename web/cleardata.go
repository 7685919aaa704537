package web

import (
	"net/http"
	"slices"
	"strconv"
)

// ClearDataPath is where the diagnostic's own site has [ClearSiteData].
const ClearDataPath = "/repair/clear-site-data"

// ClearSiteData returns the endpoint by which a page has the browser clear what
// it keeps of the endpoint's own origin. A host page that hands its address in
// as page.clearURL is offered the repair "clear-site-data".
//
// It answers POST with the parameter data, one of the kinds, by 204 and that
// kind in Clear-Site-Data (https://www.w3.org/TR/clear-site-data/), and changes
// nothing on the server:
//
//	POST /repair/clear-site-data?data=cache   ->   204, Clear-Site-Data: "cache"
//
// Kinds are "cache" (the files of the HTTP cache), "storage" (local and session
// storage, databases, Cache Storage and service workers) and "cookies" (those
// of the whole registrable domain: its users are signed out). The parameter is
// 400 where it is missing or no such kind; only scripts of the same origin may
// ask, others get 403. So does a form of that origin: a page that any other may
// frame could be made to send one.
func ClearSiteData(kinds ...string) http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		if r.Method != http.MethodPost {
			h.Set("Allow", http.MethodPost)
			http.Error(w, "the browser's data are cleared by POST", http.StatusMethodNotAllowed)
			return
		}
		if isForNoScript(r) {
			http.Error(w, "the browser's data are cleared for scripts alone", http.StatusForbidden)
			return
		}
		kind := r.URL.Query().Get("data")
		if !slices.Contains(kinds, kind) {
			http.Error(w, "data is none of the kinds that may be cleared here", http.StatusBadRequest)
			return
		}
		h.Set("Clear-Site-Data", strconv.Quote(kind))
		w.WriteHeader(http.StatusNoContent)
	}))
}

// isForNoScript tells whether the browser says that the answer is for a window, a
// frame, or anything else than a script
// (https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-dest-header). Older
// browsers say nothing.
func isForNoScript(r *http.Request) bool {
	destination := r.Header.Get("Sec-Fetch-Dest")
	return destination != "" && destination != "empty"
}
