package link

import "fmt"

// Reason says why there is no good link.
type Reason string

// The reasons. Up to Altered, nothing that the query says is known to be true.
const (
	// NoLink: the query is not that of a link, nor of a part of one.
	NoLink Reason = "no-link"
	// TooLong: no link is as long as that.
	TooLong Reason = "too-long"
	// Truncated: it ends before its seal does, as a link that was not copied whole.
	Truncated Reason = "truncated"
	// Added: it has a parameter that links do not have.
	Added Reason = "added"
	// Doubled: it has a parameter twice.
	Doubled Reason = "doubled"
	// Reordered: its parameters are not in their order.
	Reordered Reason = "reordered"
	// Recoded: a value is not written as links have it.
	Recoded Reason = "recoded"
	// NewerVersion: it was made by a version that seals in another way.
	NewerVersion Reason = "newer-version"
	// ForeignKey: it was made with a key that is not one of ours, or not any more.
	ForeignKey Reason = "foreign-key"
	// Altered: its seal is not that of what it says.
	Altered Reason = "altered"
	// Unacceptable: it is ours and says what is not allowed here, such as a URL on
	// a host that is not in the list. Also what the maker of a link is told.
	Unacceptable Reason = "unacceptable"
	// NotYetValid: its time has not come.
	NotYetValid Reason = "not-yet-valid"
	// Expired: its time is over.
	Expired Reason = "expired"
)

// Error says why there is no good link.
type Error struct {
	Reason Reason
	Param  string // the parameter's name as links have it; empty where it is not about one
	err    error  // more about it; nil for none
}

// Error holds no value of a link that is not known to be ours, so that it can be
// logged.
func (e *Error) Error() string {
	text := "link: " + string(e.Reason)
	if e.Param != "" {
		text += ": " + e.Param
	}
	if e.err != nil {
		text += fmt.Sprintf(": %v", e.err)
	}
	return text
}

// Unwrap returns what Param's value was refused for.
func (e *Error) Unwrap() error { return e.err }
