package acs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bench is an ACS with a 3DS Server before it that takes results.
type bench struct {
	t       *testing.T
	acs     *httptest.Server
	server  *Server
	results chan RReq
	erros   chan Erro // rejections that the 3DS Server was told of
	tds     *httptest.Server
}

// challenges decides that every payment is challenged and the challenge won.
func challenges(AReq) Decision {
	return Decision{TransStatus: StatusChallenge, Outcome: StatusAuthenticated}
}

func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{t: t, results: make(chan RReq, 8), erros: make(chan Erro, 16)}
	b.tds = httptest.NewServer(http.HandlerFunc(b.takeResult))
	t.Cleanup(b.tds.Close)
	b.acs = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.server.ServeHTTP(w, r) }))
	o.Base = "http://" + b.acs.Listener.Addr().String()
	o.Client = b.tds.Client()
	if o.Decide == nil {
		o.Decide = challenges
	}
	var err error
	b.server, err = New(o)
	require.NoError(t, err)
	b.acs.Start()
	t.Cleanup(b.server.Close)
	t.Cleanup(b.acs.Close)
	return b
}

func (b *bench) takeResult(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Errorf("reading what the ACS sent: %v", err)
		return
	}
	if erro, err := Decode[Erro](body, ComponentServer); err == nil {
		b.erros <- erro
		return
	}
	rreq, err := Decode[RReq](body, ComponentServer)
	if err != nil {
		b.t.Errorf("RReq: %v", err)
		ReplyErro(w, ComponentServer, err)
		return
	}
	b.results <- rreq
	rres := validRRes()
	rres.ACSTransID, rres.DSTransID = rreq.ACSTransID, rreq.DSTransID
	Reply(w, rres)
}

// result waits for the RReq.
func (b *bench) result() RReq {
	b.t.Helper()
	select {
	case rreq := <-b.results:
		return rreq
	case <-time.After(10 * time.Second):
		b.t.Fatal("no RReq came")
		return RReq{}
	}
}

func (b *bench) areq() AReq {
	areq := validAReq()
	areq.ThreeDSServerURL = b.tds.URL
	return areq
}

// begin sends an AReq that is challenged.
func (b *bench) begin() ARes {
	b.t.Helper()
	ares, err := Exchange[ARes](b.t.Context(), b.acs.Client(), ComponentServer, AReqURL(b.acs.URL), b.areq())
	require.NoError(b.t, err)
	return ares
}

func creqFor(ares ARes) CReq {
	creq := validCReq()
	creq.ACSTransID = ares.ACSTransID
	return creq
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (b *bench) post(address string, fields url.Values) answer {
	b.t.Helper()
	res, err := b.acs.Client().PostForm(address, fields)
	require.NoError(b.t, err)
	return b.read(res)
}

func (b *bench) get(address string) answer {
	b.t.Helper()
	res, err := b.acs.Client().Get(address)
	require.NoError(b.t, err)
	return b.read(res)
}

func (b *bench) read(res *http.Response) answer {
	b.t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return answer{res.StatusCode, res.Header, string(body)}
}

func (b *bench) open(ares ARes, creq CReq, sessionData string) answer {
	b.t.Helper()
	field, err := Wrap(creq)
	require.NoError(b.t, err)
	return b.post(ares.ACSURL, url.Values{"creq": {field}, "threeDSSessionData": {sessionData}})
}

func (b *bench) reply(ares ARes, fields url.Values) answer {
	b.t.Helper()
	return b.post(ares.ACSURL+pathAnswer, fields)
}

var inputs = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

func (a answer) hidden(name string) string {
	for _, m := range inputs.FindAllStringSubmatch(a.body, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

func (b *bench) cres(a answer) CRes {
	b.t.Helper()
	body, err := Unwrap(a.hidden("cres"))
	require.NoError(b.t, err)
	cres, err := Decode[CRes](body, ComponentServer)
	require.NoError(b.t, err, a.body)
	return cres
}

func (b *bench) erro(a answer) Erro {
	b.t.Helper()
	assert.Equal(b.t, http.StatusOK, a.status)
	assert.Equal(b.t, "application/json; charset=utf-8", a.header.Get("Content-Type"))
	erro, err := Decode[Erro]([]byte(a.body), ComponentServer)
	require.NoError(b.t, err, a.body)
	return erro
}

func TestChallengeEnds(t *testing.T) {
	tests := []struct {
		symptom string
		outcome TransStatus
		answer  url.Values
		cres    TransStatus
		rreq    RReq
	}{
		{"right code", "Y", url.Values{"code": {"1234"}}, "Y", RReq{TransStatus: "Y", InteractionCounter: "01", ECI: "05"}},
		{"right code with blanks", "Y", url.Values{"code": {" 1234 "}}, "Y", RReq{TransStatus: "Y", InteractionCounter: "01", ECI: "05"}},
		{"right code, issuer says no", "N", url.Values{"code": {"1234"}}, "N", RReq{TransStatus: "N", TransStatusReason: "01", InteractionCounter: "01"}},
		{"cancelled", "Y", url.Values{"code": {"1234"}, "cancel": {"01"}}, "N", RReq{TransStatus: "N", TransStatusReason: "01", ChallengeCancel: "01", InteractionCounter: "01"}},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			b := newBench(t, Options{Decide: func(AReq) Decision { return Decision{TransStatus: "C", Outcome: tt.outcome} }})
			ares := b.begin()
			assert.Contains(t, b.open(ares, creqFor(ares), "").body, "data-challenge")
			end := b.reply(ares, tt.answer)
			assert.Equal(t, tt.cres, b.cres(end).TransStatus)

			rreq := b.result()
			assert.Equal(t, ares.ACSTransID, rreq.ACSTransID)
			assert.Equal(t, ares.DSTransID, rreq.DSTransID)
			got := RReq{
				TransStatus: rreq.TransStatus, TransStatusReason: rreq.TransStatusReason, ChallengeCancel: rreq.ChallengeCancel,
				InteractionCounter: rreq.InteractionCounter, ECI: rreq.ECI,
			}
			assert.Equal(t, tt.rreq, got)
			assert.Contains(t, end.header.Get("Content-Security-Policy"), "form-action https://tds.gateway.test")
		})
	}
}

func TestWrongCodeAsksAgain(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	b.open(ares, creqFor(ares), "")
	for range 2 {
		again := b.reply(ares, url.Values{"code": {"0000"}})
		assert.Contains(t, again.body, "That code is not right")
		assert.Contains(t, again.body, "data-challenge")
	}
	b.reply(ares, url.Values{"code": {"1234"}})
	assert.Equal(t, "03", b.result().InteractionCounter)
}

func TestSecondClickIsShownTheSameEnd(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	b.open(ares, creqFor(ares), "")
	first := b.reply(ares, url.Values{"code": {"1234"}})
	second := b.reply(ares, url.Values{"cancel": {"01"}})
	assert.Equal(t, first.body, second.body)
	b.result()
	assert.Empty(t, b.results, "one result")
}

func TestRejectedCReq(t *testing.T) {
	b := newBench(t, Options{})
	tests := []struct {
		symptom      string
		creq         func(*CReq)
		sessionData  string
		code, detail string
	}{
		{"unknown ACS transaction", func(c *CReq) { c.ACSTransID = dsID }, "", "301", "acsTransID"},
		{"unknown 3DS Server transaction", func(c *CReq) { c.ThreeDSServerTransID = dsID }, "", "301", "threeDSServerTransID"},
		{"other version than the AReq", func(c *CReq) { c.MessageVersion = "2.3.1" }, "", "203", "messageVersion"},
		{"unknown version", func(c *CReq) { c.MessageVersion = "2.4.0" }, "", "102", "2.1.0,2.2.0,2.3.1"},
		{"no window size", func(c *CReq) { c.ChallengeWindowSize = "" }, "", "203", "challengeWindowSize"},
		{"session data too long", func(*CReq) {}, strings.Repeat("a", 1028), "203", "threeDSSessionData"},
		{"session data of another alphabet", func(*CReq) {}, "a+b/", "203", "threeDSSessionData"},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			ares := b.begin()
			creq := creqFor(ares)
			tt.creq(&creq)
			erro := b.erro(b.open(ares, creq, tt.sessionData))
			assert.Equal(t, []string{tt.code, tt.detail}, []string{string(erro.ErrorCode), erro.ErrorDetail})
			assert.Equal(t, "CReq", erro.ErrorMessageType)
		})
	}
}

func TestRejectedCReqIsToldTheServer(t *testing.T) {
	tests := []struct {
		symptom      string
		creq         func(*CReq)
		code, detail string
	}{
		{"unknown ACS transaction", func(c *CReq) { c.ACSTransID = dsID }, "301", "acsTransID"},
		{"transaction of another payment", func(c *CReq) { c.ThreeDSServerTransID = dsID }, "301", "threeDSServerTransID"},
		{"window of no size", func(c *CReq) { c.ChallengeWindowSize = "06" }, "203", "challengeWindowSize"},
		{"unknown version", func(c *CReq) { c.MessageVersion = "2.4.0" }, "102", "2.1.0,2.2.0,2.3.1"},
	}
	b := newBench(t, Options{})
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			ares := b.begin()
			creq := creqFor(ares)
			tt.creq(&creq)
			b.erro(b.open(ares, creq, ""))
			told := <-b.erros // sent before the browser gets its answer
			assert.Equal(t, []string{tt.code, tt.detail}, []string{string(told.ErrorCode), told.ErrorDetail})
			assert.Equal(t, []string{serverID, ares.ACSTransID, ares.DSTransID}, []string{told.ThreeDSServerTransID, told.ACSTransID, told.DSTransID},
				"the transaction of the page, whatever the CReq names")
			assert.Equal(t, ares.MessageVersion, told.MessageVersion)
		})
	}
	t.Run("page of no transaction", func(t *testing.T) {
		ares := b.begin()
		creq := creqFor(ares)
		ares.ACSURL = b.acs.URL + pathChallenge + dsID
		b.erro(b.open(ares, creq, ""))
		assert.Empty(t, b.erros)
	})
	t.Run("server that does not answer", func(t *testing.T) {
		ares := b.begin()
		b.tds.Close()
		creq := creqFor(ares)
		creq.ChallengeWindowSize = "06"
		assert.Equal(t, CodeFormatInvalid, b.erro(b.open(ares, creq, "")).ErrorCode)
	})
}

func TestUnreadableCReq(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	for symptom, fields := range map[string]url.Values{
		"no field":   {},
		"no base64":  {"creq": {"{}"}},
		"no message": {"creq": {"e30"}},
	} {
		t.Run(symptom, func(t *testing.T) {
			assert.Equal(t, CodeMessageInvalid, b.erro(b.post(ares.ACSURL, fields)).ErrorCode)
		})
	}
}

func TestDuplicateCReq(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	b.open(ares, creqFor(ares), "")
	erro := b.erro(b.open(ares, creqFor(ares), ""))
	assert.Equal(t, CodeUnknownID, erro.ErrorCode)
	assert.Equal(t, "Transaction ID Not Recognised", erro.ErrorDescription)
	assert.Equal(t, "acsTransID", erro.ErrorDetail)
	b.reply(ares, url.Values{"code": {"1234"}})
	assert.Equal(t, StatusAuthenticated, b.result().TransStatus, "the first goes on")
}

func TestCReqMayBePadded(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	field, err := Wrap(creqFor(ares))
	require.NoError(t, err)
	field += strings.Repeat("=", (4-len(field)%4)%4)
	assert.Contains(t, b.post(ares.ACSURL, url.Values{"creq": {field}}).body, "data-challenge")
}

func TestCResMayBePadded(t *testing.T) {
	b := newBench(t, Options{Decide: func(AReq) Decision {
		return Decision{TransStatus: "C", Outcome: "Y", PaddedCRes: true}
	}})
	ares := b.begin()
	b.open(ares, creqFor(ares), "")
	end := b.reply(ares, url.Values{"code": {"1234"}})
	assert.Contains(t, end.hidden("cres"), "=")
	assert.Equal(t, StatusAuthenticated, b.cres(end).TransStatus)
}

func TestAutomaticChallengeAnswersItself(t *testing.T) {
	b := newBench(t, Options{Decide: func(AReq) Decision {
		return Decision{TransStatus: "C", Outcome: "Y", Automatic: true, Scripts: []string{"/first.js"}}
	}})
	ares := b.begin()
	asked := b.open(ares, creqFor(ares), "")
	assert.Regexp(t, `(?s)<script src="/first.js" defer></script>.*<script src="/assets/answer.js" defer></script>`, asked.body)
	assert.Equal(t, http.StatusOK, b.get(b.acs.URL+"/assets/answer.js").status)
}

func TestNestedChallenge(t *testing.T) {
	b := newBench(t, Options{Decide: func(AReq) Decision {
		return Decision{TransStatus: "C", Outcome: "Y", Nested: true}
	}})
	ares := b.begin()
	assert.NotContains(t, b.get(ares.ACSURL+pathForm).body, "data-challenge", "nothing is asked before the CReq")
	outer := b.open(ares, creqFor(ares), "")
	_, form, _ := strings.Cut(ares.ACSURL, b.acs.URL)
	assert.Contains(t, outer.body, `<iframe src="`+form+pathForm+`"`)
	assert.NotContains(t, outer.body, "data-challenge")
	assert.Contains(t, outer.header.Get("Content-Security-Policy"), "frame-src 'self'")
	assert.Contains(t, b.get(ares.ACSURL+pathForm).body, "data-challenge")
	end := b.reply(ares, url.Values{"code": {"1234"}})
	assert.Contains(t, end.body, `target="_parent"`)
	assert.Equal(t, StatusAuthenticated, b.cres(end).TransStatus)
	assert.NotContains(t, b.get(ares.ACSURL+pathForm).body, "data-challenge", "nor after the end")
}

func TestChallengeThatIsNotNestedHasNoFormApart(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	assert.NotContains(t, b.open(ares, creqFor(ares), "").body, "<script")
	assert.NotContains(t, b.get(ares.ACSURL+pathForm).body, "data-challenge")
	assert.NotContains(t, b.reply(ares, url.Values{"code": {"1234"}}).body, "_parent")
}

func TestEveryVersionGoesFromAReqToRReq(t *testing.T) {
	for _, version := range Versions() {
		t.Run(version, func(t *testing.T) {
			b := newBench(t, Options{})
			areq := b.areq()
			areq.MessageVersion = version
			ares, err := Exchange[ARes](t.Context(), b.acs.Client(), ComponentServer, AReqURL(b.acs.URL), areq)
			require.NoError(t, err)
			creq := creqFor(ares)
			creq.MessageVersion = version
			b.open(ares, creq, "")
			end := b.cres(b.reply(ares, url.Values{"code": {"1234"}}))
			assert.Equal(t, []string{version, version, version}, []string{ares.MessageVersion, b.result().MessageVersion, end.MessageVersion})
		})
	}
}

func TestSessionDataIsEchoed(t *testing.T) {
	for _, data := range []string{"", "cGFnZT0x", strings.Repeat("a", 1024)} {
		b := newBench(t, Options{})
		ares := b.begin()
		b.open(ares, creqFor(ares), data)
		end := b.reply(ares, url.Values{"code": {"1234"}})
		assert.Equal(t, data, end.hidden("threeDSSessionData"))
		assert.Equal(t, data != "", strings.Contains(end.body, "threeDSSessionData"), "an empty one is left out")
	}
}

func TestWindowSizeReachesThePage(t *testing.T) {
	b := newBench(t, Options{})
	for _, size := range WindowSizes() {
		ares := b.begin()
		creq := creqFor(ares)
		creq.ChallengeWindowSize = size
		assert.Contains(t, b.open(ares, creq, "").body, `data-window="`+string(size)+`"`)
	}
}

func TestLookingChangesNothing(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	assert.Equal(t, http.StatusOK, b.get(ares.ACSURL).status)
	assert.Contains(t, b.open(ares, creqFor(ares), "").body, "data-challenge")
	assert.Equal(t, http.StatusOK, b.get(ares.ACSURL).status)
	assert.NotEmpty(t, b.reply(ares, url.Values{"code": {"1234"}}).hidden("cres"))
}

func TestAnswerOutOfTurn(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	assert.Equal(t, http.StatusConflict, b.reply(ares, url.Values{"code": {"1234"}}).status, "before the CReq")
	unknown := ares
	unknown.ACSURL = b.acs.URL + pathChallenge + dsID
	assert.Equal(t, http.StatusNotFound, b.reply(unknown, url.Values{"code": {"1234"}}).status)
	b.open(ares, creqFor(ares), "")
	assert.Equal(t, http.StatusBadRequest, b.reply(ares, url.Values{}).status, "no code")
}

func TestFirstCReqTooLate(t *testing.T) {
	b := newBench(t, Options{FirstCReq: time.Millisecond})
	ares := b.begin()
	rreq := b.result()
	assert.Equal(t, []string{"N", "14", "05"}, []string{string(rreq.TransStatus), rreq.TransStatusReason, rreq.ChallengeCancel})
	assert.Equal(t, "00", rreq.InteractionCounter)
	erro := b.erro(b.open(ares, creqFor(ares), ""))
	assert.Equal(t, CodeTimedOut, erro.ErrorCode)
}

func TestCardholderNeverAnswers(t *testing.T) {
	b := newBench(t, Options{Interaction: 50 * time.Millisecond})
	ares := b.begin()
	b.open(ares, creqFor(ares), "")
	rreq := b.result()
	assert.Equal(t, []string{"N", "14", "04"}, []string{string(rreq.TransStatus), rreq.TransStatusReason, rreq.ChallengeCancel})
	late := b.reply(ares, url.Values{"code": {"1234"}})
	assert.Equal(t, StatusDenied, b.cres(late).TransStatus)
}

func TestResultThatDoesNotArriveIsNoAuthentication(t *testing.T) {
	b := newBench(t, Options{})
	ares := b.begin()
	b.open(ares, creqFor(ares), "")
	b.tds.Close()
	assert.Equal(t, StatusDenied, b.cres(b.reply(ares, url.Values{"code": {"1234"}})).TransStatus)
}

func TestCloseEndsTheTimeLimits(t *testing.T) {
	b := newBench(t, Options{FirstCReq: 20 * time.Millisecond})
	ares := b.begin()
	b.server.Close()
	b.server.expire(b.server.open.find(ares.ACSTransID)) // as a timer that had just fired
	assert.Empty(t, b.results)
	assert.Equal(t, http.StatusServiceUnavailable, b.reply(ares, url.Values{"code": {"1234"}}).status)
}

func TestAReqWithoutChallenge(t *testing.T) {
	for _, tt := range []struct {
		decision Decision
		eci      string
	}{
		{Decision{TransStatus: "Y"}, "05"},
		{Decision{TransStatus: "A"}, "06"},
		{Decision{TransStatus: "N", Reason: ReasonAuthenticationFailed}, ""},
		{Decision{TransStatus: "D"}, ""},
		{Decision{TransStatus: "I"}, ""},
	} {
		t.Run(string(tt.decision.TransStatus), func(t *testing.T) {
			b := newBench(t, Options{Decide: func(AReq) Decision { return tt.decision }})
			ares := b.begin()
			assert.Equal(t, tt.decision.TransStatus, ares.TransStatus)
			assert.Equal(t, tt.decision.Reason, ares.TransStatusReason)
			assert.Equal(t, tt.eci, ares.ECI)
			assert.Equal(t, tt.eci != "", ares.AuthenticationValue != "")
			assert.Empty(t, ares.ACSURL)
		})
	}
}

func TestRejectedAReqComesBackAsErro(t *testing.T) {
	b := newBench(t, Options{})
	areq := b.areq()
	areq.MCC = "1"
	_, err := Exchange[ARes](t.Context(), b.acs.Client(), ComponentServer, AReqURL(b.acs.URL), areq)
	erro, ok := errors.AsType[*Erro](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "203 mcc", string(erro.ErrorCode)+" "+erro.ErrorDetail)
	assert.Equal(t, ComponentACS, erro.ErrorComponent)
}

func TestMethodPageCallsBack(t *testing.T) {
	b := newBench(t, Options{})
	field, err := Wrap(MethodData{serverID, "https://tds.gateway.test/3ds/method/notify"})
	require.NoError(t, err)
	page := b.post(MethodURL(b.acs.URL), url.Values{"threeDSMethodData": {field}})
	assert.Contains(t, page.body, `action="https://tds.gateway.test/3ds/method/notify"`)
	assert.Contains(t, page.header.Get("Content-Security-Policy"), "form-action https://tds.gateway.test")
	done, err := DecodeMethodDone(page.hidden("threeDSMethodData"))
	require.NoError(t, err)
	assert.Equal(t, serverID, done.ThreeDSServerTransID)

	assert.Equal(t, http.StatusBadRequest, b.post(MethodURL(b.acs.URL), url.Values{"threeDSMethodData": {"e30"}}).status)
	assert.Equal(t, http.StatusBadRequest, b.post(MethodURL(b.acs.URL), nil).status)
}

func TestInterceptStandsBeforeTheBrowsersRequests(t *testing.T) {
	var seen []string
	b := newBench(t, Options{Intercept: func(step Step, id string, next http.Handler) http.Handler {
		seen = append(seen, string(step)+" "+id)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Content-Security-Policy", "frame-ancestors 'none'")
			next.ServeHTTP(w, r)
		})
	}})
	ares := b.begin()
	b.open(ares, creqFor(ares), "")
	end := b.reply(ares, url.Values{"code": {"1234"}})
	assert.Equal(t, []string{"challenge " + serverID, "answer " + serverID}, seen)
	assert.Contains(t, end.header.Values("Content-Security-Policy"), "frame-ancestors 'none'", "changing our policy leaves it alone")
}

func TestPagesUnderAPath(t *testing.T) {
	s, err := New(Options{Base: "https://helper.example/acs", Client: http.DefaultClient, Decide: challenges})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	w := httptest.NewRecorder()
	http.StripPrefix("/acs", s).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/acs/", nil))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, w.Body.String(), `href="/acs/assets/acs.css"`)
	w = httptest.NewRecorder()
	http.StripPrefix("/acs", s).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/acs/assets/acs.css", nil))
	assert.Equal(t, http.StatusOK, w.Code)
}

func TestPagesHaveNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:>|\s+[^>]*>[^<])`)
	files, err := pageFiles.ReadDir("pages")
	require.NoError(t, err)
	for _, file := range files {
		body, err := pageFiles.ReadFile("pages/" + file.Name())
		require.NoError(t, err)
		assert.Empty(t, inline.FindString(string(body)), file.Name())
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var store transactions
	now := time.Now()
	for range maxTransactions {
		require.NoError(t, store.add(&transaction{acsID: NewTransactionID()}, now.Add(time.Hour)))
	}
	require.ErrorContains(t, store.add(&transaction{acsID: acsID}, now), "more than")
	for _, old := range store.byID {
		old.forgetAt = now.Add(-time.Second)
	}
	require.NoError(t, store.add(&transaction{acsID: acsID}, now.Add(time.Hour)))
	assert.Len(t, store.byID, 1)
}

func TestOptionsThatCannotWork(t *testing.T) {
	good := Options{Base: "https://acs.issuer.test", Client: http.DefaultClient, Decide: challenges}
	for symptom, spoil := range map[string]func(*Options){
		"no base":          func(o *Options) { o.Base = "" },
		"slash at the end": func(o *Options) { o.Base += "/" },
		"plain HTTP":       func(o *Options) { o.Base = "http://acs.issuer.test" },
		"no client":        func(o *Options) { o.Client = nil },
		"no policy":        func(o *Options) { o.Decide = nil },
	} {
		t.Run(symptom, func(t *testing.T) {
			o := good
			spoil(&o)
			_, err := New(o)
			assert.ErrorContains(t, err, "starting the ACS")
		})
	}
}

func TestAmount(t *testing.T) {
	for want, in := range map[string][3]string{
		"USD 120.00": {"12000", "2", "840"},
		"SEK 0.05":   {"5", "2", "752"},
		"JPY 500":    {"500", "0", "392"},
		"1.000":      {"1000", "3", "048"},
	} {
		assert.Equal(t, want, amount(in[0], in[1], in[2]))
	}
}

func TestExchangeWithABrokenServer(t *testing.T) {
	tests := []struct {
		symptom string
		answer  http.HandlerFunc
		err     string
	}{
		{"error of HTTP", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) }, "sending RReq: HTTP status 500"},
		{"page in place of a message", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "reading the answer to RReq: erro 101"},
		{"too large", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat(" ", maxMessage+1)) }, "larger than 64 KiB"},
		{"erro", func(w http.ResponseWriter, _ *http.Request) {
			Reply(w, UnknownTransaction(ComponentServer, "RReq", "acsTransID", serverID))
		}, "sending RReq: erro 301 of component S on RReq: Transaction ID Not Recognised: acsTransID"},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			t.Cleanup(server.Close)
			_, err := Exchange[RRes](t.Context(), server.Client(), ComponentACS, server.URL, validRReq())
			assert.ErrorContains(t, err, tt.err)
		})
	}
}

func TestExchangeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	_, err := Exchange[RRes](ctx, server.Client(), ComponentACS, server.URL, validRReq())
	assert.ErrorIs(t, err, context.Canceled)
}
