package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The parts of a WebAssembly binary that are read here
// (https://webassembly.github.io/spec/core/binary/modules.html).
const (
	customSection = 0
	importSection = 2
	codeSection   = 10
	functionNames = 1 // subsection of the custom section "name"
)

var errNotWasm = errors.New("not a WebAssembly binary with names")

// codeByPackage adds the sizes of the functions up by the Go package that
// their names begin with.
func codeByPackage(module []byte) (map[string]int, error) {
	if len(module) < 8 || string(module[:4]) != "\x00asm" {
		return nil, errNotWasm
	}
	var imports int
	var sizes []int
	var names map[int]string
	r := bytes.NewReader(module[8:])
	for r.Len() > 0 {
		id, body, err := section(r)
		if err != nil {
			return nil, err
		}
		switch id {
		case importSection:
			imports, err = countImports(body)
		case codeSection:
			sizes, err = bodySizes(body)
		case customSection:
			names, err = functionNamesIn(body, names)
		}
		if err != nil {
			return nil, err
		}
	}
	if names == nil {
		return nil, errNotWasm
	}
	packages := make(map[string]int)
	for i, size := range sizes {
		packages[packageOf(names[imports+i])] += size
	}
	return packages, nil
}

// section reads one section or subsection.
func section(r *bytes.Reader) (id byte, body *bytes.Reader, err error) {
	if id, err = r.ReadByte(); err != nil {
		return 0, nil, errNotWasm
	}
	content, err := sized(r)
	return id, bytes.NewReader(content), err
}

// sized reads bytes that their length stands before.
func sized(r *bytes.Reader) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > uint64(r.Len()) {
		return nil, errNotWasm
	}
	content := make([]byte, n)
	_, err = io.ReadFull(r, content)
	return content, err
}

// countImports counts the imported functions, which come first in the index
// of functions. A Go module imports nothing else.
func countImports(r *bytes.Reader) (int, error) {
	n, err := binary.ReadUvarint(r)
	return int(n), err
}

func bodySizes(r *bytes.Reader) ([]int, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, errNotWasm
	}
	var sizes []int
	for range n {
		body, err := sized(r)
		if err != nil {
			return nil, err
		}
		sizes = append(sizes, len(body))
	}
	return sizes, nil
}

// functionNamesIn reads the custom section "name"; another one changes nothing.
func functionNamesIn(r *bytes.Reader, known map[int]string) (map[int]string, error) {
	title, err := sized(r)
	if err != nil || string(title) != "name" {
		return known, err
	}
	for r.Len() > 0 {
		id, body, err := section(r)
		if err != nil {
			return nil, err
		}
		if id == functionNames {
			return nameMap(body)
		}
	}
	return known, nil
}

func nameMap(r *bytes.Reader) (map[int]string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, errNotWasm
	}
	names := make(map[int]string)
	for range n {
		index, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, errNotWasm
		}
		name, err := sized(r)
		if err != nil {
			return nil, fmt.Errorf("name of function %d: %w", index, err)
		}
		names[int(index)] = string(name)
	}
	return names, nil
}

// packageOf returns the import path that a symbol such as
// "checkoutdoctor_wasm_observe.__browser_.fetch" begins with; the linker writes
// slashes as underscores. Functions that the compiler makes up, such as the
// comparison of two structs, have no package.
func packageOf(symbol string) string {
	const host = "github.com"
	rest, hosted := strings.CutPrefix(symbol, host)
	name, _, ok := strings.Cut(rest, ".")
	switch {
	case !ok || strings.HasPrefix(symbol, "type_") || strings.HasPrefix(symbol, "go_"):
		return "(made by the compiler)"
	case hosted:
		return host + name
	}
	return name
}
