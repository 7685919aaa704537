package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/web/bundle/wasmbuild"
)

// runnerPage runs a Go test binary in the browser and keeps what it printed.
const runnerPage = `<!doctype html><meta charset="utf-8"><title>module tests</title>
<script src="/wasm_exec.js"></script>
<script>
const printed = [];
globalThis.fs.writeSync = (fd, bytes) => { printed.push(new TextDecoder().decode(bytes)); return bytes.length; };
const go = new Go();
go.argv = ["module.test", "-test.v", "-test.run=^Test"]; // fuzz targets look for their corpus on a disk
go.exit = (code) => { globalThis.ended = {code, output: printed.join("")}; };
WebAssembly.instantiateStreaming(fetch("/module.test.wasm"), go.importObject).then(({instance}) => go.run(instance));
</script>`

// TestTheModulesTestsPassInTheBrowser runs the tests of the portable packages
// and of the observers, which also run under Node, where they are at home.
func TestTheModulesTestsPassInTheBrowser(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, browser.Close()) }()
	for _, pkg := range []string{"./wasm/facts", "./wasm/diagnosis", "./wasm/observe"} {
		t.Run(path.Base(pkg), func(t *testing.T) {
			page, err := browser.NewContext(ctx, probe.ContextOptions{})
			require.NoError(t, err)
			defer func() { assert.NoError(t, page.Close()) }()
			require.NoError(t, page.Open(ctx, serveTests(t, pkg)))
			require.NoError(t, page.Until(ctx, "globalThis.ended"))
			var ended struct {
				Code   int
				Output string
			}
			require.NoError(t, page.Eval(ctx, "ended", &ended))
			assert.Zero(t, ended.Code, ended.Output)
			assert.Contains(t, ended.Output, "--- PASS", "tests must have run")
		})
	}
}

// serveTests builds the package's tests for the browser and serves them.
func serveTests(t *testing.T, pkg string) (url string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "module.test.wasm")
	root := filepath.Join("..", "..")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, pkg)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, string(output))
	support, err := wasmbuild.Support(t.Context(), root)
	require.NoError(t, err)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, runnerPage)
	})
	mux.HandleFunc("GET /wasm_exec.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(support)
	})
	mux.HandleFunc("GET /module.test.wasm", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, binary) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}
