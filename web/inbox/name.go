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
	at     int64 // when it came, in seconds since 1970
	id     reportID
	signed bool // by a signed link
}

// unfinished is the name of the id's report while it is written. It is the same
// however the report comes: there is one of each id.
func (id reportID) unfinished() string { return unfinishedStart + id.String() + unfinishedEnd }

// The form of a name. Names sort by time.
const (
	nameTime  = "20060102T150405Z"
	nameParts = "-"
	nameProof = nameParts + "signed" // after the id of a report that a signed link brought
	nameEnd   = ".json"
)

func (n name) String() string {
	stem := time.Unix(n.at, 0).UTC().Format(nameTime) + nameParts + n.id.String()
	if n.signed {
		stem += nameProof
	}
	return stem + nameEnd
}

// parseName reads what String wrote, and nothing else.
func parseName(file string) (name, bool) {
	stem, ok := strings.CutSuffix(file, nameEnd)
	if !ok {
		return name{}, false
	}
	stem, signed := strings.CutSuffix(stem, nameProof)
	written, digits, _ := strings.Cut(stem, nameParts)
	id, ok := parseID(digits)
	if !ok {
		return name{}, false
	}
	at, err := time.Parse(nameTime, written)
	if err != nil {
		return name{}, false
	}
	n := name{at: at.Unix(), id: id, signed: signed}
	return n, n.String() == file // the time may have had fractions
}

// Name is what a file's name tells of the report that it holds.
type Name struct {
	Received time.Time // in UTC, to the second
	ID       string
	Signed   bool // by a signed link, which proves the report's case
}

// ParseName reads a file's name; not ok where it is not that of a report that was
// kept.
func ParseName(file string) (Name, bool) {
	n, ok := parseName(file)
	if !ok {
		return Name{}, false
	}
	return Name{Received: time.Unix(n.at, 0).UTC(), ID: n.id.String(), Signed: n.signed}, true
}

// IsID tells whether a report can have the id: 16 hexadecimal digits.
func IsID(id string) bool {
	_, ok := parseID(id)
	return ok
}
