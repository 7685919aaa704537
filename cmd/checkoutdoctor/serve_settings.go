package main

import (
	"cmp"
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

// keyFileFlag is the flag of which there is a variable with the keys themselves, too.
const keyFileFlag = "key-file"

// settings are flags that can also be set by the environment and by a file. The
// command line goes before the environment, and that before the file.
type settings struct {
	flags *pflag.FlagSet
	// from says of each flag where it was set: a variable, or FILE:LINE. Of the
	// command line it says nothing.
	from map[string]string
	// passedOver says which settings give way to others that are not of the same name.
	passedOver []string
}

// readSettings sets the flags that the command line left out.
func readSettings(flags *pflag.FlagSet) (*settings, error) {
	s := &settings{flags: flags, from: make(map[string]string)}
	if err := s.readEnvironment(); err != nil {
		return nil, err
	}
	s.orderKeys()
	return s, s.readFile()
}

// orderKeys has a --key-file of the command line or of the environment go before the
// keys in the environment. See readFile for that of the file.
func (s *settings) orderKeys() {
	f := s.flags.Lookup(keyFileFlag)
	if f.Value.String() == "" || os.Getenv(linkKeysVariable) == "" {
		return
	}
	s.passedOver = append(s.passedOver, fmt.Sprintf("%s is passed over: --%s from %s goes before it", linkKeysVariable, f.Name, s.origin(f)))
}

// origin says where a flag was set.
func (s *settings) origin(f *pflag.Flag) string {
	return cmp.Or(s.from[f.Name], "the command line")
}

// variable is the name of the variable that sets the flag.
func variable(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// hasVariable tells whether a variable sets the flag: not those that say what to do.
func hasVariable(f *pflag.Flag) bool { return f.Name != checkFlag && f.Name != helpFlag }

// isList tells whether the flag may be given several times.
func isList(f *pflag.Flag) bool { return f.Value.Type() == "stringArray" }

// readEnvironment sets flags by the environment. A list's items are parted by
// commas. An empty variable is as good as none.
func (s *settings) readEnvironment() error {
	var errs []error
	s.flags.VisitAll(func(f *pflag.Flag) {
		name := variable(f.Name)
		text := os.Getenv(name)
		if text == "" || !hasVariable(f) {
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
		f, from := s.flags.Lookup(setting.Key), fmt.Sprintf("%s:%d", file, setting.Line)
		if f.Name == keyFileFlag && !f.Changed && os.Getenv(linkKeysVariable) != "" {
			s.passedOver = append(s.passedOver, fmt.Sprintf("%s of %s is passed over: %s goes before it", f.Name, from, linkKeysVariable))
			continue
		}
		errs = append(errs, s.set(f, setting.Values, from))
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
// set that the command line does not show. An exit code of the error's own stays.
func (s *settings) attributed(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*exitError](err); ok && e.err != nil {
		return exit(e.code, s.attributed(e.err))
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
	told := fmt.Errorf("%w (%s)", err, strings.Join(places, ", "))
	if e, ok := errors.AsType[*exitError](err); ok {
		return exit(e.code, told)
	}
	return told
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

// variables are those that serve reads.
func (s *settings) variables() []string {
	read := []string{linkKeysVariable}
	s.flags.VisitAll(func(f *pflag.Flag) {
		if hasVariable(f) {
			read = append(read, variable(f.Name))
		}
	})
	return read
}

// unusedVariables are those of ours that no command reads: they may be misspelt.
func (s *settings) unusedVariables(environment []string) []string {
	used := append(s.variables(), variablePrefix+"BROWSER")
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
