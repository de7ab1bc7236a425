// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "container/runtimes.h"
#include "event/decode.h"
#include "util/cleanup.h"

/* Options of runc, crun and youki that take a value as the next argument. */
static bool takes_value(const char *option)
{
	static const char *const options[] = { "--root", "-r", "--log", "-l", "--log-format",
		"--log-level", "--criu", "--rootless", "--cgroup-manager", "--bundle", "-b",
		"--config", "-f", "--console-socket", "--pid-file", "--preserve-fds",
		"--image-path", "--work-path", "--parent-path", "--manage-cgroups-mode" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(option, options[i]))
			return true;
	return false;
}

static bool makes_container(const char *verb)
{
	return !strcmp(verb, "create") || !strcmp(verb, "run") || !strcmp(verb, "restore");
}

/* The value of --bundle or -b in args[i], either as "--bundle=B" or as the next argument; else NULL. */
static const char *bundle_value(const char *const *args, uint32_t argc, uint32_t i)
{
	static const char *const prefixes[] = { "--bundle=", "-b=" };

	for (size_t j = 0; j < ARRAY_SIZE(prefixes); j++)
		if (!strncmp(args[i], prefixes[j], strlen(prefixes[j])))
			return args[i] + strlen(prefixes[j]);
	if (i + 1 < argc && (!strcmp(args[i], "--bundle") || !strcmp(args[i], "-b")))
		return args[i + 1];
	return NULL;
}

bool runtime_call_parse(
	const char *const *args, uint32_t argc, const char *cwd, struct runtime_call *out)
{
	const char *verb = NULL, *bundle = ".", *id = NULL;

	for (uint32_t i = 1; i < argc && !id; i++) {
		if (verb && bundle_value(args, argc, i))
			bundle = bundle_value(args, argc, i);
		if (args[i][0] == '-')
			i += takes_value(args[i]);
		else if (!verb)
			verb = args[i];
		else
			id = args[i];
	}
	if (!id || !makes_container(verb) || strlen(id) >= sizeof(out->id))
		return false;
	if (path_join(out->bundle, sizeof(out->bundle), cwd && *cwd ? cwd : "/", bundle) < 0)
		return false;
	snprintf(out->id, sizeof(out->id), "%s", id);
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * runc starts "runc init" from /proc/self/exe, or, so that a container cannot overwrite it
 * (CVE-2019-5736), from a sealed copy in memory. Other runtimes fork without an exec.
 */
bool runtime_is_init(const char *executable, const char *const *args, uint32_t argc)
{
	static const char *const names[] = { "runc", "exe", "youki", "nvidia-container-runtime" };

	if (argc != 2 || strcmp(args[1], "init"))
		return false;
	if (executable && (strstr(executable, "memfd:runc") || strstr(executable, "runc-dmz")))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(base_name(args[0]), names[i]))
			return true;
	return executable && !strcmp(base_name(executable), "runc");
}

bool runtime_is_init_comm(const char *comm)
{
	return strstr(comm, ":[2:INIT]") != NULL;
}

bool runtime_is_stage_comm(const char *comm)
{
	return !strncmp(comm, "runc:[", 6) || !strncmp(comm, "youki:[", 7) ||
	       !strcmp(comm, "runc") || !strcmp(comm, "crun") || !strcmp(comm, "exe");
}
