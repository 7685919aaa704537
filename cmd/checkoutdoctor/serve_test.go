package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

// serving runs serve until the test ends, and returns its addresses.
func serving(t *testing.T, servers int, args ...string) []string {
	t.Helper()
	ctx, interrupt := context.WithCancel(context.Background())
	printed := make(lineWriter, servers)
	ended := make(chan int, 1)
	go func() { ended <- runUntil(ctx, append([]string{"serve"}, args...), printed, os.Stderr) }()
	t.Cleanup(func() {
		interrupt()
		assert.Equal(t, probe.ExitOK, <-ended)
	})
	var addresses []string
	for range servers {
		var line string
		select {
		case line = <-printed:
		case code := <-ended:
			ended <- code
			require.FailNow(t, "serve ended before it served")
		}
		address, ok := strings.CutPrefix(strings.TrimSpace(line), "serving on http://")
		require.True(t, ok)
		addresses = append(addresses, address)
	}
	return addresses
}

func get(t *testing.T, address, host, path string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	require.NoError(t, err)
	request.Host = host
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	return response.StatusCode
}

func TestServeTellsTheSitesApartByHost(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--helper", "https://helper.example")[0]
	assert.Equal(t, http.StatusOK, get(t, address, "doctor.example", "/control?nonce=1"))
	assert.Equal(t, http.StatusNotFound, get(t, address, "helper.example", "/control?nonce=1"))
	assert.Equal(t, http.StatusOK, get(t, address, "helper.example", "/helper/echo?nonce=1"))
	assert.Equal(t, http.StatusNotFound, get(t, address, "doctor.example", "/helper/echo?nonce=1"))
}

func TestServeHasTheCanaryOnTheHelper(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--helper", "https://helper.example")[0]
	assert.Equal(t, http.StatusOK, get(t, address, "helper.example", "/acs/assets/canary.js"))
	assert.Equal(t, http.StatusNotFound, get(t, address, "doctor.example", "/acs/assets/canary.js"))
}

func TestServeGivesTheHelperAnAddressOfItsOwn(t *testing.T) {
	addresses := serving(t, 2, "--listen", "127.0.0.1:0", "--helper", "https://helper.example", "--helper-listen", "127.0.0.1:0")
	assert.Equal(t, http.StatusOK, get(t, addresses[0], addresses[0], "/control?nonce=1"))
	assert.Equal(t, http.StatusOK, get(t, addresses[1], addresses[1], "/helper/echo?nonce=1"))
	assert.Equal(t, http.StatusNotFound, get(t, addresses[1], addresses[1], "/control?nonce=1"))
}

func TestServeWithoutAHelperHasNone(t *testing.T) {
	address := serving(t, 1, "--listen", "127.0.0.1:0")[0]
	assert.Equal(t, http.StatusOK, get(t, address, address, "/"))
	assert.Equal(t, http.StatusNotFound, get(t, address, address, "/helper/echo?nonce=1"))
}
