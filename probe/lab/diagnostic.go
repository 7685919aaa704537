package lab

import (
	"fmt"
	"net/http"
	"time"

	"checkoutdoctor/web"
)

// countryQuery is the vantage's query parameter that chooses the country of
// the client: in a lab every address is loopback.
const countryQuery = "lab-country"

// timeQuery is the vantage's query parameter that says how far its clock is
// from the machine's, as a duration.
const timeQuery = "lab-time"

// timeOf is what the time is at the vantage.
func timeOf(r *http.Request) time.Time {
	ahead, err := time.ParseDuration(r.URL.Query().Get(timeQuery))
	if err != nil {
		return time.Now() // the clock is right
	}
	return time.Now().Add(ahead)
}

// diagnostic returns the diagnostic's own site and its cross-site helper.
func (l *Lab) diagnostic() (diag, helper http.Handler, err error) {
	o := web.Options{
		Helper:  l.origins.Helper,
		Country: func(r *http.Request) (string, bool) { return r.URL.Query().Get(countryQuery), true },
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
