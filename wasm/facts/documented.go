//go:build !js

package facts

// documented reports whether keys say what they mean.
const documented = true
