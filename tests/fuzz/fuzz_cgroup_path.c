// SPDX-License-Identifier: MIT
/* Any bytes as a cgroup's path, and as a process' cgroup file. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "container/cgroup_path.h"
#include "container/hierarchy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *path)
{
	struct cgroup_path p = { .runtime = NULL };
	size_t len = cgroup_path_parse(path, &p);

	if (len > strlen(path))
		abort();
	if (!len)
		return;
	if (strlen(p.id) != CONTAINER_ID_LEN || !p.runtime)
		abort();
	if (*p.pod_uid && strlen(p.pod_uid) != 32 && strlen(p.pod_uid) != POD_UID_LEN)
		abort();
	/* What leads to the container is the container's own path. */
	char *own = strndup(path, len);
	struct cgroup_path again;
	if (cgroup_path_parse(own, &again) != len || strcmp(again.id, p.id))
		abort();
	free(own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), path[256];

	memcpy(text, data, size);
	text[size] = '\0';
	check(text);
	for (int v1 = 0; v1 < 2; v1++)
		if (!hierarchy_path_of_process(text, v1, path, sizeof(path)))
			check(path);
	free(text);
	return 0;
}
