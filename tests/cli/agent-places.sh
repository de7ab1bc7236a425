#!/bin/sh
# A socket in use, a log that cannot be written: status 1, cause and way out. A stale socket is replaced.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
need_root

expect 1 "$KTRACE" agent --log-file /proc/ktrace.log --socket off
says err "/proc/ktrace.log"
says err "--log-file"
: >"$work/file"
expect 1 "$KTRACE" agent --log-file "$work/file/ktrace.log" --socket off
says err "--log-file"
expect 1 "$KTRACE" agent --log-file "$work/log" --socket "$work/file"
says err "--socket"

start_agent
expect 1 "$KTRACE" agent --log-file "$work/other" --socket "$work/socket"
says err "another agent"
says err "--socket"
expect 0 "$KTRACE" ps --socket "$work/socket"
says out "CONTAINER"
expect 1 "$KTRACE" explain no-such-pod --socket "$work/socket"
says err "no-such-pod"

kill -KILL "$agent"
wait "$agent" 2>/dev/null
agent=
[ -S "$work/socket" ] || fail "a killed agent should leave its socket"
expect 1 "$KTRACE" ps --socket "$work/socket"
says err "no agent serves"
rm "$work/log"
start_agent
expect 0 "$KTRACE" ps --socket "$work/socket"
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status"
