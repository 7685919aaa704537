package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
)

// spoiled answers in the diagnostic's place; false leaves the answer to it.
type spoiled func(w http.ResponseWriter, r *http.Request, diag http.Handler) bool

// refusal is a payment page whose policy, or whose way to the diagnostic's
// files, keeps a part of the diagnostic out.
type refusal struct {
	policy    string // of the page, with DIAG for the diagnostic's origin
	integrity string // of the loader's tag
	script    string // run before the diagnosis
	spoil     spoiled

	screen string // what the user sees
	// Of the report; all are empty where no script of ours runs.
	verdict, reason string
	problem, frame  string // the facts environment.module-problem and environment.isolated-frame
}

// policyWhole is what the diagnostic needs of a page, and nothing else.
const policyWhole = "default-src 'none'; script-src DIAG 'wasm-unsafe-eval'; connect-src DIAG; frame-src DIAG"

// policyNoWasm is the same without WebAssembly.
const policyNoWasm = "default-src 'none'; script-src DIAG; connect-src DIAG; frame-src DIAG"

// What the screens say: the guide in the page's own words where nothing of ours
// comes, and else the one of the language file.
const (
	ownGuide    = "Call us, or try another card."
	knownToHelp = "Steps that are known to help"
	nothing     = "Nothing in this browser explains the failure"
)

func refusals() map[string]refusal {
	return map[string]refusal{
		"everything is allowed": {policy: policyWhole, screen: nothing, verdict: "clear"},
		"WebAssembly is refused": {
			policy: policyNoWasm, screen: "Check kept out of the page itself", verdict: "clear", problem: "policy", frame: "ran",
		},
		"WebAssembly is refused, with Trusted Types": {
			policy: policyNoWasm + "; require-trusted-types-for 'script'; trusted-types 'none'",
			screen: "Check kept out of the page itself", verdict: "clear", problem: "policy", frame: "ran",
		},
		"the frame is refused too": {
			policy: strings.Replace(policyNoWasm, "frame-src DIAG", "frame-src 'none'", 1),
			screen: knownToHelp, verdict: "inconclusive", reason: "refused", problem: "policy", frame: "refused",
		},
		"the frame does not come either": {
			policy: policyNoWasm, spoil: cutOff("frame.js"),
			screen: knownToHelp, verdict: "inconclusive", reason: "refused", problem: "policy", frame: "silent",
		},
		"the browser has no WebAssembly": {
			policy: policyWhole, script: "delete globalThis.WebAssembly",
			screen: knownToHelp, verdict: "inconclusive", reason: "refused", problem: "unsupported",
		},
		"a strict policy with a nonce, and Trusted Types": {
			policy: "default-src 'none'; script-src 'nonce-once' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src DIAG; frame-src DIAG; require-trusted-types-for 'script'; trusted-types 'none'",
			screen: nothing, verdict: "clear",
		},
		"the core is blocked": {
			policy: policyWhole, spoil: cutOff("core.js"),
			screen: ownGuide, verdict: "inconclusive", reason: "unreachable", problem: "core",
		},
		"the core is refused by the policy": {
			policy: strings.Replace(policyWhole, "script-src DIAG", "script-src DIAG/v/HASH/checkout-doctor.js", 1),
			screen: ownGuide, verdict: "inconclusive", reason: "refused", problem: "core",
		},
		"what runs the diagnosis is blocked": {
			policy: policyWhole, spoil: cutOff("run.js"),
			screen: knownToHelp, verdict: "inconclusive", reason: "unreachable", problem: "core",
		},
		"the module is blocked": {
			policy: policyWhole, spoil: cutOff("module.wasm"),
			screen: knownToHelp, verdict: "inconclusive", reason: "unreachable", problem: "network", frame: "failed",
		},
		"connections are refused": {
			policy: strings.Replace(policyWhole, "connect-src DIAG", "connect-src 'none'", 1),
			screen: ownGuide, verdict: "inconclusive", reason: "unreachable", problem: "core",
		},
		"the loader has another hash": {
			policy: policyWhole, integrity: "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC", screen: ownGuide,
		},
		"the module has another hash": {
			policy: policyWhole, spoil: changed("module.wasm", func(*http.Request) bool { return true }),
			screen: knownToHelp, verdict: "inconclusive", reason: "refused", problem: "integrity", frame: "failed",
		},
		"the module has another hash for the page alone": {
			policy: policyWhole, spoil: changed("module.wasm", func(r *http.Request) bool { return r.Header.Get("Origin") != "" }),
			screen: "Check kept out of the page itself", verdict: "clear", problem: "integrity", frame: "ran",
		},
		"the module has another media type": {
			policy: policyWhole, spoil: typed("module.wasm", "text/plain"), screen: nothing, verdict: "clear",
		},
		"the core has another media type": {
			policy: policyWhole, spoil: typed("core.js", "text/plain"),
			screen: ownGuide, verdict: "inconclusive", reason: "refused", problem: "core",
		},
		"the loader has another media type": {policy: policyWhole, spoil: typed("checkout-doctor.js", "text/plain"), screen: ownGuide},
		"an old loader meets a new module": {
			policy: policyWhole, spoil: replaced("run.js", `"`+report.Version+`"`, `"0.0.1"`),
			screen: knownToHelp, verdict: "inconclusive", reason: "refused", problem: "version",
		},
		"scripts are refused":                {policy: "default-src 'none'", screen: ownGuide},
		"modules of other sites are refused": {policy: "default-src 'none'; script-src 'self'", screen: ownGuide},
	}
}

// TestWhatKeepsTheDiagnosticOutIsToldAndSurvived: whatever a page, a blocker or
// a cache takes away, the user gets a useful screen, and the report says what.
func TestWhatKeepsTheDiagnosticOutIsToldAndSurvived(t *testing.T) {
	browser, err := chrome.New(chrome.Options{}).Launch(t.Context(), probe.Profile{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, browser.Close()) }()
	for name, tt := range refusals() {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			page := tt.open(ctx, t, browser)
			if tt.verdict == "" {
				assert.Equal(t, tt.screen, screenOf(ctx, t, page))
				return
			}
			clickDiagnose(ctx, t, page)
			require.NoError(t, page.Until(ctx, "globalThis.told"))
			assert.Contains(t, screenOf(ctx, t, page), tt.screen)
			tt.check(ctx, t, page)
		})
	}
}

// check compares the report, which the page has under the name told.
func (tt refusal) check(ctx context.Context, t *testing.T, page probe.Page) {
	t.Helper()
	var got struct {
		Verdict, Reason, Problem, Frame string
		Found                           []string
		Left                            int
	}
	require.NoError(t, page.Eval(ctx, `({
		verdict: told.verdict, found: told.findings.map(({code}) => code),
		reason: told.notChecked.find(({code}) => code === "*")?.reason,
		problem: told.facts["environment.module-problem"].value, frame: told.facts["environment.isolated-frame"]?.value,
		left: document.querySelectorAll("iframe").length,
	})`, &got))
	assert.Equal(t, tt.verdict, got.Verdict)
	assert.Equal(t, tt.reason, got.Reason)
	assert.Equal(t, tt.problem, got.Problem)
	assert.Equal(t, tt.frame, got.Frame)
	assert.Equal(t, tt.frame == "ran", slices.Contains(got.Found, "environment.wasm-refused"))
	assert.Zero(t, got.Left, "frames left behind")
}

// open serves the diagnostic, spoiled, and a page that embeds it by the tag that
// the README shows.
func (tt refusal) open(ctx context.Context, t *testing.T, browser probe.Browser) probe.Page {
	t.Helper()
	site, err := web.Handler(web.Options{})
	require.NoError(t, err)
	diag := serveAt(t, "127.0.0.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tt.spoil == nil || !tt.spoil(w, r, site) {
			site.ServeHTTP(w, r)
		}
	}))
	embedded, err := web.Embed(web.EmbedOptions{Base: diag})
	require.NoError(t, err)
	tag := embedded.Tag
	if tt.integrity != "" {
		tag = strings.ReplaceAll(tag, embedded.Integrity, tt.integrity)
	}
	policy := strings.NewReplacer("DIAG", diag, "HASH", embedded.Version).Replace(tt.policy)
	host := serveAt(t, "localhost", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		io.WriteString(w, `<!doctype html><title>Payment</title>`+
			strings.Replace(tag, "<script ", `<script nonce="once" `, 1)+
			"\n<checkout-doctor><p>"+ownGuide+"</p></checkout-doctor>")
	}))
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(ctx, host))
	require.NoError(t, page.Eval(ctx, `addEventListener("checkout-doctor:report", ({detail}) => { globalThis.told = detail });`+tt.script, nil))
	return page
}

// serveAt serves the handler under a name of this machine; each name is a site
// of its own.
func serveAt(t *testing.T, name string, h http.Handler) (origin string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", name, 1)
}

// clickDiagnose clicks the element's button, which no selector can name.
func clickDiagnose(ctx context.Context, t *testing.T, page probe.Page) {
	t.Helper()
	require.NoError(t, page.Until(ctx, `customElements.get("checkout-doctor")`))
	var at struct{ X, Y float64 }
	require.NoError(t, page.Eval(ctx, benchButton, &at))
	require.NoError(t, page.ClickAt(ctx, at.X, at.Y))
}

// screenOf returns what the element shows: the page's own words in it where they
// are visible, and those in the shadow tree, the folded ones included.
func screenOf(ctx context.Context, t *testing.T, page probe.Page) (text string) {
	t.Helper()
	require.NoError(t, page.Eval(ctx, `(() => {
		const element = document.querySelector("checkout-doctor")
		const own = [...element.children].filter((child) => child.checkVisibility()).map((child) => child.textContent)
		return [...own, element.shadowRoot?.textContent ?? ""].join("\n").trim()
	})()`, &text))
	return text
}

// cutOff breaks the connection of whoever asks for the file.
func cutOff(name string) spoiled {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if path.Base(r.URL.Path) == name {
			panic(http.ErrAbortHandler)
		}
		return false
	}
}

// typed gives the file another media type.
func typed(name, mediaType string) spoiled {
	return rewritten(name, func(*http.Request) bool { return true }, func(h http.Header, body string) string {
		h.Set("Content-Type", mediaType)
		return body
	})
}

// changed adds a byte to the file for those whom it is for.
func changed(name string, whom func(*http.Request) bool) spoiled {
	return rewritten(name, whom, func(_ http.Header, body string) string { return body + "\x00" })
}

// replaced replaces a text in the file.
func replaced(name, old, by string) spoiled {
	return rewritten(name, func(*http.Request) bool { return true }, func(_ http.Header, body string) string {
		return strings.ReplaceAll(body, old, by)
	})
}

func rewritten(name string, whom func(*http.Request) bool, rewrite func(http.Header, string) string) spoiled {
	return func(w http.ResponseWriter, r *http.Request, diag http.Handler) bool {
		if path.Base(r.URL.Path) != name || !whom(r) {
			return false
		}
		plain := r.Clone(r.Context())
		plain.Header.Del("Accept-Encoding")
		answer := httptest.NewRecorder()
		diag.ServeHTTP(answer, plain)
		h := w.Header()
		for key, values := range answer.Header() {
			h[key] = values
		}
		h.Del("Content-Length")
		h.Set("Cache-Control", "no-store")
		body := rewrite(h, answer.Body.String())
		w.WriteHeader(answer.Code)
		io.WriteString(w, body)
		return true
	}
}
