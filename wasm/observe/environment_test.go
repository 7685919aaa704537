//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

func TestBrowsersByTheirUserAgents(t *testing.T) {
	const (
		linux   = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
		windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
		android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
		iPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
		mac     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	)
	tests := map[string]struct {
		agent, brands     string
		touch             bool
		browser, platform string
	}{
		"Chrome":                  {windows + "Chrome/156.0.0.0 Safari/537.36", "Chromium Google Chrome", false, "chrome", "desktop"},
		"Chrome, headless":        {linux + "HeadlessChrome/156.0.0.0 Safari/537.36", "", false, "chrome", "desktop"},
		"Chrome on Android":       {android + "Chrome/156.0.0.0 Mobile Safari/537.36", "", true, "chrome", "android"},
		"Chrome on iOS":           {iPhone + "CriOS/156.0.0.0 Mobile/15E148 Safari/604.1", "", true, "chrome", "ios"},
		"Chrome on an iPad":       {mac + "CriOS/156 Version/18.5 Safari/605.1.15", "", true, "chrome", "ios"},
		"Edge":                    {windows + "Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", "Microsoft Edge", false, "edge", "desktop"},
		"Edge on Android":         {android + "Chrome/156.0.0.0 Mobile Safari/537.36 EdgA/156.0.0.0", "", true, "edge", "android"},
		"Edge on iOS":             {iPhone + "Version/18.0 EdgiOS/156.0 Mobile/15E148 Safari/605.1.15", "", true, "edge", "ios"},
		"Brave":                   {windows + "Chrome/156.0.0.0 Safari/537.36", "Brave Chromium", false, "brave", "desktop"},
		"Samsung Internet":        {android + "SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36", "", true, "samsung", "android"},
		"Samsung, as on a desk":   {linux + "Chrome/136.0.0.0 Safari/537.36", "Samsung Internet Chromium", true, "samsung", "desktop"},
		"Firefox":                 {"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "", false, "firefox", "desktop"},
		"Firefox on Android":      {"Mozilla/5.0 (Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0", "", true, "firefox", "android"},
		"Firefox on iOS":          {iPhone + "FxiOS/153.0 Mobile/15E148 Safari/605.1.15", "", true, "firefox", "ios"},
		"Safari":                  {mac + "Version/26.0 Safari/605.1.15", "", false, "safari", "desktop"},
		"Safari on an iPhone":     {iPhone + "Version/26.0 Mobile/15E148 Safari/604.1", "", true, "safari", "ios"},
		"Safari on an iPad":       {mac + "Version/26.0 Safari/605.1.15", "", true, "safari", "ios"},
		"Opera":                   {windows + "Chrome/156.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera", false, "other", "desktop"},
		"DuckDuckGo on iOS":       {iPhone + "Version/26.0 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15", "", true, "other", "ios"},
		"GNOME Web":               {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15", "", false, "other", "desktop"},
		"an app on Android":       {"Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/156.0.0.0 Mobile Safari/537.36", "", true, "other", "android"},
		"an app on iOS":           {iPhone + "Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]", "", true, "other", "ios"},
		"something unique":        {"Lynx/2.9", "", false, "other", "desktop"},
		"a Mac with no fingers":   {mac + "Chrome/156.0.0.0 Safari/537.36", "", false, "chrome", "desktop"},
		"a laptop with a display": {windows + "Chrome/156.0.0.0 Safari/537.36", "", true, "chrome", "desktop"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.browser, browserName(tt.agent, tt.brands))
			assert.Equal(t, tt.platform, platform(tt.agent, tt.touch))
		})
	}
}

func TestBrowsersThatCallThemselvesChromeHaveAnotherName(t *testing.T) {
	for navigator, want := range map[string]string{
		`{brave: {}}`: "brave",
		`{userAgentData: {brands: [{brand: "Not A;Brand"}, {brand: "Microsoft Edge"}]}}`: "edge",
		`{get userAgentData() { throw new Error() }}`:                                    "chrome",
		`{}`: "chrome",
	} {
		b := looking(t)
		b.window = script(t, `({navigator: Object.defineProperties({userAgent: "Chrome/156"}, Object.getOwnPropertyDescriptors(`+navigator+`))})`)
		var set facts.Set
		observeEnvironment(t.Context(), b, &set)
		assert.True(t, set.Equals(facts.Browser, want), navigator)
		assert.True(t, set.Equals(facts.Platform, "desktop"), navigator)
	}
}

func TestTheLanguagesThatTheBrowserAsksFor(t *testing.T) {
	known := func(tags ...string) facts.Entry { return facts.Entry{State: facts.Known, List: tags} }
	for navigator, want := range map[string]facts.Entry{
		`{languages: ["sv-SE", "sv", "en-US"]}`:           known("sv-SE", "sv", "en-US"),
		`{languages: ["nl", "<b>", "my card is 4000"]}`:   known("nl"),
		`{languages: Array(20).fill("de")}`:               known("de", "de", "de", "de", "de", "de", "de", "de"),
		`{languages: []}`:                                 {Reason: facts.ReasonUnsupported},
		`{}`:                                              {Reason: facts.ReasonUnsupported},
		`{get languages() { throw new Error("spoilt") }}`: {Reason: facts.ReasonUnsupported},
	} {
		b := looking(t)
		b.window = script(t, `({navigator: `+navigator+`})`)
		var set facts.Set
		observeEnvironment(t.Context(), b, &set)
		want.From = "environment"
		assert.Equal(t, want, set.Entry(facts.Languages), navigator)
	}
}
