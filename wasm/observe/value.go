//go:build js && wasm

package observe

import (
	"strconv"

	"github.com/hack-pad/safejs"
)

// reflection is the page's Reflect. Properties are read, written and called
// through it: a call that throws comes back as an error, while a getter that
// throws under syscall/js's own Get or Set ends the module (the runtime's
// support script guards calls only, and a Call that fails looks at the method
// again by Get).
var reflection, _ = safejs.Global().Get("Reflect")

// Get returns the property of v, or what its getter threw.
func Get(v safejs.Value, name string) (safejs.Value, error) {
	return reflection.Call("get", v, name)
}

func set(v safejs.Value, name string, value any) error {
	_, err := reflection.Call("set", v, name, value)
	return err
}

// Call calls the method of v. One that is missing is an error, and so is what it
// throws.
func Call(v safejs.Value, method string, args ...any) (safejs.Value, error) {
	fn, err := Get(v, method)
	if err != nil {
		return safejs.Undefined(), err
	}
	return reflection.Call("apply", fn, v, args)
}

// The readers below turn what a page may have spoilt into a zero value and
// false: a getter that throws is as good as one that is not there.

// at follows the path of properties; ok is false where it breaks off.
func at(v safejs.Value, path ...string) (_ safejs.Value, ok bool) {
	for _, name := range path {
		if v.Type() != safejs.TypeObject && v.Type() != safejs.TypeFunction {
			return safejs.Undefined(), false
		}
		next, err := Get(v, name)
		if err != nil {
			return safejs.Undefined(), false
		}
		v = next
	}
	return v, !v.IsUndefined() && !v.IsNull()
}

func text(v safejs.Value, path ...string) (string, bool) {
	v, ok := at(v, path...)
	if !ok || v.Type() != safejs.TypeString {
		return "", false
	}
	s, err := v.String()
	return s, err == nil
}

func boolean(v safejs.Value, path ...string) (value, ok bool) {
	v, ok = at(v, path...)
	if !ok || v.Type() != safejs.TypeBoolean {
		return false, false
	}
	b, err := v.Bool()
	return b, err == nil
}

func number(v safejs.Value, path ...string) (float64, bool) {
	v, ok := at(v, path...)
	if !ok || v.Type() != safejs.TypeNumber {
		return 0, false
	}
	f, err := v.Float()
	return f, err == nil
}

// maxItems bounds what is read of an array: its length is the page's word.
const maxItems = 1000

// items returns the elements of an array; what is no array has none.
func items(v safejs.Value, path ...string) []safejs.Value {
	v, _ = at(v, path...)
	length, _ := number(v, "length")
	if !(length > 0) { // NaN included
		return nil
	}
	n := int(min(length, maxItems))
	out := make([]safejs.Value, 0, n)
	for i := range n {
		if item, ok := at(v, strconv.Itoa(i)); ok {
			out = append(out, item)
		}
	}
	return out
}

func texts(v safejs.Value, path ...string) []string {
	var out []string
	for _, item := range items(v, path...) {
		if s, ok := text(item); ok {
			out = append(out, s)
		}
	}
	return out
}

// origin returns the origin of a URL as the browser understands it; "" where
// it is none.
func origin(url string) string {
	constructor, ok := at(safejs.Global(), "URL")
	if !ok || url == "" {
		return ""
	}
	parsed, err := constructor.New(url)
	if err != nil {
		return ""
	}
	o, _ := text(parsed, "origin")
	return o
}
