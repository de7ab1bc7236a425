// SPDX-License-Identifier: MIT
#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "util/cleanup.h"

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE \
	(1ULL << 14) /* version 3, Linux 6.2; before it comes with WRITE_FILE */
#endif
#define TRUNCATE_SINCE 3

#define OVERWRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define KEEP_FILES (OVERWRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define ALL_CHANGES \
	(KEEP_FILES | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
		LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
		LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
		LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

struct ruleset {
	int fd;
	uint64_t handled; /* what this kernel's version knows of the rights above */
};

int landlock_version(void)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return version < 0 ? -errno : (int)version;
}

static int allow(const struct ruleset *r, int place, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & r->handled,
		.parent_fd = place,
	};

	if (syscall(SYS_landlock_add_rule, r->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		return -errno;
	return 0;
}

/* Is `path` kept in its directory under its own name, or is it, as /dev/stdout, only a way to something? */
static bool is_kept(const char *path)
{
	struct stat st;

	return stat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode);
}

/* The caller's to free; NULL: out of memory. */
static char *directory_of(const char *path)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	_cleanup_free_ char *copy = strdup(real ? real : path);

	return copy ? strdup(dirname(copy)) : NULL;
}

static int allow_written(const struct ruleset *r, const char *path)
{
	_cleanup_free_ char *name = is_kept(path) ? directory_of(path) : strdup(path);
	struct stat st;

	if (!name)
		return -ENOMEM;
	_cleanup_fd_ int place = open(name, O_PATH | O_CLOEXEC);
	/* Whoever was to write there has said that it cannot. */
	if (place < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(place, &st))
		return -errno;
	int err = allow(r, place, S_ISDIR(st.st_mode) ? KEEP_FILES : OVERWRITE);
	/* A pipe without a name is nothing that Landlock restricts. */
	return err == -EBADFD ? 0 : err;
}

static int allow_all(const struct ruleset *r, const struct landlock_places *places)
{
	int err = places->overwritten < 0 ? 0 : allow(r, places->overwritten, OVERWRITE);

	for (const char *const *path = places->written; *path && err == 0; path++)
		err = allow_written(r, *path);
	return err;
}

int landlock_confine(const struct landlock_places *places)
{
	int version = landlock_version();
	struct landlock_ruleset_attr attr = { .handled_access_fs = ALL_CHANGES };

	if (version < 0)
		return version;
	if (version < TRUNCATE_SINCE)
		attr.handled_access_fs &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	_cleanup_fd_ int fd =
		(int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (fd < 0)
		return -errno;
	int err = allow_all(&(struct ruleset){ fd, attr.handled_access_fs }, places);
	if (err == 0 && syscall(SYS_landlock_restrict_self, fd, 0))
		err = -errno;
	return err;
}
