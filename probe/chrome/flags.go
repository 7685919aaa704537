package chrome

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"checkoutdoctor/probe"
)

// commonFlags are given to every browser.
var commonFlags = []string{
	// The new headless mode is the full browser: pop-up blocker, extensions,
	// preferences, a process for each site.
	"headless=new", "hide-scrollbars", "mute-audio", "disable-gpu", "window-size=1280,900",
	"force-color-profile=srgb",
	// Nothing that greets, asks or reports.
	"no-first-run", "no-default-browser-check", "disable-search-engine-choice-screen",
	"disable-hang-monitor", "disable-prompt-on-repost", "disable-breakpad", "disable-crash-reporter",
	"password-store=basic", "use-mock-keychain",
	// Nothing that looks outside by itself.
	"disable-background-networking", "disable-component-update", "disable-default-apps", "disable-sync",
	"disable-domain-reliability", "disable-client-side-phishing-detection", "disable-field-trial-config",
	"disable-component-extensions-with-background-pages", "metrics-recording-only", "no-pings",
	// Timers and frames run as in a tab that is looked at: several contexts
	// share a browser, and only one can be in front.
	"disable-background-timer-throttling", "disable-backgrounding-occluded-windows",
	"disable-renderer-backgrounding",
	// Where a machine has no other network, WebRTC would find nobody on the loopback.
	"allow-loopback-in-peer-connection",
	// /dev/shm is small in many containers, and a browser that fills it crashes.
	"disable-dev-shm-usage",
	// Allows Extensions.loadUnpacked over the pipe.
	"enable-unsafe-extension-debugging",
	"disable-features=" + strings.Join(disabledFeatures, ","),
}

// disabledFeatures are one list, because a second --disable-features would
// replace the first.
var disabledFeatures = []string{
	// Each tab would load two hidden renderers for them, which halves the
	// throughput.
	"WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI",
	// Services that would only try to look outside.
	"Translate", "OptimizationHints", "MediaRouter", "DialMediaRouteProvider",
	"AutofillServerCommunication", "CertificateTransparencyComponentUpdater",
}

// commandLine returns the browser's arguments for the profile.
func commandLine(o Options, p probe.Profile, d *dir) []string {
	flags := append(commonFlags[:len(commonFlags):len(commonFlags)],
		"user-data-dir="+d.profile(),
		"host-resolver-rules="+resolverRules(o),
	)
	if p.LocalNetwork == deny {
		// All of the lab is on the loopback, from where nothing is denied.
		flags = append(flags, "ip-address-space-overrides="+o.Address+"=public")
	}
	if os.Getuid() == 0 {
		flags = append(flags, "no-sandbox") // the sandbox does not work for root
	}
	args := make([]string, 0, len(flags)+1)
	for _, flag := range flags {
		args = append(args, "--"+flag)
	}
	return append(args, "about:blank")
}

// resolverRules lets *.test lead where the options say, and nothing else to
// anywhere. The first rule that fits a name counts.
func resolverRules(o Options) string {
	var rules []string
	for _, host := range slices.Sorted(maps.Keys(o.Elsewhere)) {
		rules = append(rules, "MAP "+host+":443 "+cmp.Or(o.Elsewhere[host], "~NOTFOUND"))
	}
	if o.Address != "" {
		rules = append(rules, "MAP *.test:443 "+o.Address)
	}
	return strings.Join(append(rules, "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1", "EXCLUDE localhost"), ",")
}

// environment returns the browser's whole environment. Little is inherited: a
// proxy or a desktop session that the environment names must not decide what a
// scenario gives. Home holds the certificate database, and what the browser
// writes for a moment stays where it is removed with the rest.
func environment(d *dir) []string {
	env := []string{
		"HOME=" + d.home(),
		"XDG_CONFIG_HOME=" + filepath.Join(d.home(), ".config"),
		"XDG_CACHE_HOME=" + filepath.Join(d.home(), ".cache"),
		"TMPDIR=" + d.temp(),
	}
	for _, name := range []string{"PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
