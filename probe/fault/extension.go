package fault

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// The extensions are real ones, for a browser with Manifest V3. "{{acs}}" in
// their files stands for the issuer's host, "{{merchant}}" for the payment page's.
//
//go:embed extensions
var extensionFiles embed.FS

// Extensions are the browser extensions that cause a fault.
type Extensions struct {
	// ACS is the issuer's host, which block-acs blocks.
	ACS string
	// Merchant is the payment page's host, whose storage deny-storage and
	// wipe-storage are about.
	Merchant string
}

// Names returns the names of the extensions, sorted.
func (Extensions) Names() []string {
	entries, err := extensionFiles.ReadDir("extensions")
	if err != nil {
		panic(err) // the directory is embedded
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// Files returns the files of the named extension, by path within it. The error
// for an unknown name lists the known ones.
func (e Extensions) Files(name string) (map[string][]byte, error) {
	if known := e.Names(); !slices.Contains(known, name) {
		return nil, fmt.Errorf("there is no such extension; there are %s", strings.Join(known, ", "))
	}
	root := path.Join("extensions", name)
	hosts := strings.NewReplacer("{{acs}}", e.ACS, "{{merchant}}", e.Merchant)
	files := make(map[string][]byte)
	err := fs.WalkDir(extensionFiles, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := extensionFiles.ReadFile(file)
		files[strings.TrimPrefix(file, root+"/")] = []byte(hosts.Replace(string(data)))
		return err
	})
	return files, err
}
