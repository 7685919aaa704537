//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// fileServer makes a page of https://pay.test that loaded entries, has elements and
// gets answers: answer(path, init, host) gives {status, type}, or throws. Who asks
// with a nonce gets that back. asked is what was asked for, by path and cache mode.
func fileServer(t *testing.T, b *browser, entries, elements, answer string) (asked func() []string) {
	t.Helper()
	b.window = script(t, `({
		AbortController, asked: [], location: {origin: "https://pay.test"},
		performance: {getEntriesByType: () => `+entries+`, getEntriesByName: () => []},
		navigator: {serviceWorker: {controller: null}},
		async fetch(url, init) {
			const {pathname, host, searchParams} = new URL(url);
			this.asked.push(pathname + " " + (init.cache ?? init.mode));
			const answer = `+answer+`;
			const {status = 200, type = "text/javascript"} = await answer(pathname, init, host);
			return {ok: status < 300, status, headers: {get: () => type}, text: async () => searchParams.get("nonce")};
		},
	})`)
	b.document = script(t, `({querySelectorAll: () => `+elements+`})`)
	return func() []string { return texts(b.window, "asked") }
}

func TestAChunkThatIsNotThere(t *testing.T) {
	tests := map[string]struct {
		entries, answer string
		missing         bool
		why             facts.Reason
		asked           int
	}{
		"nothing loaded":            {`[]`, `""`, false, "", 0},
		"all is well":               {`[{name: "https://pay.test/a.js", initiatorType: "script", responseStatus: 200, contentType: "text/javascript"}]`, `""`, false, "", 0},
		"an error":                  {`[{name: "https://pay.test/a.js", initiatorType: "script", responseStatus: 404, contentType: ""}]`, `""`, true, "", 0},
		"a page in its place":       {`[{name: "https://pay.test/a", initiatorType: "script", responseStatus: 200, contentType: "text/html"}]`, `""`, true, "", 0},
		"an error, tried again":     {`[{name: "https://pay.test/a.js", initiatorType: "script", responseStatus: 503, contentType: ""}, {name: "https://pay.test/a.js", initiatorType: "script", responseStatus: 200, contentType: "text/javascript"}]`, `""`, false, "", 0},
		"a style sheet's error":     {`[{name: "https://pay.test/a.css?v=1", initiatorType: "link", responseStatus: 404, contentType: ""}]`, `""`, true, "", 0},
		"an icon's":                 {`[{name: "https://pay.test/favicon.ico", initiatorType: "link", responseStatus: 404, contentType: ""}]`, `""`, false, "", 0},
		"what was fetched as data":  {`[{name: "https://pay.test/a.js", initiatorType: "fetch", responseStatus: 404, contentType: ""}]`, `""`, false, "", 0},
		"another origin's":          {`[{name: "https://cdn.test/a.js", initiatorType: "script", responseStatus: 404, contentType: ""}]`, `""`, false, "", 0},
		"a file of ours":            {`[{name: "https://pay.test/v/1/core.js", initiatorType: "script", responseStatus: 404, contentType: ""}]`, `""`, false, "", 0},
		"no word, and all is well":  {`[{name: "https://pay.test/a.js", initiatorType: "script"}]`, `() => ({})`, false, "", 1},
		"no word, and an error":     {`[{name: "https://pay.test/a.js", initiatorType: "script"}]`, `() => ({status: 404})`, true, "", 1},
		"no word, and a page":       {`[{name: "https://pay.test/a.js", initiatorType: "script"}]`, `() => ({type: "text/html; charset=utf-8"})`, true, "", 1},
		"no word, and no network":   {`[{name: "https://pay.test/a.js", initiatorType: "script"}]`, `() => { throw new TypeError("away") }`, false, facts.ReasonNotKnown, 1},
		"no word of a great number": {`Array.from({length: 99}, (_, n) => ({name: "https://pay.test/" + n + ".js", initiatorType: "script", startTime: n}))`, `(path) => ({status: path === "/98.js" ? 404 : 200})`, true, "", 1},
		"no word, and one of two":   {`[{name: "https://pay.test/a.js", initiatorType: "script"}, {name: "https://pay.test/b.js", initiatorType: "script"}]`, `(path) => { if (path === "/b.js") throw new TypeError("away"); return {status: 404} }`, true, "", 2},
		"one that is refused":       {`[{name: "https://pay.test/a.js", initiatorType: "script", responseStatus: 403, contentType: "text/html"}]`, `""`, false, "", 0},
		"a server's error page":     {`[{name: "https://pay.test/a.js", initiatorType: "script", responseStatus: 503, contentType: "text/html"}]`, `""`, false, "", 0},
		"one that is gone":          {`[{name: "https://pay.test/a.js", initiatorType: "script", responseStatus: 410, contentType: ""}]`, `""`, true, "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.assets = "https://pay.test/v/1/"
			asked := fileServer(t, b, tt.entries, `[]`, tt.answer)
			missing, why := b.chunkMissing(t.Context())
			assert.Equal(t, tt.why, why)
			assert.Equal(t, tt.missing, missing)
			assert.Len(t, asked(), tt.asked)
		})
	}
}

func TestChunksThatTheBrowserForgotAreLookedForWhereOneFailed(t *testing.T) {
	for note, missing := range map[string]bool{
		`{kind: "chunk", origin: "https://pay.test"}`: true,
		`{kind: "chunk", origin: "https://cdn.test"}`: false,
	} {
		b := looking(t)
		fileServer(t, b, `[]`, `[{src: "https://pay.test/late.js"}]`, `() => ({status: 404})`)
		b.notes = items(script(t, `[`+note+`]`))
		found, why := b.chunkMissing(t.Context())
		assert.Empty(t, why)
		assert.Equal(t, missing, found, note)
	}
}

func TestABrowserWithoutTimingTellsOfNoChunks(t *testing.T) {
	b := looking(t)
	fileServer(t, b, `[]`, `[]`, `""`)
	b.window = script(t, `({})`)
	_, why := b.chunkMissing(t.Context())
	assert.Equal(t, facts.ReasonUnsupported, why)
}

func TestWhoseCopyHasNotTheHash(t *testing.T) {
	const (
		old   = `if (init.integrity && init.cache === "default") throw new TypeError("digest");`
		wrong = `if (init.integrity) throw new TypeError("digest");`
	)
	known := func(word string) facts.Entry { return facts.Entry{State: facts.Known, Str: word, From: "files"} }
	file := `{src: "https://pay.test/a.js", getAttribute: () => "sha384-x"}`
	tests := map[string]struct {
		elements, answer string
		want             facts.Entry
	}{
		"no such file":           {`[]`, ``, facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured, From: "files"}},
		"another origin's":       {`[{src: "https://cdn.test/a.js", getAttribute: () => "sha384-x"}]`, ``, facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured, From: "files"}},
		"the right one":          {`[` + file + `]`, ``, known("passed")},
		"an old copy":            {`[` + file + `]`, old, known("cached")},
		"the server's":           {`[` + file + `]`, wrong, known("server")},
		"one of each":            {`[{href: "https://pay.test/b.css", getAttribute: () => "sha384-x"}, ` + file + `]`, `if (path === "/b.css") {` + wrong + `}` + old, known("cached")},
		"a file that is gone":    {`[` + file + `]`, `return {status: 404}`, facts.Entry{Reason: facts.ReasonUnreachable, From: "files"}},
		"no network":             {`[` + file + `]`, `throw new TypeError("away")`, facts.Entry{Reason: facts.ReasonUnreachable, From: "files"}},
		"one gone, one right":    {`[{src: "https://pay.test/b.js", getAttribute: () => "sha384-x"}, ` + file + `]`, `if (path === "/b.js") return {status: 404};`, known("passed")},
		"an attribute of no use": {`[{src: "https://pay.test/a.js", getAttribute() { throw new Error() }}]`, ``, known("passed")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			fileServer(t, b, `[]`, tt.elements, `(path, init) => {`+tt.answer+`; return {}}`)
			var set facts.Set
			b.observeIntegrity(t.Context(), &set, "files")
			assert.Equal(t, tt.want, set.Entry(facts.Integrity))
			assert.Empty(t, b.handlers)
		})
	}
}
