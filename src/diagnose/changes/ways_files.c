// SPDX-License-Identifier: MIT
/* Changes of what a program finds, and the failures that they make. The first row that fits counts. */
#include "diagnose/changes/ways.h"

#include <errno.h>
#include <string.h>

#include "diagnose/rules.h"
#include "diagnose/text/places.h"
#include "util/cleanup.h"

#define NAME_LEAST 4 /* characters of a key's name that words may be searched for */

/* "app.yaml", "tls_key": a file's name. "config" and "settings" are words that stand in any message. */
static bool is_telling(const char *name)
{
	return strlen(name) >= NAME_LEAST && name[strcspn(name, "._-0123456789")];
}

static bool key_is_named(const struct suspect *s, const struct change *c)
{
	const char *name = path_name(c->name);

	return change_same_path(s, c) || says_word(s->said, c->name) ||
	       (is_telling(name) && says_word(s->said, name));
}

static bool gone_key(const struct suspect *s, const struct change *c)
{
	return change_is_gone(c) && key_is_named(s, c);
}

static const char *mode_of(const char *value)
{
	return strstr(value, "mode ") ?: "";
}

static bool key_mode(const struct suspect *s, const struct change *c)
{
	return change_same_path(s, c) && strcmp(mode_of(c->before), mode_of(c->after)) &&
	       !change_is_gone(c);
}

/* Its contents; only where nothing but the size is known to be another. */
static bool key_contents(const struct suspect *s, const struct change *c)
{
	return !change_is_gone(c) && key_is_named(s, c) &&
	       !strcmp(mode_of(c->before), mode_of(c->after));
}

static bool new_key(const struct suspect *s, const struct change *c)
{
	return change_is_new(c) && key_is_named(s, c);
}

/* No mount that is still there holds the path more closely than this one did. */
static bool held_path(const struct suspect *s, const struct change *c)
{
	const char *path = suspect_path(s);

	return *path && path_under(path, c->name) &&
	       strlen(container_mount_of(s->q->container, path)->destination) <= strlen(c->name);
}

static bool gone_mount(const struct suspect *s, const struct change *c)
{
	return change_is_gone(c) && (held_path(s, c) || says_word(s->said, c->name));
}

/* The image has something at this path, or the mount is where it is missing now. */
static bool new_mount(const struct suspect *s, const struct change *c)
{
	return change_is_new(c) && held_path(s, c) &&
	       (suspect_failed_with(s, ENOENT) || suspect_failed_with(s, ENOTDIR));
}

static bool now_read_only(const struct suspect *s, const struct change *c)
{
	return held_path(s, c) && strstr(c->after, "read-only") && !strstr(c->before, "read-only");
}

static bool now_noexec(const struct suspect *s, const struct change *c)
{
	return held_path(s, c) && strstr(c->after, "noexec") && !strstr(c->before, "noexec");
}

/* Another volume than before. */
static bool other_mount(const struct suspect *s, const struct change *c)
{
	size_t before = strcspn(c->before, ","), after = strcspn(c->after, ",");

	return !change_is_gone(c) && held_path(s, c) &&
	       (before != after || strncmp(c->before, c->after, before));
}

static bool on_root(const struct suspect *s, const struct change *c)
{
	const char *path = suspect_path(s);

	(void)c;
	return *path && container_mount_of(s->q->container, path) == &s->q->container->root;
}

/* Where images have files, and not where programs make them as they run. */
static bool in_image(const struct suspect *s, const struct change *c)
{
	switch (place_of(suspect_path(s))) {
	case PLACE_STREAM:
	case PLACE_SHM:
	case PLACE_DEVICE:
	case PLACE_SYSCTL:
	case PLACE_PROC:
	case PLACE_CGROUP:
	case PLACE_SYS:
	case PLACE_TOKEN:
	case PLACE_ENGINE_SOCKET:
	case PLACE_HOSTS:
	case PLACE_RESOLVER:
	case PLACE_TEMPORARY:
	case PLACE_RUN:
		return false;
	default:
		return on_root(s, c);
	}
}

static bool root_now_read_only(const struct suspect *s, const struct change *c)
{
	return change_now_on(s, c) && on_root(s, c);
}

static bool relative_path(const struct suspect *s, const struct change *c)
{
	const struct event *e = s->d->culprit;

	return e && *e->requested && *e->requested != '/' && path_under(suspect_path(s), c->after);
}

static const struct change_way rows[] = {
	{ FACT_KEY, CHANGE_FILES " " CHANGE_PROGRAMS, gone_key, BEARS },
	{ FACT_KEY, CHANGE_REFUSALS " command_not_executable", key_mode, BEARS },
	{ FACT_KEY,
		"bad_configuration application_error exec_format_error missing_interpreter "
		"crashed",
		key_contents, BEARS },
	{ FACT_KEY, "bad_configuration wrong_file_type", new_key, BEARS },
	{ FACT_KEY, CHANGE_PROGRAMS " " CHANGE_PEERS " missing_file permission_denied", change_any,
		BEARS_MAYBE },
	{ FACT_GENERATION, "bad_configuration", change_same_path, BEARS },
	{ FACT_GENERATION, CHANGE_PROGRAMS " " CHANGE_PEERS, change_any, BEARS_MAYBE },
	{ FACT_MOUNT, CHANGE_FILES " " CHANGE_PROGRAMS " stale_state dependency_unreachable",
		gone_mount, BEARS },
	/* what was written to a volume goes to the image now */
	{ FACT_MOUNT,
		"read_only_filesystem read_only_copy permission_denied disk_full device_denied "
		"gpu_unavailable",
		gone_mount, BEARS },
	{ FACT_MOUNT, CHANGE_FILES, new_mount, BEARS },
	{ FACT_MOUNT, "read_only_filesystem read_only_copy", now_read_only, BEARS },
	{ FACT_MOUNT, "permission_denied command_not_executable missing_library", now_noexec,
		BEARS },
	{ FACT_MOUNT, CHANGE_FILES " permission_denied read_only_copy disk_full", other_mount,
		BEARS },
	{ FACT_MOUNT, NULL, held_path, BEARS_MAYBE },
	{ FACT_READ_ONLY, "read_only_filesystem read_only_copy", root_now_read_only, BEARS },
	{ FACT_READ_ONLY, "missing_file application_error", change_now_on, BEARS_MAYBE },
	{ FACT_DIRECTORY, CHANGE_FILES " permission_denied", relative_path, BEARS },
	{ FACT_DIRECTORY, CHANGE_FILES " permission_denied", change_same_path, BEARS },
	{ FACT_IMAGE, CHANGE_FILES, in_image, BEARS },
	{ FACT_DIGEST, CHANGE_FILES, in_image, BEARS },
	{ FACT_IMAGE, "missing_library missing_module exec_format_error cpu_unsupported",
		change_any, BEARS },
	{ FACT_DIGEST, "missing_library missing_module exec_format_error cpu_unsupported",
		change_any, BEARS },
	{ FACT_IMAGE, NULL, change_any, BEARS_MAYBE },
	{ FACT_DIGEST, NULL, change_any, BEARS_MAYBE },
};

const struct change_ways ways_of_files = { rows, ARRAY_SIZE(rows) };
