// Package qrtest reads QR codes in tests, by a decoder that has nothing in common
// with what drew them.
package qrtest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// pixels is how wide a module is drawn to be read.
const pixels = 4

// read returns the text of the code that the picture is nothing but, with its
// quiet zone, each module of it equally wide.
//
// The decoder is told where the code is: on its own it takes other modules for the
// corners of about one long code in forty, which a camera evens out by its next
// picture.
func read(picture image.Image) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		return "", fmt.Errorf("look at the picture: %w", err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		return "", fmt.Errorf("read the QR code: %w", err)
	}
	return found.GetText(), nil
}

// ReadPNG reads the code that a PNG holds.
func ReadPNG(file []byte) (string, error) {
	picture, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	return read(picture)
}

// The sizes of a QR code in modules, with a quiet zone of four modules on each side
// (ISO/IEC 18004, section 5.3.1).
const (
	smallest, largest = 21 + 8, 177 + 8
	between           = 4
)

// ReadScreen reads the code that stands in the area of a PNG of a screen, drawn
// there at any scale.
func ReadScreen(file []byte, area image.Rectangle) (string, error) {
	picture, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	if !area.In(picture.Bounds()) {
		return "", fmt.Errorf("the code at %v is not on the screen of %v", area, picture.Bounds())
	}
	for size := smallest; size <= largest; size += between {
		var text string
		if text, err = read(sample(picture, area, size)); err == nil {
			return text, nil
		}
	}
	return "", err
}

// sample draws anew what is in the area, taken for a square of size modules.
func sample(picture image.Image, area image.Rectangle, size int) image.Image {
	g := newGround(size)
	for row := range size {
		for column := range size {
			x := area.Min.X + (2*column+1)*area.Dx()/(2*size)
			y := area.Min.Y + (2*row+1)*area.Dy()/(2*size)
			if color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y < 0x80 {
				g.darken(column, row)
			}
		}
	}
	return g
}

// ReadSVG reads a code as package qr draws it: a light square, and a path of dark
// rectangles.
func ReadSVG(file []byte) (string, error) {
	var drawn struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			Fill string `xml:"fill,attr"`
			D    string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(file, &drawn); err != nil {
		return "", err
	}
	var size int
	if _, err := fmt.Sscanf(drawn.ViewBox, "0 0 %d", &size); err != nil {
		return "", fmt.Errorf("read the size %q: %w", drawn.ViewBox, err)
	}
	if len(drawn.Paths) != 2 || drawn.Paths[0].Fill != "#fff" || drawn.Paths[0].D != fmt.Sprintf("M0 0h%dv%[1]dH0z", size) {
		return "", errors.New("there is no light square with one path on it")
	}
	picture := newGround(size)
	for rest := strings.NewReader(drawn.Paths[1].D); rest.Len() > 0; {
		var x, y, width, back int
		if _, err := fmt.Fscanf(rest, "M%d %dh%dv1h%dz", &x, &y, &width, &back); err != nil || back != -width {
			return "", fmt.Errorf("the path has more than rectangles: %w", err)
		}
		for i := range width {
			picture.darken(x+i, y)
		}
	}
	return read(picture)
}

// colours are the sequences by which a terminal changes its colours.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// ReadTerminal reads a code drawn with two modules in each character.
func ReadTerminal(text string) (string, error) {
	lines := strings.Split(strings.TrimSuffix(colours.ReplaceAllString(text, ""), "\n"), "\n")
	picture := newGround(2 * len(lines))
	for i, line := range lines {
		for x, r := range []rune(line) {
			if r == '█' || r == '▀' {
				picture.darken(x, 2*i)
			}
			if r == '█' || r == '▄' {
				picture.darken(x, 2*i+1)
			}
		}
	}
	return read(picture)
}

// ground is what modules are drawn on.
type ground struct{ *image.Gray }

// newGround is light, and size modules wide and high.
func newGround(size int) ground {
	g := ground{image.NewGray(image.Rect(0, 0, size*pixels, size*pixels))}
	for i := range g.Pix {
		g.Pix[i] = 0xff
	}
	return g
}

// darken draws the module in the column and the row.
func (g ground) darken(column, row int) {
	for dy := range pixels {
		for dx := range pixels {
			g.SetGray(column*pixels+dx, row*pixels+dy, color.Gray{})
		}
	}
}
