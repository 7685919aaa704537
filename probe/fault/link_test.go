package fault_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/fault"
)

// A slow line cannot be faster than its numbers say; how much slower it is on a
// busy machine, no test asks.
func TestASlowLineHoldsBackWhatPasses(t *testing.T) {
	const size, bandwidth, latency = 20_000, 100_000, 20 * time.Millisecond
	long := strings.Repeat("x", size)
	tests := map[string]struct {
		line  fault.Line
		calls int // at once, on a connection each
		least time.Duration
	}{
		"latency, of a connection's turns": {fault.Line{Latency: latency}, 1, 6 * latency}, // TCP, TLS, HTTP
		"bandwidth":                        {fault.Line{Bandwidth: bandwidth}, 1, time.Second * size / bandwidth},
		"bandwidth, shared":                {fault.Line{Bandwidth: bandwidth}, 2, time.Second * 2 * size / bandwidth},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, client := setupWith(t, fault.Options{Line: test.line}, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, long) })
			begin := time.Now()
			var calls sync.WaitGroup
			for range test.calls {
				calls.Go(func() {
					body, err := get(client, "https://any.issuer.test/")
					assert.NoError(t, err)
					assert.Equal(t, long, body, "it comes whole")
				})
			}
			calls.Wait()
			assert.GreaterOrEqual(t, time.Since(begin), test.least)
		})
	}
}

func TestASlowLineHoldsBackWhatIsSent(t *testing.T) {
	const size, bandwidth = 20_000, 100_000
	var got int64
	_, client := setupWith(t, fault.Options{Line: fault.Line{Bandwidth: bandwidth}}, func(_ http.ResponseWriter, r *http.Request) {
		got, _ = io.Copy(io.Discard, r.Body)
	})
	begin := time.Now()
	response, err := client.Post("https://any.issuer.test/", "text/plain", strings.NewReader(strings.Repeat("x", size)))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.EqualValues(t, size, got)
	assert.GreaterOrEqual(t, time.Since(begin), time.Second*size/bandwidth)
}

// endless is a side that never stops sending.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestASlowLineEndsWhereNobodyTakesWhatComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone, other := io.Pipe()
		require.NoError(t, gone.Close())
		require.ErrorIs(t, fault.Copy(t.Context(), fault.Line{Latency: time.Millisecond}, other, endless{}), io.ErrClosedPipe) // else all of it waits for ever
	})
}

func TestASlowLineIsOfTheRuleToo(t *testing.T) {
	rules := map[string]fault.Rule{"acs.issuer.test": {Action: fault.Refuse}}
	_, client := setupWith(t, fault.Options{Line: fault.Line{Latency: time.Millisecond}, Rules: rules}, hello)
	_, err := get(client, "https://acs.issuer.test/")
	assert.ErrorContains(t, err, "Bad Gateway")
}
