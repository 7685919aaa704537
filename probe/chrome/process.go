package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// process is a running browser program and the pipe to it.
type process struct {
	cmd   *exec.Cmd
	pipe  *chromedp.PipeConn
	ended chan struct{} // closed when the program and all that it started ended
}

// startProcess starts the program on the way; it prints to the file. The protocol
// goes over the pipe, which is the program's files 3 and 4, so that no port is
// open to others.
func startProcess(path string, args, env []string, print *os.File, w Way) (*process, error) {
	commands, toBrowser, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	fromBrowser, events, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, commands.Close(), toBrowser.Close())
	}
	p := &process{
		cmd:   exec.Command(path, append(args, "--remote-debugging-pipe")...),
		pipe:  chromedp.NewPipeConn(fromBrowser, toBrowser),
		ended: make(chan struct{}),
	}
	p.cmd.Env = env
	p.cmd.ExtraFiles = []*os.File{commands, events}
	p.cmd.Stdout, p.cmd.Stderr = print, print
	ownGroup(p.cmd)

	err = p.run(w)
	commands.Close()
	events.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w; %s", probe.ErrNoBrowser, err, advice), p.pipe.Close())
	}
	return p, nil
}

// run starts the program and waits for its end on one thread, which has to live
// as long as the program.
func (p *process) run(w Way) error {
	started := make(chan error, 2) // the second is nobody's
	go func() {
		started <- w.Do(func() error {
			if err := p.cmd.Start(); err != nil {
				return err
			}
			started <- nil
			_ = p.cmd.Wait() // who needs it sees the pipe end
			endGroup(p.cmd.Process.Pid)
			close(p.ended)
			return nil
		})
	}()
	return <-started
}

// kill ends the program with all that it started, and waits for it. What a
// browser saves when it is asked to leave would be thrown away.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

// running lets the driver use a program that was started here. It implements
// [chromedp.Allocator] and [chromedp.Attacher].
type running struct{ transport chromedp.Transport }

func (r running) Allocate(ctx context.Context, o ...chromedp.BrowserOption) (*chromedp.Browser, error) {
	return chromedp.NewBrowserTransport(context.WithoutCancel(ctx), r.transport, o...)
}

func (running) Wait()          {}
func (running) Attaches() bool { return true }
