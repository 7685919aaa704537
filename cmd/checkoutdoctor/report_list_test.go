package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
)

// listedFolder has the golden report, of two cases and of none, and files that are
// none.
func listedFolder(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	folder := t.TempDir()
	for file, change := range map[string]func(*report.Report){
		"20261122T194430Z-00000000000000a1-signed.json": func(r *report.Report) { r.ID, r.Case = "00000000000000a1", "4711" },
		"20261122T194431Z-00000000000000a2.json":        func(r *report.Report) { r.ID, r.Case = "00000000000000a2", "4712" },
		"20251231T235959Z-00000000000000a3.json":        func(r *report.Report) { r.ID, r.Case, r.Findings = "00000000000000a3", "", r.Findings[:1] },
		"20261122T194432Z-00000000000000a4.json":        func(r *report.Report) { r.ID, r.Case, r.Findings = "00000000000000a4", "4711", nil },
		"by-hand.json":                                  func(r *report.Report) { r.Case = "\x1b[31m4711\u202e" },
		"20261122T194433Z-00000000000000a5.json":        func(r *report.Report) { r.ID = "00000000000000a6" },
	} {
		r, err := report.Decode(text)
		require.NoError(t, err)
		change(r)
		changed, err := report.Encode(r)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), changed, 0o600))
	}
	for file, text := range map[string]string{
		"20261122T194434Z-00000000000000a7.json": "{\"\x1b[2J",
		"20261122T194435Z-00000000000000a8.json": strings.Repeat(" ", report.MaxBytes+1),
		"notes.txt":                              "not listed",
		".00000000000000a9.new":                  "not listed",
		".hidden.json":                           "not listed",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(folder, "folder.json"), 0o700))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(folder, "link.json")))
	return folder
}

func TestReportListHasTheNewestFirst(t *testing.T) {
	folder := listedFolder(t)
	stdout, stderr, code := command(t, "report", "list", folder)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Empty(t, stderr)
	assert.NotContains(t, stdout, "\x1b")
	assert.NotContains(t, stdout, "\u202e")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	for i, fields := range [][]string{
		{"RECEIVED", "CASE", "LINK", "CODE", "VERDICT", "FOUND", "FILE"},
		{"2026-11-22T19:44:35Z", "broken", "it has more than 1024 KB"},
		{"2026-11-22T19:44:34Z", "broken", `decode report: `},
		{"2026-11-22T19:44:33Z", "broken", "its name is that of another report", "-00000000000000a5.json"},
		{"2026-11-22T19:44:32Z", "  4711  ", "  -       ", "blocked  -  "},
		{"2026-11-22T19:44:31Z", "4712", "threeds.frame-sandbox and 3 more"},
		{"2026-11-22T19:44:30Z", "  4711  ", "  signed  " + goldenCode(t), "blocked", filepath.Join(folder, "20261122T194430Z-00000000000000a1-signed.json")},
		{"2025-12-31T23:59:59Z", "  -  ", "threeds.frame-sandbox  "},
		{"-  ", `\x1b[31m4711\u202e`, "by-hand.json"},
		{"-  ", "broken", "it is no file of its own", "folder.json"},
		{"-  ", "broken", "it is no file of its own", "link.json"},
	} {
		require.Greater(t, len(lines), i, stdout)
		for _, field := range fields {
			assert.Contains(t, lines[i], field)
		}
	}
	assert.Len(t, lines, 11, stdout)
}

func TestReportListOfACase(t *testing.T) {
	folder := listedFolder(t)
	stdout, stderr, code := command(t, "report", "list", "--case", "4711", "--json", folder)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, "5 that cannot be read may be among them: list them without --case\n", stderr)
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	require.Len(t, list, 2)
	assert.Equal(t, "2026-11-22T19:44:32Z", list[0]["received"])
	assert.Equal(t, false, list[0]["signed"])
	assert.NotContains(t, list[0], "findings")
	assert.NotContains(t, list[0], "error")
	assert.Equal(t, map[string]any{
		"received": "2026-11-22T19:44:30Z", "id": "00000000000000a1", "case": "4711", "signed": true, "code": goldenCode(t), "verdict": "blocked",
		"findings": []any{"threeds.frame-sandbox", "threeds.frame-covered", "cookie.third-party-blocked", "vpn.suspected"},
		"file":     filepath.Join(folder, "20261122T194430Z-00000000000000a1-signed.json"),
	}, list[1])

	stdout, stderr, code = command(t, "report", "show", list[1]["file"].(string))
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "4711", "what is listed can be shown")
}

// TestReportListOfANumber: as the user has it from the page, also in part, in
// capitals, or for a file that cannot be read but is named by it.
func TestReportListOfANumber(t *testing.T) {
	folder := listedFolder(t)
	const unnamed = "2 that cannot be read may be among them: list them without "
	for name, test := range map[string]struct {
		flags  []string
		files  []string
		stderr string
	}{
		"whole":           {[]string{"--id", "00000000000000a1"}, []string{"20261122T194430Z-00000000000000a1-signed.json"}, unnamed + "--id\n"},
		"in capitals":     {[]string{"--id", " 00000000000000A2"}, []string{"20261122T194431Z-00000000000000a2.json"}, unnamed + "--id\n"},
		"its beginning":   {[]string{"--id", "01234567"}, []string{"by-hand.json"}, unnamed + "--id\n"},
		"of a broken one": {[]string{"--id", "00000000000000a7"}, []string{"20261122T194434Z-00000000000000a7.json"}, unnamed + "--id\n"},
		"of no report":    {[]string{"--id", "ffffffff"}, nil, unnamed + "--id\n"},
		"of the case":     {[]string{"--id", "00000000000000a4", "--case", "4711"}, []string{"20261122T194432Z-00000000000000a4.json"}, unnamed + "--case and --id\n"},
		"of another case": {[]string{"--id", "00000000000000a4", "--case", "4712"}, nil, unnamed + "--case and --id\n"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := command(t, append(append([]string{"report", "list", "--json"}, test.flags...), folder)...)
			require.Equal(t, probe.ExitOK, code, stderr)
			assert.Equal(t, test.stderr, stderr)
			var list []struct{ File string }
			require.NoError(t, json.Unmarshal([]byte(stdout), &list))
			var files []string
			for _, l := range list {
				files = append(files, filepath.Base(l.File))
			}
			assert.Equal(t, test.files, files)
		})
	}
}

// TestReportsAreSeenAmongManyBrokenFiles: the table names 20 of them, the list of
// programs each.
func TestReportsAreSeenAmongManyBrokenFiles(t *testing.T) {
	folder := t.TempDir()
	text, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "good.json"), text, 0o600))
	for n := range mostBroken + 2 {
		file := fmt.Sprintf("20261122T194430Z-%016x.json", n)
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte("{"), 0o600))
	}
	stdout, stderr, code := command(t, "report", "list", folder)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, mostBroken, strings.Count(stdout, "  broken  "))
	assert.Contains(t, stdout, "good.json")
	assert.True(t, strings.HasSuffix(stdout, "\nand 2 more broken files\n"), stdout)
	stdout, _, code = command(t, "report", "list", "--json", folder)
	require.Equal(t, probe.ExitOK, code)
	assert.Equal(t, mostBroken+2, strings.Count(stdout, `"error"`))
}

func TestReportListOfNothing(t *testing.T) {
	empty := t.TempDir()
	stdout, stderr, code := command(t, "report", "list", empty)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, "no reports\n", stdout)
	stdout, _, code = command(t, "report", "list", "--json", empty)
	require.Equal(t, probe.ExitOK, code)
	assert.Equal(t, "[]\n", stdout)
	stdout, _, code = command(t, "report", "list", "--case", "", listedFolder(t))
	require.Equal(t, probe.ExitOK, code)
	assert.Contains(t, stdout, "2025-12-31T23:59:59Z", "those of no case")
	assert.NotContains(t, stdout, "2026")
}

func TestReportListRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		stderr string
	}{
		"no folder":       {nil, "accepts 1 arg(s)"},
		"no such folder":  {[]string{filepath.Join(t.TempDir(), "none")}, "list the reports: open "},
		"a file":          {[]string{goldenReport}, "not a directory"},
		"a short number":  {[]string{"--id", "0123456", "."}, `--id: "0123456" is no report's number; want its 16 digits`},
		"a long number":   {[]string{"--id", "0123456789abcdef0", "."}, "is no report's number"},
		"a code":          {[]string{"--id", "AKTR-32M-8X5-EP2", "."}, "is no report's number"},
		"no number":       {[]string{"--id", "", "."}, "is no report's number"},
		"an unknown flag": {[]string{"--verdict", "clear", "."}, "unknown flag"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := command(t, append([]string{"report", "list"}, test.args...)...)
			assert.Equal(t, probe.ExitUsage, code)
			assert.Contains(t, stderr, test.stderr)
			assert.Empty(t, stdout)
		})
	}
}
