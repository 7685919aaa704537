package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/web"
)

// Small stand-ins for what the toolchain gives: the scripts do not depend on them.
var (
	testModule  = []byte("\x00asm\x01\x00\x00\x00")
	testSupport = []byte(`globalThis.fs = {writeSync() { fs.writeSync; }}; globalThis.Go = class {};`)
)

func collected(t *testing.T) assets {
	t.Helper()
	folder, err := filepath.Abs("..")
	require.NoError(t, err)
	a, err := collect(folder, testModule, testSupport)
	require.NoError(t, err)
	return a
}

// maxLoader is what a page may load of ours before its user shows intent, in
// bytes of Brotli 11: loader, recorder and the element's shell together.
const maxLoader = 4096

func TestLoaderIsSmall(t *testing.T) {
	packed, err := compressBrotli(t.Context(), collected(t)[loaderFile])
	require.NoError(t, err)
	assert.LessOrEqual(t, len(packed), maxLoader)
}

// maxShown is what is loaded to show a report in one language: the loader, the
// view with its styles, and the words.
const maxShown = 25 << 10

func TestEveryLanguageIsShownInFewBytes(t *testing.T) {
	a := collected(t)
	packed := func(name string) int {
		content, err := compressBrotli(t.Context(), a[name])
		require.NoError(t, err)
		return len(content)
	}
	view := packed(loaderFile) + packed("core.js")
	for _, lang := range web.Languages() {
		assert.LessOrEqual(t, view+packed("locales/"+lang+".json"), maxShown, lang)
	}
}

func TestLoaderDoesNotHoldTheCore(t *testing.T) {
	a := collected(t)
	for word, chunk := range map[string]string{"WebAssembly": "run.js", "instantiateStreaming": "run.js", "vpn.suspected": "core.js"} {
		assert.NotContains(t, string(a[loaderFile]), word)
		assert.Contains(t, string(a[chunk]), word)
	}
}

func TestVersionIsWhole(t *testing.T) {
	want := []string{
		"checkout-doctor.js", "core.js", "run.js", "page.js", "page.css", "popup.html", "popup.js", "fresh.js",
		"helper-cookies.js", "helper-echo.js", "engineers.json", "module.wasm", "isolate.js", "frame.js", "frame.html",
		"checkout-doctor.d.ts", "types.d.ts", "inventory.json", "extras.js", "more.js", "support.js",
	}
	for _, lang := range web.Languages() {
		for _, part := range []string{"", ".steps", ".page", ".more", ".support"} {
			want = append(want, "locales/"+lang+part+".json")
		}
	}
	assert.ElementsMatch(t, want, slices.Collect(maps.Keys(collected(t))))
}

// svgNamespace is a name, and no address that anybody asks.
const svgNamespace = "http://www.w3.org/2000/svg"

// No script parses a string as code or as HTML, so that a strict policy and
// Trusted Types hold; none names a host.
func TestScriptsAreSafeUnderStrictPolicies(t *testing.T) {
	for name, content := range collected(t) {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		for _, word := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "http://"} {
			assert.NotContains(t, strings.ReplaceAll(string(content), svgNamespace, ""), word, name)
		}
	}
}

func TestCoreChecksTheModule(t *testing.T) {
	assert.Contains(t, string(collected(t)["run.js"]), integrity(testModule))
}

func TestSameInputsGiveTheSameBytes(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, dist := range []string{first, second} {
		_, written, err := publish(t.Context(), collected(t), dist)
		require.NoError(t, err)
		assert.True(t, written)
	}
	assert.Equal(t, treeOf(t, first), treeOf(t, second))
}

func TestHashCoversNamesAndContent(t *testing.T) {
	same := assets{"a": []byte("1"), "b": []byte("2")}.hash()
	assert.Equal(t, same, assets{"b": []byte("2"), "a": []byte("1")}.hash())
	for _, other := range []assets{
		{"a": []byte("1")},
		{"a": []byte("1"), "b": []byte("3")},
		{"a": []byte("1"), "c": []byte("2")},
		{"a": []byte("1b2")},
		{"a": []byte("1b"), "": []byte("2")},
	} {
		assert.NotEqual(t, same, other.hash())
	}
}

func TestUnchangedVersionIsNotWrittenAgain(t *testing.T) {
	dist := t.TempDir()
	a := assets{loaderFile: []byte("loader"), "core.js": []byte("core")}
	publishOnce := func() (manifest, bool) {
		m, written, err := publish(t.Context(), a, dist)
		require.NoError(t, err)
		return m, written
	}
	first, written := publishOnce()
	assert.True(t, written)
	again, written := publishOnce()
	assert.False(t, written)
	assert.Equal(t, first, again)
}

func TestSpoiledVersionIsWrittenAnew(t *testing.T) {
	a := assets{loaderFile: []byte("loader"), "locales/en.json": []byte("{}")}
	tests := []struct {
		name  string
		spoil func(t *testing.T, dist string)
	}{
		{"a file is gone", func(t *testing.T, dist string) {
			require.NoError(t, os.Remove(filepath.Join(dist, "v", a.hash(), "locales", "en.json.gz")))
		}},
		{"a file was changed", func(t *testing.T, dist string) {
			require.NoError(t, os.WriteFile(filepath.Join(dist, "v", a.hash(), loaderFile+".br"), []byte("x"), 0o644))
		}},
		{"the manifest is gone", func(t *testing.T, dist string) {
			require.NoError(t, os.Remove(filepath.Join(dist, manifestFile)))
		}},
		{"the manifest is no JSON", func(t *testing.T, dist string) {
			require.NoError(t, os.WriteFile(filepath.Join(dist, manifestFile), []byte("{"), 0o644))
		}},
		{"an old version is left", func(t *testing.T, dist string) {
			require.NoError(t, os.Mkdir(filepath.Join(dist, "v", "old"), 0o755))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dist := t.TempDir()
			_, _, err := publish(t.Context(), a, dist)
			require.NoError(t, err)
			whole := treeOf(t, dist)
			tt.spoil(t, dist)
			_, written, err := publish(t.Context(), a, dist)
			require.NoError(t, err)
			assert.True(t, written)
			assert.Equal(t, whole, treeOf(t, dist))
		})
	}
}

func TestOldVersionsAreRemoved(t *testing.T) {
	dist := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dist, ".gitignore"), []byte("*\n"), 0o644))
	for _, content := range []string{"one", "two"} {
		_, _, err := publish(t.Context(), assets{loaderFile: []byte(content)}, dist)
		require.NoError(t, err)
	}
	versions, err := os.ReadDir(filepath.Join(dist, "v"))
	require.NoError(t, err)
	require.Len(t, versions, 1)
	assert.Equal(t, assets{loaderFile: []byte("two")}.hash(), versions[0].Name())
	assert.FileExists(t, filepath.Join(dist, ".gitignore"))
}

func TestManifestDescribesTheFiles(t *testing.T) {
	dist := t.TempDir()
	text := bytes.Repeat([]byte("loader "), 100)
	_, _, err := publish(t.Context(), assets{loaderFile: text}, dist)
	require.NoError(t, err)
	raw, err := os.ReadFile(filepath.Join(dist, manifestFile))
	require.NoError(t, err)
	var m manifest
	require.NoError(t, json.Unmarshal(raw, &m))
	assert.Equal(t, integrity(text), m.Integrity)
	assert.Equal(t, len(text), m.Files[loaderFile].Raw)

	packed, err := os.ReadFile(filepath.Join(dist, "v", m.Hash, loaderFile+".br"))
	require.NoError(t, err)
	assert.Len(t, packed, m.Files[loaderFile].Br)
	unpacked, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
	require.NoError(t, err)
	assert.Equal(t, text, unpacked)
}

func TestInterruptedBuildLeavesTheOldVersion(t *testing.T) {
	dist := t.TempDir()
	_, _, err := publish(t.Context(), assets{loaderFile: []byte("one")}, dist)
	require.NoError(t, err)
	before := treeOf(t, dist)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = publish(ctx, assets{loaderFile: []byte("two")}, dist)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, before, treeOf(t, dist))
}

// TestOnlyEntryPointsStandAtTheTop: the parts of each are in a folder. Beside
// them are declarations, the types that they share, and what holds the published
// ones to those.
func TestOnlyEntryPointsStandAtTheTop(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "src", "*.ts"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	var scripts []string
	for _, name := range entryPoints {
		if strings.HasSuffix(name, ".ts") {
			scripts = append(scripts, name)
		}
	}
	assert.ElementsMatch(t, append(scripts, "build.d.ts", "published.d.ts", "published-check.ts", "types.ts"), names)
}

func TestMistakeInAScriptIsNamed(t *testing.T) {
	folder := t.TempDir()
	for _, name := range entryPoints {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "core.ts"), []byte("let x = ;\n"), 0o644))
	_, err := scripts(scriptInput{folder: folder})
	require.ErrorContains(t, err, "core.ts:1:8")
}

func TestMistakeInALocaleIsNamed(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "sv.json"), []byte("{,}"), 0o644))
	_, err := readLanguages(folder)
	require.ErrorContains(t, err, "sv.json")
}

// treeOf returns every file below the folder with its content.
func treeOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	tree := make(map[string]string)
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		tree[strings.TrimPrefix(path, folder)] = string(content)
		return err
	}))
	return tree
}
