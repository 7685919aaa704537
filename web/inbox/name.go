package inbox

import (
	"encoding/hex"
	"strings"
	"time"
)

// reportID is a report's id: 16 hexadecimal digits.
type reportID [8]byte

// parseID reads an id as reports write it: nothing else can become a part of a
// file's name.
func parseID(text string) (id reportID, ok bool) {
	if len(text) != hex.EncodedLen(len(id)) || strings.ToLower(text) != text {
		return reportID{}, false
	}
	_, err := hex.Decode(id[:], []byte(text))
	return id, err == nil
}

func (id reportID) String() string { return hex.EncodeToString(id[:]) }

// name is what a report's file is named by.
type name struct {
	at int64 // when it came, in seconds since 1970
	id reportID
}

// The form of a name. Names sort by time.
const (
	nameTime  = "20060102T150405Z"
	nameParts = "-"
	nameEnd   = ".json"
)

func (n name) String() string {
	return time.Unix(n.at, 0).UTC().Format(nameTime) + nameParts + n.id.String() + nameEnd
}

// parseName reads what String wrote, and nothing else.
func parseName(file string) (name, bool) {
	stem, ok := strings.CutSuffix(file, nameEnd)
	if !ok {
		return name{}, false
	}
	written, digits, _ := strings.Cut(stem, nameParts)
	id, ok := parseID(digits)
	if !ok {
		return name{}, false
	}
	at, err := time.Parse(nameTime, written)
	if err != nil {
		return name{}, false
	}
	n := name{at: at.Unix(), id: id}
	return n, n.String() == file // the time may have had fractions
}

// ParseName tells of a file's name when its report came, in UTC, and the
// report's id; not ok where it is not the name of a report that was kept.
func ParseName(file string) (at time.Time, id string, ok bool) {
	n, ok := parseName(file)
	if !ok {
		return time.Time{}, "", false
	}
	return time.Unix(n.at, 0).UTC(), n.id.String(), true
}

// IsID tells whether a report can have the id: 16 hexadecimal digits.
func IsID(id string) bool {
	_, ok := parseID(id)
	return ok
}
