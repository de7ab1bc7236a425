// SPDX-License-Identifier: MIT
/*
 * The kernel walked the container's mounts; we walk the bundle's list of them. Each component is
 * opened without following links, below a base that only the runtime can change (the root file system
 * or a mount's source); links are read and walked by us, so that an absolute one starts at the
 * container's root and not at the host's. A container that swaps a directory for a link meanwhile gets
 * an error, never a file of the host's.
 */
#include "container/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "container/access.h"
#include "container/file_facts.h"
#include "container/hostfile.h"
#include "container/lookup_known.h"
#include "container/lookup_view.h"
#include "util/cleanup.h"
#include "util/read_link.h"

#define LINKS_MAX 40 /* as the kernel has it (include/linux/namei.h) */

/* A walk's state: what is resolved holds no links, what is left may. */
struct walk {
	char done[PATH_MAX];     /* "" is the root */
	char left[2 * PATH_MAX]; /* "" or "/..." between two components */
	char name[NAME_MAX + 1]; /* the component that was tried last */
	int links;
	/* the outermost link whose target is still being walked, and what was left behind it */
	char link[PATH_MAX];
	size_t behind;
};

static bool within_target(const struct walk *w)
{
	return *w->link && strlen(w->left) >= w->behind;
}

/* Puts the target of a link, w->name in w->done, in front of what is left to walk. */
static int follow(struct walk *w, int fd)
{
	char target[PATH_MAX], left[sizeof(w->left)];
	ssize_t n = read_link(fd, "", target, sizeof(target));

	if (n < 0)
		return n;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (!within_target(w)) {
		w->behind = strlen(w->left);
		if ((size_t)snprintf(w->link, sizeof(w->link), "%s/%s", w->done, w->name) >=
			sizeof(w->link))
			return -ENAMETOOLONG;
	}
	if (*target == '/')
		*w->done = '\0';
	if ((size_t)snprintf(left, sizeof(left), "%s%s", target, w->left) >= sizeof(left))
		return -ENAMETOOLONG;
	memcpy(w->left, left, sizeof(left));
	return 0;
}

/* Takes the next component off what is left; false at the end. */
static bool next_component(struct walk *w, int *error)
{
	char *start = w->left + strspn(w->left, "/");
	size_t len = strcspn(start, "/");

	*error = len > NAME_MAX ? -ENAMETOOLONG : 0;
	if (!len || *error)
		return false;
	memcpy(w->name, start, len);
	w->name[len] = '\0';
	memmove(w->left, start + len, strlen(start + len) + 1);
	return true;
}

static int facts_at(struct view *v, const char *path, struct file_facts *facts)
{
	int fd = view_open(v, path);

	return fd < 0 ? fd : view_facts(v, facts);
}

/* The access control list of a place that was opened before; behind a link that was followed it is not the last one any more. */
static void add_access(struct view *v, const char *path, struct file_facts *facts)
{
	if (view_open(v, path) >= 0)
		view_access(v, facts);
	v->steps--;
}

/* Without links on the way any place of the process' root mount will do to ask about its file system. */
static bool is_on_root_mount(const struct view *v, const struct mount *m, const char *path)
{
	const char *type, *place = v->remote.inside && (!m || m == &v->c->root)
					   ? mount_place(v->remote.mounts, path, &type)
					   : NULL;

	return place && !strcmp(place, "/");
}

/*
 * The file system at a place. The options of the container's own mount are seen through its process only: the
 * source of a bind mount has those of the host.
 */
static void look_at_filesystem(struct view *v, const char *path)
{
	const char *below = path + strspn(path, "/");
	const struct mount *m = v->by_bundle ? container_mount_of(v->c, *path ? path : "/") : NULL;
	bool at_root = v->root >= 0 && (!*below || is_on_root_mount(v, m, path));
	_cleanup_fd_ int inside = v->root < 0 || at_root
					  ? -1
					  : open_below(v->root, below, O_PATH,
						    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	int fd = at_root ? v->root : inside >= 0 ? inside : view_open(v, path);

	if (fd >= 0)
		filesystem_facts_of(fd, &v->out->filesystem, &v->out->noexec);
	v->out->noexec |= m && m->noexec;
	v->out->filesystem.read_only |= m && m->read_only;
}

static void note_closed(struct view *v, const char *path, const struct file_facts *directory)
{
	struct path_facts *out = v->out;

	if (*out->closed_path || v->who->enters_all || strlen(path) >= sizeof(out->closed_path))
		return;
	struct file_facts facts = *directory;
	add_access(v, path, &facts);
	if (access_allows(&facts, v->c, v->who, 1))
		return;
	strcpy(out->closed_path, *path ? path : "/");
	out->closed = facts;
}

/*
 * Runtimes follow links when they mount: /var/run/secrets/... lies on /run where /var/run leads there.
 * Paths that spell it as the bundle does go on inside of the mount.
 */
static bool enter_mount(struct view *v, struct walk *w)
{
	char full[PATH_MAX];

	if (!v->by_bundle ||
		(size_t)snprintf(full, sizeof(full), "%s%s", w->done, w->left) >= sizeof(full))
		return false;
	const struct mount *m = container_mount_of(v->c, full);
	size_t len = strlen(m->destination);
	if (m == &v->c->root || len <= strlen(w->done))
		return false;
	memcpy(w->done, full, len);
	w->done[len] = '\0';
	memcpy(w->left, full + len, strlen(full + len) + 1);
	return true;
}

/* One component further. 0, or why the walk ends there; w->done is then the last place that exists. */
static int step(struct view *v, struct walk *w, struct file_facts *facts)
{
	const char *name = w->name;
	size_t len = strlen(w->done);

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		char *slash = strrchr(w->done, '/');
		if (slash)
			*slash = '\0';
		return 0;
	}
	if (facts->type != FILE_DIRECTORY)
		return -ENOTDIR;
	note_closed(v, w->done, facts);
	if ((size_t)snprintf(w->done + len, sizeof(w->done) - len, "/%s", name) >=
		sizeof(w->done) - len) {
		w->done[len] = '\0';
		return -ENAMETOOLONG;
	}
	int fd = view_open(v, w->done);
	struct file_facts here = { 0 };
	int rc = fd < 0 ? fd : view_facts(v, &here);
	if ((rc || here.type == FILE_SYMLINK) && enter_mount(v, w))
		return facts_at(v, w->done, facts);
	if (rc || here.type == FILE_SYMLINK) {
		w->done[len] = '\0';
		return rc ?: follow(w, fd);
	}
	*facts = here;
	return 0;
}

/*
 * Walks to the end. Sets w->done to the file, or to the nearest directory that exists when it returns
 * -ENOENT, -ENOTDIR or -ELOOP, and the facts of that place.
 */
static int resolve(struct view *v, const char *path, struct walk *w, struct file_facts *facts)
{
	/* Most of its 20 KiB are never read. */
	*w->done = *w->name = *w->link = '\0';
	w->links = 0;
	w->behind = 0;
	if ((size_t)snprintf(w->left, sizeof(w->left), "%s", path) >= sizeof(w->left))
		return -ENAMETOOLONG;
	int rc = facts_at(v, "", facts);
	if (rc && enter_mount(v, w))
		rc = facts_at(v, w->done, facts);
	while (!rc && next_component(w, &rc)) {
		bool up = !strcmp(w->name, "..");
		rc = rc ?: step(v, w, facts);
		/* Only a step down showed what is there: ".." and a link to the root did not. */
		if (!rc && (up || !*w->done))
			rc = facts_at(v, w->done, facts);
	}
	return rc;
}

/* The target ends where the path goes on behind the link. */
static void set_link(const struct walk *w, struct path_facts *out)
{
	char target[PATH_MAX];
	size_t rest = strlen(w->left) - w->behind;

	if ((size_t)snprintf(target, sizeof(target), "%s/%s%.*s", w->done, w->name, (int)rest,
		    w->left) >= sizeof(out->target) ||
		strlen(w->link) >= sizeof(out->link))
		return;
	strcpy(out->target, target);
	strcpy(out->link, w->link);
}

/* As execve(2) reads it: the path ends at the first blank, and a CR belongs to it. */
static void find_interpreter(struct view *v, struct path_facts *out)
{
	struct file_facts *file = &out->file;
	char path[sizeof(file->interpreter)];
	struct file_facts facts;
	struct walk w;

	if (!*file->interpreter)
		return;
	snprintf(path, sizeof(path), "%s", file->interpreter);
	if (file->script)
		path[strcspn(path, " \t")] = '\0';
	v->steps = 0;
	int rc = resolve(v, path, &w, &facts);
	if (rc == -ENOENT && within_target(&w))
		set_link(&w, out);
	/* Where nobody can look any more it is not called missing. */
	file->interpreter_exists = rc != -ENOENT && rc != -ENOTDIR && rc != -ELOOP;
}

/* What the image has where a volume now hides it. */
static void note_hidden(struct view *v, const char *path)
{
	const char *below = path + strspn(path, "/");
	struct file_facts facts;

	if (!v->by_bundle || v->unmounted || container_mount_of(v->c, path) == &v->c->root)
		return;
	int rootfs = view_base(v, &v->c->root);
	_cleanup_fd_ int fd = rootfs < 0 ? rootfs
					 : open_below(rootfs, *below ? below : ".", O_PATH,
						   RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	if (fd >= 0 && !file_facts_of(fd, &facts))
		v->out->hidden = facts.type;
}

/* Goes up from `path` to the first directory there is. */
static void set_directory(struct view *v, char *path, struct path_facts *out)
{
	struct file_facts facts;
	size_t len = sizeof(out->directory_path);

	while (facts_at(v, path, &facts) || facts.type != FILE_DIRECTORY) {
		char *slash = strrchr(path, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
	view_access(v, &facts);
	out->directory = facts;
	if (strlen(path) < len)
		strcpy(out->directory_path, *path ? path : "/");
}

static int look(struct view *v, const char *path, struct path_facts *out)
{
	struct file_facts file;
	struct walk w;

	int rc = resolve(v, path, &w, &file);
	if (!rc)
		add_access(v, w.done, &file);
	if (rc == -ENOENT && within_target(&w))
		set_link(&w, out);
	if (rc == -ENOENT || rc == -ENOTDIR)
		file = (struct file_facts){ .type = FILE_MISSING };
	else if (rc == -ELOOP)
		file = (struct file_facts){ .type = FILE_SYMLINK };
	else if (rc)
		return rc;
	out->known = true;
	out->file = file;
	v->steps = 0;
	look_at_filesystem(v, w.done);
	if (out->file.type == FILE_MISSING)
		note_hidden(v, path);
	if (!rc) {
		if (w.links && strlen(w.done) < sizeof(out->real_path))
			strcpy(out->real_path, w.done);
		find_interpreter(v, out);
		/* The directory is the one that holds the file; that of the root is the root. */
		char *slash = strrchr(w.done, '/');
		if (slash)
			*slash = '\0';
	}
	v->steps = 0;
	set_directory(v, w.done, out);
	return 0;
}

static int look_anew(struct view *v, const char *path, struct path_facts *out)
{
	struct path_facts facts = { 0 };

	v->out = &facts;
	v->steps = 0;
	int rc = look(v, path, &facts);
	if (!rc) {
		known_add(v, path, &facts);
		*out = facts;
	}
	v->out = NULL;
	return rc;
}

int lookup_in_view(
	struct view *v, const struct identity *who, const char *path, struct path_facts *out)
{
	if (*path != '/')
		return -EINVAL;
	v->who = who;
	v->steps = 0;
	int rc = known_missing(v, path, out) ? 0 : look_anew(v, path, out);
	view_forget_place(v);
	return rc;
}

int lookup_path(const struct container *c, const char *host_root, const struct identity *who,
	const char *path, struct path_facts *out)
{
	struct view v = { .c = c, .host_root = host_root };

	view_start(&v, who->pid);
	int rc = lookup_in_view(&v, who, path, out);
	view_end(&v);
	return rc;
}
