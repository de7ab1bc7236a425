// SPDX-License-Identifier: MIT
/*
 * Failures that healthy programs make. `python3 -c 'print(1)'` fails 153 times on its way; so does one
 * that then dies. What a runtime, the loader or a shell asks for in order to choose among possible
 * places says nothing by itself: only words that name it can bring it back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/context.h"
#include "diagnose/knowledge/devices.h"
#include "diagnose/knowledge/limits.h"
#include "diagnose/noise.h"
#include "diagnose/path_pattern.h"
#include "util/cleanup.h"

struct place {
	unsigned role; /* 0: any program's */
	struct path_pattern pattern;
};

#define OPTIONAL(role, pattern) { role, PATH_PATTERN(pattern) },
#define DISPENSABLE(role, pattern)
static const struct place optional_places[] = {
#include "diagnose/knowledge/noise_list.h"
};
#undef OPTIONAL
#undef DISPENSABLE

#define OPTIONAL(role, pattern)
#define DISPENSABLE(role, pattern) { role, PATH_PATTERN(pattern) },
static const struct place dispensable_places[] = {
#include "diagnose/knowledge/noise_list.h"
};
#undef OPTIONAL
#undef DISPENSABLE

static bool is_in(const struct place *places, size_t n, const char *path, const struct event *exec)
{
	struct pattern_path of = pattern_path_of(path);

	for (size_t i = 0; i < n; i++)
		/* The path first: what a program is takes far longer to find out. */
		if (pattern_matches(&places[i].pattern, &of) &&
			(!places[i].role || program_is(exec, places[i].role)))
			return true;
	return false;
}

/* It stands on the command line: somebody wants this very file. */
static bool is_asked_for(const struct failure *f)
{
	for (uint32_t i = 1; f->exec && i < f->exec->argc; i++)
		if (*f->exec->args[i] && (!strcmp(f->exec->args[i], f->event->requested) ||
						 !strcmp(f->exec->args[i], f->path)))
			return true;
	return false;
}

/* A name by itself, as a look-up of something that is no file: a traceback's, a module's. */
static bool no_file(const char *requested)
{
	const char *name = path_name(requested);

	return name[0] == '<' || !strcmp(name, ".") || !strcmp(name, "..") || !*requested;
}

/* "https://host/x.git", "git@host:x.git": git and its like ask first whether a directory has that name. */
static bool is_remote(const char *requested)
{
	const char *colon = strchr(requested, ':');
	size_t len = colon ? (size_t)(colon - requested) : 0;

	return colon && !memchr(requested, '/', len) &&
	       (!strncmp(colon, "://", 3) || memchr(requested, '@', len));
}

/* libz.so.1, foo.cpython-311-x86_64-linux-gnu.so */
static bool is_library(const char *name)
{
	const char *so = strstr(name, ".so");

	return so && (so[3] == '\0' || so[3] == '.');
}

static bool is_module(const char *name)
{
	static const char *const ends[] = { ".pyc", ".pmc", ".pm", ".gemspec", ".node", ".rb",
		".bundle" };
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t end = strlen(ends[i]);
		if (len > end && !strcmp(name + len - end, ends[i]))
			return true;
	}
	return false;
}

bool noise_node_global(const char *path)
{
	static const char end[] = "/lib/node";
	size_t len = strlen(path), n = sizeof(end) - 1;

	return strstr(path, "/.node_") || (len >= n && !strcmp(path + len - n, end));
}

bool noise_optional_place(const char *path, const struct event *exec)
{
	return is_in(optional_places, ARRAY_SIZE(optional_places), path, exec);
}

bool noise_name_source(const char *path)
{
	return !strncmp(path_name(path), "libnss_", 7);
}

bool noise_trust_list(const char *path)
{
	static const char *const lists[] = { "cert.pem", "ca-certificates.crt", "ca-bundle.crt",
		"ca-bundle.pem", "tls-ca-bundle.pem", "ca-root-nss.crt" };
	const char *name = path_name(path);

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!strcmp(name, lists[i]))
			return true;
	return false;
}

/* Trust stores: one certificate by hash ("9d04f354.0"), or a list of all. */
static bool is_trust_store(const char *path)
{
	const char *name = path_name(path);

	return (strspn(name, "0123456789abcdef") == 8 && name[8] == '.') || noise_trust_list(path);
}

/* PostgreSQL, PHP and bash look for the file that they themselves came from; a JVM in its working directory first. */
static bool looks_for_itself(const struct context *q, const struct failure *f)
{
	return f->error == ENOENT && call_probes(f) && f->exec &&
	       (is_in_path(q, f->path) || !strncmp(f->event->requested, "./", 2)) &&
	       !strcmp(path_name(f->path), path_name(f->exec->executable)) &&
	       strcmp(f->path, f->exec->executable) != 0;
}

/* ld.so(8): it asks for a directory once, when the library that it looks for was not in it. */
bool noise_loader_asks(const struct context *q, const struct failure *f)
{
	size_t len = strlen(f->path);

	if (!f->entry || f->error != ENOENT || !call_probes(f))
		return false;
	for (const struct story_entry *before = f->entry; before-- > q->entries;) {
		const struct event *e = before->event;
		if (before->process != f->process)
			continue;
		return e->kind == EVENT_FILE_ERROR && e->error == ENOENT &&
		       !strncmp(e->path, f->path, len) && e->path[len] == '/' &&
		       path_name(e->path) == e->path + len + 1 && is_library(path_name(e->path));
	}
	return false;
}

#define AT_ONCE SECONDS(0.05) /* nothing else can have been tried in between */

/* Its program ended badly at once: what is done without by others was not by this one. A tool's status is its script's matter. */
static bool ended_for_it(const struct failure *f)
{
	const struct process *p = f->process;

	return p && p->ended_at && p->status && p->exec == f->exec && !program_copies(f->exec) &&
	       !program_edits(f->exec) && time_between(f->entry->last, p->ended_at) < AT_ONCE;
}

/*
 * A script that reads what describes the machine, and ends at once without it. These languages' own runtimes read nothing
 * there (those of Go, Java, .NET and Node.js do, and do without).
 */
static bool script_reads_machine(const struct failure *f)
{
	const unsigned languages = ROLE_SHELL | ROLE_PYTHON | ROLE_RUBY | ROLE_PERL | ROLE_PHP;

	return path_under(f->path, "/sys") && call_opens(f) && program_is(f->exec, languages) &&
	       ended_for_it(f);
}

static bool is_wanted(const struct failure *f)
{
	return is_asked_for(f) || script_reads_machine(f);
}

static bool looked_up(const struct failure *f)
{
	const char *name = path_name(f->path);

	if (f->error != ENOENT && f->error != ENOTDIR && f->error != EINVAL)
		return false;
	if (!strcmp(f->event->requested,
		    "-")) /* programs' own name for standard input and output */
		return true;
	if (call_probes(f) && is_remote(f->event->requested))
		return true;
	if (is_wanted(f))
		return false;
	if (no_file(f->event->requested) || is_library(name) || is_module(name))
		return true;
	if (noise_optional_place(f->path, f->exec) || is_trust_store(f->path) ||
		noise_node_global(f->path))
		return true;
	return !strncmp(f->path, "/dev/", 5) && !device_of(f->path);
}

static bool redirects_into_setting(const struct failure *f)
{
	return (path_under(f->path, "/proc/sys") || path_under(f->path, "/sys")) &&
	       call_creates(f) && (program_is_shell(f->exec) || ended_for_it(f));
}

/* Byte-code and other caches that a runtime would like to write, and does without. */
static bool is_dispensable(const struct failure *f)
{
	/* Who mounts something there means it, and so does who writes to its own output, or redirects into a setting. */
	if (call_is(f, "mount") || call_is(f, "umount") ||
		pattern_matches_text("/proc/*/fd", f->path) || redirects_into_setting(f) ||
		script_reads_machine(f))
		return false;
	return is_in(dispensable_places, ARRAY_SIZE(dispensable_places), f->path, f->exec);
}

/* /proc and /sys hold no caches: what is missed there is no copy that nobody made yet. */
bool noise_cache(const struct failure *f)
{
	return is_dispensable(f) && !path_under(f->path, "/proc") && !path_under(f->path, "/sys");
}

/* Allocators, JVMs and opcode caches ask for huge pages and take plain ones: only words can accuse them. */
static bool is_optional_memory(const struct context *q, const struct failure *f)
{
	const struct limit *l = limit_of_event(f->event);
	const struct candidate *s = candidate_of(q, f->process);

	if (!l || strcmp(l->name, "vm.nr_hugepages") != 0 || !s || ended_for_it(f))
		return false;
	for (size_t i = 0; i < s->log_lines.n; i++)
		if (s->log_lines.accuses[i] && (line_names_huge_pages(s->log_lines.lines[i]) ||
						       s->log_lines.errors[i] == f->error))
			return false;
	return true;
}

/* A higher limit that it asks for at each start, and goes on without: only words can accuse that. */
static bool is_routine_limit(const struct failure *f)
{
	return f->error == EPERM && (call_is(f, "prlimit") || call_is(f, "setrlimit")) &&
	       program_is(f->exec, ROLE_LIMIT_RAISER);
}

/* What runtimes try because it is faster or safer, and do without. */
static enum noise process_noise(const struct context *q, const struct failure *f, enum clue *clue)
{
	static const char *const optional[] = { "io_uring_setup", "memfd_create", "prlimit64",
		"mlock", "inotify", "clone3", "capset", "mprotect", "setgroups", "flock",
		"setpriority", "sched_set", "unshare", "ptrace", "setsockopt", "prctl", "add_key",
		"keyctl", "request_key", "userfaultfd", "perf_event_open", "bpf", "fanotify_init",
		"io_setup", "shmget", "mq_open" };

	if (is_optional_memory(q, f) || is_routine_limit(f))
		return NOISE_ALL;
	if (f->error == ENOSYS)
		return noise_because(clue, CLUE_noise_no_such_call, NOISE_MOST);
	if (f->error == EAGAIN && !call_is(f, "flock"))
		return NOISE_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		if (call_is(f, optional[i]))
			return noise_because(clue, CLUE_noise_optional_call, NOISE_SOME);
	return call_is(f, "mmap") ? noise_because(clue, CLUE_noise_maps, NOISE_SOME) : NOISE_NONE;
}

/* What need not be there; and libraries that remove files and directories alike try it as a file first. */
static bool removes(const struct failure *f)
{
	if (f->error == EISDIR && call_is(f, "unlink"))
		return true;
	return f->error == ENOENT &&
	       (call_is(f, "unlink") || call_is(f, "rmdir") || call_is(f, "umount") ||
		       call_is(f, "readlink") || call_is(f, "rename") || call_is(f, "link"));
}

/* A question, for which programs take no for an answer; without a clue it is none. */
static enum noise asking_noise(const struct failure *f, enum clue *clue)
{
	/* Asks whether it may: a script that then gives up has its reason in the answer. */
	if ((call_is(f, "faccess") || call_is(f, "access")) && f->error != ENOENT)
		return noise_because(clue, CLUE_noise_asks, NOISE_NONE);
	/* A device that there is a name for: some ask for it and do without. */
	if (f->event->kind == EVENT_FILE_ERROR && f->error == ENOENT && device_of(f->path))
		return noise_because(clue, CLUE_noise_asks, NOISE_SOME);
	/* One file or a directory of them: who may be given either tries it as a directory first. */
	if (f->error == ENOTDIR && strstr(f->event->flags, "O_DIRECTORY"))
		return noise_because(clue, CLUE_noise_asks_directory, NOISE_MUCH);
	/* Is it a terminal, can it be told more: programs take no for an answer. */
	if (call_is(f, "ioctl") || strstr(f->event->syscall, "setxattr"))
		return noise_because(clue, CLUE_noise_asks, NOISE_SOME);
	return NOISE_NONE;
}

enum noise noise_of(const struct context *q, const struct failure *f, enum clue *clue)
{
	*clue = CLUES;
	if (!f->event)
		return NOISE_NONE;
	if (f->event->kind == EVENT_NETWORK_ERROR)
		return noise_of_network(q, f, clue);
	if (f->event->kind == EVENT_PROCESS_ERROR)
		return process_noise(q, f, clue);
	bool of_a_file = f->event->kind == EVENT_FILE_ERROR;
	if (of_a_file && (is_dispensable(f) || looked_up(f) || removes(f) ||
				 looks_for_itself(q, f) || noise_loader_asks(q, f)))
		return NOISE_ALL;
	if (of_a_file && tries_other_ending(q, f))
		return noise_because(clue, CLUE_noise_other_ending, NOISE_MOST);
	if ((f->event->kind == EVENT_EXEC_FAILED || call_probes(f)) && found_elsewhere(q, f))
		return NOISE_ALL;
	enum noise asked = asking_noise(f, clue);
	if (*clue != CLUES)
		return asked;
	/* Who moves a file copies it then. */
	if (f->error == EXDEV)
		return program_copies(f->exec) ? NOISE_ALL
		       : ended_for_it(f)       ? NOISE_NONE
					       : noise_because(clue, CLUE_noise_moves, NOISE_MUCH);
	if (f->error == ENOENT && f->event->kind == EVENT_FILE_ERROR && directories_tried(q, f) > 1)
		return program_is_shell(f->exec)
			       ? noise_because(clue, CLUE_noise_shell_searched, NOISE_SOME)
			       : noise_because(clue, CLUE_noise_searched, NOISE_MUCH);
	return NOISE_NONE;
}

bool is_noise(const struct context *q, const struct failure *f)
{
	enum clue clue;

	return noise_of(q, f, &clue) == NOISE_ALL;
}

bool diagnose_harmless(const struct event *e)
{
	const struct failure f = { .event = e, .error = e->error, .path = e->path };

	if (e->kind == EVENT_NETWORK_ERROR)
		return e->family == AF_UNIX && e->error == ENOENT &&
		       noise_optional_place(e->address, NULL);
	if (e->kind != EVENT_FILE_ERROR)
		return false;
	/* The tables last: on a node where programs search, this is asked all the time. */
	return (e->error == ENOENT && call_probes(&f)) || removes(&f) || looked_up(&f) ||
	       is_dispensable(&f);
}
