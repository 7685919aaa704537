package lab

import (
	"net/http"
	"net/url"
	"strings"
)

// PayURLFrom returns the payment page as PayURL does, for a user whose public
// address is in the country, an ISO 3166 code: in a lab every address is
// loopback.
func (l *Lab) PayURLFrom(country, card string, faults []string) string {
	address := l.PayURL(card, faults)
	if country == "" {
		return address
	}
	return address + "&" + url.Values{countryQuery: {country}}.Encode()
}

// vantageFor returns the vantage's address, which is told the country that the
// page was asked for from, if that is said.
func vantageFor(r *http.Request, vantage string) string {
	country := r.URL.Query().Get(countryQuery)
	if country == "" {
		return vantage
	}
	mark := "?"
	if strings.Contains(vantage, mark) {
		mark = "&" // a fault asks for something as well
	}
	return vantage + mark + url.Values{countryQuery: {country}}.Encode()
}
