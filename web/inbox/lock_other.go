//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package inbox

import (
	"errors"
	"fmt"
	"os"
)

// lock fails: where files cannot be locked so that the end of a process unlocks
// them, no report is kept.
func lock(*os.File) (ok bool, err error) {
	return false, fmt.Errorf("lock an unfinished report: %w", errors.ErrUnsupported)
}
