// SPDX-License-Identifier: MIT
#include "forward/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/log.h"

#define SECRET_MAX 1024 /* bytes of a key or a password */
#define USER_MAX 255    /* a PING of more than 1 KiB is no PING to Fluent Bit */

/* As editors and Secrets leave it: the line end is not part of it. */
static int read_secret(const char *path, char **out)
{
	char text[SECRET_MAX + 1];
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (n < 0)
		return -errno;
	if (n > SECRET_MAX)
		return -EFBIG;
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n == 0)
		return -ENODATA;
	if (memchr(text, '\0', (size_t)n))
		return -EINVAL;
	*out = strndup(text, (size_t)n);
	explicit_bzero(text, sizeof(text));
	return *out ? 0 : -ENOMEM;
}

static void free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* What the file holds instead of *secret; without a file that stays. */
static int reread_secret(char **secret, const char *path, const char *what)
{
	char *text = NULL;

	if (!path)
		return 0;
	int err = read_secret(path, &text);
	if (err < 0) {
		log_error("cannot use the %s in %s: %s", what, path,
			err == -ENODATA ? "it is empty" : strerror(-err));
		return err;
	}
	free_secret(*secret);
	*secret = text;
	return 0;
}

static void say_no_trust(const char *ca_file, int err)
{
	if (err == -EINVAL && ca_file)
		log_error("--forward-ca %s holds no certificate in PEM form", ca_file);
	else if (err == -EINVAL)
		log_error("--forward-tls: this system trusts no authority: install "
			  "ca-certificates, or name those to trust with --forward-ca PATH");
	else
		log_error("cannot use the certificates of %s: %s", ca_file ? ca_file : "the system",
			strerror(-err));
}

static int present_certificate(const struct forward_secrets *s, struct tls_trust *trust)
{
	const char *why = NULL;
	int err = s->cert_file ? tls_trust_present(trust, s->cert_file, s->cert_key_file, &why) : 0;

	if (err < 0)
		log_error("cannot use the certificate --forward-cert %s with the key "
			  "--forward-cert-key %s: %s",
			s->cert_file, s->cert_key_file, why);
	return err;
}

static int reread_trust(struct forward_secrets *s)
{
	struct tls_trust *trust = NULL;

	if (!s->tls)
		return 0;
	int err = tls_trust_new(s->ca_file, &trust);
	if (err < 0) {
		say_no_trust(s->ca_file, err);
		return err;
	}
	if ((err = present_certificate(s, trust)) < 0) {
		tls_trust_free(trust);
		return err;
	}
	tls_trust_free(s->trust);
	s->trust = trust;
	return 0;
}

int forward_secrets_reread(struct forward_secrets *s)
{
	int key = reread_secret(&s->key, s->key_file, "shared key");
	int password = reread_secret(&s->password, s->password_file, "password");
	int trust = reread_trust(s);

	return key < 0 ? key : password < 0 ? password : trust;
}

/* One of two options that mean nothing alone. */
static int check_pair(const char *name, const char *value, const char *other, const char *its_value)
{
	if (!value == !its_value)
		return 0;
	log_error("--forward-%s needs --forward-%s", value ? name : other, value ? other : name);
	return -EINVAL;
}

static int check_options(const struct forward_options *o)
{
	if (check_pair("user", o->user, "password-file", o->password_file) < 0 ||
		check_pair("cert", o->cert_file, "cert-key", o->cert_key_file) < 0)
		return -EINVAL;
	if (!o->user || (*o->user && strlen(o->user) <= USER_MAX))
		return 0;
	log_error("--forward-user must have 1 to %d bytes", USER_MAX);
	return -EINVAL;
}

/* 0 or -ENOMEM; text may be NULL. */
static int copy_text(char **out, const char *text)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? -ENOMEM : 0;
}

int forward_secrets_read(struct forward_secrets *s, const struct forward_options *o)
{
	bool anonymous_key = o->user && !o->key_file;

	*s = (struct forward_secrets){ .tls = o->tls || o->ca_file || o->cert_file };
	if (check_options(o) < 0)
		return -EINVAL;
	if (copy_text(&s->key_file, o->key_file) < 0 || copy_text(&s->user, o->user) < 0 ||
		copy_text(&s->password_file, o->password_file) < 0 ||
		copy_text(&s->ca_file, o->ca_file) < 0 ||
		copy_text(&s->cert_file, o->cert_file) < 0 ||
		copy_text(&s->cert_key_file, o->cert_key_file) < 0 ||
		copy_text(&s->key, anonymous_key ? "" : NULL) < 0)
		return -ENOMEM;
	return forward_secrets_reread(s);
}

void forward_secrets_release(struct forward_secrets *s)
{
	free(s->key_file);
	free(s->password_file);
	free(s->ca_file);
	free(s->cert_file);
	free(s->cert_key_file);
	free(s->user);
	free_secret(s->key);
	free_secret(s->password);
	tls_trust_free(s->trust);
}
