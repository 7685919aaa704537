package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/web"
)

// made returns the link that the command makes to what is served at the address.
func made(t *testing.T, address string, more ...string) string {
	t.Helper()
	return madeAt(t, time.Now(), address, more...)
}

// madeAt returns the link that the command made at that time.
func madeAt(t *testing.T, now time.Time, address string, more ...string) string {
	t.Helper()
	stdout, stderr, code := commandAt(t, now, append([]string{"link", "--base", "http://" + address, "--case", "4711", "--lang", "sv"}, more...)...)
	require.Equal(t, probe.ExitOK, code, stderr)
	return strings.TrimSpace(stdout)
}

// TestALinkOpensThePageForItsCase in a browser: what the link says is there, and
// the language that its reader chooses stays through a reload, with the link as
// it was.
func TestALinkOpensThePageForItsCase(t *testing.T) {
	key := keyFile(t, testKey)
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--key-file", key, "--allowed-host", "ads.example")[0]
	signed := made(t, address, "--key-file", key, "--only", "environment,storage",
		"--ads-manager-url", "https://ads.example/?aadvid=7", "--allowed-host", "ads.example")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(t, err)
	require.NoError(t, page.Open(ctx, signed))

	type shown struct {
		Case, Heading, Title, Dir, View, Address, Reset, URL string
		Only                                                 []string
	}
	see := func(language string) (got shown) {
		t.Helper()
		require.NoError(t, page.Until(ctx, `!globalThis.left && document.documentElement.lang === "`+language+`" && document.querySelector("#reset").href && document.querySelector("checkout-doctor").dataset.state === "ready"`))
		require.NoError(t, page.Eval(ctx, `(() => {
			const text = (selector) => document.querySelector(selector).textContent
			const doctor = document.querySelector("checkout-doctor")
			return {
				case: text(".case bdi"), heading: text("h1"), title: document.title, dir: document.documentElement.dir,
				view: doctor.shadowRoot.querySelector("[part~=result]").lang, only: doctor.only,
				address: doctor.getAttribute("ads-manager-url"), reset: document.querySelector("#reset").href, url: location.href,
			}
		})()`, &got))
		return got
	}
	want := func(language, url string) shown {
		words, err := web.Locale(language)
		require.NoError(t, err)
		return shown{
			Case: "4711", Heading: words.Page["heading"], Title: words.Page["title"], Dir: words.Direction, View: language,
			Address: "https://ads.example/?aadvid=7", Reset: "https://ads.example/?aadvid=7&reset_cache=1", URL: url,
			Only: []string{"environment", "storage"},
		}
	}
	assert.Equal(t, want("sv", signed), see("sv"))
	require.NoError(t, page.Eval(ctx, `{
		const select = document.querySelector("checkout-doctor").shadowRoot.querySelector("select")
		select.value = "ar"
		select.dispatchEvent(new Event("change"))
	}`, nil))
	assert.Equal(t, want("ar", signed+"#lang=ar"), see("ar"))
	require.NoError(t, page.Eval(ctx, `globalThis.left = true; location.reload()`, nil))
	assert.Equal(t, want("ar", signed+"#lang=ar"), see("ar"), "after a reload")
}

// linesWith returns the lines of a log that have the text, without their time.
func linesWith(log, text string) []string {
	var lines []string
	for line := range strings.Lines(log) {
		if _, rest, _ := strings.Cut(line, " "); strings.Contains(rest, text) {
			lines = append(lines, strings.TrimSpace(rest))
		}
	}
	return lines
}

// TestARefusedLinkIsLoggedOnce by its reason, and by nothing that it says.
func TestARefusedLinkIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	t.Run("serving", func(t *testing.T) {
		key := keyFile(t, testKey)
		address := servingTo(t, &log, 1, "--listen", "127.0.0.1:0", "--key-file", key)[0]
		query := func(signed string) string { return strings.TrimPrefix(signed, "http://"+address) }
		old := madeAt(t, time.Now().AddDate(0, 0, -1), address, "--key-file", key, "--ttl", "1h")
		good := made(t, address, "--key-file", key)
		assert.Equal(t, http.StatusGone, get(t, address, address, query(old)))
		assert.Equal(t, http.StatusForbidden, get(t, address, address, strings.Replace(query(good), "4711", "4712", 1)))
		assert.Equal(t, http.StatusOK, get(t, address, address, query(good)))
		assert.Equal(t, http.StatusOK, get(t, address, address, "/?lang=sv"))
	})
	assert.Equal(t, []string{
		`level=WARN msg="link refused" reason=expired`, `level=WARN msg="link refused" reason=altered`,
	}, linesWith(log.String(), "link refused"))
	for _, secret := range []string{"4711", "4712", "sig=", "127.0.0.1", "lang"} {
		assert.NotContains(t, log.String(), secret)
	}
}

func TestServeTakesTheKeyFromTheEnvironment(t *testing.T) {
	t.Setenv(linkKeysVariable, testKey)
	address := serving(t, 1, "--listen", "127.0.0.1:0")[0]
	assert.Equal(t, http.StatusForbidden, get(t, address, address, "/?case=4711"))
}

func TestServeWithoutAKeyBelievesEveryQuery(t *testing.T) {
	t.Setenv(linkKeysVariable, "")
	address := serving(t, 1, "--listen", "127.0.0.1:0")[0]
	assert.Equal(t, http.StatusOK, get(t, address, address, "/?case=4711"))
}

func TestServeRefusesKeysAndHostsThatAreNone(t *testing.T) {
	t.Setenv(linkKeysVariable, "")
	key, noKey := keyFile(t, testKey), keyFile(t, "x")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"hosts and no key":      {[]string{"--allowed-host", "ads.example"}, "--allowed-host needs --key-file or " + linkKeysVariable},
		"no such file":          {[]string{"--key-file", key + "s"}, "--key-file: open " + key + "s: no such file"},
		"a file that is no key": {[]string{"--key-file", noKey}, "--key-file: " + noKey + ": line 1: it is no key"},
		"everybody's hosts":     {[]string{"--key-file", key, "--allowed-host", ".co.uk"}, `--allowed-host: ".co.uk" would allow hosts of everybody`},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr, code := command(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, test.args...)...)
			assert.Equal(t, probe.ExitUsage, code)
			assert.Contains(t, stderr, test.want)
		})
	}
}
