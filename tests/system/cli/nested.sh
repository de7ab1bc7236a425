#!/bin/sh
# The agent where the node is itself a container (kind, k3d, minikube): a pid namespace and a cgroup namespace
# of its own, neither of them the kernel's first. Also with containers that its namespaces do not show.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$root" ] || skip "needs cgroup v2"
node=$root/ktrace-node-$$
id=$(printf '%064x' $$)

# What runs as the node's first process: its own /proc and cgroup mount, an agent, a container that fails.
cat >"$work/node" <<END
set -eu
umount -l "$root"
mount -t cgroup2 none "$root"
"$KTRACE" agent --log-file "$work/log" --store "$work/diagnoses" --memory "$work/memory" --socket "$work/socket" --listen off 2>"$work/agent.err" &
agent=\$!
i=0
until grep -q '"agent_started"' "$work/log" 2>/dev/null; do
	i=\$((i + 1))
	[ \$i -lt 200 ]
	sleep 0.05
done
touch "$work/ready"
mkdir -p "$root/pod/$id"
sh -c "echo \\\$\\\$ >$root/pod/$id/cgroup.procs; exec sh -c 'cat /nope/app.conf || exit 3'" || true
rmdir "$root/pod/$id"
sleep 0.3
"$KTRACE" explain "$id" --socket "$work/socket" -o json >"$work/out"
"$KTRACE" doctor --socket "$work/socket" >"$work/doctor" || true
until [ -e "$work/done" ]; do sleep 0.05; done
kill \$agent
wait \$agent
END

mkdir "$node"
trap 'rmdir "$node/pod" "$node"; clean_up' EXIT
sh -c "echo \$\$ >$node/cgroup.procs; exec unshare --pid --fork --kill-child --mount-proc --cgroup --mount sh '$work/node'" \
	>"$work/err" 2>&1 &
nested=$!
wait_for 15 test -e "$work/doctor" || { kill "$nested"; fail "nothing is explained: $(cat "$work/agent.err" "$work/err")"; }
says out '"root_cause":"missing_file"'
says out '/nope/app.conf'
# The pids are those of the node: small ones, and the container has its own name for none of them.
pid=$(sed -n 's/.*"container_exited".*"pid":\([0-9]*\).*/\1/p' "$work/out" | head -n 1)
{ [ -n "$pid" ] && [ "$pid" -lt 200 ]; } || fail "the container's pid is \"$pid\", which is not the node's"
grep -q "\"path\":\"/pod/$id\"\|/pod/$id" "$work/log" || true
grep -q '"container_removed"' "$work/log" || fail "the container's removal is not seen"
grep -q 'missing' "$work/doctor" && fail "doctor: $(cat "$work/doctor")"

# A container outside, which neither namespace shows: still explained, by what the kernel tells.
other=$(printf '%064x' $((1 << 40 | $$)))
mkdir "$root/$other"
sh -c "echo \$\$ >$root/$other/cgroup.procs; exec sh -c 'cat /nope/other.conf || exit 3'" 2>/dev/null
rmdir "$root/$other"
sleep 0.3
grep -q "$other" "$work/log" && fail "a container of another node is told of"
touch "$work/done"
wait "$nested" || fail "the nested agent ended with $?"

# Only the agent is in a pid namespace; containers are outside of it, their cgroups are not.
rm -f "$work/log"
unshare --pid --fork --kill-child --mount-proc "$KTRACE" agent --log-file "$work/log" --store "$work/diagnoses" --memory "$work/memory" --socket "$work/socket" \
	--listen off 2>"$work/agent.err" &
agent=$!
wait_for 15 grep -q '"agent_started"' "$work/log" || fail "no agent in a pid namespace: $(cat "$work/agent.err")"
mkdir "$root/$other"
sh -c "echo \$\$ >$root/$other/cgroup.procs; exec sh -c 'cat /nope/other.conf || exit 3'" 2>/dev/null &
outside=$!
wait "$outside"
rmdir "$root/$other"
sleep 0.3
expect 0 "$KTRACE" explain "$other" --socket "$work/socket" -o json
says out '"root_cause":"missing_file"'
says out "\"pid\":$outside,"
# unshare itself does not end at SIGTERM, and the agent is the first process of its namespace.
inside=$(pgrep -P "$agent")
kill "$inside"
wait "$agent" || fail "the agent ended with $?"
agent=
