package facts

// documented reports whether keys say what they mean: the module has no use for
// it, and the compiler, which may inline this package, leaves the words out.
const documented = false
