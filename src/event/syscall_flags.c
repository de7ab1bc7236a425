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
};

#define FLAG(f) \
	{ \
		(f), (f), #f \
	}

static const struct flag_name open_names[] = {
	{ O_ACCMODE, O_RDONLY, "O_RDONLY" },
	{ O_ACCMODE, O_WRONLY, "O_WRONLY" },
	{ O_ACCMODE, O_RDWR, "O_RDWR" },
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
	{ O_TMPFILE, O_TMPFILE, "O_TMPFILE" },
	{ 0, 1, NULL },
};
static const struct flag_name access_names[] = {
	{ 7, 0, "F_OK" },
	FLAG(R_OK),
	FLAG(W_OK),
	FLAG(X_OK),
	{ 0, 1, NULL },
};
static const struct flag_name at_names[] = {
	FLAG(AT_SYMLINK_NOFOLLOW),
	FLAG(AT_EMPTY_PATH),
	{ 0, 1, NULL },
};
static const struct flag_name mmap_names[] = {
	{ 7, 0, "PROT_NONE" },
	FLAG(PROT_READ),
	FLAG(PROT_WRITE),
	FLAG(PROT_EXEC),
	{ 0, 1, NULL },
};
static const struct flag_name rlimit_names[] = {
	{ ~0ULL, 7, "RLIMIT_NOFILE" },
	{ ~0ULL, 6, "RLIMIT_NPROC" },
	{ ~0ULL, 8, "RLIMIT_MEMLOCK" },
	{ ~0ULL, 4, "RLIMIT_CORE" },
	{ ~0ULL, 3, "RLIMIT_STACK" },
	{ ~0ULL, 9, "RLIMIT_AS" },
	{ ~0ULL, 1, "RLIMIT_FSIZE" },
	{ ~0ULL, 2, "RLIMIT_DATA" },
	{ 0, 1, NULL },
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
	{ 0, 1, NULL },
};
static const struct {
	const char *kind;
	const struct flag_name *names;
} flag_tables[] = {
	{ "clone", clone_names },
	{ "open", open_names },
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
		size_t n = strlen(names->name), bar = len > 0;
		if (len + bar + n >= size)
			return;
		memcpy(out + len, "|", bar);
		memcpy(out + len + bar, names->name, n + 1);
		len += bar + n;
	}
}
