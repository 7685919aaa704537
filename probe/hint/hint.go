// Package hint words what messages say of mistaken input: what may have been meant,
// what there is to choose from, and not more of the input than can be read.
package hint

import "strings"

// nearest returns the candidate that is written most like the word, or nothing where
// none is near.
func nearest(word string, candidates []string) string {
	best, distance := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := editDistance(word, c); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// DidYouMean ends a message about the unknown word by the candidate that is written
// most like it, if one is near.
func DidYouMean(word string, candidates []string) string {
	if near := nearest(word, candidates); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// Known ends a message about the unknown word: by the nearest of the known ones or,
// where there are few, by all of them.
func Known(word string, known []string) string {
	const few = 6
	if near := DidYouMean(word, known); near != "" || len(known) > few {
		return near
	}
	return "; want " + List(known)
}

// List joins words as in "a, b or c".
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// Shorten keeps a message readable when a file is not what it should be.
func Shorten(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// editDistance counts the bytes to insert, delete or replace between a and b
// (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
