package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage"
)

// canaryCrowd is a helper that several clients ask at the same time.
type canaryCrowd struct {
	helper http.Handler
	client vantage.Client // who asks next
}

func newCanaryCrowd(t *testing.T) *canaryCrowd {
	t.Helper()
	c := &canaryCrowd{}
	helper, err := newHelper(built(t), Options{
		Helper: "https://helper.example", Client: func(*http.Request) vantage.Client { return c.client },
	})
	require.NoError(t, err)
	c.helper = helper
	return c
}

// open asks for a canary and returns the answer.
func (c *canaryCrowd) open(client vantage.Client) *http.Response {
	c.client = client
	w := httptest.NewRecorder()
	c.helper.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/acs/canary", nil))
	return w.Result()
}

// TestGreedyClientsLeaveCanariesToOthers: two addresses, and whoever comes without
// one, ask for as many as they can get.
func TestGreedyClientsLeaveCanariesToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where time passes by itself
		c := newCanaryCrowd(t)
		greedy := []vantage.Client{from("192.0.2.7", ""), from("2001:db8::1", ""), {}}
		for range 3 * 60 {
			for _, client := range greedy {
				for c.open(client).StatusCode == http.StatusOK {
				}
			}
			time.Sleep(time.Second)
		}
		assert.Equal(t, http.StatusOK, c.open(from("192.0.2.8", "")).StatusCode)
	})
}

func TestAPageReadsThatACanaryIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
		c := newCanaryCrowd(t)
		client := from("192.0.2.7", "")
		for range canariesBurst {
			require.Equal(t, http.StatusOK, c.open(client).StatusCode)
		}
		refused := c.open(client)
		assert.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
		assert.Equal(t, "*", refused.Header.Get("Access-Control-Allow-Origin"), "else the helper would seem to be blocked")
		assert.Equal(t, "1", refused.Header.Get("Retry-After"))
	})
}
