// SPDX-License-Identifier: MIT
/*
 * An errno is what a process was told, not what is so: a quota, a seccomp profile, a security module or a library put in
 * between (LD_PRELOAD) can say that a disk is full or a port is taken. Where somebody looked at the node right after
 * the call and found it otherwise, the text says what was returned and who may have made that answer.
 */
#include <errno.h>
#include <string.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

#define LITTLE (16ULL << 20) /* what root may still have, or what was freed since */

bool has_room(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	const struct filesystem_facts *fs = facts ? &facts->filesystem : NULL;

	if (!fs || !fs->room_known || (fs->total_inodes && !fs->free_inodes))
		return false;
	return fs->free_bytes >= LITTLE && fs->free_bytes >= fs->total_bytes / 50;
}

static bool is_writable(const struct context *q, const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return facts && facts->known && *facts->filesystem.type && !facts->filesystem.read_only &&
	       !mount_of(q, f)->read_only;
}

bool node_denies(const struct context *q, const struct failure *f)
{
	switch (f->error) {
	case ENOSPC:
		return has_room(f);
	case EROFS:
		return is_writable(q, f);
	case EADDRINUSE:
		return f->event && f->event->holder_none && f->event->port;
	case EACCES:
		return mode_allows(f) && way_is_known(f);
	case ENOENT:
		return f->event && event_found_after(f->event);
	default:
		return false;
	}
}

static const char *found(const struct failure *f)
{
	switch (f->error) {
	case ENOSPC:
		return "the file system has room and free inodes";
	case EROFS:
		return "the file system is mounted writable";
	case EADDRINUSE:
		return "no process listens on the port";
	default:
		return "owner and mode allow it";
	}
}

static const char *makers(const struct failure *f)
{
	switch (f->error) {
	case ENOSPC:
		return "a quota of this directory or user, one very large request, ";
	case EADDRINUSE:
		return "a connection of an earlier run that is still closing (TIME_WAIT), ";
	case EACCES:
		return "a security module (SELinux, AppArmor), ";
	default:
		return "";
	}
}

void report_doubt(struct report *r, const struct failure *f)
{
	bool filter = f->event && f->event->process.known && f->event->process.seccomp == 2;

	if (f->error == ENOENT) {
		report_sentence(r,
			"The call returned \"%s\" (ENOENT), but when ktrace looked right after it, "
			"%s was there: it came only then, or the program changed the path while "
			"the kernel read it.",
			errno_text(ENOENT), f->path);
		return;
	}
	report_sentence(r,
		"The call returned \"%s\" (%s), but when ktrace looked right after it, %s: the "
		"answer may be that of "
		"%s%sa library put in between (LD_PRELOAD).",
		errno_text(f->error), errno_name(f->error), found(f), makers(f),
		filter || f->error == EROFS ? "the container's seccomp profile, or " : "or ");
}

bool is_hearsay(const struct context *q, const struct failure *f)
{
	static const int watched[] = { ENOSPC, EDQUOT, EROFS, EADDRINUSE, EMFILE };

	for (size_t i = 0; !f->event && !q->missed && i < ARRAY_SIZE(watched); i++)
		if (f->error == watched[i])
			return true;
	return false;
}

void report_hearsay(struct report *r, const struct failure *f)
{
	report_sentence(r,
		"The kernel refused no call of the container with %s: who answered so may be a "
		"library put in between "
		"(LD_PRELOAD), or the message is about another machine.",
		errno_name(f->error));
}
