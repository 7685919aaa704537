package lab

import (
	"fmt"
	"net/http"

	"checkoutdoctor/web"
)

// countryQuery is the vantage's query parameter that chooses the country of
// the client: in a lab every address is loopback.
const countryQuery = "lab-country"

// diagnostic returns the diagnostic's own site and its cross-site helper.
func (l *Lab) diagnostic() (diag, helper http.Handler, err error) {
	o := web.Options{
		Helper:  l.origins.Helper,
		Country: func(r *http.Request) (string, bool) { return r.URL.Query().Get(countryQuery), true },
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
