package web

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// platformsOf lists where each browser there is runs.
var platformsOf = map[string][]string{
	"chrome":  {"android", "desktop", "ios"},
	"edge":    {"android", "desktop", "ios"},
	"safari":  {"desktop", "ios"},
	"firefox": {"android", "desktop", "ios"},
	"brave":   {"android", "desktop", "ios"},
	"samsung": {"android"},
}

// tasks are the fixes that each browser words in its own way.
var tasks = []diagnosis.FixCode{"allow-popups", "allow-third-party-cookies", "clear-cookies-and-cache", "disable-blocker", "use-private-window"}

// vendors are the hosts of the browsers' own documentation.
var vendors = map[string][]string{
	"chrome":  {"support.google.com"},
	"edge":    {"support.microsoft.com"},
	"safari":  {"support.apple.com"},
	"firefox": {"support.mozilla.org"},
	"brave":   {"support.brave.app"},
	"samsung": {"www.samsung.com"},
}

// startPages are where a vendor's help on a browser begins. They stand in where
// no page is known to be about the task.
var startPages = []string{
	"https://support.google.com/chrome",
	"https://support.mozilla.org/products/ios",
	"https://support.mozilla.org/products/mobile",
	"https://support.brave.app/hc/en-us",
	"https://www.samsung.com/us/support/owners/app/samsung-internet",
}

// titles are what the pages are about whose addresses do not say it.
var titles = map[string]string{
	"https://support.google.com/chrome/answer/95647":            "Delete, allow and manage cookies in Chrome",
	"https://support.google.com/chrome/answer/95472":            "Block or allow pop-ups in Chrome",
	"https://support.google.com/chrome/answer/95464":            "Browse in Incognito mode",
	"https://support.google.com/chrome/answer/2392709":          "Delete browsing data in Chrome",
	"https://support.google.com/chrome_webstore/answer/2664769": "Install and manage extensions",
	"https://support.google.com/android/answer/9654714":         "Manage advanced network settings on your Android phone",
	"https://support.apple.com/105082":                          "Clear your Safari history, cache, and cookies on iPhone",
	"https://support.apple.com/102524":                          "Block pop-up ads and windows in Safari",
}

// aboutTask is what the address or title of a page says that helps with a task.
var aboutTask = map[diagnosis.FixCode]*regexp.Regexp{
	"allow-popups":              regexp.MustCompile(`\bpop|site-permissions`),
	"allow-third-party-cookies": regexp.MustCompile(`cookies|cross-site-tracking`),
	"clear-cookies-and-cache":   regexp.MustCompile(`\b(clear|delete)\b|manage-cookies`),
	"disable-blocker":           regexp.MustCompile(`extensions|tracking-pr(even|otec)tion|network settings`),
	"use-private-window":        regexp.MustCompile(`private|incognito`),
}

// aboutPlatform is what an address says that is only about one platform.
var aboutPlatform = map[string]*regexp.Regexp{
	"android": regexp.MustCompile(`\bandroid\b`),
	"desktop": regexp.MustCompile(`\b(desktop|mac)\b`),
	"ios":     regexp.MustCompile(`\b(ios|iphone)\b`),
}

// sharedPages are the pages that are about more than one task, or do not say
// that they are about one; why tells what is there for each.
var sharedPages = map[string]struct {
	tasks []diagnosis.FixCode
	why   string
}{
	"https://support.apple.com/guide/iphone/browse-the-web-privately-iphb01fc3c85/ios": {
		[]diagnosis.FixCode{"allow-third-party-cookies", "use-private-window"}, "private tabs, and below them the switch for cross-site tracking",
	},
	"https://support.brave.app/hc/en-us/articles/360022806212-How-do-I-use-Shields-while-browsing": {
		[]diagnosis.FixCode{"allow-third-party-cookies", "disable-blocker"}, "Shields are what blocks in Brave, cookies too",
	},
	"https://support.mozilla.org/kb/enhanced-tracking-protection-firefox-android": {
		[]diagnosis.FixCode{"allow-third-party-cookies", "disable-blocker"}, "one switch for a site's trackers and for third-party cookies",
	},
}

// stepTask is a task in one browser on one platform.
type stepTask struct {
	browser, platform string
	task              diagnosis.FixCode
}

// eachWay runs the check for each task of each browser on each platform.
func eachWay(t *testing.T, check func(t *testing.T, at stepTask, way StepWay)) {
	eachLocale(t, func(t *testing.T, w Words) {
		for browser, platforms := range w.Steps {
			for platform, place := range platforms {
				for task, way := range place.Tasks {
					t.Run(path.Join(browser, platform, string(task)), func(t *testing.T) {
						check(t, stepTask{browser, platform, task}, way)
					})
				}
			}
		}
	})
}

func keys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func TestEveryBrowserHasItsSteps(t *testing.T) {
	eachLocale(t, func(t *testing.T, w Words) {
		require.Equal(t, keys(platformsOf), keys(w.Steps))
		for browser, platforms := range w.Steps {
			require.Equal(t, platformsOf[browser], keys(platforms), browser)
			for platform, place := range platforms {
				assert.NotEmpty(t, place.Name, "%s on %s", browser, platform)
				assert.Equal(t, tasks, keys(place.Tasks), "%s on %s", browser, platform)
			}
		}
	})
}

// TestBrowsersAreThoseOfTheFacts: a word that no fact can have is never shown.
func TestBrowsersAreThoseOfTheFacts(t *testing.T) {
	assert.ElementsMatch(t, append(keys(platformsOf), "other"), facts.Browser.Allowed)
	var platforms []string
	for _, list := range platformsOf {
		platforms = append(platforms, list...)
	}
	slices.Sort(platforms)
	assert.ElementsMatch(t, slices.Compact(platforms), facts.Platform.Allowed)
}

func TestTasksAreFixesThatThePageAsksFor(t *testing.T) {
	var fixes []diagnosis.FixCode
	for _, r := range diagnosis.Remedies() {
		fixes = append(fixes, r.Code)
	}
	assert.Subset(t, fixes, tasks)
	script, err := os.ReadFile("src/view/steps.ts")
	require.NoError(t, err)
	_, list, _ := strings.Cut(string(script), "const TASKS = [")
	list, _, _ = strings.Cut(list, "]")
	var asked []diagnosis.FixCode
	for _, word := range regexp.MustCompile(`[a-z-]+`).FindAllString(list, -1) {
		asked = append(asked, diagnosis.FixCode(word))
	}
	assert.ElementsMatch(t, tasks, asked)
}

func TestEveryWayIsShortOrSaysWhyThereIsNone(t *testing.T) {
	eachWay(t, func(t *testing.T, _ stepTask, way StepWay) {
		if way.None != "" {
			assert.Empty(t, way.Steps)
			return
		}
		assert.GreaterOrEqual(t, len(way.Steps), 3)
		assert.LessOrEqual(t, len(way.Steps), 5)
		for _, step := range way.Steps {
			assert.Equal(t, strings.TrimSpace(step), step)
			assert.NotEmpty(t, step)
			assert.NotRegexp(t, `[<>{}]`, step, "it is shown as text")
		}
	})
}

func TestEverySourceIsTheVendorsOwn(t *testing.T) {
	eachWay(t, func(t *testing.T, at stepTask, way StepWay) {
		u, err := url.Parse(way.Source)
		require.NoError(t, err)
		assert.Equal(t, "https", u.Scheme)
		assert.Contains(t, vendors[at.browser], u.Host)
	})
}

// pageOf is the address without its query, by which vendors choose the platform.
func pageOf(source string) string {
	page, _, _ := strings.Cut(source, "?")
	return page
}

// TestEverySourceIsAboutItsTask: whoever follows the link finds the task there,
// or the start of the vendor's help; never another task.
func TestEverySourceIsAboutItsTask(t *testing.T) {
	eachWay(t, func(t *testing.T, at stepTask, way StepWay) {
		page := pageOf(way.Source)
		if slices.Contains(startPages, page) {
			return
		}
		if shared, ok := sharedPages[page]; ok {
			assert.Contains(t, shared.tasks, at.task, page)
			return
		}
		about := cmp.Or(titles[page], page)
		assert.Regexp(t, aboutTask[at.task], strings.ToLower(about), page)
	})
}

func TestEverySourceIsAboutItsPlatform(t *testing.T) {
	eachWay(t, func(t *testing.T, at stepTask, way StepWay) {
		address, err := url.QueryUnescape(strings.ToLower(way.Source))
		require.NoError(t, err)
		for platform, words := range aboutPlatform {
			if platform != at.platform {
				assert.NotRegexp(t, words, address)
			}
		}
	})
}

// TestNoSourceStandsForTwoTasks: but for the few pages that are about both.
func TestNoSourceStandsForTwoTasks(t *testing.T) {
	tasksOf := make(map[string][]diagnosis.FixCode)
	eachWay(t, func(_ *testing.T, at stepTask, way StepWay) {
		if page := pageOf(way.Source); !slices.Contains(startPages, page) && !slices.Contains(tasksOf[page], at.task) {
			tasksOf[page] = append(tasksOf[page], at.task)
		}
	})
	for page, got := range tasksOf {
		if shared, ok := sharedPages[page]; ok {
			assert.ElementsMatch(t, shared.tasks, got, page)
			assert.NotEmpty(t, shared.why, page)
			continue
		}
		assert.Len(t, got, 1, page)
	}
}

// menusFile is what the browsers call their own menus, by language, browser and
// English: `go run ./web/menus` writes it.
const menusFile = "../testdata/menus.json"

// quoted is what English steps name of a browser's menus.
var quoted = regexp.MustCompile(`“([^”]+)”`)

// valueInLabel is where a browser puts the site's name into a label.
var valueInLabel = regexp.MustCompile(`\$1|\{ \$\w+ \}`)

// TestStepsUseTheBrowsersOwnWords, wherever the browsers' language packs have
// them.
func TestStepsUseTheBrowsersOwnWords(t *testing.T) {
	text, err := os.ReadFile(menusFile)
	require.NoError(t, err)
	var menus map[string]map[string]map[string]string
	require.NoError(t, json.Unmarshal(text, &menus))
	english, err := Locale(fallbackLanguage)
	require.NoError(t, err)
	for lang, browsers := range menus {
		w, err := Locale(lang)
		require.NoError(t, err)
		require.Equal(t, lang, w.Language)
		for browser, labels := range browsers {
			for task, way := range w.Steps[browser]["desktop"].Tasks {
				t.Run(path.Join(lang, browser, string(task)), func(t *testing.T) {
					for i, step := range english.Steps[browser]["desktop"].Tasks[task].Steps {
						assertNames(t, labelsIn(step, labels), way.Steps[i])
					}
				})
			}
		}
	}
}

// labelsIn returns the browser's own words for what an English step quotes.
func labelsIn(step string, labels map[string]string) []string {
	var found []string
	for _, match := range quoted.FindAllStringSubmatch(step, -1) {
		if label, ok := labels[match[1]]; ok {
			found = append(found, label)
		}
	}
	return found
}

// assertNames asserts that the step names each label. A label with the site's
// name in it may be named by its parts.
func assertNames(t *testing.T, labels []string, step string) {
	t.Helper()
	for _, label := range labels {
		for _, part := range valueInLabel.Split(label, -1) {
			assert.Contains(t, spelt(step), strings.Trim(spelt(part), " …"), "the label is %q", label)
		}
	}
}

// spelt is the text without what may differ where it is quoted in a sentence:
// capitals, and how spaces and combined letters are encoded.
func spelt(text string) string {
	return strings.Join(strings.Fields(norm.NFKC.String(strings.ToLower(text))), " ")
}
