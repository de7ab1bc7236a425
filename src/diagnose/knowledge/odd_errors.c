// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/odd_errors.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"

/* Nobody outside of the container can hold a lock there: no other one has this file system. */
static bool is_its_own(const struct failure *f)
{
	return f->event->mount && f->event->mount->kind == MOUNT_ROOTFS;
}

/* The first row that fits counts. */
static const struct odd_error errors[] = {
	{ E2BIG, "exec", FILE_UNKNOWN, NULL, "Arguments and environment too large",
		"its arguments and environment together are larger than the kernel takes (2 MiB, "
		"and 128 KiB for a single one)",
		"Make the environment smaller: leave out the variables that Kubernetes makes of "
		"Services (enableServiceLinks: false), and mount large values as files.",
		"enableServiceLinks: false\n" },
	/* flock(2): a child has its parent's open file, and with it the lock */
	{ EAGAIN, NULL, FILE_UNKNOWN, is_its_own, "Locked by another process of the container",
		"another process of this container holds the lock, as no other container sees this "
		"file",
		"Release the lock before it is asked for again: a program that was started in the "
		"background while the lock was held has it too, unless its descriptor is closed "
		"for it (`program 9>&- &` after `exec 9>lockfile`).",
		NULL },
	{ EAGAIN, NULL, FILE_UNKNOWN, NULL, "Locked by somebody else",
		"another process holds the lock, of this pod or of another one on the same volume",
		"Let only one pod use the volume at a time: strategy Recreate, one replica, a "
		"claim of its own for each.",
		NULL },
	/* open(2): ENXIO */
	{ ENXIO, "open", FILE_SOCKET, NULL, "A socket is no file that can be opened",
		"it is a socket, and a socket can be connected to, but not opened as a file",
		"Connect to the socket instead of opening it: `socat - UNIX-CONNECT:PATH`, `nc -U "
		"PATH` or `curl --unix-socket PATH`; or name the file that was meant.",
		NULL },
	{ ENXIO, "open", FILE_CHAR_DEVICE, NULL, "No device behind the device file",
		"the node's kernel has no device behind this file",
		"Let the pod run on a node that has the device, with its driver loaded, or correct "
		"the path.",
		NULL },
	{ ENXIO, "open", FILE_BLOCK_DEVICE, NULL, "No device behind the device file",
		"the node's kernel has no device behind this file",
		"Let the pod run on a node that has the device, with its driver loaded, or correct "
		"the path.",
		NULL },
	{ ENXIO, "open", FILE_UNKNOWN, NULL, "Nobody at the other end of a FIFO",
		"it is a FIFO, and no process has opened its other end",
		"Start the program that reads from it, or writes to it (in this pod on the same "
		"volume), or correct the path.",
		NULL },
	{ ENOMEM, "mmap", FILE_UNKNOWN, NULL, "No memory was given",
		"the address space that it may have is used up (ulimit -v, RLIMIT_AS)",
		"Take the limit of address space away where it is set (`ulimit -v` in the start "
		"script, LimitAS of the runtime's unit): what a container may use is bounded by "
		"resources.limits.memory.",
		NULL },
	{ ENOLCK, NULL, FILE_UNKNOWN, NULL, "No file locks", "the file system offers no locks",
		"Use a volume that can lock files (NFS needs lockd).", NULL },
	{ ENAMETOOLONG, NULL, FILE_UNKNOWN, NULL, "The name of a file is too long",
		"file systems take 255 bytes for one name, and 4096 for a whole path",
		"Shorten the value that the name is made of, or let the program keep a hash of it "
		"as the name: no setting of the pod allows longer names.",
		NULL },
	{ ESTALE, NULL, FILE_UNKNOWN, NULL, "Stale file handle",
		"the file server has forgotten this file",
		"Delete the pod, so that the volume is mounted anew; look at the NFS server.",
		NULL },
	{ EIO, NULL, FILE_UNKNOWN, NULL, "Input/output error",
		"the disk or file server below failed",
		"Look at the node's kernel log (dmesg) and at the storage behind the volume.",
		NULL },
	{ EXDEV, "rename", FILE_UNKNOWN, NULL, "A file cannot be moved from one volume to another",
		"a file cannot be renamed from one mount to another, only copied (a directory of "
		"the image counts as another one until it was changed)",
		"Let the program keep its temporary files on the volume that they are moved to "
		"(TMPDIR tells most programs where), or mount one volume that holds both places.",
		NULL },
	{ EBUSY, NULL, FILE_UNKNOWN, NULL, "In use",
		"it is in use, by another process or as a mount",
		"Change what lies in it instead: what is mounted by itself cannot be removed or "
		"replaced.",
		NULL },
	{ EFBIG, NULL, FILE_UNKNOWN, NULL, "File too large",
		"the file would be larger than allowed",
		"Take the limit of file sizes away where it is set (`ulimit -f` in the start "
		"script, LimitFSIZE of the runtime's unit), or write less.",
		NULL },
};

static enum file_type type_of(const struct failure *f)
{
	const struct path_facts *facts = f->event->facts;

	return facts && facts->known ? facts->file.type : FILE_UNKNOWN;
}

static bool fits(const struct odd_error *odd, const struct failure *f)
{
	bool of_a_file = f->event->kind == EVENT_FILE_ERROR || f->event->kind == EVENT_BLOCKED;

	return f->error == odd->error && (odd->call ? call_is(f, odd->call) : of_a_file) &&
	       (odd->type == FILE_UNKNOWN || odd->type == type_of(f)) &&
	       (!odd->holds || odd->holds(f));
}

const struct odd_error *odd_error_of(const struct failure *f)
{
	for (size_t i = 0; f->event && i < ARRAY_SIZE(errors); i++)
		if (fits(&errors[i], f))
			return &errors[i];
	return NULL;
}
