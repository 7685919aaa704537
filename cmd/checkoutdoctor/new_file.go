package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"checkoutdoctor/probe"
)

// writeNewFile writes the file that a flag names, and never over one that is
// there: that may be the very report that is read, or a key.
func writeNewFile(flag, path string, text []byte, mode fs.FileMode) error {
	err := createFile(path, text, mode)
	if errors.Is(err, fs.ErrExist) {
		return exit(probe.ExitUsage, fmt.Errorf("%s: %s is there already, and is not overwritten: name another file", flag, path))
	}
	if err != nil {
		return exit(probe.ExitEnvironment, fmt.Errorf("%s: %w", flag, err))
	}
	return nil
}

// createFile writes a file that is not there yet, with all of the text or not at
// all. The error is fs.ErrExist where there is one.
func createFile(path string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
