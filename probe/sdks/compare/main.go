// Compare prints what payment SDKs say where a payment fails in its 3-D Secure
// step, beside what the diagnostic says on the same page.
//
//	go run ./probe/sdks/compare
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"checkoutdoctor/probe/sdks"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := compare(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		return 1
	}
	return 0
}

func compare(ctx context.Context) error {
	shop, err := sdks.Open(ctx, filepath.Join("web", "node_modules"))
	if err != nil {
		return err
	}
	defer shop.Close()
	rows, err := shop.Compare(ctx, func(done, of int) { fmt.Fprintf(os.Stderr, "\r%d of %d", done, of) })
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return err
	}
	return sdks.WriteTable(os.Stdout, rows)
}
