package lab

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// classicScripts returns the addresses of the page's scripts that are no modules.
func (p *page) classicScripts() []string {
	var all []string
	for n := range p.doc.Descendants() {
		if n.Data == "script" && attribute(n, "type") == "" {
			all = append(all, attribute(n, "src"))
		}
	}
	return all
}

func TestPageNeedsTheScriptsOfAntiFraudServices(t *testing.T) {
	const policy = "'self' 'wasm-unsafe-eval' https://doctor.diag.test"
	tests := []struct {
		fault   string
		scripts []string
		signals string
		allowed string
	}{
		{antiFraud, []string{"https://h.online-metrix.net/fp/tags.js", "https://mpsnare.iesnare.com/snare.js"},
			"h.online-metrix.net mpsnare.iesnare.com", policy + " https://h.online-metrix.net https://mpsnare.iesnare.com"},
		{antiFraudDNS, []string{"https://cdn9.forter.com/script.js"}, "cdn9.forter.com", policy + " https://cdn9.forter.com"},
		{watched, nil, "", policy},
	}
	s := newShopper(t, startLab(t, Options{}))
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			c := s.open("", tt.fault)
			assert.Equal(t, tt.scripts, c.page.classicScripts())
			assert.Equal(t, tt.signals, c.setting("signals"))
			assert.Equal(t, tt.allowed, directive(c.page, "script-src"))
		})
	}
	strict := s.open("", antiFraud, pageCSPStrict).page
	assert.NotEmpty(t, attribute(strict.find("script", "src"), "nonce"))
}

func TestLabStandsInForAntiFraudServices(t *testing.T) {
	l := startLab(t, Options{})
	s := newShopper(t, l) // which verifies the certificates
	assert.Equal(t, []string{"h.online-metrix.net", "mpsnare.iesnare.com"}, l.StandIns())
	assert.Subset(t, l.Hosts(), l.StandIns())
	for _, script := range []string{profilingScript, snareScript} {
		p := s.get(script)
		assert.Equal(t, http.StatusOK, p.status, script)
		assert.True(t, strings.HasPrefix(p.header.Get("Content-Type"), "text/javascript"), p.header.Get("Content-Type"))
		assert.Contains(t, p.body, "globalThis.profiledBy")
	}
	for _, host := range []string{"www.iesnare.com", "cdn9.forter.com", "example.com"} {
		_, err := l.Certificate(host)
		assert.ErrorContains(t, err, "the lab's CA signs for names under .test and its stand-ins only", host)
	}
}

func TestNobodyStandsInWithoutHTTPS(t *testing.T) {
	l := startLab(t, Options{PlainHTTPLocalhost: true})
	assert.Empty(t, l.StandIns())
	s := newShopper(t, l)
	for _, fault := range []string{antiFraud, antiFraudDNS} {
		assert.Equal(t, http.StatusBadRequest, s.get(l.PayURL("", []string{fault})).status)
	}
}

func TestScriptsThatStandBeforeAllOthers(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	p := s.open("", clickSpent, antiFraudDNS, pageMonitored).page
	assert.Equal(t, []string{"/assets/monitor.js", "/assets/spend-click.js", lostScript}, p.classicScripts())
	assert.Equal(t, "/assets/monitor.js", attribute(p.find("script", ""), "src"))
	for _, path := range p.classicScripts()[:2] {
		assert.Equal(t, http.StatusOK, s.get(s.lab.origins.Merchant+path).status, path)
	}
}

func TestPageDemandsTrustedTypesThatItsScriptsKnow(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	policies := s.open("", pageTypesStrict).page.header.Values("Content-Security-Policy")
	assert.Contains(t, policies, "require-trusted-types-for 'script'; trusted-types checkout-page")
	assert.Contains(t, s.get(s.lab.origins.Merchant+"/assets/frame.js").body, `createPolicy("checkout-page"`)
}
