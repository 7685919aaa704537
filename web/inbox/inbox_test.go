package inbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// came is when the tests' reports come.
var came = time.Date(2026, time.November, 22, 19, 44, 30, 500, time.UTC)

func newDir(t testing.TB, path string, l Limits) *Dir {
	t.Helper()
	d, err := Open(path, l)
	require.NoError(t, err)
	d.now = func() time.Time { return came }
	return d
}

// numbered returns a report whose id is the number.
func numbered(n int) *report.Report {
	return &report.Report{
		Schema: report.Schema, ID: fmt.Sprintf("%016x", n), GeneratedAt: "2026-11-22T19:44:00Z", Module: report.Version,
		Mode: "link", Case: "4711", Result: diagnosis.Result{Verdict: diagnosis.Clear}, Facts: &facts.Set{},
	}
}

// files returns the names of the directory's files, sorted.
func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

func TestAReportIsAFileOfItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	d := newDir(t, path, Limits{})
	r := numbered(0xc0ffee)
	r.Case = "../../etc/passwd"
	kept, err := d.Keep(r, false)
	require.NoError(t, err)
	assert.True(t, kept)

	require.Equal(t, []string{"20261122T194430Z-0000000000c0ffee.json"}, files(t, path), "when and which, and nothing that a user wrote")
	file := filepath.Join(path, files(t, path)[0])
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	want, err := report.Encode(r)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(text))
	for _, of := range []struct {
		path string
		mode os.FileMode
	}{{path, 0o700}, {filepath.Dir(path), 0o700}, {file, 0o600}} {
		info, err := os.Stat(of.path)
		require.NoError(t, err)
		assert.Equal(t, of.mode, info.Mode().Perm(), of.path)
	}
}

func TestTheSameReportAgainIsKeptOnce(t *testing.T) {
	path := t.TempDir()
	d := newDir(t, path, Limits{Reports: 1})
	kept, err := d.Keep(numbered(1), false)
	require.NoError(t, err)
	require.True(t, kept)
	for name, d := range map[string]*Dir{
		"at once, when there is no more room": d,
		"after a restart":                     newDir(t, path, Limits{}),
	} {
		t.Run(name, func(t *testing.T) {
			kept, err := d.Keep(numbered(1), false)
			require.NoError(t, err)
			assert.False(t, kept)
			assert.Len(t, files(t, path), 1)
		})
	}
}

func TestAnotherReportOfTheIDIsNotKept(t *testing.T) {
	path := t.TempDir()
	other := newDir(t, path, Limits{})
	d := newDir(t, path, Limits{})
	_, err := d.Keep(numbered(1), false)
	require.NoError(t, err)
	before, err := os.ReadFile(filepath.Join(path, files(t, path)[0]))
	require.NoError(t, err)
	for name, change := range map[string]func(*report.Report){
		"as long as that": func(r *report.Report) { r.Case = "4712" },
		"longer":          func(r *report.Report) { r.Case = "47111" },
		"of another day":  func(r *report.Report) { r.GeneratedAt = "2026-11-23T19:44:00Z" },
	} {
		t.Run(name, func(t *testing.T) {
			r := numbered(1)
			change(r)
			for _, d := range []*Dir{d, other} {
				kept, err := d.Keep(r, false)
				assert.ErrorIs(t, err, ErrConflict)
				assert.False(t, kept)
			}
			require.Len(t, files(t, path), 1)
			after, err := os.ReadFile(filepath.Join(path, files(t, path)[0]))
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after))
		})
	}
}

func TestIDsThatAreNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inbox")
	d := newDir(t, path, Limits{})
	for name, id := range map[string]string{
		"empty":              "",
		"short":              "0123456789abcde",
		"long":               "0123456789abcdef0",
		"in capitals":        "0123456789ABCDEF",
		"a path upwards":     "../0123456789abc",
		"another directory":  "/tmp/0123456789a",
		"a slash within":     "01234567/9abcdef",
		"a zero byte":        "01234567\x009abcdef",
		"a line's end":       "0123456789abcde\n",
		"letters beyond hex": "0123456789abcdeg",
		"wide digits":        "0123456789abc０",
		"a mark":             "*",
	} {
		t.Run(name, func(t *testing.T) {
			r := numbered(1)
			r.ID = id
			kept, err := d.Keep(r, false)
			assert.ErrorIs(t, err, ErrInvalid)
			assert.False(t, kept)
			assert.False(t, IsID(id))
		})
	}
	assert.Empty(t, files(t, path))
	assert.Equal(t, []string{"inbox"}, files(t, filepath.Dir(path)))
}

func TestAReportThatNobodyCouldReadAgainIsNotKept(t *testing.T) {
	d := newDir(t, t.TempDir(), Limits{})
	r := numbered(1)
	r.Case = strings.Repeat("x", report.MaxBytes)
	_, err := d.Keep(r, false)
	assert.ErrorIs(t, err, ErrTooLarge)
	assert.Empty(t, files(t, d.path))
}

func TestAFullInboxHasRoomWhenFilesAreRemoved(t *testing.T) {
	text, err := report.Encode(numbered(1))
	require.NoError(t, err)
	for name, l := range map[string]Limits{
		"of reports": {Reports: 3},
		"of bytes":   {Bytes: int64(3*len(text) + 1)},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDir(t, t.TempDir(), l)
			for n := range 3 {
				kept, err := d.Keep(numbered(n), false)
				require.NoError(t, err)
				assert.True(t, kept)
			}
			_, err := d.Keep(numbered(3), false)
			assert.ErrorIs(t, err, ErrFull)
			assert.ErrorIs(t, d.Ready(), ErrFull)
			assert.Len(t, files(t, d.path), 3)
			reopened := newDir(t, d.path, l)
			_, err = reopened.Keep(numbered(3), false)
			assert.ErrorIs(t, err, ErrFull)

			require.NoError(t, os.Remove(filepath.Join(d.path, files(t, d.path)[0])))
			kept, err := d.Keep(numbered(3), false)
			require.NoError(t, err)
			assert.True(t, kept)
			_, err = reopened.Keep(numbered(4), false)
			assert.ErrorIs(t, err, ErrFull, "what another process kept counts")
		})
	}
}

func TestAReportThatWasRemovedIsKeptAnew(t *testing.T) {
	d := newDir(t, t.TempDir(), Limits{})
	for _, number := range []string{"4711", "4711", "47111"} {
		r := numbered(1)
		r.Case = number
		kept, err := d.Keep(r, false)
		require.NoError(t, err)
		assert.True(t, kept)
		require.NoError(t, os.Remove(filepath.Join(d.path, files(t, d.path)[0])))
	}
}

func TestReadySaysWhetherAReportCouldBeKept(t *testing.T) {
	d := newDir(t, filepath.Join(t.TempDir(), "inbox"), Limits{})
	require.NoError(t, d.Ready())
	assert.Empty(t, files(t, d.path), "trying leaves nothing")
	require.NoError(t, os.Remove(d.path))
	assert.ErrorIs(t, d.Ready(), os.ErrNotExist)
	_, err := d.Keep(numbered(1), false)
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = os.Stat(d.path)
	assert.ErrorIs(t, err, os.ErrNotExist, "a directory that was unmounted is not made up for")
}

func TestWhatCannotBeOpened(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, path := range map[string]string{"a file": file, "below a file": filepath.Join(file, "inbox"), "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(path, Limits{})
			assert.ErrorContains(t, err, "open the inbox: ")
		})
	}
}

// TestWhatACrashLeavesGoes and nothing else: an unfinished file that somebody is
// still writing stays, however slowly, and what is not the inbox's.
func TestWhatACrashLeavesGoes(t *testing.T) {
	path := t.TempDir()
	d := newDir(t, path, Limits{})
	_, err := d.Keep(numbered(1), false)
	require.NoError(t, err)
	kept := files(t, path)
	for file, age := range map[string]time.Duration{
		".0000000000000002.new": 2 * time.Minute,
		".try.new":              0,
		".hidden":               time.Hour,
		"notes.txt":             time.Hour,
		"x.new":                 time.Hour,
	} {
		name := filepath.Join(path, file)
		require.NoError(t, os.WriteFile(name, []byte("{"), 0o600))
		require.NoError(t, os.Chtimes(name, time.Time{}, time.Now().Add(-age)))
	}
	require.NoError(t, os.Mkdir(filepath.Join(path, ".dir.new"), 0o700))
	writing, err := d.claim(".0000000000000003.new")
	require.NoError(t, err)
	defer writing.release()
	require.NoError(t, os.Chtimes(writing.path, time.Time{}, time.Now().Add(-time.Hour)))
	_, err = Open(path, Limits{})
	require.NoError(t, err)
	assert.ElementsMatch(t, append(kept, ".0000000000000003.new", ".hidden", "notes.txt", "x.new", ".dir.new"), files(t, path))
}

func TestAClaimThatSomebodyHasIsWaitedForAndNotTaken(t *testing.T) {
	path := t.TempDir()
	d, other := newDir(t, path, Limits{}), newDir(t, path, Limits{})
	d.patience = 5 * claimLook
	stalled, err := other.claim(".0000000000000001.new")
	require.NoError(t, err)
	require.NoError(t, os.Chtimes(stalled.path, time.Time{}, time.Now().Add(-time.Hour)))
	_, err = d.Keep(numbered(1), false)
	assert.ErrorIs(t, err, errHeld)
	require.NoError(t, d.Ready())
	assert.Equal(t, []string{".0000000000000001.new"}, files(t, path))
	require.NoError(t, stalled.release())
	kept, err := d.Keep(numbered(1), false)
	require.NoError(t, err)
	assert.True(t, kept)
}

// TestAClaimOfAFileThatIsNoMoreThere: whoever opened it while another wrote must
// neither name nor remove what has its name then.
func TestAClaimOfAFileThatIsNoMoreThere(t *testing.T) {
	for name, end := range map[string]func(c *claim) error{
		"it became the report": func(c *claim) error { return errors.Join(c.keep([]byte("{}"), c.path+".json"), c.release()) },
		"it was given up":      (*claim).release,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDir(t, t.TempDir(), Limits{})
			first, err := d.claim(tryFile)
			require.NoError(t, err)
			path := first.path
			late, err := os.OpenFile(path, os.O_WRONLY, 0)
			require.NoError(t, err)
			defer late.Close()
			require.NoError(t, end(first))
			ours, err := hold(late, path)
			require.NoError(t, err)
			assert.False(t, ours, "nothing has the name")
			second, err := d.claim(tryFile)
			require.NoError(t, err)
			defer second.release()
			ours, err = hold(late, path)
			require.NoError(t, err)
			assert.False(t, ours, "another's has it")
		})
	}
}

func TestAClaimThatACrashLeftIsTaken(t *testing.T) {
	d := newDir(t, t.TempDir(), Limits{})
	left := filepath.Join(d.path, ".0000000000000001.new")
	require.NoError(t, os.WriteFile(left, make([]byte, report.MaxBytes), 0o600))
	kept, err := d.Keep(numbered(1), false)
	require.NoError(t, err)
	assert.True(t, kept)
	require.Len(t, files(t, d.path), 1)
	text, err := os.ReadFile(filepath.Join(d.path, files(t, d.path)[0]))
	require.NoError(t, err)
	want, err := report.Encode(numbered(1))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(text), "nothing of what was left is in it")
}

func TestAReportThatASignedLinkBroughtIsNamedSo(t *testing.T) {
	d := newDir(t, t.TempDir(), Limits{})
	for _, signed := range []bool{true, false} {
		_, err := d.Keep(numbered(1), signed)
		require.NoError(t, err)
		_, err = d.Keep(numbered(2), !signed)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{
		"20261122T194430Z-0000000000000001-signed.json",
		"20261122T194430Z-0000000000000002.json",
	}, files(t, d.path), "what came first stays")
	r := numbered(2)
	r.Case = "4712"
	_, err := newDir(t, d.path, Limits{}).Keep(r, true)
	assert.ErrorIs(t, err, ErrConflict)
}

// TestStrangersLeaveHalfOfTheRoom to reports that signed links bring, which may
// take all of it.
func TestStrangersLeaveHalfOfTheRoom(t *testing.T) {
	text, err := report.Encode(numbered(1))
	require.NoError(t, err)
	for name, l := range map[string]Limits{
		"of reports": {Reports: 6},
		"of bytes":   {Bytes: int64(6*len(text) + 1)},
	} {
		t.Run(name, func(t *testing.T) {
			l.HalfForSigned = true
			d := newDir(t, t.TempDir(), l)
			keep := func(n int, signed bool) error {
				_, err := d.Keep(numbered(n), signed)
				return err
			}
			for n := range 3 {
				require.NoError(t, keep(n, false))
			}
			assert.ErrorIs(t, keep(3, false), ErrFullForUnsigned)
			assert.ErrorIs(t, keep(3, false), ErrFull)
			for n := range 3 {
				require.NoError(t, keep(10+n, true))
			}
			assert.ErrorIs(t, keep(13, true), ErrFull)
			assert.Len(t, files(t, d.path), 6)
		})
	}
	all := newDir(t, t.TempDir(), Limits{Reports: 6, HalfForSigned: true})
	for n := range 6 {
		_, err := all.Keep(numbered(n), n < 4)
		require.NoError(t, err, "what links brought is not counted as strangers'")
	}
	_, err = all.Keep(numbered(6), false)
	assert.ErrorIs(t, err, ErrFull)
}

// TestReadySaysWhichReportsCouldBeKept since those who run the server are to know of
// strangers that keep others out who have no link.
func TestReadySaysWhichReportsCouldBeKept(t *testing.T) {
	for _, halved := range []bool{false, true} {
		d := newDir(t, t.TempDir(), Limits{Reports: 4, HalfForSigned: halved})
		for n, want := range []error{nil, nil, ErrFullForUnsigned, ErrFullForUnsigned, ErrFull} {
			if want == ErrFullForUnsigned && !halved {
				want = nil
			}
			assert.Equal(t, want, d.Ready(), "halved: %t, reports: %d", halved, n)
			if n < 4 {
				_, err := d.Keep(numbered(n), n >= 2)
				require.NoError(t, err)
			}
		}
	}
}

func TestManyWhoKeepTheSameReportKeepItOnce(t *testing.T) {
	path := t.TempDir()
	dirs := []*Dir{newDir(t, path, Limits{}), newDir(t, path, Limits{})}
	var kept atomic.Int64
	var keepers sync.WaitGroup
	for i := range 16 {
		keepers.Go(func() {
			for n := range 10 {
				ok, err := dirs[i%len(dirs)].Keep(numbered(n), false)
				assert.NoError(t, err)
				if ok {
					kept.Add(1)
				}
			}
		})
	}
	keepers.Wait()
	assert.EqualValues(t, 10, kept.Load())
	assert.Len(t, files(t, path), 10)
}

func TestNamesThatAreNone(t *testing.T) {
	at := time.Date(2026, time.November, 22, 19, 44, 30, 0, time.UTC)
	for file, want := range map[string]Name{
		"20261122T194430Z-0123456789abcdef.json":        {Received: at, ID: "0123456789abcdef"},
		"20261122T194430Z-0123456789abcdef-signed.json": {Received: at, ID: "0123456789abcdef", Signed: true},
	} {
		name, ok := ParseName(file)
		require.True(t, ok, file)
		assert.Equal(t, want, name)
	}
	for name, file := range map[string]string{
		"empty":            "",
		"no id":            "20261122T194430Z.json",
		"signed, no id":    "20261122T194430Z-signed.json",
		"signed twice":     "20261122T194430Z-0123456789abcdef-signed-signed.json",
		"signed otherwise": "20261122T194430Z-0123456789abcdef-SIGNED.json",
		"no time":          "-0123456789abcdef.json",
		"fractions":        "20261122T194430.5Z-0123456789abcdef.json",
		"no such day":      "20260230T194430Z-0123456789abcdef.json",
		"another zone":     "20261122T194430+0100-0123456789abcdef.json",
		"in capitals":      "20261122T194430Z-0123456789ABCDEF.json",
		"another end":      "20261122T194430Z-0123456789abcdef.json.bak",
		"no end":           "20261122T194430Z-0123456789abcdef",
		"a path":           "a/20261122T194430Z-0123456789abcdef.json",
		"a longer id":      "20261122T194430Z-0123456789abcdef0.json",
		"with a second id": "20261122T194430Z-0123456789abcdef-0123456789abcdef.json",
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := ParseName(file)
			assert.False(t, ok)
		})
	}
}

// FuzzOpen: a file of any name is no harm, and none is taken away but what was
// never finished.
func FuzzOpen(f *testing.F) {
	for _, file := range []string{"20261122T194430Z-0123456789abcdef.json", "20261122T194430Z-0123456789abcdef-signed.json", ".0123456789abcdef.new", "20261122T194430.5Z-0123456789abcdef.json", "…", "\xff", ".", "-.json"} {
		f.Add(file)
	}
	path := f.TempDir()
	f.Fuzz(func(t *testing.T, file string) {
		full := filepath.Join(path, file)
		if strings.Contains(file, "/") || os.WriteFile(full, []byte("{}"), 0o600) != nil {
			t.Skip("no file can have the name")
		}
		defer os.Remove(full)
		require.NoError(t, os.Chtimes(full, time.Time{}, time.Now().Add(-time.Hour)))
		d := newDir(t, path, Limits{Reports: 1})
		n, ok := parseName(file)
		assert.Equal(t, ok, len(d.sizes) == 1)
		if ok {
			assert.Equal(t, file, n.String())
			assert.True(t, IsID(n.id.String()))
		}
		assert.Equal(t, !isUnfinished(file), len(files(t, path)) == 1)
	})
}
