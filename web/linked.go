package web

import (
	"errors"
	"net/http"

	"checkoutdoctor/web/link"
)

// policyStill is the policy of pages that need nothing but their style.
const policyStill = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// linkOf returns what the page is opened with and, of a link that is not good,
// why. Nothing of that is believed but the language, which decides nothing.
func (o Options) linkOf(r *http.Request) (l link.Link, refused link.Reason) {
	query := r.URL.Query()
	unsigned := link.Link{Language: query.Get("lang")}
	if o.Links == nil {
		unsigned.Case, unsigned.AdsManagerURL = query.Get("case"), query.Get("ads-manager-url")
		return unsigned, ""
	}
	l, err := o.Links.Verify(r.URL.RawQuery, o.Now(r))
	if err == nil {
		return l, ""
	}
	refused = link.Altered
	if e, ok := errors.AsType[*link.Error](err); ok {
		refused = e.Reason
	}
	if refused == link.NoLink {
		refused = ""
	}
	return unsigned, refused
}

// refusedData is what refused.html shows.
type refusedData struct {
	Words         Words
	Heading, Text string
	Style         string
}

// refuse says to who comes with a link that is not good how to go on.
func (p *page) refuse(w http.ResponseWriter, words Words, reason link.Reason) {
	heading := refusedHeading(reason)
	document{"refused.html", refusedStatus(reason), policyStill, words.Language, refusedData{
		Words: words, Heading: words.Page[heading], Text: words.Page[heading+"Text"], Style: p.files.url("page.css"),
	}}.send(w)
}

// refusedHeading is the key of the words. Only that a link's time is over or has
// not begun is told of why, since that is nobody's secret: whoever tries to make a
// link learns nothing.
func refusedHeading(reason link.Reason) string {
	switch reason {
	case link.Expired:
		return "linkExpired"
	case link.NotYetValid:
		return "linkEarly"
	}
	return "linkInvalid"
}

// refusedStatus tells a link whose time is over from one that is not ours.
func refusedStatus(reason link.Reason) int {
	if reason == link.Expired {
		return http.StatusGone
	}
	return http.StatusForbidden
}
