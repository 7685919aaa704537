package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// The redirect flow, of the faults redirect-challenge and samesite-lost: the
// challenge stands in no frame and in no window of its own, but takes the
// page's place.
//
// Whoever drives the browser meets it like this. The payment page's data-state
// becomes "challenge", and then that page is gone: the top document is the
// issuer's, with the same form[data-challenge] that frames have. Answered, it
// posts the browser to [pathReturn] of the merchant, as a navigation from
// another site. There stands the payment page again, a new document with a new
// diagnostic that knows nothing of what was before but what the server tells it.
// Its script sets data-state to "paid" or "failed" as soon as it runs.

// returned is what the server tells the payment page to which the browser was
// posted back. The zero value is a page that was not.
type returned struct {
	State   string // how the payment ended: paid or failed
	Session string // whether the session's cookie came with the post: present or missing, "" for no word on that
	Outcome string // JSON of what the gateway said, "" where nobody asked it
}

// redirects reports whether the challenge takes the page's place.
func redirects(faults faultSet) bool {
	return faults.has(redirectChallenge) || faults.has(sameSiteLost)
}

// pageReturned answers the post of a CRes that brings the whole page back. The
// session is what it was, also where its cookie did not come: a new one would
// replace it.
func (m *merchant) pageReturned(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get(pageQuery)
	m.mu.Lock()
	p, signedIn := m.pages[token], m.session(r) != nil
	m.mu.Unlock()
	v := m.view(token, p.card, p.faults)
	v.Returned = m.settle(r, p, signedIn)
	m.renderPayment(w, v, p.faults)
}

// settle ends the payment by its CRes. With the fault samesite-lost the server
// does so for nobody but the session, whose cookie a browser keeps back from
// another site's post; else it goes by the page's token, and what the cookie
// does is not worth a word.
func (m *merchant) settle(r *http.Request, p payment, signedIn bool) returned {
	end := returned{State: "failed"}
	switch {
	case signedIn:
		end.Session = "present"
	case p.faults.has(sameSiteLost):
		end.Session = "missing"
		return end
	}
	if _, err := m.check(r, r.PostFormValue("cres")); err != nil {
		return end
	}
	answer, err := m.charge(r.Context(), p)
	if err != nil {
		return end
	}
	if answer.Paid {
		end.State = "paid"
	}
	if outcome, err := json.Marshal(answer); err == nil {
		end.Outcome = string(outcome)
	}
	return end
}

// charge asks how the challenge ended, which the RReq alone says, and charges
// the card if that allows it.
func (m *merchant) charge(ctx context.Context, p payment) (resultAnswer, error) {
	o, err := callJSON[outcome](ctx, m.lab.client, m.lab.origins.ThreeDSServer+pathResult+url.PathEscape(p.threeDSID), nil)
	if err != nil {
		return resultAnswer{}, fmt.Errorf("no result of the challenge: %w", err)
	}
	answer := resultAnswer{outcome: o, Paid: pays(o.TransStatus)}
	if answer.Paid && p.faults.has(declinedInsufficientFunds) {
		answer.Paid, answer.DeclineCode = false, "insufficient_funds"
	}
	return answer, nil
}
