package probe

import (
	"maps"
	"regexp"
)

// A version is what one scenario of a file is read from: the file's own keys,
// or, where the file has variants, those with the variant's in their place.
type version struct {
	object
	line   int    // where it begins
	suffix string // of the scenario's ID
}

// versions returns the versions of the file's scenario: one, or one for each
// variant, and then the keys that they share.
func versions(doc value) (shared object, all []version) {
	o, ok := doc.object(append(scenarioKeys, "variants")...)
	if !ok {
		return nil, nil
	}
	list, varies := o["variants"]
	if !varies {
		return nil, []version{{object: o, line: doc.line()}}
	}
	if _, ok := o["name"]; !ok {
		doc.fail("name is missing")
	}
	items := list.list()
	if len(items) == 0 && doc.r.clean() {
		list.fail("variants: want one at least")
	}
	taken := make(map[string]bool)
	for _, item := range items {
		own, ok := item.object(append(scenarioKeys, "title")...)
		if !ok {
			continue
		}
		if name, ok := variantName(item, own, taken); ok {
			all = append(all, version{object: o.varied(own), line: item.line(), suffix: "-" + name})
		}
	}
	return o, all
}

// variantPattern is that of the names of our files.
var variantPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// variantName reads the name that the variant adds to its file's. A variant
// without name or title is read no further.
func variantName(item value, own object, taken map[string]bool) (name string, ok bool) {
	for _, key := range []string{"name", "title"} {
		if _, ok := own[key]; !ok {
			item.fail("%s.%s is missing", item.path, key)
			return "", false
		}
	}
	v := own["name"].value
	name, ok = v.text()
	switch {
	case !ok:
		return "", false
	case !variantPattern.MatchString(name):
		v.fail("%s: %s is no name of a variant; want small letters, digits and hyphens", v.path, shorten(name))
	case taken[name]:
		v.fail("%s: the variant %s is given twice", v.path, name)
	}
	taken[name] = true
	return name, true
}

// varied returns the keys of a file with those of a variant in their place. The
// variant's title is the scenario's name.
func (o object) varied(own object) object {
	all := maps.Clone(o)
	maps.Copy(all, own)
	all["name"] = own["title"]
	return all
}
