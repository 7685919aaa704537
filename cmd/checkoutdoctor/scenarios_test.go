package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/fault"
	"checkoutdoctor/probe/lab"
	"checkoutdoctor/probe/tunnel"
	"checkoutdoctor/web/vantage"
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
		finds := func(s probe.Scenario) bool {
			return slices.Contains(s.Faults, f) && (f.Gives == "" ||
				slices.ContainsFunc(s.Expect.Findings, func(e probe.ExpectedFinding) bool { return e.Code == f.Gives }))
		}
		assert.True(t, slices.ContainsFunc(scenarios, finds), "%s fault %s: no scenario has it and expects %q", f.Place, f.Code, f.Gives)
	}
}

// TestHealthyScenariosDiffer: sixty that are one another's doubles would show no
// more than one does.
func TestHealthyScenariosDiffer(t *testing.T) {
	scenarios, err := builtInScenarios()
	require.NoError(t, err)
	first := make(map[string]string) // by all that a payment depends on
	for _, s := range scenarios {
		if s.Family() != "healthy" {
			continue
		}
		var faults []string
		for _, f := range s.Faults {
			faults = append(faults, string(f.Place)+" "+f.Code)
		}
		key := fmt.Sprintf("%+v %+v %q %s %t %d %t %s %s %s %s %s %s", s.Profile, s.Device, faults, s.Mode, s.Pay, s.Tabs, s.Warm, s.Card,
			s.TimeZone, s.Country, s.AddressKind, s.Locale, s.UserAgent)
		assert.Empty(t, first[key], "%s is the same", s.ID)
		first[key] = s.ID
	}
	assert.GreaterOrEqual(t, len(first), 60)
}

// TestSharedZonesAreShared: what is named so must be so in the vantage's data.
func TestSharedZonesAreShared(t *testing.T) {
	scenarios, err := builtInScenarios()
	require.NoError(t, err)
	shared := 0
	for _, s := range scenarios {
		if !strings.HasSuffix(s.ID, "-shared") {
			continue
		}
		shared++
		countries := vantage.ZoneCountries(s.TimeZone, false)
		assert.GreaterOrEqual(t, len(countries), 2, s.ID)
		assert.Contains(t, countries, s.Country, s.ID)
	}
	assert.Positive(t, shared)
}

func TestFaultsAreThoseOfEveryPlace(t *testing.T) {
	assert.Len(t, knownFaults(), len(lab.Faults())+len(fault.All())+len(tunnel.Faults()))
	for _, f := range knownFaults() {
		assert.NotEmpty(t, f.Place, f.Code)
		if f.Extension != "" {
			assert.Contains(t, fault.Extensions{}.Names(), f.Extension)
		}
	}
	assert.Equal(t, lab.DefaultCard, probe.DefaultCard)
}
