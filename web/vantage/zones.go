package vantage

import (
	_ "embed" // for the time zone tables
	"slices"
	"strings"
	"sync"
)

// The tables are those of the IANA time zone database; see tzdata/NOTICE.
// zone1970.tab names every country whose clocks agree in a zone; zone.tab
// narrows zones that were merged since then (Europe/Stockholm) to their own.
var (
	//go:embed tzdata/zone1970.tab
	sharedZones string
	//go:embed tzdata/zone.tab
	ownZones string
	//go:embed tzdata/links
	zoneLinks string
)

var zoneTable = sync.OnceValue(func() map[string][]string {
	return parseZones(sharedZones, ownZones, zoneLinks)
})

// unlisted are codes by which an address's country may be called and which the
// tables lack, each with its zone: they have those of ISO 3166 alone. That has
// none for Kosovo, whose clocks are Belgrade's; XK, of the codes that it leaves
// to its users, is what others say (Unicode, UTS #35, "Unicode Region Subtag";
// see also https://mm.icann.org/pipermail/tz/2013-May/019293.html).
var unlisted = map[string]string{"XK": "Europe/Belgrade"}

// ZoneCountries returns the ISO 3166 codes of the countries whose clocks are
// set to the IANA time zone, sorted; XK stands for Kosovo. Older names such as Asia/Calcutta are
// understood. It is empty for zones of no country, such as UTC, and for names
// that nobody knows.
func ZoneCountries(zone string) []string {
	return slices.Clone(zoneTable()[zone])
}

// parseZones reads the tables; of a zone that stands in several of them, the
// first counts. Lines that it does not understand are left out.
func parseZones(shared, own, links string) map[string][]string {
	zones := make(map[string][]string)
	for _, table := range []string{shared, own} {
		for zone, countries := range tabLines(table) {
			if _, known := zones[zone]; !known {
				zones[zone] = countries
			}
		}
	}
	addUnlisted(zones)
	addLinks(zones, links)
	return zones
}

func addUnlisted(zones map[string][]string) {
	for country, zone := range unlisted {
		if countries, known := zones[zone]; known {
			zones[zone] = append(countries, country)
			slices.Sort(zones[zone])
		}
	}
}

// tabLines reads lines such as "DE,DK,NO\t+5230+01322\tEurope/Berlin\tcomment".
func tabLines(table string) map[string][]string {
	zones := make(map[string][]string)
	for line := range strings.Lines(table) {
		columns := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(columns) < 3 || columns[2] == "" {
			continue
		}
		countries := strings.Split(columns[0], ",")
		if !slices.ContainsFunc(countries, notCountry) {
			slices.Sort(countries)
			zones[columns[2]] = countries
		}
	}
	return zones
}

func notCountry(code string) bool {
	return len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z'
}

// addLinks reads lines such as "L Asia/Kolkata Asia/Calcutta". A link to a
// link is followed whatever their order, and a circle of links ends.
func addLinks(zones map[string][]string, links string) {
	targets := make(map[string]string)
	for line := range strings.Lines(links) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == "L" {
			targets[words[2]] = words[1]
		}
	}
	for name := range targets {
		if _, known := zones[name]; known {
			continue
		}
		if countries, ok := zones[followLinks(targets, name)]; ok {
			zones[name] = countries
		}
	}
}

func followLinks(targets map[string]string, name string) string {
	for range len(targets) {
		next, ok := targets[name]
		if !ok {
			break
		}
		name = next
	}
	return name
}
