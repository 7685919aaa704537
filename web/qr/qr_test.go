package qr_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web/qr"
	"checkoutdoctor/web/qr/qrtest"
)

const address = "https://doctor.example/?case=4711&lang=sv&from=1795348800&until=1795608000&sig=1.u2f8.hupim3om0mtq8okifqpi6koiis"

func TestEveryDrawingIsReadAsTheText(t *testing.T) {
	for name, text := range map[string]string{
		"a link":                 address,
		"one letter":             "x",
		"markup":                 `https://doctor.example/?"><script>alert(1)</script>&amp;`,
		"beyond ASCII":           "https://doctor.example/?case=Ärende 7 🂡",
		"the most that it holds": strings.Repeat("x", qr.MaxText),
	} {
		t.Run(name, func(t *testing.T) {
			code, err := qr.Encode(text)
			require.NoError(t, err)
			png, err := code.PNG()
			require.NoError(t, err)
			for form, read := range map[string]func() (string, error){
				"SVG":      func() (string, error) { return qrtest.ReadSVG(code.SVG()) },
				"PNG":      func() (string, error) { return qrtest.ReadPNG(png) },
				"terminal": func() (string, error) { return qrtest.ReadTerminal(code.Terminal()) },
			} {
				got, err := read()
				assert.NoError(t, err, form)
				assert.Equal(t, text, got, form)
			}
		})
	}
}

// TestEveryLinkIsRead, whatever its seal happens to look like.
func TestEveryLinkIsRead(t *testing.T) {
	for i := range 200 {
		seal := sha256.Sum256([]byte{byte(i)})
		text := address + "&more=" + hex.EncodeToString(seal[:])
		code, err := qr.Encode(text)
		require.NoError(t, err)
		got, err := qrtest.ReadSVG(code.SVG())
		require.NoError(t, err, text)
		require.Equal(t, text, got)
	}
}

func TestATextThatIsTooLong(t *testing.T) {
	_, err := qr.Encode(strings.Repeat("x", qr.MaxText+1))
	assert.ErrorContains(t, err, "encode the QR code: ")
}

// TestTheCodeHasItsQuietZone, without which readers do not find it.
func TestTheCodeHasItsQuietZone(t *testing.T) {
	const quietZone = 4 // ISO/IEC 18004, section 6.3.8
	code, err := qr.Encode(address)
	require.NoError(t, err)
	for i := range code {
		for edge := range quietZone {
			assert.False(t, code[edge][i] || code[i][edge] || code[len(code)-1-edge][i] || code[i][len(code)-1-edge])
		}
	}
	assert.True(t, code[quietZone][quietZone], "the first corner's pattern")
}
