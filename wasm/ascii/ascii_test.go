package ascii_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/ascii"
)

func TestCase(t *testing.T) {
	tests := []struct{ s, lower, upper string }{
		{"", "", ""},
		{"HttpS", "https", "HTTPS"},
		{"@AZ[`az{09-", "@az[`az{09-", "@AZ[`AZ{09-"}, // what stands beside the letters
		{"ÄäKſ\xff", "Ääkſ\xff", "ÄäKſ\xff"},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.lower, ascii.Lower(tt.s))
		assert.Equal(t, tt.upper, ascii.Upper(tt.s))
	}
}

func FuzzCaseIsThatOfPackageStrings(f *testing.F) {
	f.Add("Deny")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
			t.Skip("not ASCII")
		}
		assert.Equal(t, strings.ToLower(s), ascii.Lower(s))
		assert.Equal(t, strings.ToUpper(s), ascii.Upper(s))
	})
}
