// SPDX-License-Identifier: MIT
#include "util/directories.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/log.h"

#define OPEN_TO_ALL 0755
#define OURS_ALONE 0750

int directories_make(const char *path, const gid_t *group)
{
	_cleanup_free_ char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool made = mkdir(copy, OURS_ALONE) == 0;
		if (!made && errno != EEXIST)
			return -errno;
		if (made && group && chown(copy, (uid_t)-1, *group) < 0)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static bool is_named(const char *directory, const char *name)
{
	const char *slash = strrchr(directory, '/');

	return !strcmp(slash ? slash + 1 : directory, name);
}

static bool is_empty(const char *directory)
{
	_cleanup_dir_ DIR *dir = opendir(directory);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			return false;
	return dir;
}

void directories_close(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	const char *directory = copy ? dirname(copy) : path;
	struct stat st;

	/* A link to a directory elsewhere was made by somebody who had something in mind. */
	if (!is_named(directory, "ktrace") || lstat(directory, &st) < 0 || !S_ISDIR(st.st_mode) ||
		(st.st_mode & 07777) != OPEN_TO_ALL || st.st_uid != geteuid() ||
		!is_empty(directory))
		return;
	if (chmod(directory, OURS_ALONE) < 0)
		log_warning("everybody can still list %s: %s", directory, strerror(errno));
}

bool directories_may_write(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	const char *directory = copy ? dirname(copy) : path;

	return faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 &&
	       (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 || errno == ENOENT);
}
