#!/bin/sh
# With any one probe left out ktrace still runs, keeps the command's status, and does not say what it cannot know.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

# told: root cause and cannot_tell of the last diagnosis in the report, "none" when there is none
told() {
	/usr/bin/python3 - "$work/report" <<'END'
import json, sys
found = [r["ktrace"]["diagnosis"] for r in map(json.loads, open(sys.argv[1])) if r["event"]["action"] == "diagnosis"]
print(*(found[-1]["root_cause"], found[-1].get("cannot_tell", "")) if found else ("none", ""), sep=": ")
END
}

# cat's failure is all in the failed call; what else is missing may lower the confidence, and must be named.
for probe in syscalls exec exit cgroup oom signal socket; do
	expect 4 "$KTRACE" run -o json --report "$work/report" --disable-probe "$probe" -- sh -c 'cat /nope/app.conf; exit 4'
	case $probe-$(told) in
	cgroup-missing_file* | oom-missing_file* | signal-missing_file* | socket-missing_file*) ;;
	exec-missing_file*?:*?) ;;
	syscalls-application_error:*?* | exit-application_error:*?* | exit-missing_file:*?*) ;;
	*) fail "without $probe it says $(told)" ;;
	esac
done

# An OOM kill without the probe that tells of it: a guess must say what it rests on.
expect 137 "$KTRACE" run -o json --report "$work/report" --disable-probe oom --memory 32M -- tail /dev/zero
case $(told) in
*": "?*) ;;
*) fail "without oom it says $(told)" ;;
esac
grep -q 'not for want of memory' "$work/report" && fail "it says that memory was not short, and cannot know"
exit 0
