package tunnel

import (
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"golang.zx2c4.com/wireguard/conn"
	"golang.zx2c4.com/wireguard/device"
	"golang.zx2c4.com/wireguard/tun"
)

// wireGuard is two ends of a WireGuard tunnel, and the devices that they serve.
type wireGuard struct{ ends[*device.Device] }

// encrypted connects the devices by WireGuard, and takes them over.
func (l *Link) encrypted(devices ends[tun.Device]) (*wireGuard, error) {
	sockets := ends[*socket]{&socket{out: l.up}, &socket{out: l.down}}
	w := &wireGuard{}
	err := errors.Join(
		l.namespaces.client.do(func() error { w.client = newEnd(devices.client, sockets.client); return nil }),
		l.namespaces.server.do(func() error { w.server = newEnd(devices.server, sockets.server); return nil }),
	)
	if err == nil {
		err = w.introduce(sockets)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start WireGuard: %w", err), w.Close(), closeDevice(devices.client), closeDevice(devices.server))
	}
	return w, nil
}

// newEnd makes one end, within its namespace: it asks for the MTU.
func newEnd(d tun.Device, s *socket) *device.Device {
	return device.NewDevice(d, s, device.NewLogger(device.LogLevelSilent, ""))
}

// introduce starts both ends and tells them each other's key and port.
func (w *wireGuard) introduce(sockets ends[*socket]) error {
	clientKey, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	serverKey, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	if err := errors.Join(w.client.Up(), w.server.Up()); err != nil {
		return err
	}
	return errors.Join(
		w.client.IpcSet(settings(clientKey, serverKey.PublicKey(), sockets.server.address())),
		w.server.IpcSet(settings(serverKey, clientKey.PublicKey(), sockets.client.address())),
	)
}

// settings are in the form of https://www.wireguard.com/xplatform/.
func settings(own *ecdh.PrivateKey, other *ecdh.PublicKey, at netip.AddrPort) string {
	return fmt.Sprintf("private_key=%x\npublic_key=%x\nendpoint=%s\nallowed_ip=0.0.0.0/0\nallowed_ip=::/0\n", own.Bytes(), other.Bytes(), at)
}

// Close ends both ends and their devices.
func (w *wireGuard) Close() error {
	for _, end := range []*device.Device{w.client, w.server} {
		if end != nil {
			end.Close()
		}
	}
	return nil
}

// socket is one end's UDP socket, on the loopback of the machine. It implements
// [conn.Bind]. WireGuard's own would listen on every address.
type socket struct {
	out *path // of what is sent

	mu      sync.Mutex
	current *net.UDPConn // nil while it is closed
}

func (s *socket) Open(port uint16) ([]conn.ReceiveFunc, uint16, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		return nil, 0, conn.ErrBindAlreadyOpen
	}
	loopback := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
	opened, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		return nil, 0, err
	}
	s.current = opened
	receive := func(packets [][]byte, sizes []int, from []conn.Endpoint) (int, error) {
		n, address, err := opened.ReadFromUDPAddrPort(packets[0])
		if err != nil {
			return 0, err
		}
		sizes[0], from[0] = n, &conn.StdNetEndpoint{AddrPort: address}
		return 1, nil
	}
	return []conn.ReceiveFunc{receive}, opened.LocalAddr().(*net.UDPAddr).AddrPort().Port(), nil
}

func (s *socket) Send(packets [][]byte, to conn.Endpoint) error {
	s.mu.Lock()
	current := s.current
	s.mu.Unlock()
	if current == nil {
		return net.ErrClosed
	}
	address := to.(*conn.StdNetEndpoint).AddrPort
	for _, packet := range packets {
		s.out.send(packet, func(packet []byte) {
			_, _ = current.WriteToUDPAddrPort(packet, address) // what is not taken is lost
		})
	}
	return nil
}

func (s *socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return nil
	}
	defer func() { s.current = nil }()
	return s.current.Close()
}

// address is where the socket, which is open, can be reached.
func (s *socket) address() netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.LocalAddr().(*net.UDPAddr).AddrPort()
}

func (s *socket) BatchSize() int       { return 1 }
func (s *socket) SetMark(uint32) error { return nil }

func (s *socket) ParseEndpoint(text string) (conn.Endpoint, error) {
	address, err := netip.ParseAddrPort(text)
	return &conn.StdNetEndpoint{AddrPort: address}, err
}
