package main

import (
	"fmt"
	"path/filepath"

	"checkoutdoctor/probe"
	"checkoutdoctor/web/qr"
)

// checkQRFile finds a file of which it is not known how to draw it.
func checkQRFile(file string) error {
	switch ext := filepath.Ext(file); {
	case file == "", ext == ".svg", ext == ".png":
		return nil
	}
	return fmt.Errorf("--qr-file: %q is neither .svg nor .png", file)
}

// draw draws the link as a QR code where that is asked for: in a file, and as text
// for the terminal, which it returns.
func (o *linkOptions) draw(signed string) (string, error) {
	if !o.qr && o.qrFile == "" {
		return "", nil
	}
	code, err := qr.Encode(signed)
	if err != nil {
		return "", exit(probe.ExitEnvironment, err)
	}
	if o.qrFile != "" {
		if err := writeCode(o.qrFile, code); err != nil {
			return "", err
		}
	}
	if !o.qr {
		return "", nil
	}
	return code.Terminal(), nil
}

// writeCode draws the code in a new file. One that is there may be another case's.
func writeCode(file string, code qr.Code) error {
	picture, err := drawnFor(file, code)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	return writeNewFile("--qr-file", file, picture, 0o644)
}

// drawnFor draws the code as the file's extension asks.
func drawnFor(file string, code qr.Code) ([]byte, error) {
	if filepath.Ext(file) == ".png" {
		return code.PNG()
	}
	return code.SVG(), nil
}
