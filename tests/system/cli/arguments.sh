#!/bin/sh
# What the kernel side takes of a command line, and of a process that a closed pipe ended.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

# cut_of N: whether the failed exec with N arguments is flagged as cut
cut_of() {
	arguments=$(seq -s ' ' 2 "$1")
	expect 127 "$KTRACE" run --events -o json --report "$work/report" -- sh -c "/nope/program $arguments"
	/usr/bin/python3 - "$work/report" <<'END'
import json, sys
found = [r for r in map(json.loads, open(sys.argv[1])) if r["event"]["action"] == "exec_failed"]
print(len(found), len(found[0]["process"].get("args", [])), found[0]["ktrace"].get("cut", False))
END
}

got=$(cut_of 16)
[ "$got" = "1 16 False" ] || fail "16 arguments: $got"
got=$(cut_of 17)
[ "$got" = "1 16 True" ] || fail "17 arguments: $got"

# Nobody reads any more: the signal is seen, whether or not somebody sent it.
expect 0 "$KTRACE" run --events -o json --report "$work/report" -- sh -c 'yes | head -n 1'
grep -q '"SIGPIPE"' "$work/report" || fail "the SIGPIPE that ended yes is not seen"
# Ignored ones are not.
expect 0 "$KTRACE" run --events -o json --report "$work/report" -- sh -c "trap '' PIPE; yes | head -n 1"
grep -q '"SIGPIPE"' "$work/report" && fail "an ignored SIGPIPE is reported"
exit 0
