package chrome_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

func TestWhatThePageSavesIsInTheFolder(t *testing.T) {
	url := serve(t, "saves.one.test", html("")) + "/"
	folder := t.TempDir()
	p := newPage(t, shared, probe.ContextOptions{Downloads: folder})
	require.NoError(t, p.Open(timed(t), url))
	require.NoError(t, p.Eval(timed(t), `{
		const link = document.createElement("a")
		Object.assign(link, {href: URL.createObjectURL(new Blob(["saved"])), download: "file.txt"}).click()
	}`, nil))
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		text, err := os.ReadFile(filepath.Join(folder, "file.txt"))
		require.NoError(c, err)
		require.Equal(c, "saved", string(text))
	}, 10*time.Second, 20*time.Millisecond)
}
