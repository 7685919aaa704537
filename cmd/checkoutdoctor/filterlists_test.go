package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
)

// The filter lists that a content blocker has by default, as its vendor makes
// them into rules of declarativeNetRequest. The package is GPL-3, so it is
// fetched for the test and never becomes part of this repository. Its version is
// fixed, since lists change daily.
const filterLists = "@adguard/dnr-rulesets@3.3.20260320140136"

// defaultLists are AdGuard's Base filter and its Tracking Protection filter:
// together fewer rules than the 330 000 that a browser takes of all extensions.
var defaultLists = []int{2, 3}

// TestRealFilterLists block the stand-ins of the anti-fraud services and some
// of the baits. A payment that needs none of them goes through.
func TestRealFilterLists(t *testing.T) {
	files := blockerOf(t, fetchPackage(t, filterLists), defaultLists)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	l, err := lab.Start(ctx, lab.Options{TimeScale: timeScale})
	require.NoError(t, err)
	defer l.Close()
	browser := launchWith(ctx, t, l, files)

	t.Run("with anti-fraud services", func(t *testing.T) {
		page := openPayment(ctx, t, browser, l, withoutChallenge, "anti-fraud")
		assert.Equal(t, "failed", payHere(ctx, t, page))
		var refused []string
		for _, failure := range page.Truth().Failures {
			if failure.Error == "net::ERR_BLOCKED_BY_CLIENT" {
				refused = append(refused, failure.Origin)
			}
		}
		assert.Subset(t, refused, []string{"https://h.online-metrix.net", "https://mpsnare.iesnare.com"})
		assert.Equal(t, []string{"blocker.anti-fraud"}, codesHere(ctx, t, page, "blocking", "degrading"))
	})
	t.Run("with a script that the issuer's page needs", func(t *testing.T) {
		page := openPayment(ctx, t, browser, l, lab.DefaultCard, "acs-device-script")
		assert.Equal(t, "failed", payHere(ctx, t, page))
		assert.Equal(t, []string{"blocker.acs-script"}, codesHere(ctx, t, page, "blocking", "degrading"))
	})
	t.Run("without", func(t *testing.T) {
		page := openPayment(ctx, t, browser, l, withoutChallenge)
		assert.Equal(t, "paid", payHere(ctx, t, page))
		assert.Empty(t, codesHere(ctx, t, page, "blocking", "degrading"))
		assert.Contains(t, codesHere(ctx, t, page, "notice"), "blocker.content-blocker")
	})
}

// fetchPackage fetches the npm package's archive. Where it cannot be had the test
// is skipped, or fails: see unavailable.
func fetchPackage(t *testing.T, spec string) (archive string) {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		unavailable(t, "npm is not installed: %v", err)
	}
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", spec, "--pack-destination", folder, "--silent")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		unavailable(t, "%s cannot be fetched: %v: %s", spec, err, out)
	}
	archives, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	require.NoError(t, err)
	require.Len(t, archives, 1)
	return archives[0]
}

// unavailable ends a test that cannot run here: where nobody reads what was
// skipped, it fails.
func unavailable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// blockerOf returns the files of an extension with the lists of the package.
func blockerOf(t *testing.T, archive string, lists []int) map[string][]byte {
	t.Helper()
	type ruleset struct {
		ID      string `json:"id"`
		Enabled bool   `json:"enabled"`
		Path    string `json:"path"`
	}
	var rulesets []ruleset
	wanted := make(map[string]string) // from the names in the archive to those in the extension
	for _, list := range lists {
		id := fmt.Sprintf("ruleset_%d", list)
		rulesets = append(rulesets, ruleset{id, true, id + ".json"})
		wanted["package/dist/filters/declarative/"+id+"/"+id+".json"] = id + ".json"
	}
	manifest, err := json.Marshal(map[string]any{
		"manifest_version": 3, "name": "Filter lists", "version": "1.0",
		"permissions": []string{"declarativeNetRequest"}, "host_permissions": []string{"<all_urls>"},
		"declarative_net_request": map[string]any{"rule_resources": rulesets},
	})
	require.NoError(t, err)
	files := extract(t, archive, wanted)
	require.Len(t, files, len(lists), "the package has every list")
	files["manifest.json"] = manifest
	return files
}

// extract returns the wanted files of the archive, by their new names.
func extract(t *testing.T, archive string, wanted map[string]string) map[string][]byte {
	t.Helper()
	file, err := os.Open(archive)
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	files := make(map[string][]byte)
	for entries := tar.NewReader(unzipped); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		if name, ok := wanted[entry.Name]; ok {
			files[name], err = io.ReadAll(entries)
			require.NoError(t, err)
		}
	}
}

// launchWith starts a browser before the lab with the extension, and waits until
// it blocks: to read a quarter of a million rules takes the browser many seconds,
// also after it says that the extension is loaded.
func launchWith(ctx context.Context, t *testing.T, l *lab.Lab, extension map[string][]byte) probe.Browser {
	t.Helper()
	elsewhere := make(map[string]string)
	for _, host := range l.StandIns() {
		elsewhere[host] = l.Address()
	}
	launcher := chrome.New(chrome.Options{
		Address: l.Address(), Elsewhere: elsewhere, CAPEM: l.CAPEM(),
		Extensions: func(string) (map[string][]byte, error) { return extension, nil },
	})
	browser, err := launcher.Launch(ctx, probe.Profile{Extensions: []string{"lists"}})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, browser.Close()) })
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(t, err)
	defer page.Close()
	require.NoError(t, page.Open(ctx, l.LinkURL()))
	require.NoError(t, page.Until(ctx, `fetch("/fingerprint2.min.js").then(() => false, () => true)`))
	return browser
}

// withoutChallenge is a card whose issuer asks for no challenge, and has no
// method.
const withoutChallenge = "4000000000002000"

// openPayment opens a payment page with the card and the lab's faults.
func openPayment(ctx context.Context, t *testing.T, browser probe.Browser, l *lab.Lab, card string, faults ...string) probe.Page {
	t.Helper()
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	require.NoError(t, page.Open(ctx, l.PayURL(card, faults)))
	require.NoError(t, page.Until(ctx, `document.documentElement.dataset.state === "idle"`))
	return page
}

// payHere pays and returns the state in which the page ends.
func payHere(ctx context.Context, t *testing.T, page probe.Page) (state string) {
	t.Helper()
	require.NoError(t, page.Click(ctx, "#pay"))
	require.NoError(t, page.Until(ctx, `["paid", "failed"].includes(document.documentElement.dataset.state)`))
	require.NoError(t, page.Eval(ctx, `document.documentElement.dataset.state`, &state))
	return state
}

// codesHere diagnoses and returns the codes of the findings that are as severe.
func codesHere(ctx context.Context, t *testing.T, page probe.Page, severities ...string) []string {
	t.Helper()
	var findings []struct{ Code, Severity string }
	require.NoError(t, page.Eval(ctx, `document.querySelector("checkout-doctor").diagnose().then(({findings}) => findings)`, &findings))
	var codes []string
	for _, f := range findings {
		if slices.Contains(severities, f.Severity) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
