package lab

import (
	"net/http"
	"slices"
	"strings"

	"checkoutdoctor/web/acs"
)

// policy is a Content-Security-Policy under construction.
type policy []rule

// rule is one directive of a policy.
type rule struct {
	name    string
	sources []string
}

func (p policy) String() string {
	var parts []string
	for _, r := range p {
		parts = append(parts, r.name+" "+strings.Join(r.sources, " "))
	}
	return strings.Join(parts, "; ")
}

// set changes the sources of a directive that is there.
func (p policy) set(name string, sources ...string) {
	i := slices.IndexFunc(p, func(r rule) bool { return r.name == name })
	p[i].sources = sources
}

// pageHeaders are the payment page's headers, by its faults. A strict policy
// lets the scripts with the nonce run.
func (m *merchant) pageHeaders(h http.Header, faults faultSet, nonce string) {
	h.Set("Content-Security-Policy", m.policy(faults, nonce).String())
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	for _, f := range []struct{ fault, header, value string }{
		{pageTrustedTypes, "Content-Security-Policy", "require-trusted-types-for 'script'"},
		{pageTypesStrict, "Content-Security-Policy", "require-trusted-types-for 'script'; trusted-types checkout-page"},
		{pageCOEPRequireCORP, "Cross-Origin-Embedder-Policy", "require-corp"},
		{pageCOEPCredentialless, "Cross-Origin-Embedder-Policy", "credentialless"},
		{pageOpenerPolicy, "Cross-Origin-Opener-Policy", "same-origin"},
		{popupOpenerPolicy, "Cross-Origin-Opener-Policy", "same-origin-allow-popups"},
		{pagePermissionsPolicy, "Permissions-Policy", "publickey-credentials-get=(), payment=()"},
	} {
		if faults.has(f.fault) {
			h.Add(f.header, f.value)
		}
	}
}

// policy is the page's Content-Security-Policy. It has no inline script or
// style, and lets frames, forms and connections to HTTPS pass: a merchant
// cannot know every issuer's host.
func (m *merchant) policy(faults faultSet, nonce string) policy {
	o := m.origins(faults)
	others := []string{"https:"}
	switch {
	case m.lab.o.PlainHTTPLocalhost:
		others = append(others, o.list()...)
	case faults.has(acsMixedContent): // else the policy refuses what the browser would
		others = append(others, "http:")
	}
	p := policy{
		{"default-src", []string{"'none'"}},
		{"script-src", append([]string{"'self'", "'wasm-unsafe-eval'", o.Diag}, antiFraudOrigins(faults)...)},
		{"style-src", []string{"'self'", o.Diag}},
		{"img-src", []string{"'self'", o.Diag}},
		{"worker-src", []string{"'self'"}},
		{"connect-src", slices.Concat([]string{"'self'"}, others, sockets(o))},
		{"frame-src", others},
		{"object-src", others},
		{"form-action", append([]string{"'self'"}, others...)},
		{"base-uri", []string{"'none'"}},
		{"frame-ancestors", []string{"'none'"}},
	}
	if framed(faults) {
		p.set("frame-ancestors", "'self'")
	}
	if faults.has(staleStorage) {
		p.set("script-src", "'self'", "blob:", "'wasm-unsafe-eval'", o.Diag) // what was stored runs as a blob
	}
	m.spoil(p, faults)
	if faults.has(pageCSPStrict) {
		m.tighten(p, faults, nonce)
	}
	return p
}

// sockets are where the diagnostic opens WebSockets. A policy that allows
// https: or a site of it allows none there (CSP 3, 6.7.2.8).
func sockets(o Origins) []string {
	return []string{socketOrigin(o.Diag), socketOrigin(o.Helper)}
}

// socketOrigin is an origin as a WebSocket's URL has it: ws for http, and wss
// for https.
func socketOrigin(origin string) string { return "ws" + strings.TrimPrefix(origin, "http") }

// spoil takes out of the policy what the payment needs. What the diagnostic
// needs stays, but for one fault: it is the first thing that who embeds it
// allows.
func (m *merchant) spoil(p policy, faults faultSet) {
	o := m.origins(faults)
	switch {
	case faults.has(pageCSPFrameSrc):
		p.set("frame-src", o.Diag, o.Helper, o.ThreeDSServer)
	case faults.has(pageCSPFrameSrcRedirect):
		p.set("frame-src", o.Diag, o.Helper, o.ThreeDSServer, o.ACS)
	case faults.has(pageCSPFormAction):
		p.set("form-action", "'self'", o.Helper, o.ThreeDSServer)
	case faults.has(pageCSPFormActionRedirect):
		p.set("form-action", "'self'", o.Helper, o.ThreeDSServer, o.ACS)
	case faults.has(pageCSPNoWasm):
		p.set("script-src", "'self'", o.Diag)
	}
}

// tighten names every site that the payment and the diagnostic need, and
// nothing else. Plug-ins are out of the question.
func (m *merchant) tighten(p policy, faults faultSet, nonce string) {
	o := m.origins(faults)
	p.set("script-src", "'nonce-"+nonce+"'", "'strict-dynamic'", "'wasm-unsafe-eval'")
	p.set("connect-src", append([]string{"'self'", o.Diag, o.Helper, o.ACS, o.ACS2, o.ThreeDSServer}, sockets(o)...)...)
	p.set("frame-src", "'self'", o.ACS, o.ACS2, o.ThreeDSServer, o.Diag, o.Helper)
	p.set("form-action", "'self'", o.ACS, o.ACS2, o.Helper)
	p.set("object-src", "'none'")
}

// newNonce returns what lets the scripts of one answer run.
func newNonce() string { return strings.ReplaceAll(acs.NewTransactionID(), "-", "") }
