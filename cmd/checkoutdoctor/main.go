// Command checkoutdoctor finds out why card payments fail in a browser, and
// proves what it says against a lab of faults. See `checkoutdoctor --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"checkoutdoctor/probe"
	"checkoutdoctor/web/link"
)

// version is the release that this is, or will be.
const version = "0.1"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// patience is how long after a signal another one means that the command shall
// end at once. Wrappers such as timeout(1) send the same signal twice.
const patience = time.Second

// run runs the command line and returns the exit code. SIGINT or SIGTERM ends
// it in good order; one more, a while later, at once.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })
	return runUntil(ctx, args, stdout, stderr)
}

// runUntil is run, ended by ctx.
func runUntil(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return probe.ExitOK
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		if e.err != nil {
			fmt.Fprintf(stderr, "checkoutdoctor: %s\n", link.WithoutKeys(e.err.Error()))
		}
		return e.code
	}
	fmt.Fprintf(stderr, "checkoutdoctor: %s\nSee '%s --help'.\n", link.WithoutKeys(err.Error()), command.CommandPath())
	return probe.ExitUsage
}

// exitError ends the command with a code of its own. Any other error of a
// command is one of usage.
type exitError struct {
	code int
	err  error // nil: all is said already
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func exit(code int, err error) error { return &exitError{code, err} }

// printed is what becomes of a command whose output was written with err: what
// cannot be written is no error of usage.
func printed(err error) error {
	if err == nil {
		return nil
	}
	return exit(probe.ExitEnvironment, fmt.Errorf("print: %w", err))
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "checkoutdoctor",
		Short: "Finds out why card payments fail in a browser",
		Long: `Checkout Doctor finds out why a card payment fails in a browser before the bank
is ever asked, and shows the documented fix. The probe causes each of these
failures in a real browser and checks what is said.

Exit codes: 0 as expected · 1 an expectation failed, or replay differs · 2 usage
or scenario error · 3 environment (no browser, a crash) · 4 nothing ran · 5 flaky
· 130 interrupted.`,
		Example: `  checkoutdoctor probe
  checkoutdoctor serve --listen :8080
  checkoutdoctor explain threeds.acs-frame-options`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		probeCommand(), serveCommand(), labCommand(), replayCommand(), reportCommand(), resetURLCommand(), explainCommand(), embedCommand(), linkCommand(), versionCommand(),
	)
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "checkoutdoctor %s\n", version)
			return printed(err)
		},
	}
}
