#!/bin/sh
# `ktrace live`: alone and with an agent, filters, a pipe that closes, the last line.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

# watch ARG...: in the background, until it says that it watches.
watch() {
	env --default-signal=INT "$KTRACE" live --socket "$work/socket" "$@" >"$work/out" 2>"$work/err" &
	live=$!
	wait_for 10 grep -q 'Ctrl-C' "$work/err" || fail "live does not start"
}
end_watch() {
	kill -INT "$live"
	wait "$live"
	status=$?
	[ "$status" = 0 ] || fail "live ended with $status"
	says err "records shown: "
}
# A container's cgroup is known by the 64 digits of its id.
id=$(printf '%064x' $$)
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$root" ] || skip "needs cgroup v2"
contain() {
	mkdir "$root/$id"
	sh -c "echo \$\$ >$root/$id/cgroup.procs; exec sh -c '$1'" 2>/dev/null
	rmdir "$root/$id"
}

watch -o json --errno ENOENT
contain 'cat /nope/app.conf'
wait_for 5 grep -q '"path":"/nope/app.conf"' "$work/out" || fail "the failure is not shown"
end_watch
says err "lost"
grep -v '"ENOENT"' "$work/out" && fail "a record of another error is shown"

start_agent
watch -a "$id"
contain 'cat /nope/app.conf'
wait_for 5 grep -q '/nope/app.conf' "$work/out" || fail "the failure is not shown by the agent"
end_watch
expect 0 "$KTRACE" explain "$id" --socket "$work/socket"
says out "/nope/app.conf"
expect 0 "$KTRACE" ps --socket "$work/socket"
says out "ended (1)"

# A pipe closed by head is a clean end.
mkfifo "$work/pipe"
head -n 1 <"$work/pipe" >"$work/first" &
"$KTRACE" live -a --socket "$work/socket" >"$work/pipe" 2>"$work/err" &
live=$!
wait_for 10 grep -q 'Ctrl-C' "$work/err" || fail "live does not start"
contain 'cat /nope/1; cat /nope/2'
contain 'cat /nope/3; cat /nope/4'
wait_for 5 sh -c "! kill -0 $live" || { kill "$live"; fail "live does not end with its pipe"; }
wait "$live"
status=$?
[ "$status" = 0 ] || fail "live ended with $status when its pipe was closed"
stop_agent
