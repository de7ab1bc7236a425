// SPDX-License-Identifier: MIT
#include "forward/resolve.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>

#include "util/cleanup.h"
#include "util/thread.h"

#define STACK_SIZE (256 * 1024) /* glibc's resolver keeps answers of 64 KiB on the stack */

#define LOOK_UPS_MAX 4 /* a name service that is dead holds the thread of each for minutes */

static atomic_int look_ups; /* that have not come back */

struct resolve {
	atomic_int refs; /* ours, and the thread's while it runs */
	char *host, *port;
	int fd; /* eventfd */
	struct addrinfo *addresses;
	atomic_int
		status; /* the thread sets it last, so that whoever reads it may read addresses */
};

static void unref(struct resolve *r)
{
	if (atomic_fetch_sub(&r->refs, 1) > 1)
		return;
	if (r->addresses)
		freeaddrinfo(r->addresses);
	if (r->fd >= 0)
		close(r->fd);
	free(r->host);
	free(r->port);
	free(r);
}

static int look_up(struct resolve *r, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };

	return getaddrinfo(r->host, r->port, &hints, &r->addresses);
}

static void *run(void *ctx)
{
	struct resolve *r = ctx;

	r->status = look_up(r, AI_ADDRCONFIG);
	atomic_fetch_sub(&look_ups, 1);
	eventfd_write(r->fd, 1);
	unref(r);
	return NULL;
}

static int create_thread(struct resolve *r)
{
	atomic_fetch_add(&r->refs, 1);
	int err = thread_start(run, r, STACK_SIZE);

	if (err < 0)
		atomic_fetch_sub(&r->refs, 1);
	return err;
}

static int start_thread(struct resolve *r)
{
	int err = atomic_fetch_add(&look_ups, 1) < LOOK_UPS_MAX ? create_thread(r) : -EBUSY;

	if (err < 0)
		atomic_fetch_sub(&look_ups, 1);
	return err;
}

int resolve_start(const char *host, const char *port, struct resolve **out)
{
	struct resolve *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->refs = 1;
	r->host = strdup(host);
	r->port = strdup(port);
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int err = r->fd < 0 ? -errno : r->host && r->port ? 0 : -ENOMEM;
	if (err == 0) {
		/* A number is its own answer. */
		r->status = look_up(r, AI_NUMERICHOST);
		err = r->status ? start_thread(r) : -eventfd_write(r->fd, 1);
	}
	if (err < 0) {
		unref(r);
		return err;
	}
	*out = r;
	return 0;
}

void resolve_free(struct resolve *r)
{
	if (r)
		unref(r);
}

int resolve_fd(const struct resolve *r)
{
	return r->fd;
}

int resolve_answer(struct resolve *r, struct addrinfo **out)
{
	if (r->status == 0)
		*out = take(r->addresses);
	return r->status;
}
