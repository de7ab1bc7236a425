// SPDX-License-Identifier: MIT
/* What programs and calls are for, as far as a failure's meaning hangs on it. */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"
#include "util/find.h"

static const struct {
	const char *name;
	unsigned roles;
} programs[] = {
#define PROGRAM(name, roles) { name, roles },
#include "diagnose/knowledge/programs_list.h"
#undef PROGRAM
};

/* "python3.11" and "php-fpm8.2" are python and php-fpm. */
static bool is_version(const char *text)
{
	return text[strspn(text, "-.0123456789")] == '\0';
}

/* Asked of each failed call's program at each look: rows are found by their first letters, which stand together. */
static const char initials[] = {
#define PROGRAM(name, roles) name[0],
#include "diagnose/knowledge/programs_list.h"
#undef PROGRAM
};

static unsigned roles_of(const char *name)
{
	const char *end = initials + sizeof(initials);

	for (const char *at = initials; *name && (at = memchr(at, *name, (size_t)(end - at)));
		at++) {
		const char *known = programs[at - initials].name;
		if (known[1] && known[1] != name[1])
			continue;
		size_t len = strlen(known);
		if (!strncmp(name, known, len) && is_version(name + len))
			return programs[at - initials].roles;
	}
	return 0;
}

bool program_is(const struct event *exec, unsigned roles)
{
	/* A script is its own program, and its interpreter's kind. */
	const unsigned kinds = ROLE_SHELL | ROLE_LANGUAGES;

	if (!exec)
		return false;
	if (roles_of(program_name(exec)) & roles)
		return true;
	roles &= kinds;
	return roles && (roles_of(path_name(exec->executable)) & roles ||
				roles_of(path_name(exec->interpreter)) & roles);
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_under(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	while (len > 1 && directory[len - 1] == '/')
		len--;
	return len && !strncmp(path, directory, len) &&
	       (path[len] == '\0' || path[len] == '/' || (len == 1 && directory[0] == '/'));
}

/* comm, not the executable: busybox is many programs, and a script is called by its own name. */
const char *program_name(const struct event *exec)
{
	if (!exec)
		return "";
	/* busybox is the program that its first argument names, or the second behind its own name. */
	bool itself = !strcmp(exec->executable, "/proc/self/exe");
	if (exec->argc > 1 && !strcmp(path_name(exec->args[0]), "busybox"))
		return path_name(exec->args[1]);
	if (itself && exec->argc)
		return path_name(exec->args[0]);
	return exec->comm[0] ? exec->comm : path_name(exec->executable);
}

const char *program_script(const struct event *exec)
{
	bool given = program_is(exec, ROLE_LANGUAGE) && exec->argc > 1;

	return given && exec->args[1][0] != '-' ? path_name(exec->args[1]) : "";
}

bool program_is_shell(const struct event *exec)
{
	return program_is(exec, ROLE_SHELL);
}

bool program_names_setting(const struct event *exec, const char *name, char *path, size_t size)
{
	if (!exec || strcmp(program_name(exec), "sysctl") != 0 || strchr(name, '/'))
		return false;
	snprintf(path, size, "/proc/sys/%s", name);
	for (char *dot = path; (dot = strchr(dot, '.'));)
		*dot = '/';
	return true;
}

bool program_mentions(const struct event *exec, const char *text)
{
	for (uint32_t i = 1; exec && i < exec->argc; i++)
		if (strstr(exec->args[i], text))
			return true;
	return false;
}

static bool edits_in_place(const struct event *exec)
{
	for (uint32_t i = 1; i < exec->argc; i++)
		if (!strncmp(exec->args[i], "-i", 2) || !strncmp(exec->args[i], "--in-place", 10) ||
			!strcmp(exec->args[i], "-pi"))
			return true;
	return false;
}

bool program_copies(const struct event *exec)
{
	return program_is(exec, ROLE_COPIER);
}

bool program_edits(const struct event *exec)
{
	return program_is(exec, ROLE_MAKER) ||
	       (program_is(exec, ROLE_EDITOR) && edits_in_place(exec));
}

bool program_probes(const struct event *exec)
{
	return program_is(exec, ROLE_PROBER);
}

const char *program_settings_file(const struct event *exec)
{
	const char *only = "";

	for (uint32_t i = 1; exec && i < exec->argc; i++) {
		const char *path = strchr(exec->args[i], '/');
		bool whole = path && (path == exec->args[i] || path[-1] == '=');
		if (!whole || !line_is_settings_file(path))
			continue;
		if (*only)
			return "";
		only = path;
	}
	return only;
}

bool call_is(const struct failure *f, const char *prefix)
{
	return f->event && *f->event->syscall == *prefix &&
	       !strncmp(f->event->syscall, prefix, strlen(prefix));
}

bool call_opens(const struct failure *f)
{
	return call_is(f, "open");
}

bool call_probes(const struct failure *f)
{
	return f->event && (strstr(f->event->syscall, "stat") ||
				   strstr(f->event->syscall, "access") || call_is(f, "readlink"));
}

bool call_creates(const struct failure *f)
{
	static const char *const makers[] = { "creat", "mkdir", "mknod", "rename", "link",
		"symlink", "truncate", "ftruncate", "fallocate", "write", "pwrite" };

	if (!f->event || f->event->kind != EVENT_FILE_ERROR)
		return false;
	if (call_opens(f))
		return strstr(f->event->flags, "O_CREAT") || strstr(f->event->flags, "O_WRONLY") ||
		       strstr(f->event->flags, "O_RDWR") || strstr(f->event->flags, "O_TRUNC");
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (call_is(f, makers[i]))
			return true;
	return false;
}

bool call_asks_to_write(const struct failure *f)
{
	return f->event && (call_is(f, "access") || call_is(f, "faccess")) &&
	       strstr(f->event->flags, "W_OK");
}

bool runs_beside(const struct process *self, const struct process *p)
{
	bool alive = !p->ended_at || (self->ended_at && p->ended_at > self->ended_at);

	return p != self && p != self->parent && alive && p->exec && self->exec &&
	       !strcmp(path_name(p->exec->executable), path_name(self->exec->executable));
}

bool call_lacks_port(const struct failure *f)
{
	return f->event && f->error == EADDRNOTAVAIL && call_is(f, "connect") && f->event->port &&
	       f->event->family != AF_UNIX && !strchr(f->event->address, ':');
}

bool call_owns(const struct failure *f)
{
	return call_is(f, "chown") || call_is(f, "lchown") || call_is(f, "fchown") ||
	       call_is(f, "chmod") || call_is(f, "fchmod");
}

bool call_changes_user(const struct failure *f)
{
	return call_is(f, "setuid") || call_is(f, "setgid") || call_is(f, "setgroups") ||
	       call_is(f, "setres");
}

bool failure_lacks_directory(const struct failure *f)
{
	bool socket_file = call_is(f, "bind") && *f->path;

	return f->error == ENOENT && *f->path && (call_creates(f) || socket_file);
}

bool failure_refuses_program(const struct failure *f)
{
	const struct path_facts *facts = f->event ? f->event->facts : NULL;
	bool there = facts && facts->known && facts->file.type == FILE_REGULAR;

	/* `[ -x FILE ]` in a script that then leaves it out. */
	bool asked = f->event && call_is(f, "faccess") && strstr(f->event->flags, "X_OK") &&
		     program_is_shell(f->exec) && f->error == EACCES;

	return f->event && there &&
	       (asked || (f->event->kind == EVENT_EXEC_FAILED &&
				 (f->error == EACCES || f->error == ENOENT)));
}

bool failure_maps_code(const struct failure *f)
{
	return call_is(f, "mmap") && f->error == EPERM && strstr(f->event->flags, "PROT_EXEC");
}

bool failure_is_refusal(const struct failure *f)
{
	return f->error == EROFS || f->error == EACCES || f->error == EPERM || f->error == ENOSPC;
}

/* Library calls that copy, as stack traces and messages name them. */
static bool speaks_of_a_copy(const char *line)
{
	static const char *const signs[] = { "shutil", "copyfile", "copy_file", "copy_entry",
		"FileUtils.cp", "FileUtils.copy", "FileUtils.mv", "FileUtils.move",
		"FileUtils.install", "Files.copy", "File::Copy", "copytree", "fs-extra", "copySync",
		"Files.move", "copy(", "copy failed", "failed to copy", "cannot copy",
		"could not copy", "unable to copy", "error copying" };

	return has_one_folded(line, signs, ARRAY_SIZE(signs));
}

bool log_mentions_copy(const struct log_lines *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (speaks_of_a_copy(w->lines[i]))
			return true;
	return false;
}

/* `python3 -c "...shutil.copy()"`, `perl -MFile::Copy -e ...` */
bool script_mentions_copy(const struct event *exec)
{
	bool script = program_is(exec, ROLE_LANGUAGE);

	for (uint32_t i = 1; script && i < exec->argc; i++)
		if (speaks_of_a_copy(exec->args[i]))
			return true;
	return false;
}

bool mount_holds_keys(const struct mount *m)
{
	return m->kind == MOUNT_CONFIGMAP || m->kind == MOUNT_SECRET || m->kind == MOUNT_PROJECTED;
}

static bool out_of_read_only_volume(const struct failure *f)
{
	return f->event && f->event->mount && mount_holds_keys(f->event->mount);
}

/*
 * A file that was to be made, and is then missed under its very name, comes from somewhere: where a ConfigMap
 * or Secret is mounted elsewhere, from there.
 */
static bool has_source(const struct context *q, const struct failure *f)
{
	const struct mount *target = container_mount_of(q->container, f->path);

	for (size_t i = 0; i < q->container->n_mounts; i++) {
		const struct mount *m = &q->container->mounts[i];
		/* Every pod has the service account's token: nobody copies that. */
		bool token = path_under(m->destination, "/var/run/secrets/kubernetes.io");
		if (m != target && mount_holds_keys(m) && !token)
			return call_opens(f);
	}
	return false;
}

static bool is_mounted(const struct context *q, const char *path)
{
	return *path && !strcmp(container_mount_of(q->container, path)->destination, path);
}

static bool copy_hint(const struct context *q, const struct failure *f)
{
	const struct candidate *s = candidate_of(q, f->process);

	if (program_copies(f->exec))
		return true;
	/* A language's own copy only its words can name, or the script on its command line. */
	if (s && s->mentions_copy)
		return !program_is_shell(f->exec);
	/* mv, sed -i and os.replace alike: what is mounted by itself cannot be replaced by a copy. */
	if (f->error == EBUSY && (program_edits(f->exec) || is_mounted(q, f->path)))
		return true;
	if (!f->led_to || !call_creates(f))
		return false;
	return program_is_shell(f->exec) || (!strcmp(f->led_to->path, f->path) && has_source(q, f));
}

/* Owner and mode allow it, as those of the image allow all to root: who refused it does not mean the copy. */
static bool refused_by_another(const struct context *q, const struct failure *f)
{
	const struct event *e = f->event;
	bool root = e && !e->uid && capability_held(q, e, CAP_DAC_OVERRIDE);

	return f->error == EACCES &&
	       (node_denies(q, f) || (root && e->mount && mount_is_image(e->mount)));
}

bool failure_is_copy(const struct context *q, const struct failure *f)
{
	bool refused = f->error == EROFS || f->error == EACCES || f->error == EPERM ||
		       (f->error == EBUSY && call_is(f, "rename"));

	if (!refused || !copy_hint(q, f) || refused_by_another(q, f) || link_is_protected(f))
		return false;
	if (f->event && f->event->kind != EVENT_FILE_ERROR)
		return false;
	return !f->event || call_creates(f) || f->error == EROFS || call_is(f, "unlink") ||
	       out_of_read_only_volume(f);
}

/* What the call would fail with if it did not wait. */
static int error_of_blocked(const struct event *e)
{
	if (!strcmp(e->syscall, "connect"))
		return ETIMEDOUT;
	return !strncmp(e->syscall, "open", 4) ? ENXIO : EAGAIN;
}

/*
 * What the program ran into. A connection that it gave up on is to it what a timeout of the kernel's would
 * have been. A file that is to be made under a name that ends with a slash is refused with EISDIR before
 * anybody looks whether there is such a directory.
 */
int event_error(const struct event *e)
{
	size_t len = strlen(e->requested);

	if (e->gave_up_ns)
		return ETIMEDOUT;
	if (e->kind == EVENT_BLOCKED)
		return error_of_blocked(e);
	if (e->error == EISDIR && len > 1 && e->requested[len - 1] == '/' && e->facts &&
		e->facts->known && e->facts->file.type == FILE_MISSING)
		return ENOENT;
	return e->error;
}
