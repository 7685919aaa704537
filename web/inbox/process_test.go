package inbox

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/report"
)

// keepIn is one of two variables that have the test binary keep reports in a directory.
const keepIn = "CHECKOUTDOCTOR_TEST_KEEP_IN"

// The other has the number of the reports that it keeps.
const keepCount = "CHECKOUTDOCTOR_TEST_KEEP_COUNT"

// How many reports a process keeps: of one that comes to its end, and of one that is
// killed before.
const (
	keptAtOnce  = 200
	keptForever = math.MaxInt
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(keepIn); dir != "" {
		if err := keepMany(dir, os.Getenv(keepCount)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// keepMany keeps reports, and prints the number of those that were new.
func keepMany(dir, number string) error {
	reports, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	d, err := Open(dir, Limits{Reports: reports, Bytes: math.MaxInt64})
	if err != nil {
		return err
	}
	count := 0
	for n := range reports {
		kept, err := d.Keep(numbered(n), false)
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

func keeper(t *testing.T, dir string, reports int) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), keepIn+"="+dir, keepCount+"="+strconv.Itoa(reports))
	c.Stderr = os.Stderr
	return c
}

func TestTwoProcessesKeepAReportOnce(t *testing.T) {
	dir := t.TempDir()
	counts := make(chan int, 2)
	for range 2 {
		c := keeper(t, dir, keptAtOnce)
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
		c := keeper(t, dir, keptForever)
		require.NoError(t, c.Start())
		require.Eventually(t, func() bool { return len(files(t, dir)) >= enough }, time.Minute, time.Millisecond)
		require.NoError(t, c.Process.Kill())
		require.Error(t, c.Wait(), "it was not at its end")

		d := newDir(t, dir, Limits{})
		require.NoError(t, d.Ready())
		whole := len(files(t, dir))
		for _, file := range files(t, dir) {
			name, ok := ParseName(file)
			require.True(t, ok, file)
			text, err := os.ReadFile(filepath.Join(dir, file))
			require.NoError(t, err)
			r, err := report.Decode(text)
			require.NoError(t, err)
			assert.Equal(t, name.ID, r.ID)
		}
		for n := range whole + 1 {
			kept, err := d.Keep(numbered(n), false)
			require.NoError(t, err)
			assert.Equal(t, n == whole, kept, "only what it had not finished is new")
		}
	}
}
