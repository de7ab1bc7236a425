// SPDX-License-Identifier: MIT
#include "forward/config.h"

#include <errno.h>
#include <string.h>

#include "util/alarm.h"
#include "util/cleanup.h"
#include "util/log.h"

#define DEFAULT_PORT "24224"
#define TAG_MAX 255
#define SECOND 1000000000ull
#define BACKOFF_MAX_NS (30 * SECOND)

/* The end of the host, whose brackets are not part of it; *port is what follows. NULL: no such form. */
static const char *host_end(const char **host, const char **port)
{
	const char *text = *host;
	const char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");

	if (!end)
		return NULL;
	*host = *text == '[' ? text + 1 : text;
	*port = *text == '[' ? end + 1 : end;
	/* More than one colon without brackets is an IPv6 address, and no port is meant. */
	if (*text != '[' && *end && strchr(end + 1, ':'))
		*port = end = text + strlen(text);
	return end > *host ? end : NULL;
}

static bool is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && digits <= 5 && !text[digits] && strtoul(text, NULL, 10) - 1 < 65535;
}

int forward_server_parse(const char *text, struct link_server *out)
{
	const char *host = text, *port;
	const char *end = host_end(&host, &port);

	if (!end || (*port && (*port != ':' || !is_port(port + 1))))
		return -EINVAL;
	struct link_server s = {
		.host = strndup(host, (size_t)(end - host)),
		.port = strdup(*port ? port + 1 : DEFAULT_PORT),
	};
	const char *form = s.host && strchr(s.host, ':') ? "[%s]:%s" : "%s:%s";
	if (!s.host || !s.port || asprintf(&s.name, form, s.host, s.port) < 0) {
		s.name = NULL;
		forward_server_release(&s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

void forward_server_release(struct link_server *s)
{
	free(s->host);
	free(s->port);
	free(s->name);
}

static int read_servers(struct forward_config *c, const struct forward_options *options)
{
	c->servers = calloc(options->n_servers, sizeof(*c->servers));
	if (!c->servers)
		return -ENOMEM;
	for (size_t i = 0; i < options->n_servers; i++) {
		int err = forward_server_parse(options->servers[i], &c->servers[i]);

		if (err == -EINVAL)
			log_error("--forward cannot be \"%s\": it must be HOST:PORT",
				options->servers[i]);
		if (err < 0)
			return err;
		c->n_servers++;
	}
	return 0;
}

int forward_config_read(struct forward_config *c, const struct forward_options *options)
{
	int err;

	*c = (struct forward_config){
		.ack_ns = options->ack_ns ? options->ack_ns : 60 * SECOND,
		.backoff_ns = options->backoff_ns ? options->backoff_ns : SECOND / 2,
		.compress = options->compress,
	};
	c->node = strdup(options->node);
	if (!c->node)
		return -ENOMEM;
	if (!*options->tag || strlen(options->tag) > TAG_MAX) {
		log_error("--forward-tag must have 1 to %d bytes", TAG_MAX);
		return -EINVAL;
	}
	if ((err = read_servers(c, options)) < 0)
		return err;
	return forward_secrets_read(&c->secrets, options);
}

/* Each server has its turn at once; then there is a pause. */
uint64_t forward_config_pause(const struct forward_config *c, unsigned failures)
{
	if (failures % c->n_servers != 0)
		return 0;
	return backoff_pause(c->backoff_ns, BACKOFF_MAX_NS, failures / (unsigned)c->n_servers);
}

int forward_buffer_open(const struct forward_options *options, struct buffer **out)
{
	struct buffer_options buffer = {
		.dir = options->buffer_dir, .max_bytes = options->buffer_bytes, .tag = options->tag
	};
	int err = buffer_open(&buffer, out);

	if (err == -EINVAL)
		log_error("--buffer-size must be at least 1M");
	else if (err == -EBUSY)
		log_error("another agent uses the buffer %s: stop it, or use --buffer-dir PATH",
			options->buffer_dir);
	else if (err < 0)
		log_error("cannot use the buffer %s: %s; use another one with --buffer-dir PATH",
			options->buffer_dir, strerror(-err));
	return err;
}

void forward_config_release(struct forward_config *c)
{
	for (size_t i = 0; i < c->n_servers; i++)
		forward_server_release(&c->servers[i]);
	free(c->servers);
	free(c->node);
	forward_secrets_release(&c->secrets);
}
