package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
)

// showsMore puts what more.js makes into the page of a link, under that page's
// policy, and gives the page what a test does with it.
const showsMore = `
const base = new URL(".", document.querySelector("script[src*='/v/']").src)
const json = async (name) => (await fetch(new URL(name, base))).json()
const [more, words, said, report] = [await import(new URL("more.js", base)), await json("locales/en.json"), await json("locales/en.more.json"), REPORT]
globalThis.violations = []
addEventListener("securitypolicyviolation", ({violatedDirective}) => violations.push(violatedDirective))
const host = document.createElement("div")
document.querySelector("main").replaceChildren(host)
const root = host.attachShadow({mode: "open"})
const entries = more.newEntries()
globalThis.show = (what) => root.replaceChildren(more[what]({report, words, more: said, entries, root}))
Object.assign(globalThis, {root, moreBase: base, shownReport: report})
globalThis.$ = (selector) => root.querySelector(selector)
globalThis.all = (selector) => [...root.querySelectorAll(selector)]
globalThis.enter = (selector, value) => {
	const control = $(selector)
	control.value = value
	for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, {bubbles: true}))
}
globalThis.middle = (selector, text) => {
	const element = all(selector).find(({textContent}) => !text || textContent === text)
	element.scrollIntoView({block: "center"})
	const {x, y, width, height} = element.getBoundingClientRect()
	return {x: x + width / 2, y: y + height / 2}
}
`

// walk is a visit to the page of a link that shows the checklist or the refund
// path.
type walk struct {
	ctx       context.Context
	page      probe.Page
	downloads string // the folder
}

// newWalk shows the recorded report of the scenario.
func newWalk(t *testing.T, scenario string) *walk {
	t.Helper()
	handler, err := web.Handler(web.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	downloads := t.TempDir()
	page, err := browser.NewContext(ctx, probe.ContextOptions{Downloads: downloads})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	w := &walk{ctx: ctx, page: page, downloads: downloads}
	require.NoError(t, page.Open(ctx, server.URL+"/"))
	w.prepare(t, scenario)
	return w
}

func (w *walk) prepare(t *testing.T, scenario string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "facts", scenario+".json"))
	require.NoError(t, err)
	require.NoError(t, w.page.Eval(w.ctx, "(async () => {"+strings.Replace(showsMore, "REPORT", string(text), 1)+"})()", nil))
}

// do runs the script's statements in the page.
func (w *walk) do(t *testing.T, script string) {
	t.Helper()
	require.NoError(t, w.page.Eval(w.ctx, "(async () => {"+script+"})()", nil))
}

// get evaluates the expression, a text, in the page.
func (w *walk) get(t *testing.T, expression string) (text string) {
	t.Helper()
	require.NoError(t, w.page.Eval(w.ctx, expression, &text))
	return text
}

// press clicks the element with the mouse; where there are several, that with
// the text.
func (w *walk) press(t *testing.T, selector, text string) {
	t.Helper()
	var at struct{ X, Y float64 }
	require.NoError(t, w.page.Eval(w.ctx, fmt.Sprintf("middle(%q, %q)", selector, text), &at))
	require.NoError(t, w.page.ClickAt(w.ctx, at.X, at.Y))
}

// until waits for the condition in the page.
func (w *walk) until(t *testing.T, condition string) {
	t.Helper()
	require.NoError(t, w.page.Until(w.ctx, condition))
}

// downloaded waits for the file that the browser saves under the name.
func (w *walk) downloaded(t *testing.T, name string) (content string) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		text, err := os.ReadFile(filepath.Join(w.downloads, name))
		require.NoError(c, err)
		require.NotEmpty(c, text)
		content = string(text)
	}, 10*time.Second, 50*time.Millisecond, "the file %s is saved", name)
	return content
}

// TestTheChecklistIsGoneThrough from the top to its end, as somebody does whose
// browser is not to blame.
func TestTheChecklistIsGoneThrough(t *testing.T) {
	w := newWalk(t, "link")
	w.do(t, `show("checklist")`)
	var points []string
	require.NoError(t, w.page.Eval(w.ctx, `all("[data-point]").map(({dataset}) => dataset.point)`, &points))
	assert.Equal(t, []string{"check-details", "check-card-date", "check-balance"}, points[:3])
	assert.Equal(t, []string{"ask-bank", "ask-support"}, points[len(points)-2:])
	assert.NotContains(t, points, "request-refund", "it has a path of its own")
	assert.Equal(t, "check-details", w.get(t, `all("details[open]").map((d) => d.parentElement.dataset.point).join()`))

	w.press(t, "[data-point=check-details] input[type=checkbox]", "")
	assert.Equal(t, "check-card-date", w.get(t, `all("details[open]").map((d) => d.parentElement.dataset.point).join()`), "the next one is unfolded")
	assert.Equal(t, fmt.Sprintf("1 of %d done", len(points)), w.get(t, `$(".checklist > [role=status]").textContent`))

	w.do(t, `enter(".card-date input", "13/30")`)
	assert.Contains(t, w.get(t, `$(".card-date .problem").textContent`), "no month 13")
	assert.Equal(t, "true", w.get(t, `$(".card-date input").ariaInvalid`))
	assert.Equal(t, "true", w.get(t, `"" + $(".card-date input").getAttribute("aria-describedby").split(" ").includes($(".card-date .problem").id)`), "the error is tied to its field")
	w.do(t, `enter(".card-date input", "01/20")`)
	assert.Contains(t, w.get(t, `$(".card-date .reading").textContent`), "valid until January 31, 2020 and has expired")
	assert.Empty(t, w.get(t, `$(".card-date .problem").textContent`))

	w.press(t, "[data-point=ask-bank] summary", "")
	w.press(t, ".bank button", "Download the text")
	assert.Contains(t, w.downloaded(t, "bank.txt"), "nothing was found in it that explains this")

	w.do(t, `for (const box of all("[data-point] > input:not(:checked)")) box.click()`)
	assert.Contains(t, w.get(t, `$(".checklist > [role=status]").textContent`), "All done.")
	w.do(t, `show("checklist")`)
	assert.Equal(t, "0", w.get(t, `"" + all("[data-point] > input:not(:checked)").length`), "a rendering anew keeps what was ticked off")
	assert.Equal(t, "01/20", w.get(t, `$(".card-date input").value`))
	assert.Equal(t, "0", w.get(t, `"" + (localStorage.length + sessionStorage.length)`), "nothing is stored, and the card's date least of all")
	assert.Empty(t, w.get(t, `violations.join()`))
}

// showsReport shows the recorded report as the element does.
const showsReport = `
const core = await import(new URL("core.js", moreBase))
const [button, result] = [document.createElement("button"), document.createElement("div")]
root.replaceChildren(button, result)
const view = await core.createView(root.host, button, result)
view.show(shownReport)`

// TestAChangeOfLanguageLosesNothing that was entered.
func TestAChangeOfLanguageLosesNothing(t *testing.T) {
	w := newWalk(t, "link")
	w.do(t, showsReport)
	w.until(t, `$(".refund")`)
	w.do(t, `
		$("[data-point=check-details] > input").click()
		enter(".card-date input", "01/20")
		for (const selector of ["[data-point=ask-support] > details", "[data-fold=details]"]) $(selector).open = true
		$("[data-point=check-card-date] > details").open = false
		enter("[data-entry=account]", "Acme Ads")
		$(".next > .folded").open = true
		enter(".checklist .bank textarea", "Dear bank")
		enter("[data-part=draft] .letter", "My own words")
		enter("[data-part=notes] textarea", "Half a note")
		$("input[value=glitch]").click()
		enter("select[name=language]", "sv")`)
	w.until(t, `$(".refund")?.closest("[lang]").lang === "sv" && $(".refund h3").textContent !== "Request a refund"`)
	var kept []string
	require.NoError(t, w.page.Eval(w.ctx, `[
		"" + $("[data-point=check-details] > input").checked, $("[data-entry=account]").value, $(".letter").value,
		$("[data-part=notes] textarea").value, $("input[type=radio]:checked").value, $(".bank textarea").value, "" + $(".next > .folded").open,
	]`, &kept))
	assert.Equal(t, []string{"true", "Acme Ads", "My own words", "Half a note", "glitch", "Dear bank", "true"}, kept)
	assert.NotContains(t, w.get(t, `$(".answer").textContent`), "exceptions", "it is Swedish")
	assert.Equal(t, "ask-support", w.get(t, `all("[data-point] > details[open]").map((d) => d.parentElement.dataset.point).join()`), "what was unfolded is, and nothing else")
	assert.Equal(t, "true", w.get(t, `"" + $("[data-fold=details]").open`))
	assert.Equal(t, "01/20", w.get(t, `$(".card-date input").value`))
	assert.Contains(t, w.get(t, `$(".card-date .reading").textContent`), "2020")
	assert.NotContains(t, w.get(t, `JSON.stringify([{...localStorage}, {...sessionStorage}])`), "01/20", "the card's date is never stored")
}

// TestTheChooserStaysWhereItIs on the screen while the view changes its height,
// until its user goes on.
func TestTheChooserStaysWhereItIs(t *testing.T) {
	w := newWalk(t, "link")
	w.do(t, showsReport)
	w.until(t, `$(".refund")`)
	w.do(t, `
		$("[data-fold=details]").open = true
		document.documentElement.style.overflowAnchor = "none" // as in Safari, which anchors nothing
		const chooser = $("select[name=language]")
		chooser.scrollIntoView({block: "center"})
		globalThis.top0 = chooser.getBoundingClientRect().top
		globalThis.moved = () => Math.abs($("select[name=language]").getBoundingClientRect().top - top0)
		globalThis.height0 = document.documentElement.scrollHeight
		enter("select[name=language]", "zh-Hans")`)
	w.until(t, `$(".refund")?.closest("[lang]").lang === "zh-Hans" && /[^ -~]/.test($(".refund h3").textContent) && moved() < 2`)
	w.until(t, `document.documentElement.scrollHeight < height0 - 100`)
	assert.Equal(t, "true", w.get(t, `"" + (moved() < 2)`))
	w.do(t, `
		const turn = () => new Promise(requestAnimationFrame)
		dispatchEvent(new WheelEvent("wheel"))
		$(".next > .folded").open = true
		scrollTo(0, 0)
		for (let i = 0; i < 3; i++) await turn()`)
	assert.Equal(t, "0", w.get(t, `"" + scrollY`))
}

// TestAReportLeadsOn to what is to be done outside of the browser.
func TestAReportLeadsOn(t *testing.T) {
	tests := map[string]struct{ scenario, shown string }{
		"nothing is wrong with the browser": {"link", ".checklist [data-point=ask-bank] .bank"},
		"the user was charged":              {"link", ".refund [data-part=draft]"},
		"the bank declined":                 {"declined-suspected-fraud", ".bank"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWalk(t, tt.scenario)
			w.do(t, showsReport)
			w.until(t, fmt.Sprintf("$(%q)", tt.shown))
		})
	}
}

// TestTheQuestionsToTheBankAreThoseOfItsReason, where the page handed one in.
func TestTheQuestionsToTheBankAreThoseOfItsReason(t *testing.T) {
	w := newWalk(t, "declined-suspected-fraud")
	w.do(t, `show("askBank")`)
	text := w.get(t, `$("textarea").value`)
	assert.Contains(t, text, "was declined.")
	assert.Contains(t, text, "transStatusReason 11")
	assert.Contains(t, text, "Did your fraud protection stop this payment?")
}

// TestTheWayToARefund is walked to its end: what comes out of it are files.
func TestTheWayToARefund(t *testing.T) {
	w := newWalk(t, "link")
	w.do(t, `show("refund")`)

	w.press(t, "input[value=overspent]", "")
	assert.Contains(t, w.get(t, `$(".answer").textContent`), "generally not given back")
	w.press(t, "input[value=billing-error]", "")
	assert.Contains(t, w.get(t, `$(".answer").textContent`), "among the exceptions")

	w.do(t, `enter("[data-entry=account]", "Acme Ads"); enter("[data-entry=amount]", "x"); enter("[data-entry=currency]", "SEK")`)
	assert.Contains(t, w.get(t, `$("[data-entry=amount] + .problem").textContent`), "not an amount")
	w.do(t, `enter("[data-entry=amount]", "1.250,50")`)
	assert.Empty(t, w.get(t, `$("[data-entry=amount] + .problem").textContent`))
	w.press(t, "[data-part=draft] button", "Download the text")
	request := w.downloaded(t, "refund-request.txt")
	assert.Contains(t, request, "Ads account: Acme Ads\nAmount: SEK\u00a01,250.50\n")
	assert.Contains(t, request, "I was charged wrongly.")

	w.press(t, "[data-part=draft] button", "Copy the text")
	w.until(t, `$("[data-part=draft] .told").textContent === "Copied."`)
	w.do(t, `navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"))`)
	w.press(t, "[data-part=draft] button", "Copy the text")
	w.until(t, `$("[data-part=draft] .told").textContent.includes("copy it by hand")`)
	assert.Equal(t, request, w.get(t, `$(".letter").value.slice($(".letter").selectionStart, $(".letter").selectionEnd)`), "all of it is selected")

	w.press(t, "[data-save=report]", "")
	saved, err := report.Decode([]byte(w.downloaded(t, "checkout-doctor-"+w.get(t, "shownReport.id")+".json")))
	require.NoError(t, err)
	assert.EqualValues(t, "clear", saved.Verdict)

	w.do(t, `enter("[data-part=draft] .letter", "My own words")`)
	w.do(t, `enter("[data-entry=account]", "Another")`)
	assert.Equal(t, "My own words", w.get(t, `$(".letter").value`), "what the user wrote stays")
	w.do(t, `show("refund")`)
	assert.Equal(t, "My own words", w.get(t, `$(".letter").value`), "also when the language is changed")
	w.press(t, "[data-part=draft] button", "Write the text anew from what I entered")
	assert.Contains(t, w.get(t, `$(".letter").value`), "Ads account: Another")
	assert.Empty(t, w.get(t, `violations.join()`))
	assert.Equal(t, "0", w.get(t, `"" + localStorage.length`), "nothing is stored")
}

// TestADraftOutlivesAReload, in its tab alone; one that is emptied is gone.
func TestADraftOutlivesAReload(t *testing.T) {
	w := newWalk(t, "link")
	reload := func() {
		require.NoError(t, w.page.Open(w.ctx, w.get(t, "location.href")))
		w.prepare(t, "link")
		w.do(t, `show("refund")`)
	}
	w.do(t, `show("refund"); enter("[data-entry=account]", "Acme Ads"); enter("[data-entry=story]", "Charged twice.")`)
	w.press(t, "input[value=glitch]", "")
	reload()
	assert.Equal(t, "Acme Ads, Charged twice., glitch", w.get(t, `[$("[data-entry=account]").value, $("[data-entry=story]").value, $("input[type=radio]:checked").value].join(", ")`))
	assert.Contains(t, w.get(t, `$(".letter").value`), "Charged twice.", "the text follows")
	w.do(t, `enter("[data-part=draft] .letter", "My own words")`)
	reload()
	assert.Equal(t, "My own words", w.get(t, `$(".letter").value`))
	w.press(t, "[data-part=draft] button", "Write the text anew from what I entered")
	reload()
	assert.Contains(t, w.get(t, `$(".letter").value`), "Charged twice.")
	assert.Equal(t, "0", w.get(t, `"" + localStorage.length`), "it ends with the tab")
}

// TestThePageToPrint opens in a window of its own, with the request and the
// report, and without what belongs to the screen alone.
func TestThePageToPrint(t *testing.T) {
	w := newWalk(t, "declined-suspected-fraud")
	w.do(t, `show("refund"); enter("[data-part=draft] .letter", "<b>My</b> request")`)
	w.press(t, "[data-save=print]", "")
	w.until(t, `$("[data-part=proof] .told").textContent.includes("new tab")`)
	windows, err := w.page.Windows(w.ctx)
	require.NoError(t, err)
	require.Len(t, windows, 1)
	var shown struct {
		Text, Lang, Button, Color string
		Bold                      int
	}
	require.NoError(t, windows[0].Eval(w.ctx, `({
		text: document.body.textContent, lang: document.documentElement.lang, bold: document.querySelectorAll("b").length,
		button: getComputedStyle(document.querySelector("button")).minHeight, color: document.title,
	})`, &shown))
	assert.Contains(t, shown.Text, "<b>My</b> request")
	assert.Zero(t, shown.Bold, "text only")
	assert.Contains(t, shown.Text, "Payment declined")
	assert.Contains(t, shown.Text, "threeds.outcome.trans-status-reason")
	assert.Equal(t, "en", shown.Lang)
	assert.Equal(t, "44px", shown.Button, "its style sheet is at work")
	assert.Empty(t, w.get(t, `violations.join()`))
}

// TestNoPageToPrint is said where a window does not open as it should.
func TestNoPageToPrint(t *testing.T) {
	tests := map[string]string{
		"blocked":                       "null",
		"an app's one window":           "window",
		"an extension's own answer":     "{}",
		"a window that may not be seen": "({get document() { throw new DOMException('', 'SecurityError') }})",
	}
	w := newWalk(t, "link")
	for name, opened := range tests {
		t.Run(name, func(t *testing.T) {
			w.do(t, `show("refund"); globalThis.open = () => (`+opened+`)`)
			w.press(t, "[data-save=print]", "")
			w.until(t, `$("[data-part=proof] .told").textContent`)
			assert.NotContains(t, w.get(t, `$("[data-part=proof] .told").textContent`), "new tab")
		})
	}
}

// TestRemindersAreAFile of days that make sense.
func TestRemindersAreAFile(t *testing.T) {
	w := newWalk(t, "link")
	w.do(t, `show("refund"); enter("[data-entry=first]", "2020-01-01")`)
	w.press(t, "[data-save=reminders]", "")
	assert.Contains(t, w.get(t, `$("[data-entry=first] + .problem").textContent`), "after today")
	assert.Empty(t, w.get(t, `$("[data-part=remind] .told").textContent`), "nothing is saved")
	assert.Equal(t, "first", w.get(t, `root.activeElement.dataset.entry`), "whoever saves is led to what is wrong")

	year := time.Now().Year() + 1
	w.do(t, fmt.Sprintf(`enter("[data-entry=first]", "%[1]d-03-02"); enter("[data-entry=second]", "%[1]d-03-01")`, year))
	assert.Contains(t, w.get(t, `$("[data-entry=second] + .problem").textContent`), "after the first")
	w.do(t, fmt.Sprintf(`enter("[data-entry=second]", "%[1]d-03-09"); enter("[data-entry=sent]", "%[1]d-03-02")`, year))
	assert.Contains(t, w.get(t, `$("[data-entry=first] + .problem").textContent`), "after the day on which you send")
	w.do(t, `enter("[data-entry=sent]", "2020-01-01")`)
	assert.Empty(t, w.get(t, `$("[data-entry=first] + .problem").textContent`))
	w.press(t, "[data-part=remind] input[type=checkbox]", "")
	w.press(t, "[data-save=reminders]", "")
	text := w.downloaded(t, "refund-reminders.ics")
	assert.True(t, strings.HasPrefix(text, "BEGIN:VCALENDAR\r\n"))
	assert.Equal(t, 6, strings.Count(text, "BEGIN:VEVENT"))
	at := time.Date(year, 3, 2, 9, 0, 0, 0, time.Local).UTC()
	assert.Contains(t, text, "DTSTART:"+at.Format("20060102T150405Z")+"\r\n", "at 9 in the morning here")
}

// TestNotesStayInTheBrowser until they are erased, which is asked before.
func TestNotesStayInTheBrowser(t *testing.T) {
	w := newWalk(t, "link")
	w.do(t, `show("refund")`)
	w.press(t, "[data-notes=add]", "")
	assert.Contains(t, w.get(t, `$("[data-part=notes] textarea + .problem").textContent`), "Write something")
	w.do(t, `enter("[data-part=notes] textarea", "Ticket 4711 <i>")`)
	w.press(t, "[data-notes=add]", "")
	w.until(t, `all(".log > li").length === 1`)
	assert.Contains(t, w.get(t, `$(".log .text").textContent`), "Ticket 4711 <i>")
	w.do(t, `enter("[data-part=notes] textarea", "Second"); $("[data-notes=add]").click()`)
	w.until(t, `all(".log > li").length === 2`)

	w.press(t, "[data-notes=json]", "")
	var saved struct {
		Schema int
		Notes  []struct{ Text string }
	}
	require.NoError(t, json.Unmarshal([]byte(w.downloaded(t, "refund-notes.json")), &saved))
	assert.Equal(t, 1, saved.Schema)
	assert.Len(t, saved.Notes, 2)
	w.press(t, "[data-notes=text]", "")
	assert.Contains(t, w.downloaded(t, "refund-notes.txt"), "Ticket 4711 <i>\n")

	require.NoError(t, w.page.Open(w.ctx, w.get(t, "location.href")))
	w.prepare(t, "link")
	w.do(t, `show("refund")`)
	assert.Equal(t, "2", w.get(t, `"" + all(".log > li").length`), "they are there on the next visit")

	w.press(t, ".log button", "")
	w.press(t, ".log button", "No, keep")
	assert.Equal(t, "2", w.get(t, `"" + all(".log > li").length`))
	w.press(t, ".log button", "")
	w.press(t, "[data-notes=agree]", "")
	w.until(t, `all(".log > li").length === 1`)
	w.press(t, "[data-notes=erase]", "")
	w.until(t, `$("[data-notes=agree]")`)
	assert.Equal(t, "1", w.get(t, `"" + all(".log > li").length`), "not before the answer")
	w.press(t, "[data-notes=agree]", "")
	w.until(t, `all(".log > li").length === 0`)
	assert.Equal(t, "0", w.get(t, `"" + localStorage.length`))
	assert.Equal(t, "Erased.", w.get(t, `root.activeElement.textContent`), "the focus is not lost")
}

// TestNotesWithoutStorage are said to be lost with the page, and others' are left
// alone.
func TestNotesWithoutStorage(t *testing.T) {
	tests := map[string]struct{ before, said string }{
		"the browser refuses":        {`Storage.prototype.getItem = Storage.prototype.setItem = () => { throw new DOMException("", "SecurityError") }`, "does not let this page keep anything"},
		"the storage is full":        {`Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError") }`, "could not be kept"},
		"what is there is no notes'": {`localStorage.setItem("checkout-doctor:notes", "?")`, "cannot read"},
	}
	w := newWalk(t, "link")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, w.page.Open(w.ctx, w.get(t, "location.href")))
			w.prepare(t, "link")
			w.do(t, "localStorage.clear(); "+tt.before+`; show("refund"); enter("[data-part=notes] textarea", "Ticket"); $("[data-notes=add]").click()`)
			w.until(t, `$(".trouble").textContent`)
			assert.Contains(t, w.get(t, `$(".trouble").textContent`), tt.said)
			assert.Equal(t, "true", w.get(t, `"" + ($("[data-notes=add]").offsetParent ? all(".log > li").length === 1 : $("[data-notes=json]") !== null)`),
				"it is shown, or what is there can be saved")
		})
	}
}
