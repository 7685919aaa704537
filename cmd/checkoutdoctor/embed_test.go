package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
	"checkoutdoctor/web"
	"checkoutdoctor/web/inventory"
)

func TestEmbedPrintsTagPolicyAndWhatIsSent(t *testing.T) {
	var out, errs bytes.Buffer
	code := run([]string{"embed", "--base", "https://doctor.example/", "--helper", "https://helper.example", "--lang", "en"}, &out, &errs)
	require.Zero(t, code, errs.String())
	e, err := web.Embed(web.EmbedOptions{Base: "https://doctor.example"})
	require.NoError(t, err)
	for _, want := range []string{
		`<script type="module" src="https://doctor.example/v/` + e.Version + `/checkout-doctor.js" integrity="` + e.Integrity + `" crossorigin></script>`,
		`<checkout-doctor lang="en" vantage="https://doctor.example/vantage" helper="https://helper.example" canary="https://helper.example/acs">`,
		"<li>Ask your bank</li>",
		"https://doctor.example/v/" + e.Version + "/ 'wasm-unsafe-eval'",
		"connect-src  'self' https://doctor.example wss://doctor.example https://helper.example wss://helper.example",
		"frame-src    'self' https://doctor.example/v/" + e.Version + "/frame.html https://helper.example",
		"The other scripts rest on the folder",
		"before the diagnosis is started nothing but requests for its files",
		"\nwhen the user has a repair made, by its own button\n  the page's own server  requests for the page's own files, past the cache\n",
	} {
		assert.Contains(t, out.String(), want)
	}
}

// TestEmbedSaysWhereReportsGo, in the element, in the policy and in the list of what
// is sent; without an address there is nothing of it.
func TestEmbedSaysWhereReportsGo(t *testing.T) {
	for name, tt := range map[string]struct{ address, sources string }{
		"the diagnostic's own inbox": {"https://doctor.example/reports", "'self' https://doctor.example wss://doctor.example"},
		"another site":               {"https://desk.example/in?team=7", "'self' https://doctor.example wss://doctor.example https://desk.example"},
		"the page's own site":        {"/reports", "'self' https://doctor.example wss://doctor.example"},
		"nowhere":                    {"", "'self' https://doctor.example wss://doctor.example"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := web.Embed(web.EmbedOptions{Base: "https://doctor.example", ReportTo: tt.address})
			require.NoError(t, err)
			assert.Equal(t, tt.address != "", strings.Contains(e.Element, ` report-to="`+tt.address+`"`))
			assert.Contains(t, e.Policy, web.Directive{Name: "connect-src", Why: e.Policy[1].Why, Sources: strings.Fields(tt.sources)})
			sends := slices.ContainsFunc(e.Sent, func(s inventory.Transfer) bool { return strings.Contains(s.When, "presses Send") })
			assert.Equal(t, tt.address != "", sends)
		})
	}
}

func TestEmbedRefusesWhatNoPageCouldUse(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no base":              {nil, "--base: the URL under which the diagnostic is served is needed"},
		"a base of no site":    {[]string{"--base", "doctor.example"}, "--base: \"doctor.example\" is no address"},
		"a base with a query":  {[]string{"--base", "https://doctor.example/?x=1"}, "is no address"},
		"a helper over HTTP":   {[]string{"--base", "https://doctor.example", "--helper", "http://helper.example"}, "--helper:"},
		"a helper with a path": {[]string{"--base", "https://doctor.example", "--helper", "https://helper.example/x"}, "--helper:"},
		"reports to a script":  {[]string{"--base", "https://doctor.example", "--report-to", "javascript:alert(1)"}, "--report-to: \"javascript:alert(1)\" is no address to send reports to"},
		"reports by name only": {[]string{"--base", "https://doctor.example", "--report-to", "reports"}, "--report-to:"},
		"an unknown language":  {[]string{"--base", "https://doctor.example", "--lang", "tlh"}, "--lang: there are no words in \"tlh\"; want one of ar, de, en,"},
		"no language at all":   {[]string{"--base", "https://doctor.example", "--lang", "en/../en"}, "--lang:"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			assert.Equal(t, probe.ExitUsage, run(append([]string{"embed"}, tt.args...), &out, &errs))
			assert.Contains(t, errs.String(), tt.want)
		})
	}
}

// shelf is a diagnostic whose requests are noted, and a page that embeds it.
type shelf struct {
	lock     sync.Mutex
	requests []request
}

// request is one that came to the diagnostic.
type request struct {
	method, path, query, cookies string
	body                         int64
}

func (s *shelf) noting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.lock.Lock()
		s.requests = append(s.requests, request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Cookie"), r.ContentLength})
		s.lock.Unlock()
		next.ServeHTTP(w, r)
	})
}

// taken returns the requests since it was last called.
func (s *shelf) taken() []request {
	s.lock.Lock()
	defer s.lock.Unlock()
	taken := s.requests
	s.requests = nil
	return taken
}

func files(requests []request) (names []string) {
	for _, r := range requests {
		names = append(names, r.path[strings.LastIndexByte(r.path, '/')+1:])
	}
	return names
}

// TestNothingButFilesIsAskedForBeforeTheClick: the loader with the page, more
// files on intent, and nothing that says anything of the user.
func TestNothingButFilesIsAskedForBeforeTheClick(t *testing.T) {
	ctx, browser := startBrowser(t)
	site, err := web.Handler(web.Options{})
	require.NoError(t, err)
	var s shelf
	diag := serveAt(t, "127.0.0.1", s.noting(site))
	e, err := web.Embed(web.EmbedOptions{Base: diag})
	require.NoError(t, err)
	page := openEmbedding(ctx, t, browser, e, "")
	require.NoError(t, page.Until(ctx, `customElements.get("checkout-doctor")`))
	assert.Equal(t, []string{"checkout-doctor.js"}, files(s.taken()), "with the page")

	require.NoError(t, page.Hover(ctx, "checkout-doctor"))
	require.NoError(t, page.Until(ctx, `document.querySelector("checkout-doctor").dataset.state === "ready"`))
	for _, r := range s.taken() {
		assert.Equal(t, request{"GET", r.path, "", "", 0}, r)
		assert.True(t, strings.HasPrefix(r.path, "/v/"+e.Version+"/"), r.path)
	}

	clickDiagnose(ctx, t, page)
	require.NoError(t, page.Until(ctx, "globalThis.told"))
	assert.Contains(t, files(s.taken()), "vantage", "and only now")
}

// TestThePrintedPolicyIsEnough, with a helper and a control of the page's own:
// with exactly these additions nothing is refused, and without any of them
// something is.
func TestThePrintedPolicyIsEnough(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{TimeScale: timeScale})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	ctx, browser := launch(t, chrome.Options{Address: l.Address(), CAPEM: l.CAPEM()})
	e, err := web.Embed(web.EmbedOptions{Base: l.Origins().Diag, Helper: l.Origins().Helper})
	require.NoError(t, err)
	whole := policyText(e.Policy)
	t.Run("enough", func(t *testing.T) {
		assert.Empty(t, refusedBy(ctx, t, browser, e, whole))
	})
	for _, d := range e.Policy {
		for _, source := range d.Sources {
			if strings.HasSuffix(source, "/frame.html") { // for where WebAssembly is refused: see TestWhatKeepsTheDiagnosticOutIsToldAndSurvived
				continue
			}
			t.Run("without "+d.Name+" "+source, func(t *testing.T) {
				less := slices.DeleteFunc(slices.Clone(d.Sources), func(s string) bool { return s == source })
				assert.NotEmpty(t, refusedBy(ctx, t, browser, e, policyText(slices.Concat(
					slices.DeleteFunc(slices.Clone(e.Policy), func(other web.Directive) bool { return other.Name == d.Name }),
					[]web.Directive{{Name: d.Name, Sources: append(less, "'none'")[:max(1, len(less))]}},
				))))
			})
		}
	}
}

func policyText(list []web.Directive) string {
	text := "default-src 'none'"
	for _, d := range list {
		text += "; " + d.String()
	}
	return text
}

// refusedBy diagnoses on a page with the policy and returns what that refused.
func refusedBy(ctx context.Context, t *testing.T, browser probe.Browser, e web.Embedding, policy string) (refused []string) {
	t.Helper()
	page := openEmbedding(ctx, t, browser, e, policy)
	var runs bool
	require.NoError(t, page.Eval(ctx, `!!customElements.get("checkout-doctor")`, &runs))
	if !runs {
		return []string{"checkout-doctor.js"}
	}
	require.NoError(t, page.Eval(ctx, `document.querySelector("checkout-doctor").page = {buildId: "1", controlURL: "/session"}`, nil))
	clickDiagnose(ctx, t, page)
	require.NoError(t, page.Until(ctx, "globalThis.told"))
	require.NoError(t, page.Eval(ctx, "globalThis.refused", &refused))
	return refused
}

// TestAHostCanServeItAll: the files under the page's own origin work as they do
// from the diagnostic's, and nothing else is asked of that.
func TestAHostCanServeItAll(t *testing.T) {
	ctx, browser := startBrowser(t)
	site, err := web.Handler(web.Options{})
	require.NoError(t, err)
	var s shelf
	diag := serveAt(t, "127.0.0.1", s.noting(site))
	e, err := web.Embed(web.EmbedOptions{Base: diag, SelfHosted: true})
	require.NoError(t, err)
	for name, tt := range map[string]struct{ policy, frame string }{
		"by the printed policy": {policyText(e.Policy), ""},
		"without WebAssembly":   {strings.Replace(policyText(e.Policy), " 'wasm-unsafe-eval'", "", 1), "ran"},
		"without the vantage":   {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.taken()
			embedded := e
			if name == "without the vantage" {
				embedded.Element = "<checkout-doctor></checkout-doctor>"
			}
			page := openEmbedding(ctx, t, browser, embedded, tt.policy)
			clickDiagnose(ctx, t, page)
			require.NoError(t, page.Until(ctx, "globalThis.told"))
			var got struct{ Verdict, Frame string }
			require.NoError(t, page.Eval(ctx, `({verdict: told.verdict, frame: told.facts["environment.isolated-frame"].value})`, &got))
			assert.Equal(t, "clear", got.Verdict)
			assert.Equal(t, tt.frame, got.Frame)
			for _, r := range s.taken() {
				assert.False(t, strings.HasPrefix(r.path, "/v/"), r.path)
			}
		})
	}
}

// TestTheInventoryIsOfWhatIsServed: each file is in it, with the hash that the
// browser would check.
func TestTheInventoryIsOfWhatIsServed(t *testing.T) {
	list, err := web.VersionFiles()
	require.NoError(t, err)
	text, err := fs.ReadFile(list, "inventory.json")
	require.NoError(t, err)
	var inventory struct {
		Files []struct{ File, Purpose, Loaded, Integrity string }
	}
	require.NoError(t, json.Unmarshal(text, &inventory))
	e, err := web.Embed(web.EmbedOptions{Base: "https://doctor.example"})
	require.NoError(t, err)
	named := map[string]string{}
	for _, f := range inventory.Files {
		assert.NotEmpty(t, f.Purpose, f.File)
		assert.NotEmpty(t, f.Loaded, f.File)
		named[f.File] = f.Integrity
	}
	assert.Equal(t, e.Integrity, named["checkout-doctor.js"])
	require.NoError(t, fs.WalkDir(list, ".", func(name string, entry fs.DirEntry, err error) error {
		if plain := !strings.HasSuffix(name, ".br") && !strings.HasSuffix(name, ".gz"); err == nil && !entry.IsDir() && plain && name != "inventory.json" {
			assert.Contains(t, named, name)
		}
		return err
	}))
}

func startBrowser(t *testing.T) (context.Context, probe.Browser) {
	t.Helper()
	return launch(t, chrome.Options{})
}

// launch starts a browser, and returns a context that ends long after the test
// should.
func launch(t *testing.T, o chrome.Options) (context.Context, probe.Browser) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	browser, err := chrome.New(o).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	return ctx, browser
}

// openEmbedding serves a page with what was printed, and the version's files
// beside it for a page that has them itself. What the policy refuses is kept
// under the name refused, and the report under told.
func openEmbedding(ctx context.Context, t *testing.T, browser probe.Browser, e web.Embedding, policy string) probe.Page {
	t.Helper()
	list, err := web.VersionFiles()
	require.NoError(t, err)
	folder := "/checkout-doctor/v/" + e.Version + "/"
	mux := http.NewServeMux()
	mux.Handle(folder, http.StripPrefix(folder, http.FileServerFS(list)))
	mux.HandleFunc("/watch.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, "globalThis.refused = []\n"+
			`addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective + " " + event.blockedURI), true)`+"\n"+
			`addEventListener("checkout-doctor:report", ({detail}) => { globalThis.told = detail })`)
	})
	mux.HandleFunc("/session", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"buildId": "1"}`)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!doctype html><title>Payment</title>"+policyTag(policy)+e.Tag+e.Element)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(ctx, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)))
	return page
}

// policyTag loads the page's own script before the policy is in force.
func policyTag(policy string) string {
	tag := `<script src="/watch.js"></script>`
	if policy != "" {
		tag += `<meta http-equiv="Content-Security-Policy" content="` + policy + `">`
	}
	return tag
}
