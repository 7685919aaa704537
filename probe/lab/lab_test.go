package lab

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

func TestOptionsThatCannotWork(t *testing.T) {
	for symptom, tt := range map[string]struct {
		o   Options
		err string
	}{
		"all interfaces":      {Options{Listen: "0.0.0.0:0"}, `"0.0.0.0:0" is no loopback address with a port`},
		"no port":             {Options{Listen: "127.0.0.1"}, `"127.0.0.1" is no loopback address`},
		"name":                {Options{Listen: "example.com:443"}, `"example.com:443" is no loopback address`},
		"negative time scale": {Options{TimeScale: -1}, "time scale -1 is negative"},
	} {
		t.Run(symptom, func(t *testing.T) {
			_, err := Start(t.Context(), tt.o)
			assert.ErrorContains(t, err, "starting the lab: "+tt.err)
		})
	}
}

func TestPortThatIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	for _, plain := range []bool{false, true} {
		_, err = Start(t.Context(), Options{Listen: taken.Addr().String(), PlainHTTPLocalhost: plain})
		require.ErrorContains(t, err, "starting the lab: listening on "+taken.Addr().String())
	}
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing is left of the attempt")
}

func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	l, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	s := newShopper(t, l)
	hanging := startHanging(s)
	<-hanging.asked

	require.NoError(t, l.Close())
	require.Error(t, <-hanging.ended)
	require.NoError(t, l.Close(), "a second time")
	assert.NoDirExists(t, filepath.Dir(l.CAFile()))
	_, err = net.Dial("tcp", l.Address())
	require.Error(t, err, "nothing listens")
	s.client.CloseIdleConnections()
	assertNoMoreGoroutines(t, before)
}

func TestEndOfTheContextEndsTheLab(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Start(ctx, Options{PlainHTTPLocalhost: true})
	require.NoError(t, err)
	s := newShopper(t, l)
	hanging := startHanging(s)
	<-hanging.asked
	cancel()
	require.Error(t, <-hanging.ended)
	assert.Eventually(t, func() bool {
		_, err := os.Stat(l.CAFile())
		return os.IsNotExist(err)
	}, 5*time.Second, 5*time.Millisecond)
	require.NoError(t, l.Close())
	s.client.CloseIdleConnections()
	assertNoMoreGoroutines(t, before)
}

// hangingRequest is one that the issuer never answers.
type hangingRequest struct {
	asked chan struct{} // closed when the issuer reads it
	ended chan error
}

// startHanging asks the issuer to say "continue", which its server does when
// the handler reads the body.
func startHanging(s *shopper) hangingRequest {
	c := s.open("", acsHang)
	c.lookup(DefaultCard)
	c.authenticate("U")
	h := hangingRequest{make(chan struct{}), make(chan error, 1)}
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(h.asked) }}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(s.t.Context(), trace), http.MethodPost, c.pay.ACSURL, strings.NewReader("creq="+c.pay.CReq))
	require.NoError(s.t, err)
	r.Header.Set("Expect", "100-continue")
	go func() {
		res, err := s.client.Do(r)
		if err == nil {
			res.Body.Close()
		}
		h.ended <- err
	}()
	return h
}

func assertNoMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	if !assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 5*time.Second, 10*time.Millisecond) {
		stacks := make([]byte, 1<<20)
		t.Log(string(stacks[:runtime.Stack(stacks, true)]))
	}
}

func TestHostsThatTheLabDoesNotHave(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	assert.Equal(t, http.StatusMisdirectedRequest, s.get("https://other.test/").status)
	_, err := s.client.Get("https://example.com/")
	assert.Error(t, err, "no certificate for names outside .test")
	assert.Equal(t, http.StatusOK, s.get("https://pay.merchant.test:"+port(s.lab.Address())+"/").status, "the port may be written")
}

func port(address string) string {
	_, p, _ := net.SplitHostPort(address)
	return p
}

func TestCertificates(t *testing.T) {
	l := startLab(t, Options{})
	file, err := os.ReadFile(l.CAFile())
	require.NoError(t, err)
	assert.Equal(t, l.CAPEM(), file)
	block, _ := pem.Decode(file)
	authority, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	assert.True(t, authority.IsCA)
	assert.Equal(t, []string{"h.online-metrix.net", "mpsnare.iesnare.com", "test"}, authority.PermittedDNSDomains, "people are asked to trust it")

	leaf, err := l.Certificate("acs.issuer.test")
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	_, err = leaf.Leaf.Verify(x509.VerifyOptions{DNSName: "acs.issuer.test", Roots: roots})
	require.NoError(t, err)
	assert.Equal(t, []string{"acs.issuer.test"}, leaf.Leaf.DNSNames, "a certificate in common would join connections")
	again, err := l.Certificate("acs.issuer.test")
	require.NoError(t, err)
	assert.Same(t, leaf, again)
	_, err = l.Certificate("example.com")
	assert.ErrorContains(t, err, "names under .test and its stand-ins only")
}

func TestTimeScale(t *testing.T) {
	for _, tt := range []struct {
		scale             float64
		method, challenge string // milliseconds
	}{
		{0, "10000", "600000"},
		{1, "10000", "600000"},
		{5, "2000", "120000"},
		{120, "1500", "5000"},
		{1e9, "1500", "1500"},
	} {
		c := newShopper(t, startLab(t, Options{TimeScale: tt.scale})).open("")
		assert.Equal(t, tt.method, c.setting("method-limit"), tt.scale)
		assert.Equal(t, tt.challenge, c.setting("challenge-limit"), tt.scale)
	}
}

func TestPayURL(t *testing.T) {
	l := startLab(t, Options{})
	assert.Equal(t, "https://pay.merchant.test/?card=4000000000002140", l.PayURL("", nil))
	assert.Equal(t, "https://pay.merchant.test/?card=4000000000002100&fault=acs-hang,acs-dns", l.PayURL("4000000000002100", []string{acsHang, acsDNS}))
	assert.Equal(t, "https://doctor.diag.test/", l.LinkURL())
}

func TestInfo(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		l := startLab(t, o)
		body, err := json.MarshalIndent(l.Info(), "", "\t")
		require.NoError(t, err)
		text := strings.ReplaceAll(string(body), filepath.Dir(l.CAFile()), "DIRECTORY")
		text = regexp.MustCompile(`:\d{4,5}\b`).ReplaceAllString(text, ":PORT") + "\n"
		name := map[bool]string{false: "info.json", true: "info-plain-http.json"}[o.PlainHTTPLocalhost]
		golden(t, name, text)
	})
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), text)
}

func TestPaymentPage(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		l := startLab(t, o)
		p := newShopper(t, l).open("4000000000002100").page
		assert.Equal(t, "4000000000002100", attribute(p.find("input", "inputmode"), "value"))
		doctor := p.find("checkout-doctor", "record")
		require.NotNil(t, doctor)
		assert.Equal(t, l.origins.Helper, attribute(doctor, "helper"))
		assert.Equal(t, l.origins.Diag+"/vantage", attribute(doctor, "vantage"))
		assert.Equal(t, l.origins.Helper+"/acs", attribute(doctor, "canary"))
		assert.False(t, hasAttribute(doctor, "watch"), "to be watched is asked for")
		assert.Equal(t, l.origins.Merchant+"/?aadvid=7", attribute(doctor, "ads-manager-url"))
		assert.Equal(t, "#acs", attribute(doctor, "challenge-frame"))
		assert.Contains(t, p.body, `<script type="module" src="`+l.origins.Diag+`/checkout-doctor.js">`)
		assert.Empty(t, attribute(p.find("html", ""), "data-state"), "the script sets it when the page can be used")
	})
}

func TestPolicyLetsEverySitePass(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		l := startLab(t, o)
		p := newShopper(t, l).open("").page
		assert.NotContains(t, p.header.Get("Content-Security-Policy"), "unsafe-inline")
		for _, name := range []string{"frame-src", "form-action", "connect-src", "object-src"} {
			sources := strings.Fields(directive(p, name))
			assert.Contains(t, sources, "https:", name)
			for _, origin := range l.origins.list()[1:] {
				assert.True(t, strings.HasPrefix(origin, "https:") || contains(sources, origin), "%s lacks %s", name, origin)
			}
		}
		assert.Contains(t, directive(p, "script-src"), l.origins.Diag)
	})
}

func contains(list []string, item string) bool {
	for _, s := range list {
		if s == item {
			return true
		}
	}
	return false
}

func TestPagesHaveNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:>|\s+[^>]*>[^<])`)
	files, err := pageFiles.ReadDir("pages")
	require.NoError(t, err)
	for _, file := range files {
		body, err := pageFiles.ReadFile("pages/" + file.Name())
		require.NoError(t, err)
		assert.Empty(t, inline.FindString(string(body)), file.Name())
	}
}

func TestAssetsThatPagesNameAreThere(t *testing.T) {
	l := startLab(t, Options{})
	s := newShopper(t, l)
	paths := map[string]string{
		"/assets/pay.js": l.origins.Merchant, "/assets/pay.css": l.origins.Merchant, "/assets/icon.svg": l.origins.Merchant,
		"/assets/settings.js": l.origins.Merchant, "/assets/frame.js": l.origins.Merchant, "/assets/window.js": l.origins.Merchant,
		"/assets/listen.js": l.origins.Merchant, "/assets/shell.html": l.origins.Merchant, "/assets/provider.js": l.origins.ThreeDSServer,
		"/assets/start-worker.js": l.origins.Merchant, "/assets/notify.js": l.origins.ThreeDSServer, "/assets/notify.css": l.origins.ThreeDSServer,
		"/assets/acs.css": l.origins.ACS, "/assets/post.js": l.origins.ACS2, "/checkout-doctor.js": l.origins.Diag,
	}
	for path, origin := range paths {
		p := s.get(origin + path)
		assert.Equal(t, http.StatusOK, p.status, path)
	}
	assert.Equal(t, http.StatusNotFound, s.get(l.origins.Merchant+"/assets/none.js").status)
	script := s.get(l.origins.Merchant + "/assets/pay.js")
	assert.Equal(t, "*", script.header.Get("Access-Control-Allow-Origin"))
	assert.NotEmpty(t, script.header.Get("ETag"))
}
