#!/bin/sh
# `ktrace explain` answers as long as the diagnosis is anywhere: from the agent, from its store, from its log and
# what that was rotated to, and says with its exit status when there is nothing to tell.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$root" ] || skip "needs cgroup v2"
id=$(printf '%064x' $$)
healthy=$(printf '%064x' $((1 << 40 | $$)))
contain() {
	mkdir "$root/$1"
	sh -c "echo \$\$ >$root/$1/cgroup.procs; exec sh -c '$2'" 2>/dev/null
	rmdir "$root/$1"
}
explain() {
	wanted=$1
	shift
	expect "$wanted" "$KTRACE" explain "$@" --socket "$work/socket" --store "$work/diagnoses" --log-file "$work/log"
}

start_agent
contain "$id" 'cat /nope/app.conf || exit 3'
contain "$healthy" 'true'
wait_for 5 grep -q "\"diagnosis\".*$id" "$work/log" || fail "no diagnosis"
explain 0 "$id"
says out "/nope/app.conf"
says out "Seen "
explain 1 "$healthy"
says out "Nothing that went wrong was seen."
explain 1 nobody
says err 'nothing is known of "nobody"'

# Killed and started again: the store is all that it has of before.
kill -9 "$agent"
wait "$agent"
explain 0 "$id" # no agent
says out "/nope/app.conf"
rm "$work/log"
start_agent
explain 0 "$id"
says out "/nope/app.conf"
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status"
explain 0 "$id"
says out "/nope/app.conf"

# Without the store: the log, plain and rotated, compressed and not.
rm "$work/log"
start_agent
contain "$id" 'cat /nope/two.conf || exit 3'
wait_for 5 grep -q "\"diagnosis\".*$id" "$work/log" || fail "no diagnosis"
stop_agent
rm "$work/diagnoses"
explain 0 "$id"
says out "/nope/two.conf"
mv "$work/log" "$work/log.1"
explain 0 "$id"
says out "/nope/two.conf"
gzip -c "$work/log.1" >"$work/log.2.gz"
rm "$work/log.1"
echo '{"event":{"action":"agent_stopped"}}' >"$work/log"
explain 0 "$id"
says out "/nope/two.conf"
expect 0 "$KTRACE" explain "$id" --from "$work/log"
says out "/nope/two.conf"
rm "$work/log.2.gz"
explain 1 "$id"
says err 'nothing is known of'
