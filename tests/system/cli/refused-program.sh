#!/bin/sh
# A kernel that refuses one program, before or in its verifier: that probe is missing and named, all others work.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
need_mask

# without PROGRAM PROBE: doctor names the probe as missing, with the kernel's error, and no other one.
without() {
	masked "program=$1" "$KTRACE" doctor >"$work/out" 2>"$work/err"
	grep -qE "^  $2 +missing" "$work/out" || fail "$2 is not missing"
	grep -q 'the kernel refused the program: Operation not permitted' "$work/out" || fail "no reason for $2"
	[ "$(grep -cE '^  [a-z]+ +missing' "$work/out")" = 1 ] || fail "more than $2 is missing"
}

without on_socket_state socket
without on_cgroup_gone cgroup
without on_exec exec
masked program=on_socket_state "$KTRACE" run -- sh -c 'cat /nope/app.conf; exit 4' >"$work/out" 2>"$work/err"
says err /nope/app.conf
exit 0
