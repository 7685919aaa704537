package sdks

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"checkoutdoctor/web/acs"
)

// adyenAction is what the SDK is to do next.
type adyenAction struct {
	Type               string `json:"type"`
	Subtype            string `json:"subtype"`
	Token              string `json:"token"`       // base64 of JSON
	PaymentData        string `json:"paymentData"` // the payment's id; the SDK hands it back
	AuthorisationToken string `json:"authorisationToken,omitempty"`
	PaymentMethodType  string `json:"paymentMethodType"`
}

func newAction(subtype, id string, token map[string]string) adyenAction {
	text, _ := json.Marshal(token) // strings always encode
	return adyenAction{
		Type: "threeDS2", Subtype: subtype, Token: base64.StdEncoding.EncodeToString(text),
		PaymentData: id, AuthorisationToken: id, PaymentMethodType: "scheme",
	}
}

// pay is the shop's server making the payment: the answer has the first action.
func (s *Shop) pay(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Card    string      `json:"card"`
		Fault   string      `json:"fault"`
		Browser acs.Browser `json:"browser"`
	}
	if !readJSON(w, r, &q) {
		return
	}
	opened, err := s.gateway.lookup(r.Context(), q.Card, q.Fault, seenBrowser(r, q.Browser))
	if err != nil {
		reply(w, nil, err)
		return
	}
	if opened.MethodURL == "" {
		s.payWithoutMethod(w, r, opened.ID)
		return
	}
	reply(w, map[string]any{"id": opened.ID, "action": newAction("fingerprint", opened.ID, map[string]string{
		"threeDSServerTransID": opened.ID, "threeDSMethodUrl": opened.MethodURL,
		"threeDSMethodNotificationURL": providerOrigin + "/adyen/method",
	})}, nil)
}

func (s *Shop) payWithoutMethod(w http.ResponseWriter, r *http.Request, id string) {
	paid, err := s.gateway.authenticate(r.Context(), id, "U", adyenNotification)
	if err != nil || paid.ares.TransStatus != acs.StatusChallenge {
		reply(w, paid.outcome(), err)
		return
	}
	action, err := challengeAction(paid)
	reply(w, map[string]any{"id": id, "action": action}, err)
}

const adyenNotification = providerOrigin + "/adyen/challenge"

func challengeAction(p payment) (adyenAction, error) {
	creq, err := p.ares.challenge()
	return newAction("challenge", p.ID, map[string]string{
		"acsURL": p.ares.ACSURL, "acsTransID": creq.ACSTransID, "messageVersion": creq.MessageVersion,
		"threeDSServerTransID": p.ID, "threeDSNotificationURL": adyenNotification,
	}), err
}

// submitFingerprint is what the SDK asks when its 3DS Method is over.
func (p *provider) submitFingerprint(w http.ResponseWriter, r *http.Request) {
	var q struct {
		FingerprintResult string `json:"fingerprintResult"`
		PaymentData       string `json:"paymentData"`
	}
	if !readJSON(w, r, &q) {
		return
	}
	var method struct {
		ThreeDSCompInd string `json:"threeDSCompInd"`
	}
	text, err := base64.StdEncoding.DecodeString(q.FingerprintResult)
	if err == nil {
		err = json.Unmarshal(text, &method)
	}
	if err != nil {
		reply(w, nil, fmt.Errorf("reading the fingerprint's result: %w", err))
		return
	}
	paid, err := p.shop.gateway.authenticate(r.Context(), q.PaymentData, method.ThreeDSCompInd, adyenNotification)
	if err != nil || paid.ares.TransStatus != acs.StatusChallenge {
		result := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"transStatus":%q}`, paid.ares.TransStatus))
		reply(w, map[string]any{"type": "completed", "details": map[string]string{"threeDSResult": result}}, err)
		return
	}
	action, err := challengeAction(paid)
	reply(w, map[string]any{"type": "action", "action": action}, err)
}

// analytics opens an attempt, for which the SDK asks even where it is told to
// send no analytics.
func (p *provider) analytics(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]string{"checkoutAttemptId": "lab"}, nil)
}

func (p *provider) adyenMethod(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.methodDone(w, r); ok {
		p.notify(w, shopOrigin, `{"type":"fingerPrintResult","result":{"threeDSCompInd":"Y"}}`)
	}
}

func (p *provider) adyenChallenge(w http.ResponseWriter, r *http.Request) {
	if e, ok := p.challengeDone(w, r); ok {
		p.notify(w, shopOrigin, fmt.Sprintf(`{"type":"challengeResult","result":{"transStatus":%q}}`, e.TransStatus))
	}
}
