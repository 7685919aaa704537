package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/web"
)

// partsOfMore are the parts of more.js that can be tested one by one, and a
// parser of calendars that others wrote.
const partsOfMore = `
export * from "./amount"
export * from "./calendar"
export * from "./card-date"
export * from "./days"
export * from "./kept-draft"
export * from "./notes"
export { letter } from "./refund-draft"
export { bankText } from "./bank"
export { newEntries } from "./more-context"
export { textOf } from "../view/scene"
export { default as ICAL } from "ical.js"
`

// parts is a page in a real browser that has them as its global "parts".
type parts struct {
	ctx  context.Context
	page probe.Page
}

func newParts(t *testing.T) *parts {
	t.Helper()
	bundle := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: partsOfMore, ResolveDir: filepath.Join("..", "..", "web", "src", "more")},
		Bundle: true, Write: false, Format: api.FormatESModule, Loader: map[string]api.Loader{".css": api.LoaderText},
	})
	require.Empty(t, bundle.Errors)
	mux := http.NewServeMux()
	mux.HandleFunc("/parts.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		w.Write(bundle.OutputFiles[0].Contents)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><script type="module">import * as parts from "/parts.js"; globalThis.parts = parts</script>`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	page, err := browser.NewContext(ctx, probe.ContextOptions{TimeZone: "Europe/Stockholm"})
	require.NoError(t, err)
	require.NoError(t, page.Open(ctx, server.URL))
	require.NoError(t, page.Until(ctx, "globalThis.parts"))
	return &parts{ctx: ctx, page: page}
}

// eval runs the script's statements in the page and decodes what they return.
func (p *parts) eval(t *testing.T, script string, out any) {
	t.Helper()
	require.NoError(t, p.page.Eval(p.ctx, "(async () => {"+script+"})()", out))
}

func TestPartsOfTheChecklistAndTheRefund(t *testing.T) {
	p := newParts(t)
	t.Run("a card's date", p.readsCardDates)
	t.Run("an amount", p.readsAmounts)
	t.Run("workdays", p.countsWorkdays)
	t.Run("a calendar", p.writesCalendars)
	t.Run("a calendar for a parser", p.writesWhatParsersRead)
	t.Run("a letter", p.writesLetters)
	t.Run("a text for the bank", p.writesToTheBank)
	t.Run("sentences", p.joinsSentences)
	t.Run("a draft", p.keepsDrafts)
	t.Run("notes", p.keepsNotes)
}

func (p *parts) readsCardDates(t *testing.T) {
	tests := map[string]struct{ text, today, state, until string }{
		"next month":                 {"12/26", "2026-11-22", "valid", "2026-12-31"},
		"this month":                 {"11/26", "2026-11-22", "lastMonth", "2026-11-30"},
		"this month on its last day": {"11/26", "2026-11-30", "lastMonth", "2026-11-30"},
		"the day after its last":     {"11/26", "2026-12-01", "expired", "2026-11-30"},
		"last month":                 {"10/26", "2026-11-22", "expired", "2026-10-31"},
		"January after a December":   {"01/27", "2026-12-31", "valid", "2027-01-31"},
		"December of last year":      {"12/25", "2026-01-01", "expired", "2025-12-31"},
		"a leap year's February":     {"02/28", "2026-11-22", "valid", "2028-02-29"},
		"a February of no leap year": {"2/27", "2026-11-22", "valid", "2027-02-28"},
		"the whole year":             {"08/2027", "2026-11-22", "valid", "2027-08-31"},
		"the year first":             {"2027-08", "2026-11-22", "valid", "2027-08-31"},
		"no mark between":            {"0827", "2026-11-22", "valid", "2027-08-31"},
		"a space between":            {" 8 / 27 ", "2026-11-22", "valid", "2027-08-31"},
		"full-width digits":          {"０８／２７", "2026-11-22", "valid", "2027-08-31"},
		"Arabic digits":              {"٠٨/٢٧", "2026-11-22", "valid", "2027-08-31"},
		"as the Japanese write":      {"2027年8月", "2026-11-22", "valid", "2027-08-31"},
		"a mark of direction":        {"\u200e08/27", "2026-11-22", "valid", "2027-08-31"},
		"nothing":                    {"  ", "2026-11-22", "missing", ""},
		"a word":                     {"August", "2026-11-22", "unclear", ""},
		"a day as well":              {"22/08/27", "2026-11-22", "unclear", ""},
		"a card's number":            {"4111111111111111", "2026-11-22", "unclear", ""},
		"a month too many":           {"13/27", "2026-11-22", "wrongMonth", ""},
		"month nought":               {"00/27", "2026-11-22", "wrongMonth", ""},
		"a year of the past century": {"08/1997", "2026-11-22", "wrongYear", ""},
		"a year far ahead":           {"08/77", "2026-11-22", "wrongYear", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got struct{ State, Until string }
			p.eval(t, fmt.Sprintf(`const {state, until} = parts.readCardDate(%q, new Date(%q + "T12:00")); return {state, until: until ? parts.dayOf(until) : ""}`, tt.text, tt.today), &got)
			assert.Equal(t, tt.state, got.State)
			assert.Equal(t, tt.until, got.Until)
		})
	}
}

func (p *parts) readsAmounts(t *testing.T) {
	tests := map[string]struct {
		text, currency, language string
		want                     float64 // 0: it is none
	}{
		"whole":                                   {"1250", "USD", "en", 1250},
		"a point divides":                         {"1250.5", "USD", "en", 1250.5},
		"a comma divides":                         {"1250,50", "EUR", "de", 1250.5},
		"a comma divides, in English":             {"12,50", "EUR", "en", 12.5},
		"groups and a fraction, in English":       {"1,250.50", "USD", "en", 1250.5},
		"groups and a fraction, in German":        {"1.250,50", "EUR", "de", 1250.5},
		"German groups in English":                {"1.250,50", "EUR", "en", 1250.5},
		"three digits are a group":                {"1.250", "USD", "en", 1250},
		"three digits of a currency that has so":  {"1.250", "KWD", "en", 1.25},
		"the same, where a comma divides":         {"1.250", "KWD", "de", 1250},
		"two groups":                              {"10.000.000", "IDR", "id", 10000000},
		"spaces group":                            {"1 250 000,5", "SEK", "sv", 1250000.5},
		"narrow spaces group":                     {"1\u202f250,50", "EUR", "fr", 1250.5},
		"Arabic digits and marks":                 {"١٬٢٥٠٫٥٠", "AED", "ar", 1250.5},
		"full-width digits":                       {"１２５０", "JPY", "ja", 1250},
		"a fraction of a currency that has none":  {"12,5", "JPY", "ja", 0},
		"more digits than the currency has":       {"12.5000", "USD", "en", 0},
		"groups of two":                           {"12.50.00", "USD", "en", 0},
		"nought":                                  {"0", "USD", "en", 0},
		"less than nought":                        {"-5", "USD", "en", 0},
		"a word":                                  {"much", "USD", "en", 0},
		"a point alone":                           {".", "USD", "en", 0},
		"more than there is":                      {"99999999999", "USD", "en", 0},
		"the same mark groups and divides nobody": {"1,250,50", "USD", "en", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got float64
			p.eval(t, fmt.Sprintf(`return parts.readAmount(%q, %q, %q) ?? 0`, tt.text, tt.currency, tt.language), &got)
			assert.InDelta(t, tt.want, got, 1e-9)
		})
	}
}

func (p *parts) countsWorkdays(t *testing.T) {
	tests := map[string]struct {
		from, want string
		days       int
	}{
		"within a week":         {"2026-11-23", "2026-11-26", 3},
		"over a weekend":        {"2026-11-27", "2026-11-30", 1},
		"from a Sunday":         {"2026-11-22", "2026-11-27", 5},
		"over a year's end":     {"2026-12-30", "2027-01-06", 5},
		"when summer time ends": {"2026-10-23", "2026-10-26", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got string
			p.eval(t, fmt.Sprintf(`return parts.dayOf(parts.workdaysLater(%d, parts.dayAt(%q)))`, tt.days, tt.from), &got)
			assert.Equal(t, tt.want, got)
		})
	}
	for _, none := range []string{"2026-02-30", "2026-13-01", "2026-1-1", "", "today"} {
		var known bool
		p.eval(t, fmt.Sprintf(`return parts.dayAt(%q) !== undefined`, none), &known)
		assert.False(t, known, none)
	}
}

// twoReminders are of text that has to be escaped and folded.
const twoReminders = `[
	{uid: "1@test", at: new Date("2026-11-30T08:00:00Z"), summary: "Ask; then wait, \\ or not", description: "One\r\nTwo\u0007"},
	{uid: "2@test", at: new Date("2027-03-28T07:00:00Z"), summary: "サポートに返金の状況を問い合わせる、もう一度問い合わせる、さらに問い合わせる", description: ""},
]`

func (p *parts) writesCalendars(t *testing.T) {
	var got string
	p.eval(t, `return parts.calendar(`+twoReminders+`, new Date("2026-11-22T16:00:01.999Z"))`, &got)
	want := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Checkout Doctor//Reminders//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
		"BEGIN:VEVENT", "UID:1@test", "DTSTAMP:20261122T160001Z", "DTSTART:20261130T080000Z", "DTEND:20261130T081500Z",
		`SUMMARY:Ask\; then wait\, \\ or not`, `DESCRIPTION:One\nTwo `, "TRANSP:TRANSPARENT",
		"BEGIN:VALARM", "ACTION:DISPLAY", `DESCRIPTION:Ask\; then wait\, \\ or not`, "TRIGGER:PT0S", "END:VALARM", "END:VEVENT",
		"BEGIN:VEVENT", "UID:2@test", "DTSTAMP:20261122T160001Z", "DTSTART:20270328T070000Z", "DTEND:20270328T071500Z",
		"SUMMARY:サポートに返金の状況を問い合わせる、もう一度", " 問い合わせる、さらに問い合わせる", "DESCRIPTION:", "TRANSP:TRANSPARENT",
		"BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:サポートに返金の状況を問い合わせる、もう一", " 度問い合わせる、さらに問い合わせる", "TRIGGER:PT0S", "END:VALARM", "END:VEVENT",
		"END:VCALENDAR", "",
	}
	assert.Equal(t, strings.Join(want, "\r\n"), got)
	for line := range strings.SplitSeq(got, "\r\n") {
		assert.LessOrEqual(t, len(line), 75, "octets of a line, RFC 5545, section 3.1")
	}
}

func (p *parts) writesWhatParsersRead(t *testing.T) {
	var got []struct{ UID, Summary, Description, Start, Alarm string }
	p.eval(t, `const text = parts.calendar(`+twoReminders+`, new Date("2026-11-22T16:00:00Z"))
		const read = new parts.ICAL.Component(parts.ICAL.parse(text))
		return read.getAllSubcomponents("vevent").map((component) => {
			const {uid, summary, description, startDate} = new parts.ICAL.Event(component)
			const alarm = component.getFirstSubcomponent("valarm").getFirstPropertyValue("trigger").toSeconds()
			return {uid, summary, description, start: startDate.toJSDate().toISOString(), alarm: alarm + " s"}
		})`, &got)
	require.Len(t, got, 2)
	assert.Equal(t, "Ask; then wait, \\ or not", got[0].Summary)
	assert.Equal(t, "One\nTwo ", got[0].Description)
	assert.Equal(t, "2026-11-30T08:00:00.000Z", got[0].Start)
	assert.Equal(t, "0 s", got[0].Alarm)
	assert.Equal(t, "サポートに返金の状況を問い合わせる、もう一度問い合わせる、さらに問い合わせる", got[1].Summary)
	assert.NotEqual(t, got[0].UID, got[1].UID)
}

// contextFor is what the texts are made from: English words, and a report with
// the facts, in which a payment was declined where there is a variant.
func contextFor(t *testing.T, verdict, variant, facts string) string {
	t.Helper()
	words, err := web.Locale("en")
	require.NoError(t, err)
	variants, err := json.Marshal(words.Variants)
	require.NoError(t, err)
	findings := "[]"
	if variant != "" {
		findings = fmt.Sprintf(`[{code: "payment.declined", params: {variant: %q}}]`, variant)
	}
	return fmt.Sprintf(`const context = {words: {language: "en", variants: %s}, more: %s, entries: parts.newEntries(),
		report: {id: "0123456789abcdef", verdict: %q, generatedAt: "2026-11-22T09:00:00Z", findings: %s, facts: {%s}}};`,
		variants, words.More, verdict, findings, facts)
}

func (p *parts) writesLetters(t *testing.T) {
	tests := map[string]struct {
		entered  string
		has, not []string
	}{
		"nothing entered": {
			``,
			[]string{"Request for a refund\n\nDear support team,\n\nI ask you for a refund.\n\nI enclose the report of a check of my browser, number 0123456789abcdef of November 22, 2026.\n\nPlease confirm"},
			[]string{"Ads account", "Amount", "Day of the charge", "proof of error", "{", "undefined"},
		},
		"all of it": {
			`kind = "billing-error"; Object.assign(request, {account: " Acme ", story: "Twice.\n", amount: "1,250.5", currency: "SEK", charged: "2026-11-20", reference: "INV-1"})`,
			[]string{"I ask you for a refund. I was charged wrongly.\n\nAds account: Acme\nAmount: SEK\u00a01,250.50\nDay of the charge: November 20, 2026\nInvoice or transaction: INV-1\n\nTwice.\n\nI enclose", "I enclose proof of the error."},
			nil,
		},
		"no ground that can be proven":         {`kind = "overspent"`, []string{"I spent more than I meant to by mistake."}, []string{"proof of the error"}},
		"an amount without its currency":       {`request.amount = "12"`, []string{"Amount: 12\n"}, nil},
		"an amount that cannot be read":        {`Object.assign(request, {amount: "a lot", currency: "SEK"})`, []string{"Amount: a lot SEK\n"}, nil},
		"no day":                               {`request.charged = "2026-02-31"`, nil, []string{"Day of the charge", "Invalid"}},
		"a language without spaces":            {`kind = "glitch"; context.more.letter.opening = "返金を申請します。"; context.more.refund.kinds.glitch.draft = "不具合です。"`, []string{"\n返金を申請します。不具合です。\n"}, nil},
		"what looks like a placeholder":        {`request.account = "{id} $&"`, []string{"Ads account: {id} $&\n"}, nil},
		"a currency that has no smaller units": {`Object.assign(request, {amount: "1250", currency: "JPY"})`, []string{"Amount: ¥1,250\n"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got string
			p.eval(t, contextFor(t, "clear", "", "")+`let kind; const {request} = context.entries; `+tt.entered+`
				context.entries.kind = kind; return parts.letter(context)`, &got)
			for _, text := range tt.has {
				assert.Contains(t, got, text)
			}
			for _, text := range tt.not {
				assert.NotContains(t, got, text)
			}
		})
	}
}

func (p *parts) writesToTheBank(t *testing.T) {
	const codes = `"threeds.outcome.trans-status": {value: "R"}, "threeds.outcome.trans-status-reason": {value: "11"}, "payment.decline-code": {unknown: "not-observed"}`
	tests := map[string]struct {
		verdict, variant, codes string
		has, not                []string
	}{
		"nothing is known":       {"clear", "", "", []string{"nothing was found in it", "Did this payment reach you"}, []string{"was declined.", "codes", "reason that was given"}},
		"something was found":    {"degraded", "", "", []string{"was declined."}, []string{"nothing was found in it"}},
		"fraud was suspected":    {"blocked", "suspected-fraud", codes, []string{"was declined.", "transStatus R, transStatusReason 11\n", "Please allow it"}, []string{"declineCode", "undefined", "Your bank can lift that", "Did this payment reach you"}},
		"no reason was given":    {"blocked", "no-reason", codes, []string{"transStatusReason 11", "Did this payment reach you"}, []string{"reason that was given"}},
		"a reason nobody knows":  {"blocked", "another-reason", codes, []string{"transStatusReason 11", "Did this payment reach you"}, []string{"reason that was given"}},
		"there is no money left": {"blocked", "not-enough-funds", codes, []string{"There is not enough money on the card.", "How much can I spend"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got string
			p.eval(t, contextFor(t, tt.verdict, tt.variant, tt.codes)+`return parts.bankText(context)`, &got)
			assert.Contains(t, got, "Tried on November 22, 2026.")
			for _, text := range tt.has {
				assert.Contains(t, got, text)
			}
			for _, text := range tt.not {
				assert.NotContains(t, got, text)
			}
		})
	}
}

func (p *parts) joinsSentences(t *testing.T) {
	for name, tt := range map[string]struct{ text, variant, want string }{
		"English":     {"It was declined.", "No money.", "It was declined. No money."},
		"Japanese":    {"拒否されました。", "残高不足です。", "拒否されました。残高不足です。"},
		"no variant":  {"It was declined.", "", "It was declined."},
		"no sentence": {"", "No money.", "No money."},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			p.eval(t, fmt.Sprintf(`return parts.textOf({code: "c", confidence: "likely", params: {variant: "v"}}, {causes: {c: {likely: %q}}, variants: {v: %q}})`, tt.text, tt.variant), &got)
			assert.Equal(t, tt.want, got)
		})
	}
}

func (p *parts) keepsDrafts(t *testing.T) {
	const begin = `const key = "checkout-doctor:refund"; sessionStorage.clear(); const entries = parts.newEntries();`
	tests := map[string]struct{ script, want string }{
		"nothing entered":                   {`parts.keepDraft(entries); return sessionStorage.length`, `0`},
		"what is entered":                   {`entries.request.story = "Twice"; parts.keepDraft(entries); return parts.newEntries().request.story`, `"Twice"`},
		"a ground alone":                    {`entries.kind = "glitch"; parts.keepDraft(entries); return parts.newEntries().kind`, `"glitch"`},
		"a text of one's own that is empty": {`entries.draft = ""; parts.keepDraft(entries); return parts.newEntries().draft`, `""`},
		"emptied again":                     {`entries.kind = "glitch"; parts.keepDraft(entries); delete entries.kind; parts.keepDraft(entries); return sessionStorage.length`, `0`},
		"the card's date":                   {`entries.cardDate = "01/20"; entries.kind = "glitch"; parts.keepDraft(entries); return sessionStorage[key].includes("01/20")`, `false`},
		"what is no JSON":                   {`sessionStorage[key] = "{oops"; return parts.newEntries().request.story`, `""`},
		"another shape":                     {`sessionStorage[key] = '{"request":{"story":1}}'; return parts.newEntries().request.story`, `""`},
		"a ground that there is not":        {`entries.request.story = "x"; parts.keepDraft(entries); sessionStorage[key] = sessionStorage[key].replace("{", '{"kind":"?",'); return parts.newEntries().request.story`, `""`},
		"the browser refuses": {`const real = Storage.prototype.setItem; Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError") }
			try { entries.kind = "glitch"; parts.keepDraft(entries); return parts.newEntries().kind ?? null } finally { Storage.prototype.setItem = real }`, `null`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got json.RawMessage
			p.eval(t, begin+tt.script, &got)
			assert.JSONEq(t, tt.want, string(got))
		})
	}
}

// storages gives notebooks that see one storage, or none that can be used.
const storages = `
const key = "checkout-doctor:notes"
localStorage.clear()
const note = (text) => ({day: "2026-11-22", kind: "sent", text})
const throws = () => { throw new DOMException("refused", "SecurityError") }
const full = {getItem: (name) => localStorage.getItem(name), setItem: () => { throw new DOMException("full", "QuotaExceededError") }, removeItem: (name) => localStorage.removeItem(name)}
const texts = ({notes}) => notes.map(({text}) => text).join()
const open = (storage) => new parts.Notebook(storage && (() => storage))
`

func (p *parts) keepsNotes(t *testing.T) {
	tests := map[string]struct{ script, want string }{
		"kept and read by another": {
			`const one = open(); return [one.add(note("a")), one.add(note("b")), texts(open()), one.unsaved, one.trouble]`, `["added","added","a,b",false,null]`,
		},
		"two tabs at once": {
			`const [one, two] = [open(), open()]; one.add(note("a")); two.add(note("b")); one.add(note("c")); return [texts(one), texts(two)]`, `["a,b,c","a,b,c"]`,
		},
		"one is erased, the others stay": {
			`const one = open(); for (const text of "abc") one.add(note(text)); const gone = one.remove(one.notes[1].id); return [gone, texts(open())]`, `[true,"a,c"]`,
		},
		"all are erased": {
			`const one = open(); one.add(note("a")); return [one.clear(), texts(one), localStorage.getItem(key)]`, `[true,"",null]`,
		},
		"the browser refuses": {
			`const one = new parts.Notebook(throws); return [one.trouble, one.add(note("a")), texts(one), one.unsaved, JSON.parse(one.json()).notes.length, one.clear(), texts(one)]`, `["refused","refused","a",true,1,true,""]`,
		},
		"there is no room": {
			`open().add(note("a")); const one = open(full); return [one.add(note("b")), texts(one), one.unsaved, texts(open()), one.trouble]`, `["lost","a,b",true,"a",null]`,
		},
		"there is room again": {
			`let storage = full; const one = new parts.Notebook(() => storage); one.add(note("a")); storage = localStorage; return [one.add(note("b")), one.unsaved, texts(open())]`, `["added",false,"a,b"]`,
		},
		"an erasure makes room": {
			`let storage = localStorage; const one = new parts.Notebook(() => storage); one.add(note("a")); storage = full; one.add(note("b")); storage = localStorage; return [one.remove(one.notes[0].id), one.unsaved, texts(open())]`, `[true,false,"b"]`,
		},
		"an erasure that is refused": {
			`open().add(note("a")); const one = open(full); return [one.remove(one.notes[0].id), texts(one)]`, `[false,"a"]`,
		},
		"what is no JSON is left alone": {
			`localStorage.setItem(key, "{oops"); const one = open(); return [one.trouble, one.add(note("a")), localStorage.getItem(key), one.json(), texts(one), one.clear(), one.trouble, localStorage.getItem(key)]`,
			`["unreadable","refused","{oops","{oops","a",true,null,null]`,
		},
		"a later version's is left alone": {
			`localStorage.setItem(key, '{"schema":2,"notes":[]}'); return [open().trouble, localStorage.getItem(key)]`, `["unreadable","{\"schema\":2,\"notes\":[]}"]`,
		},
		"a note of another shape": {
			`localStorage.setItem(key, '{"schema":1,"notes":[{"id":"1","day":"2026-02-30","kind":"sent","text":"a"}]}'); return open().trouble`, `"unreadable"`,
		},
		"something that is no object": {`localStorage.setItem(key, "null"); return open().trouble`, `"unreadable"`},
		"as many as there can be": {
			`const one = open(); const all = Array.from({length: 101}, () => one.add(note("a"))); return [all.filter((a) => a === "added").length, all.at(-1), one.notes.length]`, `[100,"full",100]`,
		},
		"longer than one can be": {`const one = open(); one.add(note("a".repeat(3000))); return one.notes[0].text.length`, `2000`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got json.RawMessage
			p.eval(t, storages+tt.script, &got)
			assert.JSONEq(t, tt.want, string(got))
		})
	}
}
