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

var (
	zoneTable    = zonesWith(unlisted)
	windowsTable = zonesWith(unlisted, windowsZones)
)

// zonesWith returns the tables with what the lists add, read when it is first asked
// for.
func zonesWith(lists ...map[string]string) func() map[string][]string {
	return sync.OnceValue(func() map[string][]string { return parseZones(sharedZones, ownZones, zoneLinks, lists...) })
}

// windowsZones are the zones that Windows has for several countries, by the IANA
// zone that browsers give for one where the user's region is set to none of them
// (the CLDR's territory 001): somebody in Madrid whose Windows is set to the United
// States has Europe/Paris. The countries are those that the tables lack (Unicode,
// UTS #35, part 6, "Windows Zones";
// https://github.com/unicode-org/cldr/blob/main/common/supplemental/windowsZones.xml).
var windowsZones = map[string]string{
	"Africa/Johannesburg":  "BI BW CD MW MZ RW ZM ZW",                                                    // South Africa
	"Africa/Lagos":         "DZ TD TN",                                                                   // W. Central Africa
	"America/Bogota":       "BR CA EC JM KY PA PE",                                                       // SA Pacific
	"America/Cayenne":      "BR FK SR",                                                                   // SA Eastern
	"America/Guatemala":    "BZ CR EC HN NI SV",                                                          // Central America
	"America/Halifax":      "BM GL",                                                                      // Atlantic
	"America/La_Paz":       "AG AI AW BB BL BQ BR CA CW DM DO GD GP GY KN LC MF MQ MS PR SX TT VC VG VI", // SA Western
	"America/Los_Angeles":  "CA",                                                                         // Pacific
	"America/Chicago":      "CA MX",                                                                      // Central
	"America/Denver":       "CA MX",                                                                      // Mountain
	"America/New_York":     "BS CA",                                                                      // Eastern
	"America/Phoenix":      "MX",                                                                         // US Mountain
	"Asia/Bangkok":         "ID",                                                                         // SE Asia
	"Asia/Bishkek":         "CN IO",                                                                      // Central Asia
	"Asia/Dhaka":           "BT",                                                                         // Bangladesh
	"Asia/Riyadh":          "BH QA",                                                                      // Arab
	"Asia/Shanghai":        "HK MO",                                                                      // China
	"Asia/Singapore":       "BN ID PH",                                                                   // Singapore
	"Asia/Tashkent":        "KZ MV TF TJ TM",                                                             // West Asia
	"Asia/Tokyo":           "ID PW TL",                                                                   // Tokyo
	"Atlantic/Azores":      "GL",                                                                         // Azores
	"Atlantic/Reykjavik":   "BF CI GH GL GM GN GW LR ML MR SH SL SN TG",                                  // Greenwich
	"Europe/Berlin":        "AD AT CH GI IT LI LU MC MT NL SM VA",                                        // W. Europe
	"Europe/Bucharest":     "CY GR",                                                                      // GTB
	"Europe/Budapest":      "AL CZ ME RS SI SK XK",                                                       // Central Europe
	"Europe/Kyiv":          "AX BG EE FI LT LV",                                                          // FLE
	"Europe/London":        "ES FO IE PT",                                                                // GMT
	"Europe/Moscow":        "UA",                                                                         // Russian
	"Europe/Paris":         "BE DK ES",                                                                   // Romance
	"Europe/Warsaw":        "BA HR MK",                                                                   // Central European
	"Indian/Mauritius":     "RE SC",                                                                      // Mauritius
	"Pacific/Guadalcanal":  "NC VU",                                                                      // Central Pacific
	"Pacific/Honolulu":     "CK PF",                                                                      // Hawaiian
	"Pacific/Port_Moresby": "GU MP",                                                                      // West Pacific
}

// unlisted are codes by which an address's country may be called and which the
// tables lack, each with its zone: they have those of ISO 3166 alone. That has
// none for Kosovo, whose clocks are Belgrade's; XK, of the codes that it leaves
// to its users, is what others say (Unicode, UTS #35, "Unicode Region Subtag";
// see also https://mm.icann.org/pipermail/tz/2013-May/019293.html).
//
// The others are territories with hardly an address of their own: those of who
// lives there count to the country that governs them.
var unlisted = map[string]string{
	"Europe/Belgrade":  "XK",
	"Africa/El_Aaiun":  "MA",
	"Indian/Christmas": "AU",
	"Indian/Cocos":     "AU",
	"Indian/Kerguelen": "FR",
}

// ZoneCountries returns the ISO 3166 codes of the countries whose clocks are
// set to the IANA time zone, sorted; XK stands for Kosovo. Older names such as
// Asia/Calcutta are understood. On Windows they are those, too, whose users may be
// given that zone for their own. It is empty for zones of no country, such as UTC,
// and for names that nobody knows.
func ZoneCountries(zone string, onWindows bool) []string {
	table := zoneTable()
	if onWindows {
		table = windowsTable()
	}
	return slices.Clone(table[zone])
}

// parseZones reads the tables; of a zone that stands in several of them, the
// first counts. Lines that it does not understand are left out. To each zone that
// is known it adds the countries, with a space between, of the lists.
func parseZones(shared, own, links string, lists ...map[string]string) map[string][]string {
	zones := make(map[string][]string)
	for _, table := range []string{shared, own} {
		for zone, countries := range tabLines(table) {
			if _, known := zones[zone]; !known {
				zones[zone] = countries
			}
		}
	}
	for _, list := range lists {
		addCountries(zones, list)
	}
	addLinks(zones, links)
	return zones
}

func addCountries(zones map[string][]string, list map[string]string) {
	for zone, more := range list {
		if countries, known := zones[zone]; known {
			all := slices.Concat(countries, strings.Fields(more))
			slices.Sort(all)
			zones[zone] = slices.Compact(all)
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
