package report

import (
	_ "embed" // for the list below
	"strings"

	"checkoutdoctor/wasm/diagnosis"
)

// causeLines lists every cause that there ever was, a line each: its code, the
// words of its variants and those of its oneOf, parted by semicolons. The place
// in the list is the number in support codes: lines and words are only ever
// appended, and stay when the cause goes.
//
//go:embed codes.txt
var causeLines string

// numberOf returns the number of the cause, from 1, and the words that a finding
// of it can carry; 0 where it has none.
func numberOf(code diagnosis.Code) (number int, variants, oneOf string) {
	line, rest := "", causeLines
	for i := 1; rest != ""; i++ {
		line, rest, _ = strings.Cut(rest, "\n")
		if name, variants, oneOf := fields(line); name == string(code) {
			return i, variants, oneOf
		}
	}
	return 0, "", ""
}

// fields parts a line of the list.
func fields(line string) (code, variants, oneOf string) {
	code, words, _ := strings.Cut(line, ";")
	variants, oneOf, _ = strings.Cut(words, ";")
	return code, variants, oneOf
}
