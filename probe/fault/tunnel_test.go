package fault_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/fault"
)

// TestABurst: what comes after a pause is counted anew, until there is too much
// of it at once.
func TestABurst(t *testing.T) {
	const pause, bytes = 250 * time.Millisecond, 100
	for name, test := range map[string]struct {
		rule   fault.Rule
		up     bool
		every  time.Duration
		sent   int // in pieces of 40
		passes int
	}{
		"small ones with pauses":          {fault.Rule{Action: fault.Stall, Bytes: bytes, Pause: pause}, false, pause, 10, 400},
		"a large one":                     {fault.Rule{Action: fault.Stall, Bytes: bytes, Pause: pause}, false, pause / 10, 10, bytes},
		"a large one, slowly":             {fault.Rule{Action: fault.Stall, Bytes: bytes, Pause: pause}, false, pause - 1, 10, bytes},
		"no pause counts":                 {fault.Rule{Action: fault.Stall, Bytes: bytes}, false, time.Hour, 10, bytes},
		"the other way":                   {fault.Rule{Action: fault.Stall, Bytes: bytes, Pause: pause}, true, 1, 10, 400},
		"towards the server":              {fault.Rule{Action: fault.Stall, Bytes: bytes, Pause: pause, Up: true}, true, 1, 10, bytes},
		"cut":                             {fault.Rule{Action: fault.Cut, Bytes: bytes, Pause: pause}, false, 1, 10, bytes},
		"cut, small ones with pauses":     {fault.Rule{Action: fault.Cut, Bytes: bytes, Pause: pause}, false, pause, 10, 400},
		"a cut leaves what is sent alone": {fault.Rule{Action: fault.Cut, Bytes: bytes, Pause: pause}, true, 1, 10, 400},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from, to := io.Pipe()
				var sender sync.WaitGroup
				defer sender.Wait()
				sender.Go(func() {
					for range test.sent {
						to.Write([]byte(strings.Repeat("x", 40)))
						time.Sleep(test.every)
					}
					to.Close()
				})
				passed, err := io.ReadAll(fault.Held(test.rule, test.up, from))
				require.NoError(t, err)
				assert.Len(t, passed, test.passes)
				from.Close() // a cut does not read on
			})
		})
	}
}

func TestACutLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		passed, err := io.ReadAll(fault.Held(fault.Rule{Action: fault.Cut, Bytes: 3, Linger: time.Second}, false, strings.NewReader("hello")))
		require.NoError(t, err)
		assert.Equal(t, "hel", string(passed))
		assert.Equal(t, time.Second, time.Since(begin))
	})
}

// TestAFlappingNetwork: of requests one after the other, some are answered and
// some are not, however often one asks.
func TestAFlappingNetwork(t *testing.T) {
	_, client := setupWith(t, fault.Options{Rest: fault.Rule{Action: fault.Flap, Turns: 4}}, hello)
	var outcomes []string
	for range 12 {
		_, err := get(client, "https://acs.issuer.test/")
		outcomes = append(outcomes, fmt.Sprint(err == nil))
	}
	series := strings.Join(outcomes, " ")
	assert.Contains(t, series, "true false")
	assert.Contains(t, series, "false true")
	assert.NotContains(t, series, strings.Repeat("true ", 5), "one in five is lost")
}
