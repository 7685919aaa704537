package screens

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
)

// Shot is a picture of one state in one language on one device.
type Shot struct {
	State    string
	Language string
	Sheet    string // name of the sheet that it belongs to
}

// File is where its picture stands, below the folder of all.
func (s Shot) File() string { return filepath.Join(s.Sheet, s.State+"."+s.Language+".png") }

// Small is where the small one stands that the sheet shows.
func (s Shot) Small() string { return filepath.Join(s.Sheet, "small", s.State+"."+s.Language+".png") }

// sheet is what the pictures on one device stand on.
type sheet struct {
	name   string
	device probe.Device
	small  float64  // how much smaller the sheet shows a picture
	only   []string // the languages that are on it; nil for all
}

// sheets are those that are made. The dark ones have a language of each direction.
func sheets() []sheet {
	directions := []string{"ar", "en"}
	return []sheet{
		{name: "360", device: Phone, small: 0.5},
		{name: "1280", device: Desktop, small: 0.2},
		{name: "360-dark", device: InTheDark(Phone), small: 0.5, only: directions},
		{name: "1280-dark", device: InTheDark(Desktop), small: 0.2, only: directions},
	}
}

func (s sheet) languages() []string {
	if s.only != nil {
		return s.only
	}
	return web.Languages()
}

// Album is what a shoot gives.
type Album struct {
	Shots []Shot
	Flaws []Flaw
}

// job is one state in one language.
type job struct {
	language string
	state    State
}

// Shoot takes pictures of the states in every language into the folder, some at
// a time, and checks them. It calls done after each state, from one goroutine at
// a time.
func (s *Studio) Shoot(ctx context.Context, folder string, states []State, done func(states, of int)) (*Album, error) {
	const atOnce = 2
	if err := makeFolders(folder); err != nil {
		return nil, err
	}
	jobs := jobsOf(states)
	todo := make(chan job, len(jobs))
	for _, j := range jobs {
		todo <- j
	}
	close(todo)
	var (
		album Album
		errs  []error
		count int
		mu    sync.Mutex
		work  sync.WaitGroup
	)
	for range atOnce {
		work.Go(func() {
			err := s.each(ctx, todo, func(page *Page, j job) error {
				shots, flaws, err := page.shoot(ctx, folder, j)
				mu.Lock()
				defer mu.Unlock()
				count++
				album.Shots = append(album.Shots, shots...)
				album.Flaws = append(album.Flaws, flaws...)
				done(count, len(jobs))
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	work.Wait()
	return &album, errors.Join(errs...)
}

func jobsOf(states []State) []job {
	var jobs []job
	for _, language := range web.Languages() {
		for _, state := range states {
			jobs = append(jobs, job{language, state})
		}
	}
	return jobs
}

func makeFolders(folder string) error {
	for _, sheet := range sheets() {
		if err := os.MkdirAll(filepath.Join(folder, sheet.name, "small"), 0o755); err != nil {
			return fmt.Errorf("make a folder for the pictures: %w", err)
		}
	}
	return nil
}

// each does the jobs in one page, until one fails or there is none left.
func (s *Studio) each(ctx context.Context, jobs <-chan job, do func(*Page, job) error) error {
	page, err := s.NewPage(ctx, Phone)
	if err != nil {
		return err
	}
	defer page.Close() // the browser's end would end it, too
	for j := range jobs {
		if err := do(page, j); err != nil {
			return err
		}
	}
	return nil
}

// shoot takes all pictures of one state in one language.
func (p *Page) shoot(ctx context.Context, folder string, j job) (shots []Shot, flaws []Flaw, err error) {
	if err := p.On(ctx, Phone); err != nil {
		return nil, nil, err
	}
	if err := p.Show(ctx, j.language, j.state); err != nil {
		return nil, []Flaw{{state: j.state.Name, Where: p.Where(), What: err.Error()}}, ctx.Err()
	}
	for _, sheet := range sheets() {
		if !slices.Contains(sheet.languages(), j.language) {
			continue
		}
		shot := Shot{State: j.state.Name, Language: j.language, Sheet: sheet.name}
		found, err := p.take(ctx, folder, shot, sheet)
		if err != nil {
			return nil, nil, err
		}
		shots, flaws = append(shots, shot), append(flaws, found...)
	}
	for _, d := range []probe.Device{Narrow, Zoomed} {
		if err := p.On(ctx, d); err != nil {
			return nil, nil, err
		}
		found, err := p.Measure(ctx)
		if err != nil {
			return nil, nil, err
		}
		flaws = append(flaws, found...)
	}
	return shots, flaws, nil
}

// take takes one picture, and returns what is wrong with what is on it. What is
// on a desktop is what is on a phone: axe-core looks at the phone alone.
func (p *Page) take(ctx context.Context, folder string, shot Shot, sheet sheet) ([]Flaw, error) {
	if err := p.On(ctx, sheet.device); err != nil {
		return nil, err
	}
	flaws, err := p.Measure(ctx)
	if err != nil {
		return nil, err
	}
	if sheet.device.Width == Phone.Width {
		found, err := p.Axe(ctx)
		if err != nil {
			return nil, err
		}
		flaws = append(flaws, found...)
	}
	return flaws, errors.Join(p.save(ctx, filepath.Join(folder, shot.File()), 1), p.save(ctx, filepath.Join(folder, shot.Small()), sheet.small))
}

func (p *Page) save(ctx context.Context, file string, scale float64) error {
	png, err := p.Picture(ctx, scale)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		return fmt.Errorf("keep a picture: %w", err)
	}
	return nil
}
