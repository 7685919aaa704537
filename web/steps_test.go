package web

import (
	"cmp"
	"embed"
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

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

//go:embed locales/steps/*.json
var stepFiles embed.FS

// stepGuide is a file of locales/steps: how each browser does each task on each
// platform, by the words of the facts environment.browser and .platform.
type stepGuide struct {
	Language string                          `json:"language"`
	Browsers map[string]map[string]stepPlace `json:"browsers"`
}

// stepPlace is one browser on one platform.
type stepPlace struct {
	Name  string             `json:"name"` // as it is called in a sentence
	Tasks map[string]stepWay `json:"tasks"`
}

// stepWay is how a task is done, or why it cannot be done there and what to do
// instead.
type stepWay struct {
	Steps  []string `json:"steps"`
	None   string   `json:"none"`
	Source string   `json:"source"`
}

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
var tasks = []string{"allow-popups", "allow-third-party-cookies", "clear-cookies-and-cache", "disable-blocker", "use-private-window"}

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
	"https://support.mozilla.org/en-US/products/ios",
	"https://support.mozilla.org/en-US/products/mobile",
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
	"https://support.apple.com/en-us/105082":                    "Clear your Safari history, cache, and cookies on iPhone",
	"https://support.apple.com/en-us/102524":                    "Block pop-up ads and windows in Safari",
}

// aboutTask is what the address or title of a page says that helps with a task.
var aboutTask = map[string]*regexp.Regexp{
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
	tasks []string
	why   string
}{
	"https://support.apple.com/guide/iphone/browse-the-web-privately-iphb01fc3c85/ios": {
		[]string{"allow-third-party-cookies", "use-private-window"}, "private tabs, and below them the switch for cross-site tracking",
	},
	"https://support.brave.app/hc/en-us/articles/360022806212-How-do-I-use-Shields-while-browsing": {
		[]string{"allow-third-party-cookies", "disable-blocker"}, "Shields are what blocks in Brave, cookies too",
	},
	"https://support.mozilla.org/en-US/kb/enhanced-tracking-protection-firefox-android": {
		[]string{"allow-third-party-cookies", "disable-blocker"}, "one switch for a site's trackers and for third-party cookies",
	},
}

func stepGuides(t *testing.T) map[string]stepGuide {
	t.Helper()
	files, err := stepFiles.ReadDir("locales/steps")
	require.NoError(t, err)
	guides := make(map[string]stepGuide)
	for _, f := range files {
		text, err := stepFiles.ReadFile("locales/steps/" + f.Name())
		require.NoError(t, err)
		var guide stepGuide
		dec := json.NewDecoder(strings.NewReader(string(text)))
		dec.DisallowUnknownFields()
		require.NoError(t, dec.Decode(&guide), f.Name())
		guides[strings.TrimSuffix(f.Name(), ".json")] = guide
	}
	return guides
}

// stepTask is a task in one browser on one platform.
type stepTask struct{ browser, platform, task string }

// eachWay runs the check for each task of each browser on each platform.
func eachWay(t *testing.T, check func(t *testing.T, at stepTask, way stepWay)) {
	for lang, guide := range stepGuides(t) {
		for browser, platforms := range guide.Browsers {
			for platform, place := range platforms {
				for task, way := range place.Tasks {
					t.Run(path.Join(lang, browser, platform, task), func(t *testing.T) {
						check(t, stepTask{browser, platform, task}, way)
					})
				}
			}
		}
	}
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestEveryBrowserHasItsSteps(t *testing.T) {
	guides := stepGuides(t)
	require.Contains(t, guides, fallbackLanguage)
	for lang, guide := range guides {
		assert.Equal(t, lang, guide.Language)
		require.Equal(t, keys(platformsOf), keys(guide.Browsers), lang)
		for browser, platforms := range guide.Browsers {
			require.Equal(t, platformsOf[browser], keys(platforms), browser)
			for platform, place := range platforms {
				assert.NotEmpty(t, place.Name, "%s on %s", browser, platform)
				assert.Equal(t, tasks, keys(place.Tasks), "%s on %s", browser, platform)
			}
		}
	}
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
	var fixes []string
	for _, r := range diagnosis.Remedies() {
		fixes = append(fixes, string(r.Code))
	}
	assert.Subset(t, fixes, tasks)
	script, err := os.ReadFile("src/steps.ts")
	require.NoError(t, err)
	_, list, _ := strings.Cut(string(script), "const TASKS = [")
	list, _, _ = strings.Cut(list, "]")
	asked := regexp.MustCompile(`[a-z-]+`).FindAllString(list, -1)
	assert.ElementsMatch(t, tasks, asked)
}

func TestEveryWayIsShortOrSaysWhyThereIsNone(t *testing.T) {
	eachWay(t, func(t *testing.T, _ stepTask, way stepWay) {
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
	eachWay(t, func(t *testing.T, at stepTask, way stepWay) {
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
	eachWay(t, func(t *testing.T, at stepTask, way stepWay) {
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
	eachWay(t, func(t *testing.T, at stepTask, way stepWay) {
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
	tasksOf := make(map[string][]string)
	eachWay(t, func(_ *testing.T, at stepTask, way stepWay) {
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
