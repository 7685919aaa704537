package main

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
)

// Where the user of the story is: by the exit of a VPN service abroad, and at
// home. The country and the kind of both are in the embedded data.
const (
	throughVPN = "185.159.157.1"
	atHome     = "81.224.10.10"
)

// TestTheWholeStoryOfACase goes through what support and a user do together: a
// link is made and opened in Swedish, the check finds a VPN, the user sends that,
// switches the VPN off and checks again, and reads a code out; support looks at
// both, replays the first and makes a scenario of it, which passes. With -update
// it keeps a picture of each screen.
func TestTheWholeStoryOfACase(t *testing.T) {
	desk := newHelpdesk(t)
	user := desk.visitor(t)
	user.open(desk.link(t))
	user.until(`doctor.dataset.state === "ready"`)
	assert.Equal(t, "sv", user.get(`document.documentElement.lang`))
	user.picture("1-link")

	first := user.check()
	assert.Equal(t, diagnosis.Degraded, first.Verdict)
	assert.Equal(t, []diagnosis.Code{"vpn.likely"}, severe(first))
	assert.Equal(t, desk.words.Causes["vpn.likely"].Title, user.get(`$(".headline h2").textContent`))
	user.picture("2-found")

	user.press(`[data-support="preview"]`)
	user.picture("3-preview")
	previewed := user.get(`$("[data-support=exact]").textContent`)
	user.press(`[data-support="send"]`)
	user.until(`$("[data-support=received]")`)
	assert.Contains(t, user.get(`$("[data-support=received]").textContent`), "4711")
	user.picture("4-received")
	kept := desk.received(t)
	assert.JSONEq(t, previewed, kept.text, "what is kept is what was shown")

	desk.address.Store(atHome)
	second := user.check()
	assert.Equal(t, diagnosis.Clear, second.Verdict)
	assert.Equal(t, desk.words.UI["payAgain"], user.get(`$(".headline h2").textContent`))
	user.picture("5-again")
	user.press(`[data-support="offer"] summary`)
	user.until(`$("[data-support=code]").checkVisibility()`)
	code := user.get(`$("[data-support=code]").textContent`)

	user.do(`middle("[data-support=code]")`)
	user.picture("6-code")

	desk.understands(t, kept.file, first)
	desk.understandsCode(t, code, second)
	user.read(desk.printed(t, kept.file))
	user.picture("7-report")
	desk.replays(t, kept.file)
}

// severe are the codes of the findings that are more than notices.
func severe(r *report.Report) (codes []diagnosis.Code) {
	for _, f := range r.Findings {
		if f.Severity != diagnosis.Notice {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// helpdesk is the server that support has, behind a reverse proxy that ends TLS
// and says where users are.
type helpdesk struct {
	words   web.Words
	key     string
	reports string // the directory
	address atomic.Value
	front   string // host and port of the proxy
	ca      []byte
}

func newHelpdesk(t *testing.T) *helpdesk {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{TimeScale: timeScale})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	words, err := web.Locale("sv")
	require.NoError(t, err)
	d := &helpdesk{words: words, key: keyFile(t, testKey), reports: filepath.Join(t.TempDir(), "reports"), ca: l.CAPEM()}
	d.address.Store(throughVPN)
	back := serving(t, 1, "--listen", "127.0.0.1:0", "--helper", l.Origins().Helper, "--key-file", d.key, "--reports", d.reports,
		"--trusted-proxy", "127.0.0.1", "--address-header", "X-Forwarded-For")[0]
	front := httptest.NewUnstartedServer(d.proxyTo(back))
	front.TLS = &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return l.Certificate(hello.ServerName)
	}}
	front.StartTLS()
	t.Cleanup(front.Close)
	d.front = front.Listener.Addr().String()
	return d
}

// link makes what support sends to the user.
func (d *helpdesk) link(t *testing.T) string {
	t.Helper()
	stdout, stderr, code := command(t, "link", "--key-file", d.key, "--base", "https://doctor.diag.test", "--case", "4711", "--lang", "sv", "--ttl", "72h")
	require.Equal(t, probe.ExitOK, code, stderr)
	return strings.TrimSpace(stdout)
}

// proxyTo passes requests on as a reverse proxy does.
func (d *helpdesk) proxyTo(back string) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: back})
		r.Out.Host = r.In.Host
		r.Out.Header.Set("X-Forwarded-For", d.address.Load().(string))
		r.Out.Header.Set("X-Forwarded-Proto", "https")
	}}
}

// keptReport is a report in support's directory.
type keptReport struct{ file, text string }

// received returns the one report that support has.
func (d *helpdesk) received(t *testing.T) keptReport {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.reports, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	stdout, stderr, code := command(t, "report", "list", d.reports, "--case", "4711")
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "vpn.likely")
	return keptReport{files[0], string(text)}
}

// understands shows the file as support reads it.
func (d *helpdesk) understands(t *testing.T, file string, sent *report.Report) {
	t.Helper()
	stdout, stderr, code := command(t, "report", "show", file)
	require.Equal(t, probe.ExitOK, code, stderr)
	for _, want := range []string{"4711", "vpn.likely", "CH", report.Code(sent)} {
		assert.Contains(t, stdout, want)
	}
}

// printed returns the address of the file as a page to print.
func (d *helpdesk) printed(t *testing.T, file string) string {
	t.Helper()
	page := filepath.Join(t.TempDir(), "report.html")
	_, stderr, code := command(t, "report", "show", "--html", page, file)
	require.Equal(t, probe.ExitOK, code, stderr)
	return (&url.URL{Scheme: "file", Path: page}).String()
}

// understandsCode shows the code as support writes it down.
func (d *helpdesk) understandsCode(t *testing.T, code string, of *report.Report) {
	t.Helper()
	heard := strings.ToLower(strings.ReplaceAll(code, "-", " "))
	stdout, stderr, status := command(t, "report", "show", heard)
	require.Equal(t, probe.ExitOK, status, stderr)
	assert.Contains(t, stdout, string(of.Verdict))
	summary, err := report.ReadCode(code)
	require.NoError(t, err)
	assert.Equal(t, report.Summarize(of), summary)
}

// replays judges the file again, makes a scenario of it and runs that.
func (d *helpdesk) replays(t *testing.T, file string) {
	t.Helper()
	stdout, stderr, code := command(t, "replay", file)
	require.Equal(t, probe.ExitOK, code, stdout+stderr)
	dir := t.TempDir()
	stdout, stderr, code = command(t, "replay", "--as-scenario", "case-4711", "--out", dir, file)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.NotContains(t, stdout, "not run")
	stdout, stderr, code = command(t, "replay", filepath.Join(dir, "case-4711.json"))
	require.Equal(t, probe.ExitOK, code, stdout+stderr)
	stdout, stderr, code = command(t, "probe", "--out", filepath.Join(dir, "out"), filepath.Join(dir, "case-4711.yaml"))
	require.Equal(t, probe.ExitOK, code, stdout+stderr)
	assert.Regexp(t, regexp.MustCompile(`1 passed, 0 failed`), stdout)
}

// visitor is the user, on a computer in Sweden.
type visitor struct {
	*guest
	last string // the id of the report that was read last
}

func (d *helpdesk) visitor(t *testing.T) *visitor {
	t.Helper()
	sweden := probe.ContextOptions{TimeZone: "Europe/Stockholm", Locale: "sv-SE"}
	return &visitor{guest: newGuest(t, chrome.Options{Address: d.front, CAPEM: d.ca}, probe.Profile{}, sweden)}
}

// check presses the button, and returns the report that is shown then.
func (v *visitor) check() *report.Report {
	v.t.Helper()
	v.do(`doctor.addEventListener("checkout-doctor:report", ({detail}) => globalThis.reported = detail, {once: true})`)
	v.press("#diagnose")
	v.until(`globalThis.reported?.id && globalThis.reported.id !== "` + v.last + `" && $("[data-support]")`)
	r, err := report.Decode([]byte(v.get("JSON.stringify(reported)")))
	require.NoError(v.t, err)
	v.last = r.ID
	return r
}

// read opens a page of support's in the same browser.
func (v *visitor) read(address string) {
	v.t.Helper()
	require.NoError(v.t, v.page.Open(v.ctx, address))
	assert.Contains(v.t, v.get(`document.body.textContent`), "4711")
}

// picture keeps what the user sees, with -update.
func (v *visitor) picture(name string) {
	v.t.Helper()
	if !*update {
		return
	}
	png, err := v.page.Screenshot(v.ctx)
	require.NoError(v.t, err)
	require.NoError(v.t, os.WriteFile(filepath.Join("..", "..", "testdata", "pictures", "story-"+name+".png"), png, 0o644))
}
