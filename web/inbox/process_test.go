package inbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/report"
)

// keepIn is the variable that has the test binary keep reports in a directory.
const keepIn = "CHECKOUTDOCTOR_TEST_KEEP_IN"

// keptAtOnce is how many reports such a process keeps.
const keptAtOnce = 200

func TestMain(m *testing.M) {
	if dir := os.Getenv(keepIn); dir != "" {
		if err := keepMany(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// keepMany keeps reports, and prints the number of those that were new.
func keepMany(dir string) error {
	d, err := Open(dir, Limits{})
	if err != nil {
		return err
	}
	count := 0
	for n := range keptAtOnce {
		kept, err := d.Keep(numbered(n))
		if err != nil {
			return err
		}
		if kept {
			count++
		}
	}
	fmt.Println(count)
	return nil
}

func keeper(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), keepIn+"="+dir)
	c.Stderr = os.Stderr
	return c
}

func TestTwoProcessesKeepAReportOnce(t *testing.T) {
	dir := t.TempDir()
	counts := make(chan int, 2)
	for range 2 {
		c := keeper(t, dir)
		go func() {
			count := -1
			out, err := c.Output()
			if err == nil {
				_, err = fmt.Sscan(string(out), &count)
			}
			assert.NoError(t, err)
			counts <- count
		}()
	}
	assert.Equal(t, keptAtOnce, <-counts+<-counts)
	assert.Len(t, files(t, dir), keptAtOnce)
}

// TestAProcessThatIsKilledLeavesWholeReports: what has a report's name is one.
func TestAProcessThatIsKilledLeavesWholeReports(t *testing.T) {
	for _, enough := range []int{1, 7, 20} {
		dir := t.TempDir()
		c := keeper(t, dir)
		require.NoError(t, c.Start())
		require.Eventually(t, func() bool { return len(files(t, dir)) >= enough }, time.Minute, time.Millisecond)
		require.NoError(t, c.Process.Kill())
		require.Error(t, c.Wait(), "it was not at its end")

		d := newDir(t, dir, Limits{})
		d.now = func() time.Time { return time.Now().Add(time.Hour) }
		require.NoError(t, d.Ready())
		for _, file := range files(t, dir) {
			_, id, ok := ParseName(file)
			require.True(t, ok, file)
			text, err := os.ReadFile(filepath.Join(dir, file))
			require.NoError(t, err)
			r, err := report.Decode(text)
			require.NoError(t, err)
			assert.Equal(t, id, r.ID)
		}
		for n := range keptAtOnce {
			_, err := d.Keep(numbered(n))
			require.NoError(t, err)
		}
		assert.Len(t, files(t, dir), keptAtOnce)
	}
}
