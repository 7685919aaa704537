package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"checkoutdoctor/web/bundle/wasmbuild"
)

// assets are the files of one version, by their path below its folder.
type assets map[string][]byte

// The files that others refer to by name.
const (
	moduleFile = "module.wasm"
	loaderFile = "checkout-doctor.js"
)

// buildModule compiles ./wasm and returns it with the support script of the
// toolchain that did it.
func buildModule(ctx context.Context, root string) (module, support []byte, err error) {
	dir, err := os.MkdirTemp("", "checkout-doctor-bundle-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a folder for the module: %w", err)
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, moduleFile)
	if err := wasmbuild.Build(ctx, root, "./wasm", out); err != nil {
		return nil, nil, err
	}
	if module, err = os.ReadFile(out); err != nil {
		return nil, nil, fmt.Errorf("read the built module: %w", err)
	}
	support, err = wasmbuild.Support(ctx, root)
	return module, support, err
}

// collect brings together all files of a version. The source is the absolute
// path of the folder web.
func collect(source string, module, support []byte) (assets, error) {
	words, err := wordFiles(source, "locales")
	if err != nil {
		return nil, err
	}
	all, err := scripts(scriptInput{
		folder:    filepath.Join(source, "src"),
		support:   support,
		integrity: integrity(module),
		languages: languages(words),
	})
	if err != nil {
		return nil, err
	}
	maps.Copy(all, words)
	steps, err := wordFiles(source, "locales/steps")
	if err != nil {
		return nil, err
	}
	maps.Copy(all, steps)
	all[moduleFile] = module
	all["popup.html"], err = os.ReadFile(filepath.Join(source, "src", "popup.html"))
	if err != nil {
		return nil, fmt.Errorf("read the page of the pop-up check: %w", err)
	}
	return all, nil
}

// wordFiles reads the folder's files, one a language, and takes the white space
// out. The folder is relative to source, and its files keep that path.
func wordFiles(source, folder string) (assets, error) {
	files, err := filepath.Glob(filepath.Join(source, filepath.FromSlash(folder), "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", folder, err)
	}
	words := make(assets)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a file of %s: %w", folder, err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			return nil, fmt.Errorf("read %s/%s: %w", folder, filepath.Base(file), err)
		}
		words[folder+"/"+filepath.Base(file)] = compact.Bytes()
	}
	return words, nil
}

// languages returns the languages of the locales, sorted.
func languages(words assets) []string {
	var list []string
	for name := range words {
		list = append(list, strings.TrimSuffix(filepath.Base(name), ".json"))
	}
	slices.Sort(list)
	return list
}

// hash names the content of all files: 20 hexadecimal digits.
func (a assets) hash() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a)) {
		for _, part := range [][]byte{[]byte(name), a[name]} {
			binary.Write(h, binary.BigEndian, uint64(len(part))) // a hash never fails
			h.Write(part)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:20]
}

// integrity returns the hash by which a browser checks a file, as the
// Subresource Integrity specification writes it.
func integrity(content []byte) string {
	sum := sha512.Sum384(content)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}
