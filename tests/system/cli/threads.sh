#!/bin/sh
# The end of a process is told once, also when its threads end at the same time on several CPUs.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
[ "$(nproc)" -gt 1 ] || skip "needs two CPUs: on one no two threads end at the same time"

cat >"$work/end" <<'END'
import os, threading, time
def wait():
    time.sleep(60)
for _ in range(1000):
    if not (pid := os.fork()):
        for _ in range(8):
            threading.Thread(target=wait, daemon=True).start()
        time.sleep(0.001)
        os._exit(0)
    os.waitpid(pid, 0)
END
expect 0 "$KTRACE" run -o json --events --report "$work/report" -- /usr/bin/python3 "$work/end"
# The pids of those that ended, none of which comes again so soon.
grep '"action":"process_exited"' "$work/report" | grep -o '"process":{"pid":[0-9]*' | sort >"$work/ends"
[ "$(wc -l <"$work/ends")" -ge 1001 ] || fail "only $(wc -l <"$work/ends") of 1001 ends were told"
[ -z "$(uniq -d "$work/ends")" ] || fail "$(uniq -d "$work/ends" | wc -l) ends were told twice"
