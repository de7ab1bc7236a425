// SPDX-License-Identifier: MIT
#include "container/runtime_state.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "container/bundle.h"
#include "util/cleanup.h"

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(member(object, name)) ?: "";
}

int runtime_state_bundle(const char *json, size_t len, char **bundle)
{
	_cleanup_json_ cJSON *state = bundle_parse(json, len);
	const char *found = text_of(state, "bundle");
	const cJSON *label;

	cJSON_ArrayForEach (label, member(member(state, "config"), "labels"))
		if (cJSON_IsString(label) && !strncmp(label->valuestring, "bundle=", 7))
			found = label->valuestring + 7;
	if (*found != '/')
		return -ENOENT;
	char *copy = strdup(found);
	if (!copy)
		return -ENOMEM;
	*bundle = copy;
	return 0;
}

/* runc and youki list a path for each hierarchy, from the top of all files; crun has one, from the hierarchy's root. */
bool runtime_state_has_cgroup(const char *json, size_t len, const char *root, const char *path)
{
	_cleanup_json_ cJSON *state = bundle_parse(json, len);
	size_t root_len = strlen(root);
	const cJSON *item;

	if (!strcmp(text_of(state, "cgroup-path"), path))
		return true;
	cJSON_ArrayForEach (item, member(state, "cgroup_paths")) {
		const char *full = cJSON_GetStringValue(item) ?: "";
		if (!strncmp(full, root, root_len) && !strcmp(full + root_len, path))
			return true;
	}
	return false;
}
