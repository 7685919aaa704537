//go:build js && wasm

// Command wasm is the diagnostic module. The loader starts it with the name of
// a registrar as its one argument; the module hands it its interface:
//
//	{version, diagnose(handover) -> Promise<report>, resetCacheURL(address) -> {url} or {error}}
//
// and stays, so that a page can diagnose again. diagnose rejects only when its
// signal is aborted, or where there is no document to look at.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/observe"
	"checkoutdoctor/wasm/report"
)

// main says what went wrong as the runtime says its panics, which needs no file
// to write to.
func main() {
	if len(os.Args) != 2 {
		println("checkout doctor: the loader gave no registrar")
		return
	}
	if err := register(os.Args[1]); err != nil {
		println("checkout doctor:", err.Error())
		return
	}
	select {}
}

// register hands the module's interface to the loader's registrar.
func register(registrar string) error {
	api, err := newAPI()
	if err != nil {
		return fmt.Errorf("make the interface: %w", err)
	}
	if _, err := safejs.Global().Call(registrar, api); err != nil {
		return fmt.Errorf("call the registrar: %w", err)
	}
	return nil
}

// newAPI makes the object that the loader gets. Its functions live as long as
// the module does.
func newAPI() (safejs.Value, error) {
	diagnose, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any { return startDiagnosis(args) })
	if err != nil {
		return safejs.Undefined(), err
	}
	reset, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any { return resetCacheURL(args) })
	if err != nil {
		return safejs.Undefined(), err
	}
	return object(map[string]any{
		"version":       report.Version,
		"diagnose":      safejs.Unsafe(diagnose.Value()),
		"resetCacheURL": safejs.Unsafe(reset.Value()),
	})
}

// resetCacheURL returns {url} or {error}: a Go function cannot throw.
func resetCacheURL(args []safejs.Value) any {
	raw := ""
	if len(args) > 0 {
		raw, _ = args[0].String()
	}
	url, err := diagnosis.ResetCacheURL(raw)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"url": url}
}

// startDiagnosis returns a promise of the report. The executor of a promise is
// called before its constructor returns, so its Func is released at once.
func startDiagnosis(args []safejs.Value) any {
	handover := safejs.Undefined()
	if len(args) > 0 {
		handover = args[0]
	}
	executor, err := safejs.FuncOf(func(_ safejs.Value, settle []safejs.Value) any {
		go runDiagnosis(handover, settle[0], settle[1])
		return nil
	})
	if err != nil {
		return nil
	}
	defer executor.Release()
	constructor, err := observe.Get(safejs.Global(), "Promise")
	if err != nil {
		return nil
	}
	promise, err := constructor.New(executor)
	if err != nil {
		return nil
	}
	return promise
}

// errPanicked replaces what a panic of ours would have said.
var errPanicked = errors.New("the diagnosis crashed")

func runDiagnosis(handover, resolve, reject safejs.Value) {
	defer func() {
		if recover() != nil {
			rejectWith(reject, errPanicked)
		}
	}()
	ctx, stop, err := untilAborted(handover)
	if err != nil {
		rejectWith(reject, err)
		return
	}
	defer stop()
	r, err := run(ctx, handover)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		rejectWith(reject, err)
		return
	}
	tree, err := object(r.Tree())
	if err != nil {
		rejectWith(reject, err)
		return
	}
	_, _ = resolve.Invoke(tree)
}

// run observes and judges.
func run(ctx context.Context, handover safejs.Value) (*report.Report, error) {
	h := observe.ReadHandover(handover)
	set, timing, err := observe.Run(ctx, h, reporter(handover))
	if err != nil {
		return nil, err
	}
	band, signals := diagnosis.VPN(set)
	return &report.Report{
		Schema:      report.Schema,
		ID:          observe.RandomID(),
		GeneratedAt: observe.Now(),
		Module:      report.Version,
		Mode:        h.Mode,
		Case:        h.Case,
		Challenge:   diagnosis.StageOf(set),
		VPN:         band,
		Signals:     signals,
		Result:      diagnosis.Judge(set),
		Facts:       set,
		Timing:      timing,
	}, nil
}

// reporter calls the page's onProgress; what that throws is the page's affair.
func reporter(handover safejs.Value) observe.Progress {
	onProgress, err := observe.Get(handover, "onProgress")
	if err != nil || onProgress.Type() != safejs.TypeFunction {
		return func(string, int, int) {}
	}
	return func(check string, done, total int) {
		_, _ = onProgress.Invoke(map[string]any{"check": check, "done": done, "total": total})
	}
}

// untilAborted returns a context that ends with the page's AbortSignal.
func untilAborted(handover safejs.Value) (context.Context, func(), error) {
	ctx, cancel := context.WithCancel(context.Background())
	signal, err := observe.Get(handover, "signal")
	if err != nil || signal.Type() != safejs.TypeObject {
		return ctx, cancel, nil
	}
	if aborted, err := observe.Get(signal, "aborted"); err == nil {
		if yes, _ := aborted.Truthy(); yes {
			cancel()
			return ctx, func() {}, nil
		}
	}
	onAbort, err := safejs.FuncOf(func(safejs.Value, []safejs.Value) any {
		cancel()
		return nil
	})
	if err != nil {
		cancel()
		return nil, nil, err
	}
	if _, err := observe.Call(signal, "addEventListener", "abort", onAbort); err != nil {
		cancel()
		onAbort.Release()
		return nil, nil, err
	}
	return ctx, func() {
		_, _ = observe.Call(signal, "removeEventListener", "abort", onAbort)
		onAbort.Release()
		cancel()
	}, nil
}

// rejectWith rejects with an Error, or with an AbortError for a cancelled run.
func rejectWith(reject safejs.Value, err error) {
	name, args := "Error", []any{err.Error()}
	if errors.Is(err, context.Canceled) {
		name, args = "DOMException", []any{"the diagnosis was stopped", "AbortError"}
	}
	constructor, getErr := observe.Get(safejs.Global(), name)
	if getErr != nil {
		_, _ = reject.Invoke(err.Error())
		return
	}
	reason, newErr := constructor.New(args...)
	if newErr != nil {
		_, _ = reject.Invoke(err.Error())
		return
	}
	_, _ = reject.Invoke(reason)
}

// object makes a JavaScript object of plain values.
func object(tree map[string]any) (safejs.Value, error) { return safejs.ValueOf(tree) }
