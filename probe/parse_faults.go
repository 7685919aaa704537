package probe

import "slices"

func (p *scenarioParser) faults(v value) {
	for _, item := range v.list() {
		p.fault(item)
	}
}

func (p *scenarioParser) fault(v value) {
	places := []Place{InLab, InNetwork, InBrowser, InTunnel}
	o, ok := v.object(texts(places)...)
	if !ok {
		return
	}
	if len(o) != 1 {
		if p.clean() {
			v.fail("%s: want one of %s, found %d", v.path, orList(texts(places)), len(o))
		}
		return
	}
	for _, place := range places {
		o.with(string(place), func(v value) { p.faultCode(place, v) })
	}
}

func (p *scenarioParser) faultCode(place Place, v value) {
	code, ok := v.oneOf(string(place)+" fault", p.faultCodes(place)...)
	if !ok {
		return
	}
	i := slices.IndexFunc(p.known, func(f Fault) bool { return f.Place == place && f.Code == code })
	fault := p.known[i]
	switch {
	case slices.Contains(p.s.Faults, fault):
		v.fail("%s: the fault %s is given twice", v.path, code)
		return
	case place == InNetwork && len(p.s.codes(InNetwork)) > 0:
		v.fail("%s: a scenario has one network fault at most", v.path)
		return
	case place == InTunnel && len(p.s.codes(InTunnel)) > 0:
		v.fail("%s: a scenario has one tunnel fault at most", v.path)
		return
	case fault.User != AnswersAtOnce && p.s.user() != AnswersAtOnce:
		v.fail("%s: the user already does something else with the challenge", v.path)
		return
	case fault.UserAgent != "" && p.s.userAgent() != "":
		v.fail("%s: the fault %s sets the user agent, which is set already", v.path, code)
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
	if !p.clean() {
		return
	}
	for i, f := range p.s.Faults {
		switch {
		case f.Place == InTunnel && p.s.Profile.Tunnel == "":
			p.at[i].fail("%s: the fault %s needs profile.tunnel: it is one of a tunnel", p.at[i].path, f.Code)
		case f.Place == InNetwork && p.s.Profile.Tunnel != "":
			p.at[i].fail("%s: the fault %s is a proxy's, which cannot be reached with profile.tunnel", p.at[i].path, f.Code)
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
