#!/bin/sh
# A kernel that refuses one program, before or in its verifier: that probe is missing and named, all others work. And one that
# lacks a kind of map: what it is too old for is named.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root
command -v gcc >/dev/null || skip "needs gcc"

# Stands between libbpf and the kernel: a program named in REFUSED fails to load with EPERM, a map of type REFUSED_MAP with EINVAL.
cat >"$work/shim.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

long syscall(long number, ...)
{
	static long (*real)(long, ...);
	const char *refused = getenv("REFUSED");
	long a[6];
	va_list ap;

	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_bpf && a[0] == BPF_PROG_LOAD) {
		const union bpf_attr *attr = (const union bpf_attr *)a[1];

		if (refused && !strncmp(attr->prog_name, refused, sizeof(attr->prog_name) - 1)) {
			errno = EPERM;
			return -1;
		}
	}
	if (number == SYS_bpf && a[0] == BPF_MAP_CREATE && getenv("REFUSED_MAP") &&
		((const union bpf_attr *)a[1])->map_type == (unsigned)atoi(getenv("REFUSED_MAP"))) {
		errno = EINVAL;
		return -1;
	}
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
END
gcc -shared -fPIC -O1 -o "$work/shim.so" "$work/shim.c" -ldl 2>"$work/err" || fail "the shim does not build"

# without PROGRAM PROBE: doctor names the probe as missing, with the kernel's error, and no other one.
without() {
	LD_PRELOAD=$work/shim.so REFUSED=$1 "$KTRACE" doctor >"$work/out" 2>"$work/err"
	grep -qE "^  $2 +missing" "$work/out" || fail "$2 is not missing"
	grep -q 'the kernel refused the program: Operation not permitted' "$work/out" || fail "no reason for $2"
	[ "$(grep -cE '^  [a-z]+ +missing' "$work/out")" = 1 ] || fail "more than $2 is missing"
}

without on_socket_state socket
without on_cgroup_gone cgroup
without on_exec exec
LD_PRELOAD=$work/shim.so REFUSED=on_socket_state "$KTRACE" run -- sh -c 'cat /nope/app.conf; exit 4' >"$work/out" 2>"$work/err"
says err /nope/app.conf

expect 1 env LD_PRELOAD="$work/shim.so" REFUSED_MAP=27 "$KTRACE" run -- true
says err "no ring buffers"
exit 0
