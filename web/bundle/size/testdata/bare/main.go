//go:build js && wasm

// Command bare is the least that a module can be that reaches the page through
// safejs: what the diagnostic module's size is measured against.
package main

import "github.com/hack-pad/safejs"

func main() {
	_ = safejs.Global().Set("bare", true)
	select {}
}
