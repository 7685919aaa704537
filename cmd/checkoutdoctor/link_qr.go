package main

import (
	"fmt"
	"io"
	"os"
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

// draw shows the link as a QR code where that is asked for.
func (o *linkOptions) draw(w io.Writer, signed string) error {
	if !o.qr && o.qrFile == "" {
		return nil
	}
	code, err := qr.Encode(signed)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	if o.qr {
		if _, err := io.WriteString(w, code.Terminal()); err != nil {
			return printed(err)
		}
	}
	if o.qrFile == "" {
		return nil
	}
	picture, err := drawnFor(o.qrFile, code)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	if err := os.WriteFile(o.qrFile, picture, 0o644); err != nil {
		return exit(probe.ExitEnvironment, fmt.Errorf("--qr-file: %w", err))
	}
	return nil
}

// drawnFor draws the code as the file's extension asks.
func drawnFor(file string, code qr.Code) ([]byte, error) {
	if filepath.Ext(file) == ".png" {
		return code.PNG()
	}
	return code.SVG(), nil
}
