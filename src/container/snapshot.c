// SPDX-License-Identifier: MIT
/*
 * Secrets reach programs as variables and as arguments that the kubelet made of variables, $(DB_PASSWORD). So of a
 * variable there is a salted hash (HMAC), and an argument that holds the value of a variable is a hash as well.
 * What the kubelet alone adds is left out: variables for each service of the namespace come and go with services that
 * this program never heard of, and addresses and names of the pod are new with each pod.
 */
#include "container/snapshot.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/strbuf.h"

#define VARIABLES_MAX 1024
#define HIDDEN_LEAST 4 /* characters: a shorter value is in every other argument, and no secret */
#define ARGUMENT_MAX 200
#define COMMAND_MAX 400
#define HASH_BYTES 8 /* of the HMAC that are kept */
#define HASH_TEXT (2 * HASH_BYTES + 2)

struct variable {
	const char *name, *value; /* name: up to its '=' */
	size_t name_len;
};

struct environment {
	struct variable all[VARIABLES_MAX];
	size_t n;
};

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void hash_text(const struct snapshot *s, const char *text, size_t len, char out[HASH_TEXT])
{
	uint8_t digest[32] = { 0 };

	*out = '#';
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, s->salt, SALT_SIZE, text, len, digest) < 0)
		memset(digest, 0,
			sizeof(digest)); /* all alike: no change is seen, and none claimed */
	for (size_t i = 0; i < HASH_BYTES; i++)
		snprintf(out + 1 + 2 * i, 3, "%02x", digest[i]);
}

static void read_environment(struct environment *e, const cJSON *list)
{
	const cJSON *item;

	e->n = 0;
	cJSON_ArrayForEach (item, list) {
		const char *text = cJSON_GetStringValue(item) ?: "", *equals = strchr(text, '=');

		if (!equals || equals == text || e->n == VARIABLES_MAX)
			continue;
		e->all[e->n++] = (struct variable){ text, equals + 1, (size_t)(equals - text) };
	}
}

static bool has(const struct environment *e, const char *prefix, size_t len, const char *suffix)
{
	char name[256];
	size_t name_len = (size_t)snprintf(
		name, sizeof(name), "%.*s%s", (int)(len < 200 ? len : 200), prefix, suffix);

	for (size_t i = 0; i < e->n; i++)
		if (e->all[i].name_len == name_len && !memcmp(e->all[i].name, name, name_len))
			return true;
	return false;
}

/* DB_SERVICE_HOST, DB_SERVICE_PORT, DB_PORT, DB_PORT_5432_TCP_ADDR, ...: of a service there are always the first three. */
static bool is_service_link(const struct environment *e, const struct variable *v)
{
	static const char *const parts[] = { "_SERVICE_HOST", "_SERVICE_PORT", "_PORT" };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *at = memmem(v->name, v->name_len, parts[i], strlen(parts[i]));
		size_t len = at ? (size_t)(at - v->name) : 0;

		if (len && has(e, v->name, len, "_SERVICE_HOST") &&
			has(e, v->name, len, "_SERVICE_PORT") && has(e, v->name, len, "_PORT"))
			return true;
	}
	return false;
}

/* New with each pod, by the names that everybody gives to what the downward API tells. */
static bool is_of_the_pod(const struct variable *v)
{
	static const char *const ends[] = { "HOSTNAME", "POD_IP", "POD_IPS", "POD_UID", "HOST_IP",
		"HOST_IPS", "NODE_IP", "NODE_NAME", "POD_NAME" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t len = strlen(ends[i]);
		if (v->name_len >= len && !memcmp(v->name + v->name_len - len, ends[i], len))
			return true;
	}
	return false;
}

/* Of two the last one wins, as it does in execve(). */
static bool is_set_again(const struct environment *e, size_t at)
{
	const struct variable *v = &e->all[at];

	for (size_t i = at + 1; i < e->n; i++)
		if (e->all[i].name_len == v->name_len &&
			!memcmp(e->all[i].name, v->name, v->name_len))
			return true;
	return false;
}

/* The text with the pod's name and uid as '*'. */
static void add_without_pod(struct strbuf *out, const struct container *c, const char *text)
{
	const char *own[] = { c->pod, c->pod_uid };

	while (*text) {
		size_t len = 0;

		for (size_t i = 0; i < ARRAY_SIZE(own) && !len; i++)
			if (*own[i] && !strncmp(text, own[i], strlen(own[i])))
				len = strlen(own[i]);
		strbuf_putc(out, len ? '*' : *text);
		text += len ? len : 1;
	}
}

static int add_variables(struct container *c, const struct environment *e)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct variable *v = &e->all[i];
		_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
		_cleanup_free_ char *name = strndup(v->name, v->name_len);
		char hash[HASH_TEXT];

		if (is_service_link(e, v) || is_of_the_pod(v) || is_set_again(e, i))
			continue;
		add_without_pod(&plain, c, v->value);
		if (!name || plain.failed)
			return -ENOMEM;
		/* The name goes in too: equal values of two variables are nobody's business. */
		strbuf_puts(&plain, "=");
		strbuf_puts(&plain, name);
		hash_text(c->start, plain.data ?: "", plain.len, hash);
		if (snapshot_add(c->start, FACT_VARIABLE, name, hash))
			return -ENOMEM;
	}
	return 0;
}

static bool holds_value(const struct environment *e, const char *argument)
{
	for (size_t i = 0; i < e->n; i++)
		if (strlen(e->all[i].value) >= HIDDEN_LEAST && strstr(argument, e->all[i].value))
			return true;
	return false;
}

static int add_command(struct container *c, const struct environment *e)
{
	_cleanup_strbuf_ struct strbuf all = STRBUF_INIT, whole = STRBUF_INIT;
	char hash[HASH_TEXT];

	for (size_t i = 0; i < c->n_args; i++) {
		_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
		add_without_pod(&plain, c, c->args[i]);
		const char *text = plain.data ?: "";
		strbuf_append(&whole, text, plain.len + (plain.data != NULL));
		if (i)
			strbuf_putc(&all, ' ');
		if (plain.len > ARGUMENT_MAX || holds_value(e, c->args[i])) {
			hash_text(c->start, text, plain.len, hash);
			text = hash;
		}
		strbuf_puts(&all, text);
	}
	if (all.failed || whole.failed)
		return -ENOMEM;
	if (!all.len)
		return 0;
	hash_text(c->start, whole.data, whole.len, hash);
	if (all.len > COMMAND_MAX) {
		all.data[COMMAND_MAX] = '\0';
		all.len = COMMAND_MAX;
		strbuf_puts(&all, "...");
	}
	strbuf_printf(&all, "\n%s", hash);
	return snapshot_add(c->start, FACT_COMMAND, "", all.data);
}

/* SELinux gives each pod categories of its own: "system_u:system_r:container_t:s0:c12,c34". */
static int add_label(struct snapshot *s, const cJSON *process)
{
	const char *apparmor = cJSON_GetStringValue(member(process, "apparmorProfile"));
	const char *selinux = cJSON_GetStringValue(member(process, "selinuxLabel"));
	char label[256];
	int colons = 0;
	size_t len = 0;

	if (apparmor && *apparmor)
		return snapshot_add(s, FACT_LABEL, "", apparmor);
	if (!selinux || !*selinux)
		return 0;
	while (selinux[len] && len < sizeof(label) - 1 && (selinux[len] != ':' || ++colons < 3))
		len++;
	snprintf(label, sizeof(label), "%.*s", (int)len, selinux);
	return snapshot_add(s, FACT_LABEL, "", label);
}

/* Which profile, by what it says: a call more or less is another one. */
static int add_seccomp(struct snapshot *s, const cJSON *seccomp)
{
	char hash[HASH_TEXT], text[64];

	if (!cJSON_IsObject(seccomp))
		return snapshot_add(s, FACT_SECCOMP, "", "off");
	_cleanup_free_ char *json = cJSON_PrintUnformatted(seccomp);
	if (!json)
		return -ENOMEM;
	hash_text(s, json, strlen(json), hash);
	snprintf(text, sizeof(text), "a profile (%s)", hash);
	return snapshot_add(s, FACT_SECCOMP, "", text);
}

static int add_cpu(struct snapshot *s, const cJSON *resources)
{
	const cJSON *quota = member(member(resources, "cpu"), "quota");
	const cJSON *period = member(member(resources, "cpu"), "period");
	char text[32];

	if (!cJSON_IsNumber(quota) || !cJSON_IsNumber(period) || !(quota->valuedouble > 0) ||
		!(period->valuedouble > 0) || quota->valuedouble > 1e12)
		return 0;
	snprintf(text, sizeof(text), "%.0fm", quota->valuedouble * 1000 / period->valuedouble);
	return snapshot_add(s, FACT_LIMIT, "CPU", text);
}

static int add_runtime(struct container *c, const cJSON *config)
{
	const char *version = cJSON_GetStringValue(member(config, "ociVersion")) ?: "";
	char text[128];

	snprintf(text, sizeof(text), "%s%s%s", *c->runtime ? c->runtime : "runc",
		*version ? ", OCI " : "", version);
	return snapshot_add(c->start, FACT_RUNTIME, "", text);
}

static int add_digest(struct container *c, const cJSON *annotations)
{
	const char *digest =
		cJSON_GetStringValue(member(annotations, "io.kubernetes.cri-o.ImageRef"));

	return snapshot_digest(c, digest ?: "");
}

int snapshot_digest(struct container *c, const char *digest)
{
	return c->start && *digest ? snapshot_add(c->start, FACT_DIGEST, "", digest) : 0;
}

int snapshot_config(struct container *c, const cJSON *config)
{
	const cJSON *process = member(config, "process"), *linux_part = member(config, "linux");
	_cleanup_free_ struct environment *e = c->start ? malloc(sizeof(*e)) : NULL;

	if (!c->start)
		return 0;
	if (!e)
		return -ENOMEM;
	read_environment(e, member(process, "env"));
	int rc = add_variables(c, e);
	rc = rc ?: add_command(c, e);
	rc = rc ?: add_label(c->start, process);
	rc = rc ?: add_seccomp(c->start, member(linux_part, "seccomp"));
	rc = rc ?: add_digest(c, member(config, "annotations"));
	rc = rc ?: add_cpu(c->start, member(linux_part, "resources"));
	return rc ?: add_runtime(c, config);
}
