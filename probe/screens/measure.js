// Measures what is shown: returns what is wrong with it, as {what, element, text}.
const SLACK = 1.5 // CSS pixels: what rounding and slanted letters take
const TARGET = 24 // CSS pixels, WCAG 2.2, 2.5.8
const CONTROLS = "button, a[href], input, select, textarea, summary, [tabindex]:not([tabindex='-1'])"
const BOXES = "button, .repair a, summary, select, .card, .headline, td, th, label" // what text must not leave

const SHORT = "h1, h2, h3, h4, h5, summary, th, td, button, .button, .kicker" // texts whose words must not be broken

const flaws = []
const brief = (text) => text.trim().replace(/\s+/g, " ").slice(0, 80)
const nameOf = (element) => {
	const own = [element.localName, element.id && `#${element.id}`, ...[...element.classList].map((name) => `.${name}`)].join("")
	const around = parentOf(element)
	return around && around.localName !== "html" ? `${around.localName}${[...around.classList].map((name) => `.${name}`).join("")} > ${own}` : own
}
const flaw = (what, element, text = element.textContent) => flaws.push({what, element: nameOf(element), text: brief(text)})

/** The parent as it is laid out. */
const parentOf = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null
function* upwards(element) {
	for (let at = element; at; at = parentOf(at)) yield at
}

/** Whether it is there for those only who listen. */
const isHeard = (element) => {
	const {width, height} = element.getBoundingClientRect()
	return width <= 1 && height <= 1 && getComputedStyle(element).overflow !== "visible"
}

/** Every element that can be seen, as it is laid out. */
function* shown(element) {
	if (!element.checkVisibility({visibilityProperty: true}) && getComputedStyle(element).display !== "contents") return
	if (isHeard(element) || ["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) return
	yield element
	const children = element.shadowRoot?.children ?? (element.localName === "slot" && element.assignedElements().length ? element.assignedElements() : element.children)
	for (const child of children) yield* shown(child)
}

const texts = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
/** The boxes of a text, a line each, without the spaces that kept white space hangs beyond a line's end. */
const boxesOf = (text) => {
	const range = document.createRange()
	range.selectNodeContents(text)
	const {whiteSpaceCollapse, fontSize} = getComputedStyle(text.parentElement)
	const least = whiteSpaceCollapse === "preserve" ? parseFloat(fontSize) / 2 : 0
	return [...range.getClientRects()].filter(({width}) => width > least)
}
const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX) && element !== document.documentElement
const hides = (value) => value === "hidden" || value === "clip"

function measurePage() {
	if ((document.documentElement.dir || "ltr") !== DIRECTION) flaw("the document does not say its direction", document.documentElement, "")
	const {scrollWidth, clientWidth} = document.documentElement
	if (scrollWidth > clientWidth) flaw(`the page scrolls sideways, it is ${scrollWidth} px wide in ${clientWidth}`, document.documentElement, "")
}

function measureBox(element) {
	const {left, right, width} = element.getBoundingClientRect()
	if (!width || [...upwards(parentOf(element))].some(scrolls)) return
	const out = Math.max(-left, right - document.documentElement.clientWidth)
	if (out > SLACK) flaw(`it leaves the viewport by ${out.toFixed(1)} px`, element)
}

function measureText(text, element) {
	const boxes = boxesOf(text)
	for (const around of upwards(element)) {
		if (scrolls(around)) return // what is beyond can be scrolled to
		const style = getComputedStyle(around)
		const box = around.getBoundingClientRect()
		const beside = boxes.some(({left, right}) => left < box.left - SLACK || right > box.right + SLACK)
		const beyond = boxes.some(({top, bottom}) => top < box.top - 3 * SLACK || bottom > box.bottom + 3 * SLACK) // letters may be taller than lines
		const clips = (beside && hides(style.overflowX)) || (beyond && hides(style.overflowY))
		if (clips) return flaw(`text is clipped by ${nameOf(around)}`, element, text.data)
		if ((beside || beyond) && around.matches(BOXES)) return flaw(`text leaves ${nameOf(around)}`, element, text.data)
	}
}

/** A word of a short text that begins on one line and ends on another; hyphens divide words. Chinese lines break anywhere. */
function measureWords(text, element) {
	const {lang} = element.closest("[lang]") ?? document.documentElement
	if (!element.closest(SHORT) || lang.startsWith("zh")) return
	const range = document.createRange()
	for (const {segment, index, isWordLike} of new Intl.Segmenter(lang, {granularity: "word"}).segment(text.data)) {
		if (!isWordLike) continue
		range.setStart(text, index)
		range.setEnd(text, index + segment.length)
		const tops = [...range.getClientRects()].map(({top}) => Math.round(top))
		if (Math.max(...tops) - Math.min(...tops) > SLACK) return flaw(`the word "${segment}" is broken`, element, text.data)
	}
}

/** What is wrong with each of the titles as the headline. */
function measureTitles(titles) {
	const headline = document.querySelector("checkout-doctor").shadowRoot.querySelector(".headline h2")
	for (const title of titles) {
		headline.textContent = title
		measureBox(headline)
		measureWords(headline.firstChild, headline)
	}
	return flaws
}

const pen = new OffscreenCanvas(64, 64).getContext("2d", {willReadFrequently: true})
const fontOf = ({fontStyle, fontWeight, fontFamily}, size = "32px") => `${fontStyle} ${fontWeight} ${size} ${fontFamily}`

/** What is chosen in a list, and the hint in an empty field: neither is laid out as text of the page. */
function measureValue(element) {
	const text = element.localName === "select" ? element.selectedOptions[0]?.text : element.value ? "" : element.placeholder
	if (!text) return
	const style = getComputedStyle(element)
	pen.font = fontOf(style, style.fontSize)
	const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
	if (pen.measureText(text).width > room + SLACK) flaw("its text is wider than it is", element, text)
}

/** A link within a sentence may be as low as its line. */
const inSentence = (element) => getComputedStyle(element).display === "inline" && brief(parentOf(element).textContent) !== brief(element.textContent)

function measureTarget(element) {
	if (!element.matches(CONTROLS) || inSentence(element)) return
	const boxes = [element, ...(element.labels ?? [])].map((part) => part.getBoundingClientRect())
	if (boxes.some(({width, height}) => width >= TARGET - 0.1 && height >= TARGET - 0.1)) return
	flaw(`it is ${boxes[0].width.toFixed(1)} x ${boxes[0].height.toFixed(1)} px, and ${TARGET} are needed to hit it`, element)
}

/** Whether it has a direction of its own: what is in another language, and what is entered. */
const isForeign = (element) =>
	["input", "textarea"].includes(element.localName) || [...upwards(element)].some(({dir, localName}) => localName === "bdi" || (dir === "ltr" && localName !== "html"))

function measureDirection(element) {
	if (isForeign(element)) return
	const {direction, listStyleType} = getComputedStyle(element)
	if (direction !== DIRECTION) return flaw(`its direction is ${direction}`, element)
	if (element.localName !== "li" || listStyleType === "none") return
	const [item, list] = [element, parentOf(element)].map((part) => part.getBoundingClientRect())
	const [left, right] = [item.left - list.left, list.right - item.right]
	if (DIRECTION === "rtl" ? left > right : right > left) flaw("its marker has no room on its side", element)
}

function measureHeadline() {
	for (const headline of document.querySelector("checkout-doctor")?.shadowRoot.querySelectorAll(".headline") ?? []) {
		const [icon, title] = [headline.querySelector("svg"), headline.querySelector("h2")].map((part) => part.getBoundingClientRect())
		const [beside, above] = DIRECTION === "rtl"
			? [icon.left >= title.right - SLACK, icon.right >= title.right - SLACK]
			: [icon.right <= title.left + SLACK, icon.left <= title.left + SLACK]
		if (!beside && !(above && icon.bottom <= title.top)) flaw("its icon stands neither before nor above the beginning of its title", headline)
	}
}

const pictures = new Map()
/** What the character looks like in the font, as text. */
function picture(character, font) {
	const key = font + character
	if (!pictures.has(key)) {
		Object.assign(pen, {font, textBaseline: "middle"})
		pen.clearRect(0, 0, 64, 64)
		pen.fillText(character, 8, 32)
		pictures.set(key, new Uint32Array(pen.getImageData(0, 0, 64, 64).data.buffer).join())
	}
	return pictures.get(key)
}

/** The characters that no font has: they look like one that none can have. */
function undrawn(text, style) {
	const font = fontOf(style)
	const none = picture("\u{10FFFE}", font)
	return [...new Set(text)].filter((character) => !/[\p{Z}\p{Cc}\p{Cf}\p{M}]/u.test(character) && picture(character, font) === none)
}

function measureGlyphs(element) {
	const text = [...texts(element).map(({data}) => data), element.localName === "select" ? element.selectedOptions[0]?.text : element.value || element.placeholder]
	const missing = undrawn(text.filter((part) => typeof part === "string").join(""), getComputedStyle(element))
	if (missing.length) flaw(`no font has ${missing.map((character) => `U+${character.codePointAt(0).toString(16).toUpperCase()}`).join(", ")}`, element, missing.join(" "))
}

function measureAll() {
	measurePage()
	measureHeadline()
	for (const element of shown(document.body)) {
		measureBox(element)
		measureTarget(element)
		measureValue(element)
		if (element.namespaceURI.endsWith("xhtml")) measureDirection(element)
		measureGlyphs(element)
		for (const text of texts(element)) {
			measureText(text, element)
			measureWords(text, element)
		}
	}
	return flaws
}
