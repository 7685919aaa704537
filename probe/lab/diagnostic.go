package lab

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"checkoutdoctor/web"
)

// The query parameters of the diagnostic's own endpoints by which the lab's
// faults reach them; see also countryQuery, kindQuery and stunQuery.
const (
	timeQuery    = "lab-time"    // how far the vantage's clock is from the machine's, a duration
	proxiedQuery = "lab-proxied" // the connection counts as a proxy's of the vantage's own
	yes          = "yes"         // the value of what is switched on
)

// The diagnostic's own site and its helper with the fault socket-refused: a
// page that loads the diagnostic from there asks there for all that it asks.
const (
	diagWithoutSocket   = "https://plain.diag.test"
	helperWithoutSocket = "https://plain.helper.test"
)

// socketless are those hosts, as origins. The lab has them in HTTPS mode.
func socketless() []string { return []string{diagWithoutSocket, helperWithoutSocket} }

// vantageKnobs is what the vantage is asked for by a page with the faults.
func vantageKnobs(faults faultSet) url.Values {
	query := url.Values{}
	for _, knob := range []struct{ fault, name, value string }{
		{vantageElsewhere, countryQuery, "BR"},
		{clockBehind, timeQuery, "-" + serverBehind.String()},
		{vantageClock, timeQuery, serverAhead.String()},
		{vantageProxied, proxiedQuery, yes},
		{stunUnanswered, stunQuery, stunSilent},
	} {
		if faults.has(knob.fault) {
			query.Set(knob.name, knob.value)
		}
	}
	return query
}

// timeOf is what the time is at the vantage.
func timeOf(r *http.Request) time.Time {
	ahead, err := time.ParseDuration(r.URL.Query().Get(timeQuery))
	if err != nil {
		return time.Now() // the clock is right
	}
	return time.Now().Add(ahead)
}

// pathSocket is where the diagnostic's own site and its helper answer by
// WebSocket.
const pathSocket = "/socket"

// withoutSocket refuses WebSockets, and lets all else pass.
func withoutSocket(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc(pathSocket, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no WebSockets here", http.StatusForbidden)
	})
	return mux
}

// diagnostic returns the diagnostic's own site and its cross-site helper.
func (l *Lab) diagnostic() (diag, helper http.Handler, err error) {
	o := web.Options{
		Helper:  l.origins.Helper,
		Client:  clientOf,
		STUN:    l.stunFor,
		Vantage: func(r *http.Request) string { return vantageFor(r, "/vantage") },
		Now:     timeOf,
		Version: "lab",
	}
	if diag, err = web.Handler(o); err != nil {
		return nil, nil, fmt.Errorf("mounting the diagnostic: %w", err)
	}
	if helper, err = web.HelperHandler(o); err != nil {
		return nil, nil, fmt.Errorf("mounting the helper: %w", err)
	}
	return diag, helper, nil
}
