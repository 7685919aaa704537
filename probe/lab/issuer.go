package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"checkoutdoctor/web/acs"
)

// newIssuer returns the issuer's server. It stands on all hosts of the issuer:
// a challenge that one opens can be answered on another, so that a redirect
// between them needs nothing more.
func (l *Lab) newIssuer() (*acs.Server, error) {
	return acs.New(acs.Options{
		Base:        l.origins.ACS,
		Client:      &http.Client{Transport: contradiction{l, l.client.Transport}, Timeout: l.client.Timeout},
		Decide:      l.decide,
		Intercept:   l.intercept,
		FirstCReq:   max(shortestFirstCReq, l.scaled(firstCReqLimit)),
		Interaction: l.scaled(challengeLimit),
	})
}

// shortestFirstCReq leaves a slow proxy, and the fault acs-slow, the time to
// let a CReq through.
const shortestFirstCReq = 2 * slowness

func (l *Lab) decide(areq acs.AReq) acs.Decision {
	c, err := parseCard(areq.AcctNumber)
	if err != nil {
		return acs.Decision{TransStatus: acs.StatusUnavailable, Reason: acs.ReasonNoCardRecord}
	}
	faults := l.assigned.of(areq.ThreeDSServerTransID)
	if d, declined := decline(faults); declined {
		return d
	}
	d := c.decision()
	d.Base = l.challengeBase(faults)
	d.Scripts = challengeScripts(faults)
	d.Nested = faults.has(acsNestedFrame)
	d.PaddedCRes = faults.has(cresPadded) || faults.has(messagePadded)
	return d
}

// decline returns how the issuer refuses the payment without a challenge, if
// it is to.
func decline(faults faultSet) (d acs.Decision, declined bool) {
	for _, refusal := range []struct {
		fault  string
		status acs.TransStatus
		reason string
	}{
		{declinedExpiredCard, acs.StatusDenied, acs.ReasonExpiredCard},
		{declinedTooManyTries, acs.StatusDenied, acs.ReasonFrequencyLimit},
		{declinedSuspectedFraud, acs.StatusRejected, acs.ReasonSuspectedFraud},
		{declinedWrongNumber, acs.StatusDenied, acs.ReasonInvalidNumber},
		{declinedNotPermitted, acs.StatusRejected, acs.ReasonNotPermitted},
		{declinedUnsupported, acs.StatusDenied, acs.ReasonUnsupportedDevice},
		{declinedIssuerTrouble, acs.StatusUnavailable, acs.ReasonACSTechnicalIssue},
	} {
		if faults.has(refusal.fault) {
			return acs.Decision{TransStatus: refusal.status, Reason: refusal.reason}, true
		}
	}
	return acs.Decision{}, false
}

// contradiction sends on what the ACS tells the 3DS Server. Of payments with
// the fault result-contradicts-cres it turns the result into a no; the CRes is
// none of its business, and keeps its yes.
type contradiction struct {
	lab  *Lab
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c contradiction) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("reading the issuer's message: %w", err)
	}
	if body, err = c.contradict(body); err != nil {
		return nil, err
	}
	sent := r.Clone(r.Context())
	sent.Body, sent.ContentLength, sent.GetBody = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	return c.next.RoundTrip(sent)
}

func (c contradiction) contradict(body []byte) ([]byte, error) {
	rreq, err := acs.Decode[acs.RReq](body, acs.ComponentACS)
	if err != nil || !c.lab.assigned.of(rreq.ThreeDSServerTransID).has(resultContradictsCRes) {
		return body, nil
	}
	rreq.TransStatus, rreq.TransStatusReason = acs.StatusDenied, acs.ReasonAuthenticationFailed
	rreq.AuthenticationValue, rreq.ECI = "", ""
	return json.Marshal(rreq)
}
