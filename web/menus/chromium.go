package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// readChromium returns the labels in a data pack. Which number is which resource
// is in the file beside it.
func readChromium(path string) (labels, error) {
	names, err := resourceNames(path + ".info")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a language of Chromium: %w", err)
	}
	found := make(labels)
	err = eachResource(text, func(number int, content string) {
		if english, ok := chromiumLabels[names[number]]; ok {
			found[english] = withoutAccelerator(content)
		}
	})
	if err == nil && len(found) != len(chromiumLabels) {
		err = fmt.Errorf("%d labels of %d", len(found), len(chromiumLabels))
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return found, nil
}

// resourceNames reads lines such as "IDS_DONE,39766,../../ui/strings/app.grdp".
func resourceNames(path string) (map[int]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the names of Chromium's resources: %w", err)
	}
	defer file.Close()
	names := make(map[int]string)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), ",")
		number, _, _ := strings.Cut(rest, ",")
		if n, err := strconv.Atoi(number); err == nil {
			names[n] = name
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the names of Chromium's resources: %w", err)
	}
	return names, nil
}

// The layout of a data pack, version 5 (Chromium, ui/base/resource/data_pack.cc):
// a header, an entry a resource and one more that ends the last, and an alias a
// resource that says what another one says; little-endian.
const (
	packVersion = 5
	packUTF8    = 1
	packHeader  = 12
	packEntry   = 6
	packAlias   = 4
)

// eachResource calls f with each text of a data pack.
func eachResource(pack []byte, f func(number int, content string)) error {
	if len(pack) < packHeader || binary.LittleEndian.Uint32(pack) != packVersion || pack[4] != packUTF8 {
		return errors.New("not a data pack of version 5 in UTF-8")
	}
	count, aliases := int(binary.LittleEndian.Uint16(pack[8:])), int(binary.LittleEndian.Uint16(pack[10:]))
	aliasesAt := packHeader + (count+1)*packEntry
	if len(pack) < aliasesAt+aliases*packAlias {
		return errors.New("the data pack is cut short")
	}
	entry := func(i int) (number, offset int) {
		at := pack[packHeader+i*packEntry:]
		return int(binary.LittleEndian.Uint16(at)), int(binary.LittleEndian.Uint32(at[2:]))
	}
	contents := make([]string, count)
	for i := range count {
		number, from := entry(i)
		_, to := entry(i + 1)
		if from > to || to > len(pack) {
			return errors.New("the data pack is damaged")
		}
		contents[i] = string(bytes.ToValidUTF8(pack[from:to], nil))
		f(number, contents[i])
	}
	for i := range aliases {
		at := pack[aliasesAt+i*packAlias:]
		index := int(binary.LittleEndian.Uint16(at[2:]))
		if index >= count {
			return errors.New("the data pack is damaged")
		}
		f(int(binary.LittleEndian.Uint16(at)), contents[index])
	}
	return nil
}

// withoutAccelerator takes out the mark of the key that chooses a menu's item,
// which languages in other scripts put in brackets behind it: "削除(&D)".
func withoutAccelerator(text string) string {
	if i := strings.Index(text, "(&"); i >= 0 {
		if end := strings.IndexByte(text[i:], ')'); end >= 0 {
			text = text[:i] + text[i+end+1:]
		}
	}
	return strings.ReplaceAll(text, "&", "")
}
