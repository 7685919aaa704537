//go:build !(js && wasm)

// The diagnostic module only runs in a browser: GOOS=js GOARCH=wasm. This file
// lets the rest of the module be built and tested elsewhere.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "the diagnostic module runs in a browser; build it with GOOS=js GOARCH=wasm")
	os.Exit(2)
}
