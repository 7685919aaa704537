package tunnel_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/tunnel"
	"checkoutdoctor/web/vantage"
)

// limit bounds a single step. It is far above what a step takes.
const limit = 20 * time.Second

// open opens the link until the test ends, or skips the test where the machine
// does not allow it.
func open(t *testing.T, name string) *tunnel.Link {
	t.Helper()
	l, err := tunnel.Open(name)
	if unsupported, ok := errors.AsType[*probe.UnsupportedError](err); ok {
		t.Skip(unsupported)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// serve answers every connection to the server's end with what handle does.
func serve(t *testing.T, l *tunnel.Link, handle func(*net.TCPConn)) net.Addr {
	t.Helper()
	listener, err := l.Listen(t.Context(), 0)
	require.NoError(t, err)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go handle(c.(*net.TCPConn))
		}
	}()
	return listener.Addr()
}

// dial connects from the client's end.
func dial(t *testing.T, l *tunnel.Link, to net.Addr) *net.TCPConn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var c net.Conn
	require.NoError(t, l.Do(func() (err error) {
		c, err = new(net.Dialer).DialContext(ctx, "tcp", to.String())
		return err
	}))
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(limit)))
	return c.(*net.TCPConn)
}

func echo(c *net.TCPConn) {
	defer c.Close()
	_, _ = io.Copy(c, c)
}

func TestTheServerSeesTheTunnelsSegmentSize(t *testing.T) {
	for name, want := range map[string]int{
		"ethernet": 1460, "wireguard-1420": 1380, "wireguard-1280": 1240, "mobile": 1400, "satellite": 1460, "satellite-twice": 1460, "pppoe": 1452, "ipv6": 1440,
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, name)
			listener, err := l.Listen(t.Context(), 0)
			require.NoError(t, err)
			sizes := make(chan int, 1)
			server := http.Server{ConnContext: vantage.ConnContext, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				sizes <- vantage.ConnectionOf(r).MSS
			})}
			defer server.Close()
			go server.Serve(listener)
			_, err = dial(t, l, listener.Addr()).Write([]byte("GET / HTTP/1.0\r\n\r\n"))
			require.NoError(t, err)
			assert.Equal(t, want, <-sizes)
		})
	}
}

func TestEveryLinkIsTested(t *testing.T) {
	assert.ElementsMatch(t, probe.Tunnels(), tunnel.Names())
}

func TestALargeTransferPassesBothWays(t *testing.T) {
	sent := make([]byte, 1<<20)
	rand.Read(sent)
	for _, name := range tunnel.Names() {
		t.Run(name, func(t *testing.T) {
			l := open(t, name)
			c := dial(t, l, serve(t, l, echo))
			go func() {
				_, _ = c.Write(sent)
				_ = c.CloseWrite()
			}()
			got, err := io.ReadAll(c)
			require.NoError(t, err)
			assert.True(t, string(sent) == string(got), "what came back is not what was sent")
		})
	}
}

func TestARoundTripTakesItsTime(t *testing.T) {
	for name, bounds := range map[string]struct{ least, most time.Duration }{
		"mobile":         {300 * time.Millisecond, limit},
		"ethernet":       {0, 300 * time.Millisecond},
		"wireguard-1420": {0, 300 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, name)
			c := dial(t, l, serve(t, l, echo))
			best := limit
			for range 3 {
				began := time.Now()
				require.NoError(t, exchange(c, 1))
				best = min(best, time.Since(began))
			}
			assert.GreaterOrEqual(t, best, bounds.least)
			assert.Less(t, best, bounds.most)
		})
	}
}

// exchange sends so many bytes and waits for them to come back.
func exchange(c net.Conn, bytes int) error {
	if _, err := c.Write(make([]byte, bytes)); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, bytes))
	return err
}

func TestABlackHoleSwallowsLargePacketsInItsDirectionOnly(t *testing.T) {
	const large, small = 64 << 10, 100
	for _, name := range []string{"ethernet", "wireguard-1420", "wireguard-1280", "ipv6"} {
		for _, f := range tunnel.Faults() {
			t.Run(name+" "+f.Code, func(t *testing.T) {
				l := open(t, name)
				drained := make(chan int64, 1)
				echoes, sink, source := serve(t, l, echo),
					serve(t, l, func(c *net.TCPConn) {
						n, _ := io.Copy(io.Discard, c)
						drained <- n
					}),
					serve(t, l, func(c *net.TCPConn) {
						defer c.Close()
						_, _ = io.ReadFull(c, make([]byte, 1))
						_, _ = c.Write(make([]byte, large))
					})
				c, up, down := dial(t, l, echoes), dial(t, l, sink), dial(t, l, source)
				require.NoError(t, exchange(c, large), "all passes before")

				require.NoError(t, l.Switch(f.Code, true))
				_, err := up.Write(make([]byte, large))
				require.NoError(t, err)
				_, err = down.Write(make([]byte, 1))
				require.NoError(t, err)
				for range 100 {
					require.NoError(t, exchange(c, small))
				}
				passing, stalled := up, down
				if f.Code == "black-hole-up" {
					passing, stalled = down, up
				}
				requireProgress(t, passing, passing == up, drained, large)
				requireNone(t, stalled, stalled == up, drained)

				require.NoError(t, l.Switch(f.Code, false))
				require.NoError(t, exchange(dial(t, l, echoes), large), "all passes again")
			})
		}
	}
}

// requireProgress waits until all of a large transfer has come through.
func requireProgress(t *testing.T, c *net.TCPConn, up bool, drained <-chan int64, size int) {
	t.Helper()
	if !up {
		_, err := io.ReadFull(c, make([]byte, size))
		require.NoError(t, err)
		return
	}
	require.NoError(t, c.CloseWrite())
	assert.EqualValues(t, size, <-drained)
}

// requireNone checks that nothing of a large transfer has come through, or its
// first bytes at most.
func requireNone(t *testing.T, c *net.TCPConn, up bool, drained <-chan int64) {
	t.Helper()
	if up {
		assert.Empty(t, drained)
		require.NoError(t, c.SetLinger(0))
		require.NoError(t, c.Close())
		assert.Less(t, <-drained, int64(tunnel.LargestPassed))
		return
	}
	require.NoError(t, c.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	n, err := io.ReadFull(c, make([]byte, tunnel.LargestPassed))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "%d bytes came", n)
}

func TestDatagramsPass(t *testing.T) {
	l := open(t, "wireguard-1280")
	server, err := l.ListenPacket(t.Context(), 0)
	require.NoError(t, err)
	var client net.Conn
	require.NoError(t, l.Do(func() (err error) {
		client, err = net.Dial("udp", server.LocalAddr().String())
		return err
	}))
	defer client.Close()
	text := make([]byte, 10)
	var n int
	var from net.Addr
	require.EventuallyWithT(t, func(c *assert.CollectT) { // one that is sent before the tunnel's handshake may be lost
		_, err := client.Write([]byte("hello"))
		require.NoError(c, err)
		require.NoError(c, server.SetReadDeadline(time.Now().Add(limit/100)))
		n, from, err = server.ReadFrom(text)
		require.NoError(c, err)
	}, limit, limit/1000)
	assert.Equal(t, "hello", string(text[:n]))
	assert.Equal(t, "198.18.0.2", netip.MustParseAddrPort(from.String()).Addr().String())
}

// TestNothingIsLeftOfALink opens one with connections in both directions and
// packets on their way.
func TestNothingIsLeftOfALink(t *testing.T) {
	warm := open(t, "wireguard-1420") // what the runtime keeps for good is there now
	require.NoError(t, warm.Close())
	for _, name := range []string{"ethernet", "wireguard-1420", "mobile"} {
		t.Run(name, func(t *testing.T) {
			files := openFiles(t)
			l, err := tunnel.Open(name)
			require.NoError(t, err)
			spaces := tunnel.Namespaces(l)
			c := dial(t, l, serve(t, l, echo))
			require.NoError(t, exchange(c, 1))
			_, err = c.Write(make([]byte, 64<<10))
			require.NoError(t, err)
			devices := devicesOf(t, l)
			require.Len(t, devices(), 2)

			require.NoError(t, l.Close())
			assert.Equal(t, []string{"lo"}, devices())
			require.NoError(t, l.Close(), "closing again does nothing")
			require.NoError(t, c.Close())
			devices = nil
			require.Eventually(t, func() bool { return len(threadsIn(spaces)) == 0 }, limit, limit/1000)
			require.Eventually(t, func() bool {
				return !strings.Contains(stacks(), "wireguard/") && !strings.Contains(stacks(), "/tunnel.")
			}, limit, limit/1000)
			require.EventuallyWithT(t, func(t *assert.CollectT) {
				runtime.GC() // the test's own look at the devices ends with it
				assert.ElementsMatch(t, files, openFiles(t))
			}, limit, limit/1000)
			_, err = l.Listen(t.Context(), 0)
			require.Error(t, err)
		})
	}
}

// stacks returns what every goroutine does and where it began.
func stacks() string {
	const most = 1 << 20 // bytes
	text := make([]byte, most)
	return string(text[:runtime.Stack(text, true)])
}

// openFiles lists what the process's open files are, but for pipes: copying
// between connections keeps some in store, and a link has none.
func openFiles(t require.TestingT) []string {
	links, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	var files []string
	for _, link := range links {
		if file, err := os.Readlink(link); err == nil {
			if kind, _, _ := strings.Cut(file, ":["); kind != "pipe" { // each socket has a number of its own
				files = append(files, kind)
			}
		}
	}
	return files
}

// threadsIn lists the threads that are in one of the namespaces.
func threadsIn(spaces []string) []string {
	links, _ := filepath.Glob("/proc/self/task/*/ns/net")
	var threads []string
	for _, link := range links {
		space, _ := os.Readlink(link) // a thread may be gone by now
		for _, s := range spaces {
			if s == space {
				threads = append(threads, link)
			}
		}
	}
	return threads
}

func TestWhatRunsAtTheClientsEndIsThere(t *testing.T) {
	l := open(t, "pppoe")
	var out []byte
	require.NoError(t, l.Do(func() (err error) {
		out, err = exec.Command("cat", "/proc/net/dev").Output()
		return err
	}))
	assert.Contains(t, string(out), "eth0:")
	assert.Equal(t, 4, strings.Count(string(out), "\n"), "the loopback, the device, and a head of two lines: %s", out)
}

func TestAnUnknownNameIsAnError(t *testing.T) {
	_, err := tunnel.Open("carrier-pigeon")
	require.EqualError(t, err, "there is no tunnel carrier-pigeon")
	require.EqualError(t, open(t, "ethernet").Switch("sunset", true), "there is no tunnel fault sunset")
}

// TestWithoutTheRightsItIsNotPossible starts this test again as nobody.
func TestWithoutTheRightsItIsNotPossible(t *testing.T) {
	const asked = "TEST_TUNNEL_AS_NOBODY"
	if os.Getenv(asked) != "" {
		_, err := tunnel.Open("ethernet")
		unsupported, ok := errors.AsType[*probe.UnsupportedError](err)
		fmt.Printf("%t %v\n", ok, unsupported)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("only root can become nobody")
	}
	const nobody = 65534
	again := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^"+t.Name()+"$")
	again.Env = []string{asked + "=1"}
	again.Dir = "/"
	again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := again.CombinedOutput()
	require.NoError(t, err, "%s", out)
	line, _, _ := strings.Cut(string(out), "\n")
	assert.Equal(t, "true the tunnel ethernet is not possible here: make a network namespace: unshare: operation not permitted; "+
		"it needs Linux, the rights of root and /dev/net/tun", line)
}

// devicesOf returns what lists the devices at the client's end, also when the
// link is closed.
func devicesOf(t *testing.T, l *tunnel.Link) func() []string {
	t.Helper()
	var handle *netlink.Handle
	require.NoError(t, l.Do(func() (err error) {
		handle, err = netlink.NewHandle(unix.NETLINK_ROUTE)
		return err
	}))
	return func() []string {
		links, err := handle.LinkList()
		require.NoError(t, err)
		var names []string
		for _, link := range links {
			names = append(names, link.Attrs().Name)
		}
		return slices.Sorted(slices.Values(names))
	}
}
