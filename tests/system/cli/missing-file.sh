#!/bin/sh
# `ktrace run` explains a missing file, and passes everything of the command on.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

expect 1 "$KTRACE" run -- cat /nope/app.conf
says err "/nope/app.conf"
says err "What to do"
[ ! -s "$work/out" ] || fail "ktrace wrote to stdout"

expect 1 "$KTRACE" run -o json --report "$work/report" -- cat /nope/app.conf
tail -n 1 "$work/report" | grep -q '"root_cause":"missing_file"' || fail "the last record is no diagnosis: $(tail -n 1 "$work/report")"
grep -q '"path":"/nope/app.conf"' "$work/report" || fail "the path is not in the report"

expect 127 "$KTRACE" run -- no-such-command
says err "no-such-command"
says err "What to do"

printf 'x' >"$work/not-executable"
expect 126 "$KTRACE" run -- "$work/not-executable"
says err "not-executable"

# What succeeds is left alone, output and status and all.
expect 0 "$KTRACE" run -- sh -c 'echo out; echo err >&2'
[ "$(cat "$work/out")" = out ] || fail "stdout is not the command's"
[ "$(cat "$work/err")" = err ] || fail "stderr is not the command's alone"
expect 7 "$KTRACE" run -- sh -c 'exit 7'
[ "$(echo in | "$KTRACE" run -- cat)" = in ] || fail "stdin is not the command's"

# The cgroup is gone, what the command left behind is not.
left=$("$KTRACE" run -- sh -c 'sleep 30 >/dev/null 2>&1 & echo $!' 2>/dev/null)
kill -0 "$left" || fail "a process that was left behind is gone"
kill "$left"
find /sys/fs/cgroup -maxdepth 6 -name 'ktrace-run-*' 2>/dev/null | grep -q . && fail "a cgroup was left behind"
exit 0
