// Package ascii changes the case of what is in ASCII by its standard: schemes,
// codes of countries, words of headers. For package strings a letter is one of
// Unicode's, whose tables would be 8 KB of the module as it is served.
package ascii

// Lower returns s with its letters in lower case. All but ASCII is kept.
func Lower(s string) string { return switched(s, 'A', 'Z') }

// Upper returns s with its letters in upper case. All but ASCII is kept.
func Upper(s string) string { return switched(s, 'a', 'z') }

// switched returns s with the other case of the letters from first to last.
func switched(s string, first, last byte) string {
	b := []byte(s)
	for i, c := range b {
		if first <= c && c <= last {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}
