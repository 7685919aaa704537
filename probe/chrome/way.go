package chrome

import (
	"context"
	"errors"
	"runtime"

	"checkoutdoctor/probe"
)

// A Way is a network that one browser has to itself, and the only one.
type Way interface {
	// Lead returns where on the way an address of the Options is to be found.
	Lead(address string) string
	// Do runs f, and nothing else, on a thread that is at the browser's end: so
	// that is where the processes are which f starts.
	Do(f func() error) error
	// Switch switches a fault of the way on or off.
	Switch(fault string, on bool) error
	// Close takes the way away, after the browser.
	Close() error
}

// usualWay is the machine's own network.
type usualWay struct{}

func (usualWay) Lead(address string) string { return address }

// Do keeps to one thread: the kernel ends a browser when the thread that started
// it ends (https://go.dev/issue/27505).
func (usualWay) Do(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return f()
}

func (usualWay) Switch(fault string, _ bool) error {
	return errors.New("without a tunnel there is no fault " + fault)
}

func (usualWay) Close() error { return nil }

// way returns the profile's way, or what keeps it from being made.
func (l *Launcher) way(ctx context.Context, p probe.Profile) (Way, error) {
	switch {
	case p.Tunnel == "":
		return usualWay{}, nil
	case l.options.Tunnel == nil:
		return nil, &probe.UnsupportedError{What: "the tunnel " + p.Tunnel, Why: "these browsers have none"}
	}
	return l.options.Tunnel(ctx, p.Tunnel)
}

// along returns the options as they are for a browser on the way.
func (o Options) along(w Way) Options {
	if o.Address != "" {
		o.Address = w.Lead(o.Address)
	}
	elsewhere := make(map[string]string, len(o.Elsewhere))
	for host, address := range o.Elsewhere {
		if address != "" {
			address = w.Lead(address)
		}
		elsewhere[host] = address
	}
	o.Elsewhere = elsewhere
	return o
}

// SwitchTunnel switches a fault of the browser's tunnel.
func (p *page) SwitchTunnel(fault string, on bool) error { return p.browser.way.Switch(fault, on) }
