package facts

import (
	"errors"
	"fmt"
	"math"
)

// Tree returns the set as plain values (maps, lists, strings, numbers and
// booleans), the form in which it stands in a report:
//
//	"popup.result": {"value": "window", "from": "popup"}
//	"cookie.kept":  {"unknown": "timed-out", "from": "cookie"}
//	"popup.hello":  {"notApplicable": "no-gesture", "from": "popup"}
func (s *Set) Tree() map[string]any {
	tree := make(map[string]any, s.Len())
	for _, d := range All() {
		if e, ok := s.entry(d); ok {
			k := d.declared()
			tree[k.Name] = e.tree(k)
		}
	}
	return tree
}

func (e Entry) tree(k *Key) map[string]any {
	node := map[string]any{"from": e.From}
	switch e.State {
	case Known:
		node["value"] = e.Value(k)
	case NotApplicable:
		node["notApplicable"] = string(e.Reason)
	default:
		node["unknown"] = string(e.Reason)
	}
	return node
}

// Value returns the value of a known entry of k as a plain value: bool,
// float64, string or []any.
func (e Entry) Value(d Declared) any {
	switch d.declared().Kind {
	case KindBool:
		return e.Bool
	case KindInt:
		return float64(e.Int)
	case KindTokens:
		list := make([]any, len(e.List))
		for i, item := range e.List {
			list[i] = item
		}
		return list
	}
	return e.Str
}

// FromTree reads what [Set.Tree] gave, possibly by an earlier version: names
// that a key had before are understood, and keys that nobody knows any more
// are returned in unknown, in no order. A value of the wrong kind is an error
// that names the key.
func FromTree(tree map[string]any) (s *Set, unknown []string, err error) {
	byName := names()
	s = &Set{}
	for name, node := range tree {
		k, ok := byName[name]
		if !ok {
			unknown = append(unknown, name)
			continue
		}
		e, err := entryFromTree(k, node)
		if err != nil {
			return nil, nil, fmt.Errorf("fact %s: %w", name, err)
		}
		s.put(k, e)
	}
	return s, unknown, nil
}

// names maps each key's name, and each name it had before, to the key.
func names() map[string]*Key {
	byName := make(map[string]*Key)
	for _, d := range All() {
		k := d.declared()
		byName[k.Name] = k
		for _, alias := range k.Aliases {
			byName[alias] = k
		}
	}
	return byName
}

func entryFromTree(k *Key, node any) (Entry, error) {
	m, ok := node.(map[string]any)
	if !ok {
		return Entry{}, errors.New("is not an object")
	}
	from, _ := m["from"].(string)
	if from != "" && !isToken(from) {
		return Entry{}, errors.New("has an observer whose name is no word")
	}
	for _, open := range []struct {
		name  string
		state State
	}{{"unknown", Unknown}, {"notApplicable", NotApplicable}} {
		why, ok := m[open.name].(string)
		if ok && !isToken(why) {
			return Entry{}, errors.New("has a reason that is no word")
		}
		if ok {
			return Entry{State: open.state, Reason: Reason(why), From: from}, nil
		}
	}
	value, ok := m["value"]
	if !ok {
		return Entry{}, errors.New("has none of value, unknown, notApplicable")
	}
	e := Entry{State: Known, From: from}
	return e, e.setValue(k, value)
}

func (e *Entry) setValue(k *Key, value any) error {
	switch v := value.(type) {
	case bool:
		if k.Kind == KindBool {
			e.Bool = v
			return nil
		}
	case float64:
		if k.Kind == KindInt && v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			e.Int = int64(v)
			return nil
		}
	case string:
		if k.accepts(v) {
			e.Str = v
			return nil
		}
	case []any:
		if k.Kind == KindTokens {
			return e.setList(v)
		}
	}
	return fmt.Errorf("cannot hold %v", value)
}

func (e *Entry) setList(items []any) error {
	e.List = make([]string, 0, len(items))
	for _, item := range items {
		token, ok := item.(string)
		if !ok || !isToken(token) {
			return fmt.Errorf("cannot hold the item %v", item)
		}
		e.List = append(e.List, token)
	}
	return nil
}
