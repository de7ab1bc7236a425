#!/bin/sh
# Once it is up the agent holds what it looks at containers with, and can get nothing back.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

expect 2 "$KTRACE" doctor --socket
"$KTRACE" doctor --socket "$work/socket" >"$work/out" 2>"$work/err"
says out "not running"

# With Landlock it needs no right to trace others any more: they are its helper's to look at.
landlock=$("$KTRACE" doctor -o json | sed -n 's/.*"landlock":\([0-9]*\).*/\1/p')
[ -n "$landlock" ] || fail "doctor does not say whether this kernel has Landlock"
may_trace=$((landlock > 0 ? 0 : 1 << 19)) && names=CAP_DAC_READ_SEARCH
[ "$landlock" -gt 0 ] || names="$names, CAP_SYS_PTRACE"

start_agent
grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$agent/status" || fail "no_new_privs is not set"
for set in CapInh CapPrm CapEff; do
	mask=$((0x$(sed -n "s/^$set:[[:space:]]*//p" "/proc/$agent/status")))
	# SYS_PTRACE 19 without Landlock; DAC_READ_SEARCH 2; BPF 39 where the kernel wants it for maps
	[ $((mask & ~(may_trace | 1 << 2 | 1 << 39))) = 0 ] || fail "$set holds too much: $mask"
done
"$KTRACE" doctor --socket "$work/socket" >"$work/out" 2>"$work/err"
says out "process $agent, holds $names"
says out "and can gain no others; seccomp filters its calls"
if [ "$landlock" -gt 0 ]; then
	says out "Landlock lets it write only where its own files are"
else
	says out "lost: without Landlock"
fi
"$KTRACE" doctor --socket "$work/socket" -o json >"$work/out" 2>"$work/err"
says out "\"agent\":{\"pid\":$agent,\"capabilities\":[\"CAP_DAC_READ_SEARCH\""

# It is made to try: whoever may write in the directory of its log has the log lead to a file of the node's.
if [ "$landlock" -gt 0 ]; then
	says out '"landlock":true,"landlock_error":""'
	node=$(mktemp -d)
	echo "the node's own" >"$node/file"
	for target in file new; do
		mv "$work/log" "$work/log.aside"
		ln -s "$node/$target" "$work/log"
		kill -HUP "$agent"
		wait_for 10 grep -q "cannot write $work/log: Permission denied" "$work/agent.err" ||
			fail "it does not say that it may not write: $(cat "$work/agent.err")"
		mv -f "$work/log.aside" "$work/log"
		kill -HUP "$agent"
		wait_for 10 grep -q "$work/log can be written again" "$work/agent.err" || fail "the log was not opened anew"
		: >"$work/agent.err"
	done
	[ "$(ls "$node")" = file ] && [ "$(cat "$node/file")" = "the node's own" ] || fail "the agent wrote to a file of the node's"
	rm -r "$node"
fi
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"
grep -q '"agent_stopped"' "$work/log" || fail "no agent_stopped"
complaints=$(grep -vE '^ktrace: (watching, |attached within a second|the failures of all calls)' "$work/agent.err")
[ -z "$complaints" ] || fail "the agent complains: $complaints"
[ ! -e "$work/socket" ] || fail "the socket was left behind"

# The thread that answers probes has its time whatever runs beside it, where that can be had here, and no right at all.
"$KTRACE" agent --log-file "$work/log" --memory off --store off --socket off --listen 127.0.0.1:19436 2>"$work/agent.err" &
agent=$!
wait_for 30 grep -q watching "$work/agent.err" || fail "no agent: $(cat "$work/agent.err")"
timely=0
for task in /proc/"$agent"/task/*; do
	chrt -p "${task##*/}" | grep -q SCHED_DEADLINE || continue
	timely=$((timely + 1))
	grep -q '^CapPrm:[[:space:]]*0*$' "$task/status" || fail "the probes' thread has rights: $(grep ^Cap "$task/status")"
	grep -q '^Seccomp:[[:space:]]*2$' "$task/status" || fail "the probes' thread has all system calls"
done
if chrt -d --sched-runtime 1000000 --sched-deadline 20000000 --sched-period 20000000 0 true 2>"$work/err"; then
	[ "$timely" = 1 ] || fail "$timely threads have a deadline"
fi
curl -sf http://127.0.0.1:19436/healthz >"$work/out" || fail "no answer"
says out ok
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"

# A log that root writes only by its rights can still be opened anew.
mkdir "$work/theirs"
chown nobody "$work/theirs"
chmod 711 "$work"
"$KTRACE" agent --log-file "$work/theirs/log" --memory "$work/theirs/memory" --socket off --listen off 2>"$work/agent.err" &
agent=$!
wait_for 10 grep -q '"agent_started"' "$work/theirs/log" || fail "no agent: $(cat "$work/agent.err")"
mv "$work/theirs/log" "$work/theirs/log.old"
kill -HUP "$agent"
wait_for 5 test -e "$work/theirs/log" || fail "the log was not opened anew"
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"
