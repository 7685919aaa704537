package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
	"checkoutdoctor/web/inbox"
	"checkoutdoctor/web/link"
)

// desk is the diagnostic's site with an inbox, whose links are signed. A test may
// stand between a page and the site.
type desk struct {
	origin  string
	keys    link.Keys
	dir     string // of the inbox
	mu      sync.Mutex
	between func(w http.ResponseWriter, r *http.Request, site http.Handler)
	posted  []posted
}

// posted is a request that was to bring a report.
type posted struct{ body, link, cookies, referrer string }

// newDesk takes reports from pages of these other origins, too.
func newDesk(t *testing.T, origins ...string) *desk {
	t.Helper()
	d := &desk{dir: t.TempDir()}
	var err error
	d.keys, err = link.ParseKeys(testKey)
	require.NoError(t, err)
	box, err := inbox.Open(d.dir, inbox.Limits{})
	require.NoError(t, err)
	site, err := web.Handler(web.Options{Inbox: box, Links: &link.Verifier{Keys: d.keys}, ReportOrigins: origins})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.serve(w, r, site) }))
	t.Cleanup(server.Close)
	d.origin = server.URL
	return d
}

func (d *desk) serve(w http.ResponseWriter, r *http.Request, site http.Handler) {
	if r.Method == http.MethodPost && r.URL.Path == "/reports" {
		body, _ := io.ReadAll(r.Body) // what is missing of it is missed below
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		d.note(posted{string(body), r.Header.Get("Checkout-Doctor-Link"), r.Header.Get("Cookie"), r.Header.Get("Referer")})
	}
	d.mu.Lock()
	between := d.between
	d.mu.Unlock()
	if between == nil {
		site.ServeHTTP(w, r)
		return
	}
	between(w, r, site)
}

func (d *desk) note(p posted) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.posted = append(d.posted, p)
}

// all returns the requests that were to bring a report.
func (d *desk) all() []posted {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.posted)
}

// put has what is between the page and the site do so from now on.
func (d *desk) put(between func(w http.ResponseWriter, r *http.Request, site http.Handler)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.between = between
}

// answer has what is sent to the inbox answered so.
func (d *desk) answer(with http.HandlerFunc) {
	d.put(func(w http.ResponseWriter, r *http.Request, site http.Handler) {
		if r.URL.Path == "/reports" {
			with(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}

// link is one for the case 4711.
func (d *desk) link(t *testing.T) string {
	t.Helper()
	now := time.Now()
	signed, err := link.Signer{Base: d.origin, Keys: d.keys}.Sign(link.Link{Case: "4711", Language: "en", From: now.Add(-time.Minute), Until: now.Add(time.Hour)})
	require.NoError(t, err)
	return signed
}

// kept returns the texts of the reports in the inbox.
func (d *desk) kept(t *testing.T) (texts []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*.json"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		texts = append(texts, string(text))
	}
	return texts
}

// guest is somebody with a page that can send a report.
type guest struct {
	t         *testing.T
	ctx       context.Context
	page      probe.Page
	downloads string // the folder
	words     handoverWords
}

// handoverWords are the English words of the section support.
type handoverWords struct {
	Heading, PreviewHeading, Received, NotSent, Tell string
	NoReceipt, NoReceiptText, Choose, Chosen, Again  string
	Sending, Copied, CopyFailed, Instead             string
	Problems                                         map[string]string
}

// visit opens the address in a browser of its own.
func visit(t *testing.T, address string, o chrome.Options, p probe.Profile) *guest {
	t.Helper()
	g := newGuest(t, o, p, probe.ContextOptions{})
	g.open(address)
	return g
}

// newGuest has a browser of its own, with a page that is empty.
func newGuest(t *testing.T, o chrome.Options, p probe.Profile, c probe.ContextOptions) *guest {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	browser, err := chrome.New(o).Launch(ctx, p)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	g := &guest{t: t, ctx: ctx, downloads: t.TempDir()}
	c.Downloads = g.downloads
	g.page, err = browser.NewContext(ctx, c)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, g.page.Close()) })
	english, err := web.Locale("en")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(english.Support, &g.words))
	return g
}

// visitDesk opens the desk's link.
func visitDesk(t *testing.T, d *desk) *guest {
	t.Helper()
	return visit(t, d.link(t), chrome.Options{}, probe.Profile{})
}

// seesHandover is what a test looks at a page with, and shows a report by.
const seesHandover = `
globalThis.doctor = document.querySelector("checkout-doctor")
globalThis.root = doctor.shadowRoot
globalThis.$ = (selector) => root.querySelector(selector)
globalThis.text = (selector) => $(selector)?.textContent ?? ""
globalThis.show = async (report) => {
	doctor.dispatchEvent(new Event("pointerenter")) // a view that is made on intent would take the place of this one
	while (!["ready", "error", "done"].includes(doctor.dataset.state)) await new Promise(requestAnimationFrame)
	const loader = document.querySelector("script[src$='/checkout-doctor.js']").src
	const core = await import(new URL("core.js", loader).href)
	globalThis.view ??= await core.createView(doctor, $("#diagnose"), $("[part~=result]"))
	await view.show(report)
}
globalThis.middle = (selector) => {
	const element = $(selector)
	element.scrollIntoView({block: "center"})
	const {x, y, width, height} = element.getBoundingClientRect()
	return {x: x + width / 2, y: y + height / 2}
}
undefined
`

func (g *guest) open(address string) {
	g.t.Helper()
	require.NoError(g.t, g.page.Open(g.ctx, address))
	g.until(`customElements.get("checkout-doctor")`)
	g.do(seesHandover)
}

func (g *guest) do(script string) {
	g.t.Helper()
	require.NoError(g.t, g.page.Eval(g.ctx, script, nil))
}

func (g *guest) until(condition string) {
	g.t.Helper()
	require.NoError(g.t, g.page.Until(g.ctx, condition))
}

// get evaluates the expression, a text.
func (g *guest) get(expression string) (text string) {
	g.t.Helper()
	require.NoError(g.t, g.page.Eval(g.ctx, expression, &text))
	return text
}

// press clicks the element with the mouse, once it is there.
func (g *guest) press(selector string) {
	g.t.Helper()
	g.until(fmt.Sprintf("$(%q)?.checkVisibility()", selector))
	var at struct{ X, Y float64 }
	require.NoError(g.t, g.page.Eval(g.ctx, fmt.Sprintf("middle(%q)", selector), &at))
	require.NoError(g.t, g.page.ClickAt(g.ctx, at.X, at.Y))
}

// key presses the key on what has the focus.
func (g *guest) key(key string) {
	g.t.Helper()
	require.NoError(g.t, g.page.Top().Type(g.ctx, key))
}

// show shows the recorded report of the case 4711, and returns it.
func (g *guest) show(change func(*report.Report)) *report.Report {
	g.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "facts", "exit-vpn-network.json"))
	require.NoError(g.t, err)
	recorded, err := report.Decode(text)
	require.NoError(g.t, err)
	r := report.Replay(recorded)
	r.Mode, r.Case = "link", "4711"
	if change != nil {
		change(r)
	}
	text, err = report.Encode(r)
	require.NoError(g.t, err)
	g.do("show(globalThis.shown = " + string(text) + ")")
	g.until(`$(".support")`)
	return r
}

// send presses what leads to the report's being sent, and waits for the end of it.
func (g *guest) send() {
	g.t.Helper()
	g.press("button[data-support=preview]")
	g.press("button[data-support=send]")
	g.until(`$("[data-support=received], [data-support=not-sent], [data-support=no-receipt]")`)
}

// downloaded waits for the file that is saved.
func (g *guest) downloaded(name string) (content string) {
	g.t.Helper()
	w := walk{downloads: g.downloads}
	return w.downloaded(g.t, name)
}

// assertNotSent tells that the page says so, and why, and what there is instead.
func (g *guest) assertNotSent(r *report.Report, problem string) {
	g.t.Helper()
	g.assertFailed(r, problem, g.words.NotSent)
	assert.NotContains(g.t, g.get(`text(".support")`), g.words.NoReceiptText)
	assert.Equal(g.t, g.words.Choose, g.get(`text(".support fieldset:enabled legend")`), "nobody has it: it can still be chosen")
}

// assertNoReceipt tells that the page says that it does not know whether it was
// sent, and keeps to what was chosen.
func (g *guest) assertNoReceipt(r *report.Report, problem string) {
	g.t.Helper()
	g.assertFailed(r, problem, g.words.NoReceipt)
	assert.NotContains(g.t, g.get(`text(".support")`), g.words.NotSent)
	assert.Equal(g.t, g.words.NoReceiptText, g.get(`text(".support h3 + p + p")`))
	assert.Equal(g.t, g.words.Chosen, g.get(`text(".support fieldset:disabled legend")`))
}

func (g *guest) assertFailed(r *report.Report, problem, heading string) {
	g.t.Helper()
	assert.Equal(g.t, heading, g.get(`text(".support h3")`))
	assert.Equal(g.t, g.words.Problems[problem], g.get(`text(".support h3 + p")`))
	assert.Equal(g.t, g.words.Instead, g.get(`text(".instead")`))
	assert.NotContains(g.t, g.get(`text(".support")`), g.words.Received)
	g.assertCode(r)
}

// assertCode tells that the code that is shown says what the report says.
func (g *guest) assertCode(r *report.Report) {
	g.t.Helper()
	summary, err := report.ReadCode(g.get(`text("[data-support=code]")`))
	require.NoError(g.t, err)
	assert.Equal(g.t, report.Summarize(r), summary)
}

// TestTheResultIsSentAsItWasShown: not before it is asked for, once however often
// it is pressed, and the receipt names what support has.
func TestTheResultIsSentAsItWasShown(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	r := g.show(nil)
	assert.Contains(t, g.get(`text(".support")`), "4711")
	g.press("button[data-support=preview]")
	assert.Equal(t, g.words.PreviewHeading, g.get("root.activeElement.textContent"), "the focus goes along")
	g.press("[data-support=contents] summary")
	shown := g.get(`text("[data-support=exact]")`)
	assert.Empty(t, d.all(), "nothing is sent before Send")

	let := make(chan struct{})
	d.put(func(w http.ResponseWriter, r *http.Request, site http.Handler) {
		<-let
		site.ServeHTTP(w, r)
	})
	g.press("button[data-support=send]")
	g.until(fmt.Sprintf(`text("button[data-support=send]") === %q`, g.words.Sending))
	assert.Equal(t, g.words.Sending, g.get(`text(".support > [role=status]")`))
	assert.Equal(t, "true", g.get(`$("button[data-support=send]").ariaDisabled`))
	g.press("button[data-support=send]")
	close(let)
	g.until(`$("[data-support=received]")`)
	assert.Equal(t, g.words.Received, g.get("root.activeElement.textContent"))
	assert.Contains(t, g.get(`text("[data-support=received]")`), "4711")
	assert.Equal(t, report.Code(r), g.get(`text("[data-support=code]")`))

	sent := d.all()
	require.Len(t, sent, 1, "pressed twice, sent once")
	assert.True(t, sent[0].body == shown, "the text that was shown, byte for byte")
	assert.Equal(t, g.get("location.search.slice(1)"), sent[0].link)
	assert.Empty(t, sent[0].cookies+sent[0].referrer)
	kept := d.kept(t)
	require.Len(t, kept, 1)
	assert.JSONEq(t, shown, kept[0])
}

// TestWhatIsLeftOutIsNotSent, in the text that is shown, in the one that is sent,
// and in the file.
func TestWhatIsLeftOutIsNotSent(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	parts := []report.Part{report.PartBrowser, report.PartNetwork, report.PartPayment, report.PartTiming}
	for i, part := range parts {
		t.Run(string(part), func(t *testing.T) {
			r := g.show(func(r *report.Report) {
				r.ID = fmt.Sprintf("%016x", i)
				r.Challenge = "waiting"
			})
			g.press("button[data-support=preview]")
			if i > 0 { // what was left out before is so still
				g.press(fmt.Sprintf("input[value=%s]:not(:checked)", parts[i-1]))
			}
			g.press(fmt.Sprintf("input[value=%s]", part))
			shown := g.get(`text("[data-support=exact]")`)
			want, err := report.Encode(report.Without(r, part))
			require.NoError(t, err)
			assert.JSONEq(t, string(want), shown)
			g.press("button[data-support=send]")
			g.until(`$("[data-support=received]")`)
			kept := d.kept(t)
			require.Len(t, kept, i+1)
			assert.Contains(t, kept, string(want))
		})
	}
}

// TestAllThatCanBeLeftOutIsLeftOut at once, and the code stays what it was.
func TestAllThatCanBeLeftOutIsLeftOut(t *testing.T) {
	g := visitDesk(t, newDesk(t))
	r := g.show(nil)
	g.press("button[data-support=preview]")
	g.do(`for (const box of root.querySelectorAll(".support input")) box.click()`)
	rest, err := report.Decode([]byte(g.get(`text("[data-support=exact]")`)))
	require.NoError(t, err)
	assert.Equal(t, []string{"browser", "network", "payment", "timing"}, rest.Withheld)
	assert.Equal(t, report.Code(r), report.Code(rest))
	for _, word := range []string{`"NL"`, "threeds.", "canary.", "vpn\":"} {
		assert.NotContains(t, g.get(`text("[data-support=exact]")`), word)
	}
}

// TestWhatWasLeftOutStaysOutOfTheNextReport, where that has something of it, and
// of the one after that.
func TestWhatWasLeftOutStaysOutOfTheNextReport(t *testing.T) {
	g := visitDesk(t, newDesk(t))
	g.show(nil)
	g.press("button[data-support=preview]")
	g.press("input[value=network]")
	withheld := func(change func(*report.Report)) []string {
		g.show(change)
		g.press("button[data-support=preview]")
		shown, err := report.Decode([]byte(g.get(`text("[data-support=exact]")`)))
		require.NoError(t, err)
		return shown.Withheld
	}
	assert.Equal(t, []string{"network"}, withheld(func(r *report.Report) { r.ID = "0000000000000001" }))
	assert.Empty(t, withheld(func(r *report.Report) {
		*r = *report.Without(r, report.PartNetwork)
		r.ID, r.Withheld = "0000000000000002", nil
	}), "there is nothing to leave out")
	assert.Equal(t, []string{"network"}, withheld(func(r *report.Report) { r.ID = "0000000000000003" }))
}

// TestOnlyWhatThereIsCanBeLeftOut.
func TestOnlyWhatThereIsCanBeLeftOut(t *testing.T) {
	g := visitDesk(t, newDesk(t))
	g.show(func(r *report.Report) {
		*r = *report.Without(r, report.PartNetwork, report.PartPayment, report.PartTiming)
		r.Withheld = nil
	})
	g.press("button[data-support=preview]")
	assert.Equal(t, "browser", g.get(`[...root.querySelectorAll(".support input")].map(({value}) => value).join()`))
}

// says answers with that text.
func says(status int, mediaType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

// refuses answers as the inbox does.
func refuses(status int, word string) http.HandlerFunc {
	return says(status, "application/json", fmt.Sprintf(`{"error":%q}`, word))
}

// TestItIsNeverSaidToBeSentWhenItIsNot: nothing but the inbox's own receipt of that
// very report is one.
func TestItIsNeverSaidToBeSentWhenItIsNot(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	for name, tt := range map[string]struct {
		answer  http.HandlerFunc
		problem string
		final   bool
	}{
		"a sign-in page":              {says(200, "text/html", "<h1>Welcome to the hotel</h1>"), "other-answer", false},
		"a sign-in page as JSON":      {says(200, "application/json", "<h1>Welcome</h1>"), "other-answer", false},
		"a receipt of another report": {says(201, "application/json", `{"id":"0000000000000000","code":"AAAA"}`), "other-answer", false},
		"a receipt without an id":     {says(201, "application/json", `{"code":"AAAA"}`), "other-answer", false},
		"a receipt as plain text":     {says(201, "text/plain", `{"id":"ID"}`), "other-answer", false},
		"nothing in JSON":             {says(201, "application/json", `null`), "other-answer", false},
		"a page that is not there":    {says(404, "text/html", "not found"), "other-answer", false},
		"an answer without a body":    {says(204, "application/json", ""), "other-answer", false},
		"an endless answer":           {says(200, "application/json", `{"id":"`+strings.Repeat("x", 1<<20)), "other-answer", false},
		"a sign-in page's refusal":    {says(200, "application/json", `{"error":"sign in"}`), "other-answer", false},
		"too many":                    {refuses(429, "too-many"), "too-many", false},
		"an expired link":             {refuses(410, "expired"), "expired", true},
		"a spent link":                {refuses(403, "spent"), "spent", true},
		"a link of another one":       {refuses(403, "link"), "link", true},
		"an origin":                   {refuses(403, "origin"), "refused", true},
		"another report":              {refuses(409, "conflict"), "refused", true},
		"a word of nature":            {refuses(400, "constructor"), "refused", true},
		"a full inbox":                {refuses(503, "unavailable"), "unavailable", false},
		"a slow upload":               {refuses(408, "timeout"), "timed-out", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := g.show(nil)
			d.answer(tt.answer)
			g.send()
			g.assertNotSent(r, tt.problem)
			assert.Equal(t, fmt.Sprint(!tt.final), g.get(`"" + !!$("button[data-support=send]")`), "whether it can be tried again")
			assert.Equal(t, g.words.NotSent, g.get("root.activeElement.textContent"))
		})
	}
	assert.Empty(t, d.kept(t))
}

// TestWhoGetsNoReceiptIsNotToldThatItWasNotSent: the inbox may have it, or may not.
func TestWhoGetsNoReceiptIsNotToldThatItWasNotSent(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	// Where it says so, the page waits for an answer no longer than the test does.
	g.do(`{ const timeout = AbortSignal.timeout; AbortSignal.timeout = (limit) => (globalThis.limit = limit, timeout.call(AbortSignal, globalThis.patience ?? limit)) }`)
	released := make(chan struct{})
	defer close(released)
	const goesOffline = `{ const { fetch } = globalThis; globalThis.fetch = (...request) =>
		fetch(...request).catch((error) => { Object.defineProperty(navigator, "onLine", {value: false, configurable: true}); globalThis.fetch = fetch; throw error }) }`
	for name, tt := range map[string]struct {
		before  string // what happens in the page
		answer  http.HandlerFunc
		problem string
	}{
		"another place": {"", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }, "unreachable"},
		"a cut answer": {"", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(201)
			io.WriteString(w, `{"id":`)
		}, "unreachable"},
		"a broken connection":        {"", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "unreachable"},
		"offline in between":         {goesOffline, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "offline"},
		"a proxy's error":            {"", says(502, "text/html", "<h1>Bad gateway</h1>"), "unavailable"},
		"a proxy that waits no more": {"", says(504, "application/json", `{"message":"timeout"}`), "unavailable"},
		"no answer in time": {"globalThis.patience = 500", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-released:
			case <-r.Context().Done():
			}
		}, "timed-out"},
	} {
		t.Run(name, func(t *testing.T) {
			r := g.show(nil)
			g.do(tt.before)
			defer g.do(`delete globalThis.patience; delete navigator.onLine`)
			d.answer(tt.answer)
			g.send()
			g.assertNoReceipt(r, tt.problem)
			assert.Equal(t, g.words.Again, g.get(`text("button[data-support=send]")`))
			assert.Equal(t, g.words.NoReceipt, g.get("root.activeElement.textContent"))
			assert.Equal(t, "15000", g.get(`"" + limit`))
		})
	}
}

// TestItIsSentAtTheSecondTry as it was at the first, so that it is kept once where
// that only lost its receipt.
func TestItIsSentAtTheSecondTry(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	r := g.show(nil)
	d.put(func(_ http.ResponseWriter, r *http.Request, site http.Handler) {
		site.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	g.press("button[data-support=preview]")
	g.press("input[value=network]")
	g.press("button[data-support=send]")
	g.until(`$("[data-support=no-receipt]")`)
	g.assertNoReceipt(r, "unreachable")
	g.press("details:has(fieldset) > summary")
	g.press("input[value=timing]")
	assert.Equal(t, "network", g.get(`[...root.querySelectorAll(".support input:not(:checked)")].map(({value}) => value).join()`))

	d.answer(refuses(503, "unavailable"))
	g.press("button[data-support=send]")
	g.until(fmt.Sprintf(`text(".support h3 + p") === %q`, g.words.Problems["unavailable"]))
	g.assertNoReceipt(r, "unavailable")

	d.put(nil)
	g.press("button[data-support=send]")
	g.until(`$("[data-support=received]")`)
	assert.Len(t, d.kept(t), 1)
	sent := d.all()
	require.Len(t, sent, 3)
	assert.Contains(t, sent[0].body, `"withheld"`)
	assert.Equal(t, sent[0].body, sent[1].body)
	assert.Equal(t, sent[0].body, sent[2].body)
}

// TestItIsSentWithTheKeyboardAlone: all that can be pressed is reached in the order
// in which it is read, and the focus is never lost.
func TestItIsSentWithTheKeyboardAlone(t *testing.T) {
	const tab, enter, space = "\t", "\r", " "
	d := newDesk(t)
	g := visitDesk(t, d)
	g.show(func(r *report.Report) { r.Challenge = "waiting" })
	focused := func() string {
		return g.get(`{ const at = root.activeElement; at?.dataset.support ?? at?.value ?? at?.localName ?? "" }`)
	}
	next := func() string {
		g.key(tab)
		return focused()
	}
	g.do(`$(".support h3").focus()`)
	require.Equal(t, "preview", next())
	g.key(enter)
	g.until(`$("[data-support=contents]")`)
	assert.Equal(t, g.words.PreviewHeading, g.get("root.activeElement.textContent"))
	for _, part := range []string{"browser", "network", "payment", "timing"} {
		require.Equal(t, part, next())
		g.key(space)
	}
	require.Equal(t, "summary", next())
	g.key(enter)
	require.Equal(t, "exact", next(), "who has no mouse can scroll it")
	require.Equal(t, "send", next())
	d.answer(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	g.key(space)
	g.until(`$("[data-support=no-receipt]")`)
	assert.Equal(t, g.words.NoReceipt, g.get("root.activeElement.textContent"))
	require.Equal(t, "send", next())
	d.put(nil)
	g.key(enter)
	g.until(`$("[data-support=received]")`)
	assert.Equal(t, g.words.Received, g.get("root.activeElement.textContent"))
	require.Equal(t, "copy", next())
	kept := d.kept(t)
	require.Len(t, kept, 1)
	r, err := report.Decode([]byte(kept[0]))
	require.NoError(t, err)
	assert.Equal(t, []string{"browser", "network", "payment", "timing"}, r.Withheld)
}

// TestAnOfflineBrowserSaysSo, and the file that it saves is what would be sent.
func TestAnOfflineBrowserSaysSo(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	r := g.show(nil)
	require.NoError(t, g.page.SetOffline(g.ctx, true))
	g.send()
	g.assertNotSent(r, "offline")
	g.press("button[data-support=save]")
	content := g.downloaded("checkout-doctor-" + r.ID + ".json")
	assert.Equal(t, g.get(`text("[data-support=exact]")`), content)
	saved, err := report.Decode([]byte(content))
	require.NoError(t, err)
	assert.Equal(t, report.Code(r), report.Code(saved))
	assert.Contains(t, g.get(`text(".support > [role=status]")`), "checkout-doctor-"+r.ID+".json")
}

// TestTheCodeHandsTheFindingsOverWhereAllButThePageIsBlocked: everything that the
// diagnostic asks for after it is ready, the inbox with it.
func TestTheCodeHandsTheFindingsOverWhereAllButThePageIsBlocked(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	g.until(`doctor.dataset.state === "ready"`)
	for _, file := range []string{".support.json", "/support.js"} {
		g.until(fmt.Sprintf(`performance.getEntriesByType("resource").some(({name, responseEnd}) => name.endsWith(%q) && responseEnd)`, file))
	}
	d.put(func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) })
	g.press("#diagnose")
	g.until(`doctor.report && $("button[data-support=preview]")`)
	r, err := report.Decode([]byte(g.get("JSON.stringify(doctor.report)")))
	require.NoError(t, err)
	require.NotEmpty(t, r.Findings)
	g.send()
	g.assertNoReceipt(r, "unreachable")
	summary, err := report.ReadCode(g.get(`text("[data-support=code]")`))
	require.NoError(t, err)
	assert.Equal(t, r.Findings[0].Code, summary.Findings[0].Code)
	assert.Empty(t, d.kept(t))
}

// blockReports is a content blocker that takes what is sent to the inbox for
// something else.
func blockReports(string) (map[string][]byte, error) {
	return map[string][]byte{
		"manifest.json": []byte(`{"manifest_version": 3, "name": "Blocker", "version": "1.0", "permissions": ["declarativeNetRequest"],
			"declarative_net_request": {"rule_resources": [{"id": "all", "enabled": true, "path": "rules.json"}]}}`),
		"rules.json": []byte(`[{"id": 1, "action": {"type": "block"}, "condition": {"urlFilter": "/reports"}}]`),
	}, nil
}

func TestABlockerThatKeepsTheReportBackIsTold(t *testing.T) {
	d := newDesk(t)
	g := visit(t, d.link(t), chrome.Options{Extensions: blockReports}, probe.Profile{Extensions: []string{"blocker"}})
	r := g.show(nil)
	g.send()
	g.assertNoReceipt(r, "unreachable")
	assert.Empty(t, d.all())
}

// TestAFailedCheckHasItsCode: where the module or even the core cannot be had,
// support still learns that.
func TestAFailedCheckHasItsCode(t *testing.T) {
	for name, withheld := range map[string]string{"no module": "module.wasm", "no core": "core.js"} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.put(func(w http.ResponseWriter, r *http.Request, site http.Handler) {
				if strings.HasSuffix(r.URL.Path, "/"+withheld) {
					http.NotFound(w, r)
					return
				}
				site.ServeHTTP(w, r)
			})
			g := visitDesk(t, d)
			g.press("#diagnose")
			g.until(`doctor.dataset.state === "error" && doctor.report`)
			g.do(`globalThis.all = root; globalThis.$ = (selector) => all.querySelector(selector) ?? doctor.querySelector(".rescue > div")?.shadowRoot.querySelector(selector)`)
			g.until(`$("[data-support=code]")`)
			r, err := report.Decode([]byte(g.get("JSON.stringify(doctor.report)")))
			require.NoError(t, err)
			g.assertCode(r)
			g.send()
			assert.Contains(t, g.get(`text("[data-support=received]")`), "4711")
			assert.Len(t, d.kept(t), 1)
		})
	}
}

// TestWithoutAnInboxThereAreTheCodeAndTheFile, folded away, and nothing is asked
// for. An address that nothing can be sent to is none.
func TestWithoutAnInboxThereAreTheCodeAndTheFile(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	for name, address := range map[string]string{"none": "", "a script": "javascript:alert(1)", "data": "data:,", "no address": "https://"} {
		t.Run(name, func(t *testing.T) {
			g.do(fmt.Sprintf(`doctor.removeAttribute("report-to"); if (%q) doctor.setAttribute("report-to", %[1]q)`, address))
			r := g.show(nil)
			assert.Equal(t, g.words.Tell, g.get(`text("details.support > summary")`))
			assert.Equal(t, "", g.get(`text("button[data-support=preview], button[data-support=send]")`))
			g.assertCode(r)
			g.press("details.support > summary")
			g.press("button[data-support=save]")
			assert.Equal(t, g.get(`text("[data-support=exact]")`), g.downloaded("checkout-doctor-"+r.ID+".json"))
			require.NoError(t, os.Remove(filepath.Join(g.downloads, "checkout-doctor-"+r.ID+".json")))
		})
	}
	assert.Empty(t, d.all())
}

// TestTheCodeIsCopied, or selected where the page may not copy.
func TestTheCodeIsCopied(t *testing.T) {
	g := visitDesk(t, newDesk(t))
	g.do(`navigator.clipboard.writeText = async (text) => { globalThis.copied = text }`)
	r := g.show(nil)
	g.press("details:has([data-support=code]) > summary")
	g.press("button[data-support=copy]")
	g.until(fmt.Sprintf(`text(".support > [role=status]") === %q`, g.words.Copied))
	assert.Equal(t, report.Code(r), g.get("copied"))
	g.do(`navigator.clipboard.writeText = async () => { throw new Error() }`)
	g.press("button[data-support=copy]")
	g.until(fmt.Sprintf(`text(".support > [role=status]") === %q`, g.words.CopyFailed))
	assert.Equal(t, report.Code(r), g.get("getSelection().toString()"))
}

// TestAnotherLanguageGoesOnWhereItWas: what is left out, unfolded, sent or not.
func TestAnotherLanguageGoesOnWhereItWas(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	g.show(nil)
	speak := func(language string) {
		g.do(fmt.Sprintf(`{ const select = $("select[name=language]"); select.value = %q; select.dispatchEvent(new Event("change")) }`, language))
		g.until(fmt.Sprintf(`$("[part~=result]").lang === %q && $(".support")`, language))
	}
	g.press("button[data-support=preview]")
	g.press("input[value=network]")
	g.press("[data-support=contents] summary")
	shown := g.get(`text("[data-support=exact]")`)
	speak("ar")
	assert.NotEqual(t, g.words.PreviewHeading, g.get(`text("[data-support=contents] h3")`))
	assert.Equal(t, shown, g.get(`text("[data-support=exact]")`))
	assert.Equal(t, "false true", g.get(`$("input[value=network]").checked + " " + $("[data-support=contents] details").open`))

	let := make(chan struct{})
	d.answer(func(w http.ResponseWriter, _ *http.Request) {
		<-let
		refuses(503, "unavailable")(w, nil)
	})
	g.press("button[data-support=send]")
	g.until(`$("button[data-support=send]").ariaDisabled === "true"`)
	speak("en")
	assert.Equal(t, g.words.Sending, g.get(`text("button[data-support=send]")`), "it is still being sent")
	close(let)
	g.until(`$("[data-support=not-sent]")`)
	speak("sv")
	assert.NotEqual(t, g.words.NotSent, g.get(`text("[data-support=not-sent] h3")`))
	d.put(nil)
	g.press("button[data-support=send]")
	g.until(`$("[data-support=received]")`)
	speak("en")
	assert.Equal(t, g.words.Received, g.get(`text("[data-support=received] h3")`))
}

// TestWhoIsElsewhereKeepsTheFocus, and hears what came of it.
func TestWhoIsElsewhereKeepsTheFocus(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	g.show(nil)
	let := make(chan struct{})
	d.answer(func(w http.ResponseWriter, _ *http.Request) { <-let; w.WriteHeader(http.StatusTeapot) })
	g.press("button[data-support=preview]")
	g.press("button[data-support=send]")
	g.do(`document.querySelector("#address").focus()`)
	close(let)
	g.until(`$("[data-support=not-sent]")`)
	assert.Equal(t, "address", g.get("document.activeElement.id"))
	assert.Equal(t, g.words.NotSent, g.get(`text(".support > [role=status]")`))
}

// TestWhoDecidesOtherwiseSendsNothing, and is where they were.
func TestWhoDecidesOtherwiseSendsNothing(t *testing.T) {
	d := newDesk(t)
	g := visitDesk(t, d)
	g.show(nil)
	g.press("button[data-support=preview]")
	g.press("button[data-support=close]")
	assert.Equal(t, g.words.Heading, g.get("root.activeElement.textContent"))
	assert.Empty(t, d.all())
}

// TestAPaymentPageSendsToAnotherSite that allows it, without the query of its own
// address. One that does not allow it, or that the page's policy keeps away, gets
// nothing.
func TestAPaymentPageSendsToAnotherSite(t *testing.T) {
	var page string
	merchant := serveAt(t, "localhost", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", r.URL.Query().Get("policy"))
		io.WriteString(w, page)
	}))
	for name, tt := range map[string]struct {
		origins []string
		policy  string
		problem string // empty where it is sent
	}{
		"allowed":               {[]string{merchant}, "", ""},
		"not allowed":           {nil, "", "unreachable"},
		"kept away by policy":   {[]string{merchant}, "connect-src 'none'", "unreachable"},
		"policy that allows it": {[]string{merchant}, "connect-src 'self' DESK", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, tt.origins...)
			e, err := web.Embed(web.EmbedOptions{Base: d.origin, Language: "en", ReportTo: d.origin + "/reports"})
			require.NoError(t, err)
			page = "<!doctype html><title>Payment</title>" + e.Tag + e.Element
			g := visit(t, merchant+"/?sig=mine", chrome.Options{}, probe.Profile{})
			r := g.show(func(r *report.Report) { r.Mode = "embed" })
			if tt.policy != "" {
				g.do(fmt.Sprintf(`document.head.append(Object.assign(document.createElement("meta"), {httpEquiv: "Content-Security-Policy", content: %q}))`,
					strings.ReplaceAll(tt.policy, "DESK", d.origin)))
			}
			g.send()
			if tt.problem != "" {
				g.assertNoReceipt(r, tt.problem)
				assert.Empty(t, d.kept(t))
				return
			}
			assert.Equal(t, g.words.Received, g.get(`text("[data-support=received] h3")`))
			require.Len(t, d.all(), 1)
			assert.Empty(t, d.all()[0].link, "the query of the page's own address is nobody's business")
		})
	}
}
