package screens

import "checkoutdoctor/probe"

// The colour schemes.
const (
	light = "light"
	dark  = "dark"
)

// The devices that pictures are taken on.
var (
	Phone   = probe.Device{Width: 360, Height: 740, Scale: 1, ColorScheme: light}
	Desktop = probe.Device{Width: 1280, Height: 900, Scale: 1, ColorScheme: light}
)

// What nothing may overflow on either (WCAG 2.2, 1.4.4 and 1.4.10).
var (
	Narrow = probe.Device{Width: 320, Height: 640, Scale: 1, ColorScheme: light}
	Zoomed = probe.Device{Width: 640, Height: 450, Scale: 2, ColorScheme: light} // a desktop at 200 %
)

// InTheDark is the device with the dark colour scheme.
func InTheDark(d probe.Device) probe.Device {
	d.ColorScheme = dark
	return d
}

// Measured are the devices that every state is measured on.
func Measured() []probe.Device { return []probe.Device{Phone, Desktop, Narrow, Zoomed} }
