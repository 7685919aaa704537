// Package observe looks at the browser it runs in and establishes facts.
//
// An observer is a function with a name, a limit and the keys it answers for.
// [Run] starts all of them side by side. Each writes into a set of its own,
// and one that panics or runs out of time loses only its own facts: its
// remaining keys become unknown, with that reason.
//
// Everything that a page can spoil is reached through safejs, which turns a
// throwing getter into an error. Nothing of the host page is changed, and
// whatever an observer adds (a hidden frame, a listener) it takes away again.
//
// All files but this one are for GOOS=js GOARCH=wasm.
package observe
