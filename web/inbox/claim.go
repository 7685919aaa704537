package inbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The name of an unfinished file: a dot, so that it is not listed, and an end
// that no report has.
const (
	unfinishedStart = "."
	unfinishedEnd   = ".new"
)

// tryFile is the name of the unfinished file by which [Dir.Ready] tries to write.
const tryFile = unfinishedStart + "try" + unfinishedEnd

// How long a claim waits for another that has it, which is how long a slow disk may
// take to write one report, and how often it looks.
const (
	claimWait = 10 * time.Second
	claimLook = 10 * time.Millisecond
)

// errHeld: another process writes the same report, and does not come to an end.
var errHeld = errors.New("begin a report: another process is writing it")

// claim is the right to write one file: an unfinished file that is locked, and that
// becomes the report. Whoever has it locked may name and remove it, and nobody
// else. The lock ends with the process, however that ends, and not before: a
// process that was stopped for hours still has it when it goes on.
type claim struct {
	file *os.File
	path string // empty when the file has become the report
}

// claim waits for a while where another has the claim.
func (d *Dir) claim(file string) (*claim, error) {
	path := filepath.Join(d.path, file)
	for waited := time.Duration(0); ; waited += claimLook {
		c, err := tryClaim(path)
		if err != nil {
			return nil, fmt.Errorf("begin a report: %w", err)
		}
		if c != nil {
			return c, nil
		}
		if waited >= d.patience {
			return nil, errHeld
		}
		time.Sleep(claimLook)
	}
}

// tryClaim returns nil where another has the claim. What a crash left is taken
// over, and emptied.
func tryClaim(path string) (*claim, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	ours, err := hold(f, path)
	if ours {
		err = f.Truncate(0)
	}
	if !ours || err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &claim{file: f, path: path}, nil
}

// hold locks the file until it is closed, and tells whether it may be named and
// removed by that path: not where another has it locked, nor where it was named or
// removed, and perhaps another made, before it was locked here.
func hold(f *os.File, path string) (bool, error) {
	locked, err := lock(f)
	if !locked || err != nil {
		return false, err
	}
	ours, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(ours, there), err
}

// keep writes the text and gives it the report's name. It returns when both are
// on the disk.
func (c *claim) keep(text []byte, as string) error {
	if _, err := c.file.Write(text); err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	if err := c.file.Sync(); err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	if err := os.Rename(c.path, as); err != nil {
		return fmt.Errorf("name a report: %w", err)
	}
	c.path = ""
	return syncDirectory(filepath.Dir(as))
}

// release gives the claim up. A file that has not become the report goes, before
// others can have the lock.
func (c *claim) release() error {
	var err error
	if c.path != "" {
		err = os.Remove(c.path)
	}
	err = errors.Join(err, c.file.Close())
	if err != nil {
		return fmt.Errorf("end a report: %w", err)
	}
	return nil
}

// syncDirectory has the names of the directory's files outlast a loss of power,
// as fsync(2) says that a file's own does not.
func syncDirectory(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("keep a report's name: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("keep a report's name: %w", err)
	}
	return nil
}

// tryToWrite writes the text as a report would be, and takes it away again.
func (d *Dir) tryToWrite(text []byte) error {
	c, err := d.claim(tryFile)
	if err != nil {
		return err
	}
	if _, err = c.file.Write(text); err != nil {
		err = fmt.Errorf("try to write: %w", err)
	}
	return errors.Join(err, c.release())
}

func isUnfinished(file string) bool {
	return strings.HasPrefix(file, unfinishedStart) && strings.HasSuffix(file, unfinishedEnd)
}

// removeAllAbandoned takes away what crashes left.
func (d *Dir) removeAllAbandoned() error {
	names, err := namesIn(d.path)
	if err != nil {
		return fmt.Errorf("look for unfinished reports: %w", err)
	}
	for _, file := range names {
		if isUnfinished(file) {
			d.removeAbandoned(file)
		}
	}
	return nil
}

// removeAbandoned takes an unfinished file away if nobody is writing it any more.
// One that cannot be removed stays until it can: no report is lost by it.
func (d *Dir) removeAbandoned(file string) {
	path := filepath.Join(d.path, file)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if ours, err := hold(f, path); ours && err == nil {
		os.Remove(path)
	}
}
