package probe_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/strictyaml"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/web/vantage"
)

var update = flag.Bool("update", false, "write the golden files anew")

// someFaults are faults of each place, for tests that need no lab.
var someFaults = []probe.Fault{
	{Place: probe.InLab, Code: "acs-hang", Title: "The issuer never answers", Gives: "threeds.acs-hang"},
	{Place: probe.InLab, Code: "acs-frame-options", Title: "The issuer forbids framing", Gives: "threeds.acs-frame-options"},
	{Place: probe.InNetwork, Code: "acs-refused", Title: "The connection is refused", Gives: "threeds.acs-unreachable"},
	{Place: probe.InNetwork, Code: "acs-reset", Title: "The connection is reset", Gives: "threeds.acs-unreachable"},
	{Place: probe.InBrowser, Code: "offline", Title: "The browser is offline", Gives: "network.offline", Offline: true},
	{Place: probe.InBrowser, Code: "in-app-web-view", Title: "An app's own browser", Gives: "network.offline", UserAgent: "App/1.0"},
	{Place: probe.InBrowser, Code: "user-away", Title: "Nobody answers", Gives: "threeds.acs-hang", User: probe.Away},
	{Place: probe.InBrowser, Code: "user-clicks", Title: "The user answers with mouse and keys", User: probe.Clicks},
	{Place: probe.InBrowser, Code: "extension-popup-null", Title: "An extension answers", Gives: "popup.overridden", Extension: "popup-null"},
	{Place: probe.InTunnel, Code: "black-hole-down", Title: "Large packets get lost", Gives: "network.offline"},
	{Place: probe.InTunnel, Code: "black-hole-up", Title: "Large packets get lost", Gives: "network.offline"},
}

func TestAFullScenarioIsRead(t *testing.T) {
	source := `
name: Everything at once
tags: [threeds, issuer]
mode: embed
card: "4000000000003141"
profile:
  thirdPartyCookies: block
  localNetwork: deny
  popups: allow
  extensions: []
  timeZone: Asia/Calcutta
  country: IN
  addressKind: mobile
  locale: sv-SE
  zoom: 150
device: {width: 360, height: 640, scale: 2.5, mobile: true, touch: true, colorScheme: dark, reducedMotion: true, cpu: 4}
tabs: 2
warm: true
userAgent: Mozilla/5.0 (X11; Linux x86_64) Test/1.0
faults:
  - {lab: acs-hang}
  - {network: acs-reset}
  - {browser: extension-popup-null}
  - {browser: user-clicks}
expect:
  verdict: blocked
  findings:
    - {code: threeds.acs-unreachable, confidence: likely, severity: blocking}
    - {code: popup.overridden}
  notChecked: [popup.blocked]
  signals: [zone, webrtc-address]
  only: false
  paid: false
repair: clear-site-data
timeout: 45s
blocking: false
`
	all, err := probe.Parse("testdata/scenarios/threeds/all.yaml", []byte(source), someFaults)
	require.NoError(t, err)
	no := false
	assert.Equal(t, []probe.Scenario{{
		ID: "threeds/all", File: "testdata/scenarios/threeds/all.yaml", Name: "Everything at once",
		Tags: []string{"threeds", "issuer"}, Mode: probe.Embed, Card: "4000000000003141", Pay: true,
		Profile:  probe.Profile{ThirdPartyCookies: "block", Cookies: "allow", LocalNetwork: "deny", Extensions: []string{"popup-null"}, Zoom: 150},
		TimeZone: "Asia/Calcutta", Country: "IN", AddressKind: vantage.Mobile, Locale: "sv-SE", UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Test/1.0",
		Device: probe.Device{Width: 360, Height: 640, Scale: 2.5, Mobile: true, Touch: true, ColorScheme: "dark", ReducedMotion: true, CPU: 4},
		Tabs:   2, Warm: true,
		Faults: []probe.Fault{someFaults[0], someFaults[3], someFaults[8], someFaults[7]},
		Expect: probe.Expectation{
			Verdict: diagnosis.Blocked,
			Findings: []probe.ExpectedFinding{
				{Code: "threeds.acs-unreachable", Confidence: diagnosis.Likely, Severity: diagnosis.Blocking},
				{Code: "popup.overridden"},
			},
			NotChecked: []diagnosis.Code{"popup.blocked"}, Signals: []string{"zone", "webrtc-address"}, Paid: &no, Line: 25,
		},
		Repair: probe.ClearSiteData, Timeout: 45 * time.Second,
	}}, all)
}

func TestWhatIsLeftOutHasADefault(t *testing.T) {
	all, err := probe.Parse("a.yaml", []byte("name: a\nexpect: {verdict: clear}\n"), nil)
	require.NoError(t, err)
	assert.Equal(t, []probe.Scenario{{
		ID: "scenarios/a", File: "a.yaml", Name: "a", Mode: probe.Embed, Card: probe.DefaultCard, Pay: true, Tabs: 1,
		Profile: probe.Profile{ThirdPartyCookies: "allow", Cookies: "allow", LocalNetwork: "allow"},
		Expect:  probe.Expectation{Verdict: diagnosis.Clear, Only: true, Line: 2},
		Timeout: probe.DefaultTimeout, Blocking: true,
	}}, all)
}

func TestAnEmptyListOfSignalsIsNotNone(t *testing.T) {
	all, err := probe.Parse("a.yaml", []byte("name: a\nexpect: {verdict: clear, signals: []}\n"), nil)
	require.NoError(t, err)
	assert.NotNil(t, all[0].Expect.Signals)
	assert.Empty(t, all[0].Expect.Signals)
	assert.Equal(t, "no finding (clear); no signal of a VPN", all[0].Expect.String())
}

func TestALinksPageIsOpenedFromSomewhere(t *testing.T) {
	source := "name: a\nmode: link\nprofile: {country: NL, addressKind: vpn}\nexpect: {verdict: clear}\n"
	all, err := probe.Parse("a.yaml", []byte(source), nil)
	require.NoError(t, err)
	assert.Equal(t, "NL", all[0].Country)
	assert.Equal(t, vantage.VPN, all[0].AddressKind)
}

func TestAFileWithVariantsHoldsAScenarioForEach(t *testing.T) {
	source := `
name: The page on many devices
tags: [healthy]
profile: {timeZone: Europe/Stockholm}
expect: {verdict: clear, paid: true}
variants:
  - {name: phone, title: A phone, device: {width: 360, height: 640, touch: true}}
  - {name: abroad, title: Another zone, profile: {locale: hi-IN}}
  - name: broken
    title: The issuer hangs
    faults: [{lab: acs-hang}]
    expect: {verdict: blocked, findings: [{code: threeds.acs-hang}]}
`
	all, err := probe.Parse("scenarios/healthy/many.yaml", []byte(source), someFaults)
	require.NoError(t, err)
	require.Len(t, all, 3)
	phone, abroad, broken := all[0], all[1], all[2]
	assert.Equal(t, "healthy/many-phone", phone.ID)
	assert.Equal(t, "A phone", phone.Name)
	assert.Equal(t, "many-phone", phone.Base())
	assert.Equal(t, "Europe/Stockholm", phone.TimeZone, "the file's profile is that of each")
	assert.Equal(t, probe.Device{Width: 360, Height: 640, Touch: true}, phone.Device)
	assert.Equal(t, probe.Device{}, abroad.Device, "one variant's is not the next one's")
	assert.Equal(t, "hi-IN", abroad.Locale)
	assert.Empty(t, abroad.TimeZone, "a key of the variant's replaces all of the file's")
	assert.Equal(t, phone.Expect, abroad.Expect, "the file's expectation is that of each")
	assert.Equal(t, 5, phone.Expect.Line)
	assert.Equal(t, diagnosis.Blocked, broken.Expect.Verdict)
	assert.Equal(t, 12, broken.Expect.Line)
	for _, s := range all {
		assert.Equal(t, []string{"healthy"}, s.Tags)
		assert.Equal(t, "scenarios/healthy/many.yaml", s.File)
	}
}

func TestAFaultIsAccountedForByWhatHidesItsCause(t *testing.T) {
	source := `
name: Offline before the issuer could hang
faults: [{lab: acs-hang}, {browser: offline}]
expect: {verdict: blocked, findings: [{code: network.offline}]}
`
	_, err := probe.Parse("a.yaml", []byte(source), someFaults)
	require.NoError(t, err)
}

func TestAHealthyFaultNeedsNoFinding(t *testing.T) {
	slow := probe.Fault{Place: probe.InNetwork, Code: "acs-delay", Title: "The issuer is slow"}
	_, err := probe.Parse("a.yaml", []byte("name: a\nfaults: [{network: acs-delay}]\nexpect: {verdict: clear}\n"), []probe.Fault{slow})
	require.NoError(t, err)
}

// TestBadScenarioFiles reads each file of testdata/bad; beside it stands the
// exact error.
func TestBadScenarioFiles(t *testing.T) {
	const dir = "../testdata/bad"
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 25)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			_, err = probe.Parse(filepath.Base(file), source, someFaults)
			require.Error(t, err)
			golden := filepath.Join(dir, name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644))
			}
			want, readErr := os.ReadFile(golden)
			require.NoError(t, readErr)
			assert.Equal(t, string(want), err.Error()+"\n")
		})
	}
}

func TestEveryBadFileOfAFolderIsNamed(t *testing.T) {
	folder := fstest.MapFS{
		"popup/good.yaml":   {Data: []byte("name: a\nexpect: {verdict: clear}\n")},
		"popup/empty.yaml":  {Data: nil},
		"vpn/nameless.yaml": {Data: []byte("expect: {verdict: clear}\n")},
		"vpn/notes.txt":     {Data: []byte("no scenario")},
	}
	good, err := probe.Load(folder, "dir", nil)
	require.EqualError(t, err, "dir/popup/empty.yaml:1: the file is empty\ndir/vpn/nameless.yaml:1: name is missing")
	require.Len(t, good, 1)
	assert.Equal(t, "popup/good", good[0].ID)
}

func TestAHugeFileIsRefusedUnread(t *testing.T) {
	huge := []byte("name: " + strings.Repeat("a", strictyaml.MaxBytes))
	_, err := probe.Parse("huge.yaml", huge, nil)
	require.EqualError(t, err, "huge.yaml:1: the file has 65542 bytes, at most 65536 are read")
}

func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("../testdata/bad/*.yaml")
	require.NoError(f, err)
	for _, file := range seeds {
		source, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(source)
	}
	f.Add([]byte("name: a\ncard: &x !!str 1\nexpect: {verdict: clear, findings: [{code: *x}, ]}\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		all, err := probe.Parse("f.yaml", source, someFaults)
		if err == nil {
			assert.NotEmpty(t, all)
		}
		for _, s := range all {
			assert.NotEmpty(t, s.Name)
			assert.NotEmpty(t, s.Expect.Verdict)
			assert.Positive(t, s.Expect.Line)
		}
		if err == nil {
			return
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			assert.Regexp(t, `^f\.yaml:[1-9][0-9]*: .`, line)
		}
	})
}
