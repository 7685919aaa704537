package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
)

// reportsDir holds reports of every released schema, each with the scenario that
// says what must be made of it. `replay --as-scenario` adds one.
var reportsDir = filepath.Join("..", "..", "testdata", "reports")

// readScenario reads the one scenario of a file.
func readScenario(t *testing.T, file string) probe.Scenario {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err, "every report has a scenario beside it")
	scenarios, err := probe.Parse(file, text, knownFaults())
	require.NoError(t, err)
	require.Len(t, scenarios, 1)
	return scenarios[0]
}

func decoded(t *testing.T, file string) *report.Report {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	r, err := report.Decode(text)
	require.NoError(t, err)
	return r
}

// named are the findings without what they rest on.
func named(r *report.Report) (list []probe.ExpectedFinding) {
	for _, f := range r.Findings {
		list = append(list, probe.ExpectedFinding{Code: f.Code, Confidence: f.Confidence, Severity: f.Severity, Variant: f.Variant})
	}
	return list
}

// TestReportsOfEarlierReleasesKeepReplaying: today's diagnosis finds in them what
// was found when they were made, and what their scenarios expect.
func TestReportsOfEarlierReleasesKeepReplaying(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(reportsDir, "*.json"))
	require.NoError(t, err)
	schemas := make(map[int]bool)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := decoded(t, file)
			schemas[r.Schema] = true
			again := report.Replay(r)
			assert.Equal(t, r.Verdict, again.Verdict)
			assert.Equal(t, named(r), named(again))
			assert.Empty(t, readScenario(t, strings.TrimSuffix(file, ".json")+".yaml").Expect.Check(again, nil))
			assert.Empty(t, r.Case, "support's case number does not belong here")
		})
	}
	for schema := 1; schema <= report.Schema; schema++ {
		assert.True(t, schemas[schema], "no report of schema %d", schema)
	}
	scenarios, err := filepath.Glob(filepath.Join(reportsDir, "*.yaml"))
	require.NoError(t, err)
	assert.Len(t, scenarios, len(files), "a scenario without a report")
}

// TestEveryRecordedRunBecomesAScenario: for each, the files that are written pass
// as those of testdata/reports do; and where a scenario causes it, so does the
// one that is written.
func TestEveryRecordedRunBecomesAScenario(t *testing.T) {
	known, err := builtInScenarios()
	require.NoError(t, err)
	unmatched := 0
	for s, r := range recorded(t) {
		made, err := probe.NewRegression("reports/case.yaml", "What a user reported", r, known, knownFaults())
		require.NoError(t, err, s.ID)
		scenarios, err := probe.Parse("reports/case.yaml", made.Scenario, knownFaults())
		require.NoError(t, err, "%s\n%s", s.ID, made.Scenario)
		got := scenarios[0]
		assert.Empty(t, got.Expect.Check(report.Replay(made.Fixture), nil), s.ID)
		assert.Equal(t, r.Mode, string(got.Mode), s.ID)
		if len(made.Unmatched) > 0 {
			unmatched++
			continue
		}
		for _, fault := range s.Faults {
			if fault.Gives.Family() == "vpn" || !slices.ContainsFunc(named(r), func(f probe.ExpectedFinding) bool { return f.Code == fault.Gives }) {
				continue
			}
			caused := slices.ContainsFunc(got.Faults, func(f probe.Fault) bool { return f.Gives == fault.Gives })
			assert.True(t, caused || got.Card != probe.DefaultCard, "%s: nothing causes %s", s.ID, fault.Gives)
		}
	}
	assert.LessOrEqual(t, unmatched, 5)
}

func TestReplayAsScenarioWritesBothFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports", "of-today") // which is made
	sent := filepath.Join(recordedDir, "acs-hang.json")
	stdout, stderr, code := command(t, "replay", "--as-scenario", "case-4711", "--out", dir, sent)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, filepath.Join(dir, "case-4711.yaml")+"\n"+filepath.Join(dir, "case-4711.json")+"\n", stdout)

	scenario := readScenario(t, filepath.Join(dir, "case-4711.yaml"))
	assert.Equal(t, "What a user reported: Bank's page never answers", scenario.Name)
	assert.Len(t, scenario.Faults, 1)
	r := decoded(t, filepath.Join(dir, "case-4711.json"))
	assert.Empty(t, scenario.Expect.Check(report.Replay(r), nil))
	assert.NotEqual(t, decoded(t, sent).ID, r.ID)
	_, _, code = command(t, "replay", filepath.Join(dir, "case-4711.json"))
	assert.Equal(t, probe.ExitOK, code)

	before, err := os.ReadFile(filepath.Join(dir, "case-4711.json"))
	require.NoError(t, err)
	_, stderr, code = command(t, "replay", "--as-scenario", "case-4711", "--out", dir, filepath.Join(recordedDir, "challenge.json"))
	assert.Equal(t, probe.ExitEnvironment, code)
	assert.Contains(t, stderr, "is there already, and is not overwritten: give another name by --as-scenario, or another folder by --out")
	after, err := os.ReadFile(filepath.Join(dir, "case-4711.json"))
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestReplayAsScenarioRefuses(t *testing.T) {
	sent := filepath.Join(recordedDir, "acs-hang.json")
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.yaml")
	require.NoError(t, os.WriteFile(taken, nil, 0o600))
	for name, test := range map[string]struct {
		args   []string
		code   int
		stderr string
	}{
		"a way out of the folder": {[]string{"--as-scenario", "../case", sent}, probe.ExitUsage, "is no name"},
		"capital letters":         {[]string{"--as-scenario", "Case", sent}, probe.ExitUsage, "is no name"},
		"a long name":             {[]string{"--as-scenario", strings.Repeat("a", 65), sent}, probe.ExitUsage, "is no name"},
		"beside JSON":             {[]string{"--as-scenario", "case", "--json", sent}, probe.ExitUsage, "want one of the two"},
		"no name":                 {[]string{"--as-scenario", "", sent}, probe.ExitUsage, `"" is no name`},
		"a folder for nothing":    {[]string{"--out", dir, sent}, probe.ExitUsage, "without --as-scenario NAME nothing is written"},
		"no report":               {nil, probe.ExitUsage, "which report? The command is checkoutdoctor replay FILE [flags]"},
		"two reports":             {[]string{sent, sent}, probe.ExitUsage, "replay takes one report at a time"},
		"a folder below a file":   {[]string{"--as-scenario", "case", "--out", filepath.Join(taken, "none"), sent}, probe.ExitEnvironment, "not a directory"},
		"a scenario of that name": {[]string{"--as-scenario", "taken", "--out", dir, sent}, probe.ExitEnvironment, "taken.yaml or its .json is there already"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr, code := command(t, append([]string{"replay"}, test.args...)...)
			assert.Equal(t, test.code, code)
			assert.Contains(t, stderr, test.stderr)
		})
	}
	assert.NoFileExists(t, filepath.Join(dir, "taken.json"))
}
