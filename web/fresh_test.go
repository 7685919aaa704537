package web

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFreshPageHandsItsScriptTheFiles(t *testing.T) {
	r := ask(helperSite(t), "GET", "/helper/fresh?nonce=n1&files="+url.QueryEscape(`https://m.test/a.js?x=1&y="> https://m.test/b.js`), "")
	assert.Contains(t, bodyOf(t, r), `<script src="/v/`+testHash+`/fresh.js" data-nonce="n1" `+
		`data-files="https://m.test/a.js?x=1&amp;y=&#34;&gt; https://m.test/b.js"></script>`)
	assert.Equal(t, policyPlain+"; connect-src *", r.Header.Get("Content-Security-Policy"))
	assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	assert.Empty(t, r.Cookies())
}
