// SPDX-License-Identifier: MIT
/*
 * A container sees the devices that it was given. A device file that is not there was not handed over; one that is
 * there and is refused with EPERM is kept back by the device cgroup, whatever its owner and mode are: a file made
 * with mknod, a hostPath volume, or a device that the cgroup lost.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/devices.h"
#include "diagnose/rules.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"

static bool is_device(enum file_type type)
{
	return type == FILE_CHAR_DEVICE || type == FILE_BLOCK_DEVICE;
}

static const struct path_facts *facts_of(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;

	return facts && facts->known ? facts : NULL;
}

/* The kernel's devcgroup says EPERM; a mount with nodev says EACCES. */
static bool kept_back(const struct failure *f)
{
	const struct path_facts *facts = facts_of(f);
	bool seen = facts && facts->file.type != FILE_MISSING && facts->file.type != FILE_UNKNOWN;
	bool device = seen ? is_device(facts->file.type) : place_of(f->path) == PLACE_DEVICE;

	if (!device || !(call_opens(f) || call_is(f, "mknod")))
		return false;
	return f->error == EPERM || (f->error == EACCES && facts && facts->filesystem.nodev);
}

static bool not_given(const struct failure *f)
{
	return f->error == ENOENT && device_of(f->path) &&
	       !(f->event && strstr(f->event->flags, "O_CREAT"));
}

static bool denied(const struct context *q, const struct failure *f)
{
	const struct device *d = device_of(f->path);

	(void)q;
	/* Making a device file is a matter of the capability. */
	if ((d && d->gpu) || (call_is(f, "mknod") && f->error == EPERM))
		return false;
	return kept_back(f) || not_given(f);
}

static bool match(const struct context *q, struct verdict *v)
{
	if (!rule_failure(q, v, denied))
		return false;
	const struct path_facts *facts = facts_of(v->failure);
	if (facts && is_device(facts->file.type))
		clues_add(&v->clues, CLUE_device_is_there);
	return true;
}

static enum device_right right_to(const struct context *q, const struct file_facts *file)
{
	return device_right_of(
		q->container, file->type == FILE_BLOCK_DEVICE, file->major, file->minor);
}

/* EPERM: the device cgroup. What it was told at the start is in the configuration. */
static void say_kept_back(const struct context *q, const struct failure *f, struct report *r)
{
	const struct path_facts *facts = facts_of(f);
	const struct file_facts *file = facts && is_device(facts->file.type) ? &facts->file : NULL;
	const char *from_node =
		mount_of(q, f)->kind == MOUNT_HOSTPATH ? " (mounted from the node)" : "";
	enum device_right right = file ? right_to(q, file) : DEVICE_UNKNOWN;
	char number[32] = "";

	if (file)
		snprintf(number, sizeof(number), " (%c %u:%u)",
			file->type == FILE_BLOCK_DEVICE ? 'b' : 'c', file->major, file->minor);
	if (right == DEVICE_ALLOWED)
		report_sentence(r,
			"%s could not open %s: the file is there%s, and the container was given "
			"the device%s at its start, but its device cgroup refuses it now, as "
			"after a reload of systemd on the node.",
			phrase_who(f).text, f->path, from_node, number);
	else
		report_sentence(r,
			"%s could not open %s: the file is there%s, but the device%s is not among "
			"those that the container may use (its device cgroup), and owner and mode "
			"do not count for that.",
			phrase_who(f).text, f->path, from_node, number);
}

static bool was_lost(const struct context *q, const struct failure *f)
{
	const struct path_facts *facts = facts_of(f);

	return f->error == EPERM && facts && is_device(facts->file.type) &&
	       right_to(q, &facts->file) == DEVICE_ALLOWED;
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct device *d = device_of(f->path);
	const struct path_facts *facts = facts_of(f);
	bool nodev = facts && facts->filesystem.nodev && f->error == EACCES;

	if (f->error == ENOENT)
		report_title(r, "%s: the container was not given this device", f->path);
	else
		report_title(r, "%s: the container may not use this device", f->path);
	if (f->error == ENOENT)
		report_sentence(r,
			"%s asked for %s%s%s, which is not there: a container sees only the "
			"devices that it was given.",
			phrase_who(f).text, f->path, d ? ", the device for " : "",
			d ? d->what : "");
	else if (nodev)
		report_sentence(r,
			"%s could not open %s: it lies on a mount with the option nodev, where no "
			"device file works.",
			phrase_who(f).text, f->path);
	else
		say_kept_back(q, f, r);
	report_consequence(r, f);
	report_failure(r, f);
	if (nodev)
		report_recommend(r, "Mount the volume that holds %s without nodev.", f->path);
	if (was_lost(q, f))
		report_recommend(r, "Delete the pod: a new one is given the device anew.");
	advise_device(r, f);
}

const struct rule rule_device_denied = {
	.match = match,
	.explain = explain,
};
