/* SPDX-License-Identifier: MIT */
/* The one table of system calls to watch. Both ways of attaching and the decoder read it. Pure. */
#ifndef KTRACE_EVENT_SYSCALLS_H
#define KTRACE_EVENT_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ktrace/wire.h"

struct syscall_row {
	const char *name; /* "openat" */
	int nr;           /* of the native ABI, -1 where this architecture has none */
	/*
	 * Few containers fail by it as soon as they start: the agent may say that it watches before this one is. Attaching to all takes
	 * the kernel a second.
	 */
	bool later;
	/* made a few times by a program, or by few, and over soon: it may cost some hundred instructions more where it succeeds; later too */
	bool seldom;
	struct wire_row wire;
	/* how the flags argument is decoded: "open", "access", ...; NULL */
	const char *flags_kind;
	int flags_arg;
};

size_t syscall_rows(const struct syscall_row **out);
enum wire_success syscall_success(const struct syscall_row *row);
const struct syscall_row *syscall_by_nr(unsigned nr); /* NULL when it is not watched */

/* Writes "O_RDONLY|O_CLOEXEC" to out, "" when the row has no flags; always NUL-terminated. */
void syscall_flags(const struct syscall_row *row, const uint64_t args[6], char *out, size_t size);

#endif
