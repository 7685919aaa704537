package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/fault"
	"checkoutdoctor/probe/lab"
)

// knownFaults lists every fault that a scenario can name.
func knownFaults() []probe.Fault {
	var all []probe.Fault
	for _, f := range lab.Faults() {
		all = append(all, probe.Fault{Place: probe.InLab, Code: f.Code, Title: f.Title, Gives: f.Gives})
	}
	places := map[fault.Kind]probe.Place{fault.Network: probe.InNetwork, fault.Browser: probe.InBrowser}
	for _, f := range fault.All() {
		all = append(all, probe.Fault{
			Place: places[f.Kind], Code: f.Code, Title: f.Title, Gives: f.Gives, Extension: f.Extension, Offline: f.Offline,
			Flaps: f.Flaps, Everywhere: f.Everywhere(), Quota: f.Quota, UserAgent: f.UserAgent, User: probe.User(f.User),
		})
	}
	return append(all, tunnelFaults()...)
}

// checkout is the lab as the probe's scenarios need it, with the network in
// front of it.
type checkout struct {
	*lab.Lab
	acsHost, merchantHost string
}

func newCheckout(l *lab.Lab) (*checkout, error) {
	acs, acsErr := url.Parse(l.Origins().ACS)
	merchant, merchantErr := url.Parse(l.Origins().Merchant)
	if err := errors.Join(acsErr, merchantErr); err != nil {
		return nil, fmt.Errorf("read the lab's origins: %w", err)
	}
	return &checkout{Lab: l, acsHost: acs.Hostname(), merchantHost: merchant.Hostname()}, nil
}

var (
	_ probe.Lab     = (*checkout)(nil)
	_ probe.Network = (*checkout)(nil)
)

// Origins returns the lab's sites.
func (c *checkout) Origins() probe.Origins { return probe.Origins(c.Lab.Origins()) }

// Proxy starts a forward proxy to the lab, with the fault on the way to those of
// its hosts that it concerns.
func (c *checkout) Proxy(ctx context.Context, code string) (probe.Proxy, error) {
	f, ok := fault.Lookup(fault.Network, code)
	if !ok {
		return nil, fmt.Errorf("there is no network fault %s", code)
	}
	o := fault.Options{
		Address:     c.Address(),
		Line:        f.Line,
		Egress:      f.Egress,
		SOCKS:       f.SOCKS,
		Later:       f.Later,
		Certificate: c.Certificate,
		CAPEM:       c.CAPEM(),
	}
	if f.Role == fault.AtAll {
		o.Rest = f.Rule
		return fault.NewProxy(ctx, o)
	}
	o.Rules = make(map[string]fault.Rule)
	for _, origin := range c.origins(f.Role) {
		at, err := url.Parse(origin)
		if err != nil {
			return nil, fmt.Errorf("read the lab's origins: %w", err)
		}
		o.Rules[at.Hostname()] = f.Rule
	}
	return fault.NewProxy(ctx, o)
}

// origins returns those of the lab's sites that have the role.
func (c *checkout) origins(role fault.Role) []string {
	switch role {
	case fault.AtProvider:
		return c.ProviderOrigins()
	case fault.AtOneProvider:
		return c.ProviderOrigins()[1:]
	case fault.AtHelper:
		return []string{c.Origins().Helper}
	case fault.AtDiagnostic:
		return []string{c.Origins().Diag}
	case fault.AtOurs:
		return []string{c.Origins().Diag, c.Origins().Helper}
	}
	return []string{c.Origins().ACS}
}

// launcher returns the browsers whose *.test names lead to the lab, and those of
// the services that it stands in for.
func (c *checkout) launcher() probe.Launcher {
	elsewhere := map[string]string{lab.LocalHost: c.LocalAddress(), lab.LostHost: ""}
	for _, host := range c.StandIns() {
		elsewhere[host] = c.Address()
	}
	return chrome.New(chrome.Options{
		Address:    c.Address(),
		Elsewhere:  elsewhere,
		PageHost:   c.merchantHost,
		CAPEM:      c.CAPEM(),
		Extensions: fault.Extensions{ACS: c.acsHost, Merchant: c.merchantHost}.Files,
		Tunnel:     c.tunnel,
	})
}
