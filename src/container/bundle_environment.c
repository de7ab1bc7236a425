// SPDX-License-Identifier: MIT
/* Which variables have a value that programs stumble over: the names, and no value but that of a host name. */
#include <cjson/cJSON.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "container/bundle.h"

#define ODD_NAMES_MAX 512 /* bytes */
#define HOST_MAX 254

/* "${DB_HOST}", "http://$(HOST):80": of these Kubernetes fills in "$(NAME)" alone, of a variable that it knows. */
static bool is_placeholder(const char *value)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	for (const char *s = strchr(value, '$'); s; s = strchr(s + 1, '$')) {
		size_t len = s[1] == '{' || s[1] == '(' ? strspn(s + 2, letters) : 0;
		if (len && s[2 + len] == (s[1] == '{' ? '}' : ')'))
			return true;
	}
	return false;
}

static bool ends_with(const char *name, const char *end, const char *tail)
{
	size_t len = strlen(tail);

	return (size_t)(end - name) >= len && !strncasecmp(end - len, tail, len);
}

/* KAFKA_PORT=tcp://10.96.12.7:9092, as the kubelet makes it of a Service named kafka; each pod has that of the API server. */
static bool is_service_port(const char *name, const char *equals)
{
	const char *value = equals + 1;

	return ends_with(name, equals, "_PORT") && strncmp(name, "KUBERNETES_PORT=", 16) != 0 &&
	       (!strncmp(value, "tcp://", 6) || !strncmp(value, "udp://", 6)) &&
	       strspn(value + 6, "0123456789abcdef.:[]") == strlen(value + 6);
}

static char **shape_of(struct container *c, const char *name, const char *equals)
{
	const char *value = equals + 1;
	size_t len = strlen(value);

	if (!len)
		return &c->env_empty;
	if (is_service_port(name, equals))
		return &c->env_service;
	if (value[len - 1] == '\n')
		return &c->env_line_break;
	if (len >= PATH_MAX)
		return &c->env_long;
	return is_placeholder(value) ? &c->env_placeholder : NULL;
}

/* "DB_HOST=db\n": what is called a host and looks like one is no secret, and what was meant is not seen elsewhere. */
static int keep_host(struct container *c, const char *name, const char *value)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	const char *host = value + 1;
	size_t len = strspn(host, letters);
	char text[HOST_MAX];

	if (!(ends_with(name, value, "HOST") || ends_with(name, value, "HOSTNAME")) || !len ||
		len >= sizeof(text) || strcmp(host + len, "\n"))
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)len, host);
	return container_set(&c->env_host, text);
}

int bundle_environment(struct container *c, const cJSON *env)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, env) {
		const char *text = cJSON_GetStringValue(item) ?: "", *value = strchr(text, '=');
		char **names = value ? shape_of(c, text, value) : NULL;
		char list[ODD_NAMES_MAX];
		if (!names ||
			(size_t)snprintf(list, sizeof(list), "%s%s%.*s", *names, **names ? " " : "",
				(int)(value - text), text) >= sizeof(list))
			continue;
		int rc = container_set(names, list);
		if (!rc && names == &c->env_line_break && !*c->env_host)
			rc = keep_host(c, text, value);
		if (rc)
			return rc;
	}
	return 0;
}
