// SPDX-License-Identifier: MIT
/* The client of forward/tls.h against a server of GnuTLS's own, in memory, with certificates made here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "forward/tls.h"
#include "util/cleanup.h"

#define DAY 86400

struct identity {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

struct server {
	gnutls_session_t session;
	gnutls_certificate_credentials_t cred;
	struct strbuf in, out;
	bool ready;
};

static struct identity authority, namesake, stranger;
static char ca_file[] = "/tmp/ktrace-ca-XXXXXX";

struct wish {
	const char *subject;
	const char *name, *address; /* either */
	const char *purpose;
	int from, until; /* days from now */
};

static struct identity make_identity(const struct wish *w, const struct identity *issuer)
{
	struct identity i;
	unsigned char serial[] = { 1, 2, 3 }, loopback[] = { 127, 0, 0, 1 };

	gnutls_x509_crt_init(&i.crt);
	gnutls_x509_privkey_init(&i.key);
	assert_int_equal(gnutls_x509_privkey_generate(i.key, GNUTLS_PK_ECDSA,
				 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	gnutls_x509_crt_set_version(i.crt, 3);
	gnutls_x509_crt_set_serial(i.crt, serial, sizeof(serial));
	gnutls_x509_crt_set_activation_time(i.crt, time(NULL) + (time_t)w->from * DAY);
	gnutls_x509_crt_set_expiration_time(i.crt, time(NULL) + (time_t)w->until * DAY);
	gnutls_x509_crt_set_key(i.crt, i.key);
	gnutls_x509_crt_set_dn(i.crt, w->subject ? w->subject : "CN=server", NULL);
	gnutls_x509_crt_set_basic_constraints(i.crt, !issuer, -1);
	if (w->name)
		gnutls_x509_crt_set_subject_alt_name(
			i.crt, GNUTLS_SAN_DNSNAME, w->name, (unsigned)strlen(w->name), 0);
	if (w->address)
		gnutls_x509_crt_set_subject_alt_name(
			i.crt, GNUTLS_SAN_IPADDRESS, loopback, sizeof(loopback), 0);
	if (w->purpose)
		gnutls_x509_crt_set_key_purpose_oid(i.crt, w->purpose, 0);
	if (!issuer)
		issuer = &i;
	assert_int_equal(
		gnutls_x509_crt_sign2(i.crt, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0), 0);
	return i;
}

static void free_identity(struct identity *i)
{
	gnutls_x509_crt_deinit(i->crt);
	gnutls_x509_privkey_deinit(i->key);
}

static ssize_t pull(gnutls_transport_ptr_t ctx, void *data, size_t len)
{
	struct server *s = ctx;

	if (!s->in.len) {
		gnutls_transport_set_errno(s->session, EAGAIN);
		return -1;
	}
	len = len < s->in.len ? len : s->in.len;
	memcpy(data, s->in.data, len);
	memmove(s->in.data, s->in.data + len, s->in.len - len);
	s->in.len -= len;
	return (ssize_t)len;
}

static ssize_t push(gnutls_transport_ptr_t ctx, const void *data, size_t len)
{
	strbuf_append(&((struct server *)ctx)->out, data, len);
	return (ssize_t)len;
}

static struct server *server_new(struct identity *i, const char *priority)
{
	struct server *s = calloc(1, sizeof(*s));

	gnutls_certificate_allocate_credentials(&s->cred);
	assert_int_equal(gnutls_certificate_set_x509_key(s->cred, &i->crt, 1, i->key), 0);
	gnutls_init(&s->session, GNUTLS_SERVER | GNUTLS_NONBLOCK);
	gnutls_transport_set_ptr(s->session, s);
	gnutls_transport_set_pull_function(s->session, pull);
	gnutls_transport_set_push_function(s->session, push);
	assert_int_equal(gnutls_priority_set_direct(s->session, priority, NULL), 0);
	gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, s->cred);
	return s;
}

static void server_free(struct server *s)
{
	gnutls_deinit(s->session);
	gnutls_certificate_free_credentials(s->cred);
	strbuf_free(&s->in);
	strbuf_free(&s->out);
	free(s);
}

/* What the server has said, `piece` bytes at a time. The client's status. */
static int deliver(struct server *s, struct tls *t, size_t piece, struct strbuf *plain)
{
	int status = 0;

	for (size_t at = 0; at < s->out.len && status == 0; at += piece) {
		size_t len = s->out.len - at < piece ? s->out.len - at : piece;

		status = tls_receive(t, s->out.data + at, len, plain, &s->in);
	}
	strbuf_reset(&s->out);
	return status;
}

/* Until both are ready, or the client has failed: 0 or its status. */
static int shake_hands(struct server *s, struct tls *t, size_t piece, struct strbuf *plain)
{
	int status = tls_receive(t, NULL, 0, plain, &s->in);

	for (int round = 0; status == 0 && round < 10; round++) {
		int err = s->ready ? 0 : gnutls_handshake(s->session);

		s->ready = err == 0;
		if (err < 0 && gnutls_error_is_fatal(err))
			gnutls_alert_send_appropriate(s->session, err);
		if (s->ready && tls_is_ready(t) && !s->out.len)
			return 0;
		status = deliver(s, t, piece, plain);
	}
	return status;
}

static struct tls *client(const char *host)
{
	struct tls_trust *trust;
	struct tls *t;

	assert_int_equal(tls_trust_new(ca_file, &trust), 0);
	assert_int_equal(tls_new(trust, host, &t), 0);
	tls_trust_free(trust); /* the session goes on with it */
	return t;
}

#define NORMAL "NORMAL"

/* The status of a handshake with a server that has this certificate; *error is what went wrong. */
static int meet(const struct wish *w, const struct identity *issuer, const char *host,
	const char *priority, char *error)
{
	struct identity i = make_identity(w, issuer);
	struct server *s = server_new(&i, priority);
	struct tls *t = client(host);
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
	int status = shake_hands(s, t, 4096, &plain);

	assert_int_equal(tls_is_ready(t), status == 0);
	snprintf(error, 160, "%s", tls_error(t));
	tls_free(t);
	server_free(s);
	free_identity(&i);
	return status;
}

static void takes_good_certificates(void **state)
{
	char error[160];
	const struct wish named = { .name = "logs.example", .from = -1, .until = 1 };
	const struct wish numbered = { .address = "127.0.0.1", .from = -1, .until = 1 };

	(void)state;
	assert_int_equal(meet(&named, &authority, "logs.example", NORMAL, error), 0);
	assert_int_equal(meet(&numbered, &authority, "127.0.0.1", NORMAL, error), 0);
	assert_int_equal(
		meet(&named, &authority, "logs.example", "NORMAL:-VERS-ALL:+VERS-TLS1.2", error),
		0);
	assert_string_equal(error, "");
}

static void names_what_is_wrong_with_others(void **state)
{
	static const struct {
		struct wish wish;
		const struct identity *issuer;
		const char *host, *says;
	} cases[] = {
		{ { .name = "a.example", .from = -1, .until = 1 }, &stranger, "a.example",
			"no authority that is trusted here has signed it" },
		{ { .name = "a.example", .from = -1, .until = 1 }, &namesake, "a.example",
			"it claims an authority that is trusted here, which has another key" },
		{ { .name = "a.example", .from = -1, .until = 1 }, NULL, "a.example",
			"no authority that is trusted here has signed it" },
		{ { .name = "a.example", .from = -1, .until = 1 }, &authority, "b.example",
			"it is for another host name or address" },
		{ { .name = "127.0.0.1", .address = "127.0.0.1", .from = -1, .until = 1 },
			&authority, "127.0.0.2", "it is for another host name or address" },
		{ { .name = "a.example", .from = -3, .until = -1 }, &authority, "a.example",
			"it has expired" },
		{ { .name = "a.example", .from = 1, .until = 2 }, &authority, "a.example",
			"it is not valid yet" },
		{ { .name = "a.example",
			  .purpose = GNUTLS_KP_CODE_SIGNING,
			  .from = -1,
			  .until = 1 },
			&authority, "a.example", "it is not for a server" },
	};
	char error[160];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(
			meet(&cases[i].wish, cases[i].issuer, cases[i].host, NORMAL, error),
			-EKEYREJECTED);
		assert_string_equal(error, cases[i].says);
	}
}

/* The identity as two files. */
static void save_identity(const struct identity *i, char cert[], char key[])
{
	gnutls_datum_t pem[2];
	char *const paths[] = { cert, key };

	gnutls_x509_crt_export2(i->crt, GNUTLS_X509_FMT_PEM, &pem[0]);
	gnutls_x509_privkey_export2(i->key, GNUTLS_X509_FMT_PEM, &pem[1]);
	for (int n = 0; n < 2; n++) {
		_cleanup_fd_ int fd = mkstemp(paths[n]);

		assert_int_equal(write(fd, pem[n].data, pem[n].size), pem[n].size);
		gnutls_free(pem[n].data);
	}
}

/* The status of a client that may have a certificate, at a server that wants one which our authority has signed. */
static int meet_mutually(
	const char *priority, const char *cert, const char *key, const struct identity *issuer)
{
	const struct wish w = { .name = "a.example", .from = -1, .until = 1 };
	struct identity i = make_identity(&w, &authority);
	struct server *s = server_new(&i, priority);
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
	const char *why = NULL;
	struct tls_trust *trust;
	struct tls *t;

	assert_int_equal(tls_trust_new(ca_file, &trust), 0);
	if (cert)
		assert_int_equal(tls_trust_present(trust, cert, key, &why), 0);
	assert_int_equal(tls_new(trust, "a.example", &t), 0);
	tls_trust_free(trust);
	gnutls_certificate_set_x509_trust(s->cred, (gnutls_x509_crt_t *)&issuer->crt, 1);
	gnutls_certificate_server_set_request(s->session, GNUTLS_CERT_REQUIRE);
	gnutls_session_set_verify_cert(s->session, NULL, 0);
	int status = shake_hands(s, t, 4096, &plain);
	assert_int_equal(tls_lacks_certificate(t), !cert);
	tls_free(t);
	server_free(s);
	free_identity(&i);
	return status;
}

static void shows_its_own_certificate(void **state)
{
	static const char *const versions[] = { NORMAL, "NORMAL:-VERS-ALL:+VERS-TLS1.2" };
	const struct wish w = { .subject = "CN=agent", .from = -1, .until = 1 };
	struct identity ours = make_identity(&w, &authority);
	char cert[] = "/tmp/ktrace-cert-XXXXXX", key[] = "/tmp/ktrace-key-XXXXXX";
	const char *why = NULL;
	struct tls_trust *trust;

	(void)state;
	save_identity(&ours, cert, key);
	for (size_t n = 0; n < ARRAY_SIZE(versions); n++) {
		assert_int_equal(meet_mutually(versions[n], cert, key, &authority), 0);
		assert_int_equal(meet_mutually(versions[n], NULL, NULL, &authority), -ENOKEY);
		assert_int_equal(meet_mutually(versions[n], cert, key, &stranger), -EACCES);
	}
	assert_int_equal(tls_trust_new(ca_file, &trust), 0);
	assert_int_equal(tls_trust_present(trust, "/no/such/file", key, &why), -ENOENT);
	assert_string_equal(why, "No such file or directory");
	assert_int_equal(tls_trust_present(trust, ca_file, key, &why), -EINVAL);
	assert_string_equal(why, "they are no pair");
	assert_int_equal(tls_trust_present(trust, "/etc/passwd", key, &why), -EINVAL);
	tls_trust_free(trust);
	free_identity(&ours);
	unlink(cert);
	unlink(key);
}

/* Neither side leaves the other wondering whether more was to come. */
static void ends_with_a_word(void **state)
{
	const struct wish w = { .name = "a.example", .from = -1, .until = 1 };
	struct identity i = make_identity(&w, &authority);
	struct server *s = server_new(&i, NORMAL);
	struct tls *t = client("a.example");
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
	char data[16];

	(void)state;
	assert_int_equal(shake_hands(s, t, 4096, &plain), 0);
	tls_end(t, &s->in);
	assert_int_equal(gnutls_record_recv(s->session, data, sizeof(data)), 0);
	tls_free(t);
	server_free(s);
	free_identity(&i);
}

static void refuses_old_versions(void **state)
{
	const struct wish w = { .name = "a.example", .from = -1, .until = 1 };
	char error[160];

	(void)state;
	assert_int_equal(
		meet(&w, &authority, "a.example",
			"NORMAL:-VERS-ALL:+VERS-TLS1.1:%VERIFY_ALLOW_SIGN_WITH_SHA1", error),
		-EPROTO);
	assert_string_not_equal(error, "");
}

/* In any pieces, with more than a record holds, and with what the handshake ends with behind it. */
static void carries_data(void **state)
{
	static const size_t pieces[] = { 1, 7, 4096, 1 << 20 };
	static char large[100000], got[sizeof(large)];
	const struct wish w = { .name = "a.example", .from = -1, .until = 1 };
	struct identity i = make_identity(&w, &authority);

	(void)state;
	memset(large, 'x', sizeof(large));
	for (size_t n = 0; n < ARRAY_SIZE(pieces); n++) {
		_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
		struct server *s = server_new(&i, NORMAL);
		struct tls *t = client("a.example");
		size_t len = 0;
		ssize_t part;

		assert_int_equal(shake_hands(s, t, pieces[n], &plain), 0);
		assert_int_equal(tls_send(t, large, sizeof(large), &s->in), 0);
		while ((part = gnutls_record_recv(s->session, got + len, sizeof(got) - len)) > 0)
			len += (size_t)part;
		assert_int_equal(len, sizeof(large));
		assert_memory_equal(got, large, sizeof(large));

		/* behind a message of TLS's own, as the tickets of OpenSSL's servers are */
		assert_int_equal(gnutls_session_key_update(s->session, 0), 0);
		gnutls_record_send(s->session, "HELO", 4);
		assert_int_equal(deliver(s, t, pieces[n], &plain), 0);
		assert_int_equal(plain.len, 4);
		assert_memory_equal(plain.data, "HELO", 4);

		gnutls_bye(s->session, GNUTLS_SHUT_WR);
		assert_int_equal(deliver(s, t, pieces[n], &plain), 1);
		tls_free(t);
		server_free(s);
	}
	free_identity(&i);
}

static void knows_what_is_not_tls(void **state)
{
	static const char *const answers[] = { "\x92\xa4HELO", "HTTP/1.1 400 Bad Request\r\n" };
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT, wire = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct tls *t = client("a.example");

		assert_int_equal(tls_receive(t, NULL, 0, &plain, &wire), 0);
		assert_int_equal(tls_receive(t, answers[i], strlen(answers[i]), &plain, &wire),
			-EPROTONOSUPPORT);
		tls_free(t);
	}
}

static void survives_what_is_tls_and_broken(void **state)
{
	static const char answer[] = "\x16\x03\x03\xff\xff not so long";
	static const char alert[] = "\x15\x03\x03\x00\x02\x02\x28";
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT, wire = STRBUF_INIT;
	struct tls *t = client("a.example");

	(void)state;
	assert_int_equal(tls_receive(t, NULL, 0, &plain, &wire), 0);
	assert_int_equal(tls_receive(t, answer, sizeof(answer) - 1, &plain, &wire), -EPROTO);
	tls_free(t);
	t = client("a.example");
	assert_int_equal(tls_receive(t, NULL, 0, &plain, &wire), 0);
	assert_int_equal(tls_receive(t, alert, sizeof(alert) - 1, &plain, &wire), -EPROTO);
	assert_string_equal(tls_error(t), "Handshake failed");
	tls_free(t);
}

static void wants_certificates_to_trust(void **state)
{
	struct tls_trust *trust = NULL;

	(void)state;
	assert_int_equal(tls_trust_new("/no/such/file", &trust), -ENOENT);
	assert_int_equal(tls_trust_new("/dev/null", &trust), -EINVAL);
	assert_int_equal(tls_trust_new("/etc/passwd", &trust), -EINVAL);
	assert_int_equal(tls_trust_new("/etc", &trust), -EINVAL);
	assert_null(trust);
	tls_trust_free(NULL);
	tls_free(NULL);
}

static int set_up(void **state)
{
	struct wish w = { .subject = "CN=authority", .from = -10, .until = 10 };
	gnutls_datum_t pem;
	int fd = mkstemp(ca_file);

	(void)state;
	authority = make_identity(&w, NULL);
	namesake = make_identity(&w, NULL);
	w.subject = "CN=stranger";
	stranger = make_identity(&w, NULL);
	gnutls_x509_crt_export2(authority.crt, GNUTLS_X509_FMT_PEM, &pem);
	bool written = fd >= 0 && write(fd, pem.data, pem.size) == (ssize_t)pem.size;
	gnutls_free(pem.data);
	close(fd);
	return written ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free_identity(&authority);
	free_identity(&namesake);
	free_identity(&stranger);
	return unlink(ca_file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_good_certificates),
		cmocka_unit_test(names_what_is_wrong_with_others),
		cmocka_unit_test(shows_its_own_certificate),
		cmocka_unit_test(ends_with_a_word),
		cmocka_unit_test(refuses_old_versions),
		cmocka_unit_test(carries_data),
		cmocka_unit_test(knows_what_is_not_tls),
		cmocka_unit_test(survives_what_is_tls_and_broken),
		cmocka_unit_test(wants_certificates_to_trust),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
