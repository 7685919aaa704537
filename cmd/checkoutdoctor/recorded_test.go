package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/testdata"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

// recordedDir holds the report of each scenario as a real browser gave it.
// `make golden` records them anew.
var recordedDir = filepath.Join("..", "..", "testdata", "facts")

// recorded returns the scenarios in the repository with their recorded reports.
func recorded(t *testing.T) map[*probe.Scenario]*report.Report {
	t.Helper()
	scenarios, err := probe.Load(testdata.Scenarios(), testdata.ScenariosDir, knownFaults())
	require.NoError(t, err)
	runs := make(map[*probe.Scenario]*report.Report)
	for i := range scenarios {
		b, err := os.ReadFile(filepath.Join(recordedDir, scenarios[i].Base()+".json"))
		require.NoError(t, err, "every scenario has a recorded run")
		r, err := report.Decode(b)
		require.NoError(t, err, scenarios[i].ID)
		runs[&scenarios[i]] = r
	}
	return runs
}

func TestRecordedFactsStillGiveWhatTheScenariosExpect(t *testing.T) {
	for s, r := range recorded(t) {
		t.Run(s.ID, func(t *testing.T) {
			assert.Empty(t, s.Expect.Check(report.Replay(r), nil))
		})
	}
}

// TestEveryScenarioFailsWithoutItsCheck takes each expected cause out of the
// list: what the scenario is there to notice must then go unnoticed, and the
// scenario fail.
func TestEveryScenarioFailsWithoutItsCheck(t *testing.T) {
	for s, r := range recorded(t) {
		for _, f := range s.Expect.Findings {
			t.Run(s.ID+"/"+string(f.Code), func(t *testing.T) {
				causes := slices.DeleteFunc(diagnosis.Causes(), func(c diagnosis.Cause) bool { return c.Code == f.Code })
				blind := *r
				blind.Result = diagnosis.JudgeWith(causes, r.Facts)
				assert.NotEmpty(t, s.Expect.Check(&blind, nil))
			})
		}
	}
}

// TestEveryCauseIsCaused: each cause has a scenario that expects it, or is one
// that no browser here can be brought into, and then has a symptom in the
// diagnosis's own table.
func TestEveryCauseIsCaused(t *testing.T) {
	fixturesOnly := []diagnosis.Code{"cookie.third-party-partitioned", "self.check-crashed"}
	var caused []diagnosis.Code
	for s := range recorded(t) {
		for _, f := range s.Expect.Findings {
			caused = append(caused, f.Code)
		}
		if s.Expect.Verdict == diagnosis.Clear {
			caused = append(caused, "payment.nothing-found")
		}
	}
	for _, c := range diagnosis.Causes() {
		assert.NotEqual(t, slices.Contains(fixturesOnly, c.Code), slices.Contains(caused, c.Code), c.Code)
	}
}
