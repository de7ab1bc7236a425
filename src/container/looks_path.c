// SPDX-License-Identifier: MIT
/* A look at a path: what lookup_path() reads of the container goes to the worker, and what it found comes back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "container/helper.h"
#include "container/looks_parts.h"
#include "container/lookup_known.h"
#include "util/clock.h"

#define GROUPS_MAX 4096
#define MOUNTS_MAX 4096
#define KEPT_NS 100000000u /* as long as a list of mounts is (remote.c) */

/* What lookup_path() reads of a container. */
static void pack_container(struct pack *p, const struct container *c)
{
	pack_string(p, c->runtime);
	pack_string(p, c->rootfs);
	pack_number(p, c->root.read_only);
	pack_number(p, c->n_groups);
	for (size_t i = 0; i < c->n_groups; i++)
		pack_number(p, c->groups[i]);
	pack_number(p, c->n_mounts);
	for (size_t i = 0; i < c->n_mounts; i++) {
		pack_string(p, c->mounts[i].destination);
		pack_string(p, c->mounts[i].source);
		pack_number(p, c->mounts[i].read_only);
		pack_number(p, c->mounts[i].noexec);
	}
}

/* The strings point into what is read; groups and mounts are the caller's to free. 0 or a negative errno. */
static int unpack_container(struct unpack *u, struct container *c)
{
	c->runtime = (char *)unpack_string(u);
	c->rootfs = (char *)unpack_string(u);
	c->root = (struct mount){ .destination = (char *)"/", .read_only = unpack_number(u) };
	c->n_groups = unpack_number(u);
	if (u->bad || c->n_groups > GROUPS_MAX)
		return -EBADMSG;
	c->groups = calloc(c->n_groups + 1, sizeof(*c->groups));
	for (size_t i = 0; c->groups && i < c->n_groups; i++)
		c->groups[i] = (uint32_t)unpack_number(u);
	c->n_mounts = unpack_number(u);
	if (u->bad || c->n_mounts > MOUNTS_MAX)
		return -EBADMSG;
	c->mounts = calloc(c->n_mounts + 1, sizeof(*c->mounts));
	for (size_t i = 0; c->mounts && i < c->n_mounts; i++) {
		c->mounts[i].destination = (char *)unpack_string(u);
		c->mounts[i].source = (char *)unpack_string(u);
		c->mounts[i].read_only = unpack_number(u);
		c->mounts[i].noexec = unpack_number(u);
	}
	if (!c->groups || !c->mounts)
		return -ENOMEM;
	return u->bad ? -EBADMSG : 0;
}

/*
 * What the last look went through. A program that starts fails to find thirty files within a moment, and where its container's
 * files lie is most of what such a look costs.
 */
static struct {
	char *question; /* its part that says whose files: process, node's root, container; NULL: nothing is kept */
	size_t len;
	struct container c; /* strings in `question` */
	struct view view;
	uint64_t since_ns;
	bool started;
} kept;

void look_rest(void)
{
	if (!kept.question)
		return;
	view_end(&kept.view);
	free(kept.view.known);
	free(kept.c.groups);
	free(kept.c.mounts);
	free(kept.question);
	memset(&kept, 0, sizeof(kept));
}

/* Sets kept by the bytes of a question that are left. 0 or a negative errno. */
static int keep(const struct unpack *question)
{
	char *copy = malloc(question->left + 1);
	struct unpack u = { copy, question->left, false };

	if (!copy)
		return -ENOMEM;
	memcpy(copy, question->at, question->left);
	uint32_t pid = (uint32_t)unpack_number(&u);
	bool started = unpack_number(&u);
	const char *host_root = unpack_string(&u);
	int rc = unpack_container(&u, &kept.c);
	if (rc) {
		free(kept.c.groups);
		free(kept.c.mounts);
		free(copy);
		memset(&kept, 0, sizeof(kept));
		return rc;
	}
	kept.question = copy;
	kept.len = question->left;
	kept.view = (struct view){ .c = &kept.c, .host_root = host_root, .known = known_new() };
	kept.since_ns = clock_ns(CLOCK_MONOTONIC);
	kept.started = started;
	view_start(&kept.view, pid);
	return 0;
}

static bool is_kept(const struct unpack *question)
{
	return kept.question && kept.len == question->left &&
	       !memcmp(kept.question, question->at, kept.len) &&
	       clock_ns(CLOCK_MONOTONIC) - kept.since_ns < KEPT_NS &&
	       (kept.started || view_is_current(&kept.view));
}

int look_serve_path(struct unpack *u, void *reply, size_t size)
{
	struct identity who = { .uid = (uint32_t)unpack_number(u) };
	struct path_facts facts;
	int rc = 0;

	who.gid = (uint32_t)unpack_number(u);
	who.enters_all = unpack_number(u);
	const char *path = unpack_string(u);
	if (size < sizeof(facts))
		return -EMSGSIZE;
	if (!is_kept(u)) {
		look_rest();
		rc = keep(u);
	}
	rc = rc ?: lookup_in_view(&kept.view, &who, path, &facts);
	if (!rc)
		memcpy(reply, &facts, sizeof(facts));
	return rc ?: (int)sizeof(facts);
}

static void check_file(struct file_facts *f)
{
	if (f->type >= FILE_TYPES)
		f->type = FILE_UNKNOWN;
	check_bool(&f->script);
	check_bool(&f->elf);
	check_bool(&f->interpreter_exists);
	check_bool(&f->empty);
	check_bool(&f->bom);
	check_bool(&f->text);
	END(f->interpreter);
	END(f->format);
	END(f->acl);
	END(f->acl_effective);
}

static void check_facts(struct path_facts *f)
{
	check_file(&f->file);
	check_file(&f->directory);
	check_file(&f->closed);
	if (f->hidden >= FILE_TYPES)
		f->hidden = FILE_UNKNOWN;
	check_bool(&f->known);
	check_bool(&f->noexec);
	check_bool(&f->filesystem.read_only);
	check_bool(&f->filesystem.nosuid);
	check_bool(&f->filesystem.nodev);
	check_bool(&f->filesystem.room_known);
	END(f->directory_path);
	END(f->link);
	END(f->target);
	END(f->real_path);
	END(f->closed_path);
	END(f->nearby);
	END(f->filesystem.type);
}

int look_at_path(const struct container *c, const char *host_root, const struct identity *who,
	const char *path, struct path_facts *out)
{
	static char question[HELPER_MESSAGE_MAX];
	struct pack p = { .data = question, .size = sizeof(question) };
	struct path_facts facts;

	pack_number(&p, who->uid);
	pack_number(&p, who->gid);
	pack_number(&p, who->enters_all);
	pack_string(&p, path);
	/* From here on the same for each look of a run. */
	pack_number(&p, who->pid);
	pack_number(&p, who->started);
	pack_string(&p, host_root);
	pack_container(&p, c);
	if (p.full)
		return -E2BIG;
	int len = helper_ask(LOOK_PATH, question, p.len, &facts, sizeof(facts));
	if (len == -ENOTCONN)
		return lookup_path(c, host_root, who, path, out);
	int rc = checked(len, sizeof(facts));
	if (!rc) {
		check_facts(&facts);
		*out = facts;
	}
	return rc;
}
