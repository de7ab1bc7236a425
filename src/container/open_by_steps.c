// SPDX-License-Identifier: MIT
/*
 * Each component is opened below the one before it, never following a link; links are read and walked by us. So
 * whoever moves directories about meanwhile gets an error, and never leads us out.
 */
#include "container/open_by_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "container/hostfile.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define LINKS_MAX 40 /* as the kernel has it (include/linux/namei.h) */
#define HERE (O_PATH | O_NOFOLLOW | O_CLOEXEC)

struct steps {
	int directory; /* where it begins; borrowed */
	uint64_t resolve;
	char done[PATH_MAX]; /* components without links, each with a slash before it */
	char left[2 * PATH_MAX];
	char name[NAME_MAX + 1];
	int links;
	int fd; /* of done; -1: where it begins */
};

static int here(const struct steps *s)
{
	return s->fd < 0 ? s->directory : s->fd;
}

static void set_fd(struct steps *s, int fd)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd;
}

/* From the beginning again, down to done. */
static int start_over(struct steps *s)
{
	char name[NAME_MAX + 1];

	set_fd(s, -1);
	for (const char *p = s->done; *p;) {
		size_t len = strcspn(++p, "/");
		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		int fd = openat(here(s), name, HERE | O_DIRECTORY);
		if (fd < 0)
			return -errno;
		set_fd(s, fd);
		p += len;
	}
	return 0;
}

/* 1, or 0 at the end, or a negative errno. */
static int next_name(struct steps *s)
{
	char *start = s->left + strspn(s->left, "/");
	size_t len = strcspn(start, "/");

	if (!len)
		return 0;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(s->name, start, len);
	s->name[len] = '\0';
	memmove(s->left, start + len, strlen(start + len) + 1);
	return 1;
}

static bool is_last(const struct steps *s)
{
	return !s->left[strspn(s->left, "/")];
}

static int go_up(struct steps *s)
{
	char *slash = strrchr(s->done, '/');

	if (!slash)
		return s->resolve & RESOLVE_BENEATH ? -EXDEV : 0;
	*slash = '\0';
	return start_over(s);
}

static int follow(struct steps *s, int link)
{
	char target[PATH_MAX], left[sizeof(s->left)];
	ssize_t n = read_link(link, "", target, sizeof(target));

	if (n < 0)
		return n;
	if (s->resolve & RESOLVE_NO_SYMLINKS || ++s->links > LINKS_MAX)
		return -ELOOP;
	if ((size_t)snprintf(left, sizeof(left), "%s%s", target, s->left) >= sizeof(left))
		return -ENAMETOOLONG;
	memcpy(s->left, left, sizeof(left));
	if (*target != '/')
		return 0;
	if (s->resolve & RESOLVE_BENEATH)
		return -EXDEV;
	*s->done = '\0';
	return start_over(s);
}

static int go_down(struct steps *s, int flags)
{
	/* Most are directories, which are no links: one call says both. */
	bool keeps_link = is_last(s) && flags & O_NOFOLLOW;
	_cleanup_fd_ int fd = openat(here(s), s->name, keeps_link ? HERE : HERE | O_DIRECTORY);
	size_t len = strlen(s->done);
	struct stat st;

	if (fd < 0 && (keeps_link || errno != ENOTDIR))
		return -errno;
	if (fd < 0) {
		fd = openat(here(s), s->name, HERE);
		if (fd < 0 || fstat(fd, &st))
			return -errno;
		if (S_ISLNK(st.st_mode))
			return follow(s, fd);
	}
	if ((size_t)snprintf(s->done + len, sizeof(s->done) - len, "/%s", s->name) >=
		sizeof(s->done) - len)
		return -ENAMETOOLONG;
	set_fd(s, fd);
	fd = -1;
	return 0;
}

static int walk(struct steps *s, int flags)
{
	int rc = start_over(s);

	while (!rc && (rc = next_name(s)) > 0) {
		if (!strcmp(s->name, "."))
			rc = 0;
		else
			rc = strcmp(s->name, "..") ? go_down(s, flags) : go_up(s);
	}
	return rc;
}

int open_by_steps(int directory, const char *path, int flags, uint64_t resolve)
{
	struct steps s = { .directory = directory, .resolve = resolve, .fd = -1 };
	struct stat st;

	if ((size_t)snprintf(s.left, sizeof(s.left), "%s", path) >= sizeof(s.left))
		return -ENAMETOOLONG;
	int rc = *path == '/' && resolve & RESOLVE_BENEATH ? -EXDEV : walk(&s, flags);
	if (!rc && s.fd < 0) {
		s.fd = openat(directory, ".", HERE);
		rc = s.fd < 0 ? -errno : 0;
	}
	if (!rc && flags & O_DIRECTORY && (fstat(s.fd, &st) || !S_ISDIR(st.st_mode)))
		rc = -ENOTDIR;
	if (!rc && !(flags & O_PATH)) {
		int fd = reopen(s.fd, flags & ~O_NOFOLLOW);
		set_fd(&s, fd);
		return fd;
	}
	if (rc)
		set_fd(&s, -1);
	return rc ?: s.fd;
}
