package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
	"checkoutdoctor/web/vantage"
)

// showsReports gives the page a view of the diagnostic's, and reports of the
// test's own making to show in it.
const showsReports = `
const loader = await (await fetch(diag + "/checkout-doctor.js")).text()
const core = await import(new URL(loader.match(/"(.+)checkout-doctor\.js"/)[1] + "core.js", diag).href)
const host = document.body.appendChild(document.createElement("div"))
const root = host.attachShadow({mode: "open"})
const [button, result] = [document.createElement("button"), document.createElement("div")]
root.append(button, result)
const view = await core.createView(host, button, result)
const facts = ["network.address-country", "network.time-zone-countries", "environment.languages", "network.address-kind", "network.candidates",
	"network.segment-size", "network.address-family", "network.round-trip", "network.tcp-round-trip", "network.online", "network.control",
	"network.offline-events", "network.requests-lost", "network.download", "network.upload", "network.throughput", "network.provider",
	"network.tls", "network.proxy-headers", "network.control-socket", "network.clock-skew"]
let count = 0
const report = ({verdict = "clear", signals = [], found = [], hidden = [], unknown = [], notChecked = []}) => ({
	id: "" + ++count, verdict, vpn: signals.length ? {band: "likely", signals} : undefined,
	findings: [...(signals.length ? ["vpn.likely degrading"] : []), ...found].map((text) => {
		const [code, severity] = text.split(" ")
		return {code, severity, confidence: "likely", evidence: [], fixes: []}
	}),
	hidden: hidden.map((code) => ({code, because: "network.offline"})), notChecked: notChecked.map((code) => ({code, reason: "timed-out"})),
	facts: Object.fromEntries(facts.map((name) => [name, unknown.includes(name) ? {unknown: "timed-out"} : {value: "x"}])), timing: {},
})
const shown = () => {
	const section = root.querySelector("[data-compared]")
	const texts = (selector, place = section) => Array.from(place.querySelectorAll(selector), ({textContent}) => textContent)
	return section && {
		outcome: section.dataset.compared, before: section.dataset.before, title: root.querySelector(".headline h2").textContent, text: root.querySelector(".headline .outcome")?.textContent ?? "",
		caption: texts("caption")[0], heads: texts("thead th"), rows: Array.from(section.querySelectorAll("tbody tr"), (row) => texts("th, td", row)),
		scopes: Array.from(section.querySelectorAll("th"), ({scope}) => scope).join(" "),
	}
}
`

// compared is what is shown of two reports.
type compared struct {
	Outcome, Before, Title, Text, Caption, Scopes string
	Heads                                         []string
	Rows                                          [][]string
}

// TestWhatBecameOfTheNetworksTrouble is told beside the first report.
func TestWhatBecameOfTheNetworksTrouble(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	const vpn = `{verdict: "degraded", signals: ["zone", "segment-size"]}`
	const popup = `{verdict: "blocked", found: ["popup.blocked blocking"]}`
	const slow = `{verdict: "degraded", found: ["network.slow degrading"]}`
	const relay = `{found: ["vpn.relay notice"]}`
	const offline = `{verdict: "blocked", found: ["network.offline blocking"], unknown: ["network.address-country", "network.segment-size", "network.throughput", "network.proxy-headers"]}`
	tests := map[string]struct{ before, now, outcome, text string }{
		"the VPN is off and all is well":           {vpn, `{}`, "gone", "leave the VPN off"},
		"the VPN is off and the payment fails":     {vpn, `{verdict: "blocked", found: ["popup.blocked blocking"]}`, "stays", "pay again with the VPN off"},
		"the network's trouble came with the VPN":  {`{verdict: "blocked", signals: ["zone"], found: ["network.provider-unreachable blocking"]}`, `{}`, "gone", "leave the VPN off"},
		"the network's trouble stays without it":   {`{verdict: "blocked", signals: ["zone"], found: ["network.dns blocking"]}`, `{verdict: "blocked", found: ["network.dns blocking"]}`, "stays", "What is left of the last attempt may be part of it"},
		"the VPN is on still":                      {vpn, vpn, "same", "is the VPN really off?"},
		"half of its signs are there":              {vpn, `{signals: ["zone"]}`, "fewer", "others are still there"},
		"half of its signs, the rest unseen":       {vpn, `{signals: ["zone"], unknown: ["network.segment-size"]}`, "same", "is the VPN really off?"},
		"one more of its signs":                    {vpn, `{signals: ["zone", "segment-size", "round-trip"]}`, "more", "were not there before"},
		"one more of its signs, the others unseen": {vpn, `{signals: ["webrtc-address"], unknown: ["network.address-country", "network.segment-size"]}`, "more", "were not there before"},
		"another VPN":                                {vpn, `{signals: ["webrtc-address"]}`, "other", "or is another one on?"},
		"half of its signs, and another":             {vpn, `{signals: ["zone", "webrtc-address"]}`, "other", "there are others now"},
		"a sign that could not be seen before":       {`{signals: ["zone"], unknown: ["network.candidates"]}`, `{signals: ["webrtc-address"]}`, "fewer", "others are still there"},
		"a relay in the VPN's place":                 {vpn, relay, "gone", "leave the VPN off"},
		"nothing could be looked at":                 {vpn, `{unknown: ["network.address-country"]}`, "unknown", "could not be checked"},
		"the rest could not be looked at":            {vpn, `{verdict: "inconclusive"}`, "unknown", "could not be checked"},
		"the address is in no list now":              {`{signals: ["hosting-network"]}`, `{unknown: ["network.address-kind"]}`, "gone", "leave the VPN off"},
		"a relay is off":                             {relay, `{unknown: ["network.address-kind"]}`, "gone", "you can pay now"},
		"a relay is off and the payment fails":       {relay, `{verdict: "blocked", found: ["popup.blocked blocking"]}`, "stays", "something is still found"},
		"a relay is on still":                        {relay, relay, "same", "is still there"},
		"a relay could not be looked at":             {relay, `{unknown: ["network.address-country"]}`, "unknown", "could not be checked"},
		"the network is well again":                  {slow, `{}`, "gone", "you can pay now"},
		"the network is well beside a relay":         {`{found: ["network.slow degrading", "vpn.relay notice"]}`, relay, "gone", "you can pay now"},
		"the network is well and the payment fails":  {slow, `{verdict: "blocked", found: ["popup.blocked blocking"]}`, "stays", "What is left of the last attempt may be part of it"},
		"the network is as it was":                   {slow, slow, "same", "is still there"},
		"the network's trouble is hidden by another": {slow, `{verdict: "blocked", found: ["network.offline blocking"], hidden: ["network.slow"]}`, "more", "did not find"},
		"the network has one trouble less":           {`{found: ["network.slow degrading", "network.proxy notice"]}`, slow, "fewer", "some is still there"},
		"the network has another trouble":            {slow, `{verdict: "blocked", found: ["network.dns blocking"]}`, "other", "did not find"},
		"there is a VPN now":                         {slow, vpn, "other", "did not find"},
		"the network cannot be measured now":         {slow, `{unknown: ["network.throughput"]}`, "unknown", "could not be checked"},
		"what it was not known by is not known":      {`{found: ["network.flapping degrading"], unknown: ["network.requests-lost"]}`, `{unknown: ["network.requests-lost"]}`, "gone", "you can pay now"},
		"the network is back":                        {offline, `{}`, "gone", "you can pay now"},
		"the network is back, and a VPN was on":      {offline, vpn, "stays", "something is still found"},
		"the network is back, and it is slow":        {offline, slow, "stays", "something is still found"},
		"the network is back, with a proxy":          {offline, `{found: ["network.proxy notice"]}`, "gone", "you can pay now"},
		"windows open again":                         {popup, `{}`, "gone", "you can pay now"},
		"windows are blocked still":                  {popup, popup, "same", "still there"},
		"one trouble of two is gone":                 {`{verdict: "blocked", found: ["popup.blocked blocking", "cookie.disabled blocking"]}`, popup, "fewer", "some is still there"},
		"one trouble more":                           {popup, `{verdict: "blocked", found: ["popup.blocked blocking", "cookie.disabled blocking"]}`, "more", "did not find"},
		"another trouble":                            {popup, `{verdict: "blocked", found: ["cookie.disabled blocking"]}`, "other", "did not find"},
		"a trouble is hidden by another":             {popup, `{verdict: "blocked", found: ["popup.sandboxed blocking"], hidden: ["popup.blocked"]}`, "more", "did not find"},
		"windows could not be looked at":             {popup, `{verdict: "inconclusive", notChecked: ["popup.blocked"]}`, "unknown", "could not be checked"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got compared
			require.NoError(t, page.Eval(s.ctx, fmt.Sprintf(`(async () => { const diag = %q; %s
				await view.show(report(%s)); await view.show(report(%s)); return shown() })()`, s.diag, showsReports, tt.before, tt.now), &got))
			assert.Equal(t, tt.outcome, got.Outcome)
			assert.Contains(t, got.Text, tt.text)
			assert.Equal(t, tt.outcome == "gone", got.Title == "Try to pay again")
			assert.Equal(t, "1", got.Before)
		})
	}
}

// TestWhatWasNotMeasuredIsNotGone for every finding about the network: each was
// seen by facts that are not known now, or that say something else.
func TestWhatWasNotMeasuredIsNotGone(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	tests := map[string]string{
		"network.offline":               "network.online",
		"network.captive-portal":        "network.control",
		"network.flapping":              "network.requests-lost",
		"network.large-transfers-stall": "network.download",
		"network.slow":                  "network.throughput",
		"network.dns":                   "network.provider",
		"network.provider-unreachable":  "network.provider",
		"network.tls-replaced":          "network.tls",
		"network.proxy":                 "network.proxy-headers",
		"network.clock-skew":            "network.clock-skew",
		"vpn.relay":                     "network.address-country",
	}
	for code, fact := range tests {
		t.Run(code, func(t *testing.T) {
			var got []string
			require.NoError(t, page.Eval(s.ctx, fmt.Sprintf(`(async () => { const diag = %q, code = %q, fact = %q; %s
				const outcomes = []
				for (const unknown of [[fact], []]) {
					await view.show(report({verdict: "degraded", found: [code + " degrading"]}))
					await view.show(report({unknown}))
					outcomes.push(shown().outcome)
				}
				return outcomes })()`, s.diag, code, fact, showsReports), &got))
			assert.Equal(t, []string{"unknown", "gone"}, got)
		})
	}
}

// TestWhatCouldNotBeSeenIsShownBesideTheNextCheck, as the guide to switching the
// VPN off says; nothing is said to be gone.
func TestWhatCouldNotBeSeenIsShownBesideTheNextCheck(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	const open = `report({verdict: "inconclusive", unknown: facts})`
	const nothing = "Nothing in this browser explains the failure"
	row := func(title, before, now string) []string { return []string{title, before, now} }
	for name, tt := range map[string]struct {
		first, now string
		title      string
		rows       [][]string
	}{
		"a check that could not see everything": {`await view.show(` + open + `)`, `{}`, nothing, [][]string{row("Result", "? not all checked", "✓ nothing found")}},
		"a check that could not be made": {
			`view.fail({problem: "network"}); host.dispatchEvent(new CustomEvent("checkout-doctor:report", {detail: ` + open + `}))`, `{}`,
			nothing, [][]string{row("Result", "? not all checked", "✓ nothing found")},
		},
		"a VPN that is seen now": {`await view.show(` + open + `)`, `{verdict: "degraded", signals: ["zone"]}`,
			"VPN probably in use", [][]string{row("Result", "? not all checked", "! risk found"), row("Clock of another country", "? not checked", "● seen")}},
		"neither could": {`await view.show(` + open + `)`, `{verdict: "inconclusive"}`,
			"The check could not see everything", [][]string{row("Result", "? not all checked", "? not all checked")}},
	} {
		t.Run(name, func(t *testing.T) {
			got := viewed[compared](t, s, page, tt.first+`; await Promise.resolve(); await view.show(report(`+tt.now+`)); return shown()`)
			assert.Equal(t, "unknown", got.Outcome)
			assert.Empty(t, got.Text)
			assert.Equal(t, tt.title, got.Title)
			assert.Equal(t, tt.rows, got.Rows)
		})
	}
}

// TestTheComparisonIsATable that can be read without its colours, and by ear.
func TestTheComparisonIsATable(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	var got compared
	require.NoError(t, page.Eval(s.ctx, fmt.Sprintf(`(async () => { const diag = %q; %s
		await view.show(report({verdict: "blocked", signals: ["zone", "segment-size"], found: ["network.provider-unreachable blocking"]}))
		await view.show(report({verdict: "inconclusive", signals: ["language"], unknown: ["network.segment-size"]}))
		return shown() })()`, s.diag, showsReports), &got))
	assert.Equal(t, "Before and now", got.Caption)
	assert.Equal(t, []string{"What was looked at", "Before", "Now"}, got.Heads)
	assert.Equal(t, "col col col row row row row row", got.Scopes)
	require.Len(t, got.Rows, 5)
	assert.Equal(t, []string{"Result", "✗ trouble found", "? not all checked"}, got.Rows[0])
	assert.Equal(t, []string{"Clock of another country", "● seen", "○ not seen"}, got.Rows[1])
	assert.Equal(t, []string{"Packets of a tunnel's size", "● seen", "? not checked"}, got.Rows[2])
	assert.Equal(t, []string{"● seen", "○ not seen"}, got.Rows[3][1:])
	assert.Equal(t, []string{"Languages of another country", "○ not seen", "● seen"}, got.Rows[4])
}

// TestTheFirstReportStays the one that others are compared with, and one that
// speaks of the network takes the place of one that does not.
func TestTheFirstReportStays(t *testing.T) {
	s := newShop(t)
	page := s.open(t, "")
	var got []*compared
	require.NoError(t, page.Eval(s.ctx, fmt.Sprintf(`(async () => { const diag = %q; %s
		const all = []
		const show = async (what) => { view.begin(); await view.show(report(what)); all.push(shown()) }
		await show({verdict: "blocked", found: ["popup.blocked blocking"]})
		await show({signals: ["zone"]})
		await show({})
		view.fail({problem: "network"})
		await show({signals: ["zone"]})
		await view.comeForward(report({verdict: "blocked", found: ["threeds.acs-hang blocking"]}))
		all.push(shown())
		return all })()`, s.diag, showsReports), &got))
	require.Len(t, got, 5)
	assert.Nil(t, got[0])
	assert.Equal(t, "1", got[1].Before, "the first that found what explains a failure")
	assert.Equal(t, "other", got[1].Outcome)
	assert.Equal(t, "2", got[2].Before)
	assert.Equal(t, "gone", got[2].Outcome)
	assert.Equal(t, "2", got[3].Before)
	assert.Equal(t, "same", got[3].Outcome)
	assert.Nil(t, got[4], "nobody asked for that one")
}

// TestSwitchingTheVPNOff on a page, as its user sees it: payment page and link.
func TestSwitchingTheVPNOff(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{TimeScale: timeScale})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	browser, err := chrome.New(chrome.Options{Address: l.Address(), CAPEM: l.CAPEM()}).Launch(t.Context(), probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	abroad := vantage.Place{Country: "NL", Kind: vantage.Hosting}
	for name, url := range map[string]string{"payment page": l.PayURLFrom(abroad, frictionless, nil), "link": l.LinkURLFrom(abroad)} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			page, err := browser.NewContext(ctx, probe.ContextOptions{TimeZone: "Europe/Stockholm"})
			require.NoError(t, err)
			t.Cleanup(func() { assert.NoError(t, page.Close()) })
			require.NoError(t, page.Open(ctx, url))
			signs := pressAndRead(t, page)
			assert.Contains(t, signs.Signs, "time of another country")
			assert.Empty(t, signs.Outcome)

			require.NoError(t, page.Eval(ctx, `{
				const element = document.querySelector("checkout-doctor")
				const vantage = new URL(element.getAttribute("vantage"), location.href)
				vantage.searchParams.set("lab-country", "SE")
				vantage.searchParams.delete("lab-kind") // in no list, as most home networks are
				element.setAttribute("vantage", vantage.href)
			}`, nil))
			off := pressAndRead(t, page)
			assert.Empty(t, off.Signs)
			assert.Equal(t, "gone", off.Outcome)
			assert.Contains(t, off.Text, "leave the VPN off")
		})
	}
}

// TestComingBackOnline is told by a second check, in which what happened before
// it does not count.
func TestComingBackOnline(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{TimeScale: timeScale})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	browser, err := chrome.New(chrome.Options{Address: l.Address(), CAPEM: l.CAPEM()}).Launch(t.Context(), probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	page, err := browser.NewContext(t.Context(), probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(t.Context(), l.LinkURLFrom(vantage.Place{})))
	require.NoError(t, page.Hover(t.Context(), "checkout-doctor"))
	require.NoError(t, page.Until(t.Context(), `document.querySelector("checkout-doctor").dataset.state === "ready"`))

	require.NoError(t, page.SetOffline(t.Context(), true))
	away := pressAndRead(t, page)
	assert.Equal(t, "network.offline", away.Code)
	require.NoError(t, page.SetOffline(t.Context(), false))
	back := pressAndRead(t, page)
	assert.Empty(t, back.Code)
	assert.Equal(t, "gone", back.Outcome)
	assert.Contains(t, back.Text, "you can pay now")
}

// reading is what the element shows of a VPN and of a second check, and the code
// of what it found first that is more than a notice.
type reading struct{ Signs, Outcome, Text, Code string }

// pressAndRead presses the diagnostic's button and waits for its report.
func pressAndRead(t *testing.T, page probe.Page) reading {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, page.Hover(ctx, "checkout-doctor"))
	require.NoError(t, page.Until(ctx, `["ready", "done"].includes(document.querySelector("checkout-doctor").dataset.state)`))
	require.NoError(t, page.Eval(ctx, `{
		globalThis.told = null
		document.querySelector("checkout-doctor").addEventListener("checkout-doctor:report", ({detail}) => { globalThis.told = detail }, {once: true})
	}`, nil))
	var at struct{ X, Y float64 }
	require.NoError(t, page.Eval(ctx, benchButton, &at))
	require.NoError(t, page.ClickAt(ctx, at.X, at.Y))
	require.NoError(t, page.Until(ctx, "globalThis.told"))
	var r reading
	require.NoError(t, page.Eval(ctx, `(() => {
		const root = document.querySelector("checkout-doctor").shadowRoot
		return {
			signs: root.querySelector(".signals")?.textContent ?? "", outcome: root.querySelector("[data-compared]")?.dataset.compared ?? "",
			text: root.querySelector(".headline .outcome")?.textContent ?? "",
			code: told.findings.find(({severity}) => severity !== "notice")?.code ?? "",
		}
	})()`, &r))
	return r
}
