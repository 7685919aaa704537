package chrome

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"checkoutdoctor/probe"
)

// envBrowser names the environment variable that chooses the browser.
const envBrowser = "CHECKOUTDOCTOR_BROWSER"

// advice is the one line that says how to get a usable browser.
const advice = "install one with `apt-get install chromium libnss3-tools`"

// places are where browsers are looked for, in this order: the programs
// themselves first, because the wrappers that distributions put into PATH load
// extensions and add flags.
var places = []string{
	"/usr/lib/chromium/chromium",
	"/usr/lib/chromium-browser/chromium-browser",
	"/usr/lib64/chromium-browser/chromium-browser",
	"/opt/google/chrome/chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"google-chrome-stable",
	"google-chrome",
	"chromium",
	"chromium-browser",
	"chrome-headless-shell",
	"chromium-headless-shell",
	"headless-shell",
	"headless_shell",
}

// find returns the program of the browser: the wanted one, or the one that the
// environment names, or the first of the usual places.
func find(wanted string) (string, error) {
	source := "the browser that was asked for"
	if wanted == "" {
		wanted, source = os.Getenv(envBrowser), envBrowser
	}
	if wanted != "" {
		path, err := exec.LookPath(wanted)
		if err != nil {
			return "", fmt.Errorf("%w: %s: %w; %s", probe.ErrNoBrowser, source, err, advice)
		}
		return path, nil
	}
	for _, place := range places {
		if path, err := exec.LookPath(place); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: %s", probe.ErrNoBrowser, advice)
}

// versionLine matches what browsers print for --version, such as "Chromium
// 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)".
var versionLine = regexp.MustCompile(`(?m)^(\D+?)\s+(\d+\.\d+)[.\d]*`)

func version(ctx context.Context, path string) (string, error) {
	const limit = 30 * time.Second // a program that answers at all does so at once
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(limited, path, "--version")
	cmd.WaitDelay = time.Second // should a child of it keep the output open
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("ask %s for its version: %w", path, context.Cause(ctx))
	}
	if limited.Err() != nil {
		err = fmt.Errorf("no answer within %s", limit)
	}
	if err != nil {
		return "", fmt.Errorf("%w: ask %s for its version: %w", probe.ErrNoBrowser, path, err)
	}
	m := versionLine.FindStringSubmatch(string(out))
	if m == nil {
		return "", fmt.Errorf("%w: %s gives no version but %q", probe.ErrNoBrowser, path, strings.TrimSpace(string(out)))
	}
	return m[1] + " " + m[2], nil
}
