package probe

import (
	"slices"

	"checkoutdoctor/probe/strictyaml"
)

// device reads what the page is shown on.
func (p *scenarioParser) device(v strictyaml.Value) {
	o, ok := v.Object("width", "height", "scale", "mobile", "touch", "colorScheme", "reducedMotion", "cpu")
	if !ok {
		return
	}
	d := &p.s.Device
	o.With("width", func(v strictyaml.Value) { d.Width, _ = v.Integer(MinViewport, MaxViewport) })
	o.With("height", func(v strictyaml.Value) { d.Height, _ = v.Integer(MinViewport, MaxViewport) })
	o.With("scale", func(v strictyaml.Value) { d.Scale, _ = v.Number(MinScale, MaxScale) })
	o.With("mobile", func(v strictyaml.Value) { d.Mobile, _ = v.Boolean() })
	o.With("touch", func(v strictyaml.Value) { d.Touch, _ = v.Boolean() })
	o.With("colorScheme", func(v strictyaml.Value) { d.ColorScheme, _ = v.OneOf("value", "light", "dark") })
	o.With("reducedMotion", func(v strictyaml.Value) { d.ReducedMotion, _ = v.Boolean() })
	o.With("cpu", func(v strictyaml.Value) { d.CPU, _ = v.Number(MinCPU, MaxCPU) })
	_, width := o["width"]
	_, height := o["height"]
	if _, scale := o["scale"]; width != height || scale && !width {
		v.Fail("%s: width and height go together, and scale with them", v.Path())
	}
	if d.Mobile && !width {
		v.Fail("%s: mobile needs the width and height of a phone or tablet", v.Path())
	}
}

// tabs reads how many tabs have the page open.
func (p *scenarioParser) tabs(v strictyaml.Value) {
	if n, ok := v.Integer(1, MaxTabs); ok {
		p.s.Tabs = n
	}
}

// repair reads what is done about the failure.
func (p *scenarioParser) repair(v strictyaml.Value) {
	repair, _ := v.OneOf("repair", string(ResetLink), string(RepairFile), string(RemoveWorker), string(ClearSiteData), string(VPNOff), string(Reconnect))
	p.s.Repair = Repair(repair)
}

// repairMakesSense finds a repair that nothing proves.
func (p *scenarioParser) repairMakesSense(o strictyaml.Object) {
	if p.s.Repair == "" {
		return
	}
	line := o["repair"].KeyLine
	switch {
	case p.s.Repair.byUser():
		p.endingMakesSense(line)
	case p.s.Mode != Embed:
		p.Fail(line, "repair: in %s mode nobody presses the buttons of the payment page", p.s.Mode)
	case !p.s.Pay:
		p.Fail(line, "repair: with pay: false no payment shows that it helped")
	}
	if len(p.s.Expect.Findings) == 0 && p.Clean() {
		p.Fail(line, "repair: without a finding there is nothing to repair")
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
		p.Fail(line, "repair: in watch mode nobody presses the diagnostic's button")
	case !slices.ContainsFunc(p.s.Faults, p.s.Repair.ends) && p.Clean():
		p.Fail(line, "repair: %s", without[p.s.Repair])
	}
}
