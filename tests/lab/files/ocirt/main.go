// SPDX-License-Identifier: GPL-3.0-or-later
//
// ocirt is an OCI runtime wrapper for machines and containers that lack CAP_SYS_RESOURCE.
//
// There, "docker run --privileged" fails ("unable to apply caps"), limits above the own hard limits fail, and so does an
// oom_score_adj below the own one. ocirt edits what the engine wrote (config.json of create/run, process.json of exec): it drops
// that capability, clamps limits and the score, and gives a container that boots an init system a cgroup namespace of its own
// (docker leaves it out for --privileged on cgroup v1). Then it becomes runc. Where the capability exists it changes nothing.
//
// Build: CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o ocirt .
// Outer daemon: --add-runtime ocirt=PATH --default-runtime ocirt. In the node image: installed as /usr/sbin/runc, runc as runc.real.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const capSysResource = 24

// flag returns the value of the first of the named options, in either spelling ("--bundle x", "--bundle=x").
func flag(args []string, names ...string) string {
	for i, a := range args {
		for _, n := range names {
			if a == n && i+1 < len(args) {
				return args[i+1]
			}
			if strings.HasPrefix(a, n+"=") {
				return a[len(n)+1:]
			}
		}
	}
	return ""
}

func hasCap() bool {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return true
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		if rest, ok := strings.CutPrefix(s.Text(), "CapBnd:"); ok {
			v, _ := strconv.ParseUint(strings.TrimSpace(rest), 16, 64)
			return v>>capSysResource&1 == 1
		}
	}
	return true
}

func dropCap(p map[string]any) {
	caps, _ := p["capabilities"].(map[string]any)
	for set, v := range caps {
		list, _ := v.([]any)
		kept := []any{}
		for _, c := range list {
			if c != "CAP_SYS_RESOURCE" {
				kept = append(kept, c)
			}
		}
		caps[set] = kept
	}
}

// clampLimits keeps every limit at or below our own hard limit; limits it does not know are left out.
func clampLimits(p map[string]any) {
	list, ok := p["rlimits"].([]any)
	if !ok {
		return
	}
	ids := map[string]int{"RLIMIT_CORE": 4, "RLIMIT_NPROC": 6, "RLIMIT_NOFILE": 7, "RLIMIT_MEMLOCK": 8}
	kept := []any{}
	for _, r := range list {
		m, _ := r.(map[string]any)
		id, known := ids[fmt.Sprint(m["type"])]
		var lim syscall.Rlimit
		if !known || syscall.Getrlimit(id, &lim) != nil {
			continue
		}
		for _, k := range []string{"hard", "soft"} {
			if n, err := strconv.ParseUint(fmt.Sprint(m[k]), 10, 64); err == nil && n > lim.Max {
				m[k] = lim.Max
			}
		}
		kept = append(kept, m)
	}
	p["rlimits"] = kept
}

func fixProcess(p map[string]any) {
	dropCap(p)
	clampLimits(p)
	if n, ok := p["oomScoreAdj"].(json.Number); ok {
		b, _ := os.ReadFile("/proc/self/oom_score_adj")
		own, _ := strconv.Atoi(strings.TrimSpace(string(b)))
		if want, err := strconv.Atoi(n.String()); err == nil && want < own {
			p["oomScoreAdj"] = own
		}
	}
}

// addCgroupNS: the node image's entrypoint and systemd must not see the outer hierarchy.
func addCgroupNS(c, p map[string]any) {
	args, _ := p["args"].([]any)
	linux, _ := c["linux"].(map[string]any)
	if len(args) == 0 || linux == nil {
		return
	}
	if b := filepath.Base(fmt.Sprint(args[0])); b != "entrypoint" && b != "init" && os.Getenv("OCIRT_CGROUPNS") == "" {
		return
	}
	ns, _ := linux["namespaces"].([]any)
	for _, n := range ns {
		if m, ok := n.(map[string]any); ok && m["type"] == "cgroup" {
			return
		}
	}
	linux["namespaces"] = append(ns, map[string]any{"type": "cgroup"})
}

// edit rewrites a JSON file. UseNumber: "unlimited" is 2^64-1 and would not survive a float.
func edit(path string, fn func(map[string]any)) {
	b, err := os.ReadFile(path)
	var c map[string]any
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		err = d.Decode(&c)
	}
	if err == nil {
		fn(c)
		if b, err = json.Marshal(c); err == nil {
			err = os.WriteFile(path, b, 0o600)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ocirt:", err)
	}
}

func main() {
	args := os.Args[1:]
	if !hasCap() {
	loop:
		for _, a := range args {
			switch a {
			case "create", "run":
				edit(filepath.Join(flag(args, "--bundle", "-b"), "config.json"), func(c map[string]any) {
					if p, ok := c["process"].(map[string]any); ok {
						fixProcess(p)
						addCgroupNS(c, p)
					}
				})
				break loop
			case "exec":
				if p := flag(args, "--process", "-p"); p != "" {
					edit(p, fixProcess)
				}
				break loop
			}
		}
	}
	self, _ := os.Executable()
	onPath, _ := exec.LookPath("runc")
	for _, r := range []string{"/usr/sbin/runc.real", "/usr/bin/runc.real", onPath, "/usr/sbin/runc", "/usr/bin/runc"} {
		if real, err := filepath.EvalSymlinks(r); r != "" && err == nil && real != self {
			err = syscall.Exec(r, append([]string{"runc"}, args...), os.Environ())
			fmt.Fprintln(os.Stderr, "ocirt:", err)
		}
	}
	os.Exit(1)
}
