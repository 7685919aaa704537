package probe_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

func TestAFaultOfATunnelHasABrowserToItself(t *testing.T) {
	tunnelled := withProfile(probe.Profile{Tunnel: "ethernet"})
	hole := withFaults(probe.Fault{Place: probe.InTunnel, Code: "black-hole-down"})
	for name, test := range map[string]struct {
		scenarios []probe.Scenario
		launches  int
	}{
		"healthy ones share theirs":      {[]probe.Scenario{healthy("a/one", tunnelled), healthy("a/two", tunnelled)}, 1},
		"each run of a failure's is new": {[]probe.Scenario{healthy("a/one", tunnelled, hole)}, 2},
		"healthy ones beside failures":   {[]probe.Scenario{healthy("a/one", tunnelled), healthy("a/two", tunnelled, hole)}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.runner.Workers, f.runner.Repeat = 2, 2
			_, err := f.runner.Run(t.Context(), test.scenarios)
			require.NoError(t, err)
			assert.Len(t, f.engine.launched, test.launches)
			f.leavesNothing(t)
		})
	}
}
