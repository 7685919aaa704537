package lab

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// first returns the path of the first of the payment page's own modules.
func (c *checkout) first() string {
	for n := range c.page.doc.Descendants() {
		if n.Data == "script" && attribute(n, "type") == "module" {
			return attribute(n, "src")
		}
	}
	return ""
}

// worker returns what the URL of the page's worker says of it, and its path;
// nothing where the page has none.
func (c *checkout) worker() map[string]string {
	u, err := url.Parse(c.setting("worker"))
	require.NoError(c.s.t, err)
	said := make(map[string]string)
	for name, values := range u.Query() {
		said[name] = values[0]
	}
	if u.Path != "" {
		said["path"] = u.Path
	}
	return said
}

func TestFirstPageOfASessionIsOfTheOldBuild(t *testing.T) {
	const oldScript = "/assets/pay-2026.03.1.js"
	type page struct{ first, script, chunk, stored string }
	healthy := page{first: pathScript, script: pathScript}
	tests := map[string]struct{ old, present page }{
		"":               {healthy, healthy},
		staleScript:      {page{pathStableScript, pathStableScript, "", ""}, page{pathStableScript, pathStableScript, "", ""}},
		stalePage:        {page{startAgain, oldScript, "", ""}, healthy},
		staleStorage:     {page{startStored, pathScript, "", "yes"}, page{startStored, pathScript, "", ""}},
		staleIntegrity:   {page{startAgain, pathScript, "", ""}, healthy},
		buildMismatch:    {page{oldScript, oldScript, "", ""}, healthy},
		missingChunk:     {page{oldScript, oldScript, "/assets/chunk-2026.03.1.js", ""}, page{pathScript, pathScript, "/assets/chunk-2026.10.2.js", ""}},
		missingChunkPage: {page{oldScript, oldScript, "/app/chunk-2026.03.1.js", ""}, page{pathScript, pathScript, "/assets/chunk-2026.10.2.js", ""}},
	}
	l := startLab(t, Options{})
	for fault, tt := range tests {
		t.Run(fault, func(t *testing.T) {
			s := newShopper(t, l)
			for i, want := range []page{tt.old, tt.present, tt.present} {
				c := s.open("", fault)
				got := page{c.first(), c.setting("script"), c.setting("chunk"), c.setting("store-old")}
				assert.Equal(t, want, got, "page %d of the session", i+1)
				c.lookup(DefaultCard) // it is a page of the session's
			}
			assert.Equal(t, tt.old.first, newShopper(t, l).open("", fault).first(), "another browser's session has its own")
		})
	}
}

func TestOneFaultOfASessionIsNoOther(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	s.open("", buildMismatch)
	assert.Equal(t, pathOldScript, s.open("", missingChunk).first())
	assert.Equal(t, pathScript, s.open("").first())
}

func TestChunkThatADeployRemoved(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	merchant := s.lab.origins.Merchant
	assert.Equal(t, http.StatusNotFound, s.get(merchant+"/assets/chunk-2026.03.1.js").status)
	present := s.get(merchant + "/assets/chunk-2026.10.2.js")
	assert.Equal(t, http.StatusOK, present.status)
	assert.Contains(t, present.body, `export const build = "2026.10.2"`)
	inPlace := s.get(merchant + "/app/chunk-2026.03.1.js")
	assert.Equal(t, http.StatusOK, inPlace.status)
	assert.Equal(t, "text/html; charset=utf-8", inPlace.header.Get("Content-Type"))
	assert.Equal(t, s.get(merchant+"/assets/shell.html").body, inPlace.body)
}

func TestPageThatCachesMayKeep(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	assert.Equal(t, "max-age=31536000", s.open("", stalePage).page.header.Get("Cache-Control"))
	assert.Equal(t, "no-store", s.open("", stalePage).page.header.Get("Cache-Control"), "once for each browser")
	assert.Equal(t, "no-store", newShopper(t, s.lab).open("", buildMismatch).page.header.Get("Cache-Control"))
}

func TestWidgetIsDemandedByHash(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	address := s.lab.origins.Merchant + pathWidget
	demanded := func(c *checkout) string { return attribute(c.page.find("script", "integrity"), "integrity") }
	hash := func(p *page) string { return integrity(asset{body: []byte(p.body)}) }

	assert.Nil(t, s.open("").page.find("script", "integrity"))
	wrong := demanded(s.open("", wrongIntegrity))
	assert.NotEqual(t, hash(s.get(address)), wrong, "the server has no such copy")

	want := demanded(s.open("", staleIntegrity))
	head := s.do(http.MethodHead, address, nil, nil)
	assert.Equal(t, "no-cache", head.header.Get("Cache-Control"), "a look at the head is not the first answer")
	kept := s.get(address)
	assert.Equal(t, "max-age=31536000", kept.header.Get("Cache-Control"))
	assert.NotEqual(t, want, hash(kept))
	present := s.get(address)
	assert.Equal(t, "no-cache", present.header.Get("Cache-Control"))
	assert.Equal(t, want, hash(present))
	s.open("", staleIntegrity)
	assert.Equal(t, want, hash(s.get(address)), "once for each browser")
}

func TestScriptComesByWayOfAWorker(t *testing.T) {
	about := func(fault, build, script string) map[string]string {
		return map[string]string{"path": "/sw.js", "fault": fault, "build": build, "script": script}
	}
	waits := about(workerWaiting, newBuild.id, pathScript)
	waits["waits"] = "yes"
	tests := map[string][]map[string]string{ // by the pages of a session
		staleWorker:           {about(staleWorker, oldBuild.id, pathOldScript), about(staleWorker, newBuild.id, pathScript)},
		workerWaiting:         {about(workerWaiting, oldBuild.id, pathOldScript), waits, waits},
		workerFresh:           {about(workerFresh, newBuild.id, pathScript), about(workerFresh, newBuild.id, pathScript)},
		workerOld:             {about(workerOld, oldBuild.id, pathScript), about(workerOld, oldBuild.id, pathScript)},
		notificationSwallowed: {about(notificationSwallowed, oldBuild.id, ""), about(notificationSwallowed, oldBuild.id, "")},
	}
	l := startLab(t, Options{})
	for fault, pages := range tests {
		t.Run(fault, func(t *testing.T) {
			s := newShopper(t, l)
			for _, want := range pages {
				c := s.open("", fault)
				assert.Equal(t, want, c.worker())
				assert.Equal(t, startWorker, c.first())
				assert.Equal(t, pathScript, c.setting("script"))
				worker := s.get(l.origins.Merchant + c.setting("worker"))
				assert.Equal(t, http.StatusOK, worker.status)
				assert.Contains(t, worker.header.Get("Content-Type"), "javascript")
			}
		})
	}
	assert.Empty(t, newShopper(t, l).open("").worker())
}

func TestStoredScriptMayRun(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	assert.Contains(t, directive(s.open("", staleStorage).page, "script-src"), " blob: ")
	assert.NotContains(t, directive(s.open("").page, "script-src"), "blob:")
}

func TestPageMayFrameItsOwnSite(t *testing.T) {
	modes(t, func(t *testing.T, o Options) {
		s := newShopper(t, startLab(t, o))
		sources := strings.Fields(directive(s.open("", storageUsed).page, "frame-src"))
		if o.PlainHTTPLocalhost {
			assert.Contains(t, sources, s.lab.origins.Merchant)
		} else {
			assert.Contains(t, sources, "https:")
		}
		shell := s.get(s.lab.origins.Merchant + "/assets/shell.html")
		assert.Equal(t, http.StatusOK, shell.status)
		assert.Empty(t, shell.header.Values("Content-Security-Policy"), "it may be framed")
		assert.Empty(t, shell.header.Values("X-Frame-Options"), "the same")
	})
}
