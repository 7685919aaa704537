package fault_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/fault"
	"checkoutdoctor/wasm/diagnosis"
)

func TestEveryFaultIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range fault.All() {
		t.Run(f.Code, func(t *testing.T) {
			assert.False(t, seen[f.Code], "the code is used twice")
			seen[f.Code] = true
			assert.NotEmpty(t, f.Title)
			if f.Gives != "" {
				_, ok := diagnosis.Lookup(f.Gives)
				assert.True(t, ok, "%s is no cause", f.Gives)
			}
			switch f.Kind {
			case fault.Network:
				does := f.Rule.Action != fault.Pass || f.Rule.Delay > 0 || f.Line != fault.Line{} || f.Egress.IsValid()
				assert.True(t, does || f.Gives == "", "it does nothing")
				assert.Empty(t, f.Extension)
				assert.False(t, f.Offline || f.Flaps)
				assert.Empty(t, f.UserAgent)
				assert.Empty(t, f.User)
			case fault.Browser:
				causes := []bool{f.Offline, f.Flaps, f.Quota, f.Extension != "", f.UserAgent != "", f.User != ""}
				assert.Len(t, slices.DeleteFunc(causes, func(cause bool) bool { return !cause }), 1, "one thing causes it")
				if f.Extension != "" {
					assert.Contains(t, fault.Extensions{}.Names(), f.Extension)
				}
			default:
				assert.Fail(t, "unknown kind", "%q", f.Kind)
			}
			found, ok := fault.Lookup(f.Kind, f.Code)
			assert.True(t, ok)
			assert.Equal(t, f.Title, found.Title)
		})
	}
	_, ok := fault.Lookup(fault.Browser, "acs-refused")
	assert.False(t, ok, "a network fault is none of the browser's")
}

// manifest is what the tests read of an extension's manifest.
type manifest struct {
	Version     int      `json:"manifest_version"`
	Permissions []string `json:"permissions"`
	Hosts       []string `json:"host_permissions"`
	Scripts     []struct {
		JS, CSS, Matches []string
	} `json:"content_scripts"`
	Background struct {
		Worker  string   `json:"service_worker"` // in Chromium
		Scripts []string // in Firefox
	} `json:"background"`
	Rules struct {
		Resources []struct{ Path string } `json:"rule_resources"`
	} `json:"declarative_net_request"`
	Accessible []struct{ Resources []string } `json:"web_accessible_resources"`
}

// named returns the files that the manifest names.
func (m manifest) named() []string {
	files := slices.Clone(m.Background.Scripts)
	for _, s := range m.Scripts {
		files = append(files, append(s.JS, s.CSS...)...)
	}
	for _, r := range m.Rules.Resources {
		files = append(files, r.Path)
	}
	for _, a := range m.Accessible {
		files = append(files, a.Resources...)
	}
	return files
}

// needs returns the permissions that the rules of an extension need, and its
// background, which is there to add style sheets: blocking needs none for a host,
// the others do.
func needs(t *testing.T, m manifest, files map[string][]byte) (permissions, hosts []string) {
	for _, r := range m.Rules.Resources {
		permissions = []string{"declarativeNetRequest"}
		var rules []struct{ Action struct{ Type string } }
		require.NoError(t, json.Unmarshal(files[r.Path], &rules))
		for _, rule := range rules {
			if rule.Action.Type != "block" {
				hosts = []string{"<all_urls>"}
			}
		}
	}
	if m.Background.Worker != "" {
		permissions, hosts = append(permissions, "scripting"), []string{"<all_urls>"}
	}
	return permissions, hosts
}

func TestEveryExtensionIsWhole(t *testing.T) {
	extensions := fault.Extensions{ACS: "acs.issuer.test", Merchant: "pay.merchant.test"}
	for _, name := range extensions.Names() {
		t.Run(name, func(t *testing.T) {
			files, err := extensions.Files(name)
			require.NoError(t, err)
			var m manifest
			require.NoError(t, json.Unmarshal(files["manifest.json"], &m))
			assert.Equal(t, 3, m.Version)
			assert.Equal(t, m.Background.Worker, strings.Join(m.Background.Scripts, ""), "the same for every browser")
			permissions, hosts := needs(t, m, files)
			assert.Equal(t, permissions, m.Permissions, "it asks for what its rules need, and nothing else")
			assert.Equal(t, hosts, m.Hosts, "the same")
			assert.ElementsMatch(t, slices.Collect(maps.Keys(files)), append(m.named(), "manifest.json"), "the manifest names every file")
			for file, data := range files {
				assert.NotContains(t, string(data), "{{", file)
			}
		})
	}
}

func TestExtensionsKnowTheHosts(t *testing.T) {
	extensions := fault.Extensions{ACS: "acs.issuer.test", Merchant: "pay.merchant.test"}
	for name, want := range map[string]struct{ file, text string }{
		"block-acs":     {"rules.json", "||acs.issuer.test^"},
		"strip-cookies": {"rules.json", `"excludedRequestDomains": ["pay.merchant.test"]`},
		"deny-storage":  {"manifest.json", `"https://pay.merchant.test/*"`},
		"wipe-storage":  {"manifest.json", `"https://pay.merchant.test/*"`},
	} {
		files, err := extensions.Files(name)
		require.NoError(t, err)
		assert.Contains(t, string(files[want.file]), want.text)
	}
}

func TestAnExtensionThatIsNotThereIsAnError(t *testing.T) {
	_, err := fault.Extensions{}.Files("nobody")
	require.ErrorContains(t, err, "there is no such extension; there are block-acs, block-anti-fraud, ")
	for _, name := range (fault.Extensions{}).Names() {
		assert.ErrorContains(t, err, name)
	}
}
