package probe_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

func TestSelect(t *testing.T) {
	tagged := func(id string, tags ...string) probe.Scenario {
		return probe.Scenario{ID: id, File: "dir/" + id + ".yaml", Name: "Title of " + id, Tags: tags}
	}
	variant := func(id, file string) probe.Scenario {
		return probe.Scenario{ID: id, File: "dir/" + file + ".yaml", Name: "Variant of " + file}
	}
	all := []probe.Scenario{
		tagged("threeds/acs-hang", "threeds", "issuer"), tagged("threeds/acs-dns", "threeds"), tagged("popup/too-late", "popup", "merchant"),
		variant("healthy/zones-kolkata", "healthy/zones"), variant("healthy/zones-kyiv", "healthy/zones"),
	}
	zones := []string{"healthy/zones-kolkata", "healthy/zones-kyiv"}
	for name, test := range map[string]struct {
		selection probe.Selection
		want      []string
		err       string
	}{
		"all without a word":          {want: append([]string{"threeds/acs-hang", "threeds/acs-dns", "popup/too-late"}, zones...)},
		"by name":                     {selection: probe.Selection{Names: []string{"acs-dns"}}, want: []string{"threeds/acs-dns"}},
		"by whole name":               {selection: probe.Selection{Names: []string{"popup/too-late"}}, want: []string{"popup/too-late"}},
		"by family":                   {selection: probe.Selection{Names: []string{"threeds"}}, want: []string{"threeds/acs-hang", "threeds/acs-dns"}},
		"by the name of a file":       {selection: probe.Selection{Names: []string{"zones"}}, want: zones},
		"by a file's whole name":      {selection: probe.Selection{Names: []string{"healthy/zones"}}, want: zones},
		"one variant of a file":       {selection: probe.Selection{Names: []string{"zones-kyiv"}}, want: zones[1:]},
		"by any of the tags":          {selection: probe.Selection{Tags: []string{"issuer", "merchant"}}, want: []string{"threeds/acs-hang", "popup/too-late"}},
		"by pattern":                  {selection: probe.Selection{Run: regexp.MustCompile(`acs-d|late`)}, want: []string{"threeds/acs-dns", "popup/too-late"}},
		"by pattern of the title":     {selection: probe.Selection{Run: regexp.MustCompile(`^Title of popup`)}, want: []string{"popup/too-late"}},
		"by name and tag":             {selection: probe.Selection{Names: []string{"threeds"}, Tags: []string{"issuer"}}, want: []string{"threeds/acs-hang"}},
		"a name that nobody has":      {selection: probe.Selection{Names: []string{"acs-hangs"}}, err: "no scenario matched: none is called acs-hangs; did you mean acs-hang?"},
		"one of two names is unknown": {selection: probe.Selection{Names: []string{"acs-dns", "xyzzy"}}, err: "no scenario matched: none is called xyzzy"},
		"a tag that there is not":     {selection: probe.Selection{Tags: []string{"issuers"}}, err: "no scenario matched: there is no tag issuers; did you mean issuer?"},
		"nothing left":                {selection: probe.Selection{Names: []string{"popup"}, Tags: []string{"issuer"}}, err: "no scenario matched: named popup, tagged issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := probe.Select(all, test.selection)
			if test.err != "" {
				require.ErrorIs(t, err, probe.ErrNoneSelected)
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			var ids []string
			for _, s := range got {
				ids = append(ids, s.ID)
			}
			assert.Equal(t, test.want, ids)
		})
	}
}

func TestOneNameStandsForOneScenario(t *testing.T) {
	err := probe.Unique([]probe.Scenario{{ID: "a/x", File: "a/x.yaml"}, {ID: "b/y"}, {ID: "c/x", File: "c/x.yaml"}})
	require.EqualError(t, err, "two scenarios are called x: a/x.yaml and c/x.yaml")

	err = probe.Unique([]probe.Scenario{{ID: "a/x-y", File: "a/x.yaml"}, {ID: "b/x-y", File: "b/x-y.yaml"}})
	require.EqualError(t, err, "two scenarios are called x-y: a/x.yaml and b/x-y.yaml")
}
