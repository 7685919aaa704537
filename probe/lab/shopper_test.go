package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"checkoutdoctor/web/acs"
)

// startLab starts a lab that ends with the test.
func startLab(t *testing.T, o Options) *Lab {
	t.Helper()
	l, err := Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	return l
}

// shopper pays as a browser does, but for the scripts: what they do, the
// tests do.
type shopper struct {
	t      *testing.T
	lab    *Lab
	client *http.Client
}

func newShopper(t *testing.T, l *Lab) *shopper {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar, Transport: browserTransport(t, l), Timeout: 30 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	return &shopper{t, l, client}
}

// browserTransport maps hosts to the lab, and trusts its CA file, as a browser
// that was set up by the lab's description.
func browserTransport(t *testing.T, l *Lab) *http.Transport {
	t.Helper()
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(l.CAPEM()))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, ExpectContinueTimeout: time.Minute}
	if !l.o.PlainHTTPLocalhost {
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, l.Address())
		}
	}
	return transport
}

// page is one answer, parsed.
type page struct {
	s      *shopper
	url    *url.URL
	status int
	header http.Header
	body   string
	doc    *html.Node
}

func (s *shopper) do(method, address string, header http.Header, body io.Reader) *page {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, address, body)
	require.NoError(s.t, err)
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	res, err := s.client.Do(r)
	require.NoError(s.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(s.t, err)
	doc, err := html.Parse(bytes.NewReader(text))
	require.NoError(s.t, err)
	return &page{s, res.Request.URL, res.StatusCode, res.Header, string(text), doc}
}

func (s *shopper) get(address string) *page {
	s.t.Helper()
	return s.do(http.MethodGet, address, nil, nil)
}

func (s *shopper) postForm(address string, fields url.Values) *page {
	s.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return s.do(http.MethodPost, address, header, strings.NewReader(fields.Encode()))
}

func (s *shopper) postJSON(address string, question any) *page {
	s.t.Helper()
	body, err := json.Marshal(question)
	require.NoError(s.t, err)
	return s.do(http.MethodPost, address, http.Header{"Content-Type": {"application/json"}, "Accept": {"*/*"}}, bytes.NewReader(body))
}

func decode[T any](p *page) T {
	p.s.t.Helper()
	var v T
	require.NoError(p.s.t, json.Unmarshal([]byte(p.body), &v), p.body)
	return v
}

// find returns the first element with the tag and, if name is not empty, the attribute.
func (p *page) find(tag, name string) *html.Node {
	for n := range p.doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && (name == "" || hasAttribute(n, name)) {
			return n
		}
	}
	return nil
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// submit sends the form that has the attribute, with fields changed or added.
func (p *page) submit(name string, change url.Values) *page {
	p.s.t.Helper()
	form := p.find("form", name)
	require.NotNil(p.s.t, form, "no form %s in %s", name, p.body)
	fields := url.Values{}
	for n := range form.Descendants() {
		if n.Data == "input" && hasAttribute(n, "name") {
			fields.Set(attribute(n, "name"), attribute(n, "value"))
		}
	}
	for key, values := range change {
		fields[key] = values
	}
	action, err := p.url.Parse(attribute(form, "action"))
	require.NoError(p.s.t, err)
	return p.s.postForm(action.String(), fields)
}

// checkout is one payment page in the shopper's hands.
type checkout struct {
	s     *shopper
	page  *page
	token string
	start lookupAnswer
	pay   payAnswer
}

func (s *shopper) open(card string, faults ...string) *checkout {
	s.t.Helper()
	p := s.get(s.lab.PayURL(card, faults))
	require.Equal(s.t, http.StatusOK, p.status, p.body)
	return &checkout{s: s, page: p, token: attribute(p.find("html", ""), "data-page")}
}

func (c *checkout) setting(name string) string {
	return attribute(c.page.find("html", ""), "data-"+name)
}

func (c *checkout) ask(call string, question any) *page {
	c.s.t.Helper()
	return c.s.postJSON(c.s.lab.origins.Merchant+"/pay/"+call, question)
}

// lookup does what the page does first.
func (c *checkout) lookup(card string) {
	c.s.t.Helper()
	p := c.ask("start", startQuestion{c.token, card})
	require.Equal(c.s.t, http.StatusOK, p.status, p.body)
	c.start = decode[lookupAnswer](p)
}

// method runs the 3DS Method in its frame up to the notification page.
func (c *checkout) method() *page {
	c.s.t.Helper()
	require.NotEmpty(c.s.t, c.start.ThreeDSMethodURL)
	p := c.s.postForm(c.start.ThreeDSMethodURL, url.Values{"threeDSMethodData": {c.start.ThreeDSMethodData}})
	return p.submit("data-post", nil)
}

// authenticate asks for the authentication.
func (c *checkout) authenticate(compInd string) {
	c.s.t.Helper()
	p := c.tryAuthenticate(compInd)
	require.Equal(c.s.t, http.StatusOK, p.status, p.body)
	c.pay = decode[payAnswer](p)
}

func (c *checkout) tryAuthenticate(compInd string) *page {
	c.s.t.Helper()
	return c.ask("authenticate", payQuestion{
		Page: c.token, ThreeDSCompInd: compInd, WindowSize: acs.Window390x400,
		Browser: acs.Browser{
			Language: "sv-SE", JavascriptEnabled: new(true), JavaEnabled: new(false),
			ColorDepth: "24", ScreenHeight: "900", ScreenWidth: "1440", TZ: "-60",
		},
	})
}

// challenge posts the CReq into the challenge frame.
func (c *checkout) challenge() *page {
	c.s.t.Helper()
	return c.s.postForm(c.pay.ACSURL, url.Values{"creq": {c.pay.CReq}, "threeDSSessionData": {c.pay.SessionData}})
}

// upToChallenge pays until the issuer asks.
func (s *shopper) upToChallenge(card string, faults ...string) (*checkout, *page) {
	s.t.Helper()
	c := s.open(card, faults...)
	c.lookup(card)
	c.authenticate("U")
	require.Equal(s.t, acs.StatusChallenge, c.pay.TransStatus)
	return c, c.challenge()
}

// notification returns the data attributes that a notification page's script posts.
func (p *page) notification() map[string]string {
	data := map[string]string{}
	for _, a := range p.find("body", "").Attr {
		data[strings.TrimPrefix(a.Key, "data-")] = a.Val
	}
	return data
}
