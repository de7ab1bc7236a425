// SPDX-License-Identifier: MIT
/* Any bytes as each of the JSON files that describe a container, and as the head of its program. */

#include "container/bundle.h"
#include "container/bundle_names.h"
#include "container/file_facts.h"
#include "container/runtime_state.h"
#include "fuzz/fuzz.h"
#include "util/utf8.h"

static void must_be_utf8(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0, n; i < len; i += n) {
		uint32_t cp;
		n = utf8_decode(s + i, len - i, &cp);
		check(n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct container *c = container_new();
	const char *json = (const char *)data;
	struct file_facts facts = { 0 };
	char *text = NULL;
	uint64_t at, len;

	container_set(&c->bundle, "/run/bundle");
	bundle_describe(c, json, size);
	bundle_describe_docker(c, json, size);
	bundle_describe_podman(c, json, size);
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct mount *m = &c->mounts[i];
		check(m->destination[0] == '/' && m->name && m->fstype && m->source);
		must_be_utf8(m->destination);
		must_be_utf8(m->name);
		container_mount_of(c, m->destination);
	}
	must_be_utf8(c->pod);
	must_be_utf8(c->k8s_container);
	must_be_utf8(c->rootfs);
	check(c->restart_count >= -1);

	if (!runtime_state_bundle(json, size, &text))
		free(text);
	runtime_state_has_cgroup(json, size, "/sys/fs/cgroup", "/web");
	text = strndup(json, size);
	names_from_log_path(c, text);
	free(text);
	file_facts_parse(data, size, &facts, &at, &len);
	must_be_utf8(facts.interpreter);
	container_unref(c);
	return 0;
}
