#!/bin/sh
# What older kernels lack is taken away from this one, one by one (mask.c): ktrace still explains a missing file and an OOM kill, doctor
# names what stands in for it, and nothing is lost.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
need_mask

# without WHAT N NAMED: doctor finds that all probes work, says of N things that the kernel lacks them, and names this one, or the way
# that is used; "": nothing.
without() {
	masked "$1" "$KTRACE" doctor >"$work/out" 2>"$work/err" || fail "doctor without $1"
	[ "$(grep -c 'kernel lacks' "$work/out")" = "$2" ] || fail "without $1 doctor does not name $2 things"
	[ -z "$3" ] || says out "$3"
	expect 4 masked "$1" "$KTRACE" run -- sh -c 'cat /nope/app.conf; exit 4'
	says err "Missing file: /nope/app.conf"
	expect 137 masked "$1" "$KTRACE" run --memory 32M -- tail /dev/zero
	says err "Out of memory"
}

without map=27 1 "BPF ring buffers"
without helper=118 1 jiffies64
without helper=125 1 ktime_get_boot_ns
without helper=80 1 get_current_cgroup_id
without helper=158 2 get_current_task_btf # and task_pt_regs, which is handed what it returns
without helper=175 1 task_pt_regs
without "helper=112 helper=113 helper=114 helper=115" 0 "" # libbpf takes probe_read for these
without attach=23 0 "proved by raw_sys_exit"
without "mapflag=1024 globals" 0 ""   # maps in the memory of user space; functions that are verified by themselves
without "attach=28 fetch map=29" 0 "" # iterators, atomic operations that return a value, task storage: not used
