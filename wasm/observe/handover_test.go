//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatThePageKnowsOfItself(t *testing.T) {
	h := ReadHandover(script(t, `({options: {page: {
		buildId: "b1", session: "missing", headerLimit: 8192,
	}}})`))
	assert.Equal(t, "b1", h.buildID)
	assert.Equal(t, "missing", h.session)
	assert.InEpsilon(t, 8192, h.headerLimit, 0)
}

func TestOnlyAnAddressOfThePagesOwnIsItsControl(t *testing.T) {
	page := script(t, `({location: {origin: "https://pay.test"}, document: {baseURI: "https://pay.test/shop/cart"}})`)
	for url, want := range map[string]string{
		"/pay/session":             "https://pay.test/pay/session",
		"session":                  "https://pay.test/shop/session",
		"https://pay.test/session": "https://pay.test/session",
		"https://other.test/":      "",
		"//other.test/":            "",
		"http://pay.test/":         "",
		"javascript:alert(1)":      "",
		"https://":                 "",
		"":                         "",
	} {
		assert.Equal(t, want, ownURL(page, url), url)
	}
}

func TestOtherFilesOfTheSameServer(t *testing.T) {
	for url, want := range map[string]string{
		"https://d.test/vantage":                       "https://d.test/transfer",
		"https://d.test/doctor/vantage?lab-country=NL": "https://d.test/doctor/transfer?lab-country=NL",
		"https://d.test/vantage?a=b/c":                 "https://d.test/transfer?a=b/c",
		"https://d.test/":                              "https://d.test/transfer",
	} {
		assert.Equal(t, want, sibling(url, "transfer"), url)
	}
}
