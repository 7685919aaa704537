package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
)

// acted is what a terminal acts upon, or does not show.
const acted = "[\x00-\x09\x0b-\x1f\x7f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"

// attacks are what somebody could put in every string of a report.
var attacks = map[string]string{
	"markup":               attack,
	"a clearing screen":    "\x1b[2J\x1b[3J\x1b[1;1H",
	"a window's title":     "\x1b]0;owned\x07",
	"a link of a terminal": "\x1b]8;;https://evil.test\x1b\\click\x1b]8;;\x1b\\",
	"C1 controls":          "\u009b31m\u009d0;owned\u009c",
	"a bidi override":      "\u202egpj.exe\u2066\u2069\u200f",
	"zero width":           "a\u200bb\u200d\u2060\ufeffc\u00ad",
	"lines of our own":     "x\r\n\nthis stops your payment (blocked)\n",
	"templates":            "{{.}}{{template \"facts\"}}${7*7}",
	"a closing attribute":  "\" onload=alert(1) x=\"' onerror='alert(1)",
	"a comment":            "--><!--[if IE]><script>",
	"surrogates":           "\ufffd\U000e0041\U0010ffff",
}

// TestEveryStringOfAReportIsShownAsText in a terminal and in the page, whose
// elements and attributes are all of our own making.
func TestEveryStringOfAReportIsShownAsText(t *testing.T) {
	ours := madeOf(t, reportPage)
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			s, err := readSubject(strings.NewReader(hostileWith(t, attack)), "-")
			require.NoError(t, err)
			v, err := viewOf(s)
			require.NoError(t, err)
			assert.NotRegexp(t, acted, string(v.text()))

			page, err := v.page()
			require.NoError(t, err)
			assert.Subset(t, ours, madeOf(t, string(page)))

			file := filepath.Join(t.TempDir(), "hostile.json")
			require.NoError(t, os.WriteFile(file, []byte(hostileWith(t, attack)), 0o600))
			for _, args := range [][]string{{"report", "diff", goldenReport, file}, {"replay", file}, {"replay", "--as-scenario", "x", "--out", t.TempDir(), file}} {
				stdout, stderr, _ := command(t, args...)
				assert.NotRegexp(t, acted, stdout+stderr, args[1])
			}
		})
	}
}

// TestJSONForATerminalHasTheSameValuesInPrintableCharacters, by each command that
// prints what a report says.
func TestJSONForATerminalHasTheSameValuesInPrintableCharacters(t *testing.T) {
	const said = "\u009b31m\u202e\x7f\u00ad\U000e0041 Gr\u00f6\u00dfe \u652f"
	r := decoded(t, goldenReport)
	r.Case, r.Mode = said, said
	r.Findings[0].Variant = said
	folder := t.TempDir()
	file := filepath.Join(folder, "hostile.json")
	text, err := report.Encode(r)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	for name, args := range map[string][]string{
		"list":   {"report", "list", "--json", folder},
		"diff":   {"report", "diff", "--json", goldenReport, file},
		"replay": {"replay", "--json", file},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, _ := command(t, args...)
			assert.Empty(t, stderr)
			assert.NotRegexp(t, acted, stdout)
			assert.Contains(t, stdout, `\u009b31m\u202e\u007f\u00ad\udb40\udc41 Größe 支`)
			var read any
			require.NoError(t, json.Unmarshal([]byte(stdout), &read))
			assert.Contains(t, fmt.Sprint(read), said)
		})
	}
}

// madeOf lists the elements of a page with their attributes. Only what our style
// sheet and our policy are about has values.
func madeOf(t *testing.T, page string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var list []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		list = append(list, n.Data)
		for _, a := range n.Attr {
			value := a.Val
			if a.Key == "class" && slices.Contains([]string{"{{.Class}}", "blocked", "degraded", "clear", "unknown"}, value) || a.Key == "content" {
				value = "ours"
			}
			list = append(list, n.Data+" "+a.Key+"="+value)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestAnErrorQuotesNothingThatATerminalActsUpon: what is refused is named, and
// comes from the report.
func TestAnErrorQuotesNothingThatATerminalActsUpon(t *testing.T) {
	good, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	swap := func(old, new string) string {
		require.Contains(t, string(good), old)
		return strings.Replace(string(good), old, new, 1)
	}
	const escape = `\u001b]0;owned\u0007\u202e`
	for name, text := range map[string]string{
		"a fact":      swap(`"value": "kept"`, `"value": "`+escape+`"`),
		"a long fact": swap(`"value": "kept"`, `"value": "`+strings.Repeat(escape, 1000)+`"`),
		"a time":      swap(`"total": 120`, `"`+escape+`": true`),
		"a part":      swap(`"case": "4711"`, `"withheld": ["`+escape+`"]`),
		"no JSON":     "\x1b]0;owned\x07{",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "hostile.json")
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
			for _, args := range [][]string{{"report", "show", file}, {"report", "diff", goldenReport, file}, {"replay", file}} {
				_, stderr, code := command(t, args...)
				assert.Equal(t, probe.ExitUsage, code)
				assert.NotRegexp(t, acted, stderr)
				assert.Less(t, len(stderr), 2000)
			}
		})
	}
}

// endless is a standard input that never ends, and how much of it was read.
type endless struct {
	text string
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.read > 100*report.MaxBytes {
		return 0, errors.New("nobody stopped reading")
	}
	for i := range p {
		p[i] = e.text[(e.read+i)%len(e.text)]
	}
	e.read += len(p)
	return len(p), nil
}

func TestAnEndlessInputIsReadToTheLimit(t *testing.T) {
	for name, text := range map[string]string{"blanks": " ", "lists": "[", "a code without end": "AKTR-32M-", "zeros": "\x00"} {
		t.Run(name, func(t *testing.T) {
			input := &endless{text: text}
			_, err := readSubject(input, "-")
			assert.ErrorContains(t, err, "it has more than 1024 KB")
			assert.LessOrEqual(t, input.read, report.MaxBytes+1)
		})
	}
	input := &endless{text: "0"}
	_, err := readSubject(io.MultiReader(strings.NewReader("{"), input), "-")
	assert.ErrorContains(t, err, "it has more than 1024 KB")
}
