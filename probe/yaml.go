package probe

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
)

// MaxFileBytes bounds a file of a scenario or of settings. The longest of ours has
// under 4 KB.
const MaxFileBytes = 64 << 10

// A FileError is everything that is wrong with one file.
type FileError struct {
	File     string
	Problems []FileProblem // by line
}

// A FileProblem is one mistake in a file.
type FileProblem struct {
	Line int // from 1
	Text string
}

// Error gives each problem a line of its own: FILE:LINE: text.
func (e *FileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d: %s", e.File, p.Line, p.Text)
	}
	return strings.Join(lines, "\n")
}

// reader reads plain values out of YAML and keeps every problem, so that one
// run shows all that is wrong with a file.
type reader struct {
	problems []FileProblem
	failures int // how often something was found wrong, which problems has once
}

// fail keeps a problem, once: what a file says for all of its variants is read
// for each of them.
func (r *reader) fail(line int, format string, args ...any) {
	r.failures++
	problem := FileProblem{Line: line, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.problems, problem) {
		r.problems = append(r.problems, problem)
	}
}

// clean reports that nothing was found wrong so far, so that one mistake is
// not reported twice.
func (r *reader) clean() bool { return len(r.problems) == 0 }

// err returns the problems, or nil where there are none.
func (r *reader) err(file string) error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b FileProblem) int { return cmp.Compare(a.Line, b.Line) })
	return &FileError{File: file, Problems: r.problems}
}

// document returns the only document of the source.
func (r *reader) document(source []byte) (value, bool) {
	if len(source) > MaxFileBytes {
		r.fail(1, "the file has %d bytes, at most %d are read", len(source), MaxFileBytes)
		return value{}, false
	}
	file, err := parser.ParseBytes(source, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return value{}, false
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d == nil || d.Body == nil })
	switch {
	case len(docs) == 0:
		r.fail(1, "the file is empty")
		return value{}, false
	case len(docs) > 1:
		r.fail(lineOf(docs[1].Body), "a second document begins here; a file holds one document")
		return value{}, false
	}
	return value{r, docs[0].Body, "the file"}, true
}

func (r *reader) syntax(err error) {
	line, text := 1, err.Error()
	if e, ok := errors.AsType[yaml.Error](err); ok {
		text = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			line = max(1, t.Position.Line)
		}
	}
	r.fail(line, "this is not YAML: %s", text)
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

// value is a node and what it is called in messages.
type value struct {
	r    *reader
	node ast.Node
	path string
}

func (v value) line() int { return lineOf(v.node) }

func (v value) fail(format string, args ...any) { v.r.fail(v.line(), format, args...) }

// want reports that the value is not what is needed.
func (v value) want(what string) { v.fail("%s: want %s, found %s", v.path, what, kindOf(v.node)) }

// kindOf names what stands in the file, for "want a list, found a text".
func kindOf(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.StringNode:
		return fmt.Sprintf("the text %q", shorten(n.Value))
	case *ast.LiteralNode:
		return "a text"
	case *ast.BoolNode:
		return fmt.Sprintf("%t", n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + shorten(n.GetToken().Value)
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

// shorten keeps a message readable when a file is not what it should be.
func shorten(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// text returns a text that is not empty.
func (v value) text() (string, bool) { return v.textLike("a text") }

// textLike is text for a value that people may take for something else than a
// text, such as a number.
func (v value) textLike(what string) (string, bool) {
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
		v.fail("%s is empty", v.path)
		return "", false
	}
	return s, true
}

// oneOf returns a text that is one of the allowed ones.
func (v value) oneOf(what string, allowed ...string) (string, bool) {
	s, ok := v.text()
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
func (v value) unknown(what, word string, known []string) {
	v.fail("%s: unknown %s %s%s", v.path, what, shorten(word), hint(word, known))
}

func hint(word string, known []string) string {
	const few = 6
	if near := didYouMean(word, known); near != "" || len(known) > few {
		return near
	}
	return "; want " + orList(known)
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// boolean returns true or false; YAML 1.1's yes and no are texts.
func (v value) boolean() (b, ok bool) {
	n, ok := v.node.(*ast.BoolNode)
	if !ok {
		v.want("true or false")
		return false, false
	}
	return n.Value, true
}

// integer returns a whole number from least to most.
func (v value) integer(least, most int) (int, bool) {
	n, ok := v.node.(*ast.IntegerNode)
	if !ok {
		v.want("a whole number")
		return 0, false
	}
	number, err := strconv.Atoi(n.GetToken().Value)
	if err != nil || number < least || number > most {
		v.fail("%s: %s is out of range; want %d to %d", v.path, shorten(n.GetToken().Value), least, most)
		return 0, false
	}
	return number, true
}

// number returns a number from least to most.
func (v value) number(least, most float64) (float64, bool) {
	switch v.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
	default:
		v.want("a number")
		return 0, false
	}
	text := v.node.GetToken().Value
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !(number >= least && number <= most) {
		v.fail("%s: %s is out of range; want %g to %g", v.path, shorten(text), least, most)
		return 0, false
	}
	return number, true
}

// list returns the items.
func (v value) list() []value {
	n, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.want("a list")
		return nil
	}
	items := make([]value, len(n.Values))
	for i, item := range n.Values {
		items[i] = value{v.r, orNull(item, n), fmt.Sprintf("%s[%d]", v.path, i)}
	}
	return items
}

// object returns the values by key. Keys that are not among the known ones,
// and keys given twice, are reported and left out.
func (v value) object(known ...string) (object, bool) {
	pairs, ok := v.pairs()
	if !ok {
		v.want("keys and values")
		return nil, false
	}
	o := make(object, len(pairs))
	for _, p := range pairs {
		key, line := keyText(p.Key), lineOf(p.Key)
		first, twice := o[key]
		switch {
		case !slices.Contains(known, key):
			v.r.fail(line, "unknown key %s%s%s", shorten(key), v.within(), hint(key, known))
		case twice:
			v.r.fail(line, "%s is given twice%s, first on line %d", key, v.within(), first.keyLine)
		default:
			o[key] = field{value{v.r, orNull(p.Value, p.Key), v.child(key)}, line}
		}
	}
	return o, true
}

func (v value) pairs() ([]*ast.MappingValueNode, bool) {
	switch n := v.node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func (v value) child(key string) string {
	if v.path == "the file" {
		return key
	}
	return v.path + "." + key
}

func (v value) within() string {
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

// object holds the values of one mapping by key.
type object map[string]field

// field is the value of a key, and the line of the key itself.
type field struct {
	value
	keyLine int
}

// with calls read with the value of the key, if it is there.
func (o object) with(key string, read func(value)) {
	if f, ok := o[key]; ok {
		read(f.value)
	}
}

// lineOr returns the line of the key, or other where it is absent.
func (o object) lineOr(key string, other int) int {
	if f, ok := o[key]; ok {
		return f.keyLine
	}
	return other
}
