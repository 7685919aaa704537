package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"checkoutdoctor/web/vantage"
)

// listenAddress is an address and port to listen on, and the flag that says it.
type listenAddress struct{ flag, address string }

// tcpAddresses are those of the servers that there are to be.
func (o *serveOptions) tcpAddresses() []listenAddress {
	addresses := []listenAddress{{"--listen", o.listen}}
	for _, a := range []listenAddress{{"--helper-listen", o.helperListen}, {"--ops-listen", o.opsListen}} {
		if a.address != "" {
			addresses = append(addresses, a)
		}
	}
	return addresses
}

// checkAddresses finds addresses to listen on that are none, and those that cannot
// both be listened on, which only listening would show otherwise.
func (o *serveOptions) checkAddresses() error {
	servers := o.tcpAddresses()
	for i, a := range servers {
		if err := a.check(); err != nil {
			return err
		}
		for _, other := range servers[:i] {
			if a.meets(other) {
				return fmt.Errorf("%s and %s: %q and %q are the same port of the same address; each server needs one of its own",
					other.flag, a.flag, other.address, a.address)
			}
		}
	}
	if o.stunListen == "" {
		return nil
	}
	return listenAddress{"--stun-listen", o.stunListen}.check()
}

func (a listenAddress) check() error {
	_, port, err := net.SplitHostPort(a.address)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return fmt.Errorf("%s: %q is no address and port, such as 127.0.0.1:8080 or :443", a.flag, a.address)
	}
	return nil
}

// meets tells whether both are the same, or one is every address of the machine and
// so has the other. Port 0 is another each time. Names that lead nowhere are for
// listening to tell of.
func (a listenAddress) meets(other listenAddress) bool {
	if a.port() != other.port() || a.port() == 0 {
		return false
	}
	one, oneErr := net.ResolveTCPAddr("tcp", a.address)
	two, twoErr := net.ResolveTCPAddr("tcp", other.address)
	if oneErr != nil || twoErr != nil {
		return false
	}
	return one.IP.Equal(two.IP) || has(one.IP, two.IP) || has(two.IP, one.IP)
}

// port returns 0 where the address is none.
func (a listenAddress) port() int {
	_, name, err := net.SplitHostPort(a.address)
	if err != nil {
		return 0
	}
	port, err := net.LookupPort("tcp", name)
	if err != nil {
		return 0
	}
	return port
}

// has tells whether whoever listens on all listens on the one, too: all addresses
// are none or [::], and 0.0.0.0 is those of IPv4.
func has(all, one net.IP) bool {
	if all.Equal(net.IPv4zero) {
		return one.To4() != nil
	}
	return all == nil || all.IsUnspecified()
}

// listenAll listens at each server's address, or at none: nothing is served before
// it is certain that all can be.
func (o *serveOptions) listenAll(ctx context.Context, servers []*http.Server) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, server := range servers {
		listener, err := vantage.Listen(ctx, server.Addr)
		if err != nil {
			errs := []error{o.listenError(server.Addr, err)}
			for _, other := range listeners {
				errs = append(errs, other.Close())
			}
			return nil, errors.Join(errs...)
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

// listenError says by which flag the address was to be listened on, and what to do.
func (o *serveOptions) listenError(address string, err error) error {
	for _, a := range o.tcpAddresses() {
		if a.address == address {
			return listenErrorOf(a.flag, err)
		}
	}
	return fmt.Errorf("listen: %w", err)
}

func listenErrorOf(flag string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: %w: end the program that has that port, which may be another serve, or name another port", flag, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: %w: ports below 1024 may need a privilege, such as CAP_NET_BIND_SERVICE; or name another port", flag, err)
	}
	return fmt.Errorf("%s: %w", flag, err)
}
