package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"checkoutdoctor/probe/strictyaml"
)

// variablePrefix is what the names of variables begin with.
const variablePrefix = "CHECKOUTDOCTOR_"

// The flags that are no settings: where settings come from, and what to do with them.
const (
	configFlag = "config"
	checkFlag  = "check"
	helpFlag   = "help"
)

// settings are flags that can also be set by the environment and by a file. The
// command line goes before the environment, and that before the file.
type settings struct {
	flags *pflag.FlagSet
	// from says of each flag where it was set: a variable, or FILE:LINE. Of the
	// command line it says nothing.
	from map[string]string
}

// readSettings sets the flags that the command line left out.
func readSettings(flags *pflag.FlagSet) (*settings, error) {
	s := &settings{flags, make(map[string]string)}
	if err := s.readEnvironment(); err != nil {
		return nil, err
	}
	return s, s.readFile()
}

// variable is the name of the variable that sets the flag.
func variable(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// isList tells whether the flag may be given several times.
func isList(f *pflag.Flag) bool { return f.Value.Type() == "stringArray" }

// readEnvironment sets flags by the environment. A list's items are parted by
// commas. An empty variable is as good as none.
func (s *settings) readEnvironment() error {
	var errs []error
	s.flags.VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		text := os.Getenv(name)
		if text == "" || f.Name == checkFlag || f.Name == helpFlag {
			return
		}
		values := []string{text}
		if isList(f) {
			values = strings.Split(text, ",")
		}
		errs = append(errs, s.set(f, values, name))
	})
	return errors.Join(errs...)
}

// readFile sets flags by the file of --config, if there is one.
func (s *settings) readFile() error {
	file := s.flags.Lookup(configFlag).Value.String()
	if file == "" {
		return nil
	}
	source, err := readSettingsFile(file)
	if err != nil {
		return s.attributed(fmt.Errorf("--%s: %w", configFlag, err))
	}
	list, err := strictyaml.Settings(file, source, s.keys())
	if err != nil {
		return err
	}
	var errs []error
	for _, setting := range list {
		errs = append(errs, s.set(s.flags.Lookup(setting.Key), setting.Values, fmt.Sprintf("%s:%d", file, setting.Line)))
	}
	return errors.Join(errs...)
}

func readSettingsFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, strictyaml.MaxBytes+1))
}

// keys are what a file can set, and whether each is a list.
func (s *settings) keys() map[string]bool {
	keys := make(map[string]bool)
	s.flags.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains([]string{configFlag, checkFlag, helpFlag}, f.Name) {
			keys[f.Name] = isList(f)
		}
	})
	return keys
}

// set sets a flag that is not set yet.
func (s *settings) set(f *pflag.Flag, values []string, from string) error {
	if f.Changed {
		return nil
	}
	for _, value := range values {
		if err := s.flags.Set(f.Name, strings.TrimSpace(value)); err != nil {
			return fmt.Errorf("--%s: %q is no %s%s (it is from %s)", f.Name, value, f.Value.Type(), exampleOf(f), from)
		}
	}
	s.from[f.Name] = from
	return nil
}

// exampleOf is what may be added to the refusal of a value.
func exampleOf(f *pflag.Flag) string {
	if f.Value.Type() == "duration" {
		return "; want one such as 5s"
	}
	return ""
}

// attributed adds to an error, which names settings by their flags, where those were
// set that the command line does not show.
func (s *settings) attributed(err error) error {
	if err == nil {
		return nil
	}
	var places []string
	s.flags.VisitAll(func(f *pflag.Flag) {
		if from := s.from[f.Name]; from != "" && names(err.Error(), f.Name) {
			places = append(places, fmt.Sprintf("--%s is from %s", f.Name, from))
		}
	})
	if len(places) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(places, ", "))
}

// names tells whether the text has the flag, and not one that only begins like it.
func names(text, flag string) bool {
	for rest, found := text, true; found; {
		if _, rest, found = strings.Cut(rest, "--"+flag); found && !strings.HasPrefix(rest, "-") {
			return true
		}
	}
	return false
}

// unusedVariables are those of ours that no command reads: they may be misspelt.
func (s *settings) unusedVariables(environment []string) []string {
	used := []string{linkKeysVariable, variablePrefix + "BROWSER"}
	s.flags.VisitAll(func(f *pflag.Flag) { used = append(used, variable(f.Name)) })
	var unused []string
	for _, entry := range environment {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, variablePrefix) && !slices.Contains(used, name) {
			unused = append(unused, name)
		}
	}
	slices.Sort(unused)
	return unused
}
