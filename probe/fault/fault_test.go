package fault_test

import (
	"encoding/json"
	"path"
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
				assert.True(t, f.Rule.Action != fault.Pass || f.Rule.Delay > 0, "the rule does nothing")
				assert.Empty(t, f.Extension)
				assert.False(t, f.Offline)
				assert.Empty(t, f.UserAgent)
				assert.Empty(t, f.User)
			case fault.Browser:
				causes := []bool{f.Offline, f.Extension != "", f.UserAgent != "", f.User != ""}
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

func TestEveryExtensionIsWhole(t *testing.T) {
	extensions := fault.Extensions{ACS: "acs.issuer.test"}
	for _, name := range extensions.Names() {
		t.Run(name, func(t *testing.T) {
			files, err := extensions.Files(name)
			require.NoError(t, err)
			var manifest struct {
				Version int                          `json:"manifest_version"`
				Scripts []struct{ JS, CSS []string } `json:"content_scripts"`
				Rules   struct {
					Resources []struct{ Path string } `json:"rule_resources"`
				} `json:"declarative_net_request"`
			}
			require.NoError(t, json.Unmarshal(files["manifest.json"], &manifest))
			assert.Equal(t, 3, manifest.Version)
			var named []string
			for _, s := range manifest.Scripts {
				named = append(named, append(s.JS, s.CSS...)...)
			}
			for _, r := range manifest.Rules.Resources {
				named = append(named, r.Path)
			}
			assert.Len(t, files, len(named)+1, "the manifest names every file")
			for _, file := range named {
				assert.Contains(t, files, file)
				if path.Ext(file) == ".json" {
					assert.True(t, json.Valid(files[file]), file)
				}
			}
			for file, data := range files {
				assert.NotContains(t, string(data), "{{", file)
			}
		})
	}
	files, err := extensions.Files("block-acs")
	require.NoError(t, err)
	assert.True(t, strings.Contains(string(files["rules.json"]), "||acs.issuer.test^"))

	_, err = extensions.Files("nobody")
	assert.EqualError(t, err, "there is no such extension; there are block-acs, block-device-script, hide-frame, popup-close, popup-null")
}
