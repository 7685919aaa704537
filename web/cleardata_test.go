package web

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestClearSiteData(t *testing.T) {
	clears := ClearSiteData("cache", "storage")
	tests := map[string]struct {
		method, query string
		lines         []string
		status        int
		clears        string
	}{
		"the cache":           {"POST", "?data=cache", []string{"Sec-Fetch-Site: same-origin"}, http.StatusNoContent, `"cache"`},
		"the storage":         {"POST", "?data=storage", []string{"Sec-Fetch-Site: same-origin"}, http.StatusNoContent, `"storage"`},
		"a script":            {"POST", "?data=cache", []string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: empty"}, http.StatusNoContent, `"cache"`},
		"a form in a frame":   {"POST", "?data=cache", []string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: iframe"}, http.StatusForbidden, ""},
		"a form in a window":  {"POST", "?data=cache", []string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: document"}, http.StatusForbidden, ""},
		"older browser":       {"POST", "?data=cache", []string{"Origin: https://shop.test"}, http.StatusNoContent, `"cache"`},
		"a kind not allowed":  {"POST", "?data=cookies", nil, http.StatusBadRequest, ""},
		"everything":          {"POST", "?data=*", nil, http.StatusBadRequest, ""},
		"two kinds in one":    {"POST", "?data=cache%22%2C%22cookies", nil, http.StatusBadRequest, ""},
		"no kind":             {"POST", "", nil, http.StatusBadRequest, ""},
		"a link that is read": {"GET", "?data=cache", nil, http.StatusMethodNotAllowed, ""},
		"a page of elsewhere": {"POST", "?data=cache", []string{"Sec-Fetch-Site: cross-site"}, http.StatusForbidden, ""},
		"a page of the site":  {"POST", "?data=cache", []string{"Sec-Fetch-Site: same-site"}, http.StatusForbidden, ""},
		"elsewhere, older":    {"POST", "?data=cache", []string{"Origin: https://other.test"}, http.StatusForbidden, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			response := ask(clears, tt.method, "https://shop.test"+ClearDataPath+tt.query, "", tt.lines...)
			assert.Equal(t, tt.status, response.StatusCode)
			assert.Equal(t, tt.clears, response.Header.Get("Clear-Site-Data"))
		})
	}
}

// TestSiteClearsItsOwnData: nobody is signed out, and loses the notes of a refund,
// by what the diagnostic's own site clears.
func TestSiteClearsItsOwnData(t *testing.T) {
	h := site(t, Options{})
	for kind, status := range map[string]int{"cache": http.StatusNoContent, "storage": http.StatusBadRequest, "cookies": http.StatusBadRequest} {
		assert.Equal(t, status, ask(h, http.MethodPost, ClearDataPath+"?data="+kind, "").StatusCode, kind)
	}
}
