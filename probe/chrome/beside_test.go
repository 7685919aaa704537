package chrome_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
)

func TestATabBesideIsOfTheSameContextAndNotedNowhere(t *testing.T) {
	top := serve(t, "beside.one.test", html(`<iframe src="https://beside.two.test/"></iframe><button onclick="window.open('/opened')">open</button>
		<script>localStorage.visits = Number(localStorage.visits ?? 0) + 1</script>`))
	serve(t, "beside.two.test", html("framed"))
	p := newPage(t, shared, probe.ContextOptions{})
	require.NoError(t, p.OpenBeside(timed(t), top+"/"))
	assert.Equal(t, probe.Truth{}, p.Truth(), "what the other tab does")
	require.NoError(t, p.Open(timed(t), top+"/"))

	assert.Equal(t, "2", eval[string](t, p, "localStorage.visits"), "the storage is one")
	assert.Equal(t, "visible", eval[string](t, p, "document.visibilityState"), "this tab is looked at")
	frames, err := p.Frames(timed(t))
	require.NoError(t, err)
	assert.Len(t, frames, 1, "the other tab's are not this one's")
	windows, err := p.Windows(timed(t))
	require.NoError(t, err)
	assert.Empty(t, windows)

	require.NoError(t, p.Click(timed(t), "button"))
	truth := until(t, p, func(truth probe.Truth) bool { return truth.Popups > 0 })
	assert.Equal(t, 1, truth.Popups)
}

func TestATabBesideThatNeverCameIsNotAwaited(t *testing.T) {
	b := launch(t, probe.Profile{})
	p := newPage(t, b, probe.ContextOptions{})
	require.NoError(t, b.Close())
	require.ErrorIs(t, p.OpenBeside(timed(t), "https://beside.one.test/"), probe.ErrBrowserGone)
	assert.False(t, chrome.AwaitsBeside(p))
}
