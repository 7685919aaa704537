package tunnel

import (
	"errors"
	"io"
	"os"
	"sync"

	"golang.zx2c4.com/wireguard/tun"
)

// connect makes a device at each end, and the cable between them.
func (l *Link) connect() (io.Closer, error) {
	addresses := l.kind.addresses()
	client, err := l.namespaces.client.newDevice(l.kind, addresses.client)
	if err != nil {
		return nil, errors.Join(err, closeDevice(client))
	}
	server, err := l.namespaces.server.newDevice(l.kind, addresses.server)
	if err != nil {
		return nil, errors.Join(err, closeDevice(client), closeDevice(server))
	}
	devices := ends[tun.Device]{client, server}
	if l.kind.wireGuard {
		return l.encrypted(devices)
	}
	return l.plain(devices), nil
}

func closeDevice(d tun.Device) error {
	if d == nil {
		return nil
	}
	return d.Close()
}

// wire copies packets between two devices, until it is closed.
type wire struct {
	devices ends[tun.Device]
	copying sync.WaitGroup
}

func (l *Link) plain(devices ends[tun.Device]) *wire {
	w := &wire{devices: devices}
	client, server := devices.client.File(), devices.server.File()
	w.copying.Go(func() { carry(client, server, l.up) })
	w.copying.Go(func() { carry(server, client, l.down) })
	return w
}

// carry takes packets along the path, until one of the devices is closed.
func carry(from, to *os.File, along *path) {
	const largest = 64 << 10 // bytes of an IP packet
	packet := make([]byte, largest)
	for {
		n, err := from.Read(packet)
		if err != nil {
			return
		}
		along.send(packet[:n], func(packet []byte) {
			_, _ = to.Write(packet) // what is not taken is lost
		})
	}
}

func (w *wire) Close() error {
	err := errors.Join(w.devices.client.Close(), w.devices.server.Close())
	w.copying.Wait()
	return err
}
