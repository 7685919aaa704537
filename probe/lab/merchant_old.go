package lab

import (
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"net/url"
)

// The faults that are about old builds happen to a browser once: its session's
// first page with the fault belongs to the old build, or leaves something of it
// in the browser. All that comes later is of the present build, as after a
// deploy, so that a repair lets the same page pay.

// staleness says what a session's browser was given of an old file.
type staleness int

const (
	neverAsked staleness = iota // none of its pages has the fault
	oldIsDue                    // the next answer is the old file
	oldGiven                    // every further one is the new
)

// oldThings says how far a session's browser is with each fault about an old
// build. The merchant's mu guards it.
type oldThings map[string]staleness

// aboutOldBuilds are the faults that need an old build.
var aboutOldBuilds = []string{
	staleWorker, workerWaiting, staleScript, stalePage, staleStorage, staleIntegrity, missingChunk, missingChunkPage, buildMismatch,
}

// promise notes that a page has the faults. It reports whether it is the
// session's first with one that is about an old build.
func (o oldThings) promise(faults faultSet) (first bool) {
	for _, code := range aboutOldBuilds {
		if faults.has(code) && o[code] == neverAsked {
			o[code], first = oldIsDue, true
		}
	}
	return first
}

// take reports whether the old file of the fault is due, which it is once.
func (o oldThings) take(code string) bool {
	due := o[code] == oldIsDue
	if due {
		o[code] = oldGiven
	}
	return due
}

// takeOld is take for the request's session.
func (m *merchant) takeOld(r *http.Request, code string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.session(r)
	return s != nil && s.old.take(code)
}

// isFirst reports whether the page with the token is its session's first with
// a fault about an old build.
func (m *merchant) isFirst(token string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pages[token].first
}

// The ways in which the page gets to its payment script.
const (
	startWorker = "/assets/start-worker.js" // under a service worker's control
	startStored = "/assets/start-stored.js" // from Cache Storage
	startAgain  = "/assets/start-again.js"  // in a second visit
)

// addBuild says which build the page is of, and how it starts. First is
// whether the page is its session's first with one of the faults.
func (m *merchant) addBuild(v *view, faults faultSet, first bool) {
	v.Script = scriptOf(faults, first)
	v.Worker = workerOf(faults, first)
	v.Chunk = chunkOf(faults, first)
	v.WidgetHash = m.widgetHash(faults)
	v.StoreOld = first && faults.has(staleStorage)
	switch {
	case v.Worker != "":
		v.Start = startWorker
	case faults.has(staleStorage):
		v.Start = startStored
	case first && (faults.has(stalePage) || faults.has(staleIntegrity)):
		v.Start = startAgain
	default:
		v.Start = v.Script
	}
}

// scriptOf returns the URL path of the payment script.
func scriptOf(faults faultSet, first bool) string {
	switch {
	case faults.has(staleScript):
		return pathStableScript
	case first && runsOldBuild(faults):
		return pathOldScript
	}
	return pathScript
}

// chunkOf returns the URL path of the script's part that is loaded late, ""
// for none. The old build's is missing.
func chunkOf(faults faultSet, first bool) string {
	asPage := faults.has(missingChunkPage)
	switch {
	case !asPage && !faults.has(missingChunk):
		return ""
	case !first:
		return "/assets/" + newBuild.chunk()
	case asPage:
		return pathApp + oldBuild.chunk()
	}
	return "/assets/" + oldBuild.chunk()
}

// widgetHash is the hash by which the page demands its widget, "" where it has
// none: the present widget's, or one that the server's copy does not have.
func (m *merchant) widgetHash(faults faultSet) string {
	switch {
	case faults.has(staleIntegrity):
		return integrity(m.assets[widgetAsset])
	case faults.has(wrongIntegrity):
		return integrity(m.assets[oldWidgetAsset])
	}
	return ""
}

// cacheControl is the payment page's: with the fault stale-page, the old build's
// page may be kept for a year.
func (m *merchant) cacheControl(v view, faults faultSet) string {
	if faults.has(stalePage) && m.isFirst(v.Page) {
		return forAYear
	}
	return "no-store"
}

// runsOldBuild reports whether the faults have the session's first page be one
// of the old build itself.
func runsOldBuild(faults faultSet) bool {
	return faults.has(stalePage) || faults.has(buildMismatch) || faults.has(missingChunk) || faults.has(missingChunkPage)
}

// workerOf returns the URL of the service worker that the page registers, ""
// for none. The worker reads from its own URL what it is, see its script.
func workerOf(faults faultSet, first bool) string {
	u := url.URL{Path: pathWorker}
	worker := func(code string, b build, script string) url.Values {
		return url.Values{"fault": {code}, "build": {b.id}, "script": {script}}
	}
	var query url.Values
	switch {
	case faults.has(notificationSwallowed):
		query = worker(notificationSwallowed, oldBuild, "")
	case first && faults.has(staleWorker):
		query = worker(staleWorker, oldBuild, pathOldScript)
	case faults.has(staleWorker):
		query = worker(staleWorker, newBuild, pathScript)
	case first && faults.has(workerWaiting):
		query = worker(workerWaiting, oldBuild, pathOldScript)
	case faults.has(workerWaiting):
		query = worker(workerWaiting, newBuild, pathScript)
		query.Set("waits", "yes")
	case faults.has(workerFresh):
		query = worker(workerFresh, newBuild, pathScript)
	case faults.has(workerOld):
		query = worker(workerOld, oldBuild, pathScript)
	default:
		return ""
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// integrity is the asset's hash as the page's attribute has it.
func integrity(a asset) string {
	sum := sha512.Sum384(a.body)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

// widget serves the page's widget. With the fault stale-integrity the first
// answer to a session is the old one, and caches keep it for a year.
func (m *merchant) widget(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && m.takeOld(r, staleIntegrity) {
		m.assets[oldWidgetAsset].serve(w, r, forAYear)
		return
	}
	m.assets[widgetAsset].serve(w, r, revalidate)
}

// app answers every path below it with the app's page, as servers of apps do
// which have one page alone.
func (m *merchant) app(w http.ResponseWriter, r *http.Request) {
	m.assets["shell.html"].serve(w, r, revalidate)
}
