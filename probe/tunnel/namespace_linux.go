package tunnel

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/tun"
)

// namespace is a network namespace without a name. It lives as long as its file
// is open, or a thread, process or socket is in it.
type namespace struct{ file *os.File }

func newNamespace() (*namespace, error) {
	n := &namespace{}
	err := onThread(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("unshare", err)
		}
		n.file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	return n, err
}

// do runs f on a thread that is in the namespace.
func (n *namespace) do(f func() error) error {
	return onThread(func() error {
		if err := n.enter(); err != nil {
			return fmt.Errorf("enter the tunnel's namespace: %w", err)
		}
		return f()
	})
}

// enter takes the thread into the namespace.
func (n *namespace) enter() (err error) {
	file, err := n.file.SyscallConn()
	if err != nil {
		return err
	}
	closed := file.Control(func(file uintptr) {
		err = os.NewSyscallError("setns", unix.Setns(int(file), unix.CLONE_NEWNET))
	})
	return errors.Join(closed, err)
}

// close lets go of the namespace. That of a link which was never made is nil.
func (n *namespace) close() error {
	if n == nil || n.file == nil {
		return nil
	}
	return n.file.Close()
}

// onThread runs f on a thread of its own, and throws the thread away.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: so the thread ends with the goroutine
		if unix.Gettid() != unix.Getpid() {
			done <- f()
			return
		}
		// The process's first thread is not ended, and would stay in the namespace.
		err := onThread(f)
		runtime.UnlockOSThread()
		done <- err
	}()
	return <-done
}

// newDevice makes the namespace's way out, a TUN device with the address.
func (n *namespace) newDevice(k kind, address netip.Prefix) (device tun.Device, err error) {
	err = n.do(func() error {
		if device, err = openDevice(k.device); err != nil {
			return err
		}
		return setUp(k, address)
	})
	return device, err
}

func openDevice(name string) (tun.Device, error) {
	const path = "/dev/net/tun"
	request, err := unix.NewIfreq(name)
	if err != nil {
		return nil, fmt.Errorf("name the device %s: %w", name, err)
	}
	file, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	// Without IFF_VNET_HDR each packet is as it would be on a wire.
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(file, unix.TUNSETIFF, request); err != nil {
		return nil, errors.Join(fmt.Errorf("make the device %s: %w", name, os.NewSyscallError("TUNSETIFF", err)), unix.Close(file))
	}
	device, _, err := tun.CreateUnmonitoredTUNFromFD(file)
	return device, err
}

// setUp gives the device its MTU and address, and makes it the way to all others:
// a browser looks for one before it believes in IPv6.
func setUp(k kind, address netip.Prefix) error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("look for the loopback: %w", err)
	}
	device, err := netlink.LinkByName(k.device)
	if err != nil {
		return fmt.Errorf("look for the device %s: %w", k.device, err)
	}
	all := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	if k.ipv6 {
		all = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"start the loopback", func() error { return netlink.LinkSetUp(loopback) }},
		{"set the MTU", func() error { return netlink.LinkSetMTU(device, k.mtu) }},
		{"start the device", func() error { return netlink.LinkSetUp(device) }},
		{"set the address", func() error {
			// An address of IPv6 can be used at once if nobody else can have it.
			return netlink.AddrAdd(device, &netlink.Addr{IPNet: ipNet(address), Flags: unix.IFA_F_NODAD})
		}},
		{"set the route", func() error {
			return netlink.RouteAdd(&netlink.Route{LinkIndex: device.Attrs().Index, Dst: ipNet(all)})
		}},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s of %s: %w", step.what, k.device, err)
		}
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
