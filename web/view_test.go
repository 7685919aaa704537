package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/vantage"
)

// as makes every request that client's.
func as(client vantage.Client) func(*http.Request) vantage.Client {
	return func(*http.Request) vantage.Client { return client }
}

// from is a client of an address, in a country.
func from(address, country string) vantage.Client {
	return vantage.Client{Address: netip.MustParseAddr(address), Place: vantage.Place{Country: country}}
}

// viewed asks the vantage and returns its answer.
func viewed(t *testing.T, o Options, body string, lines ...string) answer {
	t.Helper()
	r := ask(site(t, o), "POST", "/vantage", body, lines...)
	require.Equal(t, 200, r.StatusCode)
	var a answer
	require.NoError(t, json.Unmarshal([]byte(bodyOf(t, r)), &a))
	return a
}

func TestVantage(t *testing.T) {
	proxied := from("192.0.2.7", "SE")
	proxied.Proxied = true
	tests := []struct {
		name   string
		client vantage.Client
		body   string
		lines  []string
		want   answer
	}{
		{"country and zone", from("192.0.2.7", "BR"), `{"zone":"Europe/Stockholm"}`, nil,
			answer{Country: "BR", Family: "4", ZoneCountries: []string{"SE"}}},
		{"a zone that Windows gives several countries", from("192.0.2.7", "ES"), `{"zone":"Europe/Paris"}`,
			[]string{"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"},
			answer{Country: "ES", Family: "4", ZoneCountries: []string{"BE", "DK", "ES", "FR", "MC"}}},
		{"the same zone elsewhere", from("192.0.2.7", "ES"), `{"zone":"Europe/Paris"}`, []string{"User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"},
			answer{Country: "ES", Family: "4", ZoneCountries: []string{"FR", "MC"}}},
		{"nothing is known", vantage.Client{}, `{"zone":"UTC","candidates":["192.0.2.7"]}`, nil,
			answer{ZoneCountries: []string{}}},
		{"a kind of network", vantage.Client{Place: vantage.Place{Kind: vantage.Hosting}}, `{}`, nil,
			answer{Kind: "hosting", ZoneCountries: []string{}}},
		{"an IPv6 address", from("2001:db8::1", "SE"), `{}`, nil,
			answer{Country: "SE", Family: "6", ZoneCountries: []string{}}},
		{"an IPv4 address within IPv6", from("::ffff:192.0.2.7", ""), `{}`, nil,
			answer{Family: "4", ZoneCountries: []string{}}},
		{"cookies are counted", from("192.0.2.7", "SE"), `{}`, []string{"Cookie: a=1; =; b;;", "Cookie: c=3"},
			answer{Country: "SE", Family: "4", ZoneCountries: []string{}, CookieBytes: 14, CookieCount: 4}},
		{"a proxy that tells of itself", from("192.0.2.7", ""), `{}`, []string{"Via: 1.1 x", "X-Forwarded-For: 192.0.2.9", "X-Other: 1"},
			answer{Family: "4", ZoneCountries: []string{}, ProxyHeaders: []string{"via", "x-forwarded-for"}}},
		{"a proxy of the server's own", proxied, `{}`, []string{"Via: 1.1 x", "X-Forwarded-For: 192.0.2.7"},
			answer{Country: "SE", Family: "4", ZoneCountries: []string{}}},
		{"no candidate", from("192.0.2.7", ""), `{"candidates":[]}`, nil,
			answer{Family: "4", ZoneCountries: []string{}, Candidates: "none"}},
		{"the answer to no question", from("192.0.2.7", ""), `{"candidates":null}`, nil,
			answer{Family: "4", ZoneCountries: []string{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := viewed(t, Options{Client: as(tt.client)}, tt.body, tt.lines...)
			assert.Positive(t, got.Time)
			got.Time = 0
			if !tt.client.Proxied {
				tt.want.HTTPVersion = "1.1"
			}
			if tt.want.ProxyHeaders == nil {
				tt.want.ProxyHeaders = []string{}
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestVantageIsReadableAndTimedByAnyPage(t *testing.T) {
	h := ask(site(t, Options{}), "POST", "/vantage", `{}`).Header
	assert.Equal(t, "*", h.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "*", h.Get("Timing-Allow-Origin"))
	assert.Equal(t, "no-store", h.Get("Cache-Control"))
	assert.Equal(t, "application/json", h.Get("Content-Type"))
}

func TestVantageGoesByTheConnectionsAddress(t *testing.T) {
	r := httptest.NewRequest("POST", "/vantage", strings.NewReader("{}"))
	r.RemoteAddr = "8.8.8.8:4711"
	w := httptest.NewRecorder()
	site(t, Options{}).ServeHTTP(w, r)
	assert.Contains(t, w.Body.String(), `"country":"US"`)
}

func TestCandidatesAreComparedWithinTheirFamily(t *testing.T) {
	tests := []struct {
		name       string
		address    string
		candidates []string
		want       string
	}{
		{"the same address", "192.0.2.7", []string{"192.0.2.7"}, "same"},
		{"another of the carrier's pool", "192.0.2.7", []string{"192.0.2.200"}, "same"},
		{"another network", "192.0.2.7", []string{"198.51.100.7"}, "other"},
		{"one of several", "192.0.2.7", []string{"198.51.100.7", "2001:db8::1", "192.0.2.8"}, "same"},
		{"only IPv6 to compare", "192.0.2.7", []string{"2001:db8::1"}, "other-family"},
		{"IPv6 beside another network", "192.0.2.7", []string{"198.51.100.7", "2001:db8::1"}, "other"},
		{"a privacy address of the same /64", "2001:db8::1", []string{"2001:db8::ffff:1"}, "same"},
		{"another /64", "2001:db8::1", []string{"2001:db8:0:1::1"}, "other"},
		{"only IPv4 to compare", "2001:db8::1", []string{"192.0.2.7"}, "other-family"},
		{"IPv4 within IPv6", "::ffff:192.0.2.7", []string{"::ffff:192.0.2.9"}, "same"},
		{"a link-local one with a zone", "fe80::1", []string{"fe80::2%eth0"}, "same"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"candidates": tt.candidates})
			require.NoError(t, err)
			assert.Equal(t, tt.want, viewed(t, Options{Client: as(from(tt.address, ""))}, string(body)).Candidates)
		})
	}
}

func TestVantageTellsTheTimeThatItIsGiven(t *testing.T) {
	behind := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	now := func(r *http.Request) time.Time {
		assert.Equal(t, "x", r.URL.Query().Get("clock"))
		return behind
	}
	r := ask(site(t, Options{Now: now}), "POST", "/vantage?clock=x", `{}`)
	var got struct{ Time int64 }
	require.NoError(t, json.Unmarshal([]byte(bodyOf(t, r)), &got))
	assert.Equal(t, behind.UnixMilli(), got.Time)
}

func TestVantageNamesTheSTUNServer(t *testing.T) {
	got := viewed(t, Options{STUN: vantage.STUNAt(3478)}, `{}`)
	assert.Equal(t, "stun:example.com:3478", got.STUN)
}

func TestVantageNeverTellsTheAddress(t *testing.T) {
	for address, family := range map[string]string{"91.64.0.1": "4", "2003::1": "6"} {
		t.Run(address, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where no token comes back meanwhile
				h := site(t, Options{})
				asked := func(body string) *http.Response {
					r := httptest.NewRequest("POST", "/vantage", strings.NewReader(body))
					r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(address), 4711).String()
					r.Header.Set("X-Forwarded-For", address)
					r.Header.Set("Cookie", "a="+address)
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					return w.Result()
				}
				untold := func(r *http.Response) string {
					body := bodyOf(t, r)
					assert.NotContains(t, body, address)
					for name, values := range r.Header {
						assert.NotContains(t, strings.Join(values, " "), address, name)
					}
					return body
				}
				good := `{"zone":"` + address + `","candidates":["` + address + `"]}`
				told := asked(good)
				require.Equal(t, http.StatusOK, told.StatusCode)
				var a answer
				require.NoError(t, json.Unmarshal([]byte(untold(told)), &a))
				assert.Equal(t, family, a.Family, "the address is known")
				assert.Equal(t, "same", a.Candidates, "and held against the candidate's")

				wrong := asked(`{"candidates":["` + address + `","x"]}`)
				assert.Equal(t, http.StatusBadRequest, wrong.StatusCode)
				assert.NotEmpty(t, untold(wrong))

				refusal := asked(good)
				for range limitBurst {
					refusal = asked(good)
				}
				require.Equal(t, http.StatusTooManyRequests, refusal.StatusCode)
				assert.NotEmpty(t, untold(refusal))
			})
		})
	}
}

func TestVantageRefusesOtherQuestions(t *testing.T) {
	h := site(t, Options{})
	for _, body := range []string{
		"", "zone", `{"zone":7}`, `{"zone":"` + strings.Repeat("x", maxQuestion) + `"}`,
		`{"candidates":["x.local"]}`, `{"candidates":[""]}`, `{"candidates":"192.0.2.7"}`, `{"candidates":[null]}`,
		`{"candidates":[` + strings.Repeat(`"192.0.2.7",`, maxCandidates) + `"192.0.2.7"]}`,
	} {
		r := ask(h, "POST", "/vantage", body)
		assert.Equal(t, 400, r.StatusCode, body)
		assert.Equal(t, "*", r.Header.Get("Access-Control-Allow-Origin"), "the page must be able to read why")
	}
	assert.Equal(t, 405, ask(h, "GET", "/vantage", "").StatusCode)
}

// handshake returns the context of a request that came over TLS, in which the
// connection and its ClientHello are remembered.
func handshake(t testing.TB) context.Context {
	t.Helper()
	remembered := make(chan context.Context, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		remembered <- context.WithoutCancel(r.Context())
	}))
	server.Config.ConnContext, server.TLS = vantage.ConnContext, vantage.TLSConfig(&tls.Config{})
	server.StartTLS()
	t.Cleanup(server.Close)
	answer, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return <-remembered
}

// FuzzVantage sends whatever can stand in a request. Every one is answered, no
// answer tells more than its fields may hold, and none tells of a proxy's
// connection.
func FuzzVantage(f *testing.F) {
	f.Add("Via", "1.1 proxy", "Mozilla/5.0 Chrome/130.0", "doctor.example", `{"zone":"Europe/Berlin","candidates":["192.0.2.7"]}`, "192.0.2.7:1", false)
	f.Add("Via", "1.1 proxy", "Mozilla/5.0 Chrome/130.0", "doctor.example", `{"zone":"Europe/Berlin","candidates":["192.0.2.7"]}`, "192.0.2.7:1", true)
	f.Add("Cookie", "a=1;;=; \x00", "Version/ Chrome/99999999999999999999", "[::1]:80", `{"candidates":[]}`, "[fe80::1%eth0]:1", false)
	f.Add("X-Forwarded-For", "\xff, 1.2.3.4", "Firefox/", "\"\\<", `{"candidates":["::ffff:1.2.3.4","fe80::1%\u0000"]}`, "@", true)
	f.Add("", "", "", "", `{"zone":"\ud800"}`, "", false)
	v := view{stun: vantage.STUNAt(3478), now: Options{}.complete().Now}
	ctx := handshake(f)
	f.Fuzz(func(t *testing.T, name, value, agent, host, body, remote string, proxied bool) {
		r := httptest.NewRequest("POST", "/vantage", strings.NewReader(body)).WithContext(ctx)
		r.Header[name] = []string{value, value}
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		r.Header.Set("User-Agent", agent)
		r.Host, r.RemoteAddr = host, remote
		client := vantage.Finder{}.Find(r)
		client.Proxied = client.Proxied || proxied
		w := httptest.NewRecorder()
		v.serve(w, r, client)
		if w.Code == http.StatusBadRequest {
			return
		}
		require.Equal(t, http.StatusOK, w.Code)
		var a answer
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a))
		assert.Contains(t, []string{"", "none", "same", "other", "other-family"}, a.Candidates)
		assert.Contains(t, []string{"", "4", "6"}, a.Family)
		assert.Contains(t, []vantage.Handshake{"", vantage.Own, vantage.Replaced}, a.TLS)
		for _, country := range append(a.ZoneCountries, a.Country) {
			assert.True(t, country == "" || len(country) == 2, country)
		}
		if client.Proxied {
			connection := answer{MSS: a.MSS, PathMTU: a.PathMTU, RTTMicros: a.RTTMicros, HTTPVersion: a.HTTPVersion, TLS: a.TLS, ProxyHeaders: a.ProxyHeaders}
			assert.Equal(t, answer{ProxyHeaders: []string{}}, connection)
		} else {
			assert.Equal(t, "1.1", a.HTTPVersion)
		}
	})
}

// TestVantageRemembersTheHandshake keeps FuzzVantage from being empty.
func TestVantageRemembersTheHandshake(t *testing.T) {
	v := view{stun: vantage.STUNAt(3478), now: Options{}.complete().Now}
	r := httptest.NewRequest("POST", "/vantage", nil).WithContext(handshake(t))
	r.Header.Set("User-Agent", "Mozilla/5.0 Chrome/130.0")
	assert.Equal(t, vantage.Replaced, v.answer(r, from("192.0.2.7", ""), question{}).TLS)
	assert.Empty(t, v.answer(r, vantage.Client{Proxied: true}, question{}).TLS)
}
