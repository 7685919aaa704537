// Take takes pictures of every state of the diagnostic in every language, or of
// those states that are named, and says what is wrong with them.
//
//	go run ./probe/screens/take [STATE…]
//
// It is run in the repository's folder, and writes into out/screens. Exit codes:
// 0 nothing is wrong · 1 something is · 3 it could not be looked at.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"checkoutdoctor/probe/screens"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	album, err := take(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "take:", err)
		return 3
	}
	if len(album.Flaws) > 0 {
		return 1
	}
	return 0
}

func take(ctx context.Context, names []string) (*screens.Album, error) {
	states, err := screens.StatesNamed(names)
	if err != nil {
		return nil, err
	}
	studio, err := screens.Open(ctx, ".")
	if err != nil {
		return nil, err
	}
	defer studio.Close() // what is left is a temporary folder
	folder := filepath.Join("out", "screens")
	album, err := studio.Shoot(ctx, folder, states, func(states, of int) { fmt.Fprintf(os.Stderr, "\r%d of %d", states, of) })
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return nil, err
	}
	sheets, err := album.Write(ctx, studio, folder)
	if err != nil {
		return nil, err
	}
	if err := album.WriteTable(os.Stdout); err != nil {
		return nil, err
	}
	for _, sheet := range sheets {
		fmt.Println(sheet)
	}
	return album, nil
}
