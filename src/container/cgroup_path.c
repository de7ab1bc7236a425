// SPDX-License-Identifier: MIT
/*
 * Every runtime and cgroup driver has its own way to spell a container's cgroup:
 *
 *   cgroupfs   /kubepods/burstable/pod<uid>/<id>                  (CRI-O: crio-<id>)
 *   systemd    /kubepods.slice/kubepods-pod<uid>.slice/cri-containerd-<id>.scope
 *   mixed up   /system.slice/kubepods-pod<uid>.slice:cri-containerd:<id>
 *   no pod     /docker/<id>, /system.slice/docker-<id>.scope, /libpod_parent/<pod>/libpod-<id>
 *
 * What they share: the component ends in 64 hexadecimal digits. The path is read from the left, as whoever is in a
 * container may make cgroups below its own and name them as another container's. Of a node that is a container itself
 * (kind) the agent in it sees only what lies below the node's own cgroup.
 */
#include "container/cgroup_path.h"

#include <stdbool.h>
#include <string.h>

#include "util/cleanup.h"

struct span {
	const char *s;
	size_t len;
};

static bool ends_with(struct span c, const char *tail)
{
	size_t len = strlen(tail);

	return c.len >= len && !memcmp(c.s + c.len - len, tail, len);
}

static bool equals(struct span c, const char *text)
{
	return c.len == strlen(text) && !memcmp(c.s, text, c.len);
}

static size_t hex_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && ((s[n] >= '0' && s[n] <= '9') || (s[n] >= 'a' && s[n] <= 'f')))
		n++;
	return n;
}

/* The component before c, empty at the root. */
static struct span parent_of(const char *path, struct span c)
{
	const char *end = c.s;

	while (end > path && end[-1] == '/')
		end--;
	const char *start = end;
	while (start > path && start[-1] != '/')
		start--;
	return (struct span){ start, (size_t)(end - start) };
}

/* The component behind c, empty at the end. */
static struct span next_of(struct span c)
{
	const char *start = c.s + c.len + strspn(c.s + c.len, "/");

	return (struct span){ start, strcspn(start, "/") };
}

/*
 * "8fca4b37-a005-..." , the same with the systemd driver's "_", or a static pod's 32 digits; ends at
 * the end of the span, a "." or a ":".
 */
static bool parse_uid(struct span c, char out[static POD_UID_LEN + 1])
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	size_t used = 0;

	if (hex_run(c.s, c.len) == 32) {
		used = 32;
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
			if (i && (used == c.len || (c.s[used] != '-' && c.s[used] != '_')))
				return false;
			used += i ? 1 : 0;
			if (hex_run(c.s + used, c.len - used) != groups[i])
				return false;
			used += groups[i];
		}
	}
	if (used < c.len && c.s[used] != '.' && c.s[used] != ':')
		return false;
	for (size_t i = 0; i < used; i++)
		out[i] = c.s[i] == '_' ? '-' : c.s[i];
	out[used] = '\0';
	return true;
}

/* "pod<uid>" or "kubepods-burstable-pod<uid>.slice". */
static bool find_uid(struct span c, char out[static POD_UID_LEN + 1])
{
	for (size_t i = 0; i + 3 <= c.len; i++) {
		if (memcmp(c.s + i, "pod", 3) || (i && c.s[i - 1] != '-'))
			continue;
		if (parse_uid((struct span){ c.s + i + 3, c.len - i - 3 }, out))
			return true;
	}
	return false;
}

static const char *runtime_hint(struct span prefix, struct span parent)
{
	static const struct {
		const char *prefix, *runtime;
	} by_prefix[] = {
		{ "cri-containerd", "containerd" },
		{ "nerdctl", "containerd" },
		{ "crio", "cri-o" },
		{ "docker", "docker" },
		{ "libpod", "podman" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(by_prefix); i++)
		if (ends_with(prefix, by_prefix[i].prefix))
			return by_prefix[i].runtime;
	return equals(parent, "docker") ? "docker" : "";
}

/* The component names a container: "<id>", "PREFIX-<id>", either with ".scope", "...:PREFIX:<id>". */
static bool parse_component(const char *path, struct span c, struct cgroup_path *out)
{
	struct span name = c, parent = parent_of(path, c);

	if (ends_with(name, ".scope"))
		name.len -= strlen(".scope");
	if (name.len < CONTAINER_ID_LEN)
		return false;
	struct span prefix = { name.s, name.len - CONTAINER_ID_LEN };
	const char *id = name.s + prefix.len;
	if (hex_run(id, CONTAINER_ID_LEN) != CONTAINER_ID_LEN)
		return false;
	if (prefix.len) {
		char separator = prefix.s[--prefix.len];
		if (separator != '-' && separator != ':')
			return false;
	}
	/* conmon watches a container from a cgroup of its own beside it; podman's pods have ids too. */
	if (ends_with(prefix, "conmon") || (!prefix.len && equals(parent, "libpod_parent")))
		return false;
	memcpy(out->id, id, CONTAINER_ID_LEN);
	out->id[CONTAINER_ID_LEN] = '\0';
	out->runtime = runtime_hint(prefix, parent);
	return true;
}

size_t cgroup_path_parse(const char *path, struct cgroup_path *out)
{
	struct cgroup_path found = { 0 };
	struct span c = next_of((struct span){ path, 0 });

	while (c.len && !parse_component(path, c, &found))
		c = next_of(c);
	if (!c.len)
		return 0;
	size_t len = (size_t)(c.s + c.len - path);
	if (!path[len + strspn(path + len, "/")])
		len = strlen(path);
	while (c.len && !find_uid(c, found.pod_uid))
		c = parent_of(path, c);
	*out = found;
	return len;
}

static int add_name(struct span name, char out[CONTAINER_NAME_SIZE])
{
	if (!name.len || name.len >= CONTAINER_NAME_SIZE)
		return 0;
	memcpy(out, name.s, name.len);
	out[name.len] = '\0';
	return 1;
}

int cgroup_path_plain_names(const char *path, char out[PLAIN_NAMES_MAX][CONTAINER_NAME_SIZE])
{
	const char *slash = strrchr(path, '/');
	struct span name = next_of((struct span){ slash ?: path, 0 });
	bool scope = ends_with(name, ".scope");

	if (scope)
		name.len -= strlen(".scope");
	int n = add_name(name, out[0]);
	const char *dash = memchr(name.s, '-', name.len);
	if (!scope || !dash)
		return n;
	size_t skip = (size_t)(dash + 1 - name.s);
	return n + add_name((struct span){ name.s + skip, name.len - skip }, out[n]);
}
