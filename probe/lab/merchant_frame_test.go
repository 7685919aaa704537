package lab

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPaymentPageStandsInAFrame(t *testing.T) {
	for fault, sandbox := range map[string]string{
		pageInFrame:   "",
		pageSandboxed: "allow-scripts allow-forms allow-same-origin",
	} {
		t.Run(fault, func(t *testing.T) {
			modes(t, func(t *testing.T, o Options) {
				s := newShopper(t, startLab(t, o))
				outer := s.get(s.lab.PayURL("", []string{fault, framePremounted}))
				require.Equal(t, http.StatusOK, outer.status, outer.body)
				assert.Equal(t, "iframe#pay-frame", attribute(outer.find("html", ""), "data-payment-frame"))
				assert.Empty(t, outer.header.Values("Set-Cookie"))
				assert.Equal(t, "'self'", directive(outer, "frame-src"))
				assert.Equal(t, "'none'", directive(outer, "frame-ancestors"))
				frame := outer.find("iframe", "")
				assert.Equal(t, "pay-frame", attribute(frame, "id"))
				assert.Equal(t, sandbox, attribute(frame, "sandbox"))
				assert.Equal(t, sandbox != "", hasAttribute(frame, "sandbox"))

				address, err := outer.url.Parse(attribute(frame, "src"))
				require.NoError(t, err)
				inner := s.get(address.String())
				require.Equal(t, http.StatusOK, inner.status, inner.body)
				assert.Equal(t, fault+" frame-premounted", attribute(inner.find("html", ""), "data-faults"))
				assert.Equal(t, DefaultCard, attribute(inner.find("input", "name"), "value"))
				assert.Equal(t, "'self'", directive(inner, "frame-ancestors"))
				assert.Equal(t, "'none'", directive(s.open("").page, "frame-ancestors"))
			})
		})
	}
}

func TestPageOpensAWindow(t *testing.T) {
	s := newShopper(t, startLab(t, Options{}))
	assert.Equal(t, "popup", s.open("", popupSecond).setting("challenge-in"))
	framed := s.get(s.lab.PayURL("", []string{pageSandboxed}) + "&framed=yes")
	assert.Equal(t, "popup", attribute(framed.find("html", ""), "data-challenge-in"))
}
