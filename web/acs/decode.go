package acs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Message is a message of the protocol that [Decode] can read.
type Message interface {
	AReq | ARes | CReq | CRes | RReq | RRes | Erro
	definition() definition
}

// Decode reads and validates one message, as the component at does. The error
// is always an *Erro, ready to be sent back. Elements that the message does
// not define are ignored, as the specification asks.
func Decode[M Message](body []byte, at Component) (M, error) {
	var m M
	d := m.definition()
	found, erro := d.check(body, at)
	if erro != nil {
		return m, erro
	}
	if err := d.fill(&m, found); err != nil {
		return m, newErro(at, d.messageType, CodeMessageInvalid, err.Error(), found)
	}
	return m, nil
}

// elements are the data elements of one message by their exact names.
type elements map[string]any

func (e elements) text(name string) string {
	s, _ := e[name].(string)
	return s
}

// uuid returns the element if it is well formed, so that it may be sent back.
func (e elements) uuid(name string) string {
	if s := e.text(name); isUUID(s) {
		return s
	}
	return ""
}

// check runs the checks in the order of the specification: the message itself,
// its version, duplicates, extensions, what is missing, what is malformed.
func (d definition) check(body []byte, at Component) (elements, *Erro) {
	found, duplicates, err := readElements(body)
	reject := func(code ErrorCode, detail string) (elements, *Erro) {
		return nil, newErro(at, d.messageType, code, detail, found)
	}
	switch {
	case err != nil:
		return reject(CodeMessageInvalid, err.Error())
	case found.text("messageType") != d.messageType:
		return reject(CodeMessageInvalid, "messageType is not "+d.messageType)
	case found.text("messageVersion") == "":
		return reject(CodeElementMissing, "messageVersion")
	case !knownVersion(found.text("messageVersion")):
		return reject(CodeVersion, strings.Join(Versions(), ","))
	case len(duplicates) > 0:
		return reject(CodeDuplicateElement, strings.Join(duplicates, ","))
	}
	if ids := criticalExtensions(found); len(ids) > 0 {
		return reject(CodeCriticalExtension, strings.Join(ids, ","))
	}
	if missing := d.missing(found); len(missing) > 0 {
		return reject(CodeElementMissing, strings.Join(missing, ","))
	}
	if invalid := d.invalid(found); len(invalid) > 0 {
		return reject(CodeFormatInvalid, strings.Join(invalid, ","))
	}
	return found, nil
}

// readElements reads one JSON object. Unlike encoding/json it notices names
// that stand there twice.
func readElements(body []byte) (found elements, duplicates []string, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, errors.New("not a JSON object")
	}
	found = elements{}
	for dec.More() {
		name, value, err := readElement(dec)
		if err != nil {
			return nil, nil, errors.New("not valid JSON")
		}
		if _, twice := found[name]; twice {
			duplicates = append(duplicates, name)
		}
		found[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, errors.New("not valid JSON")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("data after the JSON object")
	}
	return found, duplicates, nil
}

func readElement(dec *json.Decoder) (name string, value any, err error) {
	t, err := dec.Token()
	if err != nil {
		return "", nil, err
	}
	name, ok := t.(string)
	if !ok {
		return "", nil, errors.New("name is no string")
	}
	return name, value, dec.Decode(&value)
}

// criticalExtensions returns the ids of extensions that must not be ignored.
// None is known here.
func criticalExtensions(found elements) []string {
	list, _ := found["messageExtension"].([]any)
	var ids []string
	for _, item := range list {
		extension, _ := item.(map[string]any)
		if critical, _ := extension["criticalityIndicator"].(bool); critical {
			id, _ := extension["id"].(string)
			ids = append(ids, id)
		}
	}
	return ids
}

func (d definition) missing(found elements) (names []string) {
	for _, r := range d.rules {
		if _, ok := found[r.name]; !ok && r.required != nil && r.required(found) {
			names = append(names, r.name)
		}
	}
	return names
}

func (d definition) invalid(found elements) (names []string) {
	for _, r := range d.rules {
		if v, ok := found[r.name]; ok && !r.valid(v, found) {
			names = append(names, r.name)
		}
	}
	return names
}

// fill sets the fields of the message. Only elements of the definition go
// through: encoding/json would take a name in another case for the same.
func (d definition) fill(m any, found elements) error {
	defined := make(elements, len(found))
	for _, r := range d.rules {
		if v, ok := found[r.name]; ok {
			defined[r.name] = v
		}
	}
	body, err := json.Marshal(defined)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, m)
}
