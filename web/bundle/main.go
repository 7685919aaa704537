// Bundle builds what package web serves: the diagnostic module, the scripts,
// the pages' files and the words, all under one content-hashed folder
// web/dist/v/HASH, with a Brotli and a gzip copy beside each file, and
// web/dist/manifest.json, which says what is there. Unchanged inputs give the
// same hash, and then nothing is written.
//
//	go run ./web/bundle
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root, err := moduleRoot(ctx)
	if err == nil {
		err = bundle(ctx, root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		return 1
	}
	return 0
}

// bundle builds everything from the module's root folder.
func bundle(ctx context.Context, root string) error {
	source := filepath.Join(root, "web")
	module, support, err := buildModule(ctx, root)
	if err != nil {
		return err
	}
	assets, err := collect(source, module, support)
	if err != nil {
		return err
	}
	m, written, err := publish(ctx, assets, filepath.Join(source, "dist"))
	if err != nil {
		return err
	}
	fmt.Println(m.summary(written))
	return nil
}

// moduleRoot returns the folder of the go.mod that the working folder is in.
func moduleRoot(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("ask the go command for the module: %w", err)
	}
	file := strings.TrimSpace(string(output))
	if file == "" || file == os.DevNull {
		return "", errors.New("run this inside the checkout")
	}
	return filepath.Dir(file), nil
}
