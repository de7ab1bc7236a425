#!/bin/sh
# Who may ask the agent: root, and the members of one group, whatever the mode of the socket says.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

# asks USER GROUP [OTHER_GROUPS]: `ktrace ps` as such a user
asks() {
	setpriv --reuid "$1" --regid "$2" --groups "${3:-$2}" "$work/ktrace" ps --socket "$work/run/socket" >"$work/out" 2>"$work/err"
}

# start ARGUMENTS...: an agent with the socket in a folder that it makes itself
start() {
	"$KTRACE" agent --log-file "$work/log" --listen off --socket "$work/run/socket" "$@" 2>"$work/agent.err" &
	agent=$!
	wait_for 10 test -S "$work/run/socket" || fail "no socket: $(cat "$work/agent.err")"
	wait_for 10 grep -q '"agent_started"' "$work/log" || fail "no agent: $(cat "$work/agent.err")"
}

chmod 711 "$work"
cp "$KTRACE" "$work/ktrace"
start
[ "$(stat -c %a:%g "$work/run/socket" "$work/run" | tr '\n' ' ')" = "660:0 750:0 " ] || fail "modes: $(stat -c %a:%g "$work"/run/*)"
asks 0 0 || fail "root may not ask: $(cat "$work/err")"
if asks 1234 1234; then fail "anybody may ask"; fi
says err "permission denied"
says err "--socket-group"
# In root's group, as many containers run, and then with a mode that lets everybody through.
if asks 1234 0; then fail "root's group may ask"; fi
says err "user 1234 is not allowed"
chmod 666 "$work/run/socket" && chmod 755 "$work/run"
for _ in 1 2 3; do
	if asks 4321 4321; then fail "the mode alone lets ask"; fi
	says err "user 4321 is not allowed"
done
stop_agent
[ "$(grep -c 'rejected user 4321 at' "$work/agent.err")" = 1 ] || fail "not said once: $(cat "$work/agent.err")"
rm -r "$work/run" "$work/log"

start --socket-group 4711
[ "$(stat -c %a:%g "$work/run/socket" "$work/run" | tr '\n' ' ')" = "660:4711 750:4711 " ] || fail "modes: $(stat -c %a:%g "$work"/run/*)"
asks 1234 4711 || fail "who has the group may not ask: $(cat "$work/err")"
asks 1234 1234 1234,4711 || fail "a member of the group may not ask: $(cat "$work/err")"
if asks 1234 1234; then fail "another group may ask"; fi
stop_agent

expect 2 "$KTRACE" agent --log-file "$work/log" --socket "$work/socket" --socket-group no-such-group
says err "--socket-group no-such-group: no such group"
