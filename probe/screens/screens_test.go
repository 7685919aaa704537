package screens_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/screens"
	"checkoutdoctor/web"
)

var studio *screens.Studio

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if studio, err = screens.Open(context.Background(), filepath.Join("..", "..")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer studio.Close()
	return m.Run()
}

// state returns the state of that name.
func state(t *testing.T, name string) screens.State {
	t.Helper()
	states, err := screens.StatesNamed([]string{name})
	require.NoError(t, err)
	return states[0]
}

func newPage(t *testing.T) *screens.Page {
	t.Helper()
	page, err := studio.NewPage(t.Context(), screens.Phone)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	return page
}

// limited returns a context that ends long after the test should.
func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestNothingIsWrongWithWhatIsShown looks at few states in two languages; `make
// screenshots` looks at all.
func TestNothingIsWrongWithWhatIsShown(t *testing.T) {
	page, ctx := newPage(t), limited(t)
	for _, language := range []string{"de", "ar"} { // long words, and right to left
		for _, name := range []string{"blocked-popup", "unfolded", "clear-ticked", "refund-filled", "compared-other", "link-invalid", "print", "clear-data-done", "hand-on-by-hand"} {
			t.Run(name+" "+language, func(t *testing.T) {
				require.NoError(t, page.On(ctx, screens.Phone))
				require.NoError(t, page.Show(ctx, language, state(t, name)))
				for _, d := range screens.Measured() {
					require.NoError(t, page.On(ctx, d))
					flaws, err := page.Measure(ctx)
					require.NoError(t, err)
					assert.Empty(t, flaws)
				}
			})
		}
	}
}

// TestAStateThatIsNotWhatItsNameSays is refused: nobody would see that no picture
// of it is taken.
func TestAStateThatIsNotWhatItsNameSays(t *testing.T) {
	tests := map[string][]string{ // reports by which the page gets into a sibling of the state
		"blocked-frame": {"too-late"},
		"compared-gone": {"link-vpn-network", "link"}, // the later knows nothing of the network
	}
	for name, reports := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mistaken := state(t, name)
			mistaken.Reports = reports
			assert.ErrorContains(t, newPage(t).Show(limited(t), "en", mistaken), "not so in time")
		})
	}
}

// TestAMistypedStateIsNamed, and no pictures of all are taken in its place.
func TestAMistypedStateIsNamed(t *testing.T) {
	_, err := screens.StatesNamed([]string{"clear", "compared-gon"})
	assert.EqualError(t, err, `there is no state "compared-gon"`)
}

// TestNoTitleBreaksWithinAWord on the narrowest screen, where it is the headline.
func TestNoTitleBreaksWithinAWord(t *testing.T) {
	page, ctx := newPage(t), limited(t)
	for _, language := range web.Languages() {
		t.Run(language, func(t *testing.T) {
			words, err := web.Locale(language)
			require.NoError(t, err)
			require.NoError(t, page.On(ctx, screens.Narrow))
			require.NoError(t, page.Show(ctx, language, state(t, "blocked-frame")))
			var titles []string
			for _, cause := range words.Causes {
				titles = append(titles, cause.Title)
			}
			flaws, err := page.MeasureTitles(ctx, titles)
			require.NoError(t, err)
			assert.Empty(t, flaws)
		})
	}
}

// TestFlawsAreFound spoils what is shown, in one way each.
func TestFlawsAreFound(t *testing.T) {
	tests := map[string]struct{ language, spoil, want string }{
		"a page that is too wide":         {"en", `Object.assign(document.querySelector("h1").style, {width: "500px"})`, "the page scrolls sideways, it is 5"},
		"an element that is too wide":     {"en", `Object.assign(document.querySelector("h1").style, {width: "500px"})`, "it leaves the viewport by 1"},
		"text that is cut off":            {"en", `Object.assign(find("h2").style, {height: "5px", overflow: "hidden"})`, "text is clipped by div > h2"},
		"a headline's broken word":        {"ja", `Object.assign(find("h2").style, {wordBreak: "normal", lineBreak: "anywhere", width: "5.5em"})`, "is broken"},
		"a button's broken word":          {"sv", `Object.assign(find(".recheck button").style, {width: "5em", overflowWrap: "anywhere"})`, `the word "Kontrollera" is broken`},
		"text beyond its button":          {"en", `Object.assign(find(".recheck button").style, {width: "40px", padding: 0, whiteSpace: "nowrap"})`, "text leaves div.recheck > button"},
		"a choice that is not shown":      {"en", `Object.assign(find(".chooser select").style, {width: "40px"})`, "its text is wider than it is"},
		"a button that is too low":        {"en", `Object.assign(find(".recheck button").style, {height: "12px", minHeight: 0, padding: 0})`, "px, and 24 are needed"},
		"a part that is not mirrored":     {"ar", `Object.assign(find(".now").style, {direction: "ltr"})`, "its direction is ltr"},
		"markers on the wrong side":       {"ar", `for (const list of all("ol, ul")) Object.assign(list.style, {padding: "0 0 0 40px", listStyle: "disc"})`, "its marker has no room on its side"},
		"an icon on the wrong side":       {"ar", `Object.assign(find(".headline").style, {display: "flex", flexDirection: "row-reverse"})`, "its icon stands neither before nor above"},
		"a document without direction":    {"ar", `document.documentElement.removeAttribute("dir")`, "the document does not say its direction"},
		"a character that no font has":    {"en", `find("h2").append("\ue000")`, "no font has U+E000"},
		"a hint with a missing character": {"en", `document.querySelector("#address").placeholder = "\ue001"`, "no font has U+E001"},
	}
	page, ctx := newPage(t), limited(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, page.Show(ctx, tt.language, state(t, "blocked-frame")))
			spoil := `(() => {
				const root = document.querySelector("checkout-doctor").shadowRoot
				const [find, all] = [(selector) => root.querySelector(selector), (selector) => root.querySelectorAll(selector)]
				` + tt.spoil + `
			})()`
			require.NoError(t, page.Eval(ctx, spoil, nil))
			flaws, err := page.Measure(ctx)
			require.NoError(t, err)
			assert.Contains(t, fmt.Sprint(flaws), tt.want)
			assert.Contains(t, fmt.Sprint(flaws), "blocked-frame in "+tt.language+" at 360 px: ")
		})
	}
}

// TestCharactersThatNoFontHas are told from those that a font has, and from
// those that are not to be seen.
func TestCharactersThatNoFontHas(t *testing.T) {
	page, ctx := newPage(t), limited(t)
	require.NoError(t, page.Show(ctx, "en", state(t, "idle")))
	missing, err := page.Undrawn(ctx, "Aé ✓→…“\u00a0\u200f\u2060\t\ue000\U0010fffd")
	require.NoError(t, err)
	assert.Equal(t, []string{"\ue000", "\U0010fffd"}, missing)
}
