// Command networks writes ranges.bin, the ranges of addresses of the autonomous
// systems of systems.txt, which the vantage package embeds. It is run by hand,
// at the top of the repository, where the lists changed or the addresses are to
// be brought up to date, and never in the build:
//
//	go run ./web/vantage/networks
//
// The addresses come from the npm package @ip-location-db/asn, which npm
// fetches into a temporary folder; -package reads one that was fetched before.
// A newer version is set in the constant source, and in NOTICE.
package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"

	"checkoutdoctor/web/vantage/internal/ranges"
)

// source is the package from which ranges.bin was made.
const source = "@ip-location-db/asn@2.3.2026061719"

// tables are the files of the package that are read.
var tables = []string{"package/asn-ipv4.csv", "package/asn-ipv6.csv"}

func main() {
	folder := flag.String("folder", filepath.Join("web", "vantage", "networks"), "`folder` of the lists and of what is written")
	archive := flag.String("package", "", "`file` of the npm package, rather than to fetch it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *folder, *archive, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "networks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, folder, archive string, stdout io.Writer) error {
	if archive == "" {
		temporary, err := os.MkdirTemp("", "networks-")
		if err != nil {
			return fmt.Errorf("make a folder for the package: %w", err)
		}
		defer os.RemoveAll(temporary)
		if archive, err = fetch(ctx, temporary); err != nil {
			return err
		}
	}
	list, err := os.ReadFile(filepath.Join(folder, "systems.txt"))
	if err != nil {
		return fmt.Errorf("read the list: %w", err)
	}
	systems, err := ranges.ParseSystems(string(list))
	if err != nil {
		return fmt.Errorf("read systems.txt: %w", err)
	}
	found, err := choose(archive, systems)
	if err != nil {
		return err
	}
	packed, err := ranges.Pack(found)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "ranges.bin"), packed, 0o644); err != nil {
		return fmt.Errorf("write the ranges: %w", err)
	}
	summarize(stdout, systems, found, len(packed))
	return nil
}

// fetch has npm download the package and returns the archive's path.
func fetch(ctx context.Context, folder string) (string, error) {
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", source)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("fetch %s: %w", source, err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("fetch %s: npm left %d archives, want one", source, len(files))
	}
	return files[0], nil
}

// choose returns the ranges of the systems from the package, sorted and
// joined, with the place of their kind as value.
func choose(archive string, systems []ranges.System) ([]ranges.Range[uint8], error) {
	c, err := newChooser(systems)
	if err != nil {
		return nil, err
	}
	if err := readArchive(archive, c.read); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(archive), err)
	}
	return c.finish()
}

// readArchive calls read with each of the tables.
func readArchive(archive string, read func(io.Reader) error) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	left := slices.Clone(tables)
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if i := slices.Index(left, header.Name); i >= 0 {
			left = slices.Delete(left, i, i+1)
			if err := read(files); err != nil {
				return fmt.Errorf("%s: %w", header.Name, err)
			}
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("it lacks %q", left)
	}
	return nil
}

// chooser picks the ranges of systems from tables.
type chooser struct {
	systems map[uint32]ranges.System
	kinds   map[uint32]uint8
	names   map[uint32]string // what the tables call the systems
	found   []ranges.Range[uint8]
}

func newChooser(systems []ranges.System) (*chooser, error) {
	c := &chooser{make(map[uint32]ranges.System), make(map[uint32]uint8), make(map[uint32]string), nil}
	for _, s := range systems {
		kind := slices.Index(ranges.Kinds, s.Kind)
		if kind < 0 {
			return nil, fmt.Errorf("AS%d is %q, want one of %q", s.Number, s.Kind, ranges.Kinds)
		}
		c.systems[s.Number], c.kinds[s.Number] = s, uint8(kind)
	}
	return c, nil
}

// read reads a table: first address, last address, number and name.
func (c *chooser) read(table io.Reader) error {
	rows := csv.NewReader(table)
	rows.FieldsPerRecord, rows.ReuseRecord = 4, true
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		number, err := strconv.ParseUint(row[2], 10, 32)
		if err != nil {
			return err
		}
		if _, listed := c.systems[uint32(number)]; !listed {
			continue
		}
		c.names[uint32(number)] = row[3]
		if err := c.add(row[0], row[1], c.kinds[uint32(number)]); err != nil {
			return err
		}
	}
}

// add adds a range; of IPv6, the whole networks of 64 bits in it.
func (c *chooser) add(from, to string, kind uint8) error {
	first, err := netip.ParseAddr(from)
	if err != nil {
		return err
	}
	last, err := netip.ParseAddr(to)
	if err != nil {
		return err
	}
	if first.Is6() {
		first, last = wholeNetworks(first, last)
	}
	if !last.Less(first) {
		c.found = append(c.found, ranges.Range[uint8]{First: first, Last: last, Value: kind})
	}
	return nil
}

// wholeNetworks narrows the range until it begins and ends with a network of
// 64 bits. Nothing is left where its last address comes before its first.
func wholeNetworks(first, last netip.Addr) (netip.Addr, netip.Addr) {
	if start := netip.PrefixFrom(first, 64).Masked().Addr(); start != first {
		first = end(start).Next()
	}
	if stop := end(last); stop != last {
		last = netip.PrefixFrom(last, 64).Masked().Addr().Prev()
	}
	return first, last
}

// end returns the last address of the address's network of 64 bits.
func end(address netip.Addr) netip.Addr {
	b := address.As16()
	for i := 8; i < len(b); i++ {
		b[i] = 0xff
	}
	return netip.AddrFrom16(b)
}

// finish checks the names and returns the ranges, joined where they touch.
func (c *chooser) finish() ([]ranges.Range[uint8], error) {
	var errs []error
	for _, s := range c.systems {
		if name := c.names[s.Number]; name != s.Name {
			errs = append(errs, fmt.Errorf("AS%d is %q in systems.txt and %q in the package; it may have changed hands", s.Number, s.Name, name))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	slices.SortFunc(c.found, func(a, b ranges.Range[uint8]) int { return a.First.Compare(b.First) })
	return joined(c.found)
}

func joined(sorted []ranges.Range[uint8]) ([]ranges.Range[uint8], error) {
	var out []ranges.Range[uint8]
	for _, r := range sorted {
		if len(out) > 0 {
			before := &out[len(out)-1]
			if !before.Last.Less(r.First) {
				return nil, fmt.Errorf("the ranges that begin at %s and %s overlap", before.First, r.First)
			}
			if before.Last.Next() == r.First && before.Value == r.Value {
				before.Last = r.Last
				continue
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// summarize says how much of which kind was written.
func summarize(stdout io.Writer, systems []ranges.System, found []ranges.Range[uint8], size int) {
	type count struct{ systems, four, six int }
	counts := make([]count, len(ranges.Kinds))
	for _, s := range systems {
		counts[slices.Index(ranges.Kinds, s.Kind)].systems++
	}
	for _, r := range found {
		if r.First.Is4() {
			counts[r.Value].four++
		} else {
			counts[r.Value].six++
		}
	}
	for i, kind := range ranges.Kinds {
		fmt.Fprintf(stdout, "%-8s %4d systems %6d ranges of IPv4 %6d of IPv6\n", kind, counts[i].systems, counts[i].four, counts[i].six)
	}
	fmt.Fprintf(stdout, "%d bytes\n", size)
}
