package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testHash = "0123456789abcdef0123"

// built is what the bundle writes, in small: each form of a file says which it is.
func built(t testing.TB) fstest.MapFS {
	t.Helper()
	names := []string{
		"checkout-doctor.js", "core.js", "page.js", "page.css", "popup.html", "popup.js",
		"helper-cookies.js", "helper-echo.js", "locales/en.json", "module.wasm",
	}
	files, written, all := map[string]any{}, map[string]string{}, fstest.MapFS{}
	for _, name := range names {
		files[name] = map[string]int{}
		for _, c := range codings {
			written[name+c.suffix] = "sum-of-" + name + c.suffix
			all[path.Join("v", testHash, name+c.suffix)] = &fstest.MapFile{Data: []byte(name + " as " + c.name)}
		}
	}
	manifest, err := json.Marshal(map[string]any{
		"hash": testHash, "integrity": "sha384-loader", "files": files, "written": written,
	})
	require.NoError(t, err)
	all["manifest.json"] = &fstest.MapFile{Data: manifest}
	return all
}

func site(t *testing.T, o Options) http.Handler {
	t.Helper()
	h, err := newSite(built(t), o)
	require.NoError(t, err)
	return h
}

func helperSite(t *testing.T) http.Handler {
	t.Helper()
	h, err := newHelper(built(t), Options{Helper: "https://helper.example"})
	require.NoError(t, err)
	return h
}

// ask sends a request with header lines such as "Accept-Encoding: br".
func ask(h http.Handler, method, target, body string, lines ...string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}

func TestFreshCloneSaysWhatToRun(t *testing.T) {
	_, err := newSite(fstest.MapFS{".gitignore": &fstest.MapFile{}}, Options{})
	require.ErrorContains(t, err, "go run ./web/bundle")
	_, err = newHelper(fstest.MapFS{}, Options{})
	require.ErrorContains(t, err, "go run ./web/bundle")
}

func TestBrokenBuildIsAnError(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(fstest.MapFS)
		want  string
	}{
		{"a manifest that is no JSON", func(f fstest.MapFS) { f["manifest.json"].Data = []byte("{") }, "read the manifest"},
		{"a file that is gone", func(f fstest.MapFS) { delete(f, "v/"+testHash+"/core.js.br") }, "core.js.br"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := built(t)
			tt.spoil(files)
			_, err := newSite(files, Options{})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestVersionedFilesNeverChange(t *testing.T) {
	for name, h := range map[string]http.Handler{"site": site(t, Options{}), "helper": helperSite(t)} {
		t.Run(name, func(t *testing.T) {
			r := ask(h, "GET", "/v/"+testHash+"/module.wasm", "")
			assert.Equal(t, 200, r.StatusCode)
			assert.Equal(t, "application/wasm", r.Header.Get("Content-Type"))
			assert.Equal(t, "public, max-age=31536000, immutable", r.Header.Get("Cache-Control"))
			assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"))
			assert.Equal(t, "cross-origin", r.Header.Get("Cross-Origin-Resource-Policy"))
			assert.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"))
			assert.Equal(t, "no-referrer", r.Header.Get("Referrer-Policy"))
			assert.Equal(t, "Accept-Encoding", r.Header.Get("Vary"))
			assert.Empty(t, r.Header.Get("Content-Encoding"))
			assert.Equal(t, "module.wasm as ", bodyOf(t, r))
		})
	}
}

func TestOtherVersionsAreNotKept(t *testing.T) {
	for _, target := range []string{"/v/ffff/core.js", "/v/" + testHash + "/nothing.js", "/v/" + testHash + "/manifest.json", "/v/" + testHash + "/core.js.br"} {
		r := ask(site(t, Options{}), "GET", target, "")
		assert.Equal(t, 404, r.StatusCode, target)
		assert.Equal(t, "no-store", r.Header.Get("Cache-Control"), target)
	}
}

func TestSmallestAcceptedForm(t *testing.T) {
	tests := []struct{ accept, want string }{
		{"", ""},
		{"gzip, deflate, br, zstd", "br"},
		{"gzip", "gzip"},
		{"BR", "br"},
		{"br;q=0, gzip;q=0.5", "gzip"},
		{"br; q=0.000, gzip ; q=0", ""},
		{"*", "br"},
		{"*;q=0", ""},
		{"br;q=0, *", "gzip"},
		{"br;q=nonsense", ""},
		{"identity", ""},
	}
	for _, tt := range tests {
		t.Run(tt.accept, func(t *testing.T) {
			r := ask(site(t, Options{}), "GET", "/v/"+testHash+"/core.js", "", "Accept-Encoding: "+tt.accept)
			assert.Equal(t, tt.want, r.Header.Get("Content-Encoding"))
			assert.Equal(t, "core.js as "+tt.want, bodyOf(t, r))
		})
	}
}

func TestUnchangedFileIsNotSentAgain(t *testing.T) {
	h := site(t, Options{})
	tag := ask(h, "GET", "/v/"+testHash+"/core.js", "", "Accept-Encoding: br").Header.Get("ETag")
	assert.Equal(t, `"sum-of-core.js.br"`, tag)
	r := ask(h, "GET", "/v/"+testHash+"/core.js", "", "Accept-Encoding: br", `If-None-Match: "other", `+tag)
	assert.Equal(t, 304, r.StatusCode)
	assert.Empty(t, bodyOf(t, r))
	r = ask(h, "GET", "/v/"+testHash+"/core.js", "", "Accept-Encoding: gzip", "If-None-Match: "+tag)
	assert.Equal(t, 200, r.StatusCode, "another form is another content")
}

func TestHeadHasNoBody(t *testing.T) {
	r := ask(site(t, Options{}), "HEAD", "/v/"+testHash+"/core.js", "")
	assert.Equal(t, "11", r.Header.Get("Content-Length"))
	assert.Empty(t, bodyOf(t, r))
}

func TestLoaderPointsToTheVersion(t *testing.T) {
	h := site(t, Options{})
	r := ask(h, "GET", "/checkout-doctor.js", "")
	assert.Equal(t, `export * from "./v/`+testHash+`/checkout-doctor.js";`+"\n", bodyOf(t, r))
	assert.Equal(t, "text/javascript; charset=utf-8", r.Header.Get("Content-Type"))
	assert.Equal(t, "no-cache", r.Header.Get("Cache-Control"), "an old pointer leads to files that are gone")
	assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "cross-origin", r.Header.Get("Cross-Origin-Resource-Policy"))
	again := ask(h, "GET", "/checkout-doctor.js", "", "If-None-Match: "+r.Header.Get("ETag"))
	assert.Equal(t, 304, again.StatusCode)
}

func TestPopupPageIsLockedDown(t *testing.T) {
	r := ask(site(t, Options{}), "GET", "/v/"+testHash+"/popup.html", "")
	assert.Equal(t, policyPlain+"; frame-ancestors 'none'", r.Header.Get("Content-Security-Policy"))
	assert.Empty(t, r.Header.Get("Cross-Origin-Opener-Policy"), "the opener must hear the hello")
}

func TestPagePolicyIsStrict(t *testing.T) {
	r := ask(site(t, Options{Helper: "https://echo.helper.test"}), "GET", "/", "")
	policy := r.Header.Get("Content-Security-Policy")
	for _, directive := range []string{
		"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self'", "connect-src 'self' https: wss:",
		"frame-src https: https://echo.helper.test", "base-uri 'none'", "form-action https://echo.helper.test", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
	} {
		assert.Contains(t, strings.Split(policy, "; "), directive)
	}
	assert.NotContains(t, policy, "unsafe-inline")
	assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	assert.Equal(t, "no-referrer", r.Header.Get("Referrer-Policy"))
}

func TestPageHasNothingInline(t *testing.T) {
	text := bodyOf(t, ask(site(t, Options{}), "GET", "/", ""))
	assert.NotContains(t, text, "<style")
	assert.NotContains(t, text, "style=")
	assert.NotContains(t, text, "<script>")
	assert.Contains(t, text, `integrity="sha384-loader"`)
}

func TestPageConfiguresTheElement(t *testing.T) {
	tests := []struct {
		name, helper, query string
		want, wantNot       []string
	}{
		{"nothing", "", "", []string{`<checkout-doctor auto mode="link" lang="en" vantage="/vantage">`}, nil},
		{"helper and case", "https://echo.helper.test", "?case=T-1234",
			[]string{`helper="https://echo.helper.test"`, `canary="https://echo.helper.test/acs"`, `case="T-1234"`}, nil},
		{"a language that there is not", "", "?lang=tlh", []string{`<html lang="en" dir="ltr">`}, nil},
		{"a language that is written from right to left", "", "?lang=ar", []string{`<html lang="ar" dir="rtl">`, `lang="ar" vantage`}, nil},
		{"a language that is a path", "", "?lang=../../x", []string{`<html lang="en" dir="ltr">`}, nil},
		{"the case is shown", "", "?case=T-1234", []string{`<bdi>T-1234</bdi>`}, nil},
		{"no case is shown where there is none", "", "", nil, []string{`class="case"`}},
		{"the guide is for whom no script reaches", "", "", []string{"<noscript><p>This check needs JavaScript", "<li>Ask support<ul>"}, nil},
		{"markup as a case", "", `?case="><script>alert(1)</script>`, []string{`case="&#34;&gt;`}, []string{"<script>"}},
		{"an address", "", "?ads-manager-url=https://ads.example/?a=%25", []string{` value="https://ads.example/?a=%"`}, nil},
		{"no address", "", "", nil, []string{" value="}},
		{"all checks", "", "", nil, []string{"data-checks"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(site(t, Options{Helper: tt.helper, Version: "1.2.3"}), "GET", "/"+tt.query, "")
			text := bodyOf(t, r)
			assert.Equal(t, 200, r.StatusCode)
			assert.Contains(t, text, "1.2.3")
			for _, want := range tt.want {
				assert.Contains(t, text, want)
			}
			for _, wantNot := range tt.wantNot {
				assert.NotContains(t, text, wantNot)
			}
		})
	}
}

func TestControlSendsTheNonceBack(t *testing.T) {
	r := ask(site(t, Options{}), "GET", "/control?nonce=aB-_9", "")
	assert.Equal(t, "aB-_9", bodyOf(t, r))
	assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "text/plain; charset=utf-8", r.Header.Get("Content-Type"))
}

func TestBaitsSendTheNonceBackInAFormThatDoesNothing(t *testing.T) {
	tests := []struct{ target, mediaType, want string }{
		{"/fingerprint2.min.js?nonce=aB-_9", "text/javascript; charset=utf-8", "/* aB-_9 */"},
		{"/ads/banner_300x250.gif?nonce=aB-_9", "image/gif", "aB-_9"},
		{"/collect?v=1&tid=UA-1&nonce=aB-_9", "text/plain; charset=utf-8", "aB-_9"},
	}
	require.Len(t, tests, len(baits), "every bait is tested")
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			r := ask(site(t, Options{}), "GET", tt.target, "")
			assert.Equal(t, tt.want, bodyOf(t, r))
			assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
			assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"))
			assert.Equal(t, tt.mediaType, r.Header.Get("Content-Type"))
		})
	}
}

func TestBadNoncesAreRefused(t *testing.T) {
	for _, nonce := range []string{"", "a%20b", "%3Cb%3E", strings.Repeat("a", 65), "%00", "a;b"} {
		for _, path := range []string{"/control", "/fingerprint2.min.js", "/ads/banner_300x250.gif", "/collect"} {
			assert.Equal(t, 400, ask(site(t, Options{}), "GET", path+"?nonce="+nonce, "").StatusCode, nonce)
		}
		for _, page := range []string{"cookies", "echo", "fresh"} {
			r := ask(helperSite(t), "GET", "/helper/"+page+"?nonce="+nonce, "")
			assert.Equal(t, 400, r.StatusCode, nonce)
			assert.Empty(t, r.Cookies(), nonce)
		}
	}
}

func TestHelperSetsBothCookies(t *testing.T) {
	r := ask(helperSite(t), "GET", "/helper/cookies?nonce=n1", "")
	assert.Equal(t, []string{
		"cd_plain=n1; Path=/helper; Max-Age=60; Secure; SameSite=None",
		"cd_part=n1; Path=/helper; Max-Age=60; Secure; SameSite=None; Partitioned",
	}, r.Header.Values("Set-Cookie"))
	assert.Contains(t, bodyOf(t, r), `src="/v/`+testHash+`/helper-cookies.js"`)
}

func TestHelperTellsWhatCameBack(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  string
	}{
		{"nothing", nil,
			`data-nonce="n1" data-header-plain="false" data-header-partitioned="false" data-storage-access-header="absent"`},
		{"both", []string{"Cookie: cd_plain=n1; cd_part=n1", "Sec-Fetch-Storage-Access: active"},
			`data-nonce="n1" data-header-plain="true" data-header-partitioned="true" data-storage-access-header="active"`},
		{"the partitioned one", []string{"Cookie: cd_part=n1", "Sec-Fetch-Storage-Access: none"},
			`data-nonce="n1" data-header-plain="false" data-header-partitioned="true" data-storage-access-header="none"`},
		{"one of an earlier run", []string{"Cookie: cd_plain=n0"},
			`data-nonce="n1" data-header-plain="false" data-header-partitioned="false" data-storage-access-header="absent"`},
		{"one of an earlier run beside ours", []string{"Cookie: cd_plain=n0; cd_plain=n1"},
			`data-nonce="n1" data-header-plain="true" data-header-partitioned="false" data-storage-access-header="absent"`},
		{"a word that we do not know", []string{"Sec-Fetch-Storage-Access: maybe"},
			`data-nonce="n1" data-header-plain="false" data-header-partitioned="false" data-storage-access-header="absent"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(helperSite(t), "GET", "/helper/echo?nonce=n1", "", tt.lines...)
			assert.Contains(t, bodyOf(t, r), tt.want)
			assert.Empty(t, r.Cookies())
		})
	}
}

func TestHelperMayBeFramedByAnyone(t *testing.T) {
	for _, target := range []string{"/helper/cookies?nonce=n1", "/helper/echo?nonce=n1"} {
		r := ask(helperSite(t), "GET", target, "")
		assert.Equal(t, policyPlain, r.Header.Get("Content-Security-Policy"))
		assert.NotContains(t, policyPlain, "frame-ancestors")
		assert.Empty(t, r.Header.Get("X-Frame-Options"))
		assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
		assert.NotContains(t, bodyOf(t, r), "<script>")
	}
}

func TestSitesDoNotServeEachOther(t *testing.T) {
	assert.Equal(t, 404, ask(site(t, Options{}), "GET", "/helper/cookies?nonce=n1", "").StatusCode)
	assert.Equal(t, 404, ask(helperSite(t), "POST", "/vantage", "{}").StatusCode)
	assert.Equal(t, 404, ask(helperSite(t), "GET", "/", "").StatusCode)
}

func FuzzAcceptEncoding(f *testing.F) {
	f.Add("gzip, br;q=0.1, *;q=0")
	f.Add(";;,=,q=")
	f.Fuzz(func(t *testing.T, accept string) {
		accepted := acceptedCodings(http.Header{"Accept-Encoding": {accept}})
		if accepted("br") {
			assert.True(t, strings.Contains(strings.ToLower(accept), "br") || strings.Contains(accept, "*"), accept)
		}
	})
}

func TestHelperHasTheCanary(t *testing.T) {
	h := helperSite(t)
	opened := ask(h, http.MethodPost, "/acs/canary", "")
	require.Equal(t, http.StatusOK, opened.StatusCode)
	assert.Equal(t, "*", opened.Header.Get("Access-Control-Allow-Origin"))
	var c struct{ ACSURL, MethodURL string }
	require.NoError(t, json.Unmarshal([]byte(bodyOf(t, opened)), &c))
	assert.Equal(t, CanaryURL("https://helper.example")+"/method", c.MethodURL)
	assert.True(t, strings.HasPrefix(c.ACSURL, "https://helper.example/acs/challenge/"), c.ACSURL)
	assert.Equal(t, http.StatusOK, ask(h, http.MethodGet, "/acs/assets/canary.js", "").StatusCode)
	assert.Equal(t, http.StatusNotFound, ask(site(t, Options{}), http.MethodPost, "/acs/canary", "").StatusCode, "the site itself has none")
}

func TestHelperWithoutAnOrigin(t *testing.T) {
	_, err := newHelper(built(t), Options{})
	assert.ErrorContains(t, err, "starting the canary")
}
