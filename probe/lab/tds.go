package lab

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"checkoutdoctor/web/acs"
)

// threeDSServer is the gateway's 3DS Server. It asks the issuer, takes the
// result, and has the two notification pages to which the browser comes back.
type threeDSServer struct {
	lab *Lab
	mux *http.ServeMux

	mu   sync.Mutex
	byID map[string]*authentication // by threeDSServerTransID
}

// authentication is one payment at the 3DS Server; the server's mu guards it.
type authentication struct {
	id          string
	version     string
	sessionData string
	ares        acs.ARes
	result      *acs.RReq     // nil until it came
	problem     acs.ErrorCode // of the issuer's last Erro
}

// The 3DS Server's paths.
const (
	pathLookup          = "/lookup"
	pathAuthenticate    = "/authenticate"
	pathResult          = "/result/"
	pathProblem         = "/problem/"
	pathCRes            = "/cres"
	pathRReq            = "/3ds/results"
	pathMethodNotify    = "/3ds/method/notify"
	pathChallengeNotify = "/3ds/challenge/notify"
)

// What the merchant's server asks of the 3DS Server.
type (
	lookupQuestion struct {
		AcctNumber string `json:"acctNumber"`
	}
	lookupAnswer struct {
		ThreeDSServerTransID    string `json:"threeDSServerTransID"`
		ThreeDSMethodURL        string `json:"threeDSMethodURL,omitempty"`
		ThreeDSMethodData       string `json:"threeDSMethodData,omitempty"` // for the method's form
		ACSStartProtocolVersion string `json:"acsStartProtocolVersion"`
		ACSEndProtocolVersion   string `json:"acsEndProtocolVersion"`
	}
	authenticateQuestion struct {
		ThreeDSServerTransID string         `json:"threeDSServerTransID"`
		AcctNumber           string         `json:"acctNumber"`
		ThreeDSCompInd       string         `json:"threeDSCompInd"`
		WindowSize           acs.WindowSize `json:"windowSize"`
		SessionData          string         `json:"sessionData"`
		NotificationURL      string         `json:"notificationURL,omitempty"` // empty for the 3DS Server's own
		Purchase             purchase       `json:"purchase"`
		Browser              acs.Browser    `json:"browser"`
	}
	authenticateAnswer struct {
		outcome
		ACSURL string `json:"acsURL,omitempty"` // of a challenge
		CReq   string `json:"creq,omitempty"`   // for the challenge's form
	}
	// outcome is what an authentication came to.
	outcome struct {
		TransStatus       acs.TransStatus `json:"transStatus,omitempty"` // empty where the issuer rejected the AReq
		TransStatusReason string          `json:"transStatusReason,omitempty"`
		problemAnswer
	}
	// problemAnswer is what the issuer found wrong.
	problemAnswer struct {
		ErrorCode acs.ErrorCode `json:"errorCode,omitempty"` // of its Erro, empty if there was none
	}
	cresQuestion struct {
		CRes        string `json:"cres"`
		SessionData string `json:"threeDSSessionData"`
	}
	cresAnswer struct {
		ThreeDSServerTransID string          `json:"threeDSServerTransID"`
		TransStatus          acs.TransStatus `json:"transStatus"`
	}
)

// purchase is what is paid.
type purchase struct {
	Merchant string `json:"merchant"`
	URL      string `json:"url"`
	Minor    string `json:"minor"`    // amount in minor units
	Currency string `json:"currency"` // ISO 4217 number
	Exponent string `json:"exponent"` // digits of the minor unit
}

func newThreeDSServer(l *Lab) http.Handler {
	s := &threeDSServer{lab: l, mux: http.NewServeMux(), byID: make(map[string]*authentication)}
	s.mux.HandleFunc("POST "+pathLookup, s.lookup)
	s.mux.HandleFunc("POST "+pathAuthenticate, s.authenticate)
	s.mux.HandleFunc("GET "+pathResult+"{id}", s.result)
	s.mux.HandleFunc("GET "+pathProblem+"{id}", s.problem)
	s.mux.HandleFunc("POST "+pathCRes, s.check)
	s.mux.HandleFunc("POST "+pathRReq, s.takeResult)
	s.mux.HandleFunc("POST "+pathMethodNotify, s.methodDone)
	s.mux.HandleFunc("POST "+pathChallengeNotify, s.challengeDone)
	s.mux.Handle("GET /assets/", publicAssets())
	s.mux.Handle("GET /{$}", toPages(http.HandlerFunc(standing)))
	return s.mux
}

// lookup answers by card range what the issuer speaks, and opens a transaction,
// with the faults that its own ?fault= names as a payment page's does.
func (s *threeDSServer) lookup(w http.ResponseWriter, r *http.Request) {
	var q lookupQuestion
	if !readJSON(w, r, &q) {
		return
	}
	faults, err := parseFaults(r.URL.Query().Get(faultQuery), s.lab.o.PlainHTTPLocalhost)
	if err != nil {
		replyError(w, http.StatusBadRequest, err)
		return
	}
	c, err := parseCard(q.AcctNumber)
	if err != nil {
		replyError(w, http.StatusNotFound, fmt.Errorf("no card range: %w", err))
		return
	}
	a := &authentication{id: acs.NewTransactionID(), version: c.version}
	s.put(a)
	s.lab.assigned.put(a.id, faults)
	answer := lookupAnswer{
		ThreeDSServerTransID:    a.id,
		ACSStartProtocolVersion: acs.Versions()[0], ACSEndProtocolVersion: c.version,
	}
	if c.method {
		answer.ThreeDSMethodURL = acs.MethodURL(s.lab.origins.ACS)
		answer.ThreeDSMethodData, err = acs.Wrap(acs.MethodData{
			ThreeDSServerTransID: a.id, NotificationURL: s.lab.origins.ThreeDSServer + pathMethodNotify,
		})
	}
	if err != nil {
		replyError(w, http.StatusInternalServerError, err)
		return
	}
	replyJSON(w, http.StatusOK, answer)
}

func (s *threeDSServer) put(a *authentication) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[a.id] = a
}

// find returns the authentication, or nil.
func (s *threeDSServer) find(id string) *authentication {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[id]
}

// authenticate sends the AReq and hands the issuer's answer on.
func (s *threeDSServer) authenticate(w http.ResponseWriter, r *http.Request) {
	var q authenticateQuestion
	if !readJSON(w, r, &q) {
		return
	}
	a := s.find(q.ThreeDSServerTransID)
	if a == nil {
		replyError(w, http.StatusNotFound, errors.New("no such transaction"))
		return
	}
	ares, err := acs.Exchange[acs.ARes](r.Context(), s.lab.client, acs.ComponentServer, acs.AReqURL(s.lab.origins.ACS), s.areq(a, q))
	if erro, ok := errors.AsType[*acs.Erro](err); ok && erro.ErrorComponent == acs.ComponentACS {
		replyJSON(w, http.StatusOK, authenticateAnswer{outcome: outcome{problemAnswer: problemAnswer{erro.ErrorCode}}})
		return
	}
	if err != nil {
		replyError(w, http.StatusBadGateway, err)
		return
	}
	s.mu.Lock()
	a.ares, a.sessionData = ares, q.SessionData
	s.mu.Unlock()
	answer, err := answerOf(ares, q.WindowSize)
	if err != nil {
		replyError(w, http.StatusInternalServerError, err)
		return
	}
	replyJSON(w, http.StatusOK, answer)
}

func (s *threeDSServer) areq(a *authentication, q authenticateQuestion) acs.AReq {
	areq := acs.AReq{
		MessageType: "AReq", MessageVersion: a.version, ThreeDSServerTransID: a.id,
		ThreeDSServerRefNumber: "CHECKOUT-DOCTOR-3DSS", ThreeDSServerURL: s.lab.origins.ThreeDSServer + pathRReq,
		ThreeDSRequestorID: "1000000001", ThreeDSRequestorName: q.Purchase.Merchant, ThreeDSRequestorURL: q.Purchase.URL,
		ThreeDSRequestorAuthenticationID: "01", ThreeDSCompInd: q.ThreeDSCompInd,
		DeviceChannel: "02", MessageCategory: "01",
		AcctNumber: q.AcctNumber, AcquirerBIN: "400000", AcquirerMerchantID: "100000000000001",
		MerchantName: q.Purchase.Merchant, MCC: "7311", MerchantCountryCode: "752",
		PurchaseAmount: q.Purchase.Minor, PurchaseCurrency: q.Purchase.Currency, PurchaseExponent: q.Purchase.Exponent,
		PurchaseDate:    time.Now().UTC().Format("20060102150405"),
		NotificationURL: cmp.Or(q.NotificationURL, s.lab.origins.ThreeDSServer+pathChallengeNotify),
		Browser:         q.Browser,
	}
	if a.version == "2.1.0" {
		areq.JavascriptEnabled = nil // came with 2.2.0
	}
	return areq
}

// answerOf words an ARes for the merchant; a challenge gets its CReq.
func answerOf(ares acs.ARes, window acs.WindowSize) (authenticateAnswer, error) {
	answer := authenticateAnswer{outcome: outcome{TransStatus: ares.TransStatus, TransStatusReason: ares.TransStatusReason}}
	if ares.TransStatus != acs.StatusChallenge {
		return answer, nil
	}
	var err error
	answer.ACSURL = ares.ACSURL
	answer.CReq, err = acs.Wrap(acs.CReq{
		MessageType: "CReq", MessageVersion: ares.MessageVersion,
		ThreeDSServerTransID: ares.ThreeDSServerTransID, ACSTransID: ares.ACSTransID, ChallengeWindowSize: window,
	})
	return answer, err
}

// result tells the merchant what the RReq said: the one source that counts.
func (s *threeDSServer) result(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[r.PathValue("id")]
	if a == nil || a.result == nil {
		replyError(w, http.StatusNotFound, errors.New("no result"))
		return
	}
	replyJSON(w, http.StatusOK, outcome{TransStatus: a.result.TransStatus, TransStatusReason: a.result.TransStatusReason})
}

// problem tells the merchant what the issuer found wrong with a challenge.
func (s *threeDSServer) problem(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[r.PathValue("id")]
	if a == nil {
		replyError(w, http.StatusNotFound, errors.New("no such transaction"))
		return
	}
	replyJSON(w, http.StatusOK, problemAnswer{a.problem})
}

// check reads a CRes for a merchant that has a notification page of its own.
func (s *threeDSServer) check(w http.ResponseWriter, r *http.Request) {
	var q cresQuestion
	if !readJSON(w, r, &q) {
		return
	}
	cres, err := s.readCRes(q.CRes, q.SessionData)
	if err != nil {
		replyError(w, http.StatusBadRequest, err)
		return
	}
	replyJSON(w, http.StatusOK, cresAnswer{cres.ThreeDSServerTransID, cres.TransStatus})
}

// takeResult answers the issuer's RReq, once. An Erro comes to the same
// address, and is not answered with a message.
func (s *threeDSServer) takeResult(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if erro, err := acs.Decode[acs.Erro](body, acs.ComponentServer); err == nil {
		s.note(erro)
		return
	}
	rreq, err := acs.Decode[acs.RReq](body, acs.ComponentServer)
	if err == nil {
		err = s.store(rreq)
	}
	if err != nil {
		acs.ReplyErro(w, acs.ComponentServer, err)
		return
	}
	acs.Reply(w, acs.RRes{
		MessageType: "RRes", MessageVersion: rreq.MessageVersion,
		ThreeDSServerTransID: rreq.ThreeDSServerTransID, ACSTransID: rreq.ACSTransID, DSTransID: rreq.DSTransID,
		ResultsStatus: "01",
	})
}

// note keeps what the issuer found wrong with a transaction that is known.
func (s *threeDSServer) note(erro acs.Erro) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.byID[erro.ThreeDSServerTransID]; a != nil {
		a.problem = erro.ErrorCode
	}
}

func (s *threeDSServer) store(rreq acs.RReq) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[rreq.ThreeDSServerTransID]
	switch {
	case a == nil || a.result != nil:
		return acs.UnknownTransaction(acs.ComponentServer, "RReq", "threeDSServerTransID", rreq.ThreeDSServerTransID)
	case a.ares.ACSTransID != rreq.ACSTransID:
		return acs.UnknownTransaction(acs.ComponentServer, "RReq", "acsTransID", rreq.ThreeDSServerTransID)
	}
	a.result = &rreq
	return nil
}

// methodDone takes the 3DS Method's callback.
func (s *threeDSServer) methodDone(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	done, err := acs.DecodeMethodDone(r.PostFormValue("threeDSMethodData"))
	if err == nil && s.find(done.ThreeDSServerTransID) == nil {
		err = errors.New("no such transaction")
	}
	if err != nil {
		s.lab.notify(w, http.StatusBadRequest, notification{Problem: err.Error()})
		return
	}
	s.lab.notify(w, http.StatusOK, notification{Type: methodMessage, ThreeDSServerTransID: done.ThreeDSServerTransID})
}

// challengeDone takes the CRes with which the browser comes back.
func (s *threeDSServer) challengeDone(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	field := r.PostFormValue("cres")
	cres, err := s.readCRes(field, r.PostFormValue("threeDSSessionData"))
	if err != nil {
		s.lab.notify(w, http.StatusBadRequest, notification{Problem: err.Error()})
		return
	}
	faults := s.lab.assigned.of(cres.ThreeDSServerTransID)
	if faults.has(notificationError) {
		s.lab.notify(w, http.StatusInternalServerError, notification{Problem: "the 3DS Server failed"})
		return
	}
	s.lab.notify(w, http.StatusOK, challengeEnd(faults, cresAnswer{cres.ThreeDSServerTransID, cres.TransStatus}, field))
}

// readCRes reads the fields with which the browser comes back.
func (s *threeDSServer) readCRes(field, sessionData string) (acs.CRes, error) {
	body, err := acs.Unwrap(field)
	if err != nil {
		return acs.CRes{}, err
	}
	cres, err := acs.Decode[acs.CRes](body, acs.ComponentServer)
	if err != nil {
		return acs.CRes{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[cres.ThreeDSServerTransID]
	switch {
	case a == nil || a.ares.ACSTransID != cres.ACSTransID:
		return acs.CRes{}, errors.New("the CRes belongs to no transaction")
	case a.sessionData != sessionData:
		return acs.CRes{}, errors.New("threeDSSessionData is not what the CReq came with")
	}
	return cres, nil
}
