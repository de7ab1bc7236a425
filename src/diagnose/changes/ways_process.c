// SPDX-License-Identifier: MIT
/* Changes of what a program is given and may do, and the failures that they make. The first row that fits counts. */
#include "diagnose/changes/ways.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/rules.h"
#include "event/limits.h"
#include "util/cleanup.h"

#define NAME_LEAST 4 /* characters of a variable's name that words may be searched for */

static bool variable_named(const struct suspect *s, const struct change *c)
{
	return strlen(c->name) >= NAME_LEAST && says_word(s->said, c->name);
}

static bool is_one_of(const char *name, const char *list)
{
	size_t len = strlen(name);
	const char *at = strstr(list, name);

	return at && (at == list || at[-1] == ' ') && (!at[len] || at[len] == ' ');
}

static bool search_path(const struct suspect *s, const struct change *c)
{
	(void)s;
	return !strcmp(c->name, "PATH");
}

static bool library_path(const struct suspect *s, const struct change *c)
{
	(void)s;
	return is_one_of(c->name, "LD_LIBRARY_PATH LD_PRELOAD");
}

static bool module_path(const struct suspect *s, const struct change *c)
{
	(void)s;
	return is_one_of(c->name,
		"PYTHONPATH PYTHONHOME VIRTUAL_ENV NODE_PATH GEM_PATH GEM_HOME RUBYLIB PERL5LIB "
		"CLASSPATH");
}

/* Of two words lists, one that only the latter has, as far as its end or blank. */
static bool only_after(const char *before, const char *after, const char *word)
{
	return says_word(after, word) && !says_word(before, word);
}

static bool path_in_command(const struct suspect *s, const struct change *c)
{
	const char *path = suspect_path(s), *name = path_name(path);

	return strlen(name) >= 2 && only_after(c->before, c->after, name);
}

/* An option that is new on the command line, and in the words. */
static bool option_named(const struct suspect *s, const struct change *c)
{
	for (const char *at = c->after; (at = strstr(at, " -"));) {
		char option[64];
		at++;
		size_t len = strcspn(at, " =");
		if (len < 3 || len >= sizeof(option))
			continue;
		memcpy(option, at, len);
		option[len] = '\0';
		if (!strstr(c->before, option) && says_word(s->said, option))
			return true;
	}
	return false;
}

/* The user that the container's program runs as, and no other. */
static bool refused(const struct suspect *s, const struct change *c)
{
	const struct event *e = s->d->culprit;

	(void)c;
	return e && (e->error == EACCES || e->error == EPERM) && e->uid == s->q->container->uid;
}

static bool group_refused(const struct suspect *s, const struct change *c)
{
	const struct event *e = s->d->culprit;
	const struct path_facts *facts = e ? e->facts : NULL;
	char gid[16], list[600], wanted[20];

	if (!facts || !facts->known || !refused(s, c))
		return false;
	snprintf(gid, sizeof(gid), "%u",
		facts->file.type > FILE_MISSING ? facts->file.gid : facts->directory.gid);
	snprintf(list, sizeof(list), ",%s,", c->before);
	snprintf(wanted, sizeof(wanted), ",%s,", gid);
	return strstr(list, wanted);
}

static uint64_t lost_capabilities(const struct change *c)
{
	return strtoull(c->before, NULL, 16) & ~strtoull(c->after, NULL, 16);
}

static bool lost_the_wanted(const struct suspect *s, const struct change *c)
{
	int wanted = s->verdict->failure ? capability_wanted(s->verdict->failure) : -1;
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT;

	if (wanted >= 0)
		return lost_capabilities(c) >> wanted & 1;
	for (int i = 0; i < 64; i++)
		if ((lost_capabilities(c) >> i & 1) && *capability_name(i) &&
			says_word(s->said, capability_name(i)))
			return true;
	return false;
}

/* CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH let root pass by owner and mode. */
static bool lost_override(const struct suspect *s, const struct change *c)
{
	return (lost_capabilities(c) & 0x6) && suspect_failed_with(s, EACCES);
}

static bool lower(const struct change *c)
{
	uint64_t before = strtoull(c->before, NULL, 10), after = strtoull(c->after, NULL, 10);

	return after && (change_is_new(c) || after < before);
}

static bool memory_lower(const struct suspect *s, const struct change *c)
{
	const struct event *e = s->verdict->event;

	return !strcmp(c->name, "memory") && lower(c) &&
	       !(e && e->kind == EVENT_OOM_KILL && e->oom_levels);
}

static bool processes_lower(const struct suspect *s, const struct change *c)
{
	(void)s;
	return !strcmp(c->name, "processes") && lower(c);
}

static bool files_lower(const struct suspect *s, const struct change *c)
{
	(void)s;
	return !strcmp(c->name, "open files") && lower(c);
}

/* Where nobody got to look at the limit: the only one that the call can have run into. */
static const char *limit_of(const struct event *e)
{
	const struct limit *all[LIMITS_OF_A_CALL];

	if (*e->limit_name)
		return e->limit_name;
	return limits_of(e, all) == 1 ? all[0]->name : "";
}

static bool this_limit_lower(const struct suspect *s, const struct change *c)
{
	const struct event *e = s->d->culprit;

	return e && !strcmp(limit_of(e), c->name) && lower(c);
}

/* What a runtime sets before the program runs: it tells the kubelet why, and nobody else. */
static bool runtime_gave_up(const struct suspect *s, const struct change *c)
{
	(void)c;
	return s->d->phase == PHASE_RUNTIME;
}

static const struct change_way rows[] = {
	{ FACT_VARIABLE, CHANGE_PROGRAMS " missing_file " CHANGE_PEERS, variable_named, BEARS },
	{ FACT_VARIABLE, "command_not_found", search_path, BEARS },
	{ FACT_VARIABLE, "missing_library", library_path, BEARS },
	{ FACT_VARIABLE, "missing_module", module_path, BEARS },
	{ FACT_VARIABLE, CHANGE_PROGRAMS " " CHANGE_PEERS, change_any, BEARS_MAYBE },
	{ FACT_COMMAND, CHANGE_FILES, path_in_command, BEARS },
	{ FACT_COMMAND, CHANGE_PROGRAMS, option_named, BEARS },
	{ FACT_COMMAND, CHANGE_PROGRAMS " " CHANGE_PEERS " " CHANGE_FILES, change_any,
		BEARS_MAYBE },
	{ FACT_UID, CHANGE_REFUSALS, refused, BEARS },
	{ FACT_UID, CHANGE_REFUSALS " missing_file application_error", change_any, BEARS_MAYBE },
	{ FACT_GID, CHANGE_REFUSALS, group_refused, BEARS },
	{ FACT_GROUPS, CHANGE_REFUSALS, group_refused, BEARS },
	{ FACT_GID, CHANGE_REFUSALS, change_any, BEARS_MAYBE },
	{ FACT_GROUPS, CHANGE_REFUSALS, change_any, BEARS_MAYBE },
	{ FACT_CAPABILITIES, CHANGE_REFUSALS " gpu_unavailable device_denied", lost_the_wanted,
		BEARS },
	{ FACT_CAPABILITIES, "permission_denied read_only_copy", lost_override, BEARS },
	{ FACT_CAPABILITIES, CHANGE_REFUSALS, change_any, BEARS_MAYBE },
	{ FACT_PRIVILEGES, CHANGE_REFUSALS, change_now_on, BEARS_MAYBE },
	{ FACT_SECCOMP, "syscall_blocked", change_any, BEARS },
	{ FACT_SECCOMP, CHANGE_REFUSALS, change_any, BEARS_MAYBE },
	{ FACT_SECCOMP, "application_error", runtime_gave_up, BEARS_MAYBE },
	{ FACT_LABEL, CHANGE_REFUSALS, change_any, BEARS_MAYBE },
	{ FACT_LABEL, "application_error", runtime_gave_up, BEARS_MAYBE },
	{ FACT_LIMIT, "oom_killed", memory_lower, BEARS },
	{ FACT_LIMIT, "process_limit", processes_lower, BEARS },
	{ FACT_LIMIT, "too_many_open_files", files_lower, BEARS },
	{ FACT_LIMIT, "crashed application_error never_listening probe_failed killed_from_outside",
		change_any, BEARS_MAYBE },
	{ FACT_HOST_NETWORK, "port_in_use", change_now_on, BEARS },
	{ FACT_HOST_NETWORK, CHANGE_PEERS " port_in_use listening_on_loopback", change_any,
		BEARS_MAYBE },
	{ FACT_HOST_PID, "application_error", change_any, BEARS_MAYBE },
	{ FACT_KERNEL, "kernel_unsupported", change_any, BEARS },
	{ FACT_KERNEL, "syscall_blocked node_limit crashed device_denied gpu_unavailable",
		change_any, BEARS_MAYBE },
	{ FACT_RUNTIME, "application_error", runtime_gave_up, BEARS_MAYBE },
	{ FACT_RUNTIME, "syscall_blocked exec_format_error command_not_executable", change_any,
		BEARS_MAYBE },
	{ FACT_NODE_LIMIT, "node_limit too_many_open_files process_limit", this_limit_lower,
		BEARS },
};

const struct change_ways ways_of_process = { rows, ARRAY_SIZE(rows) };
