package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/andybalholm/brotli"

	"checkoutdoctor/web/inventory"
)

// manifest says what a build wrote. Package web reads it.
type manifest struct {
	Hash      string           `json:"hash"`      // of the content of all files
	Integrity string           `json:"integrity"` // of checkout-doctor.js
	Files     map[string]sizes `json:"files"`     // by path below v/HASH
	// Written is the SHA-256 of each file on disk, by path below v/HASH, with
	// which a later build sees that nothing is left to do.
	Written map[string]string `json:"written"`
}

// sizes are a file's lengths in bytes, as it is and compressed.
type sizes struct {
	Raw  int `json:"raw"`
	Br   int `json:"br"`
	Gzip int `json:"gzip"`
}

const manifestFile = "manifest.json"

// publish writes the assets below dist and removes earlier versions. Where the
// same version is there already, it writes nothing and returns false.
func publish(ctx context.Context, a assets, dist string) (m manifest, written bool, err error) {
	hash := a.hash()
	if m, ok := published(dist, hash); ok {
		return m, false, nil
	}
	files, err := compressAll(ctx, a)
	if err != nil {
		return manifest{}, false, err
	}
	m = describe(a, files, hash)
	if err := replace(dist, files, m); err != nil {
		return manifest{}, false, err
	}
	return m, true, nil
}

// published reports whether exactly this version is below dist, whole. Whatever
// cannot be read counts as missing: then it is written anew.
func published(dist, hash string) (m manifest, ok bool) {
	text, err := os.ReadFile(filepath.Join(dist, manifestFile))
	if err != nil || json.Unmarshal(text, &m) != nil || m.Hash != hash || len(m.Written) == 0 {
		return manifest{}, false
	}
	versions, err := os.ReadDir(filepath.Join(dist, "v"))
	if err != nil || len(versions) != 1 {
		return manifest{}, false
	}
	for name, sum := range m.Written {
		content, err := os.ReadFile(filepath.Join(dist, "v", hash, filepath.FromSlash(name)))
		if err != nil || sha(content) != sum {
			return manifest{}, false
		}
	}
	return m, true
}

// compressAll returns the assets with a .br and a .gz beside each.
func compressAll(ctx context.Context, a assets) (assets, error) {
	var (
		all  = maps.Clone(a)
		lock sync.Mutex
		errs error
		work sync.WaitGroup
	)
	add := func(name string, content []byte, err error) {
		lock.Lock()
		defer lock.Unlock()
		all[name] = content
		errs = errors.Join(errs, err)
	}
	for name, content := range a {
		work.Go(func() {
			packed, err := compressBrotli(ctx, content)
			add(name+".br", packed, err)
		})
		work.Go(func() {
			packed, err := compressGzip(content)
			add(name+".gz", packed, err)
		})
	}
	work.Wait()
	return all, errs
}

// compressBrotli takes some 4 s a megabyte, so it can be interrupted.
func compressBrotli(ctx context.Context, content []byte) ([]byte, error) {
	const piece = 1 << 16
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, brotli.BestCompression)
	for part := range slices.Chunk(content, piece) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("compress: %w", err)
		}
		if _, err := w.Write(part); err != nil {
			return nil, fmt.Errorf("compress with Brotli: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress with Brotli: %w", err)
	}
	return out.Bytes(), nil
}

func compressGzip(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress with gzip: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("compress with gzip: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress with gzip: %w", err)
	}
	return out.Bytes(), nil
}

func describe(a, files assets, hash string) manifest {
	m := manifest{
		Hash:      hash,
		Integrity: integrity(a[loaderFile]),
		Files:     make(map[string]sizes, len(a)),
		Written:   make(map[string]string, len(files)),
	}
	for name, content := range a {
		m.Files[name] = sizes{Raw: len(content), Br: len(files[name+".br"]), Gzip: len(files[name+".gz"])}
	}
	for name, content := range files {
		m.Written[name] = sha(content)
	}
	return m
}

// replace puts the files in the place of what is below dist. The manifest comes
// last: until it is there, nothing counts as built.
func replace(dist string, files assets, m manifest) error {
	if err := os.RemoveAll(filepath.Join(dist, manifestFile)); err != nil {
		return fmt.Errorf("remove the old manifest: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(dist, "v")); err != nil {
		return fmt.Errorf("remove old versions: %w", err)
	}
	for name, content := range files {
		if err := write(filepath.Join(dist, "v", m.Hash, filepath.FromSlash(name)), content); err != nil {
			return err
		}
	}
	if list, ok := files[inventory.File]; ok {
		if err := write(filepath.Join(dist, inventory.File), list); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return write(filepath.Join(dist, manifestFile), append(text, '\n'))
}

func write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", filepath.Base(file), err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(file), err)
	}
	return nil
}

func sha(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// summary is the line that a build prints.
func (m manifest) summary(written bool) string {
	what := "unchanged"
	if written {
		what = "built"
	}
	return fmt.Sprintf("web/dist/v/%s %s: loader %d bytes, core %d bytes, module %d bytes (Brotli)",
		m.Hash, what, m.Files[loaderFile].Br, m.Files["core.js"].Br, m.Files[moduleFile].Br)
}
