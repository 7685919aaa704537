package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

// deployed returns one of the files that show how serve is run.
func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("deploy", name))
	require.NoError(t, err)
	return string(text)
}

// program returns the path of a program that a test needs.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(name + " is not installed: .ci/need " + name)
	}
	return path
}

func TestTheExampleOfSettingsIsGood(t *testing.T) {
	stdout, stderr, code := checked(t, "--config", filepath.Join("deploy", "serve.yaml"))
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "https://helper.example, on the same address")
}

// TestTheExampleOfSettingsIsGoodWithAllThatIsCommentedOut, on files that are there.
func TestTheExampleOfSettingsIsGoodWithAllThatIsCommentedOut(t *testing.T) {
	text := regexp.MustCompile(`(?m)^# ([a-z-]+: )`).ReplaceAllString(deployed(t, "serve.yaml"), "$1")
	chain, key := certificateFiles(t, selfSigned(t, "doctor.example", 1))
	text = strings.NewReplacer("/etc/checkoutdoctor/cert.pem", chain, "/etc/checkoutdoctor/key.pem", key,
		"/etc/checkoutdoctor/link.key", keyFile(t, testKey)).Replace(text)
	stdout, stderr, code := checked(t, "--config", settingsFile(t, text))
	assert.Equal(t, probe.ExitOK, code, stderr)
	for _, want := range []string{"signed with u2f8", "kept in /var/lib/checkoutdoctor/reports", "https://:8080"} {
		assert.Contains(t, stdout, want)
	}
}

// serveFlags are those of serve, and of what its help tells to type.
func serveFlags(t *testing.T) map[string]bool {
	t.Helper()
	flags := map[string]bool{helpFlag: true} // which every command gets when it runs
	for _, c := range []*cobra.Command{serveCommand(), linkCommand()} {
		c.Flags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
	}
	return flags
}

// TestDeployedFilesNameFlagsThatThereAre, and variables.
func TestDeployedFilesNameFlagsThatThereAre(t *testing.T) {
	flags := serveFlags(t)
	variables := make(map[string]bool)
	for name := range flags {
		variables[variable(name)] = true
	}
	entries, err := os.ReadDir("deploy")
	require.NoError(t, err)
	require.Len(t, entries, 3, "every file is tested")
	found := 0
	for _, entry := range entries {
		text := deployed(t, entry.Name())
		for _, flag := range regexp.MustCompile(`--([a-z][a-z-]*)`).FindAllStringSubmatch(text, -1) {
			found++
			assert.True(t, flags[flag[1]], "%s: there is no --%s", entry.Name(), flag[1])
		}
		for _, name := range regexp.MustCompile(`CHECKOUTDOCTOR_[A-Z_]+`).FindAllString(text, -1) {
			found++
			assert.True(t, variables[name], "%s: there is no variable %s", entry.Name(), name)
		}
	}
	assert.Greater(t, found, 15)
}

// TestTheUnitIsGood by what systemd says of it, with this program in the place of the
// command that is not installed.
func TestTheUnitIsGood(t *testing.T) {
	analyze := program(t, "systemd-analyze")
	if systemdVersion(t, analyze) < oldestSystemd {
		t.Skipf("systemd before %d knows no %%d, which the unit has, and no --offline", oldestSystemd)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	unit := filepath.Join(t.TempDir(), "checkoutdoctor.service")
	text := strings.ReplaceAll(deployed(t, "checkoutdoctor.service"), "/usr/local/bin/checkoutdoctor", self)
	require.NoError(t, os.WriteFile(unit, []byte(text), 0o600))
	// Its exit code depends on the machine's other units, too.
	out, _ := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", unit).CombinedOutput()
	assert.Empty(t, linesWith(string(out), filepath.Base(unit)), "it warns of nothing that is ours")
	// Of 10, which are 100 here, that is what a service that must listen cannot do
	// without, and some for what other versions ask.
	out, err = exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--no-pager", "--threshold=30", unit).CombinedOutput()
	assert.NoError(t, err, string(out))
}

// oldestSystemd is the first version that knows all that the unit is tested by.
const oldestSystemd = 250

// systemdVersion is that of the program, such as 252.
func systemdVersion(t *testing.T, analyze string) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), analyze, "--version").Output()
	require.NoError(t, err)
	number := regexp.MustCompile(`^systemd (\d+)`).FindSubmatch(out)
	require.NotNil(t, number, string(out))
	version, err := strconv.Atoi(string(number[1]))
	require.NoError(t, err)
	return version
}

// TestTheUnitsCommandIsGood: its options are taken as they are, with files that are
// there for the credentials.
func TestTheUnitsCommandIsGood(t *testing.T) {
	folder := t.TempDir()
	chain, key := certificateFiles(t, selfSigned(t, "doctor.example", 1))
	copyFile(t, chain, filepath.Join(folder, "cert.pem"))
	copyFile(t, key, filepath.Join(folder, "key.pem"))
	copyFile(t, keyFile(t, testKey), filepath.Join(folder, "link.key"))
	_, line, ok := strings.Cut(strings.ReplaceAll(deployed(t, "checkoutdoctor.service"), "\\\n", " "), "ExecStart=/usr/local/bin/checkoutdoctor serve ")
	require.True(t, ok)
	line, _, _ = strings.Cut(line, "\n")
	stdout, stderr, code := checked(t, strings.Fields(strings.NewReplacer("%d", folder, "%S", folder).Replace(line))...)
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "https://:443")
}

// instruction is one of a Containerfile.
var instruction = regexp.MustCompile(`^(FROM|COPY|ENV|USER|EXPOSE|STOPSIGNAL|ENTRYPOINT|CMD) \S.*$`)

// TestTheContainerfileIsWhatItSays by its lines, where nothing can build it.
func TestTheContainerfileIsWhatItSays(t *testing.T) {
	var lines []string
	for line := range strings.Lines(deployed(t, "Containerfile")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			assert.Regexp(t, instruction, line)
			lines = append(lines, line)
		}
	}
	assert.Equal(t, "FROM scratch", lines[0])
	for _, want := range []string{"USER 65532:65532", `ENTRYPOINT ["/checkoutdoctor"]`, `CMD ["serve"]`, "COPY checkoutdoctor /checkoutdoctor"} {
		assert.Contains(t, lines, want)
	}
	environment := regexp.MustCompile(`(CHECKOUTDOCTOR_[A-Z_]+)=(\S+)`).FindAllStringSubmatch(deployed(t, "Containerfile"), -1)
	require.NotEmpty(t, environment)
	for _, v := range environment {
		t.Setenv(v[1], v[2])
	}
	stdout, stderr, code := checked(t)
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "kept in /reports")
}

// TestTheContainerfileBuilds an image that runs as nobody.
func TestTheContainerfileBuilds(t *testing.T) {
	buildah := program(t, "buildah")
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("building an image here needs root on Linux")
	}
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "checkoutdoctor"), []byte("a program"), 0o700))
	run := func(args ...string) []byte {
		store := []string{"--root", filepath.Join(folder, "root"), "--runroot", filepath.Join(folder, "run"), "--storage-driver", "vfs"}
		c := exec.CommandContext(t.Context(), buildah, append(store, args...)...)
		var said strings.Builder
		c.Stderr = &said
		out, err := c.Output()
		require.NoError(t, err, said.String())
		return out
	}
	run("build", "--isolation", "chroot", "--tag", "tested", "--file", filepath.Join("deploy", "Containerfile"), folder)
	var image struct {
		OCIv1 struct {
			Config struct {
				User       string
				Entrypoint []string
				Cmd        []string
			}
			RootFS struct {
				DiffIDs []string `json:"diff_ids"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(run("inspect", "--type", "image", "tested"), &image))
	assert.Equal(t, "65532:65532", image.OCIv1.Config.User)
	assert.Equal(t, []string{"/checkoutdoctor"}, image.OCIv1.Config.Entrypoint)
	assert.Equal(t, []string{"serve"}, image.OCIv1.Config.Cmd)
	assert.Len(t, image.OCIv1.RootFS.DiffIDs, 1, "there is one layer: the program")
}
