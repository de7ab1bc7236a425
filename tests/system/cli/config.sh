#!/bin/sh
# The agent's configuration file: what it sets, what wins over it, what a wrong line does, and SIGHUP.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"

conf=$work/ktrace.conf

# A wrong line is named before anything is opened, each one with its number.
printf 'events = errors\n\nevnts = all\nlisten\nevents = some # of them\nconfig = x\n' >"$conf"
expect 2 "$KTRACE" agent --config "$conf"
says err "$conf:3: unknown option \"evnts\": did you mean \"events\"?"
says err "$conf:4: expected a line NAME = VALUE"
says err "$conf:5: events cannot be \"some\": it must be one of diagnoses, errors, all"
says err "$conf:6: config belongs on the command line"
expect 2 "$KTRACE" agent --config "$work/none"
says err "cannot read the configuration $work/none: No such file or directory"
expect 2 "$KTRACE" agent --config "$work"
says err "it is not a regular file"

need_root

# start_configured FILE-LINES [OPTION...]: the agent, up and attached, with that file.
start_configured() {
	printf '%s\n' "$1" >"$conf"
	shift
	"$KTRACE" agent --config "$conf" "$@" 2>"$work/agent.err" &
	agent=$!
	wait_for 10 grep -q '"agent_started"' "$work/log" || fail "no agent: $(cat "$work/agent.err")"
}

# reload FILE-LINES WORDS: until stderr says so.
reload() {
	printf '%s\n' "$1" >"$conf"
	kill -HUP "$agent"
	wait_for 5 grep -qF -- "$2" "$work/agent.err" || fail "no \"$2\" in: $(cat "$work/agent.err")"
}

# What a container does; its cgroup is known by the 64 digits of its id.
id=$(printf '%064x' $$)
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$root" ] || skip "needs cgroup v2"
contain() {
	mkdir "$root/$id"
	sh -c "echo \$\$ >$root/$id/cgroup.procs; exec $1" 2>/dev/null
	rmdir "$root/$id"
}

base="# a comment
log-file = $work/log
socket = $work/socket   # where live and explain ask
listen = off
disable-probe = syscalls/fexit
host-root = /proc/1/root"

start_configured "$base
events = errors"
[ -S "$work/socket" ] || fail "the socket is not where the file says"
contain "cat /none/before"
wait_for 5 grep -q '"/none/before"' "$work/log" || fail "the failure is not in the log"
# With errors an exec is logged only as what a diagnosis rests on: none here.
contain "/bin/echo healthy-before"
sleep 0.3
grep -q healthy-before "$work/log" && fail "what succeeds is logged though the file says errors"
mv "$work/log" "$work/log.old"
reload "$base
events = all" "events are now all"
wait_for 5 test -e "$work/log" || fail "the log was not opened anew"
contain "/bin/echo healthy-after"
wait_for 5 grep -q 'healthy-after' "$work/log" || fail "what succeeds is not logged after SIGHUP"
reload "$base
events = nonsense" "$conf:7: events cannot be \"nonsense\""
grep -qF "keeping the previous one" "$work/agent.err" || fail "it does not say what stays"
reload "$base
events = all
no-output = true
forward = localhost:1" "need a restart: forward, no-output"
[ "$(grep -c "events are now" "$work/agent.err")" = 1 ] || fail "events changed without reason"
kill -0 "$agent" || fail "the agent is gone"
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"
rm -f "$work/log"

# The command line wins, at the start and after SIGHUP.
start_configured "socket = /none/at/all
listen = off
events = errors" --log-file "$work/log" --socket "$work/other" --events diagnoses
[ -S "$work/other" ] || fail "the socket is not where the command line says"
reload "socket = /none/at/all
listen = off
events = all
buffer-size = 1M" "need a restart: buffer-size"
! grep -q "events are now" "$work/agent.err" || fail "the file won over the command line"
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"
