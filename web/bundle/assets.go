package main

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"checkoutdoctor/web/bundle/wasmbuild"
	"checkoutdoctor/web/inventory"
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
	languages, err := readLanguages(filepath.Join(source, "locales"))
	if err != nil {
		return nil, err
	}
	all, err := scripts(scriptInput{
		folder:    filepath.Join(source, "src"),
		support:   support,
		integrity: integrity(module),
		languages: languages,
	})
	if err != nil {
		return nil, err
	}
	for _, l := range languages {
		maps.Copy(all, l.files)
	}
	all["engineers.json"], err = compactFile(filepath.Join(source, "engineers.json"))
	if err != nil {
		return nil, err
	}
	all[moduleFile] = module
	for _, page := range []string{"popup.html", "frame.html"} {
		if all[page], err = os.ReadFile(filepath.Join(source, "src", page)); err != nil {
			return nil, fmt.Errorf("read a page: %w", err)
		}
	}
	for name, declared := range map[string]string{"checkout-doctor.d.ts": "published.d.ts", "types.d.ts": "types.ts"} {
		if all[name], err = os.ReadFile(filepath.Join(source, "src", declared)); err != nil {
			return nil, fmt.Errorf("read the loader's types: %w", err)
		}
	}
	all[inventory.File], err = takeInventory(all)
	return all, err
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
