package sdks

import (
	"net/http"

	"checkoutdoctor/web/acs"
)

// noFault stands for an empty list where the SDK demands an API key: in the
// lab, the key names the faults.
const noFault = "no-fault"

// createSession is what createSession of the SDK asks. The id is used as the
// threeDSServerTransID by the SDK.
func (p *provider) createSession(w http.ResponseWriter, r *http.Request) {
	var q struct {
		PAN        string `json:"pan"`
		DeviceInfo struct {
			ColorDepth        string `json:"browser_color_depth"`
			JavascriptEnabled bool   `json:"browser_javascript_enabled"`
			JavaEnabled       bool   `json:"browser_java_enabled"`
			Language          string `json:"browser_language"`
			ScreenHeight      string `json:"browser_screen_height"`
			ScreenWidth       string `json:"browser_screen_width"`
			TZ                string `json:"browser_tz"`
		} `json:"device_info"`
	}
	if !readJSON(w, r, &q) {
		return
	}
	fault := r.Header.Get("BT-API-KEY")
	if fault == noFault {
		fault = ""
	}
	d := q.DeviceInfo
	opened, err := p.shop.gateway.lookup(r.Context(), q.PAN, fault, seenBrowser(r, acs.Browser{
		Language: d.Language, JavascriptEnabled: &d.JavascriptEnabled, JavaEnabled: &d.JavaEnabled,
		ColorDepth: d.ColorDepth, ScreenHeight: d.ScreenHeight, ScreenWidth: d.ScreenWidth, TZ: d.TZ,
	}))
	answer := map[string]string{"id": opened.ID, "card_brand": "lab"}
	if opened.MethodURL != "" {
		answer["method_url"] = opened.MethodURL
		answer["method_notification_url"] = providerOrigin + "/basis-theory/method"
	}
	reply(w, answer, err)
}

// basisTheoryMethod tells the SDK's own page, in whose frame it stands.
func (p *provider) basisTheoryMethod(w http.ResponseWriter, r *http.Request) {
	if id, ok := p.methodDone(w, r); ok {
		p.notify(w, providerOrigin, map[string]any{"type": "method", "isCompleted": true, "id": id})
	}
}

func (p *provider) basisTheoryChallenge(w http.ResponseWriter, r *http.Request) {
	e, ok := p.challengeDone(w, r)
	if !ok {
		return
	}
	status := "failed"
	if e.TransStatus == acs.StatusAuthenticated {
		status = "successful"
	}
	p.notify(w, providerOrigin, map[string]any{
		"type": "challenge", "isCompleted": true, "id": e.ThreeDSServerTransID, "authenticationStatus": status,
	})
}

// authenticateSession is the shop's server asking the provider. The SDK does
// not say how the 3DS Method ended: the provider knows from the callback.
func (s *Shop) authenticateSession(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID string `json:"id"`
	}
	if !readJSON(w, r, &q) {
		return
	}
	asked, err := s.gateway.find(q.ID)
	if err == nil {
		asked, err = s.gateway.authenticate(r.Context(), q.ID, asked.indicator(), providerOrigin+"/basis-theory/challenge")
	}
	if err != nil {
		reply(w, nil, err)
		return
	}
	answer := map[string]any{
		"transStatus": asked.ares.TransStatus, "transStatusReason": asked.ares.TransStatusReason, "threeDSCompInd": asked.compInd,
	}
	if asked.ares.TransStatus == acs.StatusChallenge {
		var creq acs.CReq
		creq, err = asked.ares.challenge()
		answer["acsURL"], answer["acsTransID"], answer["messageVersion"] = asked.ares.ACSURL, creq.ACSTransID, creq.MessageVersion
	}
	reply(w, answer, err)
}

// indicator is the threeDSCompInd of a payment whose 3DS Method is over.
func (p payment) indicator() string {
	switch {
	case p.MethodURL == "":
		return "U"
	case p.methodDone:
		return "Y"
	}
	return "N"
}
