package web

import (
	"html/template"
	"net/http"
	"slices"
)

// The cookies of the helper: one as they always were, one that is kept apart
// for each site that frames the helper (CHIPS).
const (
	cookiePlain       = "cd_plain"
	cookiePartitioned = "cd_part"
)

// canaryPath is where the helper has the 3DS canary.
const canaryPath = "/acs"

// CanaryURL returns the base URL of the canary on a helper's origin.
func CanaryURL(helper string) string { return helper + canaryPath }

// helperAge is how long the helper's cookies live, in seconds.
const helperAge = 60

// helperPage is both pages of the helper; the script of each reads the data
// attributes. Neither forbids framing: being framed is what it is for.
var helperPage = template.Must(template.New("helper").Parse(`<!doctype html>
<html lang="en" data-nonce="{{.Nonce}}"{{with .Seen}} data-header-plain="{{.Plain}}" data-header-partitioned="{{.Partitioned}}" data-storage-access-header="{{.StorageAccess}}"{{end}}>
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>Cookie check</title>
<script type="module" src="{{.Script}}"></script>
</html>
`))

// seen is what the server got back.
type seen struct {
	Plain, Partitioned bool
	StorageAccess      string // Sec-Fetch-Storage-Access, or "absent"
}

// serveHelperCookies sets both cookies; its script asks for the echo.
func (a *assets) serveHelperCookies(w http.ResponseWriter, r *http.Request) {
	n, ok := nonce(w, r)
	if !ok {
		return
	}
	for _, cookie := range []http.Cookie{{Name: cookiePlain}, {Name: cookiePartitioned, Partitioned: true}} {
		cookie.Value, cookie.Path, cookie.MaxAge = n, "/helper", helperAge
		cookie.Secure, cookie.SameSite = true, http.SameSiteNoneMode
		http.SetCookie(w, &cookie)
	}
	a.writeHelperPage(w, "helper-cookies.js", n, nil)
}

// serveHelperEcho tells the page which cookies came back.
func (a *assets) serveHelperEcho(w http.ResponseWriter, r *http.Request) {
	n, ok := nonce(w, r)
	if !ok {
		return
	}
	a.writeHelperPage(w, "helper-echo.js", n, &seen{
		Plain:         hasCookie(r, cookiePlain, n),
		Partitioned:   hasCookie(r, cookiePartitioned, n),
		StorageAccess: storageAccess(r.Header),
	})
}

func (a *assets) writeHelperPage(w http.ResponseWriter, script, nonce string, s *seen) {
	h := w.Header()
	h.Set("Content-Type", mediaType("helper.html"))
	h.Set("Content-Security-Policy", policyPlain)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	data := struct {
		Nonce, Script string
		Seen          *seen
	}{nonce, a.url(script), s}
	_ = helperPage.Execute(w, data) // fails only when the client is gone: nobody is left to tell
}

// hasCookie looks at every cookie of that name: an earlier one may be left over.
func hasCookie(r *http.Request, name, value string) bool {
	return slices.ContainsFunc(r.CookiesNamed(name), func(c *http.Cookie) bool { return c.Value == value })
}

// storageAccess returns the browser's own word on third-party cookies
// (https://privacycg.github.io/storage-access-headers/).
func storageAccess(h http.Header) string {
	switch v := h.Get("Sec-Fetch-Storage-Access"); v {
	case "none", "inactive", "active":
		return v
	}
	return "absent"
}
