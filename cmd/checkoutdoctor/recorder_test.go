package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/web"
)

// shop is a payment page with an issuer on another site, both made for one
// test each, in one real browser.
type shop struct {
	ctx     context.Context
	browser probe.Browser
	diag    string // origin of the diagnostic
	issuer  string // origin of the issuer
}

// issuerPages are what the issuer has: a page that waits, one that ends the
// challenge, and one that never answers.
func issuerPages(t *testing.T) http.Handler {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	mux := http.NewServeMux()
	page := func(path, script string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, "<!doctype html><title>Your bank</title><input><script>"+script+"</script>")
		})
	}
	page("/wait", "")
	page("/end", `parent.postMessage({type: "threeds.challenge", transStatus: "Y", threeDSServerTransID: "T1"}, "*")`)
	page("/inner", `parent.postMessage("hello", "*")`)
	page("/nested", `document.body.append(Object.assign(document.createElement("iframe"), {src: "/end-top"}))`)
	page("/end-top", `top.postMessage({type: "threeds.challenge", transStatus: "Y"}, "*")`)
	page("/end-window", `opener.postMessage({type: "threeds.challenge", transStatus: "Y", threeDSServerTransID: "T1"}, "*")`)
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-never:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
	})
	return mux
}

func newShop(t *testing.T) *shop {
	t.Helper()
	diag, err := web.Handler(web.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	serve := func(h http.Handler) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL // of 127.0.0.1, another site than localhost
	}
	return &shop{ctx: ctx, browser: browser, diag: serve(diag), issuer: serve(issuerPages(t))}
}

// open opens a payment page with the header lines and the body; the functions
// of the diagnostic are global in it, and so is the issuer's origin.
func (s *shop) open(t *testing.T, body string, lines ...string) probe.Page {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Add(name, strings.ReplaceAll(strings.ReplaceAll(value, "ISSUER", s.issuer), "DIAG", s.diag))
		}
		io.WriteString(w, `<!doctype html><title>Payment</title><body>
<script type="module">
import * as doctor from "`+s.diag+`/checkout-doctor.js"
globalThis.issuer = "`+s.issuer+`"
globalThis.doctor = doctor
globalThis.frame = (path, more = {}, place = document.body) => {
	const element = Object.assign(document.createElement("iframe"), {src: path && issuer + path, width: 400, height: 400, ...more})
	place.append(element)
	return element
}
globalThis.until = async (ready) => { while (!await ready()) await new Promise(requestAnimationFrame) }
globalThis.look = async (options = {}) => {
	const {facts} = await doctor.diagnose({only: ["frame", "environment"], ...options})
	return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, fact.value]))
}
globalThis.ready = true
</script>`+body)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	page, err := s.browser.NewContext(s.ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(s.ctx, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)))
	require.NoError(t, page.Until(s.ctx, "globalThis.ready"))
	return page
}

// facts runs the script in the page and returns the facts that it gives.
func (s *shop) facts(t *testing.T, page probe.Page, script string) map[string]any {
	t.Helper()
	var facts map[string]any
	require.NoError(t, page.Eval(s.ctx, "(async () => {"+script+"})()", &facts))
	return facts
}

// TestHowAChallengeEnds: a message from the frame, from what stands in it, from
// a frame beside it or from a window ends a challenge; others do not.
func TestHowAChallengeEnds(t *testing.T) {
	s := newShop(t)
	encoded := func(tail string) string {
		return "`${btoa('{\"messageType\":\"CRes\",\"threeDSServerTransID\":\"T1\",\"n\":1}')}`" + tail
	}
	tests := map[string]struct {
		send string // run in the page once the frame waits
		want map[string]any
	}{
		"no message": {"", map[string]any{"completed": false, "age": false, "messages": 0.0}},
		"the frame": {"acs.src = issuer + '/end'",
			map[string]any{"completed": true, "age": true, "cres": "none", "transaction": "same", "messages": 1.0}},
		"a frame within the frame": {"acs.src = issuer + '/nested'", map[string]any{"completed": true, "transaction": "absent", "messages": 1.0}},
		"some other message":       {"acs.src = issuer + '/inner'", map[string]any{"completed": false, "messages": 1.0}},
		"a frame beside it":        {"frame('/end')", map[string]any{"completed": true, "messages": 0.0}},
		"the 3DS Method beside it": {"frame('', {srcdoc: `<script>parent.postMessage({type: 'threeds.method', threeDSServerTransID: 'T1'}, '*')</script>`})",
			map[string]any{"completed": false}},
		"a captcha beside it": {"frame('', {srcdoc: `<script>parent.postMessage({type: 'challenge-ready'}, '*')</script>`})",
			map[string]any{"completed": false}},
		"the page itself": {"postMessage({transStatus: 'Y'}, '*')", map[string]any{"completed": false}},
		"words of another client": {"acs.srcdoc = `<script>parent.postMessage(JSON.stringify({type: 'challengeResult', result: {transStatus: 'Y'}}), '*')</script>`",
			map[string]any{"completed": true, "cres": "none", "transaction": "absent"}},
		"words of a third": {"acs.srcdoc = `<script>parent.postMessage({type: 'challenge', isCompleted: true, id: 'T1'}, '*')</script>`",
			map[string]any{"completed": true, "cres": "none", "transaction": "absent"}},
		"words before the end": {"acs.srcdoc = `<script>parent.postMessage({type: 'challenge.loaded', threeDSServerTransID: 'T1'}, '*')</script>`",
			map[string]any{"completed": false, "messages": 1.0}},
		"another transaction": {"acs.srcdoc = `<script>parent.postMessage({transStatus: 'Y', threeDSServerTransID: 'T2'}, '*')</script>`",
			map[string]any{"completed": true, "transaction": "other"}},
		"a padded CRes": {"globalThis.cres = " + encoded("") + "; acs.srcdoc = `<script>parent.postMessage({cres: parent.cres}, '*')</script>`",
			map[string]any{"completed": true, "cres": "padded", "transaction": "same"}},
		"an unpadded CRes": {"globalThis.cres = " + encoded(".replaceAll('=', '')") + "; acs.srcdoc = `<script>parent.postMessage({cres: parent.cres}, '*')</script>`",
			map[string]any{"completed": true, "cres": "unpadded", "transaction": "same"}},
		"half a CRes": {"globalThis.cres = " + encoded(".slice(0, 20)") + "; acs.srcdoc = `<script>parent.postMessage({cres: parent.cres}, '*')</script>`",
			map[string]any{"completed": true, "cres": "malformed", "transaction": "absent"}},
		"an opaque origin": {"acs.sandbox = 'allow-scripts'; acs.src = issuer + '/end'",
			map[string]any{"completed": true, "nullOrigin": true}},
	}
	page := s.open(t, "")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.facts(t, page, `
				const stop = doctor.record()
				let messages = 0
				const count = () => messages++
				addEventListener("message", count)
				const old = [...document.querySelectorAll("iframe")]
				const acs = frame("/wait", {id: "acs"})
				for (const element of old) element.remove()
				await new Promise((done) => acs.addEventListener("load", done, {once: true}))
				`+tt.send+`
				if (`+boolean(tt.send != "")+`) await until(() => messages > 0)
				const facts = await look({threeDS: {frame: acs, transID: "T1"}})
				removeEventListener("message", count)
				stop()
				return {
					completed: facts["threeds.frame.completed"], age: facts["threeds.message.age"] >= 0,
					cres: facts["threeds.message.cres"], transaction: facts["threeds.message.transaction"],
					messages: facts["threeds.frame.messages"], nullOrigin: facts["threeds.frame.null-origin"],
				}`)
			for key, want := range tt.want {
				assert.Equal(t, want, got[key], key)
			}
		})
	}
}

func boolean(b bool) string { return map[bool]string{true: "true", false: "false"}[b] }

// TestAChallengeInAWindowIsKnownToHaveEnded although there is no frame of it.
func TestAChallengeInAWindowIsKnownToHaveEnded(t *testing.T) {
	s := newShop(t)
	page := s.open(t, `<button id="pay" onclick="window.open(issuer + '/end-window')">Pay</button>`)
	require.NoError(t, page.Eval(s.ctx, `doctor.record(); addEventListener("message", () => { globalThis.told = true })`, nil))
	require.NoError(t, page.Click(s.ctx, "#pay"))
	require.NoError(t, page.Until(s.ctx, "globalThis.told"))
	got := s.facts(t, page, `return look({threeDS: {acsURL: issuer + "/wait", transID: "T1"}})`)
	assert.Equal(t, true, got["threeds.frame.completed"])
	assert.Equal(t, "same", got["threeds.message.transaction"])
	assert.Equal(t, false, got["threeds.frame.present"])
	assert.Nil(t, got["threeds.frame.loads"], "there is no frame to know of")
	later := s.facts(t, page, `return look({threeDS: {acsURL: issuer + "/wait", transID: "T2"}})`)
	assert.Nil(t, later["threeds.frame.completed"], "an earlier payment's end is not this one's")
}

// TestAFrameThatIsUsedAgainHasNotEnded: what it told of an earlier payment is not
// about the one that is under way in it.
func TestAFrameThatIsUsedAgainHasNotEnded(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	for name, tt := range map[string]struct {
		transID string
		want    bool
	}{
		"the payment that it told of": {"T1", true},
		"the payment after it":        {"T2", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.facts(t, page, `
				const stop = doctor.record()
				const loaded = () => new Promise((done) => acs.addEventListener("load", done, {once: true}))
				const acs = frame("/end", {id: "acs"})
				await loaded()
				acs.src = issuer + "/wait"
				await loaded()
				const facts = await look({threeDS: {frame: acs, transID: "`+tt.transID+`"}})
				stop()
				acs.remove()
				return facts`)
			assert.Equal(t, tt.want, got["threeds.frame.completed"])
		})
	}
}

// TestAProvidersPageMayStandAroundTheIssuers: the frame's address says so, and an
// empty one says nothing.
func TestAProvidersPageMayStandAroundTheIssuers(t *testing.T) {
	s := newShop(t)
	page := s.open(t, `<div id="place"></div>`)
	for name, tt := range map[string]struct {
		src, acsURL string
		want        bool
	}{
		"the issuer's own page":     {`issuer + "/wait"`, `issuer + "/wait"`, false},
		"a page of somebody else's": {`issuer + "/wait"`, `"https://acs.example/challenge"`, true},
		"an empty address":          {`""`, `"https://acs.example/challenge"`, false},
		"no issuer known yet":       {`issuer + "/wait"`, `undefined`, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.facts(t, page, `
				const acs = Object.assign(document.createElement("iframe"), {id: "acs"})
				acs.setAttribute("src", `+tt.src+`)
				document.querySelector("#place").replaceChildren(acs)
				return look({threeDS: {frame: acs, acsURL: `+tt.acsURL+`}})`)
			assert.Equal(t, tt.want, got["threeds.frame.wrapped"])
		})
	}
}

// TestWhatThePageDoesToTheFrame: a page under test with dialogs, overlays,
// sandboxes, moved frames and two of them.
func TestWhatThePageDoesToTheFrame(t *testing.T) {
	s := newShop(t)
	const overlay = `document.body.append(Object.assign(document.createElement("div"), {className: "mine", style: "position:fixed;inset:0;background:#0008"}))`
	tests := map[string]struct {
		act  string // acs is the frame, in div#place
		want map[string]any
	}{
		"nothing": {"", map[string]any{
			"present": true, "covered": false, "behind-dialog": false, "count": 1.0, "removed": false, "hidden": false,
			"sandboxed": false, "access": "cross-origin", "loads": 1.0, "status": nil,
		}},
		"an overlay":              {overlay, map[string]any{"covered": true, "behind-dialog": false}},
		"one that takes no click": {overlay + `; document.querySelector(".mine").style.pointerEvents = "none"`, map[string]any{"covered": false}},
		"one beside it": {overlay + `; document.querySelector(".mine").style.left = acs.getBoundingClientRect().right - 20 + "px"`,
			map[string]any{"covered": false}},
		"our own element over it": {`document.body.append(Object.assign(document.createElement("checkout-doctor"), {className: "mine", style: "position:fixed;inset:0"}))`,
			map[string]any{"covered": false}},
		"scrolled out of the viewport": {`acs.style.marginTop = "3000px"; ` + overlay, map[string]any{"covered": false}},
		"a frame that takes no click":  {`acs.style.pointerEvents = "none"`, map[string]any{"covered": false}},
		"a modal dialog elsewhere": {`document.body.append(Object.assign(document.createElement("dialog"), {className: "mine", textContent: "Wait"})); document.querySelector("dialog").showModal()`,
			map[string]any{"behind-dialog": true}},
		"a dialog that is not modal": {`document.body.append(Object.assign(document.createElement("dialog"), {className: "mine", textContent: "Wait"})); document.querySelector("dialog").show()`,
			map[string]any{"behind-dialog": false}},
		"moved into a modal dialog": {`
			const dialog = Object.assign(document.createElement("dialog"), {className: "mine"})
			document.body.append(dialog); dialog.append(acs); dialog.showModal()
			await new Promise((done) => acs.addEventListener("load", done, {once: true}))`,
			map[string]any{"present": true, "behind-dialog": false, "covered": false, "count": 1.0, "removed": false, "loads": 2.0}},
		"replaced by another": {`acs.replaceWith(acs = Object.assign(document.createElement("iframe"), {id: "acs", src: issuer + "/wait"}))
			await new Promise((done) => acs.addEventListener("load", done, {once: true}))`,
			map[string]any{"count": 1.0, "removed": false, "loads": 1.0}},
		"two of them":        {`await new Promise((done) => frame("/wait", {id: "acs", className: "mine", onload: done}))`, map[string]any{"count": 2.0}},
		"another frame":      {`await new Promise((done) => frame("/wait", {id: "other", className: "mine", onload: done}))`, map[string]any{"count": 1.0}},
		"taken out":          {`acs.remove()`, map[string]any{"present": false, "removed": true, "count": 1.0, "loads": 1.0, "covered": nil}},
		"a sandbox":          {`acs.sandbox = "allow-forms allow-scripts"`, map[string]any{"sandboxed": true, "sandbox": []any{"allow-forms", "allow-scripts"}}},
		"features handed on": {`acs.allow = "payment *; camera; publickey-credentials-get 'none'"`, map[string]any{"allow": []any{"payment"}}},
		"a page of our own": {`await new Promise((done) => { acs.onload = done; acs.src = "/missing" })`,
			map[string]any{"access": "same-origin", "status": 404.0, "from-worker": false}},
	}
	page := s.open(t, `<div id="place"></div>`)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.facts(t, page, `
				const stop = doctor.record()
				let acs = frame("/wait", {id: "acs"}, document.querySelector("#place"))
				await new Promise((done) => acs.addEventListener("load", done, {once: true}))
				`+tt.act+`
				const facts = await look({threeDS: {frame: "#acs"}})
				stop()
				for (const element of document.querySelectorAll(".mine, iframe")) element.remove()
				return facts`)
			for key, want := range tt.want {
				assert.Equal(t, want, got["threeds.frame."+key], key)
			}
		})
	}
}

// TestTheChallengesTime counts once the page has somewhere to send the frame,
// and no further than to where the frame was taken out.
func TestTheChallengesTime(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	got := s.facts(t, page, `
		doctor.record()
		const acs = frame("")
		const threeDS = {frame: acs, timeLimit: 50}
		const lived = async () => (await look({threeDS}))["threeds.frame.lived"]
		const timedOut = async (more) => (await look({threeDS: {...threeDS, ...more}}))["threeds.challenge.timed-out"]
		await until(async () => await lived() > 50)
		const acsURL = issuer + "/wait"
		const premounted = await timedOut()
		const asked = await timedOut({acsURL})
		const soon = await timedOut({acsURL, timeLimit: 60_000})
		acs.remove()
		const gone = await lived()
		await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
		return {premounted, asked, soon, stopped: await lived() === gone}`)
	assert.Equal(t, map[string]any{"premounted": false, "asked": true, "soon": false, "stopped": true}, got)
}

// TestPoliciesAgainstTheChallenge are told from those against somebody else.
func TestPoliciesAgainstTheChallenge(t *testing.T) {
	s := newShop(t)
	const posts = `
		const acs = frame("", {name: "acs"})
		const form = Object.assign(document.createElement("form"), {method: "post", target: "acs", action: issuer + "/redirect?to=http://localhost:1/"})
		document.body.append(form)
		form.submit()`
	const violated = `new Promise((done) => document.addEventListener("securitypolicyviolation", done, {once: true}))`
	// The browser reports when it has nothing better to do.
	const reported = `new Promise((done) => new ReportingObserver((reports) => reports.some(({type}) => type === "coep") && setTimeout(done), {buffered: true}).observe())`
	const loaded = `new Promise((done) => acs.addEventListener("load", done, {once: true}))`
	tests := map[string]struct {
		policy, act, fact string
		want              any
	}{
		"the issuer may not be framed": {"Content-Security-Policy: frame-src 'self' DIAG",
			`const acs = frame("/wait"); await ` + violated, "violation.frame-src", true},
		"only reported": {"Content-Security-Policy-Report-Only: frame-src 'self'",
			`const acs = frame("/wait"); await ` + violated, "violation.frame-src", false},
		"the issuer leads to where it may not": {"Content-Security-Policy: frame-src ISSUER",
			`const acs = frame("/redirect?to=http://localhost:1/"); await Promise.all([` + violated + `, ` + loaded + `])`, "violation.frame-src-redirect", true},
		"somebody else may not be framed": {"Content-Security-Policy: frame-src ISSUER",
			`const acs = frame("/wait"); await ` + loaded + `; frame("", {src: "http://localhost:1/"}); await ` + violated, "violation.frame-src-redirect", false},
		"the issuer may not be posted to": {"Content-Security-Policy: form-action 'self'",
			posts + `; await ` + violated, "violation.form-action", true},
		"the issuer is listed, but leads to where it may not": {"Content-Security-Policy: form-action 'self' ISSUER",
			posts + `; await ` + violated, "violation.form-action-redirect", true},
		"the issuer is listed, so it is not the issuer": {"Content-Security-Policy: form-action 'self' ISSUER",
			posts + `; await ` + violated, "violation.form-action", false},
		"the provider's script": {"Content-Security-Policy: script-src 'unsafe-inline' 'wasm-unsafe-eval' DIAG",
			`document.body.append(Object.assign(document.createElement("script"), {src: "https://tds.test/p.js"})); await ` + violated, "violation.script-src", true},
		"somebody else's script": {"Content-Security-Policy: script-src 'unsafe-inline' 'wasm-unsafe-eval' DIAG",
			`document.body.append(Object.assign(document.createElement("script"), {src: "https://tracker.test/p.js"})); await ` + violated, "violation.script-src", false},
		"the page's Trusted Types": {"Content-Security-Policy: require-trusted-types-for 'script'",
			`const heard = ` + violated + `; try { document.body.innerHTML = "x" } catch {}; await heard`, "violation.trusted-types", true},
		"our own work under Trusted Types": {"Content-Security-Policy: require-trusted-types-for 'script'",
			`const heard = ` + violated + `; await doctor.diagnose({only: ["acs"], threeDS: {acsURL: issuer + "/wait"}}); await heard`, "violation.trusted-types", false},
		"isolation by require-corp": {"Cross-Origin-Embedder-Policy: require-corp",
			`const acs = frame("/wait"); await ` + reported, "report.isolation", true},
		"isolation by credentialless": {"Cross-Origin-Embedder-Policy: credentialless",
			`const acs = frame("/wait"); await ` + reported, "report.isolation", true},
		"isolation, only reported": {"Cross-Origin-Embedder-Policy-Report-Only: require-corp",
			`const acs = frame("/wait"); await ` + reported, "report.isolation", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			page := s.open(t, "", tt.policy)
			got := s.facts(t, page, `
				doctor.record()
				`+tt.act+`
				const ask = () => look({threeDS: {acsURL: issuer + "/wait", frame: document.querySelector("iframe")}, page: {providerOrigins: ["https://tds.test"]}})
				const facts = await ask()
				return facts`)
			assert.Equal(t, tt.want, got["threeds."+tt.fact])
		})
	}
}

// TestWhoLeavesThePageFromWithinTheChallengeIsKnownToComeBack, whether the
// browser kept the page or loads it anew. The mark of it is gone once it was read.
func TestWhoLeavesThePageFromWithinTheChallengeIsKnownToComeBack(t *testing.T) {
	s := newShop(t)
	const element = `<checkout-doctor record challenge-frame="#acs"></checkout-doctor>`
	const unkept = `<script>addEventListener("unload", () => {})</script>`
	tests := map[string]struct {
		body   string
		within bool // the user was in the frame
	}{
		"kept":                       {element, true},
		"kept, from beside it":       {element, false},
		"loaded anew":                {element + unkept, true},
		"loaded anew from beside it": {element + unkept, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			page := s.open(t, tt.body, "Permissions-Policy: unload=*")
			require.NoError(t, page.Eval(s.ctx, `new Promise((done) => frame("/wait", {id: "acs", onload: done}))`, nil))
			if tt.within {
				require.NoError(t, page.Click(s.ctx, "#acs"))
				require.NoError(t, page.Until(s.ctx, `document.activeElement.id === "acs"`))
			}
			require.NoError(t, page.Eval(s.ctx, `location.href = issuer + "/wait"`, nil))
			require.NoError(t, page.Until(s.ctx, `document.title === "Your bank"`))
			require.NoError(t, page.Back(s.ctx))
			require.NoError(t, page.Until(s.ctx, `globalThis.ready`))
			assert.Equal(t, tt.within, s.facts(t, page, `return look()`)["threeds.frame.left"])
			var marks float64
			require.NoError(t, page.Eval(s.ctx, `sessionStorage.length`, &marks))
			assert.Zero(t, marks)
		})
	}
}

// TestAnIsolatedPageRefusesOurQuestions, which therefore say nothing of the
// issuer, and are no reports against it either.
func TestAnIsolatedPageRefusesOurQuestions(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "", "Cross-Origin-Embedder-Policy: require-corp")
	got := s.facts(t, page, `
		doctor.record()
		const {facts} = await doctor.diagnose({only: ["acs"], threeDS: {acsURL: issuer + "/wait"}})
		const later = await look({threeDS: {acsURL: issuer + "/wait"}})
		return {fetch: facts["threeds.acs.fetch"].unknown, object: facts["threeds.acs.object"].unknown, reported: later["threeds.report.isolation"]}`)
	assert.Equal(t, map[string]any{"fetch": "refused", "object": "refused", "reported": false}, got)
}
