package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goPackage is what the go command says of one package.
type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// goList asks the go command, for the browser or for this machine.
func goList(t *testing.T, browser bool, patterns ...string) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, patterns...)...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = os.Environ()
	if browser {
		cmd.Env = append(cmd.Env, "GOOS=js", "GOARCH=wasm")
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var list []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			require.NoError(t, err)
		}
		list = append(list, p)
	}
}

// TestTheModuleStaysSmall: none of these may come into the module, however
// far away it is imported.
func TestTheModuleStaysSmall(t *testing.T) {
	banned := []string{
		"net/http", "html/template", "text/template", "golang.org/x/net/publicsuffix", "regexp", "log/slog", "encoding/json", "net/url",
		"context", // but for our own
	}
	for _, p := range goList(t, true, "./wasm/...") {
		for _, dep := range p.Deps {
			assert.NotContains(t, banned, dep, "%s depends on %s", p.ImportPath, dep)
			assert.False(t, strings.HasPrefix(dep, "checkoutdoctor/") && !strings.HasPrefix(dep, "checkoutdoctor/wasm"),
				"%s depends on %s", p.ImportPath, dep)
		}
	}
}

// TestDependenciesPointOneWay holds facts <- diagnosis <- report <- observe,
// web, probe <- cmd; probe may import web, never the reverse.
func TestDependenciesPointOneWay(t *testing.T) {
	mayUse := map[string][]string{
		"wasm/ascii":     {},
		"wasm/context":   {},
		"wasm/facts":     {},
		"wasm/diagnosis": {"wasm/ascii", "wasm/facts"},
		"wasm/report":    {"wasm/facts", "wasm/diagnosis"},
		"wasm/observe":   {"wasm/ascii", "wasm/context", "wasm/facts", "wasm/diagnosis", "wasm/report"},
		"wasm":           {"wasm"},
		"web":            {"wasm", "web"},
		"testdata":       {"testdata"},
		"probe":          {"wasm", "web", "probe", "testdata"},
		"cmd":            {"wasm", "web", "probe", "testdata", "cmd"},
	}
	for _, browser := range []bool{false, true} {
		pattern := "./..."
		if browser {
			pattern = "./wasm/..."
		}
		for _, p := range goList(t, browser, pattern) {
			from, allowed := rule(mayUse, p.ImportPath)
			for _, dep := range p.Imports {
				to, ours := strings.CutPrefix(dep, "checkoutdoctor/")
				if !ours {
					continue
				}
				assert.True(t, slices.ContainsFunc(allowed, func(a string) bool { return to == a || strings.HasPrefix(to, a+"/") }),
					"%s (%s) must not import %s", p.ImportPath, from, dep)
			}
		}
	}
}

// rule finds the longest folder of the table that holds the package.
func rule(table map[string][]string, pkg string) (folder string, allowed []string) {
	path := strings.TrimPrefix(pkg, "checkoutdoctor/")
	for f, a := range table {
		if (path == f || strings.HasPrefix(path, f+"/")) && len(f) > len(folder) {
			folder, allowed = f, a
		}
	}
	return folder, allowed
}

// TestEdgesHaveOneImporter: safejs is imported by the observers and the
// module's main alone, and chromedp by probe/chrome alone.
func TestEdgesHaveOneImporter(t *testing.T) {
	importers := func(list []goPackage, prefix string) []string {
		var out []string
		for _, p := range list {
			if slices.ContainsFunc(p.Imports, func(i string) bool { return strings.HasPrefix(i, prefix) }) {
				out = append(out, p.ImportPath)
			}
		}
		return out
	}
	browser, native := goList(t, true, "./wasm/..."), goList(t, false, "./...")
	assert.Equal(t, []string{"checkoutdoctor/wasm", "checkoutdoctor/wasm/observe"}, importers(browser, "github.com/hack-pad/safejs"))
	assert.Empty(t, importers(native, "github.com/hack-pad/safejs"))
	assert.Empty(t, importers(browser, "syscall/js"), "syscall/js is reached through safejs")
	assert.Equal(t, []string{"checkoutdoctor/probe/chrome"}, importers(native, "github.com/chromedp/"))
}

// TestObserversAreForTheBrowserOnly: a file without its constraint would be
// built, and break, on every other platform.
func TestObserversAreForTheBrowserOnly(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "wasm", "observe", "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		if filepath.Base(file) == "doc.go" {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(string(source), "//go:build js && wasm\n"), "%s lacks its constraint", file)
	}
}

// TestTopLevel holds the list of what stands at the top.
func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	require.NoError(t, err)
	allowed := []string{"wasm", "probe", "cmd", "web", "testdata", "go.mod", "go.sum", "Makefile", "README.md", "bin", "out"}
	for _, e := range entries {
		assert.True(t, strings.HasPrefix(e.Name(), ".") || slices.Contains(allowed, e.Name()), "%s does not belong at the top", e.Name())
	}
}
