// Package wasmbuild builds Go programs for the browser, always with the same
// flags, so that sizes that are compared were made alike.
package wasmbuild

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// reproducible are the flags by which the same source gives the same bytes
// wherever it is built: no paths, and no word of the commit, with which every
// user's copy of a module that has not changed would be out of date.
var reproducible = []string{"-trimpath", "-buildvcs=false"}

// compact keeps the compiler from inlining, which takes 5 to 6 % off the
// compressed size, but for the package of the facts: what their declarations say
// for people is left out of the module only where the compiler can look into them.
var compact = []string{"-gcflags=all=-l", "-gcflags=checkoutdoctor/wasm/facts="}

// Flags are the build flags of every module: what makes it reproducible and
// compact, and no symbols.
func Flags() []string {
	return slices.Concat(reproducible, compact, []string{"-ldflags=-s -w"})
}

// Build compiles the main package at pkg (an import path or ./folder) into the
// file out. The go command runs in dir, which must be inside the package's
// module.
func Build(ctx context.Context, dir, pkg, out string) error {
	return build(ctx, dir, pkg, out, Flags())
}

func build(ctx context.Context, dir, pkg, out string, flags []string) error {
	args := append([]string{"build", "-o", out}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, pkg)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s for the browser: %w\n%s", pkg, err, output)
	}
	return nil
}

// Support returns wasm_exec.js of the toolchain that Build uses in dir. It must
// come from the compiler that built the module.
func Support(ctx context.Context, dir string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT")
	cmd.Dir = dir
	root, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ask the go command for its root: %w", err)
	}
	script, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, fmt.Errorf("read the toolchain's support script: %w", err)
	}
	return script, nil
}

// BuildNamed is Build with the names of functions kept, for those who read the
// module's code.
func BuildNamed(ctx context.Context, dir, pkg, out string) error {
	return build(ctx, dir, pkg, out, slices.Concat(reproducible, compact))
}
