package probe

import "slices"

// device reads what the page is shown on.
func (p *scenarioParser) device(v value) {
	o, ok := v.object("width", "height", "scale", "mobile", "touch", "colorScheme", "reducedMotion", "cpu")
	if !ok {
		return
	}
	d := &p.s.Device
	o.with("width", func(v value) { d.Width, _ = v.integer(MinViewport, MaxViewport) })
	o.with("height", func(v value) { d.Height, _ = v.integer(MinViewport, MaxViewport) })
	o.with("scale", func(v value) { d.Scale, _ = v.number(MinScale, MaxScale) })
	o.with("mobile", func(v value) { d.Mobile, _ = v.boolean() })
	o.with("touch", func(v value) { d.Touch, _ = v.boolean() })
	o.with("colorScheme", func(v value) { d.ColorScheme, _ = v.oneOf("value", "light", "dark") })
	o.with("reducedMotion", func(v value) { d.ReducedMotion, _ = v.boolean() })
	o.with("cpu", func(v value) { d.CPU, _ = v.number(MinCPU, MaxCPU) })
	_, width := o["width"]
	_, height := o["height"]
	if _, scale := o["scale"]; width != height || scale && !width {
		v.fail("%s: width and height go together, and scale with them", v.path)
	}
	if d.Mobile && !width {
		v.fail("%s: mobile needs the width and height of a phone or tablet", v.path)
	}
}

// tabs reads how many tabs have the page open.
func (p *scenarioParser) tabs(v value) {
	if n, ok := v.integer(1, MaxTabs); ok {
		p.s.Tabs = n
	}
}

// repair reads what is done about the failure.
func (p *scenarioParser) repair(v value) {
	repair, _ := v.oneOf("repair", string(ResetLink), string(RepairFile), string(RemoveWorker), string(ClearSiteData), string(VPNOff), string(Reconnect))
	p.s.Repair = Repair(repair)
}

// repairMakesSense finds a repair that nothing proves.
func (p *scenarioParser) repairMakesSense(o object) {
	if p.s.Repair == "" {
		return
	}
	line := o["repair"].keyLine
	switch {
	case p.s.Repair.byUser():
		p.endingMakesSense(line)
	case p.s.Mode != Embed:
		p.fail(line, "repair: in %s mode nobody presses the buttons of the payment page", p.s.Mode)
	case !p.s.Pay:
		p.fail(line, "repair: with pay: false no payment shows that it helped")
	}
	if len(p.s.Expect.Findings) == 0 && p.clean() {
		p.fail(line, "repair: without a finding there is nothing to repair")
	}
}

// endingMakesSense finds that there is nothing for the user to end, or nobody to
// ask the diagnostic again.
func (p *scenarioParser) endingMakesSense(line int) {
	without := map[Repair]string{
		VPNOff:    "without a network fault there is nothing to switch off",
		Reconnect: "without the fault that the browser is offline there is nothing to connect again",
	}
	switch {
	case p.s.Mode == Watch:
		p.fail(line, "repair: in watch mode nobody presses the diagnostic's button")
	case !slices.ContainsFunc(p.s.Faults, p.s.Repair.ends) && p.clean():
		p.fail(line, "repair: %s", without[p.s.Repair])
	}
}
