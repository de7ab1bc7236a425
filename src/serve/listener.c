// SPDX-License-Identifier: MIT
#include "serve/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "util/cleanup.h"
#include "util/log.h"

#define BACKLOG 16

struct listener {
	struct listener_options options;
	struct sockaddr_un address;
	struct stat identity; /* of the socket file that we made */
	int fd;
	int spare; /* given up to accept, and turn away, whoever comes when no descriptor is left */
	uid_t turned_away; /* logged once, not each time that somebody tries again */
	struct loop_watch *watch;
};

/* Whoever cannot take two lines at once does not get them. */
void listener_reject(int fd, const char *why)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", why);

	send(fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void reject_user(struct listener *l, int fd, uid_t user)
{
	char why[128];

	if (user != l->turned_away)
		log_warning("rejected user %u at %s: only root and members of --socket-group are "
			    "allowed",
			(unsigned)user, l->address.sun_path);
	l->turned_away = user;
	snprintf(why, sizeof(why),
		"user %u is not allowed: only root and members of the agent's --socket-group are",
		(unsigned)user);
	listener_reject(fd, why);
}

static int accept_one(const struct listener *l)
{
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/*
 * A connection that is not accepted keeps the listener readable, and the loop would spin. With the spare
 * descriptor it can be accepted and closed. Where even that one is gone (another thread was faster) nobody is
 * listened to until listener_retry() finds one again.
 */
static void reject_without_descriptor(struct listener *l)
{
	if (l->spare >= 0)
		close(l->spare);
	int fd = accept_one(l);
	if (fd >= 0)
		listener_reject(fd, "the agent has too many files open: try again later");
	l->spare = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	if (l->spare < 0)
		loop_modify(l->watch, 0);
}

void listener_retry(struct listener *l)
{
	if (l->spare >= 0)
		return;
	l->spare = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	if (l->spare >= 0)
		loop_modify(l->watch, EPOLLIN);
}

static void on_listener(void *ctx, uint32_t events)
{
	struct listener *l = ctx;
	uid_t user;
	int fd = accept_one(l);

	(void)events;
	if (fd == -EMFILE || fd == -ENFILE)
		reject_without_descriptor(l);
	if (fd < 0)
		return;
	if (peer_may_ask(fd, l->options.group, &user))
		l->options.connected(l->options.ctx, fd);
	else
		reject_user(l, fd, user);
}

/* Makes room for bind(2): removes a socket that nobody serves, leaves all else alone. */
static int clear_path(const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		return -EADDRINUSE;
	if (errno != ECONNREFUSED)
		return -errno;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int listen_at(struct listener *l)
{
	const gid_t *group = l->options.group;
	int err = clear_path(&l->address);

	if (err < 0)
		return err;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return -errno;
	/* The mode must be right from the first moment on: no chmod(2) after the fact. */
	mode_t before = umask(0117);
	err = bind(l->fd, (struct sockaddr *)&l->address, sizeof(l->address)) < 0 ? -errno : 0;
	umask(before);
	if (err < 0)
		return err;
	if (lstat(l->address.sun_path, &l->identity) < 0)
		return -errno;
	if (group &&
		fchownat(AT_FDCWD, l->address.sun_path, (uid_t)-1, *group, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (listen(l->fd, BACKLOG) < 0)
		return -errno;
	l->spare = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	if (l->spare < 0)
		return -errno;
	return loop_add_fd(l->options.loop, l->fd, EPOLLIN, on_listener, l, &l->watch);
}

int listener_new(const struct listener_options *options, struct listener **out)
{
	struct listener *l;

	if (strlen(options->path) >= sizeof(l->address.sun_path))
		return -ENAMETOOLONG;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->options = *options;
	l->fd = l->spare = -1;
	l->turned_away = NO_USER;
	l->address.sun_family = AF_UNIX;
	strcpy(l->address.sun_path, options->path);
	int err = listen_at(l);
	if (err < 0) {
		listener_free(l);
		return err;
	}
	*out = l;
	return 0;
}

void listener_free(struct listener *l)
{
	struct stat now;

	if (!l)
		return;
	loop_remove(l->watch);
	if (l->spare >= 0)
		close(l->spare);
	if (l->fd >= 0)
		close(l->fd);
	/* Somebody may have put another socket there. */
	if (l->identity.st_ino && lstat(l->address.sun_path, &now) == 0 &&
		now.st_ino == l->identity.st_ino && now.st_dev == l->identity.st_dev)
		unlink(l->address.sun_path);
	free(l);
}
