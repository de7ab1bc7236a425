// SPDX-License-Identifier: MIT
/* Any bytes as a cgroup's path, and as a process' cgroup file. */

#include "container/cgroup_path.h"
#include "container/hierarchy.h"
#include "fuzz/fuzz.h"

static void check_path(const char *path)
{
	struct cgroup_path p = { .runtime = NULL };
	size_t len = cgroup_path_parse(path, &p);

	check(len <= strlen(path));
	if (!len)
		return;
	check(strlen(p.id) == CONTAINER_ID_LEN && p.runtime);
	check(!*p.pod_uid || strlen(p.pod_uid) == 32 || strlen(p.pod_uid) == POD_UID_LEN);
	/* What leads to the container is the container's own path. */
	char *own = strndup(path, len);
	struct cgroup_path again;
	check(cgroup_path_parse(own, &again) == len && !strcmp(again.id, p.id));
	free(own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), path[256];

	memcpy(text, data, size);
	text[size] = '\0';
	check_path(text);
	for (int v1 = 0; v1 < 2; v1++)
		if (!hierarchy_path_of_process(text, v1, path, sizeof(path)))
			check_path(path);
	free(text);
	return 0;
}
