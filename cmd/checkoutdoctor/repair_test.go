package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
)

// repairPage shows reports of the test's own making in the diagnostic's view,
// and tells what the browser keeps of the site.
const repairPage = `<!doctype html><meta charset="utf-8"><title>Payment</title><body data-build="BUILD">
<script type="module">
const loader = await (await fetch("DIAG/checkout-doctor.js")).text()
const core = await import(new URL(loader.match(/"(.+)checkout-doctor\.js"/)[1] + "core.js", "DIAG").href)
const host = document.body.appendChild(document.createElement("div"))
const root = host.attachShadow({mode: "open"})
const [button, result] = [document.createElement("button"), document.createElement("div")]
root.append(button, result)
const view = await core.createView(host, button, result)
const files = {cache: "only-if-cached", mode: "same-origin"}
Object.assign(globalThis, {
	root, host,
	find: (selector) => root.querySelector(selector),
	until: async (ready) => { while (!await ready()) await new Promise(requestAnimationFrame) },
	// Shows findings and waits until every repair that can be made is offered.
	show: async (findings, {page, facts = {}, attributes = {}, verdict = "blocked"} = {}) => {
		host.page = page
		for (const name of host.getAttributeNames()) host.removeAttribute(name)
		for (const name in attributes) host.setAttribute(name, attributes[name])
		await view.show({
			verdict, facts, id: "1", timing: {}, notChecked: [], hidden: [], findings: findings.map(([code, ...fixes]) => ({
				code, severity: "blocking", confidence: "certain", evidence: [], fixes: fixes.map((code) => ({code, for: "user"})),
			})),
		})
		await Promise.all([navigator.serviceWorker.getRegistrations(), caches.keys()])
		await new Promise((done) => setTimeout(done))
	},
	offered: () => Array.from(root.querySelectorAll("[data-repair]"), (element) => element.dataset.repair),
	outcome: () => ({
		repaired: find("[data-repaired]")?.dataset.repaired ?? "", text: find(".repair .outcome").textContent,
		focused: root.activeElement === find(".repair .outcome"), role: find(".repair .outcome").role, reload: !!find("[data-reload]"),
		offered: offered().join(), open: find(".repair").parentNode.parentNode.matches(".fix"),
	}),
	spoken: () => until(() => find(".repair .outcome")?.textContent && root.activeElement === find(".repair .outcome")),
	// Fills everything that a site can keep.
	fill: async () => {
		document.cookie = "kept=1; max-age=600"
		localStorage.kept = sessionStorage.kept = "1"
		await (await caches.open("old")).put("/kept", new Response("1"))
		await new Promise((done) => { indexedDB.open("kept").onsuccess = ({target}) => { target.result.close(); done() } })
		for (const scope of ["/", "/elsewhere/"]) await navigator.serviceWorker.register("/worker.js", {scope})
		await navigator.serviceWorker.ready
		await (await fetch("/app.js", {cache: "reload"})).text()
	},
	kept: async () => ({
		cookie: document.cookie, local: localStorage.kept ?? "", session: sessionStorage.kept ?? "", caches: (await caches.keys()).join(),
		databases: (await indexedDB.databases()).map(({name}) => name).join(),
		workers: (await navigator.serviceWorker.getRegistrations()).map(({scope}) => new URL(scope).pathname).sort().join(),
		file: await fetch("/app.js", files).then((response) => response.text(), () => ""),
		page: await fetch(location.href, files).then(async (response) => (await response.text()).match(/data-build="(\w+)"/)[1], () => ""),
	}),
	ready: true,
})
</script>`

// repairShop is a site whose answers may be kept for a year, and change.
type repairShop struct {
	*shop
	url   string
	build atomic.Int32 // what the server has now
}

func newRepairShop(t *testing.T) *repairShop {
	t.Helper()
	s := &repairShop{shop: newShop(t)}
	mux := http.NewServeMux()
	kept := func(path, mediaType, text string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.Header().Set("Cache-Control", "max-age=31536000")
			io.WriteString(w, strings.NewReplacer("BUILD", fmt.Sprint(s.build.Load()), "DIAG", s.diag).Replace(text))
		})
	}
	kept("/{$}", "text/html", repairPage)
	kept("/app.js", "text/javascript", "build BUILD")
	kept("/worker.js", "text/javascript", "onfetch = () => {}")
	mux.Handle("/clear", web.ClearSiteData("cache"))
	mux.HandleFunc("/silent", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	return s
}

// visit opens the site in a browser context that has seen nothing.
func (s *repairShop) visit(t *testing.T) probe.Page {
	t.Helper()
	page, err := s.browser.NewContext(s.ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(s.ctx, s.url))
	require.NoError(t, page.Until(s.ctx, "globalThis.ready"))
	return page
}

// eval runs the script in the page and decodes what it returns.
func eval[T any](t *testing.T, s *repairShop, page probe.Page, script string) T {
	t.Helper()
	var out T
	require.NoError(t, page.Eval(s.ctx, "(async () => {"+script+"})()", &out))
	return out
}

// do runs the script in the page.
func (s *repairShop) do(t *testing.T, page probe.Page, script string) {
	t.Helper()
	require.NoError(t, page.Eval(s.ctx, "(async () => {"+script+"})()", nil))
}

// controlled opens the site again in a context that has its worker, which then
// answers for it.
func (s *repairShop) controlled(t *testing.T) probe.Page {
	t.Helper()
	page := s.visit(t)
	s.do(t, page, "await fill(); globalThis.ready = false; location.reload()")
	require.NoError(t, page.Until(s.ctx, "globalThis.ready && navigator.serviceWorker.controller"))
	return page
}

func TestRepairs(t *testing.T) {
	s := newRepairShop(t)
	t.Run("are offered only where they can be made", s.offersOnlyWhatCanBeDone)
	t.Run("file", s.repairsFiles)
	t.Run("page", s.repairsThePage)
	t.Run("worker", s.removesTheWorker)
	t.Run("cache", s.clearsTheCache)
	t.Run("cache whose clearing nothing proves", s.saysWhatIsNotProven)
	t.Run("worker that comes in between", s.claimsNothingWhereAWorkerCameIn)
	t.Run("that fail say so", s.saysWhatFailed)
	t.Run("worker that stays", s.saysThatTheWorkerStays)
	t.Run("worker that was gone already", s.takesAWorkerThatIsGoneForGone)
	t.Run("reset link", s.offersTheResetLink)
	t.Run("steps", s.showsTheBrowsersSteps)
}

func (s *repairShop) offersOnlyWhatCanBeDone(t *testing.T) {
	const everything = `{assets: ["/app.js"], clearURL: "/clear"}`
	bare, full, controlled := s.visit(t), s.visit(t), s.controlled(t) // full has workers and stored files
	s.do(t, full, "await fill()")
	tests := map[string]struct {
		finding, page string
		site          probe.Page
		want          []string
	}{
		"no such fix":                     {`["x", "try-again"]`, everything, full, nil},
		"files of its own":                {`["x", "repair-file"]`, `{assets: ["/app.js"]}`, bare, []string{"repair-file"}},
		"files of others":                 {`["x", "repair-file"]`, `{assets: ["https://cdn.example/app.js"]}`, bare, nil},
		"what is no address":              {`["x", "repair-file"]`, `{assets: ["https://"]}`, bare, nil},
		"no files handed in":              {`["x", "repair-file"]`, `undefined`, bare, nil},
		"the page itself":                 {`["cache.stale-page", "repair-file"]`, `undefined`, bare, []string{"repair-file"}},
		"a worker":                        {`["x", "remove-worker"]`, `undefined`, full, []string{"remove-worker"}},
		"no worker":                       {`["x", "remove-worker"]`, everything, bare, nil},
		"an endpoint":                     {`["cache.x", "clear-cookies-and-cache"]`, `{clearURL: "clear"}`, bare, []string{"clear-site-data"}},
		"files that a worker keeps":       {`["cache.stale-worker", "clear-cookies-and-cache"]`, `{clearURL: "clear"}`, bare, nil},
		"no endpoint":                     {`["cache.x", "clear-cookies-and-cache"]`, `{}`, bare, nil},
		"an endpoint of another site":     {`["cache.x", "clear-cookies-and-cache"]`, `{clearURL: "https://other.example/clear"}`, bare, nil},
		"cookies that are too large":      {`["cookie.header-too-large", "clear-cookies-and-cache"]`, everything, bare, nil},
		"a storage that is full":          {`["storage.full", "clear-cookies-and-cache"]`, everything, bare, nil},
		"files that a worker answers for": {`["cache.stale-page", "repair-file", "remove-worker"]`, everything, controlled, []string{"remove-worker"}},
		"all of them": {`["cache.x", "remove-worker", "repair-file", "clear-cookies-and-cache"]`, everything, full,
			[]string{"remove-worker", "repair-file", "clear-site-data"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, eval[[]string](t, s, tt.site, "await show(["+tt.finding+"], {page: "+tt.page+"}); const all = offered(); return all.length ? all : null"))
		})
	}
}

// kept is what the browser keeps of the site.
type kept struct{ Cookie, Local, Session, Caches, Databases, Workers, File, Page string }

// outcome is what is shown of a repair.
type outcome struct {
	Repaired, Text, Role, Offered string
	Focused, Reload, Open         bool
}

// deploy lets the browser keep all of one build, and the server go on to the
// next.
func (s *repairShop) deploy(t *testing.T, page probe.Page) kept {
	t.Helper()
	s.do(t, page, "await fill()")
	s.build.Add(1)
	return eval[kept](t, s, page, "return kept()")
}

func (s *repairShop) repairsFiles(t *testing.T) {
	page := s.visit(t)
	want := s.deploy(t, page)
	got := eval[outcome](t, s, page, `
		await show([["cache.stale-script", "repair-file"]], {page: {assets: ["/app.js"]}})
		find("[data-repair=repair-file]").click()
		await spoken()
		return outcome()`)
	assert.Contains(t, got.Text, "Done.")
	got.Text = ""
	assert.Equal(t, outcome{Repaired: "repair-file", Role: "status", Focused: true, Reload: true, Open: true}, got)
	want.File = fmt.Sprint("build ", s.build.Load())
	assert.Equal(t, want, eval[kept](t, s, page, "return kept()"), "nothing else is changed")
	s.do(t, page, `globalThis.ready = false; find("[data-reload]").click()`)
	require.NoError(t, page.Until(s.ctx, "globalThis.ready"), "the page is loaded anew")
}

// repairsThePage: its document is one of the files, and what is demanded by
// hash is another.
func (s *repairShop) repairsThePage(t *testing.T) {
	page := s.visit(t)
	want := s.deploy(t, page)
	got := eval[outcome](t, s, page, `
		document.head.append(Object.assign(document.createElement("link"), {rel: "preload", as: "script", href: "/app.js", integrity: "sha384-AAAA"}))
		await show([["cache.stale-page", "repair-file"]])
		find("[data-repair=repair-file]").click()
		await spoken()
		return outcome()`)
	assert.Equal(t, "repair-file", got.Repaired)
	want.File, want.Page = fmt.Sprint("build ", s.build.Load()), fmt.Sprint(s.build.Load())
	assert.Equal(t, want, eval[kept](t, s, page, "return kept()"))
}

func (s *repairShop) removesTheWorker(t *testing.T) {
	page := s.visit(t)
	want := s.deploy(t, page)
	require.Equal(t, "/,/elsewhere/", want.Workers)
	require.Equal(t, "old", want.Caches)
	s.do(t, page, `
		await show([["cache.stale-worker", "remove-worker"]])
		find("[data-repair=remove-worker]").click()`)
	assert.Equal(t, want, eval[kept](t, s, page, "return kept()"), "nothing is removed before the consent")
	asked := eval[[]string](t, s, page, `return [root.activeElement.className, root.activeElement.textContent]`)
	assert.Equal(t, "consent", asked[0])
	assert.Contains(t, asked[1], "Cookies, your sign-in and the other data that it stores stay")
	assert.True(t, eval[bool](t, s, page, `
		find(".repair .quiet").click()
		return root.activeElement === find("[data-repair=remove-worker]") && !find("[data-consent]")`), "a refusal leads back")
	got := eval[outcome](t, s, page, `
		find("[data-repair=remove-worker]").click()
		find("[data-consent=remove-worker]").click()
		await spoken()
		return outcome()`)
	assert.Equal(t, "remove-worker", got.Repaired)
	assert.True(t, got.Reload && got.Focused)
	want.Workers, want.Caches = "/elsewhere/", ""
	assert.Equal(t, want, eval[kept](t, s, page, "return kept()"), "nothing else is removed")
}

func (s *repairShop) clearsTheCache(t *testing.T) {
	page := s.visit(t)
	want := s.deploy(t, page)
	require.NotEmpty(t, want.File)
	got := eval[outcome](t, s, page, `
		await show([["cache.build-mismatch", "clear-cookies-and-cache"]], {page: {clearURL: "/clear?from=page"}})
		find("[data-repair=clear-site-data]").click()
		find("[data-consent=clear-site-data]").click()
		await spoken()
		return outcome()`)
	assert.Equal(t, "clear-site-data", got.Repaired)
	assert.Contains(t, got.Text, "Done.")
	want.File, want.Page = "", ""
	assert.Equal(t, want, eval[kept](t, s, page, "return kept()"), "nothing else is removed")
}

// clearing presses the repair that has the server at the address clear the
// cache, and waits for its end.
func clearing(address string) string {
	return fmt.Sprintf(`
		await show([["cache.build-mismatch", "clear-cookies-and-cache"]], {page: {clearURL: %q, assets: ["/app.js"]}})
		find("[data-repair=clear-site-data]").click()
		find("[data-consent=clear-site-data]").click()
		await spoken()
		return outcome()`, address)
}

// saysWhatIsNotProven: where no file was seen in the cache before, none that is
// missing afterwards says that it was cleared.
func (s *repairShop) saysWhatIsNotProven(t *testing.T) {
	empty := s.visit(t)
	s.do(t, empty, `await fetch("/clear?data=cache", {method: "POST"})`)
	for name, tt := range map[string]struct {
		site    probe.Page
		address string
	}{
		"nothing was kept":                      {empty, "/clear"},
		"nothing was kept, and none is cleared": {empty, "/silent"},
		"a worker answers":                      {s.controlled(t), "/clear"},
	} {
		t.Run(name, func(t *testing.T) {
			got := eval[outcome](t, s, tt.site, clearing(tt.address))
			assert.Contains(t, got.Text, "was asked to clear")
			assert.Contains(t, got.Text, "check again")
			assert.NotContains(t, got.Text, "Done")
			assert.Equal(t, "clear-site-data", got.Repaired, "the page may be loaded anew")
			assert.True(t, got.Reload && got.Focused)
		})
	}
}

// claimsNothingWhereAWorkerCameIn: what it answers says nothing of the cache.
func (s *repairShop) claimsNothingWhereAWorkerCameIn(t *testing.T) {
	const comesIn = `
		const {fetch} = globalThis
		globalThis.fetch = async (url, options) => {
			const response = await fetch(url, options)
			if (options?.method || options?.cache === "reload") Object.defineProperty(navigator.serviceWorker, "controller", {value: {}})
			return response
		}`
	for name, tt := range map[string]struct{ script, want string }{
		"files": {`
			await show([["x", "repair-file"]], {page: {assets: ["/app.js"]}})
			find("[data-repair]").click()
			await spoken()
			return outcome()`, "did not work"},
		"cache": {clearing("/clear"), "was asked to clear"},
	} {
		t.Run(name, func(t *testing.T) {
			page := s.visit(t)
			s.do(t, page, `await (await fetch("/app.js")).text()`)
			assert.Contains(t, eval[outcome](t, s, page, comesIn+tt.script).Text, tt.want)
		})
	}
}

// removing presses the repair that removes the worker, and waits for its end.
const removing = `
	await show([["cache.stale-worker", "remove-worker"]])
	find("[data-repair=remove-worker]").click()
	find("[data-consent=remove-worker]").click()
	await spoken()
	return outcome()`

func (s *repairShop) saysThatTheWorkerStays(t *testing.T) {
	page := s.visit(t)
	want := s.deploy(t, page)
	got := eval[outcome](t, s, page, "ServiceWorkerRegistration.prototype.unregister = async () => false\n"+removing)
	assert.Contains(t, got.Text, "did not work")
	assert.Empty(t, got.Repaired)
	assert.Equal(t, want, eval[kept](t, s, page, "return kept()"), "a worker that stays keeps its files")
}

// takesAWorkerThatIsGoneForGone: another tab may have been quicker.
func (s *repairShop) takesAWorkerThatIsGoneForGone(t *testing.T) {
	page := s.controlled(t)
	got := eval[outcome](t, s, page, `
		const {unregister} = ServiceWorkerRegistration.prototype
		ServiceWorkerRegistration.prototype.unregister = async function () { await unregister.call(this); return unregister.call(this) }
		`+removing)
	assert.Equal(t, "remove-worker", got.Repaired)
	left := eval[kept](t, s, page, "return kept()")
	assert.Equal(t, "/elsewhere/", left.Workers)
	assert.Empty(t, left.Caches)
}

func (s *repairShop) saysWhatFailed(t *testing.T) {
	page := s.visit(t)
	for name, script := range map[string]string{
		"a file that is gone": `
			await show([["x", "try-again", "repair-file"]], {page: {assets: ["/gone.js"]}})
			find("[data-repair]").click()`,
		"an endpoint that is gone": `
			await show([["cache.x", "try-again", "clear-cookies-and-cache"]], {page: {clearURL: "/gone"}})
			find("[data-repair]").click()
			find("[data-consent]").click()`,
		"an endpoint that clears nothing": `
			await (await fetch("/app.js")).text()
			await show([["cache.x", "try-again", "clear-cookies-and-cache"]], {page: {clearURL: "/silent", assets: ["/app.js"]}})
			find("[data-repair]").click()
			find("[data-consent]").click()`,
	} {
		t.Run(name, func(t *testing.T) {
			got := eval[outcome](t, s, page, script+"\nawait spoken(); return outcome()")
			assert.Contains(t, got.Text, "did not work")
			assert.Empty(t, got.Repaired)
			assert.True(t, got.Focused)
			assert.False(t, got.Reload)
			assert.NotEmpty(t, got.Offered, "it may be tried again")
			assert.True(t, eval[bool](t, s, page, `return find("[data-repair]").closest("li").firstChild.open`), "its steps are shown")
		})
	}
}

func (s *repairShop) offersTheResetLink(t *testing.T) {
	page := s.visit(t)
	assert.Equal(t, []string{"https://shop.example/?a=1&reset_cache=1", "reset-link"}, eval[[]string](t, s, page, `
		await show([["x", "reset-ads-manager-cache"]], {attributes: {"ads-manager-url": "https://shop.example/?a=1"}})
		await until(() => find("[data-repair]"))
		const link = find("[data-repair]")
		addEventListener("click", (event) => event.preventDefault(), {once: true})
		link.click()
		return [link.href, find("[data-repaired]").dataset.repaired]`))
}

func (s *repairShop) showsTheBrowsersSteps(t *testing.T) {
	page := s.visit(t)
	asked := `performance.getEntriesByType("resource").filter(({name}) => name.endsWith(".steps.json")).length`
	assert.Zero(t, eval[int](t, s, page, `await show([["x", "try-again"]]); return `+asked), "not loaded for other fixes")
	tests := map[string]struct{ browser, platform, fix, want, not string }{
		"its own":                             {"firefox", "desktop", "clear-cookies-and-cache", "In Firefox on a computer:", "Clear browsing data"},
		"what it cannot do, and what instead": {"chrome", "ios", "disable-blocker", "takes no blockers of its own", "beside the address bar"},
		"general ones for another browser":    {"other", "desktop", "clear-cookies-and-cache", "Clear browsing data", "In "},
		"general ones for another platform":   {"samsung", "desktop", "allow-popups", "right end of the address bar", "Samsung"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := eval[string](t, s, page, fmt.Sprintf(`
				const facts = {"environment.browser": {value: %q, from: "environment"}, "environment.platform": {value: %q, from: "environment"}}
				await show([["x", %q]], {facts})
				await until(() => find(".now").textContent.includes(%q))
				return find(".fix").textContent`, tt.browser, tt.platform, tt.fix, tt.want))
			assert.NotContains(t, text, tt.not)
		})
	}
	assert.Equal(t, 1, eval[int](t, s, page, "return "+asked), "loaded once")
}
