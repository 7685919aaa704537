package inbox

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// mounted returns the directory of a file system of its own, in memory, with some
// options of tmpfs(5). Only root can have one.
func mounted(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("no file system of a test's own can be mounted here: %v", err)
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(dir, 0)) })
	return dir
}

func TestADiskThatIsFull(t *testing.T) {
	for name, options := range map[string]string{
		"of bytes": "size=16k",    // four pages of 4 KB
		"of files": "nr_inodes=5", // one is the directory's
	} {
		t.Run(name, func(t *testing.T) {
			d := newDir(t, mounted(t, options), Limits{})
			n := 0
			var err error
			for err == nil && n < 100 {
				_, err = d.Keep(numbered(n), false)
				n++
			}
			require.ErrorIs(t, err, unix.ENOSPC)
			assert.ErrorIs(t, d.Ready(), unix.ENOSPC)
			assert.Len(t, files(t, d.path), 4, "nothing is left of what could not be kept")
			kept, err := d.Keep(numbered(0), false)
			require.NoError(t, err)
			assert.False(t, kept, "what is kept is known all the same")

			require.NoError(t, os.Remove(filepath.Join(d.path, files(t, d.path)[0])))
			kept, err = d.Keep(numbered(1000), false)
			require.NoError(t, err)
			assert.True(t, kept)
		})
	}
}

func TestADiskThatCannotBeWritten(t *testing.T) {
	d := newDir(t, mounted(t, ""), Limits{})
	_, err := d.Keep(numbered(1), false)
	require.NoError(t, err)
	require.NoError(t, d.Ready())
	require.NoError(t, unix.Mount("none", d.path, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""))

	assert.ErrorIs(t, d.Ready(), unix.EROFS)
	_, err = d.Keep(numbered(2), false)
	assert.ErrorIs(t, err, unix.EROFS)
	kept, err := d.Keep(numbered(1), false)
	require.NoError(t, err)
	assert.False(t, kept)
	_, err = Open(d.path, Limits{})
	assert.NoError(t, err, "the reports that are there can be read: Ready says that none can be added")
}

func TestADirectoryThatIsNotOurs(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	d := newDir(t, t.TempDir(), Limits{})
	require.NoError(t, os.Chmod(d.path, 0o500))
	assert.ErrorIs(t, d.Ready(), os.ErrPermission)
	_, err := d.Keep(numbered(1), false)
	assert.ErrorIs(t, err, os.ErrPermission)
}
