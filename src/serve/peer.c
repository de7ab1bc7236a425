// SPDX-License-Identifier: MIT
#include "serve/peer.h"

#include <sys/socket.h>
#include <unistd.h>

#include "util/cleanup.h"

#define MAX_GROUPS 65536 /* NGROUPS_MAX of Linux */

static bool is_among(const gid_t *groups, size_t n, gid_t group)
{
	for (size_t i = 0; i < n; i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool has_group(int fd, gid_t group)
{
	socklen_t size = MAX_GROUPS * sizeof(gid_t);
	_cleanup_free_ gid_t *groups = malloc(size);

	return groups && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0 &&
	       is_among(groups, size / sizeof(gid_t), group);
}

bool peer_may_ask(int fd, const gid_t *group, uid_t *user)
{
	struct ucred peer = { .uid = NO_USER };
	socklen_t size = sizeof(peer);

	*user = NO_USER;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	*user = peer.uid;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	return group && (peer.gid == *group || has_group(fd, *group));
}
