package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/fault"
	"checkoutdoctor/probe/lab"
)

func TestBuiltInScenariosAreSound(t *testing.T) {
	scenarios, err := builtInScenarios()
	require.NoError(t, err)
	require.NoError(t, probe.Unique(scenarios))
	assert.GreaterOrEqual(t, len(scenarios), 21)
	for _, s := range scenarios {
		assert.Contains(t, s.Tags, s.Family(), "%s: its family is a tag", s.ID)
	}
}

// TestEveryFaultHasAScenarioThatFindsItsCause holds the lists of faults and of
// scenarios together: a fault gives its cause, and is not there for nothing.
func TestEveryFaultHasAScenarioThatFindsItsCause(t *testing.T) {
	scenarios, err := builtInScenarios()
	require.NoError(t, err)
	for _, f := range knownFaults() {
		i := slices.IndexFunc(scenarios, func(s probe.Scenario) bool { return slices.Contains(s.Faults, f) })
		if !assert.GreaterOrEqual(t, i, 0, "%s fault %s: no scenario has it", f.Place, f.Code) || f.Gives == "" {
			continue
		}
		finds := func(e probe.ExpectedFinding) bool { return e.Code == f.Gives }
		assert.True(t, slices.ContainsFunc(scenarios[i].Expect.Findings, finds), "%s: does not expect %s", scenarios[i].ID, f.Gives)
	}
}

func TestFaultsAreThoseOfLabNetworkAndBrowser(t *testing.T) {
	assert.Len(t, knownFaults(), len(lab.Faults())+len(fault.All()))
	for _, f := range knownFaults() {
		assert.NotEmpty(t, f.Place, f.Code)
		if f.Extension != "" {
			assert.Contains(t, fault.Extensions{}.Names(), f.Extension)
		}
	}
	assert.Equal(t, lab.DefaultCard, probe.DefaultCard)
}
