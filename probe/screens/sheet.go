package screens

import (
	"bytes"
	"context"
	_ "embed" // for the sheet
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"

	"checkoutdoctor/probe"
)

//go:embed sheet.html
var sheetText string

var sheetTemplate = template.Must(template.New("sheet").Parse(sheetText))

// sheetData is what sheet.html shows: a row a state, a column a language.
type sheetData struct {
	Name      string
	Width     int // of a small picture, in CSS pixels
	Languages []string
	Rows      []sheetRow
}

type sheetRow struct {
	State string
	Shots []Shot
}

// Write writes a contact sheet of each device into the folder of the pictures,
// as a page and as a picture, and returns where the pages are.
func (a *Album) Write(ctx context.Context, s *Studio, folder string) ([]string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("find the folder of the pictures: %w", err)
	}
	var files []string
	for _, sheet := range sheets() {
		file := filepath.Join(folder, sheet.name+".html")
		if err := a.writeSheet(file, sheet); err != nil {
			return nil, fmt.Errorf("write a contact sheet: %w", err)
		}
		if err := s.picture(ctx, file, sheet); err != nil {
			return nil, fmt.Errorf("take a picture of a contact sheet: %w", err)
		}
		files = append(files, file)
	}
	return files, nil
}

func (a *Album) writeSheet(file string, sheet sheet) error {
	data := sheetData{Name: sheet.name, Width: sheet.smallWidth(), Languages: sheet.languages()}
	for _, state := range States() {
		row := sheetRow{State: state.Name}
		for _, language := range data.Languages {
			if shot := (Shot{state.Name, language, sheet.name}); slices.Contains(a.Shots, shot) {
				row.Shots = append(row.Shots, shot)
			}
		}
		if len(row.Shots) > 0 {
			data.Rows = append(data.Rows, row)
		}
	}
	var text bytes.Buffer
	if err := sheetTemplate.Execute(&text, data); err != nil {
		return err
	}
	return os.WriteFile(file, text.Bytes(), 0o644)
}

func (s sheet) smallWidth() int { return int(float64(s.device.Width) * s.small) }

// picture takes the picture of a sheet, beside it.
func (s *Studio) picture(ctx context.Context, file string, sheet sheet) error {
	const names, gap = 180, 12 // CSS pixels, as in sheet.html
	width := names + len(sheet.languages())*(sheet.smallWidth()+gap)
	page, err := s.NewPage(ctx, probe.Device{Width: width, Height: Desktop.Height, Scale: 1, ColorScheme: light})
	if err != nil {
		return err
	}
	defer page.Close() // the browser's end would end it, too
	if err := page.Open(ctx, "file://"+file); err != nil {
		return err
	}
	return page.save(ctx, file[:len(file)-len(".html")]+".png", 1)
}
