package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// errNotBuilt is what a fresh clone gives.
var errNotBuilt = errors.New("the diagnostic's files are not built: run `go run ./web/bundle` and build again")

// assets are the files of the one version that was built.
type assets struct {
	hash      string
	integrity string // of checkout-doctor.js
	files     map[string]asset
}

// asset is one file in all its encodings.
type asset struct {
	mediaType string
	variants  []variant // best first; the last is the file as it is
}

// variant is a file in one content coding.
type variant struct {
	coding string // empty for none
	etag   string
	body   []byte
}

// The forms of each file that the bundle writes, best first.
var codings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}}

// manifest says what the bundle wrote.
type manifest struct {
	Hash      string // the name of the version's folder
	Integrity string // of checkout-doctor.js
	Files     map[string]any
	Written   map[string]string // SHA-256 of each form of each file
}

// readManifest reads what the bundle says of its output.
func readManifest(built fs.FS) (manifest, error) {
	text, err := fs.ReadFile(built, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return manifest{}, errNotBuilt
	}
	if err != nil {
		return manifest{}, fmt.Errorf("read the manifest: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return manifest{}, fmt.Errorf("read the manifest: %w", err)
	}
	return m, nil
}

// loadAssets reads manifest and files from the bundle's output.
func loadAssets(built fs.FS) (*assets, error) {
	m, err := readManifest(built)
	if err != nil {
		return nil, err
	}
	a := &assets{hash: m.Hash, integrity: m.Integrity, files: make(map[string]asset)}
	for name := range m.Files {
		f := asset{mediaType: mediaType(name)}
		for _, c := range codings {
			body, err := fs.ReadFile(built, path.Join("v", a.hash, name+c.suffix))
			if err != nil {
				return nil, fmt.Errorf("read a built file: %w", err)
			}
			f.variants = append(f.variants, variant{c.name, strconv.Quote(m.Written[name+c.suffix]), body})
		}
		a.files[name] = f
	}
	return a, nil
}

// mediaType does not ask the machine's own table, which may lack wasm.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".ts":
		return "text/plain; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json":
		return "application/json"
	case ".wasm":
		return "application/wasm"
	}
	return "application/octet-stream"
}

// url returns where the file is served, relative to the site.
func (a *assets) url(name string) string { return "/v/" + a.hash + "/" + name }

// serve answers with a file of the version, which never changes.
func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.PathValue("name")]
	if !ok || r.PathValue("hash") != a.hash {
		http.NotFound(w, r)
		return
	}
	best := f.bestFor(r.Header)
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.mediaType)
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", best.etag)
	allowAnyOrigin(h)
	if strings.HasPrefix(f.mediaType, "text/html") {
		h.Set("Content-Security-Policy", policyOf(r.PathValue("name")))
	}
	if notModified(r, best.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if best.coding != "" {
		h.Set("Content-Encoding", best.coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(best.body)))
	if r.Method != http.MethodHead {
		w.Write(best.body) // the client may be gone: nobody is left to tell
	}
}

// frameFile is the isolated frame, in which the module runs for pages that keep
// it out of themselves.
const frameFile = "frame.html"

// policyFrame lets the isolated frame run the module and, for whichever page
// frames it, ask what that page names: the helper, the canary and the issuer.
const policyFrame = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https: wss:; " +
	"frame-src https:; form-action https:; base-uri 'none'; frame-ancestors *; require-trusted-types-for 'script'"

// policyOf returns the policy of one of the version's pages.
func policyOf(name string) string {
	if name == frameFile {
		return policyFrame
	}
	return policyPlain + "; frame-ancestors 'none'"
}

// serveLoader answers with the script that points to the version of now. It is
// asked for anew each time: an old pointer would lead to files that are gone.
func (a *assets) serveLoader(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", mediaType(loaderFile))
	h.Set("ETag", strconv.Quote(a.hash))
	allowAnyOrigin(h)
	if notModified(r, h.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprintf(w, "export * from %q;\n", "."+a.url(loaderFile))
}

// loaderFile is the script that pages embed.
const loaderFile = "checkout-doctor.js"

// notModified reports whether the client has the content of the tag already.
func notModified(r *http.Request, etag string) bool {
	return slices.Contains(listed(r.Header.Values("If-None-Match")), etag)
}

// allowAnyOrigin lets any page embed the answer and read it. Nothing that is
// served so depends on who asks.
func allowAnyOrigin(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// bestFor returns the smallest form that the request accepts.
func (f asset) bestFor(h http.Header) variant {
	accepted := acceptedCodings(h)
	for _, v := range f.variants {
		if v.coding == "" || accepted(v.coding) {
			return v
		}
	}
	return f.variants[len(f.variants)-1]
}

// acceptedCodings reads Accept-Encoding (RFC 9110, 12.5.3). A coding with
// weight 0 is refused; * stands for those not named.
func acceptedCodings(h http.Header) func(coding string) bool {
	weights := make(map[string]bool)
	for _, item := range listed(h.Values("Accept-Encoding")) {
		coding, parameter, _ := strings.Cut(item, ";")
		name, value, _ := strings.Cut(parameter, "=")
		weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		refused := strings.EqualFold(strings.TrimSpace(name), "q") && (err != nil || weight <= 0)
		weights[strings.ToLower(strings.TrimSpace(coding))] = !refused
	}
	return func(coding string) bool {
		if accepted, named := weights[coding]; named {
			return accepted
		}
		return weights["*"]
	}
}

// listed splits header lines at their commas.
func listed(lines []string) []string {
	var items []string
	for item := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
