package wasmbuild

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program writes a module with one main package and returns its folder.
func program(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module bare\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o644))
	return dir
}

func TestBuildGivesTheSameModuleAnywhere(t *testing.T) {
	const source = "package main\n\nfunc main() {}\n"
	var modules [2][]byte
	for i := range modules {
		out := filepath.Join(t.TempDir(), "module.wasm")
		require.NoError(t, Build(t.Context(), program(t, source), ".", out))
		var err error
		modules[i], err = os.ReadFile(out)
		require.NoError(t, err)
	}
	assert.Equal(t, "\x00asm", string(modules[0][:4]))
	assert.Equal(t, modules[0], modules[1])
}

func TestBuildNamesTheMistake(t *testing.T) {
	err := Build(t.Context(), program(t, "package main\n\nfunc main() { x }\n"), ".", filepath.Join(t.TempDir(), "x"))
	require.ErrorContains(t, err, "build . for the browser")
	require.ErrorContains(t, err, "undefined: x")
}

func TestSupportIsTheToolchains(t *testing.T) {
	script, err := Support(t.Context(), ".")
	require.NoError(t, err)
	assert.Contains(t, string(script), "globalThis.Go = class")
}
