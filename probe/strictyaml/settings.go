package strictyaml

import (
	"cmp"
	"maps"
	"slices"
)

// A Setting is one key of a file of settings.
type Setting struct {
	Key    string
	Values []string // one, or those of a list
	Line   int      // of the value, from 1
}

// Settings reads a file of settings, in YAML: keys with a text each, or a list
// of texts where that is what the key is for, as strictly as a scenario. The file's
// name is for messages; known tells of each key whether it is a list. The settings
// are in the order of the file. The error is a *Error.
func Settings(file string, source []byte, known map[string]bool) ([]Setting, error) {
	var r Reader
	var settings []Setting
	if doc, ok := r.Document(source); ok {
		if o, ok := doc.Object(slices.Sorted(maps.Keys(known))...); ok {
			settings = settingsOf(o, known)
		}
	}
	if err := r.Err(file); err != nil {
		return nil, err
	}
	slices.SortFunc(settings, func(a, b Setting) int { return cmp.Compare(a.Line, b.Line) })
	return settings, nil
}

func settingsOf(o Object, known map[string]bool) []Setting {
	var settings []Setting
	for key, f := range o {
		s := Setting{Key: key, Line: f.Line()}
		items := []Value{f.Value}
		if known[key] {
			items = f.List()
		}
		for _, item := range items {
			if text, ok := item.Text(); ok {
				s.Values = append(s.Values, text)
			}
		}
		settings = append(settings, s)
	}
	return settings
}
