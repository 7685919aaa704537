package main

import (
	"context"
	"encoding/json"
	"image"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/web"
	"checkoutdoctor/web/link"
	"checkoutdoctor/web/qr/qrtest"
)

// The devices that a link is opened on.
var (
	somePhone    = probe.Device{Width: 390, Height: 844, Scale: 2, Mobile: true, Touch: true}
	someComputer = probe.Device{Width: 1280, Height: 900, Scale: 1}
)

// handingOn is a visit to the page of a signed link.
type handingOn struct {
	walk
	signed string       // the link
	codes  atomic.Int32 // how often the code was asked for
}

// openLink opens a signed link in Swedish on the device. Where between is not nil
// it changes the requests, or answers them in the place of the site.
func openLink(t *testing.T, d probe.Device, between func(http.Handler) http.Handler) *handingOn {
	t.Helper()
	keys, err := link.ParseKeys(testKey)
	require.NoError(t, err)
	site, err := web.Handler(web.Options{Links: &link.Verifier{Keys: keys}})
	require.NoError(t, err)
	if between != nil {
		site = between(site)
	}
	h := &handingOn{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/link/") {
			h.codes.Add(1)
		}
		site.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	now := time.Now().Truncate(time.Second)
	h.signed, err = link.Signer{Base: server.URL, Keys: keys}.Sign(link.Link{Case: "4711", Language: "sv", From: now, Until: now.Add(time.Hour)})
	require.NoError(t, err)
	h.open(t, d)
	return h
}

func (h *handingOn) open(t *testing.T, d probe.Device) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	h.ctx = ctx
	h.page, err = browser.NewContext(ctx, probe.ContextOptions{Device: d})
	require.NoError(t, err)
	require.NoError(t, h.page.Open(ctx, h.signed))
	h.until(t, `document.querySelector("checkout-doctor").dataset.state === "ready" && !document.querySelector(".hand-on").hidden`)
	h.do(t, `
		globalThis.violations = []
		addEventListener("securitypolicyviolation", ({violatedDirective}) => violations.push(violatedDirective))
		navigator.clipboard.writeText = async (text) => { globalThis.copied = text }
		globalThis.$ = (selector) => document.querySelector(".hand-on " + selector)
		globalThis.shown = () => [...document.querySelectorAll(".hand-on [data-word]")].filter((e) => e.checkVisibility()).map((e) => e.dataset.word).join(" ")`)
}

// choose has the element speak the language.
func (h *handingOn) choose(t *testing.T, language string) {
	t.Helper()
	h.do(t, `
		const select = document.querySelector("checkout-doctor").shadowRoot.querySelector("select")
		select.value = "`+language+`"
		select.dispatchEvent(new Event("change"))`)
	h.until(t, `document.documentElement.lang === "`+language+`"`)
}

// area is where the element of the hand-on stands in a picture of the document, in
// pixels of the screen.
func (h *handingOn) area(t *testing.T, selector string) (area image.Rectangle) {
	t.Helper()
	found := h.get(t, `(() => {
		const { left, top, right, bottom } = $("`+selector+`").getBoundingClientRect()
		const whole = (x, y) => ({ X: Math.round((x + scrollX) * devicePixelRatio), Y: Math.round((y + scrollY) * devicePixelRatio) })
		return JSON.stringify({ Min: whole(left, top), Max: whole(right, bottom) })
	})()`)
	require.NoError(t, json.Unmarshal([]byte(found), &area))
	return area
}

// assertNothingRefused by the page's own policy.
func (h *handingOn) assertNothingRefused(t *testing.T) {
	t.Helper()
	assert.Empty(t, h.get(t, `violations.join()`))
}

// TestALinkIsHandedOnFromAPhone: what its screen shows is read as the link, and
// what it copies has the language that was chosen.
func TestALinkIsHandedOnFromAPhone(t *testing.T) {
	h := openLink(t, somePhone, nil)
	assert.True(t, strings.HasPrefix(h.get(t, `shown()`), "handOnComputer handOnText "), "unfolded")
	assert.Equal(t, "true", h.get(t, `String($("#share").hidden === !("share" in navigator))`))
	h.do(t, `$("figure").scrollIntoView()`)
	h.until(t, `$("img").naturalWidth > 0`)
	picture, err := h.page.(chrome.Screen).Picture(h.ctx, 1)
	require.NoError(t, err)
	read, err := qrtest.ReadScreen(picture, h.area(t, "img"))
	require.NoError(t, err)
	assert.Equal(t, h.signed, read)

	h.do(t, `$("#copy").click()`)
	h.until(t, `!$("[data-word=handOnCopied]").hidden`)
	assert.Equal(t, h.signed, h.get(t, `copied`))
	h.choose(t, "ar")
	words, err := web.Locale("ar")
	require.NoError(t, err)
	assert.Equal(t, words.Page["handOnAlt"], h.get(t, `$("img").alt`))
	assert.Equal(t, words.Page["handOnComputer"], h.get(t, `$("h2:not([hidden])").textContent`))
	assert.NotContains(t, h.get(t, `shown()`), "handOnCopied", "another link than the page's was copied")
	h.do(t, `$("#copy").click()`)
	h.until(t, `!$("[data-word=handOnCopied]").hidden`)
	assert.Equal(t, h.signed+"#lang=ar", h.get(t, `copied`))
	h.do(t, `copied = ""; location.hash = "lang=ar&else=1"; $("#copy").click()`)
	h.until(t, `copied`)
	assert.Equal(t, h.signed+"#lang=ar", h.get(t, `copied`), "nothing else of the fragment")
	h.assertNothingRefused(t)
}

// TestOnAComputerTheCodeIsFolded, and is not asked for until it is unfolded.
func TestOnAComputerTheCodeIsFolded(t *testing.T) {
	h := openLink(t, someComputer, nil)
	assert.Equal(t, "handOnPhone", h.get(t, `shown()`))
	h.do(t, `document.querySelector(".hand-on").scrollIntoView(); for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame)`)
	assert.Zero(t, h.codes.Load())
	h.do(t, `$("summary").click()`)
	h.until(t, `$("img").naturalWidth > 0`)
	assert.EqualValues(t, 1, h.codes.Load())
	h.assertNothingRefused(t)
}

func TestWithoutAClipboardTheLinkIsCopiedByHand(t *testing.T) {
	h := openLink(t, somePhone, nil)
	assert.NotContains(t, h.get(t, `shown()`), "handOnLink")
	h.do(t, `navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError")); $("#copy").click()`)
	h.until(t, `document.activeElement === $("#link")`)
	assert.Equal(t, h.signed, h.get(t, `$("#link").value.slice($("#link").selectionStart, $("#link").selectionEnd)`))
	assert.Contains(t, h.get(t, `shown()`), "handOnCopyFailed handOnLink")

	h.do(t, `navigator.clipboard.writeText = async () => {}; $("#copy").click()`)
	h.until(t, `!$("[data-word=handOnCopied]").hidden`)
	assert.NotContains(t, h.get(t, `shown()`), "handOnLink", "no field that is not needed any more")
}

func TestALinkIsShared(t *testing.T) {
	for name, test := range map[string]struct {
		share string // what the browser does
		want  string // what is said then
	}{
		"done":                     {`async ({url, title}) => { shared = url + " " + title }`, ""},
		"the user shares it not":   {`async () => { throw new DOMException("", "AbortError") }`, ""},
		"the browser does not let": {`async () => { throw new DOMException("", "NotAllowedError") }`, "handOnCopied"},
	} {
		t.Run(name, func(t *testing.T) {
			h := openLink(t, somePhone, nil)
			h.do(t, `
				globalThis.shared = ""
				navigator.share = `+test.share+`
				$("#share").hidden = false
				$("#share").click()
				for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame)`)
			assert.Equal(t, test.want, h.get(t, `shown().match(/handOnCop(ied|yFailed)/)?.[0] ?? ""`))
			if name == "done" {
				assert.Equal(t, h.signed+" Checkout Doctor", h.get(t, `shared`))
			}
		})
	}
}

// TestWithoutACodeThereIsTheLink to copy.
func TestWithoutACodeThereIsTheLink(t *testing.T) {
	for name, test := range map[string]struct {
		between func(http.Handler) http.Handler
		asked   bool // whether the code is asked for at all
	}{
		"the code is not there": {func(site http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/link/") {
					http.Error(w, "too many requests", http.StatusTooManyRequests)
					return
				}
				site.ServeHTTP(w, r)
			})
		}, true},
		"a proxy names the server otherwise": {func(site http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Host = "internal.example:8080"
				site.ServeHTTP(w, r)
			})
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := openLink(t, somePhone, test.between)
			h.do(t, `if (!$("figure").hidden) $("figure").scrollIntoView()`)
			h.until(t, `$("figure").hidden`)
			assert.Equal(t, test.asked, h.codes.Load() > 0)
			h.do(t, `$("#copy").click()`)
			h.until(t, `!$("[data-word=handOnCopied]").hidden`)
			assert.Equal(t, h.signed, h.get(t, `copied`))
		})
	}
}
