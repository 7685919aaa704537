package main

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// readFirefox returns the labels in a language pack. One that it has not
// translated is left out: then Firefox shows it in English.
func readFirefox(path string) (labels, error) {
	pack, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("read a language of Firefox: %w", err)
	}
	defer pack.Close()
	found := make(labels)
	for _, file := range pack.File {
		if !strings.HasSuffix(file.Name, ".ftl") {
			continue
		}
		if err := readMessages(file, found); err != nil {
			return nil, fmt.Errorf("read %s in %s: %w", file.Name, path, err)
		}
	}
	return found, nil
}

func readMessages(file *zip.File, found labels) error {
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	return eachMessage(content, func(name, text string) {
		if english, ok := firefoxLabels[name]; ok {
			found[english] = text
		}
	})
}

// What a line of a Fluent file can be, as far as our labels need it
// (https://projectfluent.org/fluent/guide): a message, its attribute, or the
// variant of a selection.
var (
	message   = regexp.MustCompile(`^([a-zA-Z][\w-]*) =\s*(.*)$`)
	attribute = regexp.MustCompile(`^\s+\.([\w-]+) =\s*(.*)$`)
	variant   = regexp.MustCompile(`^\s+\*?\[(\w+)\]\s*(.*)$`)
)

// eachMessage calls f with each text of one line: of "message", of
// "message.attribute" and, for a variant, of "message.attribute[variant]".
func eachMessage(r io.Reader, f func(name, text string)) error {
	lines := bufio.NewScanner(r)
	var name, part string
	for lines.Scan() {
		line := lines.Text()
		if m := message.FindStringSubmatch(line); m != nil {
			name, part = m[1], ""
			f(name, m[2])
		} else if m := attribute.FindStringSubmatch(line); m != nil {
			part = "." + m[1]
			f(name+part, m[2])
		} else if m := variant.FindStringSubmatch(line); m != nil {
			f(name+part+"["+m[1]+"]", m[2])
		}
	}
	return lines.Err()
}
