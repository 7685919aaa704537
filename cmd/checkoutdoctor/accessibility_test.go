package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/screens"
)

// newStudio returns what brings the link's page into its states, with a context
// that ends long after the test should.
func newStudio(t *testing.T) (context.Context, *screens.Studio) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	studio, err := screens.Open(ctx, filepath.Join("..", ".."))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, studio.Close()) })
	return ctx, studio
}

// newScreen opens a page of the studio.
func newScreen(t *testing.T, ctx context.Context, studio *screens.Studio, d probe.Device) *screens.Page {
	t.Helper()
	page, err := studio.NewPage(ctx, d)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	return page
}

// TestAxeFindsNothing in a language of each direction; `make screenshots` asks
// it of all.
func TestAxeFindsNothing(t *testing.T) {
	ctx, studio := newStudio(t)
	for _, language := range []string{"en", "ar"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			page := newScreen(t, ctx, studio, screens.Phone)
			for _, state := range screens.States() {
				require.NoError(t, page.Show(ctx, language, state))
				flaws, err := page.Axe(ctx)
				require.NoError(t, err)
				assert.Empty(t, flaws)
			}
		})
	}
}

// stop is where Tab leads to.
type stop struct {
	Name    string  // the element and what it is called
	Top     float64 // of its box, in CSS pixels from the document's beginning
	Outline bool    // its focus can be seen
	InView  bool    // nothing hides it
	Folded  bool    // it unfolds what is folded away
	Chooser bool    // it chooses the language
}

// focused describes what has the focus, within shadow roots, too, and notes that
// it had it.
const focused = `(() => {
	let at = document.activeElement
	while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
	if (at === document.body) return {name: ""}
	globalThis.had ??= new Set()
	const again = had.has(at) // a date's parts are stops of their own, and shown by the browser
	had.add(at)
	const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(at)
	const box = at.getBoundingClientRect()
	const middle = [box.left + box.width / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2] // of what is in view
	let hit = document.elementFromPoint(...middle)
	while (hit?.shadowRoot) hit = hit.shadowRoot.elementFromPoint(...middle)
	return {
		name: at.localName + (at.id ? "#" + at.id : "") + (at.className ? "." + at.className : "") + " " + at.textContent.trim().slice(0, 40),
		top: box.top + scrollY,
		outline: again || outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
		folded: at.matches("details:not([open]) > summary"),
		chooser: at.matches(".chooser select"),
		inView: !!hit && (at === hit || at.contains(hit) || hit.contains(at)),
	}
})()`

// tab presses Tab and returns what has the focus then.
func tab(t *testing.T, ctx context.Context, page probe.Page) (at stop) {
	t.Helper()
	require.NoError(t, page.Top().Type(ctx, "\t"))
	require.NoError(t, page.Eval(ctx, focused, &at))
	return at
}

// TestKeyboardAlone leads from the button to the result, through what is folded
// away, and to the choice of the language.
func TestKeyboardAlone(t *testing.T) {
	const down = "\u0301" // the arrow key, as the driver calls it
	ctx, studio := newStudio(t)
	page := newScreen(t, ctx, studio, screens.Phone)
	require.NoError(t, page.Show(ctx, "en", screens.States()[0]))
	press := func(key string) { require.NoError(t, page.Top().Type(ctx, key)) }

	for at := tab(t, ctx, page); !strings.HasPrefix(at.Name, "button#diagnose"); at = tab(t, ctx, page) {
		require.NotEmpty(t, at.Name, "Tab leads to the button")
	}
	press("\r")
	require.NoError(t, page.Until(ctx, benchReported))
	require.NoError(t, page.Until(ctx, focused+`.name.startsWith("h2")`), "the headline gets the focus")

	above, unfolded, chosen := 0.0, 0, false
	for at := tab(t, ctx, page); at.Name != ""; at = tab(t, ctx, page) {
		const line = 60 // CSS pixels: what stands beside one another may begin at several heights
		assert.Greater(t, at.Top, above-line, "%s comes in the order in which it stands", at.Name)
		assert.True(t, at.Outline, "the focus of %s is seen", at.Name)
		assert.True(t, at.InView, "%s is not hidden", at.Name)
		above = at.Top
		if at.Folded {
			press(" ")
			unfolded++
		}
		if at.Chooser {
			var missed []string
			require.NoError(t, page.Eval(ctx, missedByTab, &missed))
			assert.Empty(t, missed, "Tab leads everywhere above")
			press(down)
			require.NoError(t, page.Until(ctx, `document.documentElement.lang !== "en"`), "the language is changed")
			chosen = true
			above = 0 // what was unfolded above is folded again
		}
	}
	assert.Positive(t, unfolded)
	assert.True(t, chosen, "Tab leads to the choice of the language")
}

// missedByTab lists what can be used of the element, and never had the focus.
const missedByTab = `(() => {
	const usable = document.querySelector("checkout-doctor").shadowRoot.querySelectorAll("button, a[href], input:not([type=radio]), select, textarea, summary")
	return [...usable].filter((element) => element.checkVisibility({visibilityProperty: true}) && !had.has(element)).map(({outerHTML}) => outerHTML.slice(0, 120))
})()`

// TestReducedMotionIsHeeded in every state: nothing moves by itself.
func TestReducedMotionIsHeeded(t *testing.T) {
	ctx, studio := newStudio(t)
	still := screens.Phone
	still.ReducedMotion = true
	page := newScreen(t, ctx, studio, still)
	for _, state := range screens.States()[:7] { // up to the first report: what comes later is of the same parts
		require.NoError(t, page.Show(ctx, "en", state))
		var moving []string
		require.NoError(t, page.Eval(ctx, `[document, document.querySelector("checkout-doctor")?.shadowRoot ?? document]
			.flatMap((root) => root.getAnimations().map(({effect}) => effect.target.outerHTML.slice(0, 120)))`, &moving))
		assert.Empty(t, moving, state.Name)
	}
}
