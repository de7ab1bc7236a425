#!/bin/sh
# A socket in use, a log that cannot be written: status 1, cause and way out. A stale socket is replaced.
# shellcheck source=tests/system/cli/lib
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

# starts_in FOLDER: an agent whose log is there -> the folder's mode.
starts_in() {
	"$KTRACE" agent --log-file "$1/ktrace.log" --socket "$work/own" --listen off >"$work/out" 2>"$work/err" &
	agent=$!
	wait_for 20 grep -q agent_started "$1/ktrace.log" || fail "no start: $(cat "$work/err")"
	stop_agent
	stat -c %a "$1"
}

# Folders that it makes are for root and its group; so is an empty one of its name as the kubelet makes it. Others keep
# their mode: an empty /mnt is not ours.
umask 022
mkdir -p "$work/kubelet/ktrace" "$work/used/ktrace" "$work/mnt"
mkdir "$work/shared"
mkdir -m 775 "$work/shared/ktrace"
echo hello >"$work/used/ktrace/file"
ln -s kubelet/ktrace "$work/ktrace"
for want in made/here-750 ktrace-777 shared/ktrace-775 used/ktrace-755 mnt-755 kubelet/ktrace-750; do
	mode=$(starts_in "$work/${want%-*}")
	[ "$mode" = "${want##*-}" ] || fail "${want%-*} has mode $mode"
	rm -f "$work/kubelet/ktrace/ktrace.log"
done

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

# The next one says from when on nobody watched.
start_agent
wait_for 30 grep -q '"action":"blind"' "$work/log" || fail "no record of the time without an agent: $(tail -n 3 "$work/log")"
stop_agent
[ "$(grep -c '"action":"blind"' "$work/log")" = 1 ] || fail "it is there more than once"
grep '"action":"blind"' "$work/log" | grep -q '"blind_since":"20' || fail "it does not say since when"
