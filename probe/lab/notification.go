package lab

import (
	"net/http"

	"checkoutdoctor/web/acs"
)

// The types of the messages that notification pages post.
const (
	methodMessage    = "threeds.method"
	challengeMessage = "threeds.challenge"
)

// notification is what a notification page tells the page that opened it. The
// fields are data attributes of its body.
type notification struct {
	Type                 string // of the posted message
	ThreeDSServerTransID string
	TransStatus          acs.TransStatus // of a challenge
	CRes                 string          // of a challenge, for a page that reads it itself
	Target               string          // origin that may read the message
	Twice                bool            // the message is posted twice
	Silent               bool            // the page lost its script
	Problem              string          // why there is nothing to tell; then there is no script
	NoFrame              bool            // the page forbids being framed
}

// challengeEnd words the end of a challenge, whose CRes came in the field, for
// the payment page.
func challengeEnd(faults faultSet, end cresAnswer, field string) notification {
	n := notification{
		Type: challengeMessage, ThreeDSServerTransID: end.ThreeDSServerTransID, TransStatus: end.TransStatus,
		Twice: faults.has(notificationTwice), Silent: faults.has(notificationSilent),
	}
	switch {
	case faults.has(messageWrongTransaction):
		n.ThreeDSServerTransID = acs.NewTransactionID()
	case faults.has(messageMalformed):
		n.TransStatus, n.CRes = "", field[:len(field)/2]
	case faults.has(messagePadded), faults.has(cresPadded): // the issuer pads it
		n.TransStatus, n.CRes = "", field
	}
	return n
}

// notify answers with a notification page, which the merchant alone may frame.
func (l *Lab) notify(w http.ResponseWriter, status int, n notification) {
	n.Target = l.origins.Merchant
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
	h := w.Header()
	if n.NoFrame {
		h.Set("X-Frame-Options", "DENY") // with frame-ancestors beside it, it would not count
	} else {
		policy += "; frame-ancestors " + n.Target
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	renderPage(w, status, "notify.html", n)
}
