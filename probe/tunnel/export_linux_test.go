package tunnel

import "os"

// LargestPassed is the largest packet that a black hole lets pass.
const LargestPassed = largestPassed

// Namespaces names both ends' namespaces as a thread's are named that is in one.
func Namespaces(l *Link) []string {
	var names []string
	for _, n := range []*namespace{l.namespaces.client, l.namespaces.server} {
		_ = n.do(func() error {
			name, err := os.Readlink("/proc/thread-self/ns/net")
			names = append(names, name)
			return err
		})
	}
	return names
}
