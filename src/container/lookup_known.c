// SPDX-License-Identifier: MIT
/*
 * A directory is still what it was when its inode and its ctime are the same: its access control list cannot change without
 * the latter, but for what happens within one of the clock's ticks. The way to it is walked each time, and the name is tried.
 */
#include "container/lookup_known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KNOWN_MAX 8

struct known {
	struct stat about; /* of the directory; st_ino 0: there is none */
	uint32_t uid, gid; /* for whom was looked */
	bool enters_all;
	struct path_facts facts;
};

struct known_directories {
	size_t next;
	struct known list[KNOWN_MAX];
};

/* The length of the path of its directory: 0 for "/name", where all is quick anyhow. */
static size_t directory_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

static bool is_of(const struct known *k, const char *path, size_t len, const struct identity *who)
{
	return k->about.st_ino && k->uid == who->uid && k->gid == who->gid &&
	       k->enters_all == who->enters_all && !strncmp(k->facts.directory_path, path, len) &&
	       !k->facts.directory_path[len];
}

static struct known *find(const struct view *v, const char *path)
{
	size_t len = directory_len(path);

	for (size_t i = 0; len && v->known && i < KNOWN_MAX; i++)
		if (is_of(&v->known->list[i], path, len, v->who))
			return &v->known->list[i];
	return NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_mode == b->st_mode &&
	       a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool known_missing(struct view *v, const char *path, struct path_facts *out)
{
	const struct known *k = find(v, path);
	struct stat now;

	if (!k)
		return false;
	int fd = view_open(v, k->facts.directory_path);
	if (fd < 0 || fstat(fd, &now) || !is_same(&now, &k->about) || view_open(v, path) != -ENOENT)
		return false;
	*out = k->facts;
	return true;
}

/*
 * Only where it is the name itself that is missing, without a link on the way; and not below a mount, where the image may have
 * something of that name.
 */
void known_add(struct view *v, const char *path, const struct path_facts *facts)
{
	size_t len = directory_len(path);
	struct known found = {
		.uid = v->who->uid, .gid = v->who->gid, .enters_all = v->who->enters_all
	};

	if (!v->known || facts->file.type != FILE_MISSING || *facts->link || !len ||
		strncmp(facts->directory_path, path, len) || facts->directory_path[len] ||
		(v->by_bundle && container_mount_of(v->c, path) != &v->c->root))
		return;
	int fd = view_open(v, facts->directory_path);
	if (fd < 0 || fstat(fd, &found.about))
		return;
	found.facts = *facts;
	v->known->list[v->known->next++ % KNOWN_MAX] = found;
}

struct known_directories *known_new(void)
{
	return calloc(1, sizeof(struct known_directories));
}
