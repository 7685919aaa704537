package main

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// countsHooks makes a page count what hangs in it: listeners, timers and
// observers.
const countsHooks = `<script>
globalThis.hooks = new Map()
const hook = (kind, ...name) => { const key = [kind, ...name]; hooks.set(key, kind); return () => hooks.delete(key) }
const {addEventListener: add, removeEventListener: remove} = EventTarget.prototype
EventTarget.prototype.addEventListener = function (type, f, options) {
	const drop = hook(type, this, f)
	if (options?.signal) add.call(options.signal, "abort", drop)
	return add.call(this, type, f, options)
}
EventTarget.prototype.removeEventListener = function (type, f, options) {
	for (const key of hooks.keys()) if (key[0] === type && key[1] === this && key[2] === f) hooks.delete(key)
	return remove.call(this, type, f, options)
}
const {setInterval: start, clearInterval: stop} = globalThis
globalThis.setInterval = (...all) => { const id = start(...all); hook("interval", id); return id }
globalThis.clearInterval = (id) => {
	for (const key of hooks.keys()) if (key[0] === "interval" && key[1] === id) hooks.delete(key)
	stop(id)
}
for (const name of ["MutationObserver", "ReportingObserver"]) {
	globalThis[name] = class extends globalThis[name] {
		observe(...all) { this.drop = hook(name); return super.observe(...all) }
		disconnect() { this.drop?.(); return super.disconnect() }
	}
}
</script>`

// TestAWatchedChallengeIsFollowed from before it is there to its end.
func TestAWatchedChallengeIsFollowed(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	var stages []string
	require.NoError(t, page.Eval(s.ctx, `(async () => {
		const stages = []
		const options = {onChange: (stage) => stages.push(stage), threeDS: {acsURL: issuer + "/wait"}}
		const told = (...want) => until(() => want.every((stage, i) => stages.at(i - want.length) === stage))
		const stop = doctor.watch("#acs", options)
		frame("/hang", {id: "other"}) // another frame is no challenge
		const first = frame("/wait", {id: "acs"})
		await told("loading", "waiting") // without a word of the user's
		first.style.display = "none"
		await told("hidden")
		first.style.display = ""
		await told("waiting")
		first.replaceWith(frame("/hang", {id: "acs"}))
		await told("loading")
		const second = document.querySelector("#acs")
		second.remove()
		await told("removed")
		const dialog = document.createElement("dialog")
		document.body.append(dialog)
		dialog.showModal()
		const third = frame("/wait", {id: "acs"})
		await told("covered")
		dialog.append(third)
		await told("waiting")
		third.src = issuer + "/end"
		await told("completed")
		stop()
		return stages
	})()`, &stages))
	assert.Equal(t, "loading", stages[0])
	assert.NotContains(t, stages, "blocked")
}

// TestWhatAWatchFindsIsToldOnce, and also where it had happened before.
func TestWhatAWatchFindsIsToldOnce(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "", "Content-Security-Policy: frame-src 'none'")
	var codes []string
	require.NoError(t, page.Eval(s.ctx, `(async () => {
		doctor.record()
		frame("/wait", {id: "acs", width: 1}) // too small, too
		await new Promise((done) => document.addEventListener("securitypolicyviolation", done, {once: true}))
		const codes = []
		const options = {threeDS: {acsURL: issuer + "/wait"}, onFinding(finding, report) {
			if (report.mode !== "watch" || !report.findings.includes(finding)) throw new Error("not of that report")
			codes.push(finding.code)
			throw new Error("the page's own affair")
		}}
		const stop = doctor.watch("#acs", options)
		await until(() => codes.length)
		frame("", {src: "https://elsewhere.test/"}) // more trouble: all is diagnosed again
		const again = doctor.watch("#acs", {...options, onFinding: ({code}) => codes.push("again " + code)})
		await until(() => codes.includes("again threeds.page-csp-frame-src"))
		stop()
		again()
		return codes
	})()`, &codes))
	assert.Equal(t, "threeds.page-csp-frame-src", codes[0])
	once := slices.Clone(codes)
	slices.Sort(once)
	assert.Len(t, slices.Compact(once), len(codes), codes)
}

// TestAWatchThatIsStoppedLeavesNothing behind, wherever it was stopped.
func TestAWatchThatIsStoppedLeavesNothing(t *testing.T) {
	s := newShop(t)
	page := s.open(t, countsHooks)
	for _, when := range []string{
		"", // before anything was loaded
		`await until(() => stages.length)`,
		`await until(() => stages.includes("waiting"))`,
	} {
		var left []string
		require.NoError(t, page.Eval(s.ctx, `(async () => {
			await doctor.diagnose({only: ["environment"]}) // what the module itself needs stays
			const before = hooks.size
			const stages = []
			const acs = frame("/wait", {id: "acs"})
			const stop = doctor.watch(acs, {onChange: (stage) => stages.push(stage), threeDS: {acsURL: issuer + "/wait"}})
			if (hooks.size === before) throw new Error("nothing is watched")
			`+when+`
			stop()
			stop()
			const count = stages.length
			await until(() => hooks.size <= before)
			acs.remove()
			const {facts} = await doctor.diagnose({only: ["frame"], threeDS: {frame: acs}})
			if (stages.length !== count) throw new Error("it goes on")
			if ("value" in facts["threeds.frame.completed"]) throw new Error("it is still recorded")
			return [...hooks.values()].slice(before)
		})()`, &left))
		assert.Empty(t, left)
	}
}

// TestAWatchedElementComesForward without a click, hidden as it was.
func TestAWatchedElementComesForward(t *testing.T) {
	s := newShop(t)
	page := s.open(t, `<div style="height:3000px"></div><checkout-doctor watch hidden challenge-frame="#acs"></checkout-doctor>`,
		"Content-Security-Policy: frame-src 'none'")
	var seen map[string]any
	require.NoError(t, page.Eval(s.ctx, `(async () => {
		const element = document.querySelector("checkout-doctor")
		const reports = []
		element.addEventListener("checkout-doctor:report", (event) => reports.push(event.detail))
		element.threeDS = {acsURL: issuer + "/wait"}
		frame("/wait", {id: "acs", width: 1}) // too small, too: one report has it all
		const shown = () => element.shadowRoot.textContent.includes("threeds.page-csp-frame-src")
		await until(() => element.dataset.state === "done" && shown())
		const {top, height} = element.getBoundingClientRect()
		return {
			verdict: reports[0].verdict, reports: reports.length, kept: element.report === reports[0], hidden: element.hidden,
			inView: top < innerHeight && height > 0,
			shown: shown(), focused: document.activeElement !== document.body,
		}
	})()`, &seen))
	assert.Equal(t, map[string]any{
		"verdict": "blocked", "reports": 1.0, "kept": true, "hidden": false, "inView": true, "shown": true, "focused": false,
	}, seen)
}

// TestAWatchThatCouldNotBeginTriesAgain at what happens next, and troubles
// nobody meanwhile.
func TestAWatchThatCouldNotBeginTriesAgain(t *testing.T) {
	s := newShop(t)
	var mended atomic.Bool
	s.serveThrough(t, func(w http.ResponseWriter, r *http.Request, served http.Handler) {
		switch {
		case r.URL.Path == "/mend":
			mended.Store(true)
			w.Header().Set("Access-Control-Allow-Origin", "*")
		case strings.HasSuffix(r.URL.Path, "/run.js") && !mended.Load():
			http.NotFound(w, r)
		default:
			served.ServeHTTP(w, r)
		}
	})
	page := s.open(t, "")
	var unhandled []string
	require.NoError(t, page.Eval(s.ctx, `(async () => {
		const unhandled = []
		addEventListener("unhandledrejection", ({reason}) => unhandled.push("" + reason))
		frame("/wait", {id: "acs"})
		const options = {threeDS: {acsURL: issuer + "/wait"}}
		doctor.watch("#acs", options)() // stopped before it is known
		const stages = []
		const stop = doctor.watch("#acs", {...options, onChange: (stage) => stages.push(stage)})
		await until(() => performance.getEntriesByType("resource").some(({name}) => name.includes("/run.js")))
		for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame)
		await fetch("`+s.diag+`/mend")
		document.querySelector("#acs").remove()
		frame("/wait", {id: "acs"})
		await until(() => stages.includes("waiting"))
		stop()
		return unhandled
	})()`, &unhandled))
	assert.Empty(t, unhandled)
}
