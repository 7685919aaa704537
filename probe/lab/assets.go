package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// The paths of the payment script, of the old build's, of its namesake that the
// fault stale-script leaves in the HTTP cache, of the provider's script, of the
// widget that a page can demand by hash, and of the service worker, whose path
// is its scope.
const (
	pathScript       = "/assets/pay.js"
	pathOldScript    = "/assets/" + oldScriptAsset
	pathStableScript = "/assets/pay-stable.js"
	pathProvider     = "/assets/provider.js"
	pathWidget       = "/assets/" + widgetAsset
	pathWorker       = "/sw.js"
)

// pathApp is where the server answers every path with the app's page.
const pathApp = "/app/"

// The names of assets that come in more than one build.
const (
	scriptAsset    = "pay.js"
	oldScriptAsset = "pay-2026.03.1.js"
	widgetAsset    = "widget.js"
	oldWidgetAsset = "widget-2026.03.1.js"
	chunkAsset     = "chunk.js"
)

// build is one build of the payment page's script.
type build struct {
	id  string
	api string // URL path under which it expects the payment calls
}

var (
	newBuild = build{id: "2026.10.2", api: "/pay"}
	oldBuild = build{id: "2026.03.1", api: "/pay/v1"} // its payment call was removed
)

// asset is one file of the page.
type asset struct {
	name string // decides the content type
	body []byte
	etag string
}

func newAsset(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	return asset{name, body, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// serve answers with the asset. Anyone may read it, as from a file server on a
// host of its own; the diagnostic compares copies of it.
func (a asset) serve(w http.ResponseWriter, r *http.Request, cacheControl string) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cache-Control", cacheControl)
	h.Set("ETag", a.etag)
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.body))
}

const (
	revalidate = "no-cache"
	forAYear   = "max-age=31536000"
)

// merchantAssets returns the page's files by their path under /assets/, the
// payment script in both builds.
func merchantAssets() (map[string]asset, error) {
	assets := make(map[string]asset)
	files, err := fs.Glob(assetFiles, "assets/*")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		body, err := assetFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading an asset: %w", err)
		}
		assets[path.Base(file)] = newAsset(file, body)
	}
	script, widget, chunk := assets[scriptAsset].body, assets[widgetAsset].body, assets[chunkAsset].body
	delete(assets, chunkAsset)
	assets[scriptAsset], assets[oldScriptAsset] = newBuild.asset(script), oldBuild.asset(script)
	assets[widgetAsset], assets[oldWidgetAsset] = newBuild.asset(widget), oldBuild.asset(widget)
	assets[newBuild.chunk()] = newBuild.asset(chunk) // the old build's was removed
	return assets, nil
}

// asset fills the build's values into the script.
func (b build) asset(script []byte) asset {
	text := strings.NewReplacer("__BUILD__", b.id, "__API__", b.api).Replace(string(script))
	return newAsset(scriptAsset, []byte(text))
}

// chunk names the part of the build's script that is loaded late.
func (b build) chunk() string { return "chunk-" + b.id + ".js" }

// asset serves the page's files.
func (m *merchant) asset(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case pathStableScript:
		m.stableScript(w, r)
		return
	case pathWidget:
		m.widget(w, r)
		return
	}
	a, ok := m.assets[r.PathValue("path")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	a.serve(w, r, revalidate)
}

// stableScript serves the payment script under a name that does not change
// with the build, and lets caches keep it for a year: the mistake of the fault
// stale-script. A browser's first answer is the old build, as if it had come
// before the new one was published.
func (m *merchant) stableScript(w http.ResponseWriter, r *http.Request) {
	name := scriptAsset
	if r.Method == http.MethodGet && m.takeOld(r, staleScript) {
		name = oldScriptAsset
	}
	m.assets[name].serve(w, r, forAYear)
}

// worker serves the service worker, which reads from its URL what it is.
func (m *merchant) worker(w http.ResponseWriter, r *http.Request) {
	m.assets["sw.js"].serve(w, r, revalidate)
}

// publicAssets serves the embedded files of the other sites' pages. Pages of
// any origin may import the scripts.
func publicAssets() http.Handler {
	files := http.FileServerFS(assetFiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", revalidate)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		files.ServeHTTP(w, r)
	})
}
