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

// abandonedAfter is how old an unfinished file must be for nobody to be writing
// it any more. Writing one takes milliseconds.
const abandonedAfter = time.Minute

// How long a claim waits for another process that has it, and how often it looks.
const (
	claimWait = time.Second
	claimLook = 10 * time.Millisecond
)

// claim is the right to write the report of one id: a file that only one process
// at a time can create, and that becomes the report.
type claim struct {
	file *os.File
	path string // empty when the file has become the report
}

// claim waits for a while where another process has the claim.
func (d *Dir) claim(id reportID) (*claim, error) {
	file := unfinishedStart + id.String() + unfinishedEnd
	path := filepath.Join(d.path, file)
	for waited := time.Duration(0); ; waited += claimLook {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return &claim{file: f, path: path}, nil
		}
		if !errors.Is(err, os.ErrExist) || waited >= claimWait {
			return nil, fmt.Errorf("begin a report: %w", err)
		}
		d.removeAbandoned(file)
		time.Sleep(claimLook)
	}
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

// release gives the claim up. A file that has not become the report goes.
func (c *claim) release() error {
	err := c.file.Close()
	if c.path != "" {
		err = errors.Join(err, os.Remove(c.path))
	}
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
	f, err := os.CreateTemp(d.path, unfinishedStart+"*"+unfinishedEnd)
	if err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	return nil
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
	info, err := os.Lstat(path)
	if err == nil && info.Mode().IsRegular() && d.now().Sub(info.ModTime()) > abandonedAfter {
		os.Remove(path)
	}
}
