// SPDX-License-Identifier: MIT
#include "output/forward_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "util/cleanup.h"

struct tls_trust {
	SSL_CTX *ctx;
};

struct tls {
	SSL *ssl;
	BIO *from_wire, *to_wire; /* the session's */
	char error[160];
};

int tls_trust_new(const char *ca, struct tls_trust **out)
{
	if (ca && access(ca, R_OK) < 0)
		return -errno;
	struct tls_trust *t = calloc(1, sizeof(*t));
	if (!t || !(t->ctx = SSL_CTX_new(TLS_client_method()))) {
		free(t);
		return -ENOMEM;
	}
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	/* A session rests for hours: its buffers need not. */
	SSL_CTX_set_mode(t->ctx, SSL_MODE_RELEASE_BUFFERS);
	int ok = ca ? SSL_CTX_load_verify_file(t->ctx, ca)
		    : SSL_CTX_set_default_verify_paths(t->ctx);
	ERR_clear_error();
	if (!ok) {
		tls_trust_free(t);
		return -EINVAL;
	}
	*out = t;
	return 0;
}

void tls_trust_free(struct tls_trust *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

/* Addresses stand in another field of a certificate than names, and are not sent as the server's name. */
static bool expect_host(SSL *ssl, const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

int tls_new(struct tls_trust *trust, const char *host, struct tls **out)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->ssl = SSL_new(trust->ctx);
	t->from_wire = BIO_new(BIO_s_mem());
	t->to_wire = BIO_new(BIO_s_mem());
	if (!t->ssl || !t->from_wire || !t->to_wire) {
		BIO_free(t->from_wire);
		BIO_free(t->to_wire);
		t->from_wire = t->to_wire = NULL;
		tls_free(t);
		return -ENOMEM;
	}
	SSL_set_bio(t->ssl, t->from_wire, t->to_wire);
	SSL_set_connect_state(t->ssl);
	if (!expect_host(t->ssl, host)) {
		tls_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	free(t);
}

static int drain(struct tls *t, struct strbuf *wire)
{
	char *data;
	long len = BIO_get_mem_data(t->to_wire, &data);

	strbuf_append(wire, data, (size_t)len);
	(void)BIO_reset(t->to_wire);
	return wire->failed ? -ENOMEM : 0;
}

/* What a call of OpenSSL that did not go through means: 0 is that it waits for more. */
static int explain(struct tls *t, int result)
{
	int reason = SSL_get_error(t->ssl, result);
	long verified = SSL_get_verify_result(t->ssl);
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
		return 0;
	if (reason == SSL_ERROR_ZERO_RETURN)
		return 1;
	if (verified != X509_V_OK)
		text = X509_verify_cert_error_string(verified);
	snprintf(t->error, sizeof(t->error), "%s", text ? text : "the session broke");
	return verified != X509_V_OK ? -EKEYREJECTED : -EPROTO;
}

static int process(struct tls *t, struct strbuf *plain)
{
	char piece[4096];
	int n;

	if (!SSL_is_init_finished(t->ssl) && (n = SSL_do_handshake(t->ssl)) <= 0)
		return explain(t, n);
	while ((n = SSL_read(t->ssl, piece, sizeof(piece))) > 0)
		strbuf_append(plain, piece, (size_t)n);
	return explain(t, n);
}

int tls_receive(
	struct tls *t, const char *data, size_t len, struct strbuf *plain, struct strbuf *wire)
{
	if (len && BIO_write(t->from_wire, data, (int)len) != (int)len)
		return -ENOMEM;
	ERR_clear_error();
	int status = process(t, plain);
	int err = drain(t, wire);
	return status ? status : err;
}

bool tls_is_ready(const struct tls *t)
{
	return SSL_is_init_finished(t->ssl);
}

int tls_send(struct tls *t, const char *data, size_t len, struct strbuf *wire)
{
	ERR_clear_error();
	int n = SSL_write(t->ssl, data, (int)len);
	if (n <= 0) {
		explain(t, n);
		return -EPROTO;
	}
	return drain(t, wire);
}

const char *tls_error(const struct tls *t)
{
	return t->error;
}
