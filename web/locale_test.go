package web

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

func eachLocale(t *testing.T, check func(*testing.T, Words)) {
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			w, err := Locale(lang)
			require.NoError(t, err)
			assert.Equal(t, lang, w.Language)
			check(t, w)
		})
	}
}

func TestEveryCauseIsWorded(t *testing.T) {
	var codes []diagnosis.Code
	for _, c := range diagnosis.Causes() {
		codes = append(codes, c.Code)
	}
	eachLocale(t, func(t *testing.T, w Words) {
		assert.ElementsMatch(t, codes, slices.Collect(maps.Keys(w.Causes)))
		for code, words := range w.Causes {
			assert.NotEmpty(t, words.Title, code)
			for _, c := range []diagnosis.Confidence{diagnosis.Certain, diagnosis.Likely, diagnosis.Possible} {
				assert.NotEmpty(t, words.Text(c), "%s, %s", code, c)
			}
		}
	})
}

func TestEveryRemedyIsWorded(t *testing.T) {
	var users, others []diagnosis.FixCode
	for _, r := range diagnosis.Remedies() {
		if r.For == diagnosis.ForUser {
			users = append(users, r.Code)
		} else {
			others = append(others, r.Code)
		}
	}
	engineers, err := Engineers()
	require.NoError(t, err)
	assertRemediesWorded(t, others, engineers.Fixes)
	assert.ElementsMatch(t, []diagnosis.Audience{diagnosis.ForMerchant, diagnosis.ForIssuer, diagnosis.ForIT}, slices.Collect(maps.Keys(engineers.Audiences)))
	eachLocale(t, func(t *testing.T, w Words) {
		assertRemediesWorded(t, users, w.Fixes)
		assert.Subset(t, slices.Collect(maps.Keys(w.Fixes)), w.Guide)
	})
}

func assertRemediesWorded(t *testing.T, codes []diagnosis.FixCode, fixes map[diagnosis.FixCode]FixWords) {
	t.Helper()
	assert.ElementsMatch(t, codes, slices.Collect(maps.Keys(fixes)))
	for code, words := range fixes {
		assert.NotEmpty(t, words.Title, code)
		assert.NotEmpty(t, words.Steps, code)
		assert.LessOrEqual(t, len(words.Steps), 4, code)
	}
}

func TestEveryWordForWhatCannotBeToldApartIsWorded(t *testing.T) {
	words := map[string]bool{}
	for _, c := range diagnosis.Causes() {
		for _, w := range c.OneOf {
			words[w] = true
		}
	}
	eachLocale(t, func(t *testing.T, w Words) {
		assert.ElementsMatch(t, slices.Collect(maps.Keys(words)), slices.Collect(maps.Keys(w.OneOf)))
	})
}

func TestEveryVariantIsWorded(t *testing.T) {
	words := map[string]bool{}
	for _, c := range diagnosis.Causes() {
		for _, w := range c.Variants {
			words[w] = true
		}
	}
	eachLocale(t, func(t *testing.T, w Words) {
		assert.ElementsMatch(t, slices.Collect(maps.Keys(words)), slices.Collect(maps.Keys(w.Variants)))
	})
}

// TestEverySignalIsWorded, and has the facts named that it rests on, so that one
// that could not be looked at is never told to be gone.
func TestEverySignalIsWorded(t *testing.T) {
	var names []string
	for _, signal := range diagnosis.Signals() {
		names = append(names, signal.Name)
	}
	eachLocale(t, func(t *testing.T, w Words) {
		assert.ElementsMatch(t, names, slices.Collect(maps.Keys(w.Signals)))
		for name, words := range w.Signals {
			assert.NotEmpty(t, words.Title, name)
			assert.NotEmpty(t, words.Text, name)
		}
	})
	assert.ElementsMatch(t, names, slices.Collect(maps.Keys(comparedBy(t, "SIGNALS"))))
}

// TestTitlesAreForLayPeople: the headline is the largest text that they read, so
// technical names in brackets stand in the texts below it.
func TestTitlesAreForLayPeople(t *testing.T) {
	eachLocale(t, func(t *testing.T, w Words) {
		for code, words := range w.Causes {
			assert.NotRegexp(t, `[(（][ -~]+[)）]`, words.Title, code)
		}
	})
}

// TestMarksStayWithTheirLatinWord: from right to left, a mark that begins a Latin
// word would be drawn at its end without a mark of direction before it.
func TestMarksStayWithTheirLatinWord(t *testing.T) {
	astray := regexp.MustCompile(`[\s"][&?#@%+=/][A-Za-z]`)
	eachLocale(t, func(t *testing.T, w Words) {
		if w.Direction != "rtl" {
			return
		}
		text, err := locales.ReadFile("locales/" + w.Language + ".json")
		require.NoError(t, err)
		assert.Empty(t, astray.FindAllString(string(text), -1))
	})
}

// TestEveryFindingOfTheNetworkIsCompared by facts that it is decided by. That of
// a relay is decided by a list, which most addresses are not in.
func TestEveryFindingOfTheNetworkIsCompared(t *testing.T) {
	table := comparedBy(t, "FINDINGS")
	assert.Contains(t, table, "vpn.relay")
	delete(table, "vpn.relay")
	for _, c := range diagnosis.Causes() {
		if !strings.HasPrefix(string(c.Code), "network.") {
			continue
		}
		var needs []string
		for _, k := range c.Needs {
			needs = append(needs, facts.Name(k))
		}
		require.Contains(t, table, string(c.Code))
		assert.Subset(t, needs, table[string(c.Code)], c.Code)
		delete(table, string(c.Code))
	}
	assert.Empty(t, table)
}

// comparedBy returns a table of compare.ts: the facts, all of them declared, that
// each sign or finding rests on.
func comparedBy(t *testing.T, name string) map[string][]string {
	t.Helper()
	script, err := os.ReadFile("src/view/compare.ts")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(script), "const "+name+":")
	table, _, _ = strings.Cut(table, "};")
	rests := map[string][]string{}
	for _, line := range regexp.MustCompile(`(?m)^  "?([a-z.-]+)"?: \[(.+)\],$`).FindAllStringSubmatch(table, -1) {
		for quoted := range strings.SplitSeq(line[2], ", ") {
			fact, err := strconv.Unquote(quoted)
			require.NoError(t, err)
			assert.True(t, slices.ContainsFunc(facts.All(), func(d facts.Declared) bool { return facts.Name(d) == fact }), fact)
			rests[line[1]] = append(rests[line[1]], fact)
		}
	}
	return rests
}

func TestWhatBecameOfAFindingIsWorded(t *testing.T) {
	eachLocale(t, func(t *testing.T, w Words) {
		assert.ElementsMatch(t, []string{"vpn", "network"}, slices.Collect(maps.Keys(w.Compared)))
		for topic, words := range w.Compared {
			assert.ElementsMatch(t, []string{"gone", "stays", "same", "fewer", "more", "other", "unknown"}, slices.Collect(maps.Keys(words)), topic)
		}
	})
}

func TestEveryReasonAndVerdictIsWorded(t *testing.T) {
	reasons := []facts.Reason{
		facts.ReasonNotObserved, facts.ReasonNotConfigured, facts.ReasonNotAsked, facts.ReasonNoGesture,
		facts.ReasonOtherOrigin, facts.ReasonTimedOut, facts.ReasonCrashed, facts.ReasonUnreachable,
		facts.ReasonRefused, facts.ReasonUnsupported, facts.ReasonNotKnown, facts.ReasonCancelled, facts.ReasonInvalid,
	}
	verdicts := []diagnosis.Verdict{diagnosis.Blocked, diagnosis.Degraded, diagnosis.Clear, diagnosis.Inconclusive}
	eachLocale(t, func(t *testing.T, w Words) {
		assert.ElementsMatch(t, reasons, slices.Collect(maps.Keys(w.Reasons)))
		assert.ElementsMatch(t, verdicts, slices.Collect(maps.Keys(w.Verdicts)))
		for verdict, words := range w.Verdicts {
			assert.NotEmpty(t, words.Summary, verdict)
		}
		assert.Contains(t, w.LeftOut, diagnosis.BecauseThirdPartyCookies)
	})
}

// TestWordsAreAsSureAsTheFinding: a doubt is said, a certainty is not softened.
func TestWordsAreAsSureAsTheFinding(t *testing.T) {
	eachLocale(t, func(t *testing.T, w Words) {
		probably, may := regexp.MustCompile("(?i)"+w.Sure.Probably), regexp.MustCompile("(?i)"+w.Sure.May)
		for code, words := range w.Causes {
			assert.NotRegexp(t, probably, words.Certain, code)
			assert.Regexp(t, probably, words.Likely, code)
			assert.Regexp(t, may, words.Possible, code)
		}
	})
}

func TestEnglishCertaintiesHaveNoMay(t *testing.T) {
	w, err := Locale("en")
	require.NoError(t, err)
	for code, words := range w.Causes {
		assert.NotRegexp(t, w.Sure.May, words.Certain, code)
	}
}

// placeholder is what the page puts a value into.
var placeholder = regexp.MustCompile(`\{\w+\}`)

// TestLanguagesAreAlike in their keys, the lengths of their lists and the
// placeholders of every text.
func TestLanguagesAreAlike(t *testing.T) {
	english := localeTexts(t, "en")
	assert.Equal(t, []string{"{browser}"}, placeholder.FindAllString(english["/ui/stepsIn"], -1))
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			texts := localeTexts(t, lang)
			assert.Equal(t, keys(english), keys(texts))
			for at, text := range texts {
				assert.NotEmpty(t, text, at)
				assert.Equal(t, strings.TrimSpace(text), text, at)
				assert.ElementsMatch(t, placeholder.FindAllString(english[at], -1), placeholder.FindAllString(text, -1), at)
			}
		})
	}
}

// localeTexts returns every text of a language by its place in the file.
func localeTexts(t *testing.T, lang string) map[string]string {
	t.Helper()
	file, err := locales.ReadFile("locales/" + lang + ".json")
	require.NoError(t, err)
	var all any
	require.NoError(t, json.Unmarshal(file, &all))
	texts := map[string]string{}
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				walk(at+"/"+key, inner)
			}
		case []any:
			for i, inner := range value {
				walk(at+"/"+strconv.Itoa(i), inner)
			}
		case string:
			texts[at] = value
		default:
			assert.Fail(t, "not a text", at)
		}
	}
	walk("", all)
	return texts
}

// TestEveryWordOfTheViewIsUsed by a script other than that of the words' type,
// which names each as well.
func TestEveryWordOfTheViewIsUsed(t *testing.T) {
	files, err := filepath.Glob("src/*.ts")
	require.NoError(t, err)
	parts, err := filepath.Glob("src/*/*.ts")
	require.NoError(t, err)
	var scripts strings.Builder
	for _, file := range append(files, parts...) {
		if filepath.Base(file) == "words.ts" {
			continue
		}
		script, err := os.ReadFile(file)
		require.NoError(t, err)
		scripts.Write(script)
	}
	english, err := Locale("en")
	require.NoError(t, err)
	for key, text := range english.UI {
		// As a property, as a name of the pattern that takes it out, or in quotes.
		used := regexp.MustCompile(`(ui\.|\{[^{}\n]*\b|")` + key + `\b`)
		assert.True(t, used.MatchString(scripts.String()), key)
		assert.NotEmpty(t, text, key)
	}
}

// TestConsentSaysWhatStays: whoever lets something be removed is told also what
// is not.
func TestConsentSaysWhatStays(t *testing.T) {
	w, err := Locale("en")
	require.NoError(t, err)
	for key, stays := range map[string]string{
		"removeWorkerConsent": "Cookies, your sign-in and the other data that it stores stay",
		"clearDataConsent":    "Nothing else is removed",
	} {
		assert.Contains(t, w.UI[key], "This removes", key)
		assert.Contains(t, w.UI[key], stays, key)
	}
	assert.Contains(t, w.UI["removeWorkerConsent"], "all files that this site keeps in your browser for use offline", "Cache Storage has no owner within the site")
	assert.Contains(t, w.UI["removeWorkerConsent"], "notifications end", "push subscriptions go with their worker")
}

func TestLanguageIsThatOfTheReader(t *testing.T) {
	for wanted, want := range map[string]string{
		"en": "en", "en-GB": "en", "EN": "en", "tlh": "en", "": "en", "../locale": "en", "en/../en": "en", "en\x00": "en",
		"tlh, en;q=0.5": "en",
	} {
		w, err := Locale(wanted)
		require.NoError(t, err, wanted)
		assert.Equal(t, want, w.Language, wanted)
	}
}

// TestALaterListCountsWhereThereAreNoWords in any language of those before it.
func TestALaterListCountsWhereThereAreNoWords(t *testing.T) {
	for want, lists := range map[string][]string{
		"de": {"", "de"},
		"fr": {"tlh, nb", "fr-CH, de;q=0.5"},
		"sv": {"../locale", "sv"},
		"ar": {"ar", "de"},
		"en": {"tlh", "nb"},
	} {
		w, err := Locale(lists...)
		require.NoError(t, err, lists)
		assert.Equal(t, want, w.Language, lists)
	}
}
