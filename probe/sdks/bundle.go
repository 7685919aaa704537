package sdks

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// ErrNoPackages says that the SDKs' packages are not installed; `make node`
// installs them.
var ErrNoPackages = errors.New("the SDKs' packages are not installed: run `make node`")

//go:embed pages
var pages embed.FS

// installed reports whether folder, a node_modules, holds every SDK.
func installed(folder string) error {
	for _, sdk := range All() {
		if _, err := os.Stat(filepath.Join(folder, sdk.Name, "package.json")); err != nil {
			return fmt.Errorf("%w (%w)", ErrNoPackages, err)
		}
	}
	return nil
}

// bundle returns the scripts and style sheets of the payment pages, by file
// name, with the SDKs of folder in them.
func bundle(folder string) (map[string][]byte, error) {
	var entries []string
	for _, sdk := range All() {
		entries = append(entries, "pages/"+sdk.path+".js")
	}
	result := api.Build(api.BuildOptions{
		EntryPoints: entries,
		Outdir:      "/",
		Bundle:      true,
		Format:      api.FormatESModule,
		Target:      api.ES2022,
		NodePaths:   []string{folder},
		Plugins:     []api.Plugin{fromPages(folder)},
	})
	if len(result.Errors) > 0 {
		return nil, errors.New("bundle the payment pages:\n" + strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	files := make(map[string][]byte, len(result.OutputFiles))
	for _, file := range result.OutputFiles {
		files[filepath.Base(file.Path)] = file.Contents
	}
	return files, nil
}

// fromPages reads the pages' own scripts from the embedded files, so that the
// working folder does not matter. Packages are looked for beside folder.
func fromPages(folder string) api.Plugin {
	const namespace = "pages"
	return api.Plugin{Name: namespace, Setup: func(build api.PluginBuild) {
		resolve := func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: "pages/" + filepath.Base(args.Path), Namespace: namespace}, nil
		}
		build.OnResolve(api.OnResolveOptions{Filter: `^pages/`}, resolve)
		build.OnResolve(api.OnResolveOptions{Filter: `^\./shop\.js$`}, resolve)
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: namespace}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			content, err := fs.ReadFile(pages, args.Path)
			text := string(content)
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS, ResolveDir: filepath.Dir(folder)}, err
		})
	}}
}
