package web

import (
	"bytes"
	"compress/gzip"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTransferSendsWhatIsAskedFor(t *testing.T) {
	h := site(t, Options{})
	for _, size := range []int{1, 5, 6, 65536, maxTransfer} {
		r := ask(h, "GET", "/transfer?nonce=abc_1&bytes="+strconv.Itoa(size), "", "Accept-Encoding: br, gzip")
		require.Equal(t, 200, r.StatusCode)
		body := bodyOf(t, r)
		assert.Len(t, body, size)
		assert.Equal(t, "abc_1"[:min(size, 5)], body[:min(size, 5)], "it begins with the nonce")
		assert.Equal(t, strconv.Itoa(size), r.Header.Get("Content-Length"))
		assert.Equal(t, "application/octet-stream", r.Header.Get("Content-Type"))
		assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
		assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"))
		assert.Equal(t, "*", r.Header.Get("Timing-Allow-Origin"))
		assert.Empty(t, r.Header.Get("Content-Encoding"))
	}
}

func TestTransferCannotBeCompressed(t *testing.T) {
	body := bodyOf(t, ask(site(t, Options{}), "GET", "/transfer?nonce=1&bytes=65536", ""))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(body))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	assert.GreaterOrEqual(t, packed.Len(), len(body))
}

func TestTransferRefusesOtherQuestions(t *testing.T) {
	for _, query := range []string{"", "bytes=1", "nonce=1", "nonce=1&bytes=0", "nonce=1&bytes=-1", "nonce=1&bytes=262145", "nonce=1&bytes=1e3", "nonce=;&bytes=1"} {
		r := ask(site(t, Options{}), "GET", "/transfer?"+query, "")
		assert.Equal(t, 400, r.StatusCode, query)
		assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"), "the page must be able to read why")
	}
}

func TestTransferTakesWhatItIsSent(t *testing.T) {
	h := site(t, Options{})
	for _, size := range []int{0, 32768, maxTransfer} {
		r := ask(h, "POST", "/transfer", strings.Repeat("x", size))
		assert.Equal(t, 200, r.StatusCode)
		assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"))
		assert.Equal(t, "*", r.Header.Get("Timing-Allow-Origin"))
		assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
		assert.JSONEq(t, `{"bytes":`+strconv.Itoa(size)+`}`, bodyOf(t, r))
	}
	assert.Equal(t, 413, ask(h, "POST", "/transfer", strings.Repeat("x", maxTransfer+1)).StatusCode)
}

func TestTransferThatEndsEarly(t *testing.T) {
	r := httptest.NewRequest("POST", "/transfer", iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("xxx"))))
	w := httptest.NewRecorder()
	site(t, Options{}).ServeHTTP(w, r)
	assert.Equal(t, 400, w.Code)
}
