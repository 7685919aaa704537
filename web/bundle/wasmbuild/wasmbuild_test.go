package wasmbuild

import (
	"os"
	"os/exec"
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

// commit makes the folder a repository with one commit.
func commit(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@example.test", "commit", "-q", "-m", "Begin"},
	} {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

func TestBuildGivesTheSameModuleAnywhere(t *testing.T) {
	t.Setenv("GOFLAGS", "") // which may leave the commit out by itself, as may the user's file
	t.Setenv("GOENV", "off")
	const source = "package main\n\nfunc main() {}\n"
	var modules [2][]byte
	for i := range modules {
		out, dir := filepath.Join(t.TempDir(), "module.wasm"), program(t, source)
		if i > 0 {
			commit(t, dir)
		}
		require.NoError(t, Build(t.Context(), dir, ".", out))
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
