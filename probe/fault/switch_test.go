package fault_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/fault"
)

// TestALaterFault: each begins when it is switched on, also for a connection
// that is open then, and is over when it is switched off.
func TestALaterFault(t *testing.T) {
	for name, test := range map[string]struct {
		options fault.Options
		anew    bool // connections that are open are broken, and browsers connect anew
		shows   func(*testing.T, string, error)
	}{
		"refuses":              {fault.Options{Rest: fault.Rule{Action: fault.Refuse}}, true, fails("Bad Gateway")},
		"cuts":                 {fault.Options{Rest: fault.Rule{Action: fault.Cut, Bytes: 10_000}}, false, fails("EOF")},
		"breaks":               {fault.Options{Rest: fault.Rule{Action: fault.Flap}}, false, fails("")},
		"has one sign in":      {fault.Options{Rest: fault.Rule{Action: fault.Portal, Untrusted: true}}, true, fails("unknown authority")},
		"leads elsewhere":      {fault.Options{Rest: fault.Rule{Action: fault.Elsewhere}}, true, fails("certificate is valid for www.parked.test")},
		"changes what is read": {fault.Options{Rest: fault.Rule{Action: fault.Change, Change: shorten}}, true, gets("short")},
		"stalls answers":       {fault.Options{Rest: fault.Rule{Action: fault.Stall, Bytes: 10_000}}, false, fails("Client.Timeout")},
		"stalls requests":      {fault.Options{Rest: fault.Rule{Action: fault.Stall, Bytes: 10_000, Up: true}}, false, fails("Client.Timeout")},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.Later = true
			long := strings.Repeat("long ", 20_000)
			_, client, proxy := setupProxy(t, test.options, echo)
			for range 2 {
				client.Timeout = limit
				for range 2 { // the second time on the connection of the first
					body, err := post(client, long)
					require.NoError(t, err)
					require.Equal(t, long, body)
				}
				client.Timeout = time.Second // where it stalls
				proxy.Switch(true)
				proxy.Switch(true)
				if test.anew {
					client.CloseIdleConnections()
				}
				body, err := post(client, long)
				test.shows(t, body, err)
				proxy.Switch(false)
				client.CloseIdleConnections()
			}
		})
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Write(body)
}

func shorten(r *http.Response) error {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("short")), int64(len("short"))
	return nil
}

// post posts a text, as one that is not sent a second time.
func post(client *http.Client, text string) (string, error) {
	response, err := client.Post("https://acs.issuer.test/", "text/plain", io.MultiReader(strings.NewReader(text)))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func fails(with string) func(*testing.T, string, error) {
	return func(t *testing.T, _ string, err error) { require.ErrorContains(t, err, with) }
}

func gets(want string) func(*testing.T, string, error) {
	return func(t *testing.T, body string, err error) {
		require.NoError(t, err)
		assert.Equal(t, want, body)
	}
}

func TestASlowLineBeginsOnConnectionsThatAreOpen(t *testing.T) {
	const latency = 30 * time.Millisecond
	_, client, proxy := setupProxy(t, fault.Options{Line: fault.Line{Latency: latency}, Later: true}, remotePort)
	first, err := get(client, "https://acs.issuer.test/")
	require.NoError(t, err)
	proxy.Switch(true)
	begin := time.Now()
	second, err := get(client, "https://acs.issuer.test/")
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(begin), 2*latency)
	assert.Equal(t, first, second, "the connection is the same")
}

func remotePort(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RemoteAddr) }
