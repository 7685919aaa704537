//go:build !js

package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxBytes bounds what Decode reads. A report of every fact and cause has
// about 20 KB.
const MaxBytes = 1 << 20

// Encode returns the report as indented JSON with a newline at the end. Keys
// are sorted, so equal reports have equal bytes.
func Encode(r *Report) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r.Tree()); err != nil {
		return nil, fmt.Errorf("encode report: %w", err)
	}
	return out.Bytes(), nil
}

// Decode reads a report from JSON. It refuses more than MaxBytes, anything
// after the report, and what FromTree refuses.
func Decode(b []byte) (*Report, error) {
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("decode report: %d bytes, at most %d are read", len(b), MaxBytes)
	}
	if err := checkDepth(b); err != nil {
		return nil, fmt.Errorf("decode report: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("decode report: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode report: there is more after the report")
	}
	r, err := FromTree(tree)
	if err != nil {
		return nil, fmt.Errorf("decode report: %w", err)
	}
	return r, nil
}
