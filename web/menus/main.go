// Menus reads what the browsers call their own menus in each of our languages,
// from the language packs of Chromium and Firefox that Debian has, and writes it
// to testdata/menus.json. Tests hold the steps that we give against it.
//
//	apt-get install chromium-l10n firefox-esr-l10n-all
//	go run ./web/menus
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"checkoutdoctor/web"
)

func main() {
	chromium := flag.String("chromium", "/usr/lib/chromium/locales", "`folder` of Chromium's .pak files and their .pak.info")
	firefox := flag.String("firefox", "/usr/lib/firefox-esr/browser/extensions", "`folder` of Firefox's language packs")
	out := flag.String("out", "testdata/menus.json", "`file` to write")
	flag.Parse()
	if err := run(*chromium, *firefox, *out); err != nil {
		fmt.Fprintln(os.Stderr, "menus:", err)
		os.Exit(1)
	}
}

// labels are what a browser says, by what it says in English.
type labels map[string]string

// chromiumLabels are the resources of Chromium that our steps name.
var chromiumLabels = map[string]string{
	"IDS_PAGE_INFO_COOKIES_HEADER":                  "Cookies and site data",
	"IDS_PAGE_INFO_COOKIES_DIALOG_BUTTON_TITLE":     "Manage on-device site data",
	"IDS_CLEAR_BROWSING_DATA":                       "Delete browsing data…",
	"IDS_SETTINGS_CLEAR_CACHE":                      "Cached images and files",
	"IDS_DONE":                                      "Done",
	"IDS_NEW_INCOGNITO_WINDOW":                      "New Incognito window",
	"IDS_EXTENSIONS_SUBMENU_MANAGE_EXTENSIONS_ITEM": "Manage extensions",
	"IDS_BLOCKED_POPUPS_REDIRECTS_UNBLOCK":          "Always allow pop-ups and redirects",
}

// firefoxLabels are the messages of Firefox that our steps name.
var firefoxLabels = map[string]string{
	"trustpanel-clear-cookies-button":               "Clear cookies and site data",
	"trustpanel-clear-cookies-subview-button-clear": "Clear",
	"popup-warning-button.label[windows]":           "Options",
	"popup-warning-button.label[other]":             "Preferences",
	"popups-infobar-allow2.label":                   "Allow pop-ups and third-party redirects",
	"appmenuitem-new-private-window.label":          "New private window",
	"unified-extensions-manage-extensions.label":    "Manage extensions",
}

// codes are what the browsers call our languages, where they call them otherwise.
var codes = map[string]struct{ chromium, firefox string }{
	"es":      {"es", "es-ES"},
	"sv":      {"sv", "sv-SE"},
	"zh-Hans": {"zh-CN", "zh-CN"},
}

func run(chromium, firefox, out string) error {
	all := make(map[string]map[string]labels)
	for _, lang := range web.Languages() {
		if lang == "en" {
			continue
		}
		code, ok := codes[lang]
		if !ok {
			code.chromium, code.firefox = lang, lang
		}
		ofChromium, err := readChromium(filepath.Join(chromium, code.chromium+".pak"))
		if err != nil {
			return err
		}
		ofFirefox, err := readFirefox(filepath.Join(firefox, "langpack-"+code.firefox+"@firefox-esr.mozilla.org.xpi"))
		if err != nil {
			return err
		}
		all[lang] = map[string]labels{"chrome": ofChromium, "firefox": ofFirefox}
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("write the labels: %w", err)
	}
	if err := os.WriteFile(out, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the labels: %w", err)
	}
	return nil
}
