package probe

import (
	"maps"
	"regexp"

	"checkoutdoctor/probe/hint"
	"checkoutdoctor/probe/strictyaml"
)

// A version is what one scenario of a file is read from: the file's own keys,
// or, where the file has variants, those with the variant's in their place.
type version struct {
	strictyaml.Object
	line   int    // where it begins
	suffix string // of the scenario's ID
}

// versions returns the versions of the file's scenario: one, or one for each
// variant, and then the keys that they share.
func versions(r *strictyaml.Reader, doc strictyaml.Value) (shared strictyaml.Object, all []version) {
	o, ok := doc.Object(append(scenarioKeys, "variants")...)
	if !ok {
		return nil, nil
	}
	list, varies := o["variants"]
	if !varies {
		return nil, []version{{Object: o, line: doc.Line()}}
	}
	if _, ok := o["name"]; !ok {
		doc.Fail("name is missing")
	}
	items := list.List()
	if len(items) == 0 && r.Clean() {
		list.Fail("variants: want one at least")
	}
	taken := make(map[string]bool)
	for _, item := range items {
		own, ok := item.Object(append(scenarioKeys, "title")...)
		if !ok {
			continue
		}
		if name, ok := variantName(item, own, taken); ok {
			all = append(all, version{Object: varied(o, own), line: item.Line(), suffix: "-" + name})
		}
	}
	return o, all
}

// variantPattern is that of the names of our files.
var variantPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// variantName reads the name that the variant adds to its file's. A variant
// without name or title is read no further.
func variantName(item strictyaml.Value, own strictyaml.Object, taken map[string]bool) (name string, ok bool) {
	for _, key := range []string{"name", "title"} {
		if _, ok := own[key]; !ok {
			item.Fail("%s.%s is missing", item.Path(), key)
			return "", false
		}
	}
	v := own["name"].Value
	name, ok = v.Text()
	switch {
	case !ok:
		return "", false
	case !variantPattern.MatchString(name):
		v.Fail("%s: %s is no name of a variant; want small letters, digits and hyphens", v.Path(), hint.Shorten(name))
	case taken[name]:
		v.Fail("%s: the variant %s is given twice", v.Path(), name)
	}
	taken[name] = true
	return name, true
}

// varied returns the keys of a file with those of a variant in their place. The
// variant's title is the scenario's name.
func varied(file, own strictyaml.Object) strictyaml.Object {
	all := maps.Clone(file)
	maps.Copy(all, own)
	all["name"] = own["title"]
	return all
}
