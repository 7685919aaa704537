package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// indentedJSON returns the value as indented JSON, with a newline at its end, that
// a terminal shows as it is.
func indentedJSON(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("print as JSON: %w", err)
	}
	return printableJSON(append(text, '\n')), nil
}

// printableJSON returns the JSON with all that a terminal would act upon, or not
// show, as \u escapes: DEL, the C1 controls, what turns the direction of writing.
// The values stay the same. JSON has such characters in strings alone, and line
// feeds, which stay, between them.
func printableJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r == '\n' || strconv.IsPrint(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}
