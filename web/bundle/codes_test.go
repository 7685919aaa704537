package main

import (
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/report"
)

// inconclusiveReports prints the reports of src/loader/inconclusive.ts, one for
// each of the codes that the scripts are given.
const inconclusiveReports = `
import { inconclusive } from "./loader/inconclusive";
const reports = Object.entries(JSON.parse(SUPPORT_CODES)).flatMap(([mode, codes]) => Object.keys(codes).map((reason) =>
  inconclusive({ options: { case: "4711" }, mode }, { reason, problem: "network", frame: "silent" })));
console.log(JSON.stringify(reports));
`

// TestReportsWithoutTheModuleHaveTheirCode: each report that the loader makes has
// the code that the scripts were given for it, and the code says what it says.
func TestReportsWithoutTheModuleHaveTheirCode(t *testing.T) {
	folder, err := filepath.Abs("../src")
	require.NoError(t, err)
	constants, err := scriptInput{folder: folder}.constants()
	require.NoError(t, err)
	built := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: inconclusiveReports, ResolveDir: folder},
		Bundle: true, Format: api.FormatESModule, Define: constants,
	})
	require.Empty(t, built.Errors)
	node := exec.CommandContext(t.Context(), "node", "--input-type=module", "-")
	node.Stdin = strings.NewReader(string(built.OutputFiles[0].Contents))
	printed, err := node.Output()
	require.NoError(t, err)

	var reports []json.RawMessage
	require.NoError(t, json.Unmarshal(printed, &reports))
	codes := supportCodes()
	assert.Len(t, reports, len(codes)*len(codes["embed"]))
	distinct := make(map[string]bool)
	for _, text := range reports {
		r, err := report.Decode(text)
		require.NoError(t, err)
		code := codes[r.Mode][r.NotChecked[0].Reason]
		assert.Equal(t, report.Code(r), code)
		summary, err := report.ReadCode(code)
		require.NoError(t, err)
		assert.Equal(t, report.Summarize(r), summary)
		distinct[code] = true
	}
	assert.GreaterOrEqual(t, len(distinct), len(codes), "no two modes have a code in common")
}

// TestCodesComeWithTheirChunk: what is there before intent has neither the codes
// nor the parts of a report.
func TestCodesComeWithTheirChunk(t *testing.T) {
	codes := supportCodes()
	require.ElementsMatch(t, []string{"embed", "link", "watch", "probe"}, slices.Collect(maps.Keys(codes)))
	a := collected(t)
	for _, chunk := range []string{loaderFile, "core.js", "run.js"} {
		for _, code := range codes["embed"] {
			assert.NotContains(t, string(a[chunk]), code, chunk)
		}
	}
}
