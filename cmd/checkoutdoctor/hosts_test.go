package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
)

// TestPagesOfBundlersEmbedIt: payment forms of React and of Vue, built by Vite
// with the loader in their own bundle, under a strict policy.
func TestPagesOfBundlersEmbedIt(t *testing.T) {
	ctx, browser := startBrowser(t)
	site, err := web.Handler(web.Options{})
	require.NoError(t, err)
	diag := serveAt(t, "127.0.0.1", site)
	e, err := web.Embed(web.EmbedOptions{Base: diag})
	require.NoError(t, err)
	for _, framework := range []string{"react", "vue"} {
		t.Run(framework, func(t *testing.T) {
			built := buildHost(t, framework, e.Version, diag+"/v/"+e.Version+"/")
			policy := "default-src 'none'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval' " + diag + "; connect-src " + diag + "; require-trusted-types-for 'script'"
			host := serveAt(t, "localhost", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Security-Policy", policy)
				http.FileServer(http.Dir(built)).ServeHTTP(w, r)
			}))
			page, err := browser.NewContext(ctx, probe.ContextOptions{})
			require.NoError(t, err)
			defer func() { assert.NoError(t, page.Close()) }()
			require.NoError(t, page.Open(ctx, host))
			require.NoError(t, page.Until(ctx, `document.querySelector("checkout-doctor")?.shadowRoot`))
			diagnoseAndRead(ctx, t, page)

			require.NoError(t, page.Click(ctx, "form > button"))
			require.NoError(t, page.Until(ctx, `!document.querySelector("checkout-doctor")`))
			require.NoError(t, page.Click(ctx, "form > button"))
			require.NoError(t, page.Until(ctx, `document.querySelector("checkout-doctor")?.shadowRoot`))
			diagnoseAndRead(ctx, t, page)
		})
	}
}

// diagnoseAndRead clicks at once, before anything of the view is there, and expects the page to have heard the verdict and its
// style to have stayed outside.
func diagnoseAndRead(ctx context.Context, t *testing.T, page probe.Page) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	clickDiagnose(ctx, t, page)
	require.NoError(t, page.Until(ctx, `document.querySelector("output").textContent === "clear" && document.querySelector("checkout-doctor").dataset.state === "done"`))
	var leaked bool
	require.NoError(t, page.Eval(ctx, `[...document.querySelector("checkout-doctor").shadowRoot.querySelectorAll("p, h2, ol, li, button")].some((element) => {
		const {display, fontSize, color} = getComputedStyle(element)
		return fontSize === "99px" || color === "rgb(1, 2, 3)" || element.id === "diagnose" && display === "none"
	})`, &leaked))
	assert.False(t, leaked, "the page's style leaked in")
}

// buildHost builds one of the pages and returns the folder that it is in.
func buildHost(t *testing.T, framework, version, files string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", "web"))
	require.NoError(t, err)
	out := t.TempDir()
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, "node_modules", ".bin", "vite"), "build",
		filepath.Join("testdata", "hosts", framework), "--config", filepath.Join("testdata", "hosts", "vite.config.js"),
		"--outDir", out, "--logLevel", "warn")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "VITE_DOCTOR="+files,
		"DOCTOR="+filepath.Join(root, "dist", "v", version, "checkout-doctor.js"))
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, string(output))
	return out
}

// TestAPlainPageKeepsItsGlobalsAndItsLook: two elements, one of them taken out
// and put in again, leave no name in the global object and no style in the page.
func TestAPlainPageKeepsItsGlobalsAndItsLook(t *testing.T) {
	ctx, browser := startBrowser(t)
	site, err := web.Handler(web.Options{})
	require.NoError(t, err)
	diag := serveAt(t, "127.0.0.1", site)
	e, err := web.Embed(web.EmbedOptions{Base: diag})
	require.NoError(t, err)
	page := openEmbedding(ctx, t, browser, web.Embedding{Version: e.Version, Element: "<h2>Pay</h2><p>Card</p><button>Pay</button>"}, "")
	var got struct {
		Globals, Verdicts []string
		Same              bool
		Left              int
	}
	require.NoError(t, page.Eval(ctx, `(async () => {
		const names = () => [...Object.getOwnPropertyNames(window), ...Object.keys(document)]
		const look = () => JSON.stringify([...document.querySelectorAll("h2, p, button")].map((element) => [...getComputedStyle(element)].map((name) => getComputedStyle(element)[name])))
		const [names0, look0, children] = [names(), look(), document.querySelectorAll("*").length]
		await import("`+diag+`/v/`+e.Version+`/checkout-doctor.js")
		const [one, two] = ["en", "sv"].map((lang) => Object.assign(document.createElement("checkout-doctor"), {lang, only: ["environment"]}))
		document.body.append(one, two)
		const reports = await Promise.all([one.diagnose(), two.diagnose()])
		one.remove()
		await new Promise(requestAnimationFrame)
		document.body.append(one)
		reports.push(await one.diagnose())
		const same = look() === look0
		one.remove()
		two.remove()
		return {
			globals: names().filter((name) => !names0.includes(name)), verdicts: reports.map(({verdict}) => verdict),
			same, left: document.querySelectorAll("*").length - children,
		}
	})()`, &got))
	assert.Subset(t, []string{"told"}, got.Globals, "what the test itself keeps")
	assert.Equal(t, []string{"clear", "clear", "clear"}, got.Verdicts)
	assert.True(t, got.Same, "a style leaked out")
	assert.Zero(t, got.Left, "elements left behind")
}
