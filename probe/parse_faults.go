package probe

import "slices"

func (p *scenarioParser) faults(v value) {
	for _, item := range v.list() {
		p.fault(item)
	}
}

func (p *scenarioParser) fault(v value) {
	places := []Place{InLab, InNetwork, InBrowser}
	o, ok := v.object(string(InLab), string(InNetwork), string(InBrowser))
	if !ok {
		return
	}
	if len(o) != 1 {
		if p.clean() {
			v.fail("%s: want one of lab, network or browser, found %d", v.path, len(o))
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

func (p *scenarioParser) faultCodes(place Place) []string {
	var codes []string
	for _, f := range p.known {
		if f.Place == place {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
