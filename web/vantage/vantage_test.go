package vantage

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestZoneCountries(t *testing.T) {
	tests := []struct {
		name string
		zone string
		want []string
	}{
		{"a zone of one country", "Asia/Kathmandu", []string{"NP"}},
		{"a zone that several countries share", "Europe/Berlin", []string{"DE", "DK", "NO", "SE", "SJ"}},
		{"a merged zone keeps its own country", "Europe/Stockholm", []string{"SE"}},
		{"a name that Chromium still gives", "Asia/Calcutta", []string{"IN"}},
		{"another one", "Europe/Kiev", []string{"UA"}},
		{"one that moved to a longer name", "America/Buenos_Aires", []string{"AR"}},
		{"a zone named for a country", "US/Eastern", []string{"US"}},
		{"a country without a code of ISO 3166", "Europe/Belgrade", []string{"BA", "HR", "ME", "MK", "RS", "SI", "XK"}},
		{"a zone that was merged with that one's", "Europe/Skopje", []string{"MK"}},
		{"a territory that another country governs", "Indian/Christmas", []string{"AU", "CX"}},
		{"one whose addresses are all that country's", "Africa/El_Aaiun", []string{"EH", "MA"}},
		{"a zone of no country", "UTC", nil},
		{"a fixed offset", "Etc/GMT+3", nil},
		{"an invented name", "Mars/Olympus", nil},
		{"no name", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, ZoneCountries(tt.zone, false))
		})
	}
}

func TestZoneCountriesOwnsItsResult(t *testing.T) {
	for _, onWindows := range []bool{false, true} {
		ZoneCountries("Asia/Kathmandu", onWindows)[0] = "XX"
		assert.Equal(t, []string{"NP"}, ZoneCountries("Asia/Kathmandu", onWindows))
	}
}

// TestZonesOfWindows: browsers there give one zone for several countries, where the
// user's region is set to another one.
func TestZonesOfWindows(t *testing.T) {
	for zone, country := range map[string]string{
		"Europe/Paris": "ES", "Europe/Berlin": "NL", "Europe/Warsaw": "HR", "Europe/Budapest": "CZ", "Europe/Bucharest": "GR",
		"Europe/Kyiv": "FI", "Europe/Kiev": "FI", "Asia/Shanghai": "HK", "Asia/Bangkok": "ID", "Asia/Singapore": "PH",
		"America/New_York": "CA", "US/Eastern": "CA", "Atlantic/Reykjavik": "GH",
	} {
		assert.Contains(t, ZoneCountries(zone, true), country, zone)
		assert.NotContains(t, ZoneCountries(zone, false), country, "%s: elsewhere the zone is the user's own", zone)
		assert.Subset(t, ZoneCountries(zone, true), ZoneCountries(zone, false), zone)
	}
	assert.Equal(t, []string{"SE"}, ZoneCountries("Europe/Stockholm", true), "only a user whose region is Sweden has it")
	for zone, countries := range windowsZones {
		assert.NotEmpty(t, ZoneCountries(zone, false), "%s is no zone", zone)
		for country := range strings.FieldsSeq(countries) {
			assert.False(t, notCountry(country), "%s: %q", zone, country)
			assert.NotContains(t, ZoneCountries(zone, false), country, "%s: the tables have it", zone)
		}
	}
}

func TestParseZones(t *testing.T) {
	tests := []struct {
		name               string
		shared, own, links string
		want               map[string][]string
	}{
		{"the shared table comes first", "SE,DE\t+1+1\tA/B", "SE\t+1+1\tA/B\nNO\t+1+1\tC/D", "",
			map[string][]string{"A/B": {"DE", "SE"}, "C/D": {"NO"}}},
		{"comments and short lines are left out", "# DE\t+1\tA/B\nDE\t+1", "", "", map[string][]string{}},
		{"a code that is no country", "DE,x1\t+1\tA/B", "", "", map[string][]string{}},
		{"a link to a link, in any order", "DE\t+1\tA/B", "", "L X/Y Z\nL A/B X/Y\n",
			map[string][]string{"A/B": {"DE"}, "X/Y": {"DE"}, "Z": {"DE"}}},
		{"a circle of links", "", "", "L A B\nL B A\n", map[string][]string{}},
		{"links to a zone of a country without a code", "RS\t+1+1\tEurope/Belgrade", "", "L Europe/Belgrade A/B\nL A/B C/D\n",
			map[string][]string{"Europe/Belgrade": {"RS", "XK"}, "A/B": {"RS", "XK"}, "C/D": {"RS", "XK"}}},
		{"a link does not replace a zone", "DE\t+1\tA/B\nSE\t+1\tC/D", "", "L A/B C/D\n",
			map[string][]string{"A/B": {"DE"}, "C/D": {"SE"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, parseZones(tt.shared, tt.own, tt.links, unlisted))
		})
	}
}

func FuzzParseZones(f *testing.F) {
	f.Add("DE,SE\t+1+1\tA/B\tcomment\n", "SE\t+1+1\tC/D\n", "L A/B E/F\nL E/F A/B\n")
	f.Add("#\t\t\n\t\t\t\n", "\xff\t\xff\t\xff", "L L L\nL  \n")
	f.Fuzz(func(t *testing.T, shared, own, links string) {
		for zone, countries := range parseZones(shared, own, links, unlisted) {
			assert.NotEmpty(t, zone)
			assert.NotEmpty(t, countries)
			for _, c := range countries {
				assert.False(t, notCountry(c), "%q", c)
			}
		}
	})
}

func TestCookieBytes(t *testing.T) {
	h := http.Header{}
	assert.Zero(t, CookieBytes(h))
	h.Add("Cookie", "a=1")
	h.Add("Cookie", strings.Repeat("x", 4096))
	assert.Equal(t, 4099, CookieBytes(h))
}
