package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// process is a running browser program and the pipe to it.
type process struct {
	cmd   *exec.Cmd
	pipe  *chromedp.PipeConn
	ended chan struct{} // closed when the program ended
	said  output
}

// startProcess starts the program. The protocol goes over the pipe, which is
// the program's files 3 and 4, so that no port is open to others.
func startProcess(path string, args, env []string) (*process, error) {
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
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.WaitDelay = time.Second // a process that is left over must not hold the output open
	ownGroup(p.cmd)

	err = p.run()
	commands.Close()
	events.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w; %s", probe.ErrNoBrowser, err, advice), p.pipe.Close())
	}
	return p, nil
}

// run starts the program and waits for its end on one thread: the kernel ends
// it when the thread that started it ends (https://go.dev/issue/27505).
func (p *process) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is seen by who needs it
			close(p.ended)
		}
	}()
	return <-started
}

// kill ends the program with all that it started, and waits for it. What a
// browser saves when it is asked to leave would be thrown away.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	endGroup(p.cmd.Process.Pid)
	<-p.ended
	endGroup(p.cmd.Process.Pid) // what was just being started
}

// output keeps the first lines that the program printed, for the error of a
// start that failed.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	const limit = 4 << 10 // bytes
	o.mu.Lock()
	defer o.mu.Unlock()
	if room := limit - o.text.Len(); room > 0 {
		o.text.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.TrimSpace(o.text.String())
}

// running lets the driver use a program that was started here. It implements
// [chromedp.Allocator] and [chromedp.Attacher].
type running struct{ transport chromedp.Transport }

func (r running) Allocate(ctx context.Context, o ...chromedp.BrowserOption) (*chromedp.Browser, error) {
	return chromedp.NewBrowserTransport(context.WithoutCancel(ctx), r.transport, o...)
}

func (running) Wait()          {}
func (running) Attaches() bool { return true }
