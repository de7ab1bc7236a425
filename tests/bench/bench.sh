#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What ktrace adds to a system call, beside its peers: on this kernel in nanoseconds, then in virtual
# machines whose clock counts instructions, which says the same on a busy machine.
#
#   bench.sh            all of it
#   bench.sh measure    only here, in what unit the clock has
#
# Environment: BUILD (build), ROUNDS (5), CHUNKS (15), CALLS (5000) for `measure`; MATRIX for the machines' suites.
# Exit status 1 when a target is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${BUILD:-build}")
PATH=$PATH:/usr/sbin:/sbin

all() {
	local suite kernel missed=0
	echo "== this kernel, $(uname -r): nanoseconds"
	# tracefs and debugfs for the peers, where only they see them
	unshare -m bash -c 'for fs in tracefs:tracing debugfs:debug; do
			mount -t "${fs%:*}" none "/sys/kernel/${fs#*:}" 2>/dev/null
		done; exec "$0" measure' "$here/bench.sh" || missed=1
	for suite in ${MATRIX:-bookworm bookworm-backports}; do
		kernel=$("$here/../system/vm/get-kernel" "$suite") || continue
		echo "== Debian $suite: instructions"
		# Zeroed allocations (init_on_alloc) would double the price of every open and hide what is added.
		VM_APPEND=init_on_alloc=0 VM_QEMU="-icount shift=0,sleep=off" VM_CPUS=1 VM_MEM=1500 VM_TIMEOUT=900 "$here/../system/vm/vmrun" "$kernel" \
			env BUILD="$build" ROUNDS=3 CHUNKS=9 CALLS=400 "$here/bench.sh" measure || missed=1
	done
	return $missed
}

# --- one program at a time beside the loop ---------------------------------------------------------------
tool='' work=''
stop() {
	[ -z "$tool" ] || { kill "$tool" 2>/dev/null && wait "$tool"; } 2>/dev/null || true
	[ -z "$tool" ] || wait "$reader" 2>/dev/null || true
	tool=''
}
cleanup() {
	stop
	[ -z "$work" ] || rm -rf "$work"
}

# start PATTERN COMMAND...: returns when COMMAND has printed a line like PATTERN; the rest is counted and thrown away.
start() {
	local pattern=$1 line out
	shift
	rm -f "$work/pipe" && mkfifo "$work/pipe"
	stdbuf -oL "$@" >"$work/pipe" 2>"$work/errors" &
	tool=$!
	exec {out}<"$work/pipe"
	while IFS= read -r -t 120 line <&"$out"; do
		[[ $line =~ $pattern ]] || continue
		grep -c '"file_error"' <&"$out" >"$work/seen" &
		reader=$!
		exec {out}<&-
		return
	done
	exec {out}<&-
	kill "$tool" 2>/dev/null || true
	wait "$tool" 2>/dev/null || true
	tool=''
	return 1
}

agent() {
	start '"agent_started"' "$build/ktrace" agent --log-file - --socket off --listen off "$@"
}

# --- a cgroup that looks like a container's, in each hierarchy that a runtime would use -----------------------
in_container() {
	local id uid dir dirs=() parent status=0
	id=$(tr -d - </proc/sys/kernel/random/uuid)$(tr -d - </proc/sys/kernel/random/uuid)
	uid=$(cat /proc/sys/kernel/random/uuid)
	for parent in /sys/fs/cgroup /sys/fs/cgroup/{unified,memory,systemd}; do
		[ -e "$parent/cgroup.procs" ] || continue
		dirs+=("$parent/ktrace-bench/pod$uid/$id")
		mkdir -p "${dirs[-1]}"
	done
	(for dir in "${dirs[@]}"; do echo $BASHPID >"$dir/cgroup.procs"; done && exec "$@") || status=$?
	for dir in "${dirs[@]}"; do
		rmdir "$dir" "${dir%/*}" "${dir%/*/*}"
	done
	return $status
}

# --- what is compared: NAME, then how it is started ---------------------------------------------------------
setups=(nothing nothing-container empty-fexit empty-sys_exit ktrace ktrace-container ktrace-sys_exit ktrace-sys_exit-container opensnoop bpftrace)
setup() {
	case $1 in
	nothing*) ;;
	empty-*) start ready "$build/bench/empty" "${1#empty-}" ;;
	ktrace | ktrace-container) agent ;;
	ktrace-sys_exit*) agent --disable-probe syscalls/fexit ;;
	opensnoop) start COMM opensnoop ;;
	bpftrace) start Tracing opensnoop.bt ;;
	esac
}

round() {
	local name wrap
	for name in "${setups[@]}"; do
		[ ! -e "$work/$name.refused" ] || continue
		if ! setup "$name"; then
			head -c 300 "$work/errors" | tr '\n' ' ' >"$work/$name.refused"
			continue
		fi
		wrap=
		[[ $name != *-container ]] || wrap=in_container
		$wrap "$build/bench/loop" "${CHUNKS:-15}" "${CALLS:-5000}" >>"$work/$name"
		stop
		[[ $name != ktrace*-container ]] || [ "$(cat "$work/seen")" -gt 0 ] || echo "ktrace saw nothing of the container" >"$work/$name.refused"
	done
}

report() {
	local name
	for name in "${setups[@]}"; do
		[ ! -e "$work/$name.refused" ] || echo "$name: left out: $(cat "$work/$name.refused")"
	done
	for name in "${setups[@]}"; do
		[ -e "$work/$name.refused" ] || sed "s/^/$name /" "$work/$name"
	done | awk -f "$here/report.awk"
}

measure() {
	local i
	work=$(mktemp -d "${TMPDIR:-/tmp}/ktrace-bench.XXXXXX")
	trap cleanup EXIT
	trap 'exit 130' INT TERM HUP
	for ((i = 0; i < ${ROUNDS:-5}; i++)); do round; done
	report
}

"${1:-all}"
