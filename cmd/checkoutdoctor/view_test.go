package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
)

// viewed runs the script in a page that has a view and makes reports, and
// decodes what it returns.
func viewed[T any](t *testing.T, s *shop, page probe.Page, script string) T {
	t.Helper()
	var out T
	require.NoError(t, page.Eval(s.ctx, fmt.Sprintf("(async () => { const diag = %q; %s\n%s })()", s.diag, showsReports, script), &out))
	return out
}

// serveThrough has the files of the diagnostic served by a server of the test's
// own, which may pass the request on.
func (s *shop) serveThrough(t *testing.T, serve func(http.ResponseWriter, *http.Request, http.Handler)) {
	t.Helper()
	diag, err := web.Handler(web.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, diag) }))
	t.Cleanup(server.Close)
	s.diag = server.URL
}

// holdBack has the file whose path ends so answered after /release was asked.
func (s *shop) holdBack(t *testing.T, suffix string) {
	t.Helper()
	released := make(chan struct{})
	s.serveThrough(t, func(w http.ResponseWriter, r *http.Request, served http.Handler) {
		switch {
		case r.URL.Path == "/release":
			close(released)
			w.Header().Set("Access-Control-Allow-Origin", "*")
			return
		case strings.HasSuffix(r.URL.Path, suffix):
			select {
			case <-released:
			case <-r.Context().Done():
			}
		}
		served.ServeHTTP(w, r)
	})
}

// headline is what stands on top of a result, and what a screen reader says of it.
type headline struct{ Kicker, Title, Text, Said, Icon string }

const readsHeadline = `
const text = (selector) => root.querySelector(selector)?.textContent ?? ""
const read = () => ({
	kicker: text(".kicker"), title: text("h2"), text: text(".account"), said: text("[role=status]"),
	icon: root.querySelector(".headline svg").getAttribute("class"),
})
const found = (code, confidence, more) => {
	const one = report({verdict: "blocked", found: [code + " blocking"]})
	Object.assign(one.findings[0], {confidence, ...more})
	return one
}
`

func TestHeadlineNamesTheCause(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	tests := map[string]struct {
		show string
		want headline
	}{
		"a cause that is certain": {`view.show(found("popup.blocked", "certain"))`, headline{
			"This stops your payment", "Pop-up windows blocked", "The window in which your bank confirms the payment was blocked.",
			"This stops your payment. Pop-up windows blocked", "icon blocked"}},
		"a cause that is likely": {`view.show(found("popup.blocked", "likely"))`, headline{
			"This probably stops your payment", "Pop-up windows blocked",
			"The window in which your bank confirms the payment is probably blocked by this browser.",
			"This probably stops your payment. Pop-up windows blocked", "icon blocked"}},
		"a risk that is possible": {`view.show({...found("cookie.disabled", "possible"), verdict: "degraded"})`, headline{
			"This may make your payment fail", "Cookies switched off",
			"This browser may keep no cookies at all. Without them the payment page cannot remember who you are from one step to the next.",
			"This may make your payment fail. Cookies switched off", "icon degraded"}},
		"nothing": {`view.show(report({}))`, headline{
			"", "Nothing in this browser explains the failure",
			"Everything that could be checked from here looks fine. The cause is more likely to be the card, the amount or the bank.",
			"Nothing in this browser explains the failure", "icon clear"}},
		"no diagnosis": {`view.fail({problem: "policy"})`, headline{
			"", "The check could not see everything",
			"This page or this browser does not let the check run (WebAssembly is refused).",
			"The check could not see everything", "icon inconclusive"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, viewed[headline](t, s, page, readsHeadline+"await "+tt.show+"; return read()"))
		})
	}
}

// TestScreenReadersHearTheBeginningAndTheEnd of a run, and none of its steps.
func TestScreenReadersHearTheBeginningAndTheEnd(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	got := viewed[[]string](t, s, page, readsHeadline+`
		const status = root.querySelector("[role=status]")
		const heard = []
		new MutationObserver(() => heard.push(status.textContent)).observe(status, {childList: true, subtree: true})
		const turn = () => new Promise(requestAnimationFrame)
		view.begin()
		await turn()
		for (let done = 1; done < 5; done++) {
			view.progress({check: "cache", done, total: 5})
			await turn()
		}
		const visible = text(".progress p")
		await view.show(found("popup.blocked", "certain"))
		await turn()
		return [visible, ...heard]`)
	assert.Equal(t, []string{
		"4 of 5 checked: cached files", "Checking your browser …", "This stops your payment. Pop-up windows blocked",
	}, got)
}

// TestFocusGoesFromTheButtonToTheHeadline and is never taken from elsewhere.
func TestFocusGoesFromTheButtonToTheHeadline(t *testing.T) {
	s := newShop(t)
	page := s.open(t, `<input id="elsewhere">`)
	tests := map[string]struct{ script, want string }{
		"from the button":          {`button.focus(); await view.show(found("popup.blocked", "certain"))`, "H2"},
		"without a diagnosis, too": {`button.focus(); view.fail({problem: "network"})`, "H2"},
		"from another field":       {`document.querySelector("#elsewhere").focus(); await view.show(found("popup.blocked", "certain"))`, "INPUT"},
		"what nobody asked for":    {`button.focus(); await view.comeForward(found("popup.blocked", "certain"))`, "BUTTON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, viewed[string](t, s, page, readsHeadline+tt.script+`
				return (root.activeElement ?? document.activeElement).tagName`))
		})
	}
}

func TestOneThingToDoNow(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	type screen struct {
		Now, Folded, Closed []string
		Filled              int
		Presses             int
	}
	got := viewed[screen](t, s, page, readsHeadline+`
		const fix = (code) => ({code, for: "user"})
		const one = found("popup.blocked", "certain", {fixes: ["allow-popups", "use-another-browser"].map(fix)})
		one.findings.push({...found("cookie.disabled", "likely").findings[0]}, {...found("vpn.relay", "certain").findings[0], severity: "notice"})
		one.notChecked = [{code: "storage.full", reason: "timed-out"}]
		button.id = "diagnose"
		await view.show(one)
		const all = (selector) => Array.from(root.querySelectorAll(selector), ({textContent}) => textContent)
		const clear = getComputedStyle(button).backgroundColor
		let presses = 0
		button.onclick = () => presses++
		root.querySelector(".recheck button").click()
		return {
			now: all(".now :is(h3, h4)"), folded: all(".now summary"), closed: all(".folded:not([open]) > summary"), presses,
			filled: Array.from(root.querySelectorAll("button")).filter((each) => getComputedStyle(each).backgroundColor !== clear).length,
		}`)
	assert.Equal(t, screen{
		Now:     []string{"What to do now", "Allow pop-up windows", "If that does not help"},
		Folded:  []string{"Use another browser"},
		Closed:  []string{"Also found (1)", "Worth knowing (1)", "Tell support what was found", "Details of this check"},
		Filled:  1,
		Presses: 1,
	}, got)
}

// TestTheLanguageIsTheReadersToChoose, and the report stays.
func TestTheLanguageIsTheReadersToChoose(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	type spoken struct {
		Languages                    int
		Label, Lang, Dir, Title      string
		Event, Button, ButtonDir, ID string
		Focused                      bool
	}
	got := viewed[spoken](t, s, page, readsHeadline+`
		const one = found("popup.blocked", "certain")
		await view.show(one)
		const told = new Promise((done) => host.addEventListener("checkout-doctor:language", ({detail}) => done(detail), {once: true}))
		const select = root.querySelector("select")
		select.focus()
		select.value = "ar"
		select.dispatchEvent(new Event("change"))
		const event = await told
		return {
			languages: select.options.length, label: select.labels[0].textContent, lang: result.lang, dir: result.dir, title: text("h2"),
			event, button: button.textContent, buttonDir: button.dir, id: text(".id").includes(one.id) ? "kept" : "", focused: root.activeElement === select,
		}`)
	arabic, err := web.Locale("ar")
	require.NoError(t, err)
	assert.Equal(t, len(web.Languages()), got.Languages)
	assert.True(t, strings.HasPrefix(got.Label, arabic.UI["language"]), got.Label)
	got.Languages, got.Label = 0, ""
	assert.Equal(t, spoken{
		Lang: "ar", Dir: "rtl", Title: arabic.Causes["popup.blocked"].Title, Event: "ar",
		Button: arabic.UI["again"], ButtonDir: "rtl", ID: "kept", Focused: true,
	}, got)
}

// TestTheLinksPageSpeaksTheChosenLanguage itself, and so does its address.
func TestTheLinksPageSpeaksTheChosenLanguage(t *testing.T) {
	s := newShop(t)
	page, err := s.browser.NewContext(s.ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(s.ctx, s.diag+"/?case=4711"))
	const jsSelect = `document.querySelector("checkout-doctor").shadowRoot.querySelector("select")`
	require.NoError(t, page.Until(s.ctx, "!!"+jsSelect))
	require.NoError(t, page.Eval(s.ctx, `{ const select = `+jsSelect+`; select.value = "sv"; select.dispatchEvent(new Event("change")) }`, nil))
	require.NoError(t, page.Until(s.ctx, `document.documentElement.lang === "sv"`))
	var got []string
	require.NoError(t, page.Eval(s.ctx, `[document.title, document.querySelector("h1").textContent, document.querySelector("#hint").textContent, location.search]`, &got))
	swedish, err := web.Locale("sv")
	require.NoError(t, err)
	assert.Equal(t, []string{swedish.Page["title"], swedish.Page["heading"], swedish.Page["addressHint"], "?case=4711&lang=sv"}, got)
}

// TestTextOnTheAccentCanBeRead whatever accent the host page chooses.
func TestTextOnTheAccentCanBeRead(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	for _, accent := range []string{"", "#ffcc00", "#000", "#fff", "#f00", "#0a0", "#777", "magenta"} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(accent+" "+scheme, func(t *testing.T) {
				got := viewed[map[string]float64](t, s, page, fmt.Sprintf(readsHeadline+`
					host.style.setProperty("--checkout-doctor-accent", %q)
					host.style.colorScheme = %q
					button.id = "diagnose"
					await view.show(found("popup.blocked", "certain", {fixes: [{code: "allow-popups", for: "user"}]}))
					const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true})
					const luminance = (color) => {
						canvas.fillStyle = color
						canvas.fillRect(0, 0, 1, 1)
						const [r, g, b] = Array.from(canvas.getImageData(0, 0, 1, 1).data, (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
						return 0.2126 * r + 0.7152 * g + 0.0722 * b
					}
					const contrast = (one, other) => {
						const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
						return (light + 0.05) / (dark + 0.05)
					}
					const style = (selector) => getComputedStyle(root.querySelector(selector))
					const card = style(".now").backgroundColor
					return {
						filled: contrast(style(".recheck button").color, style(".recheck button").backgroundColor),
						quiet: contrast(style("#diagnose").color, card), edge: contrast(style("#diagnose").borderTopColor, card),
						kicker: contrast(style(".kicker").color, card), soft: contrast(style(".id").color, card),
					}`, accent, scheme))
				for what, contrast := range got {
					least := 4.5
					if what == "edge" {
						least = 3
					}
					assert.GreaterOrEqual(t, contrast, least, what)
				}
			})
		}
	}
}

// TestWithoutItsLaterPartsTheViewGoesOn: causes and fixes need none of them.
func TestWithoutItsLaterPartsTheViewGoesOn(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	s.serveThrough(t, func(w http.ResponseWriter, r *http.Request, served http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/more.js") || strings.HasSuffix(r.URL.Path, "/extras.js") {
			http.NotFound(w, r)
			return
		}
		served.ServeHTTP(w, r)
	})
	got := viewed[[]string](t, s, page, `
		const one = report({})
		one.findings.push({code: "payment.nothing-found", severity: "notice", confidence: "certain", evidence: [], fixes: ["check-details", "ask-bank"].map((code) => ({code, for: "user"}))})
		await view.show(one)
		return Array.from(root.querySelectorAll("h2, h3, summary"), ({textContent}) => textContent)`)
	assert.Equal(t, []string{"Nothing in this browser explains the failure", "The next things to check", "Check the payment details", "Ask your bank"}, got)
}

// TestAClearVerdictLeadsToTheChecklist and to the refund, which is folded away.
func TestAClearVerdictLeadsToTheChecklist(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	assert.True(t, viewed[bool](t, s, page, `
		const one = {...report({}), generatedAt: "2026-11-22T12:00:00Z"}
		one.findings.push({code: "payment.nothing-found", severity: "notice", confidence: "certain", evidence: [], fixes: [{code: "check-details", for: "user"}]})
		await view.show(one)
		while (!root.querySelector(".checklist")) await new Promise(requestAnimationFrame)
		return !root.querySelector(".next > .folded").open`))
}

// TestWhatIsUnfoldedStays, while the checklist comes below it.
func TestWhatIsUnfoldedStays(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	s.holdBack(t, "/more.js")
	got := viewed[[]string](t, s, page, `
		const one = {...report({}), generatedAt: "2026-11-22T12:00:00Z"}
		one.findings.push({code: "payment.nothing-found", severity: "notice", confidence: "certain", evidence: [], fixes: [{code: "check-details", for: "user"}]})
		await view.show(one)
		root.querySelector(".next .fixes details").open = true
		await fetch(diag + "/release")
		await until(() => root.querySelector(".checklist"))
		return Array.from(root.querySelector(".next").children, ({className}) => className)`)
	assert.Equal(t, []string{"card list", "card more checklist", "folded"}, got)
}

// TestNotesOfARefundAreFoundBelowEveryReport of who made some, and so is a draft.
func TestNotesOfARefundAreFoundBelowEveryReport(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	got := viewed[[]bool](t, s, page, readsHeadline+`
		const one = () => ({...found("popup.blocked", "certain"), generatedAt: "2026-11-22T12:00:00Z"})
		await view.show(one())
		const before = root.textContent.includes("Request a refund")
		localStorage.setItem("checkout-doctor:notes", JSON.stringify({schema: 1, notes: [{id: "1", day: "2026-11-20", kind: "sent", text: "Ticket 4711"}]}))
		await view.show(one())
		await until(() => root.querySelector(".log"))
		localStorage.clear()
		const open = root.querySelector(".refund").closest("details").open
		sessionStorage.setItem("checkout-doctor:refund", JSON.stringify({request: {account: "Acme", story: "", amount: "", currency: "", charged: "", reference: ""}}))
		await view.show(one())
		await until(() => root.querySelector(".refund"))
		sessionStorage.clear()
		return [before, open]`)
	assert.Equal(t, []bool{false, false}, got)
}

// TestALateAnnouncementIsNotMade over the next run's.
func TestALateAnnouncementIsNotMade(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	assert.Equal(t, "Checking your browser …", viewed[string](t, s, page, readsHeadline+`
		const laid = view.show(found("popup.blocked", "certain"))
		view.begin()
		await laid
		return text("[role=status]")`))
}

const choosesLanguage = `
const select = root.querySelector("select")
const told = []
host.addEventListener("checkout-doctor:language", ({detail}) => told.push(detail))
const choose = (language) => { select.value = language; select.dispatchEvent(new Event("change")) }
`

// TestTheLastLanguageChosenIsSpoken, whichever comes first.
func TestTheLastLanguageChosenIsSpoken(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	s.holdBack(t, "/locales/sv.json")
	got := viewed[[]string](t, s, page, choosesLanguage+`
		choose("sv")
		choose("ja")
		await until(() => told.length)
		await fetch(diag + "/release")
		await until(() => performance.getEntriesByType("resource").some(({name}) => name.endsWith("/sv.json")))
		for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame)
		return [...told, result.lang, select.value]`)
	assert.Equal(t, []string{"ja", "ja", "ja"}, got)
}

// TestWhatScreenReadersHearIsInTheChosenLanguage, during a run and after it.
func TestWhatScreenReadersHearIsInTheChosenLanguage(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	got := viewed[[]string](t, s, page, readsHeadline+choosesLanguage+`
		const status = root.querySelector("[role=status]")
		view.begin()
		choose("sv")
		await until(() => told.length === 1)
		const heard = [status.textContent, text(".progress p")]
		await view.show(report({}))
		choose("ja")
		await until(() => told.length === 2 && status.textContent === text("h2"))
		return [...heard, status.textContent]`)
	swedish, err := web.Locale("sv")
	require.NoError(t, err)
	japanese, err := web.Locale("ja")
	require.NoError(t, err)
	running := swedish.UI["running"]
	assert.Equal(t, []string{running, running, japanese.Verdicts["clear"].Title}, got)
}

// TestALanguageThatCannotBeHadIsNotChosen: the one that is spoken goes on.
func TestALanguageThatCannotBeHadIsNotChosen(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	s.serveThrough(t, func(w http.ResponseWriter, r *http.Request, served http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/locales/sv.json") {
			http.NotFound(w, r)
			return
		}
		served.ServeHTTP(w, r)
	})
	got := viewed[[]string](t, s, page, choosesLanguage+`
		choose("ja")
		await until(() => told.length)
		choose("sv")
		await until(() => root.querySelector("[role=alert]"))
		choose("sv")
		await until(() => select.value !== "sv")
		const said = Array.from(root.querySelectorAll("[role=alert]"), ({textContent}) => textContent)
		choose("de")
		await until(() => told.length > 1)
		return [...said, "" + root.querySelector("[role=alert]"), ...told, result.lang, select.value]`)
	var japanese struct{ MissingLanguage string }
	words, err := web.Locale("ja")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(words.Support, &japanese))
	assert.Equal(t, []string{japanese.MissingLanguage, "null", "ja", "de", "de", "de"}, got, "it is said until another is chosen")
}

// TestAFinishedRepairIsToldInAnotherLanguageToo.
func TestAFinishedRepairIsToldInAnotherLanguageToo(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	got := viewed[[]string](t, s, page, readsHeadline+choosesLanguage+`
		view.show(found("cache.stale-page", "certain", {fixes: [{code: "repair-file", for: "user"}]}))
		await until(() => root.querySelector("[data-repair]"))
		root.querySelector("[data-repair]").click()
		await until(() => root.querySelector("[data-repaired]"))
		const english = text(".repair .outcome")
		choose("sv")
		await until(() => told.length && root.querySelector(".repair"))
		return [text(".repair .outcome"), root.querySelector(".repair").dataset.repaired ?? "", english]`)
	swedish, err := web.Locale("sv")
	require.NoError(t, err)
	english, err := web.Locale("en")
	require.NoError(t, err)
	assert.Equal(t, []string{swedish.UI["repairFileDone"], "repair-file", english.UI["repairFileDone"]}, got)
}

// TestARunThatIsTakenOutLeavesWhatWasShown before it.
func TestARunThatIsTakenOutLeavesWhatWasShown(t *testing.T) {
	s := newShop(t)
	page := s.open(t, `<checkout-doctor></checkout-doctor>`)
	type left struct {
		Outcome, Title, Again string
		Details, Progress     bool
	}
	tests := map[string]struct {
		before string
		want   left
	}{
		"nothing": {"", left{Outcome: "cancelled"}},
		"a report": {`element.only = ["environment"]; await element.diagnose(); element.only = undefined; await until(() => root.querySelector(".folded"))`,
			left{Outcome: "cancelled", Title: "Nothing in this browser explains the failure", Details: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got left
			require.NoError(t, page.Eval(s.ctx, `(async () => {
				const old = document.querySelector("checkout-doctor")
				const element = document.createElement("checkout-doctor")
				old.replaceWith(element)
				const root = element.shadowRoot
				`+tt.before+`
				const run = element.diagnose().then(() => "finished", () => "cancelled")
				await until(() => root.querySelector(".progress"))
				element.remove()
				const outcome = await run
				document.body.append(element)
				await until(() => `+fmt.Sprint(!tt.want.Details)+` || root.querySelector(".folded"))
				return {outcome, title: root.querySelector("h2")?.textContent ?? "", again: root.querySelector("[role=status]").textContent,
					details: !!root.querySelector(".folded"), progress: !!root.querySelector(".progress")}
			})()`, &got))
			assert.Equal(t, tt.want, got)
		})
	}
}

// TestABrowserTooOldForTheElementShowsTheGuide, and the link's page all else.
func TestABrowserTooOldForTheElementShowsTheGuide(t *testing.T) {
	s := newShop(t)
	s.serveThrough(t, func(w http.ResponseWriter, r *http.Request, served http.Handler) {
		if r.URL.Path != "/" {
			served.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		served.ServeHTTP(answer, r)
		w.Header().Set("Content-Type", "text/html; charset=utf-8") // and no policy, for the sake of this script
		fmt.Fprint(w, strings.Replace(answer.Body.String(), "<head>",
			`<head><script>CSSStyleSheet = class { constructor() { throw new TypeError("Illegal constructor") } }</script>`, 1))
	})
	page, err := s.browser.NewContext(s.ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(s.ctx, s.diag+"/"))
	require.NoError(t, page.Until(s.ctx, `customElements.get("checkout-doctor") && !document.querySelector(".reset").hidden`))
	var guide bool
	require.NoError(t, page.Eval(s.ctx, `document.querySelector("checkout-doctor .guide").checkVisibility()`, &guide))
	assert.True(t, guide)
}

// TestAnAddressIsCalledWrongWhereItIs, and not where it cannot be told.
func TestAnAddressIsCalledWrongWhereItIs(t *testing.T) {
	english, err := web.Locale("en")
	require.NoError(t, err)
	for name, tt := range map[string]struct{ lost, want string }{
		"a wrong address":                 {"nothing", english.Page["addressInvalid"]},
		"a module that could not be had":  {"/module.wasm", ""},
		"a script that could not be had":  {"/run.js", ""},
		"a script that is loaded earlier": {"/core.js", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.serveThrough(t, func(w http.ResponseWriter, r *http.Request, served http.Handler) {
				if strings.HasSuffix(r.URL.Path, tt.lost) {
					http.NotFound(w, r)
					return
				}
				served.ServeHTTP(w, r)
			})
			page, err := s.browser.NewContext(s.ctx, probe.ContextOptions{})
			require.NoError(t, err)
			t.Cleanup(func() { assert.NoError(t, page.Close()) })
			require.NoError(t, page.Open(s.ctx, s.diag+"/"))
			require.NoError(t, page.Until(s.ctx, `!document.querySelector(".reset").hidden`))
			var said string
			require.NoError(t, page.Eval(s.ctx, `(async () => {
				const address = document.querySelector("#address")
				address.value = "no address"
				address.dispatchEvent(new Event("input"))
				const {resetCacheURL} = await import(document.querySelector("script[src$='checkout-doctor.js']").src)
				await resetCacheURL(address.value).catch(() => {}) // ends after the page's own
				for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame)
				return document.querySelector("#problem").textContent
			})()`, &said))
			assert.Equal(t, tt.want, said)
		})
	}
}

// TestOnlyOurOwnPageGreetsFromThePopUp: the window may have been led elsewhere.
func TestOnlyOurOwnPageGreetsFromThePopUp(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	for origin, want := range map[string]bool{s.diag: true, "PAGE": true, "https://elsewhere.test": false} {
		t.Run(origin, func(t *testing.T) {
			var hello bool
			require.NoError(t, page.Eval(s.ctx, fmt.Sprintf(`(async () => {
				const place = frame("").contentWindow
				globalThis.open = (url) => {
					const data = {type: "checkout-doctor:popup", nonce: new URL(url).searchParams.get("nonce")}
					const greeting = new MessageEvent("message", {source: place, origin: %q.replace("PAGE", location.origin), data})
					setTimeout(() => dispatchEvent(greeting))
					return place
				}
				const element = document.body.appendChild(document.createElement("checkout-doctor"))
				element.only = ["popup"]
				const reported = new Promise((done) => element.addEventListener("checkout-doctor:report", ({detail}) => done(detail)))
				globalThis.pressed = () => reported
				element.style.cssText = "position: fixed; inset: 0 auto auto 0; z-index: 9"
				return false
			})()`, origin), nil))
			require.NoError(t, page.ClickAt(s.ctx, 20, 20))
			require.NoError(t, page.Eval(s.ctx, `(async () => {
				const {facts} = await pressed()
				for (const element of document.querySelectorAll("checkout-doctor")) element.remove()
				return facts["popup.hello"].value
			})()`, &hello))
			assert.Equal(t, want, hello)
		})
	}
}
