package probe

import (
	"slices"

	"checkoutdoctor/probe/hint"
	"checkoutdoctor/probe/strictyaml"
)

func (p *scenarioParser) faults(v strictyaml.Value) {
	for _, item := range v.List() {
		p.fault(item)
	}
}

func (p *scenarioParser) fault(v strictyaml.Value) {
	places := []Place{InLab, InNetwork, InBrowser, InTunnel}
	o, ok := v.Object(texts(places)...)
	if !ok {
		return
	}
	if len(o) != 1 {
		if p.Clean() {
			v.Fail("%s: want one of %s, found %d", v.Path(), hint.List(texts(places)), len(o))
		}
		return
	}
	for _, place := range places {
		o.With(string(place), func(v strictyaml.Value) { p.faultCode(place, v) })
	}
}

func (p *scenarioParser) faultCode(place Place, v strictyaml.Value) {
	code, ok := v.OneOf(string(place)+" fault", p.faultCodes(place)...)
	if !ok {
		return
	}
	i := slices.IndexFunc(p.known, func(f Fault) bool { return f.Place == place && f.Code == code })
	fault := p.known[i]
	switch {
	case slices.Contains(p.s.Faults, fault):
		v.Fail("%s: the fault %s is given twice", v.Path(), code)
		return
	case place == InNetwork && len(p.s.codes(InNetwork)) > 0:
		v.Fail("%s: a scenario has one network fault at most", v.Path())
		return
	case place == InTunnel && len(p.s.codes(InTunnel)) > 0:
		v.Fail("%s: a scenario has one tunnel fault at most", v.Path())
		return
	case fault.User != AnswersAtOnce && p.s.user() != AnswersAtOnce:
		v.Fail("%s: the user already does something else with the challenge", v.Path())
		return
	case fault.UserAgent != "" && p.s.userAgent() != "":
		v.Fail("%s: the fault %s sets the user agent, which is set already", v.Path(), code)
		return
	}
	p.s.Faults = append(p.s.Faults, fault)
	p.at = append(p.at, v)
	if fault.Extension != "" {
		p.addExtension(v, fault.Extension)
	}
}

// tunnelMakesSense finds faults that there cannot be with the profile's tunnel,
// or without one.
func (p *scenarioParser) tunnelMakesSense() {
	if !p.Clean() {
		return
	}
	for i, f := range p.s.Faults {
		switch {
		case f.Place == InTunnel && p.s.Profile.Tunnel == "":
			p.at[i].Fail("%s: the fault %s needs profile.tunnel: it is one of a tunnel", p.at[i].Path(), f.Code)
		case f.Place == InNetwork && p.s.Profile.Tunnel != "":
			p.at[i].Fail("%s: the fault %s is a proxy's, which cannot be reached with profile.tunnel", p.at[i].Path(), f.Code)
		}
	}
}

func (p *scenarioParser) faultCodes(place Place) []string {
	var codes []string
	for _, f := range p.known {
		if f.Place == place {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
