package chrome

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// ownGroup puts the browser into a process group of its own, so that an
// interrupt at the terminal reaches the probe alone, which then still takes
// its evidence, and so that all its processes can be ended together. The
// kernel ends the browser should the probe die.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// endGroup ends what is left of the browser's process group and waits until
// nothing of it runs any more.
func endGroup(group int) {
	const limit, pause = 5 * time.Second, 5 * time.Millisecond
	for deadline := time.Now().Add(limit); groupRuns(group) && time.Now().Before(deadline); time.Sleep(pause) {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
}

// groupRuns reports whether a process of the group still runs. Processes that
// ended and wait to be noticed by their parent do not count: in a container,
// nobody may ever do so.
func groupRuns(group int) bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state ppid pgrp …; the name may hold anything (proc_pid_stat(5)).
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(fields) > 2 && string(fields[2]) == strconv.Itoa(group) && string(fields[0]) != "Z" {
			return true
		}
	}
	return false
}
