//go:build !js

package report

import "fmt"

// maxDepth is how deep the lists and objects of a report may be within each other.
// Those of ours are 6 deep, and keys that are not known may bring some more. Without
// a bound Encode indents each level of what a finding's evidence may hold: 20 KB
// become 200 MB.
const maxDepth = 32

// checkDepth reads the text as JSON, as far as brackets and strings go. What is
// wrong otherwise the decoder finds.
func checkDepth(text []byte) error {
	depth, inString, escaped := 0, false, false
	for _, b := range text {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = b == '\\', b != '"'
		case b == '"':
			inString = true
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("lists and objects are more than %d deep", maxDepth)
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}
