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
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web/inbox"
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
	assert.JSONEq(t, `{"ready":true,"reasons":[],"warnings":[]}`, body)
	status, body = bodyAt(t, ops, "/metrics")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `checkoutdoctor_requests_total{method="GET",route="/control",site="own",status="2xx"} 1`)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		assert.Equal(t, http.StatusNotFound, get(t, site, site, path), "the site has none")
	}
	assert.Equal(t, http.StatusNotFound, get(t, ops, ops, "/control?nonce=1"), "nor is the site there")
}

// inboxOf is an inbox that has that against a report.
type inboxOf struct{ err error }

func (i *inboxOf) Ready() error { return i.err }

// watchOf is that of an inbox which has that against a report.
func watchOf(err error) *inboxWatch {
	return &inboxWatch{inbox: &inboxOf{err}, log: testLog(io.Discard)}
}

func TestWhatIsNotReadySaysWhy(t *testing.T) {
	old := certificateOf(t, "doctor.example", -1)
	draining := &readiness{}
	draining.draining.Store(true)
	for name, test := range map[string]struct {
		ready          *readiness
		want, warnings []string
	}{
		"nothing in the way":          {&readiness{certificate: certificateOf(t, "doctor.example", 1)}, []string{}, []string{}},
		"it ends":                     {draining, []string{"draining"}, []string{}},
		"reports can be kept":         {&readiness{inbox: watchOf(nil)}, []string{}, []string{}},
		"no report can be kept":       {&readiness{inbox: watchOf(errors.New("no space left"))}, []string{}, []string{"inbox-failed"}},
		"the inbox is full":           {&readiness{inbox: watchOf(inbox.ErrFull)}, []string{}, []string{"inbox-full"}},
		"strangers' half is full":     {&readiness{inbox: watchOf(inbox.ErrFullForUnsigned)}, []string{}, []string{"inbox-full-unsigned"}},
		"the certificate has expired": {&readiness{certificate: old}, []string{"certificate-expired"}, []string{}},
		"a full inbox and an expired certificate": {
			&readiness{inbox: watchOf(inbox.ErrFull), certificate: old}, []string{"certificate-expired"}, []string{"inbox-full"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			answer := answerOf(test.ready, "/")
			var said struct {
				Ready             bool
				Reasons, Warnings []string
			}
			require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &said))
			assert.Equal(t, test.want, said.Reasons)
			assert.Equal(t, test.warnings, said.Warnings)
			assert.Equal(t, len(test.want) == 0, said.Ready)
			assert.Equal(t, map[bool]int{true: 200, false: 503}[said.Ready], answer.Code)
			assert.NotContains(t, answer.Body.String(), "space", "what the file system says is in the log")
		})
	}
}

// TestAChangeOfTheInboxIsLoggedOnce with what is wrong, however often it is asked.
func TestAChangeOfTheInboxIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	box := &inboxOf{}
	watch := &inboxWatch{inbox: box, log: testLog(&log)}
	full := inbox.ErrFullForUnsigned
	for _, err := range []error{nil, full, full, inbox.ErrFull, inbox.ErrFull, errors.New("no space left"), nil, nil} {
		box.err = err
		watch.warning()
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 4)
	assert.Contains(t, lines[0], `level=WARN msg="no report can be kept but what signed links bring" warning=inbox-full-unsigned`)
	assert.Contains(t, lines[1], `level=ERROR msg="no report can be kept" warning=inbox-full error="the inbox is full"`)
	assert.Contains(t, lines[2], `warning=inbox-failed error="no space left"`)
	assert.Contains(t, lines[3], `level=INFO msg="reports can be kept again"`)
}

func TestMetricsTellWhichReportsCouldBeKept(t *testing.T) {
	for err, want := range map[error]struct{ signed, unsigned bool }{
		nil:                      {true, true},
		inbox.ErrFullForUnsigned: {true, false},
		inbox.ErrFull:            {false, false},
		errors.New("no space"):   {false, false},
	} {
		watch := watchOf(err)
		assert.Equal(t, want.signed, watch.forSigned(), err)
		assert.Equal(t, want.unsigned, watch.forUnsigned(), err)
	}
}

// TestServeWarnsWhereNoReportCanBeKept since somebody took the folder away: all else
// works.
func TestServeWarnsWhereNoReportCanBeKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "reports")
	ops := serving(t, 2, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0", "--reports", folder)[1]
	require.NoError(t, os.RemoveAll(folder))
	status, body := bodyAt(t, ops, "/readyz")
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"ready":true,"reasons":[],"warnings":["inbox-failed"]}`, body)
	_, body = bodyAt(t, ops, "/metrics")
	assert.Contains(t, body, "\ncheckoutdoctor_inbox_ready 0\n")
}

func TestServeLogsInJSONWhatIsAsked(t *testing.T) {
	var log bytes.Buffer
	t.Run("serving", func(t *testing.T) {
		address := servingTo(t, &log, 1, "--listen", "127.0.0.1:0", "--log-format", "json")[0]
		assert.Equal(t, http.StatusOK, get(t, address, "doctor.example", "/?case=T-Zebra&lang=sv"))
	})
	asked := linesWith(strings.ReplaceAll(log.String(), ",", " "), `"msg":"request"`)
	require.Len(t, asked, 1)
	assert.Contains(t, asked[0], `"site":"own" "method":"GET" "route":"/{$}" "status":200`)
	for _, secret := range []string{"Zebra", "127.0.0.1", "doctor.example", "sv"} {
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

// TestServeWarnsOfWhatNobodyMayHaveMeant at its start: a variable that is misspelt,
// and reports whose case nothing proves.
func TestServeWarnsOfWhatNobodyMayHaveMeant(t *testing.T) {
	t.Setenv("CHECKOUTDOCTOR_LISTN", "a-secret")
	t.Setenv("CHECKOUTDOCTOR_BROWSER", "chromium")
	unsigned := "links are not signed: reports are kept under whatever case they name"
	for name, test := range map[string]struct {
		args []string
		want bool // that it warns of unsigned links
	}{
		"no reports":       {nil, false},
		"unsigned reports": {[]string{"--reports", t.TempDir()}, true},
		"signed reports":   {[]string{"--reports", t.TempDir(), "--key-file", keyFile(t, testKey)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			t.Run("serving", func(t *testing.T) {
				servingTo(t, &log, 1, append(test.args, "--listen", "127.0.0.1:0")...)
			})
			assert.Contains(t, log.String(), "CHECKOUTDOCTOR_LISTN is set and means nothing; did you mean CHECKOUTDOCTOR_LISTEN?")
			assert.NotContains(t, log.String(), "a-secret")
			assert.NotContains(t, log.String(), "CHECKOUTDOCTOR_BROWSER")
			assert.Equal(t, test.want, strings.Contains(log.String(), unsigned))
		})
	}
}

// TestServeServesNothingWhereItCannotListenEverywhere since the address of the
// operations is another's.
func TestServeServesNothingWhereItCannotListenEverywhere(t *testing.T) {
	taken := serving(t, 1, "--listen", "127.0.0.1:0")[0]
	stdout, stderr, code := command(t, "serve", "--listen", "127.0.0.1:0", "--ops-listen", taken)
	assert.Equal(t, probe.ExitEnvironment, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "--ops-listen: listen tcp "+taken)
	assert.Contains(t, stderr, "address already in use: end the program that has that port")
}

// TestServeBreaksOffWhatDoesNotEnd, says so, and ends without an error.
func TestServeBreaksOffWhatDoesNotEnd(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	server := newServer("", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		_, err := io.ReadAll(r.Body)
		ended <- err
	}), testLog(io.Discard))
	conn, _ := withClientOf(t, server)
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: doctor.example\r\nContent-Length: 4\r\n\r\none")
	require.NoError(t, err)
	<-begun
	var log bytes.Buffer
	assert.NoError(t, shutDown([]*http.Server{server}, time.Millisecond, testLog(&log)))
	assert.Error(t, <-ended)
	assert.Contains(t, log.String(), `level=WARN msg="requests that took too long to end are broken off" limit=1ms servers=1`)
}
