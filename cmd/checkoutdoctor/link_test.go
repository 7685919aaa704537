package main

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web/link"
	"checkoutdoctor/web/qr/qrtest"
)

// testKey is a key of links, made once by --new-key.
const testKey = "checkout-doctor-link-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

// testLink is what linkArgs give with it.
const testLink = "https://doctor.example/?case=4711&lang=sv&from=1795348800&until=1795608000&sig=1.u2f8.hupim3om0mtq8okifqpi6koiis"

// linkTime is when testLink begins.
var linkTime = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// commandAt is command at that time of the clock.
func commandAt(t *testing.T, now time.Time, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now))
		var out, errs bytes.Buffer
		code = runUntil(t.Context(), args, &out, &errs)
		stdout, stderr = out.String(), errs.String()
	})
	return stdout, stderr, code
}

// withoutVariables has no variable of the tests' environment say what links are
// made with.
func withoutVariables(t *testing.T) {
	t.Helper()
	for _, name := range []string{linkKeysVariable, variable(keyFileFlag), variable(allowedHostFlag)} {
		t.Setenv(name, "")
	}
}

// linkArgs are the arguments of a link, and more, of which those that say the
// same anew count.
func linkArgs(more ...string) []string {
	return append([]string{"link", "--base", "https://doctor.example", "--case", "4711", "--lang", "sv", "--from", "2026-11-22T12:00:00Z"}, more...)
}

// keyFile writes a file of keys.
func keyFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "link.key")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestLink(t *testing.T) {
	key := keyFile(t, testKey)
	noKey, remarks := keyFile(t, "-----BEGIN PRIVATE KEY-----"), keyFile(t, strings.Repeat("#", maxKeyFile)+"\n"+testKey)
	there := keyFile(t, "another's picture")
	require.NoError(t, os.Rename(there, there+".svg"))
	withoutVariables(t)
	const good = "the link is good from "
	for name, test := range map[string]struct {
		args   []string
		code   int
		stdout string // all of it
		stderr string // is contained
	}{
		"a link":                  {linkArgs("--key-file", key), 0, testLink + "\n", good},
		"the time said otherwise": {linkArgs("--key-file", key, "--from", "2026-11-22T13:00:00+01:00", "--ttl", "4320m"), 0, testLink + "\n", good},
		"the time said in days":   {linkArgs("--key-file", key, "--ttl", "3d"), 0, testLink + "\n", good},
		"checks with blanks": {linkArgs("--key-file", key, "--only", " popup, vantage "), 0,
			"https://doctor.example/?case=4711&lang=sv&only=popup.vantage&from=1795348800&until=1795608000&sig=1.u2f8.5d5cg009tpijpldk43u0j7rmjo\n", good},

		"a language without words yet": {linkArgs("--key-file", key, "--lang", "tlh", "--ttl", "1h"), 0,
			"https://doctor.example/?case=4711&lang=tlh&from=1795348800&until=1795352400&sig=1.u2f8.jchm8fn8q5mhh3isqtosajucgk\n",
			"there are no words in tlh yet: the page will be shown in the language of the reader's browser, or in English where there are no words in that either\n" + good},

		"no base":                     {[]string{"link", "--case", "4711", "--key-file", key}, 2, "", "--base is needed"},
		"a base that is none":         {linkArgs("--key-file", key, "--base", "doctor.example"), 2, "", `--base: "doctor.example" is no address that a link can have`},
		"a base that is not safe":     {linkArgs("--key-file", key, "--base", "http://doctor.example"), 2, "", `--base: "http://doctor.example" must be https`},
		"no case":                     {linkArgs("--key-file", key, "--case", ""), 2, "", "--case: it is empty"},
		"a case of two lines":         {linkArgs("--key-file", key, "--case", "4711\n4712"), 2, "", "--case: U+000A is not printable"},
		"a language that is none":     {linkArgs("--key-file", key, "--lang", "svenska!"), 2, "", "--lang: it is no language of BCP 47"},
		"a time too short":            {linkArgs("--key-file", key, "--ttl", "1s"), 2, "", "--ttl: a link is good for 10 minutes at least"},
		"a time too long":             {linkArgs("--key-file", key, "--ttl", "8760h"), 2, "", "--ttl: a link is good for 10 minutes at least and 30 days at most"},
		"a beginning that is no time": {linkArgs("--key-file", key, "--from", "tomorrow"), 2, "", `--from: "tomorrow" is no time`},
		"a time that is none":         {linkArgs("--key-file", key, "--ttl", "3 weeks"), 2, "", "want a time such as 72h, 3d or 30m"},
		"more days than there can be": {linkArgs("--key-file", key, "--ttl", "99999d"), 2, "", "want a time such as 72h, 3d or 30m"},
		"a time before it begins":     {linkArgs("--key-file", key, "--ttl", "-1h"), 2, "", "--ttl: a link is good for 10 minutes at least"},
		"a link that is over":         {linkArgs("--key-file", key, "--from", "2026-11-19T12:00:00Z"), 2, "", "--from: such a link was over on "},
		"a check that there is not":   {linkArgs("--key-file", key, "--only", "popup,vpn"), 2, "", `--only: there is no check "vpn"; there are acs, anti-fraud, bait, `},
		"a check twice":               {linkArgs("--key-file", key, "--only", "popup,popup"), 2, "", "--only: popup is named twice"},
		"a URL and no host allowed":   {linkArgs("--key-file", key, "--ads-manager-url", "https://ads.example/"), 2, "", "--ads-manager-url: ads.example is not among the allowed hosts"},
		"a host that is a suffix":     {linkArgs("--key-file", key, "--allowed-host", ".co.uk"), 2, "", `--allowed-host: ".co.uk" would allow hosts of everybody`},
		"a picture of another kind":   {linkArgs("--key-file", key, "--qr-file", "code.gif"), 2, "", `--qr-file: "code.gif" is neither .svg nor .png`},
		"more than an address holds": {linkArgs("--key-file", key, "--case", strings.Repeat("🂡", 64), "--allowed-host", "ads.example",
			"--ads-manager-url", "https://ads.example/"+strings.Repeat("%", 490)), 2, "", "the link is too long: its parameters take"},

		"no key":                   {linkArgs(), 2, "", "--key-file or " + linkKeysVariable + " is needed"},
		"no such file":             {linkArgs("--key-file", key+"s"), 2, "", "--key-file: open " + key + "s: no such file"},
		"a file that is no key":    {linkArgs("--key-file", noKey), 2, "", "--key-file: " + noKey + ": line 1: it is no key"},
		"a file too long":          {linkArgs("--key-file", remarks), 2, "", "--key-file: " + remarks + ": it is longer than a file of keys"},
		"a new key and a link":     {linkArgs("--new-key", key), 2, "", "--new-key makes a key, and no link: leave out --base, --case, --from, --lang\n"},
		"a new key without a name": {[]string{"link", "--new-key", ""}, 3, "", "--new-key: open"},
		"a key that is there":      {[]string{"link", "--new-key", key}, 2, "", key + " is there already, and is not overwritten"},
		"a key in no folder":       {[]string{"link", "--new-key", filepath.Join(key, "x")}, 3, "", "--new-key: open"},
		"a picture in no folder":   {linkArgs("--key-file", key, "--qr-file", filepath.Join(key, "x.svg")), 3, "", "--qr-file: open"},
		"a picture that is there":  {linkArgs("--key-file", key, "--qr-file", there+".svg"), 2, "", "--qr-file: " + there + ".svg is there already, and is not overwritten"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := commandAt(t, linkTime, test.args...)
			assert.Equal(t, test.code, code, stderr)
			assert.Equal(t, test.stdout, stdout)
			assert.Contains(t, stderr, test.stderr)
		})
	}
	picture, err := os.ReadFile(there + ".svg")
	require.NoError(t, err)
	assert.Equal(t, "another's picture", string(picture))
}

func TestALinkHoldsAllThatWasAskedFor(t *testing.T) {
	before := time.Now().Truncate(time.Second)
	stdout, stderr, code := command(t, "link", "--key-file", keyFile(t, testKey), "--base", "https://doctor.example", "--case", "T 1", "--lang", "pt-BR",
		"--ttl", "1h", "--only", "popup,vantage", "--ads-manager-url", "https://ads.example.co.uk/?a=b", "--allowed-host", "x.example", "--allowed-host", ".example.co.uk")
	require.Equal(t, probe.ExitOK, code, stderr)
	u, err := url.Parse(strings.TrimSpace(stdout))
	require.NoError(t, err)
	keys, err := link.ParseKeys(testKey)
	require.NoError(t, err)
	hosts, err := link.ParseHosts([]string{".example.co.uk"})
	require.NoError(t, err)
	said, err := link.Verifier{Keys: keys, Hosts: hosts}.Verify(u.RawQuery, time.Now())
	require.NoError(t, err)
	assert.WithinRange(t, said.From, before, time.Now())
	assert.Equal(t, link.Link{
		Case: "T 1", Language: "pt-BR", Only: []string{"popup", "vantage"}, AdsManagerURL: "https://ads.example.co.uk/?a=b",
		From: said.From, Until: said.From.Add(time.Hour),
	}, said)
}

// TestWhoMakesALinkIsToldWhenItIsGood by the clock on the wall beside them.
func TestWhoMakesALinkIsToldWhenItIsGood(t *testing.T) {
	const good = "the link is good from Sun 22 Nov 2026 13:00 UTC+01:00 until Sun 22 Nov 2026 14:00 UTC+01:00\n"
	const early = "it is not good yet: whoever opens it before that time is asked to come back later\n"
	l := link.Link{From: linkTime, Until: linkTime.Add(time.Hour)}
	for name, test := range map[string]struct {
		now  time.Duration // after the link's beginning
		over bool
		want string
	}{
		"made now":                          {0, false, good},
		"that began":                        {time.Hour - 1, false, good},
		"that begins within the clocks' 5m": {-link.Skew, false, good},
		"that begins later":                 {-link.Skew - 1, false, good + early},
		"that is over":                      {time.Hour, true, good},
	} {
		t.Run(name, func(t *testing.T) {
			now := linkTime.Add(test.now).In(time.FixedZone("", 3600))
			assert.Equal(t, test.want, validity(l, now))
			if test.over {
				assert.ErrorContains(t, checkNotOver(l, now), "was over on Sun 22 Nov 2026 14:00 UTC+01:00;")
			} else {
				assert.NoError(t, checkNotOver(l, now))
			}
		})
	}
}

// TestKeysFromTheEnvironment: the command line goes before it, and there the name
// of a file before the keys themselves, as for serve.
func TestKeysFromTheEnvironment(t *testing.T) {
	const wrong = "x" + testKey
	const noKey = ": line 1: it is no key; want one as `checkoutdoctor link --new-key` makes it"
	key, wrongKey := keyFile(t, testKey), keyFile(t, wrong)
	for name, test := range map[string]struct {
		variable, file string // what the variables say
		args           []string
		wrong          string // what is said to be wrong; empty where testLink is made
	}{
		"the keys":                          {testKey, "", nil, ""},
		"keys that are none":                {wrong, "", nil, linkKeysVariable + noKey},
		"a file":                            {"", key, nil, ""},
		"a file and keys":                   {wrong, key, nil, ""},
		"a file of none and keys":           {testKey, wrongKey, nil, "--key-file: " + wrongKey + noKey + " (--key-file is from " + variable(keyFileFlag) + ")"},
		"keys, and a file that is named":    {wrong, "", []string{"--key-file", key}, ""},
		"a file, and another that is named": {"", wrongKey, []string{"--key-file", key}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(linkKeysVariable, test.variable)
			t.Setenv(variable(keyFileFlag), test.file)
			stdout, stderr, code := commandAt(t, linkTime, linkArgs(test.args...)...)
			if test.wrong == "" {
				assert.Equal(t, probe.ExitOK, code, stderr)
				assert.Equal(t, testLink+"\n", stdout)
				return
			}
			assert.Equal(t, probe.ExitUsage, code)
			assert.Equal(t, "checkoutdoctor: "+test.wrong+"\n", stderr)
		})
	}
}

func TestHostsFromTheEnvironment(t *testing.T) {
	withoutVariables(t)
	t.Setenv(variable(allowedHostFlag), "x.example, ads.example")
	args := linkArgs("--key-file", keyFile(t, testKey), "--ads-manager-url", "https://ads.example/")
	stdout, stderr, code := commandAt(t, linkTime, args...)
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "&ads-manager-url=https%3A%2F%2Fads.example%2F&")

	_, stderr, code = commandAt(t, linkTime, append(args, "--allowed-host", "y.example")...)
	assert.Equal(t, probe.ExitUsage, code)
	assert.Contains(t, stderr, "--ads-manager-url: ads.example is not among the allowed hosts")
}

func TestANewKeySignsAndTheOldOneStaysGood(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new.key")
	stdout, stderr, code := command(t, "link", "--new-key", file)
	require.Equal(t, probe.ExitOK, code, stderr)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	keys, err := link.ParseKeys(string(text) + testKey)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf("key %s in %s\n", keys.IDs()[0], file), stdout)

	stdout, stderr, code = commandAt(t, linkTime, linkArgs("--key-file", keyFile(t, string(text)+testKey))...)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "&sig=1."+keys.IDs()[0]+".")
	for _, signed := range []string{stdout, testLink} {
		u, err := url.Parse(strings.TrimSpace(signed))
		require.NoError(t, err)
		_, err = link.Verifier{Keys: keys}.Verify(u.RawQuery, time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC))
		assert.NoError(t, err)
	}
}

func TestALinkThatCannotBePrinted(t *testing.T) {
	var stderr bytes.Buffer
	o := linkOptions{base: "https://doctor.example", number: "4711", ttl: defaultLifetime, keys: linkKeyFlags{file: keyFile(t, testKey)}}
	var failed *exitError
	require.ErrorAs(t, o.print(full{}, &stderr, linkTime), &failed)
	assert.EqualError(t, failed, "print: no space left")
	assert.Equal(t, probe.ExitEnvironment, failed.code)
}

// TestTheCodeIsReadAsTheLink in the terminal and in each kind of file.
func TestTheCodeIsReadAsTheLink(t *testing.T) {
	folder := t.TempDir()
	key := keyFile(t, testKey)
	drawn := func(name string, more ...string) (stdout string, picture []byte) {
		t.Helper()
		file := filepath.Join(folder, name)
		stdout, stderr, code := commandAt(t, linkTime, linkArgs(append(more, "--key-file", key, "--qr-file", file)...)...)
		require.Equal(t, probe.ExitOK, code, stderr)
		picture, err := os.ReadFile(file)
		require.NoError(t, err)
		return stdout, picture
	}
	stdout, svg := drawn("code.svg", "--qr")
	terminal, ok := strings.CutPrefix(stdout, testLink+"\n")
	require.True(t, ok, "the link is there for itself")
	_, png := drawn("code.png")
	for form, read := range map[string]func() (string, error){
		"terminal": func() (string, error) { return qrtest.ReadTerminal(terminal) },
		"SVG":      func() (string, error) { return qrtest.ReadSVG(svg) },
		"PNG":      func() (string, error) { return qrtest.ReadPNG(png) },
	} {
		got, err := read()
		assert.NoError(t, err, form)
		assert.Equal(t, testLink, got, form)
	}
}
