package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheModuleStaysBelowItsBound weighs both modules as they are served.
func TestTheModuleStaysBelowItsBound(t *testing.T) {
	m, err := measure(t.Context(), "../../..")
	require.NoError(t, err)
	assert.LessOrEqual(t, m.ratio(), MaxRatio)
	assert.NotZero(t, m.code["checkoutdoctor_wasm_observe"])
	assert.NotZero(t, m.code["runtime"])
	// A context of the standard library, a channel of times or the like makes the
	// linker keep all that writes times, 80 KB of code: see wasm/context.
	assert.Less(t, m.code["time"], 30_000)
}

func TestPackageOf(t *testing.T) {
	tests := map[string]string{
		"checkoutdoctor_wasm_observe.__browser_.fetch": "checkoutdoctor_wasm_observe",
		"github.com_hack_pad_safejs.Value.Get":         "github.com_hack_pad_safejs",
		"runtime.mallocgc":                             "runtime",
		"type_.eq.struct":                              "(made by the compiler)",
		"memcmp":                                       "(made by the compiler)",
	}
	for symbol, want := range tests {
		assert.Equal(t, want, packageOf(symbol), symbol)
	}
}

func FuzzCodeByPackage(f *testing.F) {
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x0a\x04\x01\x02\x00\x0b\x00\x0a\x04name\x01\x03\x01\x00\x01a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		packages, err := codeByPackage(b)
		if err != nil {
			assert.Nil(t, packages)
		}
	})
}
