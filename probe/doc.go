// Package probe brings a browser into failures of a checkout and checks what
// the diagnostic says of them.
//
// A [Scenario] is a file, or one of a file's variants: a payment page or a
// support link, the faults to cause and the findings that they must give
// ([Load], [Parse]). A [Runner] starts one browser for each launch profile and
// gives every scenario a context of its own, with a forward proxy in front of it
// where a fault is in the network. It pays as a person would, presses the
// diagnostic's button, and holds the report against three things:
//
//   - the scenario's expectation, in codes and never in prose;
//   - the same facts, judged again outside the browser;
//   - what the browser's own instruments saw: every cause has a rule of what
//     they must, and what they cannot, have seen (rules.go), or says why they
//     cannot see it ([TruthLimitOf]).
//
// Which signals of a VPN were seen does not always show in a verdict, nor in a
// finding. Where a scenario has expect.signals, exactly those that it names must
// be seen: none for an empty list.
//
// The diagnostic must leave no window open. Where a scenario says so, its own
// [Repair] is pressed then, the page opened anew, paid on and diagnosed again: it
// must be clear. Or the fault on the way is ended, and the page asked again as it is.
//
// Over a whole run, each fault is set beside the cause that was named first
// ([Confusion]).
//
// The package knows browsers only by the interfaces of browser.go; package
// probe/chrome implements them. What it needs of the reference checkout and of
// the network are the interfaces [Lab] and [Network]. Reporters are told how a
// run goes on; package probe/output has two.
package probe
