package fault

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// elsewhere is the host whose certificate another server shows.
const elsewhere = "www.parked.test"

// via is what an inspecting proxy says of itself (RFC 9110, section 7.6.3).
const via = "1.1 proxy.office.test"

// speak ends the browser's TLS in the place of the host, and takes part in the
// exchange as the rule says.
func (p *Proxy) speak(way *way, rule Rule, c *client) {
	certificate, err := p.certify(rule, c.host)
	if err != nil {
		return
	}
	secure := tls.Server(c, &tls.Config{
		Certificates: []tls.Certificate{*certificate},
		NextProtos:   []string{"http/1.1"},
	})
	defer secure.Close()
	e := &exchange{way: way, rule: rule, client: c, reader: bufio.NewReader(secure), to: secure}
	for {
		request, err := http.ReadRequest(e.reader)
		if err != nil || !e.answer(request) {
			return
		}
	}
}

// certify returns the certificate that the rule has the proxy show for a host.
func (p *Proxy) certify(rule Rule, host string) (*tls.Certificate, error) {
	switch {
	case rule.Action == Impersonate || rule.Untrusted:
		return unknownCertificate(host)
	case rule.Action == Elsewhere:
		return p.options.Certificate(elsewhere)
	}
	return p.options.Certificate(host)
}

// exchange is what is spoken over one connection that the proxy has taken over.
type exchange struct {
	way    *way
	rule   Rule
	client *client
	reader *bufio.Reader
	to     io.WriteCloser
}

// answer answers one request. It reports whether the connection can serve
// another one.
func (e *exchange) answer(request *http.Request) bool {
	switch {
	case e.rule.Action == Portal:
		return e.own(request, e.portal(request))
	case e.rule.Action == Elsewhere:
		return e.own(request, page(http.StatusNotFound, nil, "Nothing is here"))
	case e.rule.NoSockets && request.Header.Get("Upgrade") != "":
		return e.own(request, page(http.StatusForbidden, nil, "WebSockets are not allowed here"))
	}
	return e.forward(request)
}

// portalHost is where a [Portal] has people sign in.
const portalHost = "sign-in.portal.test"

// portal returns what a network says to who has not signed in.
func (*exchange) portal(request *http.Request) *http.Response {
	if request.Host == portalHost {
		return page(http.StatusOK, nil, "Sign in to use this network")
	}
	return page(http.StatusFound, http.Header{"Location": {"https://" + portalHost + "/"}}, "Sign in first")
}

// page is an answer with a text for people.
func page(status int, header http.Header, text string) *http.Response {
	if header == nil {
		header = make(http.Header)
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	body := fmt.Sprintf("<!doctype html><title>%s</title><h1>%[1]s</h1>", text)
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: header,
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}
}

// own writes an answer of the proxy's own, once it has read the request.
func (e *exchange) own(request *http.Request, response *http.Response) bool {
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return false
	}
	response.Request = request // which says whether a body belongs to the answer
	return response.Write(e.to) == nil && !request.Close
}

// forward gets the host's answer to the request, changes it and writes it.
func (e *exchange) forward(request *http.Request) bool {
	request.URL.Scheme, request.URL.Host = "https", request.Host
	request.RequestURI = "" // a client must not set it
	e.sign(request.Header)
	response, err := e.way.transport.RoundTrip(request.WithContext(e.client.ctx))
	if err != nil {
		answer(e.to, http.StatusBadGateway)
		return false
	}
	defer response.Body.Close()
	e.sign(response.Header)
	if server, ok := response.Body.(io.ReadWriter); ok && response.StatusCode == http.StatusSwitchingProtocols {
		e.join(response, server)
		return false
	}
	if e.rule.Action == Change {
		if err := e.rule.Change(response); err != nil {
			answer(e.to, http.StatusBadGateway)
			return false
		}
	}
	return response.Write(e.to) == nil && !request.Close && !response.Close
}

// sign adds to a message's header that an [Inspect] has seen it.
func (e *exchange) sign(header http.Header) {
	if e.rule.Action == Inspect {
		header.Add("Via", via)
	}
}

// join passes on what both sides say once they have left HTTP, until one of
// them ends.
func (e *exchange) join(response *http.Response, server io.ReadWriter) {
	body := response.Body
	response.Body = nil // it is the connection, and no part of the answer
	if response.Write(e.to) != nil {
		return
	}
	var up sync.WaitGroup
	up.Go(func() {
		io.Copy(server, e.reader)
		body.Close()
	})
	io.Copy(e.to, server)
	e.to.Close()
	up.Wait()
}
