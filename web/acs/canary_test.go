package acs

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const canaryBase = "https://helper.example/acs"

// canaryBench is a canary behind a path of its site.
type canaryBench struct {
	t    *testing.T
	site http.Handler
}

func newCanaryBench(t *testing.T) canaryBench {
	t.Helper()
	c, err := NewCanary(canaryBase)
	require.NoError(t, err)
	return canaryBench{t, http.StripPrefix("/acs", c)}
}

func (b canaryBench) ask(method, address string, fields url.Values) answer {
	b.t.Helper()
	path, ok := strings.CutPrefix(address, "https://helper.example")
	require.True(b.t, ok, address)
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (b canaryBench) post(address string, fields url.Values) answer {
	b.t.Helper()
	return b.ask(http.MethodPost, address, fields)
}

func (b canaryBench) open() CanaryTransaction {
	b.t.Helper()
	opened := b.post(canaryBase+"/canary", nil)
	require.Equal(b.t, http.StatusOK, opened.status, opened.body)
	assertForAnyPage(b.t, opened)
	var t CanaryTransaction
	require.NoError(b.t, json.Unmarshal([]byte(opened.body), &t))
	return t
}

// assertForAnyPage holds what every answer of the canary must carry.
func assertForAnyPage(t *testing.T, a answer) {
	t.Helper()
	assert.Equal(t, "*", a.header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	assert.Equal(t, "cross-origin", a.header.Get("Cross-Origin-Resource-Policy"))
	assert.Empty(t, a.header.Get("X-Frame-Options"))
}

func TestCanaryRunsLikeARealPayment(t *testing.T) {
	b := newCanaryBench(t)
	c := b.open()

	method := b.post(c.MethodURL, url.Values{"threeDSMethodData": {c.MethodData}})
	assertForAnyPage(t, method)
	assert.Contains(t, method.body, `action="https://helper.example/acs/canary/method"`)
	done := b.post(canaryBase+"/canary/method", url.Values{"threeDSMethodData": {method.hidden("threeDSMethodData")}})
	require.Equal(t, http.StatusOK, done.status, done.body)
	assertForAnyPage(t, done)
	assert.Contains(t, done.body, `data-step="method" data-trans-id="`+c.TransID+`">`)

	asked := b.post(c.ACSURL, url.Values{"creq": {c.CReq}})
	assertForAnyPage(t, asked)
	assert.Contains(t, asked.body, `<script src="/acs/assets/answer.js" defer></script>`)
	action := strings.TrimPrefix(c.ACSURL, "https://helper.example") + pathAnswer
	assert.Contains(t, asked.body, `action="`+action+`"`)
	assert.Contains(t, asked.body, `name="code" value="1234"`)

	end := b.post(c.ACSURL+pathAnswer, url.Values{"code": {Code}})
	assert.Contains(t, end.body, `action="https://helper.example/acs/canary/challenge"`)
	back := b.post(canaryBase+"/canary/challenge", url.Values{"cres": {end.hidden("cres")}})
	require.Equal(t, http.StatusOK, back.status, back.body)
	assertForAnyPage(t, back)
	assert.Contains(t, back.body, `data-step="challenge" data-trans-id="`+c.TransID+`" data-trans-status="Y">`)
	for _, script := range []string{"answer.js", "canary.js", "post.js"} {
		assert.Equal(t, http.StatusOK, b.ask(http.MethodGet, canaryBase+"/assets/"+script, nil).status, script)
	}
}

func TestCanaryTransactionsAreApart(t *testing.T) {
	b := newCanaryBench(t)
	one, other := b.open(), b.open()
	assert.NotEqual(t, one.TransID, other.TransID)
	assert.NotEqual(t, one.ACSURL, other.ACSURL)
	assert.Contains(t, b.post(one.ACSURL, url.Values{"creq": {other.CReq}}).body, `"errorCode":"301"`)
}

func TestCanaryIsNobodysServant(t *testing.T) {
	b := newCanaryBench(t)
	elsewhere, err := Wrap(MethodData{serverID, "https://elsewhere.example/"})
	require.NoError(t, err)
	refused := b.post(canaryBase+"/method", url.Values{"threeDSMethodData": {elsewhere}})
	assert.Equal(t, http.StatusBadRequest, refused.status)
	assert.Contains(t, refused.body, "threeDSMethodNotificationURL is not the canary's")
	assert.NotContains(t, refused.body, "elsewhere.example")
	assert.NotEqual(t, http.StatusOK, b.post(canaryBase+"/areq", nil).status, "an AReq would let it post anywhere")
}

func TestOnlyTheAssetsAreServed(t *testing.T) {
	b := newCanaryBench(t)
	for name, status := range map[string]int{
		"/assets/acs.css": http.StatusOK, "/assets/post.js": http.StatusOK,
		"/assets/": http.StatusNotFound, "/assets": http.StatusNotFound, "/assets/index.html": http.StatusNotFound,
		"/assets/none.js": http.StatusNotFound, "/assets/post.js/": http.StatusNotFound, "/pages/post.html": http.StatusNotFound,
	} {
		assert.Equal(t, status, b.ask(http.MethodGet, canaryBase+name, nil).status, name)
	}
}

func TestCanaryNotificationsOfNothing(t *testing.T) {
	b := newCanaryBench(t)
	for symptom, a := range map[string]answer{
		"method without data":    b.post(canaryBase+"/canary/method", nil),
		"method of no UUID":      b.post(canaryBase+"/canary/method", url.Values{"threeDSMethodData": {"eyJ0aHJlZURTU2VydmVyVHJhbnNJRCI6IjEifQ"}}),
		"challenge without CRes": b.post(canaryBase+"/canary/challenge", nil),
		"challenge of no base64": b.post(canaryBase+"/canary/challenge", url.Values{"cres": {"{}"}}),
		"challenge of no CRes":   b.post(canaryBase+"/canary/challenge", url.Values{"cres": {"e30"}}),
	} {
		assert.Equal(t, http.StatusBadRequest, a.status, symptom)
		assert.NotContains(t, a.body, "<script", symptom)
	}
}

func TestCanaryIsBounded(t *testing.T) {
	c, err := NewCanary(canaryBase)
	require.NoError(t, err)
	b := canaryBench{t, http.StripPrefix("/acs", c)}
	for range maxTransactions {
		require.NotNil(t, c.server.begin(c.areq(), ARes{ACSTransID: NewTransactionID()}, Decision{}))
	}
	t.Cleanup(c.server.Close) // ten thousand timers
	assert.Equal(t, http.StatusServiceUnavailable, b.post(canaryBase+"/canary", nil).status)
}

// TestACanaryIsNotKeptAliveByWrongCodes: its place would never be free again.
func TestACanaryIsNotKeptAliveByWrongCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where time passes by itself
		b := newCanaryBench(t)
		c := b.open()
		b.post(c.ACSURL, url.Values{"creq": {c.CReq}})
		for range 3 {
			time.Sleep(canaryLimit / 2)
			b.post(c.ACSURL+pathAnswer, url.Values{"code": {"0"}})
		}
		end := b.post(c.ACSURL+pathAnswer, url.Values{"code": {Code}})
		back := b.post(canaryBase+"/canary/challenge", url.Values{"cres": {end.hidden("cres")}})
		assert.Contains(t, back.body, `data-trans-status="N"`)
	})
}

func TestCanaryWithoutABase(t *testing.T) {
	for _, base := range []string{"", "/acs", "http://helper.example/acs", "https://helper.example/"} {
		_, err := NewCanary(base)
		assert.ErrorContains(t, err, "starting the canary", base)
	}
}

// FuzzCanary holds that whatever a stranger posts to the canary's pages is
// answered with a page or a refusal, never with a form that leads elsewhere.
func FuzzCanary(f *testing.F) {
	f.Add("/canary/method", "threeDSMethodData=e30")
	f.Add("/canary/challenge", "cres=e30=")
	f.Add("/method", "threeDSMethodData=%00")
	f.Add("/challenge/1/answer", "code=1234&cancel=1")
	f.Add("/canary", "{}")
	f.Fuzz(func(t *testing.T, path, body string) {
		c, err := NewCanary(canaryBase)
		require.NoError(t, err)
		address := &url.URL{Path: "/" + strings.TrimPrefix(path, "/")}
		r := &http.Request{
			Method: http.MethodPost, URL: address, Host: "helper.example", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: io.NopCloser(strings.NewReader(body)),
		}
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r.WithContext(t.Context()))
		c.server.Close()
		assert.Less(t, w.Code, http.StatusInternalServerError)
		_, form, found := strings.Cut(w.Body.String(), `<form data-post method="post" action="`)
		assert.True(t, !found || strings.HasPrefix(form, canaryBase+"/canary/"), form)
	})
}
