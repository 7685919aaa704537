package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

// saved writes the report as it is kept.
func saved(t *testing.T, r *report.Report) string {
	t.Helper()
	text, err := report.Encode(r)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

// sentWithout is a recorded run as its user sends it who leaves out the parts.
func sentWithout(t *testing.T, name string, parts ...report.Part) string {
	t.Helper()
	return saved(t, report.Without(decoded(t, filepath.Join(recordedDir, name)), parts...))
}

func TestWhatTheUserLeftOutIsSaid(t *testing.T) {
	file := sentWithout(t, "exit-vpn-network.json", report.PartTiming, report.PartNetwork)
	stdout, stderr, code := command(t, "report", "show", file)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Regexp(t, `(?m)^  left out by the user +network, timing$`, stdout)
	assert.NotContains(t, stdout, "network.address-country")

	page := filepath.Join(t.TempDir(), "report.html")
	_, stderr, code = command(t, "report", "show", "--html", page, file)
	require.Equal(t, probe.ExitOK, code, stderr)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(text), "<dt>left out by the user</dt><dd>network, timing</dd>")

	stdout, _, _ = command(t, "report", "show", filepath.Join(recordedDir, "exit-vpn-network.json"))
	assert.NotContains(t, stdout, "left out by the user")
}

// TestWhatWasLeftOutIsNoDifference: neither for a replay nor between two reports.
func TestWhatWasLeftOutIsNoDifference(t *testing.T) {
	file := sentWithout(t, "exit-vpn-network.json", report.PartNetwork)
	stdout, stderr, code := command(t, "replay", file)
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "the same: degraded, ")
	assert.Contains(t, stdout, "not judged, since the user left out network: ")
	assert.Contains(t, stdout, "vpn.likely")
	assert.NotContains(t, stdout, "bytes more")
	assert.NotContains(t, stdout, "threeds.frame-sandbox")

	stdout, stderr, code = command(t, "report", "diff", filepath.Join(recordedDir, "exit-vpn-network.json"), file)
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, "the same\nnot compared: network, which the user left out\n", stdout)

	stdout, _, code = command(t, "report", "diff", "--json", file, filepath.Join(recordedDir, "exit-vpn-network.json"))
	assert.Equal(t, probe.ExitOK, code)
	assert.JSONEq(t, `{"same": true, "differences": [], "notCompared": ["network, which the user left out"]}`, stdout)

	stdout, _, code = command(t, "replay", sentWithout(t, "exit-vpn-network.json", report.PartTiming))
	assert.Equal(t, probe.ExitOK, code)
	assert.NotContains(t, stdout, "not judged")
}

// TestWhatCanBeJudgedStillDiffers although a part was left out.
func TestWhatCanBeJudgedStillDiffers(t *testing.T) {
	r := report.Without(decoded(t, filepath.Join(recordedDir, "acs-hang.json")), report.PartTiming, report.PartBrowser)
	r.NotChecked = append(r.NotChecked, diagnosis.NotChecked{Code: "network.offline", Reason: "crashed"})
	stdout, _, code := command(t, "replay", saved(t, r))
	assert.Equal(t, probe.ExitFailed, code)
	assert.Contains(t, stdout, "not checked network.offline: gone\n")
	assert.Contains(t, stdout, "not judged, since the user left out browser: ")
}

func TestARunThatLookedAtNothingIsNotCalledFine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"schema": 1, "id": "0000000000000000", "generatedAt": "2026-11-22T03:00:00Z", "module": "0.1.0",
		"mode": "link", "verdict": "inconclusive", "findings": [], "hidden": [], "notChecked": [{"code": "*", "reason": "unreachable"}],
		"facts": {"environment.module-problem": {"value": "network", "from": "loader"}}, "timing": {}}`), 0o600))
	stdout, _, code := command(t, "replay", file)
	assert.Equal(t, probe.ExitOK, code)
	assert.Equal(t, "the same: inconclusive, 0 findings\n", stdout)
	_, stderr, code := command(t, "replay", "--as-scenario", "case", "--out", t.TempDir(), file)
	assert.Equal(t, probe.ExitUsage, code)
	assert.Contains(t, stderr, "make a scenario of the report: the module could not run, and nothing was looked at")
}

func TestAScenarioIsMadeOfWhatFactsShow(t *testing.T) {
	dir := t.TempDir()
	_, stderr, code := command(t, "replay", "--as-scenario", "unproven", "--out", dir, sentWithout(t, "exit-vpn-network.json", report.PartNetwork))
	assert.Equal(t, probe.ExitUsage, code)
	assert.Contains(t, stderr, "make a scenario of the report: vpn.likely rests on what the user left out: network")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)

	stdout, stderr, code := command(t, "replay", "--as-scenario", "proven", "--out", dir, sentWithout(t, "acs-frame-options.json", report.PartTiming))
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.NotContains(t, stdout, "not judged")
	text, err := os.ReadFile(filepath.Join(dir, "proven.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "# The user left out of it: timing.\n")
	file := filepath.Join(dir, "proven.json")
	assert.Empty(t, readScenario(t, filepath.Join(dir, "proven.yaml")).Expect.Check(report.Replay(decoded(t, file)), nil))
	_, _, code = command(t, "replay", file)
	assert.Equal(t, probe.ExitOK, code)
}

// TestACodeIsComparedAsFarAsItGoes with a report, or with another code.
func TestACodeIsComparedAsFarAsItGoes(t *testing.T) {
	file := filepath.Join(recordedDir, "exit-vpn-network.json")
	other := filepath.Join(recordedDir, "acs-hang.json")
	code, otherCode := report.Code(decoded(t, file)), report.Code(decoded(t, other))
	const notCompared = "not compared: evidence, fixes, symptoms and most facts, which a support code does not have\n"
	for name, test := range map[string]struct {
		a, b string
		want []string
	}{
		"the code of the report":  {code, file, nil},
		"the report of the code":  {file, strings.ToLower(code), nil},
		"the same code":           {code, code, nil},
		"another report":          {code, other, []string{"verdict: degraded -> blocked\n", "finding vpn.likely: gone\n", "finding threeds.acs-hang: new\n"}},
		"another code":            {code, otherCode, []string{"verdict: degraded -> blocked\n", "finding threeds.acs-hang: new\n"}},
		"a report with parts out": {sentWithout(t, "exit-vpn-network.json", report.PartNetwork), code, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, exited := command(t, "report", "diff", test.a, test.b)
			if test.want == nil {
				assert.Equal(t, probe.ExitOK, exited, stderr)
				assert.Equal(t, "the same\n"+notCompared, stdout)
				return
			}
			assert.Equal(t, probe.ExitFailed, exited)
			assert.Contains(t, stdout, notCompared)
			for _, want := range test.want {
				assert.Contains(t, stdout, want)
			}
		})
	}
	_, stderr, exited := command(t, "replay", code)
	assert.Equal(t, probe.ExitUsage, exited)
	assert.Contains(t, stderr, "a support code has no facts to replay; report show says what it holds")
}

// TestEveryWritingOfAReportIsTaken: as it is kept, as the page saves it, and as an
// editor of Windows writes it.
func TestEveryWritingOfAReportIsTaken(t *testing.T) {
	kept, err := os.ReadFile(filepath.Join(recordedDir, "acs-hang.json"))
	require.NoError(t, err)
	page, err := json.MarshalIndent(decoded(t, filepath.Join(recordedDir, "acs-hang.json")).Tree(), "", "  ")
	require.NoError(t, err)
	for name, text := range map[string]string{
		"as it is kept":     string(kept),
		"as the page saves": string(page),
		"with a mark":       "\ufeff" + strings.ReplaceAll(string(kept), "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "report.json")
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
			for _, args := range [][]string{{"report", "show", file}, {"replay", file}, {"report", "diff", file, filepath.Join(recordedDir, "acs-hang.json")}} {
				_, stderr, code := command(t, args...)
				assert.Equal(t, probe.ExitOK, code, "%s: %s", args, stderr)
			}
		})
	}
}
