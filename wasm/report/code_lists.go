package report

import "strings"

// separator is what parts the items of a list, which are lines or words.
func separator(list string) string {
	if strings.HasSuffix(list, "\n") {
		return "\n"
	}
	return " "
}

// at returns the item at place i, from 1; nothing where there is none.
func at(list string, i int) string {
	sep := separator(list)
	for ; i > 1; i-- {
		_, list, _ = strings.Cut(list, sep)
	}
	if i < 1 {
		return ""
	}
	item, _, _ := strings.Cut(list, sep)
	return item
}

// place returns the place of the item, from 1; 0 where the list has no such.
func place(list, item string) int {
	for i := 1; ; i++ {
		switch at(list, i) {
		case "":
			return 0
		case item:
			return i
		}
	}
}

// known returns the word if it is in the list.
func known(list, word string) string { return at(list, place(list, word)) }
