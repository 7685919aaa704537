package vantage

import (
	"math"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// keepSYN has the kernel keep the packet that opens each of a listener's
// connections (TCP_SAVE_SYN, tcp(7)). A kernel that cannot do so is no error:
// then the segment size is not known, that is all.
func keepSYN(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_SAVE_SYN, 1)
	})
}

// maxSYN bounds the headers of a SYN, in bytes: those of IPv6 with some
// extensions, and 60 of TCP. The kernel gives no part of longer ones.
const maxSYN = 512

// savedSYN returns the IP and TCP headers of the packet that opened the
// connection, or nothing. The kernel gives them once. unix.GetsockoptString
// would end at their first zero byte.
func savedSYN(raw syscall.RawConn) []byte {
	packet := make([]byte, maxSYN)
	size := uint32(len(packet))
	var failed syscall.Errno
	err := raw.Control(func(fd uintptr) {
		_, _, failed = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.IPPROTO_TCP, unix.TCP_SAVED_SYN,
			uintptr(unsafe.Pointer(&packet[0])), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err != nil || failed != 0 || int(size) > len(packet) {
		return nil
	}
	return packet[:size]
}

// pathOf returns what TCP_INFO says of the path, zero for what it does not.
func pathOf(raw syscall.RawConn) (pathMTU int, rtt time.Duration) {
	var info *unix.TCPInfo
	err := raw.Control(func(fd uintptr) {
		info, _ = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) // nil where it fails
	})
	if err != nil || info == nil {
		return 0, 0
	}
	micros := info.Min_rtt
	if micros == 0 || micros == math.MaxUint32 { // an older kernel, or no sample yet
		micros = info.Rtt
	}
	return int(info.Pmtu), time.Duration(micros) * time.Microsecond
}
