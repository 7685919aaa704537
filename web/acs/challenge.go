package acs

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// step finds the transaction of the path, and lets Intercept stand before what
// is done.
func (s *Server) step(step Step, do func(http.ResponseWriter, *http.Request, *transaction)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setPageHeaders(w.Header(), "'self'")
		t := s.open.find(r.PathValue("id"))
		next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(w, r, t) })
		if t == nil {
			next.ServeHTTP(w, r)
			return
		}
		s.o.Intercept(step, t.areq.ThreeDSServerTransID, next).ServeHTTP(w, r)
	})
}

// explain answers a GET of the challenge page: there is nothing to see without
// a CReq, and looking changes nothing.
func (s *Server) explain(w http.ResponseWriter, _ *http.Request, _ *transaction) {
	s.renderMessage(w, http.StatusOK, "This page belongs to a payment", "The shop opens it when your bank wants to be sure that it is you.")
}

// challenge answers a CReq.
func (s *Server) challenge(w http.ResponseWriter, r *http.Request, t *transaction) {
	creq, sessionData, err := readCReq(w, r)
	if err == nil {
		err = s.openChallenge(t, creq, sessionData)
	}
	if err != nil {
		s.report(t, err)
		ReplyErro(w, ComponentACS, err)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.decision.Nested {
		s.renderNested(w, t)
		return
	}
	s.renderForm(w, t, "")
}

// form shows the form of a nested challenge, for the frame in its page.
func (s *Server) form(w http.ResponseWriter, r *http.Request, t *transaction) {
	if t == nil {
		s.explain(w, r, t)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.decision.Nested || t.phase != interacting {
		s.explain(w, r, t)
		return
	}
	s.renderForm(w, t, "")
}

// maxSessionData is the longest threeDSSessionData, in characters.
const maxSessionData = 1024

func readCReq(w http.ResponseWriter, r *http.Request) (creq CReq, sessionData string, err error) {
	field, err := formField(w, r, "creq")
	if err != nil {
		return CReq{}, "", newErro(ComponentACS, "CReq", CodeMessageInvalid, err.Error(), nil)
	}
	body, err := Unwrap(field)
	if err != nil {
		return CReq{}, "", newErro(ComponentACS, "CReq", CodeMessageInvalid, err.Error(), nil)
	}
	if creq, err = Decode[CReq](body, ComponentACS); err != nil {
		return CReq{}, "", err
	}
	sessionData = r.PostForm.Get("threeDSSessionData")
	if _, err := Unwrap(sessionData); err != nil || len(sessionData) > maxSessionData {
		return CReq{}, "", rejectCReq(creq, CodeFormatInvalid, "threeDSSessionData")
	}
	return creq, sessionData, nil
}

func rejectCReq(creq CReq, code ErrorCode, detail string) *Erro {
	return newErro(ComponentACS, "CReq", code, detail, elements{
		"messageVersion":       creq.MessageVersion,
		"threeDSServerTransID": creq.ThreeDSServerTransID,
		"acsTransID":           creq.ACSTransID,
	})
}

// openChallenge begins the interaction that creq asks for. A second CReq finds
// no transaction that waits for one, and gets the error of an unknown one.
func (s *Server) openChallenge(t *transaction, creq CReq, sessionData string) error {
	if t == nil || creq.ACSTransID != t.acsID {
		return rejectCReq(creq, CodeUnknownID, "acsTransID")
	}
	if creq.ThreeDSServerTransID != t.areq.ThreeDSServerTransID {
		return rejectCReq(creq, CodeUnknownID, "threeDSServerTransID")
	}
	if creq.MessageVersion != t.areq.MessageVersion {
		return rejectCReq(creq, CodeFormatInvalid, "messageVersion")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.timedOut:
		return rejectCReq(creq, CodeTimedOut, "first CReq after the time limit")
	case t.phase != awaitingCReq:
		return rejectCReq(creq, CodeUnknownID, "acsTransID")
	}
	t.phase, t.creq, t.sessionData = interacting, creq, sessionData
	s.restartLimit(t)
	return nil
}

func (s *Server) restartLimit(t *transaction) {
	t.deadline = time.Now().Add(s.o.Interaction)
	t.timeLimit.Reset(s.o.Interaction)
	s.open.keep(t, 2*s.o.Interaction)
}

// answer takes the cardholder's answer: the code, or the wish to cancel.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, t *transaction) {
	code, err := formField(w, r, "code")
	cancelled := r.PostForm.Get("cancel") != ""
	switch {
	case t == nil:
		s.renderMessage(w, http.StatusNotFound, "This payment is not known", "Go back to the shop and pay again.")
		return
	case err != nil && !cancelled:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case !s.enter():
		http.Error(w, "the server is being stopped", http.StatusServiceUnavailable)
		return
	}
	defer s.results.Done()
	t.mu.Lock()
	defer t.mu.Unlock()
	s.judge(w, t, strings.TrimSpace(code), cancelled)
}

// judge is the part of answer that holds the transaction.
func (s *Server) judge(w http.ResponseWriter, t *transaction, code string, cancelled bool) {
	if t.phase == awaitingCReq {
		s.renderMessage(w, http.StatusConflict, "This payment has not begun", "Go back to the shop and pay again.")
		return
	}
	if t.phase == interacting {
		t.interactions++
		if !cancelled && code != Code {
			if !t.decision.Automatic { // which knows the code: only a stranger tries others
				s.restartLimit(t)
			}
			s.renderForm(w, t, "That code is not right. Please try again.")
			return
		}
		s.finish(t, cancelled)
	}
	// A second click on the button finds the end, and is shown it again.
	s.renderFinal(w, t)
}

// finish ends the challenge by the cardholder's answer.
func (s *Server) finish(t *transaction, cancelled bool) {
	switch {
	case cancelled:
		s.end(t, StatusDenied, ReasonAuthenticationFailed, CancelByUser)
	case t.decision.Outcome == StatusAuthenticated:
		s.end(t, StatusAuthenticated, "", "")
	default:
		s.end(t, StatusDenied, ReasonAuthenticationFailed, "")
	}
}

// expire ends a challenge whose time limit has run out.
func (s *Server) expire(t *transaction) {
	if !s.enter() {
		return
	}
	defer s.results.Done()
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Now().Before(t.deadline) {
		return // an answer came while the limit ran out
	}
	switch t.phase {
	case awaitingCReq:
		s.end(t, StatusDenied, ReasonACSTimeOut, CancelNoFirstCReq)
	case interacting:
		s.end(t, StatusDenied, ReasonACSTimeOut, CancelACSTimeOut)
	default:
		return
	}
	t.timedOut = true
}

// resultLimit is how long the 3DS Server may take to answer an RReq.
const resultLimit = 10 * time.Second

// report tells the 3DS Server that a CReq was rejected. Whether that arrives
// changes nothing: the transaction's time limit ends it.
func (s *Server) report(t *transaction, rejected error) {
	erro, ok := errors.AsType[*Erro](rejected)
	if t == nil || !ok || s.o.Client == nil || !s.enter() {
		return
	}
	defer s.results.Done()
	about := *erro // the browser gets the ids that it sent
	about.MessageVersion = t.areq.MessageVersion
	about.ThreeDSServerTransID, about.ACSTransID, about.DSTransID = t.areq.ThreeDSServerTransID, t.acsID, t.dsID
	ctx, done := context.WithTimeout(s.ctx, resultLimit)
	defer done()
	_, _ = post(ctx, s.o.Client, t.areq.ThreeDSServerURL, about)
}

// end sends the result to the 3DS Server and makes the CRes. A result that
// does not arrive is no authentication, so the CRes does not claim one.
func (s *Server) end(t *transaction, status TransStatus, reason, cancel string) {
	t.phase = ended
	t.timeLimit.Stop()
	s.open.keep(t, s.o.Interaction)
	ctx, done := context.WithTimeout(s.ctx, resultLimit)
	defer done()
	if err := s.deliver(ctx, t, t.result(status, reason, cancel)); err != nil {
		status = StatusDenied
	}
	t.cres = CRes{
		MessageType: "CRes", MessageVersion: t.areq.MessageVersion,
		ThreeDSServerTransID: t.areq.ThreeDSServerTransID, ACSTransID: t.acsID,
		ChallengeCompletionInd: "Y", TransStatus: status,
	}
}

func (s *Server) deliver(ctx context.Context, t *transaction, rreq RReq) error {
	if s.o.Client == nil {
		return nil
	}
	_, err := Exchange[RRes](ctx, s.o.Client, ComponentACS, t.areq.ThreeDSServerURL, rreq)
	return err
}

func (t *transaction) result(status TransStatus, reason, cancel string) RReq {
	rreq := RReq{
		MessageType: "RReq", MessageVersion: t.areq.MessageVersion,
		ThreeDSServerTransID: t.areq.ThreeDSServerTransID, ACSTransID: t.acsID, DSTransID: t.dsID,
		MessageCategory: t.areq.MessageCategory, TransStatus: status, TransStatusReason: reason, ChallengeCancel: cancel,
		InteractionCounter: twoDigits(t.interactions), AuthenticationType: dynamicAuthentication,
	}
	rreq.AuthenticationValue, rreq.ECI = proofOf(status)
	return rreq
}

func twoDigits(n int) string {
	s := strconv.Itoa(min(n, 99))
	return strings.Repeat("0", 2-len(s)) + s
}
