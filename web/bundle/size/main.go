// Command size prints what the diagnostic module weighs in brotli, against a
// bare module that only calls safejs, built in the same run with the same
// flags, and the share of each package in the module's code.
package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"

	"github.com/andybalholm/brotli"

	"checkoutdoctor/web/bundle/wasmbuild"
)

// The modules that are compared.
const (
	modulePackage = "./wasm"
	barePackage   = "./web/bundle/size/testdata/bare"
)

// MaxRatio is the most that the module may weigh, in bare modules.
const MaxRatio = 1.40

func main() { os.Exit(run(os.Stdout, os.Stderr)) }

func run(stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	m, err := measure(ctx, ".")
	if err != nil {
		fmt.Fprintln(stderr, "size:", err)
		return 1
	}
	m.print(stdout)
	if m.ratio() > MaxRatio {
		fmt.Fprintf(stderr, "size: the module weighs %.2f bare modules, at most %.2f are allowed\n", m.ratio(), MaxRatio)
		return 1
	}
	return 0
}

// measurement is what one run measured; sizes are in bytes.
type measurement struct {
	module, bare       int // brotli, quality 11
	moduleRaw, bareRaw int
	code               map[string]int // code by package, uncompressed
}

func (m measurement) ratio() float64 { return float64(m.module) / float64(m.bare) }

// measure builds and weighs both modules; root is the repository.
func measure(ctx context.Context, root string) (measurement, error) {
	dir, err := os.MkdirTemp("", "checkout-doctor-size-")
	if err != nil {
		return measurement{}, fmt.Errorf("make a folder for the modules: %w", err)
	}
	defer os.RemoveAll(dir)
	module, err := built(ctx, root, modulePackage, filepath.Join(dir, "module.wasm"))
	if err != nil {
		return measurement{}, err
	}
	bare, err := built(ctx, root, barePackage, filepath.Join(dir, "bare.wasm"))
	if err != nil {
		return measurement{}, err
	}
	named := filepath.Join(dir, "named.wasm")
	if err := wasmbuild.BuildNamed(ctx, root, modulePackage, named); err != nil {
		return measurement{}, err
	}
	content, err := os.ReadFile(named)
	if err != nil {
		return measurement{}, fmt.Errorf("read the module with names: %w", err)
	}
	code, err := codeByPackage(content)
	if err != nil {
		return measurement{}, err
	}
	return measurement{
		module: compressed(module), bare: compressed(bare), moduleRaw: len(module), bareRaw: len(bare), code: code,
	}, nil
}

func built(ctx context.Context, root, pkg, out string) ([]byte, error) {
	if err := wasmbuild.Build(ctx, root, pkg, out); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("read the module of %s: %w", pkg, err)
	}
	return content, nil
}

// compressed returns the size in brotli 11, as it is served.
func compressed(content []byte) int {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, brotli.BestCompression)
	_, _ = w.Write(content) // a buffer never fails
	_ = w.Close()
	return out.Len()
}

func (m measurement) print(w io.Writer) {
	fmt.Fprintf(w, "module  %8d bytes raw  %7d brotli\n", m.moduleRaw, m.module)
	fmt.Fprintf(w, "bare    %8d bytes raw  %7d brotli\n", m.bareRaw, m.bare)
	fmt.Fprintf(w, "ratio   %.3f (at most %.2f)\n\ncode by package, bytes raw:\n", m.ratio(), MaxRatio)
	total := 0
	for _, size := range m.code {
		total += size
	}
	packages := slices.SortedFunc(maps.Keys(m.code), func(a, b string) int {
		return cmp.Or(cmp.Compare(m.code[b], m.code[a]), cmp.Compare(a, b))
	})
	for _, name := range packages {
		fmt.Fprintf(w, "%8d  %4.1f %%  %s\n", m.code[name], 100*float64(m.code[name])/float64(total), name)
	}
}
