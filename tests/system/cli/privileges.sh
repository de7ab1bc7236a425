#!/bin/sh
# Once it is up the agent holds what it looks at containers with, and can get nothing back.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

expect 2 "$KTRACE" doctor --socket
"$KTRACE" doctor --socket "$work/socket" >"$work/out" 2>"$work/err"
says out "not running"

start_agent
grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$agent/status" || fail "no_new_privs is not set"
for set in CapInh CapPrm CapEff; do
	mask=$((0x$(sed -n "s/^$set:[[:space:]]*//p" "/proc/$agent/status")))
	# SYS_PTRACE 19 and DAC_READ_SEARCH 2; BPF 39 where the kernel wants it for maps
	[ $((mask & ~(1 << 19 | 1 << 2 | 1 << 39))) = 0 ] || fail "$set holds too much: $mask"
done
"$KTRACE" doctor --socket "$work/socket" >"$work/out" 2>"$work/err"
says out "process $agent, holds CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE"
says out "and can gain no others; seccomp filters its calls"
"$KTRACE" doctor --socket "$work/socket" -o json >"$work/out" 2>"$work/err"
says out "\"agent\":{\"pid\":$agent,\"capabilities\":[\"CAP_DAC_READ_SEARCH\",\"CAP_SYS_PTRACE\""
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"
grep -q '"agent_stopped"' "$work/log" || fail "no agent_stopped"
complaints=$(grep -v '^ktrace: watching, ' "$work/agent.err")
[ -z "$complaints" ] || fail "the agent complains: $complaints"
[ ! -e "$work/socket" ] || fail "the socket was left behind"

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
