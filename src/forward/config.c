// SPDX-License-Identifier: MIT
#include "forward/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>

#include "util/cleanup.h"
#include "util/log.h"

#define DEFAULT_PORT "24224"
#define KEY_MAX 1024
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

/* As editors and Secrets leave it: the line end is not part of the key. */
static int read_key(const char *path, char **out)
{
	char key[KEY_MAX + 1];
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, key, sizeof(key));

	if (n < 0)
		return -errno;
	if (n > KEY_MAX)
		return -EFBIG;
	while (n > 0 && (key[n - 1] == '\n' || key[n - 1] == '\r'))
		n--;
	if (n == 0)
		return -ENODATA;
	if (memchr(key, '\0', (size_t)n))
		return -EINVAL;
	*out = strndup(key, (size_t)n);
	return *out ? 0 : -ENOMEM;
}

static void free_key(char *key)
{
	if (key)
		explicit_bzero(key, strlen(key));
	free(key);
}

static int reread_key(struct forward_config *c)
{
	char *key = NULL;

	if (!c->key_file)
		return 0;
	int err = read_key(c->key_file, &key);
	if (err < 0) {
		log_error("cannot use the shared key in %s: %s", c->key_file,
			err == -ENODATA ? "it is empty" : strerror(-err));
		return err;
	}
	free_key(c->key);
	c->key = key;
	return 0;
}

static int reread_trust(struct forward_config *c)
{
	struct tls_trust *trust = NULL;

	if (!c->ca_file && !c->tls)
		return 0;
	int err = tls_trust_new(c->ca_file, &trust);
	if (err == -EINVAL && c->ca_file)
		log_error("--forward-ca %s holds no certificate in PEM form", c->ca_file);
	else if (err == -EINVAL)
		log_error("--forward-tls: this system trusts no authority: install "
			  "ca-certificates, or name those to trust with --forward-ca PATH");
	else if (err < 0)
		log_error("cannot use the certificates of %s: %s",
			c->ca_file ? c->ca_file : "the system", strerror(-err));
	if (err < 0)
		return err;
	tls_trust_free(c->trust);
	c->trust = trust;
	return 0;
}

int forward_config_reread(struct forward_config *c)
{
	int key_err = reread_key(c), trust_err = reread_trust(c);

	return key_err < 0 ? key_err : trust_err;
}

/* 0 or -ENOMEM; text may be NULL. */
static int copy_text(char **out, const char *text)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? -ENOMEM : 0;
}

int forward_config_read(struct forward_config *c, const struct forward_options *options)
{
	int err;

	*c = (struct forward_config){
		.ack_ns = options->ack_ns ? options->ack_ns : 60 * SECOND,
		.backoff_ns = options->backoff_ns ? options->backoff_ns : SECOND / 2,
		.tls = options->tls,
	};
	if (copy_text(&c->tag, options->tag) < 0 || copy_text(&c->node, options->node) < 0 ||
		copy_text(&c->key_file, options->key_file) < 0 ||
		copy_text(&c->ca_file, options->ca_file) < 0)
		return -ENOMEM;
	if (!*c->tag) {
		log_error("--forward-tag must not be empty");
		return -EINVAL;
	}
	if ((err = read_servers(c, options)) < 0)
		return err;
	return forward_config_reread(c);
}

/*
 * Each server has its turn at once; then a pause, twice as long each time, with jitter: the nodes of a
 * cluster must not all come back in the same moment.
 */
uint64_t forward_config_pause(const struct forward_config *c, unsigned failures)
{
	unsigned rounds = failures / (unsigned)c->n_servers;
	uint64_t pause = c->backoff_ns;
	uint16_t random = 0;

	if (failures % c->n_servers != 0)
		return 0;
	while (--rounds && pause < BACKOFF_MAX_NS)
		pause *= 2;
	if (pause > BACKOFF_MAX_NS)
		pause = BACKOFF_MAX_NS;
	/* Without random bits, as early after a boot, all come back early. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	return pause / 2 + (pause / 2 * random >> 16);
}

int forward_buffer_open(const struct forward_options *options, struct buffer **out)
{
	struct buffer_options buffer = { .dir = options->buffer_dir,
		.max_bytes = options->buffer_bytes };
	int err = buffer_open(&buffer, out);

	if (err == -EINVAL)
		log_error("--buffer-size must be at least 1M");
	else if (err == -EBUSY)
		log_error("another agent uses the buffer %s: stop that one, or give this one "
			  "--buffer-dir PATH",
			options->buffer_dir);
	else if (err < 0)
		log_error("cannot use the buffer %s: %s; give another place with --buffer-dir PATH",
			options->buffer_dir, strerror(-err));
	return err;
}

void forward_config_release(struct forward_config *c)
{
	for (size_t i = 0; i < c->n_servers; i++)
		forward_server_release(&c->servers[i]);
	free(c->servers);
	free(c->tag);
	free(c->node);
	free(c->key_file);
	free(c->ca_file);
	free_key(c->key);
	tls_trust_free(c->trust);
}
