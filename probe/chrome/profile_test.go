package chrome_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

func launch(t *testing.T, p probe.Profile) probe.Browser {
	t.Helper()
	b, err := launcher.Launch(timed(t), p)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func TestCookiesAreKeptAsTheProfileSays(t *testing.T) {
	// Each page says which cookies its server got and then sets them, so that
	// the second visit tells.
	echo := func(w http.ResponseWriter, r *http.Request) {
		var got []string
		for _, c := range r.Cookies() {
			got = append(got, c.Name)
		}
		for _, name := range []string{"plain", "part; Partitioned"} {
			name, attribute, _ := strings.Cut(name, ";")
			w.Header().Add("Set-Cookie", fmt.Sprintf("%s=1; Secure; SameSite=None;%s", name, attribute))
		}
		html(`<script>got = "`+strings.Join(got, " ")+`"</script>`)(w, r)
	}
	top := serve(t, "cookies.one.test", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "own", Value: "1"})
		_, err := r.Cookie("own")
		html(fmt.Sprintf(`<iframe src="https://cookies.two.test/"></iframe><script>got = %t</script>`, err == nil))(w, r)
	})
	serve(t, "cookies.two.test", echo)

	tests := map[string]struct {
		profile probe.Profile
		own     bool
		third   string
		access  bool
		issue   bool
	}{
		"all are allowed":              {probe.Profile{}, true, "part plain", true, false},
		"allowed in so many words":     {probe.Profile{ThirdPartyCookies: "allow", Cookies: "allow"}, true, "part plain", true, false},
		"third-party ones are blocked": {probe.Profile{ThirdPartyCookies: "block"}, true, "part", false, true},
		"all are blocked":              {probe.Profile{Cookies: "block"}, false, "", false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := shared
			if name != "all are allowed" {
				b = launch(t, test.profile)
			}
			p := newPage(t, b, probe.ContextOptions{})
			for range 2 {
				require.NoError(t, p.Open(timed(t), top+"/"))
			}
			assert.Equal(t, test.own, eval[bool](t, p, "got"))
			frames, err := p.Frames(timed(t))
			require.NoError(t, err)
			require.Len(t, frames, 1)
			assert.Equal(t, test.third, eval[string](t, frames[0], "got.split(' ').sort().join(' ')"))
			assert.Equal(t, test.access, eval[bool](t, frames[0], "document.hasStorageAccess()"))
			assert.Equal(t, test.issue, strings.Contains(fmt.Sprint(p.Truth().Issues), "CookieIssue"), "%v", p.Truth().Issues)
		})
	}
}

func TestTheLocalNetworkIsDeniedAsTheProfileSays(t *testing.T) {
	top := serve(t, "public.one.test", html(`<iframe name=f></iframe><form method=POST target=f action="https://`+elsewhere+`/"></form>
		<script>document.forms[0].submit()</script>`))
	local := serve(t, elsewhere, html("local"))
	serve(t, "public.two.test", html("public"))
	const state = `Promise.all(["local-network-access", "local-network", "loopback-network"].map(name =>
		navigator.permissions.query({name}).then(p => p.state, e => e.message))).then(states => states.join(" "))`
	for name, test := range map[string]struct {
		browser probe.Browser
		state   string
		blocked bool
	}{
		"all are local":         {shared, "prompt prompt prompt", false},
		"pages count as public": {launch(t, probe.Profile{LocalNetwork: "deny"}), "denied denied denied", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t, test.browser, probe.ContextOptions{})
			require.NoError(t, p.Open(timed(t), top+"/"))
			assert.Equal(t, test.state, eval[string](t, p, state))
			truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Failures)+len(truth.Frames) > 0 })
			if !test.blocked {
				assert.Equal(t, []string{local}, truth.Frames)
				return
			}
			require.NotEmpty(t, truth.Failures)
			assert.Equal(t, "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS", truth.Failures[0].Error)
			assert.Equal(t, local, truth.Failures[0].Origin)
			assert.True(t, eval[bool](t, p, "fetch('https://public.two.test/', {mode: 'no-cors'}).then(() => true, () => false)"))
		})
	}
}

func TestExtensionsAreRealOnes(t *testing.T) {
	b := launch(t, probe.Profile{Extensions: []string{"popup-null", "block-acs", "block-device-script", "hide-frame"}})

	t.Run("popup-null answers for window.open", func(t *testing.T) {
		origin := serve(t, "override.one.test", html(`<button onclick="
			opened = window.open('/'); active = navigator.userActivation.isActive">open</button>`))
		p := newPage(t, b, probe.ContextOptions{})
		require.NoError(t, p.Open(timed(t), origin+"/"))
		require.NoError(t, p.Click(timed(t), "button"))
		require.NoError(t, p.Until(timed(t), "'active' in window"))
		assert.True(t, eval[bool](t, p, "opened === null && active && !/native code/.test(window.open)"),
			"the override returns null and leaves the activation")
		assert.Zero(t, p.Truth().Popups)
	})

	t.Run("block-acs blocks the issuer's frame, which collapses", func(t *testing.T) {
		top := serve(t, "list.one.test", html(`<iframe id=blocked src="https://blocked.two.test/"></iframe><iframe id=other src="https://other.two.test/"></iframe>`))
		blocked := serve(t, "blocked.two.test", html("never seen"))
		other := serve(t, "other.two.test", html("seen"))
		p := newPage(t, b, probe.ContextOptions{})
		require.NoError(t, p.Open(timed(t), top+"/"))
		require.NoError(t, p.Until(timed(t), "blocked.getClientRects().length === 0 && getComputedStyle(blocked).display === 'inline'"))
		assert.Equal(t, 1, eval[int](t, p, "other.getClientRects().length"))
		truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Failures) > 0 && len(truth.Frames) > 0 })
		assert.Equal(t, []string{other}, truth.Frames)
		assert.Equal(t, blocked, truth.Failures[0].Origin)
		assert.Equal(t, "net::ERR_BLOCKED_BY_CLIENT", truth.Failures[0].Error)
		assert.True(t, truth.Failures[0].Frame)
		assert.False(t, eval[bool](t, p, "fetch('"+blocked+"/', {mode: 'no-cors'}).then(() => true, () => false)"))
	})

	t.Run("block-device-script blocks a script on any host", func(t *testing.T) {
		top := serve(t, "device.one.test", html(`<iframe src="https://device.two.test/"></iframe>`))
		frame := serve(t, "device.two.test", func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".js") {
				w.Header().Set("Content-Type", "text/javascript")
				fmt.Fprintf(w, "loaded.push(%q)", r.URL.Path)
				return
			}
			html(`<script>loaded = []</script><script src="/fingerprint2.min.js"></script><script src="/other.min.js"></script>`)(w, r)
		})
		p := newPage(t, b, probe.ContextOptions{})
		require.NoError(t, p.Open(timed(t), top+"/"))
		frames, err := p.Frames(timed(t))
		require.NoError(t, err)
		require.Len(t, frames, 1)
		assert.Equal(t, []any{"/other.min.js"}, eval[[]any](t, frames[0], "loaded"))
		truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Failures) > 0 })
		truth.Failures[0].At = 0
		assert.Equal(t, probe.Failure{Origin: frame, Type: "Script", Error: "net::ERR_BLOCKED_BY_CLIENT", Blocked: "other"}, truth.Failures[0])
	})

	t.Run("hide-frame hides the challenge frame, which loads all the same", func(t *testing.T) {
		top := serve(t, "hide.one.test", html(`<iframe id=acs src="https://hide.two.test/"></iframe><iframe id=other src="https://seen.two.test/"></iframe>`))
		hidden := serve(t, "hide.two.test", html("loaded"))
		serve(t, "seen.two.test", html("loaded"))
		p := newPage(t, b, probe.ContextOptions{})
		require.NoError(t, p.Open(timed(t), top+"/"))
		require.NoError(t, p.Until(timed(t), "getComputedStyle(acs).display === 'none' && getComputedStyle(other).display === 'inline'"))
		truth := until(t, p, func(truth probe.Truth) bool { return len(truth.Frames) == 2 })
		assert.Contains(t, truth.Frames, hidden)
		assert.Empty(t, truth.Failures)
	})
}
