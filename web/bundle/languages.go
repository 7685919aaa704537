package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// language is what the bundle makes of a file of words.
type language struct {
	tag   string // BCP 47
	name  string // what it calls itself
	start string // what the element's button says
	files assets
}

// partsOfLocale are the sections of a file of words that the element does without
// until they are needed, each published as a file of its own.
var partsOfLocale = []string{"steps", "page", "more", "support"}

// readLanguages reads the folder's files, one a language, sorted by their tags.
func readLanguages(folder string) ([]language, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list the files of words: %w", err)
	}
	list := make([]language, len(files))
	for i, file := range files {
		if list[i], err = readLanguage(file); err != nil {
			return nil, fmt.Errorf("read the words in %s: %w", filepath.Base(file), err)
		}
	}
	return list, nil
}

func readLanguage(file string) (language, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return language{}, err
	}
	var known struct {
		Name string
		UI   struct{ Start string }
	}
	if err := json.Unmarshal(text, &known); err != nil {
		return language{}, err
	}
	tag := strings.TrimSuffix(filepath.Base(file), ".json")
	parts, err := splitLocale(tag, text)
	return language{tag: tag, name: known.Name, start: known.UI.Start, files: parts}, err
}

// splitLocale makes the files that are published of a file of words.
func splitLocale(tag string, text []byte) (assets, error) {
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(text, &sections); err != nil {
		return nil, err
	}
	files := make(assets)
	for _, part := range partsOfLocale {
		if section, ok := sections[part]; ok {
			content, err := compact(section)
			if err != nil {
				return nil, err
			}
			files["locales/"+tag+"."+part+".json"] = content
			delete(sections, part)
		}
	}
	delete(sections, "sure") // which is for tests
	rest, err := json.Marshal(sections)
	if err != nil {
		return nil, err
	}
	files["locales/"+tag+".json"], err = compact(rest)
	return files, err
}

// compactFile reads a JSON file and takes the white space out.
func compactFile(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read a file of words: %w", err)
	}
	content, err := compact(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(file), err)
	}
	return content, nil
}

func compact(text []byte) ([]byte, error) {
	var out bytes.Buffer
	err := json.Compact(&out, text)
	return out.Bytes(), err
}
