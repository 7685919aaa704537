package chrome_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/tunnel"
	"checkoutdoctor/web/vantage"
)

// tunnelWay is a link at whose other end the test's sites answer.
type tunnelWay struct {
	*tunnel.Link
	address string
}

func (w tunnelWay) Lead(string) string { return w.address }

// openWay opens a link, and lets the sites answer on it.
func openWay(ctx context.Context, name string) (chrome.Way, error) {
	link, err := tunnel.Open(name)
	if err != nil {
		return nil, err
	}
	const https = 443
	listener, err := link.Listen(ctx, https)
	if err != nil {
		return nil, errors.Join(err, link.Close())
	}
	go sites.server.Config.Serve(tls.NewListener(listener, sites.server.TLS))
	return tunnelWay{link, listener.Addr().String()}, nil
}

// tunnelled launches a browser in the tunnel, or skips the test where the machine
// does not allow it. The way is that of the browser.
func tunnelled(t *testing.T, p probe.Profile) (b probe.Browser, w tunnelWay) {
	t.Helper()
	b, err := chrome.New(chrome.Options{
		Address: sites.address(), Elsewhere: map[string]string{"nowhere.two.test": ""}, CAPEM: sites.capem,
		Tunnel: func(ctx context.Context, name string) (chrome.Way, error) {
			opened, err := openWay(ctx, name)
			if err == nil {
				w = opened.(tunnelWay)
			}
			return opened, err
		},
	}).Launch(timed(t), p)
	if unsupported, ok := errors.AsType[*probe.UnsupportedError](err); ok {
		t.Skip(unsupported)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b, w
}

func TestAPageIsLoadedThroughTheTunnel(t *testing.T) {
	for name, address := range map[string]string{"ethernet": "198.18.0.2", "wireguard-1420": "198.18.0.2", "ipv6": "2001:db8::2"} {
		t.Run(name, func(t *testing.T) {
			from := make(chan string, 10)
			top := serve(t, name+".one.test", func(w http.ResponseWriter, r *http.Request) {
				from <- r.RemoteAddr
				html("through the tunnel")(w, r)
			})
			b, _ := tunnelled(t, probe.Profile{Tunnel: name})
			p := newPage(t, b, probe.ContextOptions{})
			require.NoError(t, p.Open(timed(t), top+"/"))
			host, _, err := net.SplitHostPort(<-from)
			require.NoError(t, err)
			assert.Equal(t, address, host)
			assert.Equal(t, "through the tunnel", eval[string](t, p, "document.body.innerText"))
			assert.True(t, eval[bool](t, p, "navigator.onLine"))
			assert.True(t, eval[bool](t, p, `fetch("https://nowhere.two.test/", {mode: "no-cors"}).then(() => false, () => true)`))
		})
	}
}

func TestALargeAnswerStallsInATunnelThatFails(t *testing.T) {
	const large = 64 << 10
	top := serve(t, "stall.one.test", func(w http.ResponseWriter, r *http.Request) {
		if size, err := strconv.Atoi(r.FormValue("bytes")); err == nil {
			w.Write(make([]byte, size))
			return
		}
		html("")(w, r)
	})
	b, _ := tunnelled(t, probe.Profile{Tunnel: "wireguard-1280"})
	p := newPage(t, b, probe.ContextOptions{})
	require.NoError(t, p.Open(timed(t), top+"/"))
	bytes := func(n int) string {
		return eval[string](t, p, fmt.Sprintf(`fetch("/?bytes=%d", {signal: AbortSignal.timeout(1000)}).then(r => r.text())
			.then(text => String(text.length), error => error.name)`, n))
	}
	assert.Equal(t, strconv.Itoa(large), bytes(large))
	require.NoError(t, p.SwitchTunnel("black-hole-down", true))
	assert.Equal(t, "100", bytes(100))
	assert.Equal(t, "TimeoutError", bytes(large))
	require.NoError(t, p.SwitchTunnel("black-hole-down", false))
	assert.Equal(t, strconv.Itoa(large), bytes(large))
	require.Error(t, p.SwitchTunnel("sunset", true))
}

func TestWithoutATunnelThereIsNone(t *testing.T) {
	_, err := launcher.Launch(timed(t), probe.Profile{Tunnel: "ethernet"})
	unsupported, ok := errors.AsType[*probe.UnsupportedError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "the tunnel ethernet", unsupported.What)
	p := newPage(t, shared, probe.ContextOptions{})
	require.EqualError(t, p.SwitchTunnel("black-hole-up", true), "without a tunnel there is no fault black-hole-up")
}

// jsReflexive is the address that the STUN server at %s gives, or "none". That
// there are no more candidates is not said for a long time where one of the IP
// versions leads nowhere.
const jsReflexive = `new Promise(resolve => {
	const connection = new RTCPeerConnection({iceServers: [{urls: %q}]})
	connection.onicecandidate = ({candidate}) => {
		if (!candidate) resolve("none")
		else if (candidate.type === "srflx") resolve(candidate.candidate.split(" ")[4])
	}
	connection.createDataChannel("")
	connection.createOffer().then(offer => connection.setLocalDescription(offer))
})`

func TestSTUNTellsTheBrowsersAddress(t *testing.T) {
	for name, test := range map[string]struct{ tunnel, want string }{
		"on the loopback":   {"", "127.0.0.1"},
		"on Ethernet":       {"ethernet", "198.18.0.2"},
		"in a VPN":          {"wireguard-1420", "198.18.0.2"},
		"where all is IPv6": {"ipv6", "2001:db8::2"},
	} {
		t.Run(name, func(t *testing.T) {
			b, w := tunnelled(t, probe.Profile{Tunnel: test.tunnel})
			var packets net.PacketConn
			var err error
			if test.tunnel == "" {
				packets, err = net.ListenPacket("udp", "127.0.0.1:0")
			} else {
				packets, err = w.ListenPacket(t.Context(), 0)
			}
			require.NoError(t, err)
			go vantage.ServeSTUN(t.Context(), packets)
			defer packets.Close()
			host := "stun" + strconv.Itoa(len(name)) + ".one.test"
			p := newPage(t, b, probe.ContextOptions{})
			require.NoError(t, p.Open(timed(t), serve(t, host, html(""))+"/"))
			assert.Equal(t, test.want, eval[string](t, p, fmt.Sprintf(jsReflexive, "stun:"+packets.LocalAddr().String())))
		})
	}
}

func TestNothingIsLeftOfABrowserInATunnel(t *testing.T) {
	b, w := tunnelled(t, probe.Profile{Tunnel: "wireguard-1420"})
	pid, dir := chrome.PID(b), chrome.Dir(b)
	space, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/net")
	require.NoError(t, err)
	own, err := os.Readlink("/proc/self/ns/net")
	require.NoError(t, err)
	assert.NotEqual(t, own, space)
	require.NoError(t, b.Close())
	requireNothingLeft(t, pid, dir)
	_, err = w.Listen(t.Context(), 0)
	require.ErrorContains(t, err, "closed", "the link goes with it")
}
