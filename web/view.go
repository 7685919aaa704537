package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"checkoutdoctor/web/vantage"
)

// view answers what the server sees of the client, its country and never its
// address, and what the time is.
type view struct {
	stun func(*http.Request) string
	now  func(*http.Request) time.Time
}

// The bounds of a question to the vantage: the bytes of its body, and how many
// addresses it may hold against ours.
const (
	maxQuestion   = 1 << 10
	maxCandidates = 8
)

// question is what a page asks. Both parts may be left out.
type question struct {
	// Zone is the browser's IANA time zone.
	Zone string `json:"zone"`
	// Candidates are the public addresses that WebRTC found (server-reflexive
	// ones, RFC 8445, section 2.1); nil where it was not asked.
	Candidates []netip.Addr `json:"candidates"`
}

// answer is what the server sees. Zero stands for what is not known.
type answer struct {
	Country       string            `json:"country"` // ISO 3166
	Kind          vantage.Kind      `json:"kind"`
	Family        string            `json:"family"`        // of the address: 4 or 6
	ZoneCountries []string          `json:"zoneCountries"` // ISO 3166
	MSS           int               `json:"mss"`           // bytes
	PathMTU       int               `json:"pathMTU"`       // bytes
	RTTMicros     int64             `json:"rttMicros"`
	ProxyHeaders  []string          `json:"proxyHeaders"` // in lower case
	HTTPVersion   string            `json:"httpVersion"`  // as people write it: 1.1, but 2
	TLS           vantage.Handshake `json:"tls"`
	Candidates    string            `json:"candidates"` // empty where none were asked about
	Time          int64             `json:"time"`       // milliseconds since 1970
	CookieBytes   int               `json:"cookieBytes"`
	CookieCount   int               `json:"cookieCount"`
	STUN          string            `json:"stun"` // RFC 7064
}

func (v view) serve(w http.ResponseWriter, r *http.Request, client vantage.Client) {
	asked, err := readQuestion(w, r)
	if err != nil {
		http.Error(w, `the body must be {"zone":"…","candidates":["…"]}, each of them optional`, http.StatusBadRequest)
		return
	}
	text, err := json.Marshal(v.answer(r, client, asked))
	if err != nil {
		http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Write(text) // the client may be gone: nobody is left to tell
}

func readQuestion(w http.ResponseWriter, r *http.Request) (question, error) {
	var asked question
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuestion))
	if err != nil {
		return question{}, fmt.Errorf("read the question: %w", err)
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return question{}, fmt.Errorf("decode the question: %w", err)
	}
	if len(asked.Candidates) > maxCandidates {
		return question{}, errors.New("there are too many candidates")
	}
	for _, candidate := range asked.Candidates {
		if !candidate.IsValid() {
			return question{}, errors.New("a candidate is no address")
		}
	}
	return asked, nil
}

func (v view) answer(r *http.Request, client vantage.Client, asked question) answer {
	a := answer{
		Country: client.Country, Kind: client.Kind, Family: family(client.Address),
		ZoneCountries: append([]string{}, vantage.ZoneCountries(asked.Zone, onWindows(r))...),
		ProxyHeaders:  []string{},
		Candidates:    compareCandidates(asked.Candidates, client.Address),
		Time:          v.now(r).UnixMilli(),
		CookieBytes:   vantage.CookieBytes(r.Header), CookieCount: cookieCount(r.Header),
		STUN: v.stun(r),
	}
	if !client.Proxied {
		a.addConnection(r)
	}
	return a
}

// onWindows tells whether the browser says so. Windows 11 is "Windows NT" as well,
// which browsers no longer change (https://www.chromium.org/updates/ua-reduction/).
func onWindows(r *http.Request) bool { return strings.Contains(r.UserAgent(), "Windows NT") }

// addConnection adds what the connection shows of the client, if it is the
// client's own.
func (a *answer) addConnection(r *http.Request) {
	c := vantage.ConnectionOf(r)
	a.MSS, a.PathMTU, a.RTTMicros = c.MSS, c.PathMTU, c.RTT.Microseconds()
	a.HTTPVersion, a.TLS = httpVersion(r), vantage.HandshakeOf(r)
	for _, h := range proxyHeaders {
		if len(r.Header[h.key]) > 0 {
			a.ProxyHeaders = append(a.ProxyHeaders, h.name)
		}
	}
}

func family(address netip.Addr) string {
	switch {
	case !address.IsValid():
		return ""
	case address.Unmap().Is4():
		return "4"
	}
	return "6"
}

// httpVersion returns the request's version as people write it: 1.1, but 2.
func httpVersion(r *http.Request) string {
	if r.ProtoMajor == 1 {
		return "1." + strconv.Itoa(r.ProtoMinor)
	}
	return strconv.Itoa(r.ProtoMajor)
}

// proxyHeader is a request header by which proxies tell of themselves.
type proxyHeader struct {
	name string // in lower case
	key  string // as http.Header has it
}

// proxyHeaders are sorted. Via and Forwarded are standard (RFC 9110, section
// 7.6.3; RFC 7239), X-Forwarded-* and X-Real-IP what came before them.
// Browsers send Proxy-Connection to plain HTTP proxies alone (RFC 9112,
// appendix C.2.2). X-Bluecoat-Via and X-IMForwards are those of Symantec's
// ProxySG and Cisco's Web Security Appliance, the others those of caching and
// cloud proxies. How many proxies tell of themselves so: Weaver et al., Here Be
// Web Proxies, PAM 2014.
var proxyHeaders = proxyHeadersNamed(
	"client-ip", "forwarded", "proxy-connection", "true-client-ip", "via",
	"x-bluecoat-via", "x-client-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
	"x-forwarded-server", "x-imforwards", "x-proxy-id", "x-real-ip",
)

func proxyHeadersNamed(names ...string) []proxyHeader {
	headers := make([]proxyHeader, len(names))
	for i, name := range names {
		headers[i] = proxyHeader{name: name, key: http.CanonicalHeaderKey(name)}
	}
	return headers
}

// The bits of an address in which two must agree to be one user's: carriers
// send one user out by several addresses of a pool (RFC 6888, section 3, asks
// for the same one and not all do), and an IPv6 address changes below its /64
// (RFC 8981).
const (
	sameBits4 = 24
	sameBits6 = 64
)

// compareCandidates holds WebRTC's addresses against the request's. Only those
// of one family can be compared: with both, a browser may use either for
// either.
func compareCandidates(candidates []netip.Addr, address netip.Addr) string {
	address = address.Unmap()
	switch {
	case candidates == nil || !address.IsValid():
		return ""
	case len(candidates) == 0:
		return "none"
	}
	result := "other-family"
	for _, candidate := range candidates {
		if candidate = candidate.Unmap(); candidate.Is4() != address.Is4() {
			continue
		}
		if sameNetwork(candidate, address) {
			return "same"
		}
		result = "other"
	}
	return result
}

func sameNetwork(a, b netip.Addr) bool {
	bits := sameBits6
	if a.Is4() {
		bits = sameBits4
	}
	network, err := a.WithZone("").Prefix(bits)
	return err == nil && network.Contains(b.WithZone(""))
}

// cookieCount returns how many cookies the Cookie headers hold, malformed ones
// included: all of them count against a server's limit.
func cookieCount(h http.Header) int {
	n := 0
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if strings.TrimSpace(pair) != "" {
				n++
			}
		}
	}
	return n
}
