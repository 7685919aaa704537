//go:build !linux

package chrome

import "os/exec"

// ownGroup leaves the process as it is: only Linux can end it with the probe.
func ownGroup(*exec.Cmd) {}

// endGroup does nothing: the browser ends its own processes.
func endGroup(int) {}
