//go:build js && wasm

package observe

import (
	"errors"
	"slices"
	"strings"
	"time"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

func antiFraudObserver() observer {
	return observer{
		name:  "anti-fraud",
		limit: 8 * time.Second,
		keys:  []facts.Declared{facts.AntiFraud, facts.AntiFraudOrigin},
		run:   observeAntiFraud,
	}
}

// antiFraudSites are the domains of services that look at the device in a
// checkout, each with where its script is described.
var antiFraudSites = []string{
	"online-metrix.net",                                   // ThreatMetrix: https://docs.cielo.com.br/risk-en/docs/fingerprint-web
	"iesnare.com",                                         // iovation: https://docs.cielo.com.br/risco/docs/fingerprint-aci-web
	"forter.com",                                          // https://www.consentstack.io/vendors/forter
	"kaptcha.com",                                         // Kount: https://developer.kount.com/hc/en-us/articles/14564335823764
	"device.maxmind.com",                                  // https://dev.maxmind.com/minfraud/track-devices/web
	"seondf.com", "deviceinf.com", "seonintelligence.com", // https://www.npmjs.com/package/@seontechnologies/seon-javascript-sdk
	"sift.com", "siftscience.com", // https://developers.sift.com/docs/curl/javascript-api
	"riskified.com",  // https://developers.riskified.com
	"signifyd.com",   // https://docs.signifyd.com
	"arkoselabs.com", // https://developer.arkoselabs.com/docs
	"fpjscdn.net",    // Fingerprint: https://docs.fingerprint.com/docs/install-the-javascript-agent
}

// service is an anti-fraud service's script, frame or image in the page.
type service struct {
	origin, url string
	said        string       // loaded or blocked; empty where that is not known
	why         facts.Reason // why it is not
}

// observeAntiFraud asks once more for what the page loads from such a service.
func observeAntiFraud(ctx context.Context, b *browser, set *facts.Set) {
	const from = "anti-fraud"
	services := b.antiFraudServices()
	if len(services) == 0 && b.isolated != "" {
		unknown(set, facts.ReasonOtherOrigin, from, facts.AntiFraud, facts.AntiFraudOrigin)
		return
	}
	if len(services) == 0 {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.AntiFraud, facts.AntiFraudOrigin)
		return
	}
	var asked []func()
	for i := range services {
		s := &services[i]
		asked = append(asked, func() { s.said, s.why = b.stillLoads(ctx, s.url) })
	}
	b.beside(asked...)
	for _, s := range services {
		switch {
		case s.said == blocked, s.said == loaded && !set.Equals(facts.AntiFraud, blocked):
			set.PutString(facts.AntiFraud, s.said, from)
			set.PutString(facts.AntiFraudOrigin, s.origin, from)
		case s.why != "" && !set.Equals(facts.AntiFraud, blocked, loaded):
			unknown(set, s.why, from, facts.AntiFraud, facts.AntiFraudOrigin)
		}
	}
}

// antiFraudServices returns those that elements of the page are loaded from, or
// that the recorder noted a failure of, each origin once.
func (b *browser) antiFraudServices() []service {
	var found []service
	add := func(url string) {
		if !slices.ContainsFunc(antiFraudSites, func(site string) bool { return strings.Contains(url, site) }) {
			return
		}
		o := origin(url)
		known := slices.ContainsFunc(found, func(s service) bool { return s.origin == o })
		if isAntiFraud(o) && !known && len(found) < mostAsked {
			found = append(found, service{origin: o, url: url})
		}
	}
	for url := range b.addresses("script[src],iframe[src],img[src]") {
		add(url)
	}
	for _, n := range b.notes {
		if textOr(n, "", "kind") == "chunk" {
			add(textOr(n, "", "origin"))
		}
	}
	return found
}

// isAntiFraud reports whether the origin is of one of the sites.
func isAntiFraud(origin string) bool {
	_, host, _ := strings.Cut(origin, "://")
	host, _, _ = strings.Cut(host, ":")
	return slices.ContainsFunc(antiFraudSites, func(site string) bool {
		return host == site || strings.HasSuffix(host, "."+site)
	})
}

// stillLoads tells whether the page can have what is at the URL, or why that is
// not known. What the browser measured of the page's own request is enough, if
// the service lets it tell. The request is without the query, in which the page
// may name its session: that is not ours to say twice. What the page's policy or
// its isolation keeps from us may well come as a script.
func (b *browser) stillLoads(ctx context.Context, url string) (said string, why facts.Reason) {
	performance, _ := at(b.window, "performance")
	entries, _ := Call(performance, "getEntriesByName", url)
	for _, entry := range items(entries) {
		if size, _ := number(entry, "transferSize"); size > 0 {
			return loaded, ""
		}
	}
	nonce := RandomID()
	address, _, _ := strings.Cut(url, "?")
	address, _, _ = strings.Cut(address, "#")
	_, err := b.fetch(ctx, address, "mode", "no-cors", "credentials", "omit")
	switch {
	case err == nil:
		return loaded, ""
	case errors.Is(err, context.DeadlineExceeded):
		return "", facts.ReasonTimedOut
	case is(b.window, "crossOriginIsolated"), b.refuses(ctx, url):
		return "", facts.ReasonNotKnown
	case b.control == "" || b.sendsBack(ctx, b.control, nonce, nonce) != nil:
		return "", facts.ReasonUnreachable
	}
	return blocked, ""
}
