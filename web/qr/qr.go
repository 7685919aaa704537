// Package qr draws a text as a QR code (ISO/IEC 18004), to be read off a screen,
// a terminal or paper.
package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	encoder "github.com/boombuler/barcode/qr"
)

const (
	// quietZone is how many light modules stand around a QR code (ISO/IEC 18004,
	// section 6.3.8).
	quietZone = 4
	// pixelsPerModule makes a printed code of a link about 5 cm wide at 150 dpi.
	pixelsPerModule = 6
)

// MaxText is how many bytes a code holds.
const MaxText = 2331 // ISO/IEC 18004, table 7: version 40, level M, mode Byte

// Code is a QR code with its quiet zone: the rows from top to bottom, true where
// a module is dark.
type Code [][]bool

// Encode encodes the text so that about 15 % of it may be hidden or soiled.
func Encode(text string) (Code, error) {
	symbol, err := encoder.Encode(text, encoder.M, encoder.Unicode)
	if err != nil {
		return nil, fmt.Errorf("encode the QR code: %w", err)
	}
	size := symbol.Bounds().Dx()
	code := make(Code, size+2*quietZone)
	for y := range code {
		code[y] = make([]bool, len(code))
	}
	for y := range size {
		for x := range size {
			code[y+quietZone][x+quietZone] = symbol.At(x, y) == color.Black
		}
	}
	return code, nil
}

// Colours of a terminal, by number, whatever its theme: a code is read with dark
// modules on a light ground.
const (
	blackOnWhite = "\x1b[38;5;16;48;5;231m"
	plainColours = "\x1b[0m"
)

// Terminal draws two rows in one line, since characters are about twice as high
// as wide.
func (c Code) Terminal() string {
	var b strings.Builder
	for y := 0; y < len(c); y += 2 {
		b.WriteString(blackOnWhite)
		for x := range c[y] {
			b.WriteString(halves(c[y][x], y+1 < len(c) && c[y+1][x]))
		}
		b.WriteString(plainColours + "\n")
	}
	return b.String()
}

// halves returns the character whose halves are dark as told.
func halves(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}

// SVG draws each row's runs of dark modules, of one unit each. It holds numbers
// alone, whatever the text is.
func (c Code) SVG() []byte {
	var b bytes.Buffer
	size := len(c)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" width="%d" height="%[2]d" shape-rendering="crispEdges">`, size, size*pixelsPerModule)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%[1]dH0z"/><path d="`, size)
	for y, row := range c {
		for x := 0; x < size; x++ {
			start := x
			for x < size && row[x] {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%[3]dz", start, y, x-start)
			}
		}
	}
	b.WriteString("\"/></svg>\n")
	return b.Bytes()
}

// PNG draws it in black and white.
func (c Code) PNG() ([]byte, error) {
	size := len(c) * pixelsPerModule
	picture := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	for y := range size {
		for x := range size {
			if c[y/pixelsPerModule][x/pixelsPerModule] {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	return b.Bytes(), nil
}
