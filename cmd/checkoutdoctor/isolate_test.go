package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
)

// hostileFrame stands in the isolated frame's place: it says hello as that does,
// and then answers with what it was given.
const hostileFrame = `const nonce = new URLSearchParams(location.search).get("nonce")
addEventListener("message", ({ports: [port]}) => { %s })
parent.postMessage({type: "checkout-doctor:frame", nonce}, "*")`

// emptyReport is a report that the page takes; each hostile one differs in one
// member.
const emptyReport = `{schema: 1, id: "0123456789abcdef", generatedAt: "2026-01-01T00:00:00Z", module: "0.1.0", mode: "embed",
	verdict: "clear", findings: [], hidden: [], notChecked: [], facts: {}, timing: {}}`

// TestThePageTakesNoReportOfAnotherShape from the frame, nor anything else that
// it does not expect. Then it says that the frame failed, and leaves nothing.
func TestThePageTakesNoReportOfAnotherShape(t *testing.T) {
	differs := func(by string) string {
		return "port.postMessage({kind: 'report', report: {..." + emptyReport + ", " + by + "}})"
	}
	ctx, browser := startBrowser(t)
	var answer atomic.Value
	page := refusal{policy: policyNoWasm, spoil: func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if path.Base(r.URL.Path) != "frame.js" {
			return false
		}
		w.Header().Set("Content-Type", "text/javascript")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, hostileFrame, answer.Load())
		return true
	}}.open(ctx, t, browser)
	require.NoError(t, page.Until(ctx, `customElements.get("checkout-doctor")`))
	for name, tt := range map[string]struct{ answer, frame string }{
		"a report of the right shape":   {differs("id: 'fedcba9876543210'"), ""},
		"progress before it":            {"port.postMessage({kind: 'progress', progress: {check: 'popup', done: 1, total: 2}});" + differs("id: 'fedcba9876543210'"), ""},
		"nothing":                       {"port.postMessage(null)", "failed"},
		"a text":                        {"port.postMessage('report')", "failed"},
		"a list":                        {"port.postMessage([])", "failed"},
		"no kind":                       {"port.postMessage({})", "failed"},
		"another kind":                  {"port.postMessage({kind: 'navigate', url: 'https://evil.example'})", "failed"},
		"no report":                     {"port.postMessage({kind: 'report'})", "failed"},
		"a failure":                     {"port.postMessage({kind: 'failure', reason: 'refused', problem: 'crash'})", "failed"},
		"a failure of another reason":   {"port.postMessage({kind: 'failure', reason: 'evil', problem: 'crash'})", "failed"},
		"progress that is no number":    {"port.postMessage({kind: 'progress', progress: {check: 'popup', done: '1', total: 2}})", "failed"},
		"progress without an end":       {"for (let i = 0; i < 300; i++) port.postMessage({kind: 'progress', progress: {check: 'popup', done: 1, total: 2}})", "failed"},
		"another schema":                {differs("schema: 2"), "failed"},
		"another verdict":               {differs("verdict: 'paid'"), "failed"},
		"one member too many":           {differs("html: '<b>'"), "failed"},
		"findings that are no list":     {differs("findings: {length: 1}"), "failed"},
		"a finding without its code":    {differs("findings: [{severity: 'notice', confidence: 'certain', params: {}, evidence: [], fixes: []}]"), "failed"},
		"a finding of another kind":     {differs("findings: [{code: 'a.b', severity: 'fatal', confidence: 'certain', params: {}, evidence: [], fixes: []}]"), "failed"},
		"evidence that is an object":    {differs("findings: [{code: 'a.b', severity: 'notice', confidence: 'certain', params: {}, evidence: [{fact: 'a.b', value: {}}], fixes: []}]"), "failed"},
		"a fix for nobody":              {differs("findings: [{code: 'a.b', severity: 'notice', confidence: 'certain', params: {}, evidence: [], fixes: [{code: 'a', for: 'all'}]}]"), "failed"},
		"a fact that is a function's":   {differs("facts: {'a.b': {from: 'x', value: new Map()}}"), "failed"},
		"a time that is none":           {differs("timing: {total: NaN}"), "failed"},
		"a text without an end":         {differs("id: 'x'.repeat(1e6)"), "failed"},
		"a list without an end":         {differs("hidden: Array(1e5).fill({code: 'a.b', because: 'a.b'})"), "failed"},
		"a report that is too large":    {differs("facts: Object.fromEntries(Array.from({length: 500}, (_, i) => ['a.' + i, {from: 'x', value: Array(200).fill('y'.repeat(300))}]))"), "failed"},
		"an inherited prototype's name": {differs("facts: JSON.parse('{\"__proto__\": {\"from\": 1}}')"), "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			answer.Store(tt.answer)
			var got struct {
				Frame string
				Left  int
			}
			require.NoError(t, page.Eval(ctx, `document.querySelector("checkout-doctor").diagnose().then(({facts}) => ({
				frame: facts["environment.isolated-frame"]?.value ?? "", left: document.querySelectorAll("iframe").length,
			}))`, &got))
			assert.Equal(t, tt.frame, got.Frame)
			assert.Zero(t, got.Left)
		})
	}
}

// rightErrand is what the frame takes; each hostile one differs in one member.
const rightErrand = `{type: "checkout-doctor:errand", nonce: "n", isolated: "policy", sandboxed: false,
	options: {mode: "embed", only: ["environment"], threeDS: {outcome: {}}, popup: {}, page: {}}, control: "",
	frame: null, frameNotes: null, end: null, left: false, notes: [], recording: false, popup: null, gesture: false}`

// TestTheFrameTakesNoErrandOfAnotherShape, nor from anybody but its parent. The
// right one it takes afterwards, and once.
func TestTheFrameTakesNoErrandOfAnotherShape(t *testing.T) {
	ctx, browser := startBrowser(t)
	page := framing(ctx, t, browser)
	differs := func(by string) string { return "[{..." + rightErrand + ", " + by + "}, 1]" }
	for name, message := range map[string]string{
		"nothing":                   "[null, 1]",
		"a text":                    "['checkout-doctor:errand', 1]",
		"an empty object":           "[{}, 1]",
		"no port":                   "[" + rightErrand + ", 0]",
		"two ports":                 "[" + rightErrand + ", 2]",
		"another nonce":             differs("nonce: 'm'"),
		"another type":              differs("type: 'checkout-doctor:frame'"),
		"a problem it cannot help":  differs("isolated: 'crash'"),
		"one member too many":       differs("assets: 'https://evil.example/'"),
		"another mode":              differs("options: {mode: 'watch', threeDS: {outcome: {}}, popup: {}, page: {}}"),
		"no options":                differs("options: null"),
		"options of another type":   differs("options: {mode: 'embed', vantage: {}, threeDS: {outcome: {}}, popup: {}, page: {}}"),
		"an option too many":        differs("options: {mode: 'embed', integrity: 'x', threeDS: {outcome: {}}, popup: {}, page: {}}"),
		"an outcome with a card":    differs("options: {mode: 'embed', threeDS: {outcome: {pan: '4111'}}, popup: {}, page: {}}"),
		"a frame of more":           differs("frame: {isConnected: true, src: 'https://evil.example'}"),
		"notes that are no list":    differs("notes: {length: 3}"),
		"a note of another kind":    differs("notes: [{at: 1, kind: 'password', origin: 'https://a.example'}]"),
		"a note without its time":   differs("notes: [{kind: 'chunk', origin: 'https://a.example'}]"),
		"a note with more":          differs("notes: [{at: 1, kind: 'chunk', origin: 'https://a.example', policy: 'x'}]"),
		"notes without an end":      differs("notes: Array(2000).fill({at: 1, kind: 'chunk', origin: 'https://a.example'})"),
		"a time that is none":       differs("notes: [{at: NaN, kind: 'chunk', origin: 'https://a.example'}]"),
		"an end of another kind":    differs("end: {age: 1, cres: 'forged', transaction: 'same'}"),
		"a pop-up check with more":  differs("popup: {result: 'window', native: true, hello: true, closedEarly: false, window: 1}"),
		"a gesture that is a text":  differs("gesture: 'true'"),
		"an address without an end": differs("control: 'https://a.example/' + 'x'.repeat(5000)"),
		"a cycle":                   "[(() => { const errand = " + rightErrand + "; errand.options.page = errand; return errand })(), 1]",
		"a map":                     "[new Map(Object.entries(" + rightErrand + ")), 1]",
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, page.Eval(ctx, "send(..."+message+")", nil))
		})
	}
	t.Run("a frame beside it", func(t *testing.T) {
		require.NoError(t, page.Eval(ctx, `beside(`+"`"+`parent[0].postMessage(`+rightErrand+`, "*", [new MessageChannel().port2])`+"`"+`)`, nil))
	})
	var kinds []string
	require.NoError(t, page.Eval(ctx, "send("+rightErrand+", 1).then((port) => lastOf(port))", &kinds))
	assert.Equal(t, []string{"progress", "report"}, kinds, "the right one is taken, since no other was")
	var answered int
	require.NoError(t, page.Eval(ctx, "answered()", &answered))
	assert.Equal(t, 1, answered)
}

// framing opens a page that frames the isolated frame itself. In it, send sends a
// message with so many ports and gives the page's end of the first, beside runs a
// script in a frame beside it, lastOf gives the kinds of a port's answers until
// the report, and answered counts the ports that had any.
func framing(ctx context.Context, t *testing.T, browser probe.Browser) probe.Page {
	t.Helper()
	site, err := web.Handler(web.Options{})
	require.NoError(t, err)
	diag := serveAt(t, "127.0.0.1", site)
	e, err := web.Embed(web.EmbedOptions{Base: diag})
	require.NoError(t, err)
	host := serveAt(t, "localhost", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, strings.ReplaceAll(framingPage, "FRAME", diag+"/v/"+e.Version+"/frame.html?nonce=n"))
	}))
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(ctx, host))
	require.NoError(t, page.Until(ctx, "globalThis.greeted"))
	return page
}

const framingPage = `<!doctype html><title>Framing</title><body><script>
addEventListener("message", ({data}) => { if (data?.type === "checkout-doctor:frame" && data.nonce === "n") globalThis.greeted = true })
const heard = new Map()
globalThis.send = async (message, ports) => {
	const channels = Array.from({length: ports}, () => new MessageChannel())
	for (const {port1} of channels) {
		heard.set(port1, [])
		port1.onmessage = ({data}) => heard.get(port1).push(data.kind)
	}
	frames[0].postMessage(message, "*", channels.map(({port2}) => port2))
	return channels[0]?.port1
}
globalThis.until = async (ready) => { while (!ready()) await new Promise(requestAnimationFrame) }
globalThis.lastOf = async (port) => {
	await until(() => heard.get(port).includes("report"))
	return heard.get(port)
}
globalThis.answered = () => [...heard.values()].filter((kinds) => kinds.length > 0).length
globalThis.beside = (script) => new Promise((resolve) => {
	const frame = document.createElement("iframe")
	frame.srcdoc = "<script>" + script + "<\/script>"
	frame.onload = resolve
	document.body.append(frame)
})
</script><iframe src="FRAME"></iframe>`

// TestAStoppedRunLeavesNoFrame: who stops a run that goes on in the frame is told
// at once, and the frame is gone.
func TestAStoppedRunLeavesNoFrame(t *testing.T) {
	ctx, browser := startBrowser(t)
	page := refusal{policy: policyNoWasm}.open(ctx, t, browser)
	require.NoError(t, page.Until(ctx, `customElements.get("checkout-doctor")`))
	var got struct {
		Name string
		Left int
	}
	require.NoError(t, page.Eval(ctx, `(async () => {
		const {diagnose} = await import(document.querySelector("script[type=module]").src)
		const stop = new AbortController()
		const running = diagnose({signal: stop.signal}).catch(({name}) => name)
		while (!document.querySelector("iframe")) await new Promise(requestAnimationFrame)
		stop.abort()
		return {name: await running, left: document.querySelectorAll("iframe").length}
	})()`, &got))
	assert.Equal(t, "AbortError", got.Name)
	assert.Zero(t, got.Left)
}
