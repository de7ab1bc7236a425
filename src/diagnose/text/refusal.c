// SPDX-License-Identifier: MIT
/*
 * Why a process was refused a file, as far as owner, mode, access control list and the way to it tell. What they allow and the kernel
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
	size_t rights = strlen(facts->acl) - strlen(facts->acl_effective);

	if (*facts->acl && strcmp(facts->acl + rights, facts->acl_effective) != 0)
		snprintf(p.text, sizeof(p.text),
			"the access control list of %.400s has `%s` for this process, and its mask "
			"leaves `%s` of it",
			path, facts->acl, facts->acl_effective);
	else if (*facts->acl)
		snprintf(p.text, sizeof(p.text),
			"the access control list of %.400s has `%s` for this process", path,
			facts->acl);
	else
		snprintf(p.text, sizeof(p.text),
			"%.400s belongs to uid %u, gid %u and has mode %04o", path, facts->uid,
			facts->gid, facts->mode);
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

/* Whether owner and mode, or the list, give the process these bits (4 read, 2 write, 1 run or enter). */
static bool bits_allow(const struct event *e, const struct file_facts *file, uint32_t bits)
{
	unsigned shift = file->uid == e->uid ? 6 : in_group(e, file->gid) ? 3 : 0;

	return (file_facts_rights(file, file->mode >> shift) & bits) == bits;
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

/* What a call that opens a file asks for: 4 read, 2 write. */
static uint32_t rights_wanted(const struct event *e)
{
	return strstr(e->flags, "O_WRONLY") ? 2 : strstr(e->flags, "O_RDWR") ? 6 : 4;
}

const struct file_facts *list_that_refuses(
	const struct failure *f, const char **path, const char **rights)
{
	/* What goes with it: a directory that is entered is read too. */
	static const char *const names[8] = {
		[1] = "rx", [2] = "rw", [3] = "rwx", [4] = "r", [6] = "rw"
	};
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	const struct file_facts *file;
	uint32_t wanted;

	if (!facts || !facts->known || !(f->error == EACCES || f->error == EPERM) || call_owns(f))
		return NULL;
	if (*facts->closed_path) {
		file = &facts->closed;
		*path = facts->closed_path;
		wanted = 1;
	} else if (facts->file.type != FILE_MISSING && facts->file.type != FILE_UNKNOWN &&
		   call_opens(f)) {
		file = &facts->file;
		*path = f->path;
		wanted = rights_wanted(f->event);
	} else {
		file = &facts->directory;
		*path = facts->directory_path;
		wanted = 3;
	}
	*rights = names[wanted];
	return *file->acl && !bits_allow(f->event, file, wanted) ? file : NULL;
}

bool mode_allows(const struct failure *f)
{
	const struct event *e = f->event;
	const struct path_facts *facts = e ? e->facts : NULL;

	if (!facts || !facts->known || f->error != EACCES || directory_is_closed(f) ||
		!(call_opens(f) || changes_directory(f)))
		return false;
	if (!e->uid)
		return e->process.known && (e->process.capabilities >> CAP_DAC_OVERRIDE & 1);
	return call_opens(f) && facts->file.type == FILE_REGULAR &&
	       bits_allow(e, &facts->file, rights_wanted(e));
}

bool link_is_protected(const struct failure *f)
{
	const struct event *e = f->event;
	const struct path_facts *facts = e ? e->facts : NULL;

	return call_is(f, "link") && f->error == EPERM && e->uid && facts && facts->known &&
	       facts->file.type == FILE_REGULAR && facts->file.uid != e->uid &&
	       !bits_allow(e, &facts->file, 6);
}

const struct file_facts *file_that_refuses(const struct failure *f, const char **path)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	if (!facts || !facts->known)
		return NULL;
	bool there = facts->file.type != FILE_MISSING && facts->file.type != FILE_UNKNOWN;
	if (*facts->closed_path) {
		*path = facts->closed_path;
		return &facts->closed;
	}
	if (there && !directory_is_closed(f) && !call_is(f, "unlink") && !call_is(f, "rename") &&
		!call_is(f, "mkdir")) {
		*path = call_is(f, "link") ? f->event->path : f->path;
		return &facts->file;
	}
	*path = facts->directory_path;
	return facts->directory.type == FILE_DIRECTORY && **path ? &facts->directory : NULL;
}

bool refused_further_down(const struct failure *f, struct phrase *directory)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	const char *name = path_name(f->path);

	if ((!call_is(f, "link") && !call_is(f, "rename")) || f->error != EACCES || !facts ||
		!facts->known || f->path == f->event->path || *facts->closed_path ||
		facts->directory.type != FILE_DIRECTORY || name - f->path < 2 ||
		!bits_allow(f->event, &facts->directory, 3))
		return false;
	snprintf(directory->text, sizeof(directory->text), "%.*s", (int)(name - 1 - f->path),
		f->path);
	size_t len = strlen(facts->directory_path);
	return !strncmp(directory->text, facts->directory_path, len) && directory->text[len] == '/';
}

struct phrase phrase_owner(const struct failure *f)
{
	const char *path = NULL;
	const struct file_facts *file = file_that_refuses(f, &path);

	return file ? owned(path, file) : (struct phrase){ "" };
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

/* The path stands before it in the title: "/data/x belongs to uid 0" is "it belongs to uid 0" there. */
static void say_it(struct phrase *p, const char *path)
{
	static const char it[] = "it";
	size_t len = strlen(path);

	if (len < strlen(it) || strncmp(p->text, path, len) != 0 || p->text[len] != ' ')
		return;
	memmove(p->text + strlen(it), p->text + len, strlen(p->text + len) + 1);
	memcpy(p->text, it, strlen(it));
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
	say_it(&p, f->path);
	return p;
}
