package link

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// Bounds of what a link says.
const (
	maxCase     = 64 // characters
	maxLanguage = 35 // characters: RFC 5646, section 4.4.1
	maxOnly     = 32 // names of checks
	maxCheck    = 32 // characters of one
)

// latest is the last moment that a link can name: the years have four digits.
var latest = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// check finds what a link must not say.
func (l Link) check(hosts Hosts) error {
	for _, c := range []struct {
		param string
		err   error
	}{
		{paramCase, CheckCase(l.Case)},
		{paramLanguage, checkLanguage(l.Language)},
		{paramOnly, checkOnly(l.Only)},
		{paramAdsManager, checkURL(l.AdsManagerURL, hosts)},
		{paramFrom, checkFrom(l.From)},
		{paramUntil, checkTTL(l.Until.Sub(l.From))},
	} {
		if c.err != nil {
			return &Error{Reason: Unacceptable, Param: c.param, err: c.err}
		}
	}
	return nil
}

// CheckCase tells whether a link can have the case. It keeps out what cannot be
// seen, such as controls, marks of direction and spaces that look like none:
// support compares the number by eye.
func CheckCase(number string) error {
	if number == "" {
		return errors.New("it is empty")
	}
	if !utf8.ValidString(number) {
		return errors.New("it is not UTF-8")
	}
	if n := utf8.RuneCountInString(number); n > maxCase {
		return fmt.Errorf("it has %d characters, %d is the most", n, maxCase)
	}
	if strings.TrimSpace(number) != number {
		return errors.New("it has a space at an end")
	}
	for _, r := range number {
		if !IsVisible(r) {
			return fmt.Errorf("%U is not printable", r)
		}
	}
	return nil
}

// brailleBlank is a pattern without a dot, which is a symbol and no space.
const brailleBlank = '\u2800'

// IsVisible tells whether the character leaves a trace, be it a plain space's. What
// Unicode calls printable has characters that do not: fillers, joiners and variation
// selectors (Default_Ignorable_Code_Point,
// https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point).
func IsVisible(r rune) bool {
	return unicode.IsPrint(r) && r != brailleBlank && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// checkLanguage takes what BCP 47 can name, whether or not there are words in it.
func checkLanguage(name string) error {
	if name == "" {
		return nil
	}
	tag, err := language.Parse(name)
	if err != nil || len(name) > maxLanguage || strings.Contains(name, "_") {
		return errors.New("it is no language of BCP 47, such as sv or pt-BR")
	}
	if base, _, _ := tag.Raw(); base.String() == "und" {
		return errors.New("it names no language")
	}
	return nil
}

func checkOnly(names []string) error {
	if len(names) > maxOnly {
		return fmt.Errorf("it has %d names, %d is the most", len(names), maxOnly)
	}
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if name == "" || len(name) > maxCheck || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
			return fmt.Errorf("%q is no name of a check", name)
		}
		if seen[name] {
			return fmt.Errorf("%s is named twice", name)
		}
		seen[name] = true
	}
	return nil
}

func checkURL(url string, hosts Hosts) error {
	if url == "" {
		return nil
	}
	return hosts.check(url)
}

func checkFrom(from time.Time) error {
	if from.Before(time.Unix(0, 0)) || from.After(latest) {
		return errors.New("it is not within the years 1970 to 9999")
	}
	return nil
}

func checkTTL(ttl time.Duration) error {
	if ttl < MinTTL || ttl > MaxTTL {
		return fmt.Errorf("a link is good for %.0f minutes at least and %.0f days at most", MinTTL.Minutes(), MaxTTL.Hours()/24)
	}
	return nil
}
