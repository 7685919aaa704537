package web

import (
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
	"samsung": {"privacy.samsunginter.net", "developer.samsung.com"},
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

// eachWay runs the check for each task of each browser on each platform.
func eachWay(t *testing.T, check func(t *testing.T, browser string, way stepWay)) {
	for lang, guide := range stepGuides(t) {
		for browser, platforms := range guide.Browsers {
			for platform, place := range platforms {
				for task, way := range place.Tasks {
					t.Run(path.Join(lang, browser, platform, task), func(t *testing.T) { check(t, browser, way) })
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
	eachWay(t, func(t *testing.T, _ string, way stepWay) {
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
	eachWay(t, func(t *testing.T, browser string, way stepWay) {
		u, err := url.Parse(way.Source)
		require.NoError(t, err)
		assert.Equal(t, "https", u.Scheme)
		assert.Contains(t, vendors[browser], u.Host)
	})
}
