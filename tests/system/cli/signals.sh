#!/bin/sh
# Signals reach the command, and its end is ktrace's own.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

expect 143 "$KTRACE" run -- sh -c 'kill -TERM $$'
expect 139 "$KTRACE" run -- sh -c 'ulimit -c 0; kill -SEGV $$'

for s in TERM HUP INT; do
	# A shell's background jobs ignore SIGINT: give it back.
	env --default-signal=INT,QUIT "$KTRACE" run -- \
		sh -c "trap 'echo got >$work/got; exit 5' $s; echo up >$work/up; while :; do sleep 0.05; done" \
		>"$work/out" 2>"$work/err" &
	pid=$!
	wait_for 10 test -s "$work/up" || fail "the command did not start"
	kill "-$s" "$pid"
	wait "$pid"
	status=$?
	[ "$status" = 5 ] || fail "after SIG$s ktrace ended with $status, not 5"
	[ -s "$work/got" ] || fail "the command did not get SIG$s"
	rm -f "$work/up" "$work/got"
done

# Ctrl-C on a terminal reaches the command once, and from the terminal, not twice through ktrace.
cat >"$work/count" <<'END'
trap 'n=$((n + 1))' INT
n=0 ticks=0
echo up
while [ $ticks -lt 20 ]; do sleep 0.05; ticks=$((ticks + 1)); done
exit $((40 + n))
END
/usr/bin/python3 - "$KTRACE" "$work/count" <<'END' || fail "Ctrl-C did not reach the command once"
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "run", "--", "sh", sys.argv[2]])
seen = b""
while b"up" not in seen:
    seen += os.read(fd, 1024)
os.write(fd, b"\x03")
try:
    while os.read(fd, 1024):
        pass
except OSError:
    pass
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(0 if status == 41 else f"status {status}")
END

# The agent ends cleanly, opens its log anew, and leaves no socket behind.
start_agent
mv "$work/log" "$work/log.old"
kill -HUP "$agent"
wait_for 5 test -e "$work/log" || fail "the log was not opened anew"
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"
grep -q '"agent_stopped"' "$work/log" || fail "no agent_stopped in the new log"
[ ! -e "$work/socket" ] || fail "the socket was left behind"
