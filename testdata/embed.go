// Package testdata embeds the scenarios, so that the probe works without a
// clone of the repository.
package testdata

import (
	"embed"
	"io/fs"
)

//go:embed scenarios
var files embed.FS

// ScenariosDir is where the scenarios stand in the repository.
const ScenariosDir = "testdata/scenarios"

// Scenarios returns the scenario files, as FAMILY/NAME.yaml.
func Scenarios() fs.FS {
	sub, err := fs.Sub(files, "scenarios")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
}
