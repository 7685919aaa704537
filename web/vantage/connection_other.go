//go:build !linux

package vantage

import (
	"syscall"
	"time"
)

// keepSYN does nothing: only Linux keeps the packet that opened a connection.
func keepSYN(_, _ string, _ syscall.RawConn) error { return nil }

func savedSYN(syscall.RawConn) []byte { return nil }

func pathOf(syscall.RawConn) (pathMTU int, rtt time.Duration) { return 0, 0 }
