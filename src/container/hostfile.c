// SPDX-License-Identifier: MIT
#include "container/hostfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "container/open_by_steps.h"
#include "event/decode.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define SYSCTL_MAX 128

int open_below(int directory, const char *path, int flags, uint64_t resolve)
{
	static bool refused; /* by the helper's list of calls, for good */
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve };
	long fd = refused ? -1 : syscall(SYS_openat2, directory, path, &how, sizeof(how));

	refused = refused || (fd < 0 && errno == ENOSYS);
	if (refused)
		return open_by_steps(directory, path, flags, resolve);
	return fd < 0 ? -errno : (int)fd;
}

/* What host_hold() was told. */
static struct {
	char *path;
	int fd;
} held = { .fd = -1 };

/* The caller's to close; a file descriptor or a negative errno. */
static int open_root(const char *host_root)
{
	int fd = held.path && !strcmp(held.path, host_root)
			 ? fcntl(held.fd, F_DUPFD_CLOEXEC, 0)
			 : open(*host_root ? host_root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int host_hold(const char *host_root)
{
	int fd = open_root(host_root);

	if (fd < 0)
		return fd;
	host_release();
	held.path = strdup(host_root);
	held.fd = fd;
	if (held.path)
		return 0;
	host_release();
	return -ENOMEM;
}

void host_release(void)
{
	free(take(held.path));
	if (held.fd >= 0)
		close(held.fd);
	held.fd = -1;
}

int host_open(const char *host_root, const char *path, int flags)
{
	_cleanup_fd_ int root = open_root(host_root);

	return root < 0 ? root : open_below(root, path, flags, RESOLVE_IN_ROOT);
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

/* `size` is a first guess only: files of /proc say that they are empty. */
static int read_all(int fd, size_t size, size_t max, char **out, size_t *len)
{
	_cleanup_free_ char *data = NULL;
	size_t used = 0, capacity = 0;

	for (;;) {
		if (used + 1 >= capacity) {
			capacity = capacity ? capacity * 2 : size + 4096;
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

int host_read(const char *host_root, const char *path, size_t max, char **out, size_t *len)
{
	struct stat st;
	_cleanup_fd_ int fd = open_regular(host_root, path, &st);

	return fd < 0 ? fd : read_all(fd, (size_t)st.st_size, max, out, len);
}

int proc_read(const char *path, size_t max, char **out)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : read_all(fd, 0, max, out, NULL);
}

#define LINKS_MAX 16
#define NO_LINKS (RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS)

/* The target of a link that is root's. Its length, 0 when path is no link, or a negative errno. */
static ssize_t target_of(int root, const char *path, char *target, size_t size)
{
	_cleanup_fd_ int fd = open_below(root, path, O_PATH | O_NOFOLLOW, NO_LINKS);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return 0;
	if (st.st_uid)
		return -ELOOP;
	return read_link(fd, "", target, size);
}

/* Puts the target of the first link on the way in its place. 0, or -ELOOP when there is none, or a negative errno. */
static int replace_link(int root, char path[static PATH_MAX])
{
	char head[PATH_MAX], target[PATH_MAX], above[PATH_MAX];

	for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
		snprintf(head, sizeof(head), "%.*s", (int)(end - path), path);
		ssize_t n = target_of(root, head, target, sizeof(target));
		if (n < 0)
			return (int)n;
		if (!n)
			continue;
		*strrchr(head, '/') = '\0';
		int rc = path_join(above, sizeof(above), *head ? head : "/", target);
		snprintf(head, sizeof(head), "%s", end + 1);
		rc = rc < 0 ? rc : path_join(path, PATH_MAX, above, head);
		return rc < 0 ? rc : 0;
	}
	return -ELOOP;
}

/* A directory; see host_read_of(). */
static int open_without_links(const char *host_root, const char *directory)
{
	_cleanup_fd_ int root = open_root(host_root);
	char path[PATH_MAX];
	int fd = root < 0 ? root : -ELOOP;

	if (path_join(path, sizeof(path), "/", directory) < 0)
		return -ENAMETOOLONG;
	for (int i = 0; fd == -ELOOP && i < LINKS_MAX; i++) {
		fd = open_below(root, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, NO_LINKS);
		if (fd == -ELOOP && replace_link(root, path))
			break;
	}
	return fd;
}

int host_read_of(const char *host_root, const char *directory, const char *name, uint32_t uid,
	size_t max, char **out, size_t *len)
{
	_cleanup_fd_ int dir = open_without_links(host_root, directory);
	struct stat of_dir, st;

	if (dir < 0)
		return dir;
	_cleanup_fd_ int place =
		open_below(dir, name, O_PATH | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (place < 0)
		return place;
	if (fstat(dir, &of_dir) || fstat(place, &st))
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (of_dir.st_uid != uid || st.st_uid != uid)
		return -EPERM;
	_cleanup_fd_ int fd = S_ISREG(st.st_mode) ? reopen(place, O_RDONLY) : -EINVAL;
	return fd < 0 ? fd : read_all(fd, (size_t)st.st_size, max, out, len);
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

int host_sysctl(const char *name, char **out)
{
	char path[SYSCTL_MAX];

	if ((size_t)snprintf(path, sizeof(path), "/proc/sys/%s", name) >= sizeof(path))
		return -ENAMETOOLONG;
	for (char *p = path + strlen("/proc/sys/"); *p; p++)
		*p = *p == '.' ? '/' : *p;
	int rc = proc_read(path, SYSCTL_MAX, out);
	if (!rc)
		(*out)[strcspn(*out, "\n")] = '\0';
	return rc;
}
