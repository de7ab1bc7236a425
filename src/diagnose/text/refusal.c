// SPDX-License-Identifier: MIT
/*
 * Why a process was refused a file, as far as owner, mode and the way to it tell. What they allow and the kernel
 * refuses all the same is the work of a device cgroup or of a security module.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/report.h"
#include "diagnose/text/places.h"

static struct phrase owned(const char *path, const struct file_facts *facts)
{
	struct phrase p;

	snprintf(p.text, sizeof(p.text), "%.400s belongs to uid %u, gid %u and has mode %04o", path,
		facts->uid, facts->gid, facts->mode);
	return p;
}

/* Of a group that the container's configuration names, or that the process is in. */
static bool in_group(const struct event *e, uint32_t gid)
{
	const struct container *c = e->container;

	for (size_t i = 0; c && i < c->n_groups; i++)
		if (c->groups[i] == gid)
			return true;
	return e->gid == gid;
}

/* Whether owner and mode give the process these bits (4 read, 2 write, 1 run or enter). */
static bool bits_allow(const struct event *e, const struct file_facts *file, uint32_t bits)
{
	unsigned shift = file->uid == e->uid ? 6 : in_group(e, file->gid) ? 3 : 0;

	return (file->mode >> shift & bits) == bits;
}

bool directory_is_closed(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	if (!facts || !facts->known || !f->event->uid)
		return false;
	return *facts->closed_path || (facts->directory.type == FILE_DIRECTORY &&
					      !bits_allow(f->event, &facts->directory, 1));
}

bool way_is_known(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return facts && facts->known && *facts->filesystem.type;
}

/* Changes the directory: for root with DAC_OVERRIDE no mode forbids it. */
static bool changes_directory(const struct failure *f)
{
	return call_creates(f) || call_is(f, "unlink") || call_is(f, "rmdir");
}

bool mode_allows(const struct failure *f)
{
	const struct event *e = f->event;
	const struct path_facts *facts = e ? e->facts : NULL;
	uint32_t wanted = 4;

	if (!facts || !facts->known || f->error != EACCES || directory_is_closed(f) ||
		!(call_opens(f) || changes_directory(f)))
		return false;
	if (!e->uid)
		return e->process.known && (e->process.capabilities >> CAP_DAC_OVERRIDE & 1);
	if (!call_opens(f))
		return false;
	if (strstr(e->flags, "O_WRONLY"))
		wanted = 2;
	else if (strstr(e->flags, "O_RDWR"))
		wanted = 6;
	return facts->file.type == FILE_REGULAR && bits_allow(e, &facts->file, wanted);
}

struct phrase phrase_owner(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	if (!facts || !facts->known)
		return (struct phrase){ "" };
	bool there = facts->file.type != FILE_MISSING && facts->file.type != FILE_UNKNOWN;
	if (*facts->closed_path)
		return owned(facts->closed_path, &facts->closed);
	if (there && !directory_is_closed(f) && !call_is(f, "unlink") && !call_is(f, "rename") &&
		!call_is(f, "mkdir"))
		return owned(f->path, &facts->file);
	if (facts->directory.type == FILE_DIRECTORY && *facts->directory_path)
		return owned(facts->directory_path, &facts->directory);
	return (struct phrase){ "" };
}

static bool is_device(enum file_type type)
{
	return type == FILE_CHAR_DEVICE || type == FILE_BLOCK_DEVICE;
}

/* A place or a kind of file whose refusal has a name of its own; NULL for any other. */
static const char *special_refusal(const struct failure *f)
{
	const struct event *e = f->event;
	const struct path_facts *facts = e->facts && e->facts->known ? e->facts : NULL;
	bool device = facts && is_device(facts->file.type) && bits_allow(e, &facts->file, 6);

	if (place_of(f->path) == PLACE_STREAM)
		return "the pipe to the container's log belongs to another user";
	if (device || (place_of(f->path) == PLACE_DEVICE && f->error == EPERM))
		return "the container may not use this device";
	if (mode_allows(f) && way_is_known(f))
		return "owner and mode allow it, and a security module or filter refuses it";
	return NULL;
}

struct phrase phrase_refusal(const struct failure *f)
{
	struct phrase p = phrase_owner(f);
	const char *special = f->event ? special_refusal(f) : NULL;

	if (special)
		snprintf(p.text, sizeof(p.text), "%s", special);
	else if (!*p.text || !f->event->uid || mode_allows(f))
		snprintf(p.text, sizeof(p.text), "%s",
			f->error == EPERM ? "operation not permitted" : "permission denied");
	return p;
}
