// SPDX-License-Identifier: MIT
/*
 * The answers that only the node can give, asked once and right after the failure: which mount a path
 * lies on, what the file and its directory are, who holds a port. A container that fails all day long must
 * not make the agent look all day long, so looks are counted and the latest ones remembered.
 */
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "container/entry.h"
#include "container/looks.h"
#include "container/process.h"
#include "event/decode.h"
#include "event/packed.h"
#include "util/cleanup.h"
#include "util/clock.h"

#define MISSING_LOOKS_MAX 64 /* plain ENOENT: programs search; a container's life */
#define PORT_LOOKS_MAX 8
#define SCRIPT_ARGS_MAX 4 /* where the command names its script */
#define PATH_LOOKS_MAX 32 /* directories of PATH */
#define LOOKS_A_SECOND 200
#define PROCESS_LOOKS_A_SECOND 50
#define PROCESS_NS_A_SECOND \
	20000000ull /* 65,000 mappings take longer to count than all else together */
#define AFTER_HANGING_NS 10000000000ull /* how long no files are asked for that did not answer */
#define SECOND_NS 1000000000ull

/* Failures that the file's or directory's owner, mode or type may explain. */
static bool is_informative(int error)
{
	static const int errors[] = { EACCES, EPERM, EROFS, EISDIR, ENOTDIR, ENOEXEC, ELOOP, EBUSY,
		ENOSPC, EDQUOT, ENXIO, ENODEV, ETXTBSY, EXDEV, EADDRINUSE };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (error == errors[i])
			return true;
	return false;
}

/* Calls that make a name: what is missing then is the directory. */
static bool creates(const struct event *e)
{
	static const char *const calls[] = { "creat", "mkdir", "mkdirat", "mknod", "mknodat",
		"rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat" };

	if (e->flags && strstr(e->flags, "O_CREAT"))
		return true;
	for (size_t i = 0; e->syscall && i < ARRAY_SIZE(calls); i++)
		if (*e->syscall == *calls[i] && !strcmp(e->syscall, calls[i]))
			return true;
	return false;
}

/* Before its program runs a container's runtime makes files by their names on the host, and asks for each whether it is there. */
static bool is_of_runtime(const struct entry *e, const char *path)
{
	const char *rootfs = e->container->rootfs;
	size_t len = strlen(rootfs);

	return !e->started && len > 1 && !strncmp(path, rootfs, len) && path[len] == '/';
}

/* A page that could not be had: of /dev/shm, which is small and which nobody is told of when it is full, or of a file. */
static bool lacks_a_page(const struct event *e)
{
	return e->kind == EVENT_SIGNAL && e->signo == SIGBUS && !e->sender_pid;
}

static bool deserves_look(struct entry *entry, const struct event *e, const char *path)
{
	struct looks *l = &entry->looks;

	if (e->kind == EVENT_EXEC_FAILED || lacks_a_page(e))
		return true;
	if (e->kind != EVENT_FILE_ERROR && e->kind != EVENT_PROCESS_ERROR &&
		e->kind != EVENT_NETWORK_ERROR)
		return false;
	if (is_informative(e->error) || (e->error == ENOENT && creates(e)))
		return true;
	return e->error == ENOENT && !is_of_runtime(entry, path) &&
	       l->missing < MISSING_LOOKS_MAX && ++l->missing;
}

static bool within_rate(struct looks *l, uint64_t now)
{
	if (l->hung && now - l->hung < AFTER_HANGING_NS)
		return false;
	if (now / SECOND_NS != l->second) {
		l->second = now / SECOND_NS;
		l->in_second = 0;
	}
	return l->in_second++ < LOOKS_A_SECOND;
}

/* What the process may, where that is known; else what the container's own processes may. */
static bool enters_all(const struct container *c, const struct event *e)
{
	const uint64_t passes = 1ull << CAP_DAC_OVERRIDE | 1ull << CAP_DAC_READ_SEARCH;

	if (e->process.known)
		return e->process.capabilities & passes;
	return !e->uid && (!c->described || c->capabilities & passes);
}

/* False where nobody could look. */
static bool look_at(struct entry *e, const char *host_root, const struct event *draft,
	const char *path, struct path_facts *out)
{
	struct looks *l = &e->looks;
	const struct look *known = look_cached(l, path, draft);
	struct identity who = { draft->pid, draft->uid, draft->gid, enters_all(e->container, draft),
		e->started };

	/* What setcap gave to a program may be younger than the look that its making caused. */
	bool by_capability = draft->kind == EVENT_EXEC_FAILED && draft->error == EPERM;
	if (known && !by_capability) {
		if (!known->rc)
			facts_unpack(known->facts, out);
		return !known->rc;
	}
	if (!within_rate(l, draft->time))
		return false;
	int rc = look_at_path(e->container, host_root, &who, path, out);
	/* The process may be gone; the container's first one mostly sees the same files. */
	if (rc && rc != -ETIMEDOUT && e->init_pid && e->init_pid != draft->pid && !e->exited) {
		who.pid = e->init_pid;
		rc = look_at_path(e->container, host_root, &who, path, out);
	}
	if (rc == -ETIMEDOUT)
		l->hung = draft->time;
	look_keep(l, path, draft, rc, out);
	return !rc;
}

static bool is_there(
	struct entry *e, const char *host_root, const struct event *draft, const char *path)
{
	struct identity who = { draft->pid, draft->uid, draft->gid, enters_all(e->container, draft),
		e->started };
	struct path_facts facts;

	return within_rate(&e->looks, draft->time) &&
	       !look_at_path(e->container, host_root, &who, path, &facts) &&
	       facts.file.type != FILE_MISSING;
}

/* Many images have no python but python3. */
static void look_for_python3(
	struct entry *e, const char *host_root, struct event *draft, const char *path)
{
	size_t len = strlen(path);
	char place[sizeof(draft->facts->nearby)];

	if (len < 8 || strcmp(path + len - 7, "/python") || len + 2 > sizeof(place))
		return;
	snprintf(place, sizeof(place), "%s3", path);
	if (is_there(e, host_root, draft, place))
		strcpy(draft->facts->nearby, place);
}

/* A relative path is mostly meant from where the script lies: the working directory may be another. */
static void look_beside_script(
	struct entry *e, const char *host_root, struct event *draft, const char *path)
{
	const struct container *c = e->container;
	char place[sizeof(draft->facts->nearby)], directory[PATH_MAX];

	if (!draft->requested || !*draft->requested || *draft->requested == '/')
		return;
	for (size_t i = 0; i < c->n_args && i < SCRIPT_ARGS_MAX; i++) {
		const char *slash = strrchr(c->args[i], '/');
		if (c->args[i][0] != '/' || slash == c->args[i] ||
			(size_t)(slash - c->args[i]) >= sizeof(directory))
			continue;
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - c->args[i]),
			c->args[i]);
		if (path_join(place, sizeof(place), directory, draft->requested) > 0 &&
			strcmp(place, path) && is_there(e, host_root, draft, place)) {
			strcpy(draft->facts->nearby, place);
			return;
		}
	}
}

static void forget_room(struct filesystem_facts *fs)
{
	fs->room_known = false;
	fs->total_bytes = fs->free_bytes = fs->total_inodes = fs->free_inodes = 0;
}

void entry_enrich(struct entry *e, const char *host_root, struct event *draft)
{
	const char *path = draft->path && *draft->path ? draft->path : "";

	draft->container = e->container;
	if (draft->kind == EVENT_EXEC_FAILED && !*path && draft->executable)
		path = draft->executable;
	/* A socket in the file system is a file like any other. */
	if (draft->kind == EVENT_NETWORK_ERROR && draft->address)
		path = draft->address;
	if (lacks_a_page(draft))
		path = draft->path = "/dev/shm";
	if (*path != '/')
		return;
	if (e->container->described)
		draft->mount = container_mount_of(e->container, path);
	if (draft->facts || !deserves_look(e, draft, path))
		return;
	_cleanup_free_ struct path_facts *facts = malloc(sizeof(*facts));
	if (!facts || !look_at(e, host_root, draft, path, facts))
		return;
	draft->facts = take(facts);
	if (draft->error == ENOENT && draft->facts->file.type == FILE_MISSING) {
		look_for_python3(e, host_root, draft, path);
		look_beside_script(e, host_root, draft, path);
	}
	/* How full a disk is matters to whoever got ENOSPC. */
	if (draft->error != ENOSPC && draft->error != EDQUOT && !lacks_a_page(draft))
		forget_room(&draft->facts->filesystem);
}

/* The better find along PATH: a program, else any file, else one that the image has below a mount. */
static int rank_of(const struct path_facts *facts)
{
	if (facts->file.type == FILE_REGULAR)
		return facts->file.mode & 0111 ? 4 : 3;
	if (facts->file.type != FILE_MISSING)
		return 2;
	return facts->hidden == FILE_REGULAR;
}

/* One place of the program; kept where it is a better one than that of *facts. 0 or -ENOMEM. */
static int try_program(struct entry *e, const char *host_root, const struct identity *who,
	const char *place, struct path_facts *facts, char **path)
{
	struct path_facts found;

	if (look_at_path(e->container, host_root, who, place, &found) ||
		(*path && rank_of(&found) <= rank_of(facts)))
		return 0;
	char *kept = strdup(place);
	if (!kept)
		return -ENOMEM;
	free(*path);
	*path = kept;
	*facts = found;
	return 0;
}

/* As the runtime looks for it: a name with a slash from the working directory, else along PATH. */
static int find_program(struct entry *e, const char *host_root, const struct identity *who,
	struct path_facts *facts, char **path)
{
	const struct container *c = e->container;
	const char *name = c->args[0], *directory = c->path_env;
	char place[PATH_MAX];
	int rc = 0;

	if (strchr(name, '/')) {
		if (path_join(place, sizeof(place), *c->cwd ? c->cwd : "/", name) > 0)
			rc = try_program(e, host_root, who, place, facts, path);
		return rc;
	}
	for (int i = 0; !rc && *directory && i < PATH_LOOKS_MAX; i++) {
		size_t len = strcspn(directory, ":");
		if (*directory == '/' && (size_t)snprintf(place, sizeof(place), "%.*s/%s", (int)len,
						 directory, name) < sizeof(place))
			rc = try_program(e, host_root, who, place, facts, path);
		directory += len + (directory[len] == ':');
	}
	/* That it lies in no directory at all is no fact about one of them. */
	if (*path && !rank_of(facts)) {
		free(*path);
		*path = NULL;
	}
	return rc;
}

/* A working directory that is a file: the runtime gives up over it before it looks for the program. */
static int find_working_directory(struct entry *e, const char *host_root,
	const struct identity *who, struct path_facts *facts, char **path)
{
	const struct container *c = e->container;

	if (*c->cwd != '/' || look_at_path(c, host_root, who, c->cwd, facts) ||
		facts->file.type == FILE_MISSING || facts->file.type == FILE_DIRECTORY)
		return 0;
	*path = strdup(c->cwd);
	return *path ? 0 : -ENOMEM;
}

void entry_look_at_program(struct entry *e, const char *host_root, struct event *draft, char **path)
{
	const struct container *c = e->container;
	_cleanup_free_ struct path_facts *facts = NULL;

	if (e->started || !draft->status || !c->described || !c->n_args || !*c->args[0])
		return;
	struct event user = { .uid = c->uid };
	struct identity who = { draft->pid, c->uid, c->gid, enters_all(c, &user), false };
	facts = calloc(1, sizeof(*facts));
	if (!facts || find_working_directory(e, host_root, &who, facts, path) ||
		(!*path && find_program(e, host_root, &who, facts, path)) || !*path)
		return;
	forget_room(&facts->filesystem);
	draft->path = *path;
	draft->mount = container_mount_of(c, *path);
	draft->facts = take(facts);
}

void entry_look_at_process(
	struct entry *e, struct event *draft, char label[static PROCESS_LABEL_MAX])
{
	struct looks *l = &e->looks;

	if (!process_facts_matter(draft))
		return;
	if (draft->time / SECOND_NS != l->process_second) {
		l->process_second = draft->time / SECOND_NS;
		l->processes = 0;
		l->process_ns = 0;
	}
	if (l->processes++ >= PROCESS_LOOKS_A_SECOND || l->process_ns >= PROCESS_NS_A_SECOND)
		return;
	uint64_t began = clock_ns(CLOCK_MONOTONIC);
	look_at_process(draft, label);
	l->process_ns += clock_ns(CLOCK_MONOTONIC) - began;
}

static bool has_holder(const struct event *e)
{
	if (e->kind != EVENT_NETWORK_ERROR || e->error != EADDRINUSE || e->holder_pid)
		return false;
	if (e->family == AF_UNIX)
		return e->address && *e->address == '/';
	return e->port && (e->family == AF_INET || e->family == AF_INET6);
}

void entry_find_holder(struct entry *e, struct event *draft, char *comm)
{
	struct process holder;

	if (!has_holder(draft) || e->looks.ports++ >= PORT_LOOKS_MAX)
		return;
	int rc = look_for_holder(draft, draft->pid, &holder);
	/* The process may be gone; the container's first one is in the same network. */
	if (rc && rc != -ENOENT && e->init_pid && !e->exited)
		rc = look_for_holder(draft, e->init_pid, &holder);
	draft->holder_none = rc == -ENOENT;
	if (rc)
		return;
	memcpy(comm, holder.comm, COMM_SIZE);
	draft->holder_pid = holder.pid;
	draft->holder_comm = comm;
}
