// SPDX-License-Identifier: MIT
/* Arguments that are flags, in words. */
#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event/syscalls.h"
#include "util/cleanup.h"

struct flag_name {
	uint64_t mask, value; /* the flag is set when (flags & mask) == value */
	const char *name;
	size_t len;
};

#define NAMED(mask, value, name) \
	{ \
		(mask), (value), name, sizeof(name) - 1 \
	}
#define FLAG(f) NAMED(f, f, #f)
#define END \
	{ \
		0, 1, NULL, 0 \
	}

static const struct flag_name open_names[] = {
	NAMED(O_ACCMODE, O_RDONLY, "O_RDONLY"),
	NAMED(O_ACCMODE, O_WRONLY, "O_WRONLY"),
	NAMED(O_ACCMODE, O_RDWR, "O_RDWR"),
	FLAG(O_CREAT),
	FLAG(O_EXCL),
	FLAG(O_NOCTTY),
	FLAG(O_TRUNC),
	FLAG(O_APPEND),
	FLAG(O_NONBLOCK),
	FLAG(O_SYNC),
	FLAG(O_DIRECTORY),
	FLAG(O_NOFOLLOW),
	FLAG(O_CLOEXEC),
	FLAG(O_PATH),
	NAMED(O_TMPFILE, O_TMPFILE, "O_TMPFILE"),
	END,
};
static const struct flag_name access_names[] = {
	NAMED(7, 0, "F_OK"),
	FLAG(R_OK),
	FLAG(W_OK),
	FLAG(X_OK),
	END,
};
static const struct flag_name at_names[] = {
	FLAG(AT_SYMLINK_NOFOLLOW),
	FLAG(AT_EMPTY_PATH),
	END,
};
static const struct flag_name mmap_names[] = {
	NAMED(7, 0, "PROT_NONE"),
	FLAG(PROT_READ),
	FLAG(PROT_WRITE),
	FLAG(PROT_EXEC),
	END,
};
static const struct flag_name rlimit_names[] = {
	NAMED(~0ULL, 7, "RLIMIT_NOFILE"),
	NAMED(~0ULL, 6, "RLIMIT_NPROC"),
	NAMED(~0ULL, 8, "RLIMIT_MEMLOCK"),
	NAMED(~0ULL, 4, "RLIMIT_CORE"),
	NAMED(~0ULL, 3, "RLIMIT_STACK"),
	NAMED(~0ULL, 9, "RLIMIT_AS"),
	NAMED(~0ULL, 1, "RLIMIT_FSIZE"),
	NAMED(~0ULL, 2, "RLIMIT_DATA"),
	END,
};
/* Which namespace a call was to make. */
static const struct flag_name clone_names[] = {
	FLAG(CLONE_NEWUSER),
	FLAG(CLONE_NEWPID),
	FLAG(CLONE_NEWNET),
	FLAG(CLONE_NEWNS),
	FLAG(CLONE_NEWUTS),
	FLAG(CLONE_NEWIPC),
	FLAG(CLONE_NEWCGROUP),
	END,
};
static const struct {
	const char *kind;
	const struct flag_name *names;
} flag_tables[] = {
	{ "open", open_names },
	{ "clone", clone_names },
	{ "access", access_names },
	{ "at", at_names },
	{ "mmap", mmap_names },
	{ "rlimit", rlimit_names },
};

void syscall_flags(const struct syscall_row *row, const uint64_t args[6], char *out, size_t size)
{
	const struct flag_name *names = NULL;
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; row->flags_kind && !names && i < ARRAY_SIZE(flag_tables); i++)
		if (!strcmp(flag_tables[i].kind, row->flags_kind))
			names = flag_tables[i].names;
	if (!names)
		return;
	uint64_t flags = args[row->flags_arg] & 0xffffffff;
	for (; names->name; names++) {
		if ((flags & names->mask) != names->value)
			continue;
		size_t n = names->len, bar = len > 0;
		if (len + bar + n >= size)
			return;
		memcpy(out + len, "|", bar);
		memcpy(out + len + bar, names->name, n + 1);
		len += bar + n;
	}
}
