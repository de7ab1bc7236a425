// SPDX-License-Identifier: MIT
#include "cli/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/log.h"

#define OPEN_TO_ALL 0755
#define OURS_ALONE 0750

int folders_make(const char *path, const gid_t *group)
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

static bool is_named(const char *folder, const char *name)
{
	const char *slash = strrchr(folder, '/');

	return !strcmp(slash ? slash + 1 : folder, name);
}

static bool is_empty(const char *folder)
{
	_cleanup_dir_ DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			return false;
	return dir;
}

void folders_close(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	const char *folder = copy ? dirname(copy) : path;
	struct stat st;

	/* A link to a folder elsewhere was made by somebody who had something in mind. */
	if (!is_named(folder, "ktrace") || lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode) ||
		(st.st_mode & 07777) != OPEN_TO_ALL || st.st_uid != geteuid() || !is_empty(folder))
		return;
	if (chmod(folder, OURS_ALONE) < 0)
		log_warning("%s stays open for everybody to list: %s", folder, strerror(errno));
}

bool folders_may_write(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	const char *folder = copy ? dirname(copy) : path;

	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 &&
	       (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 || errno == ENOENT);
}
