package main

import (
	"context"
	"errors"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
	"checkoutdoctor/probe/tunnel"
)

// tunnelFaults lists the faults of tunnels, as scenarios name them.
func tunnelFaults() []probe.Fault {
	var all []probe.Fault
	for _, f := range tunnel.Faults() {
		all = append(all, probe.Fault{Place: probe.InTunnel, Code: f.Code, Title: f.Title, Gives: f.Gives})
	}
	return all
}

// way is a tunnel at whose other end the lab answers.
type way struct {
	*tunnel.Link
	leads map[string]string // from the lab's addresses on the loopback
}

// tunnel opens the tunnel for a browser.
func (c *checkout) tunnel(ctx context.Context, name string) (chrome.Way, error) {
	link, err := tunnel.Open(name)
	if err != nil {
		return nil, err
	}
	w := way{link, make(map[string]string)}
	if err := w.answer(ctx, c.Lab); err != nil {
		return nil, errors.Join(err, link.Close())
	}
	return w, nil
}

// answer lets the lab answer at the tunnel's other end.
func (w way) answer(ctx context.Context, l *lab.Lab) error {
	const anyPort, https, stun = 0, 443, 3478
	for outside, port := range map[string]uint16{l.Address(): https, l.LocalAddress(): anyPort} {
		listener, err := w.Listen(ctx, port)
		if err != nil {
			return err
		}
		l.ServeOn(listener)
		w.leads[outside] = listener.Addr().String()
	}
	packets, err := w.ListenPacket(ctx, stun)
	if err != nil {
		return err
	}
	l.ServeSTUNOn(packets)
	return nil
}

// Lead implements [chrome.Way].
func (w way) Lead(address string) string { return w.leads[address] }
