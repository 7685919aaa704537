// What the states of the link's page are made with.
const doctor = document.querySelector("checkout-doctor")
const root = doctor?.shadowRoot // where a link is refused there is no element
const find = (selector) => root.querySelector(selector)
/** All of them; where there is none, the state would not be what it is called. */
const all = (selector) => {
	const list = [...root.querySelectorAll(selector)]
	if (!list.length) throw new Error(`there is no ${selector}`)
	return list
}
const frame = () => new Promise(requestAnimationFrame)

/** Whether one of them can be seen, in the page or the element, that says just this text; without a text, whatever it says. */
const seen = (selector, text) =>
	[document, root].flatMap((place) => [...(place?.querySelectorAll(selector) ?? [])])
		.some((element) => element.checkVisibility() && (text === undefined || element.textContent === text))

/** Whether the headline has the verdict's looks and names the cause; without a cause, what the verdict is. */
const headed = (verdict, cause) => seen(`.headline.${verdict}`) && seen(".headline h2", (words.causes[cause] ?? words.verdicts[verdict]).title)

/** Waits until it is so; after ten seconds it fails. */
const until = async (ready) => {
	const end = performance.now() + 10_000
	while (!(await ready())) {
		if (performance.now() > end) throw new Error(`not so in time: ${ready}`)
		await frame()
	}
}

/** Waits until nothing has changed for six frames in a row: what is loaded lazily is there then, too. */
const still = async () => {
	let changes = 0
	const watching = new MutationObserver(() => changes++)
	for (const place of root ? [document, root] : [document]) watching.observe(place, {subtree: true, childList: true, characterData: true, attributes: true})
	for (let calm = 0, before = 0; calm < 6; ) {
		await frame()
		calm = changes === before ? calm + 1 : 0
		before = changes
	}
	watching.disconnect()
	scrollTo(0, 0)
}

/** Waits until nothing changes any more, and it is so then. */
const settled = async (sign) => {
	await until(sign)
	await still()
	if (!sign()) throw new Error(`no longer so: ${sign}`)
}

/** The element's view, without a diagnosis. */
const newView = async () => {
	const loader = document.querySelector("script[src$='/checkout-doctor.js']").src
	const core = await import(new URL("core.js", loader).href)
	return core.createView(doctor, find("#diagnose"), find("[part=result]"))
}

/** Shows the reports one after the other, as a user sees them who checks again. */
const show = async (...reports) => {
	const view = await newView()
	for (const report of reports) await view.show({...report, id: report.id.slice(0, -1) + reports.indexOf(report)})
	doctor.dataset.state = "done"
}

/** Presses the buttons of the way to support, one after the other. */
const handOver = async (...buttons) => {
	for (const name of buttons) {
		await until(() => find(`button[data-support=${name}]`))
		find(`button[data-support=${name}]`).click()
	}
}

/** Shows why there is no diagnosis, of which the loader makes a report. */
const fail = async (failure) => {
	const view = await newView()
	view.fail(failure)
	const detail = {
		schema: 1, id: "0123456789abcdef", generatedAt: "2026-11-22T12:00:00Z", module: "0.1.0", mode: "link", verdict: "inconclusive",
		findings: [], hidden: [], notChecked: [{code: "*", reason: failure.reason}],
		facts: {"environment.module-problem": {value: failure.problem, from: "loader"}}, timing: {},
	}
	doctor.dispatchEvent(new CustomEvent("checkout-doctor:report", {detail}))
	await until(() => find(".support"))
}

const unfold = (selector = "details") => {
	for (const details of all(selector)) details.open = true
}

/** Enters the value as a user does. */
const enter = (control, value) => {
	control.value = value
	for (const type of ["input", "change", "blur"]) control.dispatchEvent(new Event(type, {bubbles: true}))
}

/** Shows the checklist and, folded, the refund path. */
const showChecklist = async (report) => {
	await show(report)
	await until(() => find(".checklist"))
}

const showRefund = async (report) => {
	await showChecklist(report)
	find(".refund").closest("details").open = true
}

/** Offers the repairs that this page can make, for files that the server has or has not. */
const showRepairs = async (report, page) => {
	doctor.page = page
	await show(report)
	unfold(".now details")
}

/** Has the browser keep the file in its HTTP cache. What an earlier state had cleared comes out of the browser's memory, and is not in there. */
const keep = async (url) => {
	await (await fetch(url, {cache: "reload"})).arrayBuffer()
	await until(() => fetch(url, {cache: "only-if-cached", mode: "same-origin"}).then(({ok}) => ok, () => false))
}

/** Makes a repair, after the question if there is one. */
const repair = async (name) => {
	await until(() => find(`[data-repair=${name}]`))
	find(`[data-repair=${name}]`).click()
	find(`[data-consent=${name}]`)?.click()
}

/** Shows the page to print in the place of this one, so that it is measured as this one would be. */
const showPrint = async (report) => {
	await showRefund(report)
	const {contentWindow} = document.body.appendChild(document.createElement("iframe"))
	globalThis.open = () => contentWindow
	find("[data-save=print]").click()
	const {documentElement, body, title, adoptedStyleSheets} = contentWindow.document
	const sheet = new CSSStyleSheet()
	sheet.replaceSync(adoptedStyleSheets.flatMap(({cssRules}) => [...cssRules]).map(({cssText}) => cssText).join(""))
	document.adoptedStyleSheets = [sheet]
	for (const link of document.querySelectorAll("link[rel=stylesheet]")) link.remove()
	Object.assign(document.documentElement, {lang: documentElement.lang, dir: documentElement.dir})
	document.title = title
	document.body.replaceChildren(...body.childNodes)
}
