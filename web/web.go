// Package web serves the diagnostic: its own site, the cross-site helper, and
// the words it speaks in.
//
// What is served is built by `go run ./web/bundle` into dist and embedded.
// Everything under /v/HASH is named by its content and kept for ever by
// browsers; only /checkout-doctor.js, which points there, is short-lived. No
// address of a client is put in an answer or in a log: nothing here logs. Whoever
// serves it sets http.Server.ErrorLog, since that does.
package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"checkoutdoctor/web/acs"
	"checkoutdoctor/web/link"
	"checkoutdoctor/web/vantage"
)

//go:embed all:dist
var dist embed.FS

// Options says how the sites are served.
type Options struct {
	// Helper is the origin of the cross-site helper, such as
	// https://helper.example; empty for none, then neither third-party cookies
	// nor a 3DS canary are checked. The canary's base is [CanaryURL] of it.
	Helper string
	// Client returns who sent a request. Nil goes by the connection's address
	// and the embedded data.
	Client func(*http.Request) vantage.Client
	// STUN returns the URI (RFC 7064) of the STUN server that pages may ask for
	// their public address; empty for none. Nil means none.
	STUN func(*http.Request) string
	// Vantage returns the URL of the vantage that the page behind a link asks.
	// Nil means the site's own.
	Vantage func(*http.Request) string
	// Now is the time that the vantage tells the client, and that links are good
	// at. Nil means the machine's.
	Now func(*http.Request) time.Time
	// Links verifies the links by which the page is opened: who comes with one that
	// is not good is told so, and of what is not signed the language alone counts.
	// Nil means that links are not signed, and that the whole query counts.
	Links *link.Verifier
	// LinkRefused is told once of each link that is not good. Nil means that
	// nobody is.
	LinkRefused func(link.Reason)
	// Version is shown at the foot of the page.
	Version string
}

// Handler serves the diagnostic's own site: page, script, module, control,
// vantage, transfers, a WebSocket and, at [ClearDataPath], [ClearSiteData]. It
// fails where the assets are not built.
//
// What the vantage says of TCP and TLS it knows by [vantage.Listen],
// [vantage.ConnContext] and [vantage.TLSConfig]; without them that is not known.
func Handler(o Options) (http.Handler, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the embedded files: %w", err)
	}
	return newSite(built, o)
}

// HelperHandler serves the cross-site helper, which belongs on another
// registrable domain than Handler's site, and the canary on it. It fails where
// the assets are not built, or Options.Helper is no origin.
func HelperHandler(o Options) (http.Handler, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the embedded files: %w", err)
	}
	return newHelper(built, o)
}

func newSite(built fs.FS, o Options) (http.Handler, error) {
	files, err := loadAssets(built)
	if err != nil {
		return nil, err
	}
	o = o.complete()
	page, err := newPage(files, o)
	if err != nil {
		return nil, err
	}
	limits := newLimits(o.Client)
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page)
	mux.HandleFunc("GET /checkout-doctor.js", files.serveLoader)
	mux.HandleFunc("GET /v/{hash}/{name...}", files.serve)
	mux.HandleFunc("GET /control", serveControl)
	for name, b := range baits {
		mux.Handle("GET /"+name, b)
	}
	mux.HandleFunc("POST /vantage", limits.readable(one, view{stun: o.STUN, now: o.Now}.serve))
	mux.HandleFunc("GET /transfer", limits.readable(sendingCost, sendBytes))
	mux.HandleFunc("POST /transfer", limits.readable(takingCost, takeBytes))
	mux.Handle("GET /socket", newSockets(maxSockets, socketLimit))
	mux.Handle(ClearDataPath, ClearSiteData("cache", "storage"))
	return hardened(mux), nil
}

func newHelper(built fs.FS, o Options) (http.Handler, error) {
	files, err := loadAssets(built)
	if err != nil {
		return nil, err
	}
	canary, err := acs.NewCanary(CanaryURL(o.Helper))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /socket", newSockets(maxSockets, socketLimit))
	mux.HandleFunc("GET /v/{hash}/{name...}", files.serve)
	mux.HandleFunc("GET /helper/cookies", files.serveHelperCookies)
	mux.HandleFunc("GET /helper/echo", files.serveHelperEcho)
	mux.HandleFunc("GET /helper/fresh", files.serveFresh)
	mux.Handle(canaryPath+"/", http.StripPrefix(canaryPath, canary))
	return hardened(mux), nil
}

// complete returns the options with nothing left out.
func (o Options) complete() Options {
	if o.Client == nil {
		o.Client = vantage.Finder{}.Find
	}
	if o.STUN == nil {
		o.STUN = func(*http.Request) string { return "" }
	}
	if o.Vantage == nil {
		o.Vantage = func(*http.Request) string { return "/vantage" }
	}
	if o.Now == nil {
		o.Now = func(*http.Request) time.Time { return time.Now() }
	}
	if o.LinkRefused == nil {
		o.LinkRefused = func(link.Reason) {}
	}
	return o
}

// hardened adds what every answer carries.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
