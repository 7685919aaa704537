//go:build js && wasm

package observe

import "github.com/hack-pad/safejs"

// The readers below turn what a page may have spoilt into a zero value and
// false: a getter that throws is as good as one that is not there.

// at follows the path of properties; ok is false where it breaks off.
func at(v safejs.Value, path ...string) (_ safejs.Value, ok bool) {
	for _, name := range path {
		if v.Type() != safejs.TypeObject && v.Type() != safejs.TypeFunction {
			return safejs.Undefined(), false
		}
		next, err := v.Get(name)
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

// items returns the elements of an array; what is no array has none.
func items(v safejs.Value, path ...string) []safejs.Value {
	v, ok := at(v, path...)
	if !ok {
		return nil
	}
	n, err := v.Length()
	if err != nil {
		return nil
	}
	out := make([]safejs.Value, 0, n)
	for i := range n {
		if item, err := v.Index(i); err == nil {
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

// resolve makes url absolute against base.
func resolve(url, base string) (string, bool) {
	constructor, ok := at(safejs.Global(), "URL")
	if !ok {
		return "", false
	}
	parsed, err := constructor.New(url, base)
	if err != nil {
		return "", false
	}
	return text(parsed, "href")
}
