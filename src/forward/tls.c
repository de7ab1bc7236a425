// SPDX-License-Identifier: MIT
#include "forward/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "util/cleanup.h"

/* The first byte of a TLS record that may begin a server's answer. */
#define RECORD_ALERT 0x15
#define RECORD_HANDSHAKE 0x16

struct tls_trust {
	unsigned refs; /* the owner's, and one of each session */
	gnutls_certificate_credentials_t credentials;
	bool has_certificate; /* of our own */
};

struct tls {
	gnutls_session_t session;
	struct tls_trust *trust;
	char *host;
	gnutls_typed_vdata_st expected[2]; /* of the certificate; GnuTLS keeps the pointer */
	bool received, ready;
	bool was_asked;   /* for a certificate of the client */
	bool starved;     /* the call asked for more than was received */
	const char *data; /* received and not taken yet; of the caller, during a call */
	size_t len;
	struct strbuf *wire; /* of the caller, during a call */
	char error[160];
};

int tls_trust_new(const char *ca, struct tls_trust **out)
{
	if (ca && access(ca, R_OK) < 0)
		return -errno;
	struct tls_trust *t = calloc(1, sizeof(*t));
	if (!t || gnutls_certificate_allocate_credentials(&t->credentials) < 0) {
		free(t);
		return -ENOMEM;
	}
	t->refs = 1;
	int n = ca ? gnutls_certificate_set_x509_trust_file(t->credentials, ca, GNUTLS_X509_FMT_PEM)
		   : gnutls_certificate_set_x509_system_trust(t->credentials);
	if (n <= 0) {
		tls_trust_free(t);
		return -EINVAL;
	}
	*out = t;
	return 0;
}

void tls_trust_free(struct tls_trust *t)
{
	if (!t || --t->refs)
		return;
	gnutls_certificate_free_credentials(t->credentials);
	free(t);
}

int tls_trust_present(struct tls_trust *t, const char *cert, const char *key, const char **why)
{
	int err = access(cert, R_OK) < 0 || access(key, R_OK) < 0 ? -errno : 0;

	if (err < 0) {
		*why = strerror(-err);
		return err;
	}
	err = gnutls_certificate_set_x509_key_file(t->credentials, cert, key, GNUTLS_X509_FMT_PEM);
	if (err < 0) {
		*why = err == GNUTLS_E_CERTIFICATE_KEY_MISMATCH ? "they are no pair"
								: gnutls_strerror(err);
		return -EINVAL;
	}
	t->has_certificate = true;
	return 0;
}

static ssize_t pull(gnutls_transport_ptr_t ctx, void *data, size_t len)
{
	struct tls *t = ctx;

	t->starved = !t->len;
	if (t->starved) {
		gnutls_transport_set_errno(t->session, EAGAIN);
		return -1;
	}
	if (len > t->len)
		len = t->len;
	memcpy(data, t->data, len);
	t->data += len;
	t->len -= len;
	return (ssize_t)len;
}

static ssize_t push(gnutls_transport_ptr_t ctx, const void *data, size_t len)
{
	struct tls *t = ctx;

	strbuf_append(t->wire, data, len);
	if (!t->wire->failed)
		return (ssize_t)len;
	gnutls_transport_set_errno(t->session, ENOMEM);
	return -1;
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* 0 or an error of GnuTLS. */
static int set_up(struct tls *t)
{
	/*
	 * It rests for hours and is never resumed: no tickets. The one certificate that there may be is
	 * shown whatever authorities a server names: it says best itself what is wrong with it.
	 */
	int err = gnutls_init(&t->session,
		GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | GNUTLS_FORCE_CLIENT_CERT);

	if (err < 0)
		return err;
	gnutls_transport_set_ptr(t->session, t);
	gnutls_transport_set_pull_function(t->session, pull);
	gnutls_transport_set_push_function(t->session, push);
	t->expected[0] = (gnutls_typed_vdata_st){ .type = GNUTLS_DT_DNS_HOSTNAME,
		.data = (unsigned char *)t->host };
	t->expected[1] = (gnutls_typed_vdata_st){ .type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER };
	gnutls_session_set_verify_cert2(t->session, t->expected, ARRAY_SIZE(t->expected), 0);
	/* Addresses are not sent as the server's name. */
	if (!is_address(t->host))
		err = gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, t->host, strlen(t->host));
	if (err == 0)
		err = gnutls_set_default_priority_append(
			t->session, "-VERS-TLS1.0:-VERS-TLS1.1", NULL, 0);
	if (err == 0)
		err = gnutls_credentials_set(
			t->session, GNUTLS_CRD_CERTIFICATE, t->trust->credentials);
	return err;
}

int tls_new(struct tls_trust *trust, const char *host, struct tls **out)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->trust = trust;
	trust->refs++;
	t->host = strdup(host);
	if (!t->host || set_up(t) < 0) {
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
	if (t->session)
		gnutls_deinit(t->session);
	tls_trust_free(t->trust);
	free(t->host);
	free(t);
}

/* What a user can do something about comes first: a certificate may have several faults. */
static const char *fault_of(unsigned status)
{
	static const struct {
		unsigned bit;
		const char *text;
	} faults[] = {
		{ GNUTLS_CERT_SIGNER_NOT_FOUND, "no authority that is trusted here has signed it" },
		{ GNUTLS_CERT_EXPIRED, "it has expired" },
		{ GNUTLS_CERT_NOT_ACTIVATED, "it is not valid yet" },
		{ GNUTLS_CERT_UNEXPECTED_OWNER, "it is for another host name or address" },
		{ GNUTLS_CERT_PURPOSE_MISMATCH, "it is not for a server" },
		{ GNUTLS_CERT_REVOKED, "it was revoked" },
		{ GNUTLS_CERT_SIGNER_NOT_CA, "who signed it is no authority" },
		{ GNUTLS_CERT_INSECURE_ALGORITHM, "it is signed in a way that is not safe" },
		{ GNUTLS_CERT_SIGNATURE_FAILURE,
			"it claims an authority that is trusted here, which has another key" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		if (status & faults[i].bit)
			return faults[i].text;
	return "it is not valid";
}

/* Whether an alert is about our certificate. Before TLS 1.3 one that is missing is any failure that comes then. */
static int judge_alert(const struct tls *t, gnutls_alert_description_t alert)
{
	static const gnutls_alert_description_t of_certificate[] = { GNUTLS_A_BAD_CERTIFICATE,
		GNUTLS_A_UNSUPPORTED_CERTIFICATE, GNUTLS_A_CERTIFICATE_REVOKED,
		GNUTLS_A_CERTIFICATE_EXPIRED, GNUTLS_A_CERTIFICATE_UNKNOWN, GNUTLS_A_UNKNOWN_CA,
		GNUTLS_A_ACCESS_DENIED, GNUTLS_A_CERTIFICATE_REQUIRED };
	bool is_about_it = tls_lacks_certificate(t) && !t->ready;

	for (size_t i = 0; i < ARRAY_SIZE(of_certificate) && t->was_asked; i++)
		is_about_it |= alert == of_certificate[i];
	if (!is_about_it)
		return -EPROTO;
	return t->trust->has_certificate ? -EACCES : -ENOKEY;
}

/* What a fatal error means to the caller, and says to the server, unless that said it first. */
static int explain(struct tls *t, int err)
{
	int meaning = -EPROTO;
	const char *text = gnutls_strerror(err);
	bool rejected = err == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;

	if (rejected) {
		meaning = -EKEYREJECTED;
		text = fault_of(gnutls_session_get_verify_cert_status(t->session));
	} else if (err == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		meaning = judge_alert(t, gnutls_alert_get(t->session));
		text = gnutls_alert_get_name(gnutls_alert_get(t->session));
	}
	snprintf(t->error, sizeof(t->error), "%s", text ? text : "an alert without a name");
	if (err != GNUTLS_E_FATAL_ALERT_RECEIVED)
		gnutls_alert_send_appropriate(t->session, err);
	return meaning;
}

/*
 * A call that failed: 0: it waits for more; 1: it is to be called again; or a negative errno. GnuTLS says
 * "again" after a message of its own too (a ticket), when there may be more behind it.
 */
static int go_on(struct tls *t, int err)
{
	if (err == GNUTLS_E_AGAIN)
		return !t->starved;
	return gnutls_error_is_fatal(err) ? explain(t, err) : 1;
}

static int shake_hands(struct tls *t)
{
	int status, err;

	do {
		err = gnutls_handshake(t->session);
		t->ready = err == 0;
		t->was_asked |= gnutls_certificate_client_get_request_status(t->session) != 0;
		status = err < 0 ? go_on(t, err) : 0;
	} while (status == 1);
	return status;
}

static int decrypt(struct tls *t, struct strbuf *plain)
{
	char piece[4096];
	int status;

	do {
		ssize_t n = gnutls_record_recv(t->session, piece, sizeof(piece));

		if (n == 0)
			return 1;
		if (n > 0)
			strbuf_append(plain, piece, (size_t)n);
		status = n > 0 ? 1 : go_on(t, (int)n);
	} while (status == 1);
	return status;
}

bool tls_is_answer(const char *data, size_t len)
{
	return len && (*data == RECORD_ALERT || *data == RECORD_HANDSHAKE);
}

bool tls_lacks_certificate(const struct tls *t)
{
	return t->was_asked && !t->trust->has_certificate;
}

int tls_receive(
	struct tls *t, const char *data, size_t len, struct strbuf *plain, struct strbuf *wire)
{
	/* GnuTLS would wait for the rest of a record that a server never meant to send. */
	if (len && !t->received && !tls_is_answer(data, len))
		return -EPROTONOSUPPORT;
	t->received |= len > 0;
	t->data = data;
	t->len = len;
	t->starved = false;
	t->wire = wire;
	int status = t->ready ? 0 : shake_hands(t);
	if (t->ready)
		status = decrypt(t, plain);
	return status;
}

bool tls_is_ready(const struct tls *t)
{
	return t->ready;
}

int tls_send(struct tls *t, const char *data, size_t len, struct strbuf *wire)
{
	t->wire = wire;
	while (len) {
		ssize_t n = gnutls_record_send(t->session, data, len);

		/* push() takes everything, so nothing is to be waited for. */
		if (n < 0) {
			explain(t, (int)n);
			return -EPROTO;
		}
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

void tls_end(struct tls *t, struct strbuf *wire)
{
	t->wire = wire;
	if (t->ready)
		gnutls_bye(t->session, GNUTLS_SHUT_WR);
}

const char *tls_error(const struct tls *t)
{
	return t->error;
}
