//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package inbox

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock locks the file against all others that open it, until it is closed
// (flock(2)); not ok where another has it locked.
func lock(f *os.File) (ok bool, err error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, fmt.Errorf("lock an unfinished report: %w", err)
		}
	}
}
