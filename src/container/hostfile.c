// SPDX-License-Identifier: MIT
#include "container/hostfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "util/cleanup.h"

int open_below(int directory, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve };
	long fd = syscall(SYS_openat2, directory, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int host_open(const char *host_root, const char *path, int flags)
{
	_cleanup_fd_ int root =
		open(*host_root ? host_root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	return open_below(root, path, flags, RESOLVE_IN_ROOT);
}

int reopen(int fd, int access)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int file = open(link, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return file < 0 ? -errno : file;
}

/* A regular file to be read: what else lies there is not opened, as opening alone can do things. */
static int open_regular(const char *host_root, const char *path, struct stat *st)
{
	_cleanup_fd_ int place = host_open(host_root, path, O_PATH);

	if (place < 0)
		return place;
	if (fstat(place, st))
		return -errno;
	return S_ISREG(st->st_mode) ? reopen(place, O_RDONLY) : -EINVAL;
}

int host_read(const char *host_root, const char *path, size_t max, char **out, size_t *len)
{
	struct stat st;
	_cleanup_fd_ int fd = open_regular(host_root, path, &st);
	_cleanup_free_ char *data = NULL;
	size_t used = 0, capacity = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		/* Files of /proc say that they are empty, so the size is only a first guess. */
		if (used + 1 >= capacity) {
			capacity = capacity ? capacity * 2 : (size_t)st.st_size + 4096;
			capacity = capacity > max + 2 ? max + 2 : capacity;
			char *bigger = realloc(data, capacity);
			if (!bigger)
				return -ENOMEM;
			data = bigger;
		}
		ssize_t n = read(fd, data + used, capacity - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max)
			return -EFBIG;
	}
	data[used] = '\0';
	*out = take(data);
	if (len)
		*len = used;
	return 0;
}

DIR *host_opendir(const char *host_root, const char *path)
{
	int fd = host_open(host_root, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	DIR *dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}
