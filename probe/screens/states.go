package screens

import (
	"fmt"
	"slices"

	"checkoutdoctor/web"
	"checkoutdoctor/web/link"
)

// State is something that the link's page can show.
type State struct {
	Name    string
	Reports []string    // recorded ones, by their files' names
	Bare    bool        // nothing that the loader loads can be had
	Inbox   bool        // the page can send reports
	Refused link.Reason // why the link is not good that opens the page; empty for a page that is opened without
	script  string      // brings the page into it; see stage.js
	sign    string      // an expression that is true of no other state that the script could end in; see stage.js
}

// ready is what is so once the page that is opened has all that comes by itself.
func (s State) ready() string {
	switch {
	case s.Refused != "":
		return `document.readyState === "complete"`
	case s.Bare:
		return `document.querySelector("checkout-doctor")?.dataset.state === "error"`
	}
	return `document.querySelector("checkout-doctor")?.dataset.state === "ready"`
}

// States are all of them, in the order in which a user may come to them.
func States() []State {
	return []State{
		{Name: "idle", sign: `seen("#diagnose") && !seen(".progress, .headline")`},
		{Name: "link-expired", Refused: link.Expired, sign: `seen("h1", words.page.linkExpired)`},
		{Name: "link-early", Refused: link.NotYetValid, sign: `seen("h1", words.page.linkEarly)`},
		{Name: "link-invalid", Refused: link.Altered, sign: `seen("h1", words.page.linkInvalid)`},
		{Name: "loading", script: `(await newView()).begin()`, sign: `seen("progress:not([value])")`},
		{Name: "running", script: `const view = await newView(); view.begin(); view.progress({check: "frame", done: 7, total: 20})`, sign: `seen("progress[value]")`},
		{Name: "blocked-popup", Reports: []string{"too-late"}, script: `await show(...reports)`, sign: `headed("blocked", "popup.blocked")`},
		{Name: "blocked-frame", Reports: []string{"acs-frame-options"}, script: `await show(...reports)`, sign: `headed("blocked", "threeds.acs-frame-options")`},
		{Name: "blocked-doubtful", Reports: []string{"notification-silent"}, script: `await show(...reports)`, sign: `headed("blocked", "threeds.notification-silent") && seen(".kicker", words.verdicts.blocked.possible)`},
		{Name: "blocked-cookie", Reports: []string{"acs-needs-cookie"}, script: `await show(...reports)`, sign: `headed("blocked", "threeds.acs-needs-cookie")`},
		{Name: "declined", Reports: []string{"declined-issuer-trouble"}, script: `await show(...reports); unfold(".now details")`, sign: `headed("blocked", "payment.declined")`},
		{Name: "degraded-vpn", Reports: []string{"exit-vpn-network"}, script: `await show(...reports)`, sign: `headed("degraded", "vpn.likely")`},
		{Name: "degraded-slow", Reports: []string{"slow"}, script: `await show(...reports)`, sign: `headed("degraded", "network.slow")`},
		{Name: "clear", Reports: []string{"link"}, script: `await showChecklist(...reports)`, sign: `headed("clear") && seen(".checklist")`},
		{Name: "clear-ticked", Reports: []string{"conditions-slow"}, script: ticked, sign: `headed("clear") && seen(".checklist :checked") && seen(".reading[data-state=expired]")`},
		{Name: "refund", Reports: []string{"link"}, script: `await showRefund(...reports)`, sign: `seen(".refund .letter")`},
		{Name: "refund-filled", Reports: []string{"link"}, script: filled, sign: `seen(".choice :checked") && seen(".log .consent")`},
		{Name: "refund-wrong", Reports: []string{"link"}, script: wrong, sign: `seen(".refund .problem:not(:empty)")`},
		{Name: "print", Reports: []string{"conditions-slow"}, script: `await showPrint(...reports)`, sign: `seen("main > .letter") && seen(".based")`},
		{Name: "isolated", Reports: []string{"wasm-refused"}, script: `await showChecklist(...reports); unfold("details:not(.next details)")`, sign: `seen(".further h3", words.causes["environment.wasm-refused"].title)`},
		{Name: "inconclusive", Reports: []string{"all-down-link"}, script: `await show(...reports)`, sign: `headed("inconclusive") && seen(".card.guide")`},
		{Name: "failed", script: `await fail({problem: "network", reason: "unreachable"})`, sign: `seen(".account p", words.failures.network) && seen("details.support")`},
		{Name: "failed-policy", script: `await fail({problem: "policy", reason: "refused"}); unfold()`, sign: `seen(".account p", words.failures.policy) && seen("details.support")`},
		{Name: "failed-inbox", Inbox: true, script: `await fail({problem: "network", reason: "unreachable"})`, sign: `seen(".account p", words.failures.network) && seen("[data-support=offer]")`},
		{Name: "nothing-loads", Bare: true, script: `await doctor.diagnose()`, sign: `seen("checkout-doctor > .guide") && seen(".rescue > *")`},
		compared("gone", "link-vpn-network", "links-ethernet"),
		compared("stays", "link-vpn-network", "black-hole-down-ethernet"),
		compared("same", "exit-vpn-network", "exit-vpn-network"),
		compared("fewer", "exit-vpn-network", "one-signal-vpn"),
		compared("more", "one-signal-vpn", "exit-vpn-network"),
		compared("other", "one-signal-country", "one-signal-hosting"),
		compared("unknown", "exit-vpn-network", "vantage-down"),
		{Name: "repair-offered", Reports: []string{"stale-script"}, script: offered, sign: `seen("[data-repair=repair-file]")`},
		{Name: "repair-asked", Reports: []string{"stale-worker"}, script: asked, sign: `seen(".consent", words.ui.removeWorkerConsent)`},
		{Name: "repair-done", Reports: []string{"stale-script"}, script: offered + `
			find("[data-repair=repair-file]").click()`, sign: `seen(".outcome", words.ui.repairFileDone)`},
		{Name: "repair-failed", Reports: []string{"stale-script"}, script: `
			await showRepairs(...reports, {assets: ["/gone.js"]})
			await repair("repair-file")`, sign: `seen(".outcome", words.ui.repairFailed) && seen("[data-repair=repair-file]:not([aria-disabled])")`},
		{Name: "clear-data-consent", Reports: []string{"stale-script"}, script: clearable("") + `
			await until(() => find("[data-repair=clear-site-data]"))
			find("[data-repair=clear-site-data]").click()`, sign: `seen(".consent", words.ui.clearDataConsent)`},
		{Name: "clear-data-asked", Reports: []string{"stale-script"}, script: clearable("") + cleared, sign: `seen(".outcome", words.ui.clearDataAsked)`},
		{Name: "clear-data-done", Reports: []string{"stale-script"}, script: `await keep(document.scripts[0].src)` + clearable("document.scripts[0].src") + cleared, sign: `seen(".outcome", words.ui.clearDataDone)`},
		{Name: "support-offer", Inbox: true, Reports: []string{"acs-frame-options"}, script: ofCase, sign: `seen(".support[data-support=offer]")`},
		{Name: "support-preview", Inbox: true, Reports: []string{"acs-frame-options"}, script: ofCase + `
			await handOver("preview")
			find(".support input").click()
			unfold(".support details")`, sign: `seen(".support[data-support=contents]") && seen("[data-support=exact]")`},
		{Name: "support-received", Inbox: true, Reports: []string{"acs-frame-options"}, script: ofCase + `
			await handOver("preview", "send")`, sign: `seen("[data-support=received]")`},
		{Name: "support-not-sent", Inbox: true, Reports: []string{"conditions-slow"}, script: ofCase + `
			doctor.setAttribute("report-to", "/nowhere")
			await show(reports[0])
			await handOver("preview", "send")`, sign: `seen("[data-support=not-sent]")`},
		{Name: "support-no-receipt", Inbox: true, Reports: []string{"acs-frame-options"}, script: ofCase + `
			doctor.setAttribute("report-to", "https://localhost:9/reports") // a port that browsers never connect to
			await show(reports[0])
			await handOver("preview", "send")
			await until(() => find("[data-support=no-receipt]"))
			unfold(".support details")`, sign: `seen("[data-support=no-receipt]") && seen("[data-support=exact]")`},
		{Name: "support-code", Reports: []string{"too-late"}, script: `
			await show(...reports)
			await until(() => find(".support"))
			unfold(".support")`, sign: `seen("[data-support=code]")`},
		{Name: "language-missing", Reports: []string{"too-late"}, script: `
			await show(...reports)
			await until(() => find(".support"))
			globalThis.fetch = () => Promise.reject(new TypeError("the network is gone"))
			const chooser = find(".chooser select")
			enter(chooser, chooser.value === "en" ? "sv" : "en")`, sign: `seen(".chooser + [role=alert]")`},
		{Name: "unfolded", Reports: []string{"acs-frame-options"}, script: `await show(...reports); unfold()`, sign: `seen(".code", "threeds.acs-frame-options")`},
		{Name: "unfolded-doubtful", Reports: []string{"conditions-slow"}, script: `await showChecklist(...reports); unfold()`, sign: `seen(".further .confidence")`},
		{Name: "hand-on", script: handedOn, sign: `seen(".hand-on img") && !seen("#by-hand")`},
		{Name: "hand-on-by-hand", script: handedOn + `
			const [computer, phone] = part.querySelectorAll("h2")
			Object.assign(computer, {hidden: false})
			Object.assign(phone, {hidden: true})
			navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"))
			part.querySelector("#copy").click()
			await until(() => part.querySelector("input").value)`, sign: `seen("#by-hand")`},
		{Name: "address-refused", script: `enter(document.querySelector("#address"), "ads manager")`, sign: `seen("#problem:not(:empty)")`},
		{Name: "address-link", script: `
			enter(document.querySelector("#address"), "https://ads.tiktok.com/i18n/dashboard?aadvid=7123456789012345678")`, sign: `seen("#reset")`},
	}
}

// StatesNamed are those with the names; all, where none is named.
func StatesNamed(names []string) ([]State, error) {
	all := States()
	if len(names) == 0 {
		return all, nil
	}
	states := make([]State, len(names))
	for i, name := range names {
		at := slices.IndexFunc(all, func(s State) bool { return s.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no state %q", name)
		}
		states[i] = all[at]
	}
	return states, nil
}

// compared is what becomes of the first report's findings, told by the outcome.
func compared(outcome, before, now string) State {
	return State{
		Name: "compared-" + outcome, Reports: []string{before, now},
		script: `await show(...reports)`, sign: fmt.Sprintf(`seen("[data-compared=%s]")`, outcome),
	}
}

// clearable is a site whose server can have the browser clear what it keeps of it.
// Whether it did is told by the assets, of which the browser has kept some.
func clearable(assets string) string {
	return fmt.Sprintf("\nawait showRepairs(...reports, {clearURL: %q, assets: [%s]})\n", web.ClearDataPath, assets)
}

const (
	// ticked is a checklist of which some is done, and a card that has expired.
	ticked = `
		await showChecklist(...reports)
		for (const box of all("[data-point] > input").slice(0, 3)) box.click()
		const date = find("[data-point=check-card-date]")
		date.querySelector("details").open = true
		enter(date.querySelector("input:not([type=checkbox])"), "01/24")
		find("[data-point=ask-bank] details").open = true`

	// filled is a request that is made, a note that is kept, and the question
	// before that is erased.
	filled = `
		await showRefund(...reports)
		find(".choice input").click()
		const values = {account: "act_123456789012345", story: "W".repeat(60) + " 1 2 3", amount: "1250.50", charged: "2026-11-01", reference: "ABC-1234567890"}
		for (const control of all("[data-entry]")) if (values[control.dataset.entry]) enter(control, values[control.dataset.entry])
		enter(find("[data-part=notes] textarea"), "Lorem ipsum dolor sit amet ".repeat(6))
		find("[data-notes=add]").click()
		await until(() => find(".log button"))
		find(".log button").click()`

	// wrong is a request with everything entered that cannot be.
	wrong = `
		await showRefund(...reports)
		for (const control of all("[data-entry]")) {
			if (control.dataset.entry === "amount") enter(control, "12.34.56,7")
			if (control.type === "date") enter(control, "2020-01-01")
		}
		find("[data-notes=add]").click()`

	// ofCase is a report of a case, which can be sent.
	ofCase = `
		reports[0].case = "4711"
		await show(reports[0])
		await until(() => find(".support"))`

	// handedOn is the way to another device, with its code.
	handedOn = `
		const part = document.querySelector(".hand-on")
		part.open = true
		part.querySelector("#share").hidden = false
		part.scrollIntoView()
		await until(() => part.querySelector("img").naturalWidth)`

	// offered is a repair that the page can make by itself.
	offered = `
		doctor.page = {assets: ["/checkout-doctor.js"]}
		await show(...reports)
		unfold(".now details")
		await until(() => find("[data-repair=repair-file]"))`

	// cleared has it do so.
	cleared = `
		await repair("clear-site-data")`

	// asked is the question before a repair that removes something.
	asked = `
		await caches.open("kept")
		await show(...reports)
		unfold(".now details")
		await until(() => find("[data-repair=remove-worker]"))
		find("[data-repair=remove-worker]").click()`
)
