/* SPDX-License-Identifier: MIT */
/* Who is at the other end of a Unix socket. */
#ifndef KTRACE_SERVE_PEER_H
#define KTRACE_SERVE_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#define NO_USER ((uid_t)-1)

/*
 * Whether the peer of a connected socket may ask an agent: root, the agent's own user, and members of *group
 * (NULL: of none). The file's mode alone would also let in whatever container that has the socket's directory
 * mounted and runs in root's group, as many do. *user is the peer's, NO_USER where the kernel does not say.
 */
bool peer_may_ask(int fd, const gid_t *group, uid_t *user);

#endif
