// SPDX-License-Identifier: MIT
#include "agent/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/thread.h"

#define STACK_SIZE (64 * 1024)
#define WAITS 1 /* a status that is no result yet */

struct new_file {
	atomic_int refs; /* ours, and the thread's while it runs */
	atomic_int status;
	bool finished;
	int fd;
	uint64_t size;
	char directory[PATH_MAX], path[PATH_MAX], beside[PATH_MAX];
};

static void unref(struct new_file *f)
{
	if (atomic_fetch_sub(&f->refs, 1) > 1)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

int file_append(int fd, uint64_t *size, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)(*size + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n < 0 ? -errno : -ENOSPC;

			return ftruncate(fd, (off_t)*size) < 0 ? -errno : err;
		}
		done += (size_t)n;
	}
	*size += len;
	return 0;
}

static int set_paths(struct new_file *f, const char *path)
{
	if (snprintf(f->path, sizeof(f->path), "%s", path) >= (int)sizeof(f->path) ||
		snprintf(f->beside, sizeof(f->beside), "%s.new", path) >= (int)sizeof(f->beside))
		return -ENAMETOOLONG;
	const char *slash = strrchr(path, '/');
	int len = !slash ? 0 : slash == path ? 1 : (int)(slash - path);
	snprintf(f->directory, sizeof(f->directory), "%.*s", slash ? len : 1, slash ? path : ".");
	return 0;
}

int new_file_begin(const char *path, struct new_file **out)
{
	struct new_file *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->refs = 1;
	f->fd = -1;
	int err = set_paths(f, path);
	if (err == 0) {
		f->fd = open(f->beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
		err = f->fd < 0 || flock(f->fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	}
	if (err < 0) {
		unref(f);
		return err;
	}
	*out = f;
	return 0;
}

int new_file_add(struct new_file *f, const char *data, size_t len)
{
	return file_append(f->fd, &f->size, data, len);
}

/* A new name is safe only when its directory is. A file system that cannot sync one keeps it by itself. */
static void sync_directory(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		fsync(fd);
}

static void *put_in_place(void *ctx)
{
	struct new_file *f = ctx;
	int err = fsync(f->fd) < 0 || rename(f->beside, f->path) < 0 ? -errno : 0;

	if (err < 0)
		unlink(f->beside);
	f->status = err;
	if (err == 0)
		sync_directory(f->directory);
	unref(f);
	return NULL;
}

int new_file_finish(struct new_file *f)
{
	f->finished = true;
	f->status = WAITS;
	atomic_fetch_add(&f->refs, 1);
	/* Without a thread it takes as long as it takes. */
	if (thread_start(put_in_place, f, STACK_SIZE) < 0)
		put_in_place(f);
	return f->status < 0 ? f->status : 0;
}

int new_file_poll(const struct new_file *f)
{
	return f->status;
}

bool new_file_is_finished(const struct new_file *f)
{
	return f->finished;
}

int new_file_take(struct new_file *f, uint64_t *size)
{
	int fd = f->fd;

	f->fd = -1;
	*size = f->size;
	return fd;
}

void new_file_free(struct new_file *f)
{
	if (!f)
		return;
	if (!f->finished)
		unlink(f->beside);
	unref(f);
}
