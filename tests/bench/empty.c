// SPDX-License-Identifier: MIT
/*
 * Attaches empty programs to the hooks that ktrace uses, says "ready" and stays until it is ended: the yardstick of the
 * benchmark.
 *
 *	empty sys_exit|fexit
 *
 * Exit status 77 when this kernel refuses the hooks.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "empty.skel.h"

int main(int argc, char **argv)
{
	struct empty_bpf *empty = empty_bpf__open();
	bool fexit = argc == 2 && strcmp(argv[1], "fexit") == 0;
	struct bpf_program *p;
	int err;

	if (argc != 2 || (!fexit && strcmp(argv[1], "sys_exit") != 0)) {
		fprintf(stderr, "usage: empty sys_exit|fexit\n");
		return 2;
	}
	if (!empty)
		return 1;
	bpf_object__for_each_program(
		p, empty->obj) if (bpf_program__type(p) == BPF_PROG_TYPE_TRACING)
		bpf_program__set_autoload(p, fexit);
	bpf_program__set_autoload(empty->progs.empty_sys_exit, !fexit);
	err = empty_bpf__load(empty);
	if (!err)
		err = empty_bpf__attach(empty);
	if (err) {
		fprintf(stderr, "empty: %s refused: %s\n", argv[1], strerror(-err));
		empty_bpf__destroy(empty);
		return 77;
	}
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
