// Package inbox keeps the reports that users send, each as one file of a
// directory, so that support reads, copies, backs up and deletes them with the
// tools that it has.
//
// A file is named by when the report came, by the report's id, and by whether a
// signed link brought it, which proves its case; never by a case or by anything
// else that a user wrote:
//
//	20261122T194430Z-0123456789abcdef.json
//	20261122T194431Z-0123456789abcdf0-signed.json
//
// It holds what [report.Encode] makes of the report, and never the bytes that
// were sent. It is on the disk, by its name, before [Dir.Keep] says that it is
// kept, and under no name before it is whole: a machine that loses its power
// leaves whole reports, and unfinished files that [Open] and [Dir.Ready] take away.
// Files may be removed at any time, which makes room. Several processes may use
// one directory.
package inbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"checkoutdoctor/wasm/report"
)

// Why a report is not kept. Any other error is the file system's.
var (
	// ErrFull: there are as many reports, or bytes, as may be.
	ErrFull = errors.New("the inbox is full")
	// ErrFullForUnsigned is an ErrFull of [Limits].HalfForSigned: a signed link may
	// still bring a report.
	ErrFullForUnsigned = fmt.Errorf("%w for reports that no signed link brought", ErrFull)
	// ErrConflict: there is a report of that id, and it says something else.
	ErrConflict = errors.New("another report of that id is kept")
	// ErrInvalid: the report has an id that no report of ours has.
	ErrInvalid = errors.New("the report's id is not 16 hexadecimal digits")
	// ErrTooLarge: written out it is larger than what is ever read again.
	ErrTooLarge = fmt.Errorf("the report has more than %d bytes", report.MaxBytes)
)

// Limits bounds what a directory holds. Zero stands for the default.
type Limits struct {
	Reports int   // 10,000 by default
	Bytes   int64 // of all reports together; 512 MB by default
	// HalfForSigned has reports that no signed link brought take half of both at
	// most, so that strangers leave room for those who have a link.
	HalfForSigned bool
}

// The default limits, and the room that [Dir.Ready] asks for: a report of every
// fact and cause has about 20 KB.
const (
	defaultReports = 10_000
	defaultBytes   = 512 << 20
	roomForOne     = 32 << 10
)

// Dir is a directory of reports. It is safe for concurrent use.
type Dir struct {
	path     string
	limits   Limits
	now      func() time.Time
	patience time.Duration // with others that have a claim

	mu sync.Mutex
	// sizes has the bytes of each report's file, as of the last look at the
	// directory: 24 bytes a report.
	sizes map[name]int64
}

// Open takes up the directory with what is in it. It creates it where there is
// none, for the process's own user alone, with the directories above it.
func Open(dir string, l Limits) (*Dir, error) {
	if l.Reports == 0 {
		l.Reports = defaultReports
	}
	if l.Bytes == 0 {
		l.Bytes = defaultBytes
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	d := &Dir{path: dir, limits: l, now: time.Now, patience: claimWait}
	if err := errors.Join(d.removeAllAbandoned(), d.look()); err != nil {
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	return d, nil
}

// Keep writes the report, and returns when it would outlast a loss of power. The
// same report again is no error: kept tells whether it is new. Of one that comes
// by a signed link and otherwise, what came first stays.
func (d *Dir) Keep(r *report.Report, signed bool) (kept bool, err error) {
	id, ok := parseID(r.ID)
	if !ok {
		return false, ErrInvalid
	}
	text, err := report.Encode(r)
	if err != nil {
		return false, err
	}
	if len(text) > report.MaxBytes {
		return false, ErrTooLarge
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if there, err := d.holds(id, text); there || err != nil {
		return false, err
	}
	return d.add(name{at: d.now().Unix(), id: id, signed: signed}, text)
}

// Ready tells whether reports could be kept now: ErrFull, or what the file system
// has against it; ErrFullForUnsigned where signed links alone could bring one.
func (d *Dir) Ready() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := errors.Join(d.removeAllAbandoned(), d.look()); err != nil {
		return err
	}
	if err := d.checkRoom(roomForOne, true); err != nil {
		return err
	}
	if err := d.tryToWrite(make([]byte, roomForOne)); err != nil {
		return err
	}
	return d.checkRoom(roomForOne, false)
}

// holds tells whether there is a report of that id, by what is known of the
// directory. ErrConflict where it is another one.
func (d *Dir) holds(id reportID, text []byte) (bool, error) {
	n, ok := d.find(id)
	if !ok {
		return false, nil
	}
	f, err := os.Open(filepath.Join(d.path, n.String()))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // it was removed since
	}
	if err != nil {
		return false, fmt.Errorf("read the report that is kept: %w", err)
	}
	defer f.Close()
	there, err := io.ReadAll(io.LimitReader(f, int64(len(text))+1))
	if err != nil {
		return false, fmt.Errorf("read the report that is kept: %w", err)
	}
	if !bytes.Equal(there, text) {
		return true, ErrConflict
	}
	return true, nil
}

// add writes the report, unless another process has done so in the meantime.
func (d *Dir) add(n name, text []byte) (kept bool, err error) {
	c, err := d.claim(n.id.unfinished())
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, c.release()) }()
	if err := d.look(); err != nil {
		return false, err
	}
	if there, err := d.holds(n.id, text); there || err != nil {
		return false, err
	}
	if err := d.checkRoom(int64(len(text)), n.signed); err != nil {
		return false, err
	}
	if err := c.keep(text, filepath.Join(d.path, n.String())); err != nil {
		return false, err
	}
	d.sizes[n] = int64(len(text))
	return true, nil
}

// find returns the name of the report of that id, if one is known.
func (d *Dir) find(id reportID) (n name, ok bool) {
	for n := range d.sizes {
		if n.id == id {
			return n, true
		}
	}
	return name{}, false
}

// checkRoom returns an ErrFull where a report of that many bytes would be beyond
// the limits.
func (d *Dir) checkRoom(size int64, signed bool) error {
	var all, unsigned used
	for n, bytes := range d.sizes {
		all.add(bytes)
		if !n.signed {
			unsigned.add(bytes)
		}
	}
	switch {
	case !all.hasRoom(size, d.limits.Reports, d.limits.Bytes):
		return ErrFull
	case d.limits.HalfForSigned && !signed && !unsigned.hasRoom(size, d.limits.Reports/2, d.limits.Bytes/2):
		return ErrFullForUnsigned
	}
	return nil
}

// used is what reports take of the limits.
type used struct {
	reports int
	bytes   int64
}

func (u *used) add(bytes int64) {
	u.reports++
	u.bytes += bytes
}

// hasRoom tells whether one more report, of that many bytes, is within the limits.
func (u used) hasRoom(size int64, reports int, bytes int64) bool {
	return u.reports < reports && u.bytes+size <= bytes
}

// look reads which reports the directory holds: others may have removed or added
// some.
func (d *Dir) look() error {
	names, err := namesIn(d.path)
	if err != nil {
		return fmt.Errorf("look into the inbox: %w", err)
	}
	sizes := make(map[name]int64, len(names))
	for _, file := range names {
		n, ok := parseName(file)
		if !ok {
			continue
		}
		size, known := d.sizes[n]
		if !known {
			info, err := os.Lstat(filepath.Join(d.path, file))
			if err != nil || !info.Mode().IsRegular() {
				continue // it was removed since, or is nothing of ours
			}
			size = info.Size()
		}
		sizes[n] = size
	}
	d.sizes = sizes
	return nil
}

// namesIn returns the names of a directory's files, in no order.
func namesIn(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
