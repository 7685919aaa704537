package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"checkoutdoctor/wasm/report"
)

// entryPoints are the scripts and style sheets that a page loads by name. They
// stand at the top of the folder; what they are made of is in loader (what is
// there before intent), view (what is shown), run (what diagnoses), more (the
// checklist and the way to a refund), support (the way of the result there) and
// page (what the page behind a link has beside the element).
var entryPoints = []string{
	"checkout-doctor.ts", "core.ts", "run.ts", "extras.ts", "more.ts", "support.ts", "isolate.ts", "frame.ts", "page.ts", "page.css", "popup.ts", "fresh.ts", "helper-cookies.ts", "helper-echo.ts",
}

// scriptInput is what the scripts are made of.
type scriptInput struct {
	folder    string // of the TypeScript files
	support   []byte // wasm_exec.js of the toolchain that built the module
	integrity string // of the module
	languages []language
}

// scripts bundles and minifies the scripts, each for itself: none shares a
// chunk with another, so the loader is one small file.
func scripts(in scriptInput) (assets, error) {
	constants, err := in.constants()
	if err != nil {
		return nil, err
	}
	entries := make([]string, len(entryPoints))
	for i, name := range entryPoints {
		entries[i] = filepath.Join(in.folder, name)
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       entries,
		Outdir:            in.folder,
		AbsWorkingDir:     in.folder,
		Bundle:            true,
		Write:             false,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Charset:           api.CharsetUTF8,
		// The page uses the element's script that it loads anyway.
		External: []string{"./checkout-doctor.js"},
		Define:   constants,
		Plugins:  []api.Plugin{supportScript(in), sheetAsText()},
	})
	if len(result.Errors) > 0 {
		return nil, errors.New("bundle the scripts:\n" + strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	out := make(assets, len(result.OutputFiles))
	for _, file := range result.OutputFiles {
		out[filepath.Base(file.Path)] = file.Contents
	}
	return out, nil
}

// constants are the names that the scripts have replaced by values, in JSON. What
// one script alone uses is a text of JSON: an object would be a name in every
// script, and change how all are minified.
func (in scriptInput) constants() (map[string]string, error) {
	names, starts := make(map[string]string), make(map[string]string)
	for _, l := range in.languages {
		names[l.tag], starts[l.tag] = l.name, l.start
	}
	codes, err := json.Marshal(supportCodes())
	if err != nil {
		return nil, fmt.Errorf("write the support codes: %w", err)
	}
	parts, err := json.Marshal(report.FamiliesByPart())
	if err != nil {
		return nil, fmt.Errorf("write the parts of a report: %w", err)
	}
	constants := make(map[string]string)
	for name, value := range map[string]any{
		"MODULE_INTEGRITY": in.integrity, "MODULE_VERSION": report.Version,
		"LANGUAGE_NAMES": names, "START": starts,
		"SUPPORT_CODES": string(codes), "REPORT_PARTS": string(parts),
	} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("write the constant %s: %w", name, err)
		}
		constants[name] = string(text)
	}
	return constants, nil
}

// supportScript gives wasm_exec.js to those who import it, wrapped so that it
// neither uses nor changes what the host page has in its global object.
func supportScript(in scriptInput) api.Plugin {
	const name = "wasm_exec.js"
	text := "import { fs, hide, take } from './run/globals';\nhide();\n" + string(in.support) + "\nexport const support = take();\n"
	return api.Plugin{Name: "support-script", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `^wasm_exec\.js$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: name, Namespace: "toolchain"}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "toolchain"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS, ResolveDir: in.folder}, nil
		})
	}}
}

// sheetAsText makes `import sheet from "./x.css?text"` the minified text of the
// style sheet, for a constructed one: those need no 'unsafe-inline' of the host.
func sheetAsText() api.Plugin {
	const suffix = "?text"
	return api.Plugin{Name: "sheet-as-text", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `\.css\?text$`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			file := filepath.Join(args.ResolveDir, strings.TrimSuffix(args.Path, suffix))
			return api.OnResolveResult{Path: file, Namespace: "sheet"}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "sheet"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			text, err := minifySheet(args.Path)
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderText}, err
		})
	}}
}

func minifySheet(file string) (string, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{file}, Write: false, MinifyWhitespace: true, MinifySyntax: true, LogLevel: api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return "", fmt.Errorf("minify %s: %s", filepath.Base(file), result.Errors[0].Text)
	}
	return strings.TrimSpace(string(result.OutputFiles[0].Contents)), nil
}
