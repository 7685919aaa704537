package lab

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seen is what the tests read of the vantage's answer.
type seen struct {
	Country    string
	Kind       string
	MSS        int
	TLS        string
	Candidates string
	STUN       string
	Time       int64
}

// shopperFrom returns a shopper whose connections come from the address. All of
// 127.0.0.0/8 is the machine's own on Linux.
func shopperFrom(t *testing.T, l *Lab, address string) *shopper {
	t.Helper()
	s := newShopper(t, l)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	s.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, l.Address())
	}
	return s
}

// look asks the vantage.
func (s *shopper) look(query, question string) seen {
	s.t.Helper()
	p := s.do(http.MethodPost, s.lab.origins.Diag+"/vantage"+query, http.Header{"Content-Type": {"text/plain"}}, strings.NewReader(question))
	require.Equal(s.t, http.StatusOK, p.status, p.body)
	return decode[seen](p)
}

// reflexive returns the address that the STUN server says a browser comes from;
// not valid where it keeps silent.
func reflexive(t *testing.T, uri string) netip.Addr {
	t.Helper()
	conn, err := net.Dial("udp", strings.TrimPrefix(uri, "stun:"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write(stun.MustBuild(stun.TransactionID, stun.BindingRequest).Raw)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
	buffer := make([]byte, 1500)
	n, err := conn.Read(buffer)
	if err != nil {
		return netip.Addr{}
	}
	var answer stun.Message
	require.NoError(t, stun.Decode(buffer[:n], &answer))
	var mapped stun.XORMappedAddress
	require.NoError(t, mapped.GetFrom(&answer))
	address, ok := netip.AddrFromSlice(mapped.IP)
	require.True(t, ok)
	return address.Unmap()
}

func TestUDPGoesWhereTheNetworkLetsIt(t *testing.T) {
	l := startLab(t, Options{})
	for name, test := range map[string]struct {
		from, query string
		kind        string
		candidates  string // what the vantage makes of the address that STUN gives
	}{
		"the machine's own":                      {"127.0.0.1", "", "", "same"},
		"the same, where STUN is silent":         {"127.0.0.1", "?lab-stun=silent", "", "none"},
		"past a VPN that is an extension":        {"127.71.0.1", "", "vpn", "other"},
		"past a proxy in a data centre":          {"127.71.0.2", "", "hosting", "other"},
		"nowhere from a relay":                   {"127.71.0.3", "", "relay", "none"},
		"past a proxy of a carrier's":            {"127.71.0.4", "", "mobile", "other"},
		"past a proxy in a home abroad":          {"127.71.0.5", "", "other", "other"},
		"past a company's proxy":                 {"127.71.1.1", "", "other", "other"},
		"past that VPN, whatever the query says": {"127.71.0.1", "?lab-kind=other", "vpn", "other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := shopperFrom(t, l, test.from)
			first := s.look(test.query, `{}`)
			assert.Equal(t, test.kind, first.Kind)
			assert.Empty(t, first.Candidates)
			found := "[]"
			if address := reflexive(t, first.STUN); address.IsValid() {
				found = `["` + address.String() + `"]`
			}
			assert.Equal(t, test.candidates, s.look(test.query, `{"candidates":`+found+`}`).Candidates)
		})
	}
}

func TestTheVantageNamesTheSTUNServerOfTheAddressThatItIsAskedOn(t *testing.T) {
	l := startLab(t, Options{})
	beside, err := net.ListenPacket("udp", "127.0.0.9:0")
	require.NoError(t, err)
	l.ServeSTUNOn(beside)
	askedOn := func(address string) string {
		r := httptest.NewRequest(http.MethodPost, "/vantage", nil)
		local := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
		return l.stunFor(r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local)))
	}
	assert.Equal(t, "stun:"+beside.LocalAddr().String(), askedOn("127.0.0.9:443"))
	assert.Equal(t, netip.MustParseAddr("127.0.0.1"), reflexive(t, askedOn("[::ffff:127.0.0.1]:443")))
	assert.Empty(t, askedOn("127.0.0.10:443"), "there is none")
}

func TestClosingTheLabClosesItsSTUNServers(t *testing.T) {
	l, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	uris := []string{l.stun.silent}
	for _, uri := range l.stun.local {
		uris = append(uris, uri)
	}
	require.NoError(t, l.Close())
	require.Len(t, uris, 2)
	for _, uri := range uris {
		conn, err := net.ListenPacket("udp", strings.TrimPrefix(uri, "stun:"))
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
}

func TestTheVantageSeesTheConnection(t *testing.T) {
	s := shopperFrom(t, startLab(t, Options{}), "127.0.0.1")
	direct, proxied := s.look("", `{}`), s.look("?lab-proxied=yes", `{}`)
	assert.Positive(t, direct.MSS)
	assert.Zero(t, proxied.MSS, "it is the proxy's")
}
