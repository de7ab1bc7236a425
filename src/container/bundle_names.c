// SPDX-License-Identifier: MIT
#include "container/bundle_names.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "container/workload.h"
#include "util/cleanup.h"

#define METADATA_MAX 4096 /* bytes: a name and a number */
#define LABELS_MAX 65536

/* Which annotation sets which member; of several the first one that is there counts. */
static const struct {
	const char *annotation;
	size_t member; /* offset of a string in struct container */
} texts[] = {
#define MEMBER(m) offsetof(struct container, m)
	/* containerd's CRI plugin */
	{ "io.kubernetes.cri.container-name", MEMBER(k8s_container) },
	{ "io.kubernetes.cri.sandbox-name", MEMBER(pod) },
	{ "io.kubernetes.cri.sandbox-namespace", MEMBER(k8s_namespace) },
	{ "io.kubernetes.cri.sandbox-uid", MEMBER(pod_uid) },
	{ "io.kubernetes.cri.sandbox-id", MEMBER(sandbox_id) },
	{ "io.kubernetes.cri.image-name", MEMBER(image) },
	{ "io.kubernetes.cri.podsandbox.image-name", MEMBER(image) },
	/* the kubelet's labels: CRI-O, and Docker with cri-dockerd */
	{ "io.kubernetes.container.name", MEMBER(k8s_container) },
	{ "io.kubernetes.pod.name", MEMBER(pod) },
	{ "io.kubernetes.pod.namespace", MEMBER(k8s_namespace) },
	{ "io.kubernetes.pod.uid", MEMBER(pod_uid) },
	{ "io.kubernetes.sandbox.id", MEMBER(sandbox_id) },
	{ "io.kubernetes.cri-o.SandboxID", MEMBER(sandbox_id) },
	{ "io.kubernetes.cri-o.ImageName", MEMBER(image) },
	{ "io.kubernetes.cri-o.Image", MEMBER(image) },
	/* without Kubernetes */
	{ "io.kubernetes.cri-o.Name", MEMBER(name) },
	{ "nerdctl/name", MEMBER(name) },
#undef MEMBER
};

/* Annotations whose value says what kind of container it is. */
static const struct {
	const char *annotation, *value;
	enum container_type type;
} types[] = {
	{ "io.kubernetes.cri.container-type", "container", CONTAINER_MAIN },
	{ "io.kubernetes.cri.container-type", "sandbox", CONTAINER_SANDBOX },
	{ "io.kubernetes.cri-o.ContainerType", "container", CONTAINER_MAIN },
	{ "io.kubernetes.cri-o.ContainerType", "sandbox", CONTAINER_SANDBOX },
	{ "io.kubernetes.docker.type", "container", CONTAINER_MAIN },
	{ "io.kubernetes.docker.type", "podsandbox", CONTAINER_SANDBOX },
};

/* Annotations that only one runtime writes; podman also writes some of CRI-O's, so it comes first. */
static const struct {
	const char *annotation, *value, *runtime; /* value NULL: any */
} runtimes[] = {
	{ "io.container.manager", "libpod", "podman" },
	{ "io.container.manager", "cri-o", "cri-o" },
	{ "io.kubernetes.cri-o.ContainerID", NULL, "cri-o" },
	{ "io.kubernetes.cri.container-type", NULL, "containerd" },
	{ "nerdctl/namespace", NULL, "containerd" },
};

static const char *value_of(const cJSON *annotations, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(annotations, name));
}

static int parse_count(const char *text)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return -1;
	unsigned long n = strtoul(text, &end, 10);
	return *end || n > INT_MAX ? -1 : (int)n;
}

/* CRI-O keeps what the kubelet asked for: {"name":"app","attempt":1}. */
static int parse_attempt(const char *metadata)
{
	bool modest = metadata && strlen(metadata) < METADATA_MAX;
	_cleanup_json_ cJSON *json = modest ? cJSON_Parse(metadata) : NULL;
	const cJSON *attempt = cJSON_GetObjectItemCaseSensitive(json, "attempt");

	return cJSON_IsNumber(attempt) && attempt->valueint >= 0 ? attempt->valueint : -1;
}

static int restart_count(const cJSON *annotations)
{
	static const char *const counts[] = {
		"io.kubernetes.container.restartCount",
		"annotation.io.kubernetes.container.restartCount",
	};

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		int n = parse_count(value_of(annotations, counts[i]));
		if (n >= 0)
			return n;
	}
	return parse_attempt(value_of(annotations, "io.kubernetes.cri-o.Metadata"));
}

/* Docker has a sandbox's labels among its own, CRI-O in an annotation. */
static int set_labels(struct container *c, const cJSON *annotations)
{
	const char *text = value_of(annotations, "io.kubernetes.cri-o.Labels");
	bool modest = text && strlen(text) < LABELS_MAX;
	_cleanup_json_ cJSON *labels = modest ? cJSON_Parse(text) : NULL;
	const cJSON *lists[] = { annotations, labels }, *label;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		cJSON_ArrayForEach (label, lists[i])
			if (cJSON_IsString(label) && label->string &&
				workload_label(c, label->string, label->valuestring))
				return -ENOMEM;
	return 0;
}

int names_from_annotations(struct container *c, const cJSON *annotations)
{
	bool reported[ARRAY_SIZE(texts)] = { false };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *value = value_of(annotations, texts[i].annotation);
		for (size_t j = 0; j < i && value; j++)
			if (reported[j] && texts[j].member == texts[i].member)
				value = NULL;
		reported[i] = value && *value;
		if (reported[i] && container_set((char **)((char *)c + texts[i].member), value))
			return -ENOMEM;
	}
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *value = value_of(annotations, types[i].annotation);
		if (value && !strcmp(value, types[i].value))
			c->type = types[i].type;
	}
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		const char *value = value_of(annotations, runtimes[i].annotation);
		if (!value || (runtimes[i].value && strcmp(value, runtimes[i].value)))
			continue;
		if (container_set(&c->runtime, runtimes[i].runtime))
			return -ENOMEM;
		break;
	}
	if (set_labels(c, annotations))
		return -ENOMEM;
	int count = restart_count(annotations);
	if (count >= 0 && c->type != CONTAINER_SANDBOX)
		c->restart_count = count;
	/* CRI-O and Docker call a pod's sandbox "POD", which is no container of the pod's. */
	if (c->type == CONTAINER_SANDBOX && container_set(&c->k8s_container, ""))
		return -ENOMEM;
	return *c->k8s_container ? container_set(&c->name, c->k8s_container) : 0;
}

static int set_unknown(char **member, const char *value)
{
	return **member ? 0 : container_set(member, value);
}

int names_from_log_directory(struct container *c, const char *directory)
{
	_cleanup_free_ char *copy = strdup(directory);
	char *save;

	if (!copy)
		return -ENOMEM;
	char *namespace = strtok_r(copy, "_", &save), *name = strtok_r(NULL, "_", &save);
	char *uid = strtok_r(NULL, "_", &save);
	if (!uid)
		return 0;
	int rc = set_unknown(&c->k8s_namespace, namespace);
	rc = rc ?: set_unknown(&c->pod, name);
	return rc ?: set_unknown(&c->pod_uid, uid);
}

int names_from_log_path(struct container *c, const char *path)
{
	static const char pods[] = "/pods/";
	const char *start = strstr(path, pods);
	_cleanup_free_ char *copy = start ? strdup(start + strlen(pods)) : NULL;
	char *rest;

	if (!start)
		return 0;
	if (!copy)
		return -ENOMEM;
	char *pod = strtok_r(copy, "/", &rest);
	char *container = strtok_r(NULL, "/", &rest), *file = strtok_r(NULL, "/", &rest);
	if (!pod || !container || !file || strtok_r(NULL, "/", &rest))
		return 0;
	char *dot = strstr(file, ".log");
	if (!dot || dot[4])
		return 0;
	*dot = '\0';
	if (c->restart_count < 0)
		c->restart_count = parse_count(file);
	int rc = names_from_log_directory(c, pod);
	rc = rc ?: set_unknown(&c->k8s_container, container);
	return rc ?: set_unknown(&c->name, container);
}

int capability_from_name(const char *name)
{
	if (strncmp(name, "CAP_", 4))
		return -1;
	for (int i = 0; *capability_name(i); i++)
		if (!strcmp(name + 4, capability_name(i)))
			return i;
	return -1;
}
