package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bodyAt asks an address for a path.
func bodyAt(t *testing.T, address, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

func TestServeTellsThoseWhoRunItHowItIs(t *testing.T) {
	addresses := serving(t, 2, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--reports", filepath.Join(t.TempDir(), "reports"))
	site, ops := addresses[0], addresses[1]
	assert.Equal(t, http.StatusOK, get(t, site, site, "/control?nonce=1"))
	status, body := bodyAt(t, ops, "/healthz")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "alive\n", body)
	status, body = bodyAt(t, ops, "/readyz")
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"ready":true,"reasons":[]}`, body)
	status, body = bodyAt(t, ops, "/metrics")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `checkoutdoctor_requests_total{method="GET",route="/control",site="own",status="2xx"} 1`)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		assert.Equal(t, http.StatusNotFound, get(t, site, site, path), "the site has none")
	}
	assert.Equal(t, http.StatusNotFound, get(t, ops, ops, "/control?nonce=1"), "nor is the site there")
}

// noRoom is an inbox that can keep nothing.
type noRoom struct{}

func (noRoom) Ready() error { return errors.New("no space left on device") }

func TestWhatIsNotReadySaysWhy(t *testing.T) {
	old := certificateOf(t, "doctor.example", -1)
	draining := &readiness{}
	draining.draining.Store(true)
	for name, test := range map[string]struct {
		ready *readiness
		want  []string
	}{
		"nothing in the way":                 {&readiness{certificate: certificateOf(t, "doctor.example", 1)}, []string{}},
		"it ends":                            {draining, []string{"draining"}},
		"no report can be kept":              {&readiness{inbox: noRoom{}}, []string{"inbox"}},
		"the certificate has expired":        {&readiness{certificate: old}, []string{"certificate-expired"}},
		"no room and an expired certificate": {&readiness{inbox: noRoom{}, certificate: old}, []string{"inbox", "certificate-expired"}},
	} {
		t.Run(name, func(t *testing.T) {
			answer := answerOf(test.ready, "/")
			var said struct {
				Ready   bool
				Reasons []string
			}
			require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &said))
			assert.Equal(t, test.want, said.Reasons)
			assert.Equal(t, len(test.want) == 0, said.Ready)
			assert.Equal(t, map[bool]int{true: 200, false: 503}[said.Ready], answer.Code)
			assert.NotContains(t, answer.Body.String(), "space", "what the file system says is in the log")
		})
	}
}

// TestServeIsNotReadyWhereNoReportCanBeKept since somebody took the folder away.
func TestServeIsNotReadyWhereNoReportCanBeKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "reports")
	ops := serving(t, 2, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--reports", folder)[1]
	require.NoError(t, os.Remove(folder))
	status, body := bodyAt(t, ops, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.JSONEq(t, `{"ready":false,"reasons":["inbox"]}`, body)
}

func TestServeLogsInJSONWhatIsAsked(t *testing.T) {
	var log bytes.Buffer
	t.Run("serving", func(t *testing.T) {
		address := servingTo(t, &log, 1, "--listen", "127.0.0.1:0", "--log-format", "json")[0]
		assert.Equal(t, http.StatusOK, get(t, address, "doctor.example", "/?case=4711&lang=sv"))
	})
	asked := linesWith(strings.ReplaceAll(log.String(), ",", " "), `"msg":"request"`)
	require.Len(t, asked, 1)
	assert.Contains(t, asked[0], `"site":"own" "method":"GET" "route":"/{$}" "status":200`)
	for _, secret := range []string{"4711", "127.0.0.1", "doctor.example", "sv"} {
		assert.NotContains(t, log.String(), secret)
	}
}

func TestServeLogsNoRequestsAboveTheirLevel(t *testing.T) {
	var log bytes.Buffer
	t.Run("serving", func(t *testing.T) {
		address := servingTo(t, &log, 1, "--listen", "127.0.0.1:0", "--log-level", "warn")[0]
		assert.Equal(t, http.StatusOK, get(t, address, address, "/control?nonce=1"))
	})
	assert.Empty(t, log.String())
}
