// Package strictyaml reads YAML that people write: plain values of known keys,
// without anchors and tags. It takes nothing for what it may have been meant to be,
// and tells every mistake of a file at once, each with its line.
package strictyaml

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"checkoutdoctor/probe/hint"
)

// MaxBytes bounds a file of a scenario or of settings. The longest of ours has
// under 4 KB.
const MaxBytes = 64 << 10

// An Error is everything that is wrong with one file.
type Error struct {
	File     string
	Problems []Problem // by line
}

// A Problem is one mistake in a file.
type Problem struct {
	Line int // from 1
	Text string
}

// Error gives each problem a line of its own: FILE:LINE: text.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d: %s", e.File, p.Line, p.Text)
	}
	return strings.Join(lines, "\n")
}

// A Reader reads plain values out of YAML and keeps every problem, so that one
// run shows all that is wrong with a file.
type Reader struct {
	problems []Problem
	failures int // how often something was found wrong, which problems has once
}

// Fail keeps a problem, once: what a file says for all of its variants is read
// for each of them.
func (r *Reader) Fail(line int, format string, args ...any) {
	r.failures++
	problem := Problem{Line: line, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.problems, problem) {
		r.problems = append(r.problems, problem)
	}
}

// Failures is how often something was found wrong so far.
func (r *Reader) Failures() int { return r.failures }

// Clean reports that nothing was found wrong so far, so that one mistake is
// not reported twice.
func (r *Reader) Clean() bool { return len(r.problems) == 0 }

// Err returns the problems, or nil where there are none.
func (r *Reader) Err(file string) error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Error{File: file, Problems: r.problems}
}

// Document returns the only document of the source.
func (r *Reader) Document(source []byte) (Value, bool) {
	if len(source) > MaxBytes {
		r.Fail(1, "the file has %d bytes, at most %d are read", len(source), MaxBytes)
		return Value{}, false
	}
	file, err := parser.ParseBytes(source, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return Value{}, false
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d == nil || d.Body == nil })
	switch {
	case len(docs) == 0:
		r.Fail(1, "the file is empty")
		return Value{}, false
	case len(docs) > 1:
		r.Fail(lineOf(docs[1].Body), "a second document begins here; a file holds one document")
		return Value{}, false
	}
	return Value{r, docs[0].Body, "the file"}, true
}

func (r *Reader) syntax(err error) {
	line, text := 1, err.Error()
	if e, ok := errors.AsType[yaml.Error](err); ok {
		text = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			line = max(1, t.Position.Line)
		}
	}
	r.Fail(line, "this is not YAML: %s", text)
}

// lineOf returns the line on which the node begins. A block mapping's own
// token is its first colon, so its first key is asked.
func lineOf(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return lineOf(m.Values[0].Key)
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		return lineOf(m.Key)
	}
	var t *token.Token
	if n != nil {
		t = n.GetToken()
	}
	if t == nil || t.Position == nil {
		return 1
	}
	return max(1, t.Position.Line)
}

// A Value is a node and what it is called in messages.
type Value struct {
	r    *Reader
	node ast.Node
	path string
}

// Path says in messages what the value is called: its keys, from the file's on.
func (v Value) Path() string { return v.path }

// Line is where the value begins, from 1.
func (v Value) Line() int { return lineOf(v.node) }

func (v Value) Fail(format string, args ...any) { v.r.Fail(v.Line(), format, args...) }

// want reports that the value is not what is needed.
func (v Value) want(what string) { v.Fail("%s: want %s, found %s", v.path, what, kindOf(v.node)) }

// kindOf names what stands in the file, for "want a list, found a text".
func kindOf(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.StringNode:
		return fmt.Sprintf("the text %q", hint.Shorten(n.Value))
	case *ast.LiteralNode:
		return "a text"
	case *ast.BoolNode:
		return fmt.Sprintf("%t", n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + hint.Shorten(n.GetToken().Value)
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys and values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor or alias, which is not read here"
	case *ast.TagNode:
		return "a YAML tag, which is not read here"
	}
	return "something else"
}

// Text returns a text that is not empty.
func (v Value) Text() (string, bool) { return v.TextLike("a text") }

// TextLike is Text for a value that people may take for something else than a
// Text, such as a number.
func (v Value) TextLike(what string) (string, bool) {
	var s string
	switch n := v.node.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	default:
		v.want(what)
		return "", false
	}
	if s = strings.TrimSpace(s); s == "" {
		v.Fail("%s is empty", v.path)
		return "", false
	}
	return s, true
}

// OneOf returns a text that is one of the allowed ones.
func (v Value) OneOf(what string, allowed ...string) (string, bool) {
	s, ok := v.Text()
	if !ok {
		return "", false
	}
	if !slices.Contains(allowed, s) {
		v.unknown(what, s, allowed)
		return "", false
	}
	return s, true
}

// unknown reports a word that is not among the known ones: the nearest is
// suggested, or, where there are few, all are named.
func (v Value) unknown(what, word string, known []string) {
	v.Fail("%s: unknown %s %s%s", v.path, what, hint.Shorten(word), hint.Known(word, known))
}

// Boolean returns true or false; YAML 1.1's yes and no are texts.
func (v Value) Boolean() (b, ok bool) {
	n, ok := v.node.(*ast.BoolNode)
	if !ok {
		v.want("true or false")
		return false, false
	}
	return n.Value, true
}

// Integer returns a whole number from least to most.
func (v Value) Integer(least, most int) (int, bool) {
	n, ok := v.node.(*ast.IntegerNode)
	if !ok {
		v.want("a whole number")
		return 0, false
	}
	number, err := strconv.Atoi(n.GetToken().Value)
	if err != nil || number < least || number > most {
		v.Fail("%s: %s is out of range; want %d to %d", v.path, hint.Shorten(n.GetToken().Value), least, most)
		return 0, false
	}
	return number, true
}

// Number returns a number from least to most.
func (v Value) Number(least, most float64) (float64, bool) {
	switch v.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
	default:
		v.want("a number")
		return 0, false
	}
	text := v.node.GetToken().Value
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !(number >= least && number <= most) {
		v.Fail("%s: %s is out of range; want %g to %g", v.path, hint.Shorten(text), least, most)
		return 0, false
	}
	return number, true
}

// List returns the items.
func (v Value) List() []Value {
	n, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.want("a list")
		return nil
	}
	items := make([]Value, len(n.Values))
	for i, item := range n.Values {
		items[i] = Value{v.r, orNull(item, n), fmt.Sprintf("%s[%d]", v.path, i)}
	}
	return items
}

// Object returns the values by key. Keys that are not among the known ones,
// and keys given twice, are reported and left out.
func (v Value) Object(known ...string) (Object, bool) {
	pairs, ok := v.pairs()
	if !ok {
		v.want("keys and values")
		return nil, false
	}
	o := make(Object, len(pairs))
	for _, p := range pairs {
		key, line := keyText(p.Key), lineOf(p.Key)
		first, twice := o[key]
		switch {
		case !slices.Contains(known, key):
			v.r.Fail(line, "unknown key %s%s%s", hint.Shorten(key), v.within(), hint.Known(key, known))
		case twice:
			v.r.Fail(line, "%s is given twice%s, first on line %d", key, v.within(), first.KeyLine)
		default:
			o[key] = Field{Value{v.r, orNull(p.Value, p.Key), v.child(key)}, line}
		}
	}
	return o, true
}

func (v Value) pairs() ([]*ast.MappingValueNode, bool) {
	switch n := v.node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func (v Value) child(key string) string {
	if v.path == "the file" {
		return key
	}
	return v.path + "." + key
}

func (v Value) within() string {
	if v.path == "the file" {
		return ""
	}
	return " in " + v.path
}

func keyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return key.String()
}

// orNull gives a place to what stands nowhere, such as the value of "name:".
func orNull(n, at ast.Node) ast.Node {
	if n == nil {
		return ast.Null(at.GetToken())
	}
	return n
}

// An Object holds the values of one mapping by key.
type Object map[string]Field

// A Field is the value of a key, and the line of the key itself.
type Field struct {
	Value
	KeyLine int
}

// With calls read with the value of the key, if it is there.
func (o Object) With(key string, read func(Value)) {
	if f, ok := o[key]; ok {
		read(f.Value)
	}
}

// LineOr returns the line of the key, or other where it is absent.
func (o Object) LineOr(key string, other int) int {
	if f, ok := o[key]; ok {
		return f.KeyLine
	}
	return other
}
