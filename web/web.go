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
	Links LinkVerifier
	// LinkRefused is told once of each link that is not good. Nil means that
	// nobody is.
	LinkRefused func(link.Reason)
	// Inbox keeps the reports that users send. Nil means that none can be sent.
	Inbox Inbox
	// ReportOrigins are the origins, such as https://pay.example, of other sites
	// whose pages may send reports. What they say of the case is believed.
	ReportOrigins []string
	// ReportReceived is told once of each report that was kept or refused. Nil means
	// that nobody is.
	ReportReceived func(ReportEvent)
	// Version is shown at the foot of the page.
	Version string
	// Observe stands around the routes of each site, for whoever counts or logs
	// requests: when the handler that it is given returns, the request has the
	// pattern of its route, which is empty where it fits none. Nil means that nobody
	// does.
	Observe func(Site, http.Handler) http.Handler
}

// Site is one of the sites that there are.
type Site string

// The sites.
const (
	SiteOwn    Site = "own"
	SiteHelper Site = "helper"
)

// LinkVerifier verifies links. [link.Verifier] is one.
type LinkVerifier interface {
	// Verify returns what the query of a good link says; of any other, a
	// [link.Error].
	Verify(query string, now time.Time) (link.Link, error)
}

// Handler serves the diagnostic's own site: page, script, module, control,
// vantage, transfers, a WebSocket, the code that hands a link on, at
// [ClearDataPath] [ClearSiteData], and with Options.Inbox what takes reports in.
// It fails where the assets are not built, or one of Options.ReportOrigins is no
// origin.
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
	mux.HandleFunc("GET /{$}", limits.each(page))
	mux.HandleFunc("GET /checkout-doctor.js", files.serveLoader)
	mux.HandleFunc("GET /v/{hash}/{name...}", files.serve)
	mux.HandleFunc("GET /control", serveControl)
	for name, b := range baits {
		mux.Handle("GET /"+name, b)
	}
	mux.HandleFunc("POST /vantage", limits.readable(one, view{stun: o.STUN, now: o.Now}.serve))
	for _, scheme := range []string{"http", "https"} {
		mux.HandleFunc("GET "+handOnPath(scheme), limits.limited(drawingCost, handOn{o, scheme}.serve))
	}
	mux.HandleFunc("GET /transfer", limits.readable(sendingCost, sendBytes))
	mux.HandleFunc("POST /transfer", limits.readable(takingCost, takeBytes))
	mux.Handle("GET /socket", newSockets(o.Client))
	mux.Handle(ClearDataPath, ClearSiteData("cache"))
	if o.Inbox != nil {
		reports, err := newReports(o)
		if err != nil {
			return nil, err
		}
		mux.HandleFunc("POST "+reportsPath, reports.post)
		mux.HandleFunc("OPTIONS "+reportsPath, reports.preflight)
	}
	return hardened(o.Observe(SiteOwn, mux)), nil
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
	o = o.complete()
	limits := newLimits(o.Client)
	mux := http.NewServeMux()
	mux.Handle("GET /socket", newSockets(o.Client))
	mux.HandleFunc("GET /v/{hash}/{name...}", files.serve)
	mux.HandleFunc("GET /helper/cookies", limits.each(http.HandlerFunc(files.serveHelperCookies)))
	mux.HandleFunc("GET /helper/echo", limits.each(http.HandlerFunc(files.serveHelperEcho)))
	mux.HandleFunc("GET /helper/fresh", limits.each(http.HandlerFunc(files.serveFresh)))
	handler := forAnyClient(http.StripPrefix(canaryPath, canary))
	mux.HandleFunc(canaryPath+"/", limits.readable(one, handler))
	opening := limitsOf(o.Client, canariesPerSecond, canariesBurst, canariesUnknown)
	mux.HandleFunc("POST "+canaryPath+acs.PathCanary, opening.readable(one, handler))
	return hardened(o.Observe(SiteHelper, mux)), nil
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
	if o.ReportReceived == nil {
		o.ReportReceived = func(ReportEvent) {}
	}
	if o.Observe == nil {
		o.Observe = func(_ Site, routes http.Handler) http.Handler { return routes }
	}
	return o
}
