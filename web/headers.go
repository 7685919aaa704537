package web

import "net/http"

// The names of the headers that say who may have an answer, and do what with it.
const (
	headerPolicy      = "Content-Security-Policy"
	headerOpener      = "Cross-Origin-Opener-Policy"
	headerResource    = "Cross-Origin-Resource-Policy"
	headerPermissions = "Permissions-Policy"
)

// PolicyNothing is the policy of all that is no document: opened by itself it loads
// and runs nothing, and no page frames it.
const PolicyNothing = "default-src 'none'; frame-ancestors 'none'"

// policyFramed is the policy of what is no document and yet framed: the control, by
// pages that see in it what storage outlives them.
const policyFramed = "default-src 'none'"

// noPermissions takes from every page, and from what it frames, what no check
// needs. The lookup of local networks and the storage of frames are not in it:
// checks ask for them. Every name is one that Chromium knows, since it tells of
// others in the console
// (https://github.com/w3c/webappsec-permissions-policy/blob/main/features.md).
const noPermissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
	"magnetometer=(), microphone=(), midi=(), serial=(), usb=(), xr-spatial-tracking=()"

// maxBody is how long a request's body may be, in bytes, whatever it is for.
const maxBody = max(maxTransfer, maxReport)

// hardened adds what every answer carries, the strictest of each: what is for
// other sites, or is a document, says so itself. It bounds each body, of which a
// route may want less.
func hardened(next http.Handler) http.Handler {
	next = http.MaxBytesHandler(next, maxBody)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set(headerPolicy, PolicyNothing)
		h.Set(headerResource, "same-origin")
		h.Set(headerPermissions, noPermissions)
		next.ServeHTTP(w, r)
	})
}

// standAlone parts a page from those that open it. The windows that the page opens
// keep it as their opener, which the check of pop-ups needs.
func standAlone(h http.Header) { h.Set(headerOpener, "same-origin-allow-popups") }
