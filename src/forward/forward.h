/* SPDX-License-Identifier: MIT */
/*
 * Records to Fluentd, Fluent Bit or whatever else speaks the Forward protocol (version 1), at least
 * once: they go to a buffer on disk (buffer.h), from there in chunks, a few at a time, to one server, and a
 * chunk is gone when that server has acknowledged it. Only a chunk whose acknowledgement did not
 * arrive is ever sent twice, with the same id. A server that fails is left for the next one; when all
 * have failed, attempts are spaced further and further, with jitter. Nothing here blocks.
 */
#ifndef KTRACE_FORWARD_FORWARD_H
#define KTRACE_FORWARD_FORWARD_H

#include "record/record.h"
#include "util/loop.h"

struct forward_options {
	const char *const
		*servers; /* "HOST", "HOST:PORT", "[ADDRESS]:PORT", in order of preference */
	size_t n_servers;
	const char *tag;
	const char *key_file;             /* the shared key; NULL: none */
	const char *user, *password_file; /* both or neither */
	const char *ca_file; /* whom to trust; NULL: with tls the system's authorities */
	const char *cert_file, *cert_key_file; /* the client's own certificate: both or neither */
	bool tls;                              /* implied by ca_file and cert_file */
	bool compress;                         /* with gzip */
	const char *buffer_dir;                /* its parents must be there */
	uint64_t buffer_bytes;
	const char *node;    /* how the client calls itself */
	struct loop *loop;   /* borrowed; must outlive the output */
	uint64_t ack_ns;     /* how long to wait for an acknowledgement; 0: a minute */
	uint64_t backoff_ns; /* first pause after all servers failed; 0: half a second */
};

/*
 * 0 with *out, to be freed with (*out)->ops->free(*out), which leaves in the buffer what was not
 * acknowledged; or a negative errno after a message that says which option is wrong and why. Its reopen()
 * reads the files of the key, the password and the certificates again, for the next connection.
 */
int forward_new(const struct forward_options *options, struct output **out);

/*
 * Sends what waits, by running the loop, until all is acknowledged, each server has failed once more, or ns
 * nanoseconds have passed; loop_stop() ends it too. o must be of forward_new().
 */
void forward_finish(struct output *o, uint64_t ns);

enum forward_state {
	FORWARD_IDLE, /* the server hung up and there is nothing to send */
	FORWARD_RESOLVING,
	FORWARD_CONNECTING,
	FORWARD_SECURING,       /* TLS */
	FORWARD_AUTHENTICATING, /* the shared key; without one, a moment in which it may ask for one */
	FORWARD_READY,
	FORWARD_WAITING, /* for an acknowledgement */
	FORWARD_BACKING_OFF,
	FORWARD_STATES
};

enum forward_error {
	FORWARD_ERROR_NONE,
	FORWARD_ERROR_RESOLVE,     /* the name has no address, or none came in time */
	FORWARD_ERROR_CONNECT,     /* refused, unreachable */
	FORWARD_ERROR_TIMEOUT,     /* no answer before anything was sent */
	FORWARD_ERROR_TLS,         /* the session failed */
	FORWARD_ERROR_TLS_WANTED,  /* it speaks TLS, and was spoken to without */
	FORWARD_ERROR_HANDSHAKE,   /* it hung up before the handshake's end, without a reason */
	FORWARD_ERROR_CERTIFICATE, /* not to be trusted, or another host's */
	FORWARD_ERROR_CLIENT_CERTIFICATE, /* it wants one of us, or another one */
	FORWARD_ERROR_KEY,                /* the two shared keys differ, or one side has none */
	FORWARD_ERROR_USER,     /* it does not know the user or the password, or wants some */
	FORWARD_ERROR_REFUSED,  /* it does not want us for another reason, which it gave */
	FORWARD_ERROR_PROTOCOL, /* it said something that it must not say */
	FORWARD_ERROR_CLOSED,   /* it hung up in the middle */
	FORWARD_ERROR_ACK,      /* it did not acknowledge in time */
	FORWARD_ERRORS
};

enum forward_drop {
	FORWARD_DROP_FULL,    /* the buffer's limit: the oldest went */
	FORWARD_DROP_DISK,    /* the buffer could not be written */
	FORWARD_DROP_CORRUPT, /* the buffer could not be read back */
	FORWARD_DROP_INVALID, /* out of memory */
	FORWARD_DROPS
};

struct forward_stats {
	/* records: of this agent, of these to the buffer; the rest includes what an earlier agent left */
	uint64_t buffered;
	uint64_t sent; /* each time that it was sent */
	uint64_t acked;
	uint64_t dropped[FORWARD_DROPS];
	uint64_t waiting_records, waiting_bytes, waiting_chunks; /* in the buffer, now */
	uint64_t connections;                                    /* that came to FORWARD_READY */
	uint64_t errors[FORWARD_ERRORS];
	enum forward_state state;
	const char
		*server; /* "HOST:PORT" that is used or tried next; lives as long as the output */
	enum forward_error last_error;
	char last_error_text[256]; /* "" when there was none; holds bytes that the server chose */
	uint64_t last_error_time;  /* nanoseconds since 1970 */
};

/* o must be of forward_new(). */
void forward_stats(const struct output *o, struct forward_stats *out);

/* For labels of metrics: static, "backing_off", "certificate", "full". */
const char *forward_state_name(enum forward_state state);
const char *forward_error_name(enum forward_error error);
const char *forward_drop_name(enum forward_drop drop);

#endif
