#!/bin/sh
# `ktrace live` ends when nobody reads its output: also where the pipe stays open and stands still, as that
# of `kubectl exec` without a terminal does when its client goes.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$root" ] || skip "needs cgroup v2"
id=$(printf '%064x' $$)
contain() {
	mkdir "$root/$id"
	sh -c "echo \$\$ >$root/$id/cgroup.procs; exec sh -c '$1'" 2>/dev/null
	rmdir "$root/$id"
}

start_agent
# Each pipe is held open by this shell (descriptors 5 to 7) and read by nobody; the last one has stderr too.
for n in 5 6 7; do mkfifo "$work/pipe$n"; done
exec 5<>"$work/pipe5" 6<>"$work/pipe6" 7<>"$work/pipe7"
"$KTRACE" live -a --socket "$work/socket" >"$work/pipe5" 2>"$work/err5" &
few=$!
"$KTRACE" live -a --socket "$work/socket" >"$work/pipe6" 2>"$work/err6" &
many=$!
"$KTRACE" live -a --socket "$work/socket" >"$work/pipe7" 2>&1 &
both=$!
# Somebody reads this one, however slowly.
mkfifo "$work/pipe8"
{ while kill -0 $$ && dd bs=40 count=1 | grep -q .; do sleep 5; done; } <"$work/pipe8" >/dev/null 2>&1 &
slow=$!
"$KTRACE" live -a --socket "$work/socket" >"$work/pipe8" 2>"$work/err8" &
read_by_somebody=$!
wait_for 10 grep -q 'Ctrl-C' "$work/err8" || fail "live does not start"
wait_for 10 grep -q 'Ctrl-C' "$work/err6" || fail "live does not start"
sleep 0.3
contain 'cat /nope/app.conf'
# The first one gets no more than fits into its pipe; the others more than that.
kill -STOP "$few"
contain 'i=0; while [ $i -lt 3000 ]; do [ -e /nope/$i ]; i=$((i+1)); done'
kill -0 "$many" && kill -0 "$both" || fail "live ends at once when its pipe is full"
kill -CONT "$few"
for live in "$few" "$many" "$both"; do
	wait_for 45 sh -c "! kill -0 $live 2>/dev/null" || {
		kill -9 "$few" "$many" "$both" "$read_by_somebody" "$slow" 2>/dev/null
		fail "live ($few $many $both: $live) does not end though nobody reads its pipe"
	}
	wait "$live"
	status=$?
	[ "$status" = 0 ] || fail "live ended with $status when nobody read"
done
kill -0 "$read_by_somebody" || fail "live ended though somebody reads"
# SIGTERM ends it also while it waits for its reader.
kill "$read_by_somebody"
wait_for 5 sh -c "! kill -0 $read_by_somebody 2>/dev/null" || fail "live does not end at SIGTERM"
kill "$slow" 2>/dev/null
stop_agent
