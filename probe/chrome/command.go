package chrome

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// command is a protocol command without an answer that matters.
type command struct {
	method string
	params any
}

// order returns the command with the parameters.
func order[P, R any](c cdp.Command[P, R], params P) command { return command{c.Method, params} }

func (c command) raw() []byte {
	raw, err := json.Marshal(c.params)
	if err != nil {
		panic(err) // the parameters are plain data
	}
	return raw
}

// run runs the commands on the context's target, one after the other.
func run(ctx context.Context, commands []command) error {
	return chromedp.Do(ctx, func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		for _, c := range commands {
			if err := t.Call(ctx, c.method, c.params, nil); err != nil {
				return none, fmt.Errorf("%s %s: %w", c.method, c.raw(), err)
			}
		}
		return none, nil
	})
}

// timeZoneCommands set the IANA time zone; empty leaves the machine's.
func timeZoneCommands(zone string) []command {
	if zone == "" {
		return nil
	}
	return []command{order(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})}
}

// localeCommands set the BCP 47 locale; empty leaves the machine's. This changes
// Intl alone: see [identityCommands].
func localeCommands(locale string) []command {
	if locale == "" {
		return nil
	}
	return []command{order(emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: locale})}
}

// identityCommands set what the browser says of itself, in headers and in
// navigator: its user agent, and the languages of the locale. Empty leaves the
// browser's own. A second command would replace the first.
func identityCommands(agent, locale string) []command {
	if agent == "" && locale == "" {
		return nil
	}
	return []command{order(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: agent, AcceptLanguage: locale,
	})}
}

// deviceCommands set what the page is shown on. Frames take no size: theirs is
// the page's.
func deviceCommands(d probe.Device) (commands []command) {
	if d.Width > 0 {
		commands = append(commands, order(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: int64(d.Width), Height: int64(d.Height), DeviceScaleFactor: d.Scale, Mobile: d.Mobile,
		}))
	}
	if d.Touch {
		const fingers = 5
		commands = append(commands, order(emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{
			Enabled: true, MaxTouchPoints: fingers,
		}))
	}
	if features := mediaFeatures(d); len(features) > 0 {
		commands = append(commands, order(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}))
	}
	if d.CPU > 0 {
		commands = append(commands, order(emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: d.CPU}))
	}
	return commands
}

// mediaFeatures are what style sheets and scripts can ask of the device.
func mediaFeatures(d probe.Device) (features []*emulation.MediaFeature) {
	if d.ColorScheme != "" {
		features = append(features, &emulation.MediaFeature{Name: "prefers-color-scheme", Value: d.ColorScheme})
	}
	if d.ReducedMotion {
		features = append(features, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	}
	return features
}

// quotaCommands leave the origin next to no room to store anything; empty leaves
// all that there is. They hold as long as the session.
func quotaCommands(origin string) []command {
	if origin == "" {
		return nil
	}
	return []command{order(storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{
		Origin: origin, QuotaSize: new(float64(probe.SmallQuota)),
	})}
}

// offlineCommands let a target's requests fail, or no longer.
func offlineCommands(offline bool) []command {
	const unlimited = -1 // bytes a second
	return []command{order(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		EmulateOfflineServiceWorker: &offline,
		MatchedNetworkConditions: []*network.Conditions{{
			Offline: offline, DownloadThroughput: unlimited, UploadThroughput: unlimited,
		}},
	})}
}

// onLineCommands change navigator.onLine. It is the renderer's, and the end of
// any watched target there gives it back: a pop-up window that moves on to a
// process of its own does so for the page that opened it. So only the tab changes
// it, and looks whether that lasted.
func onLineCommands(offline bool) []command {
	const unlimited = -1 // bytes a second
	return []command{order(network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: offline, DownloadThroughput: unlimited, UploadThroughput: unlimited,
	})}
}
