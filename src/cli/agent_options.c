// SPDX-License-Identifier: MIT
#include "cli/agent_options.h"

#include "record/level.h"

#define BUFFER_SIZE (128ULL << 20)

const struct agent_options agent_defaults = {
	.log_file = DEFAULT_LOG_FILE,
	.socket = DEFAULT_SOCKET,
	.listen = DEFAULT_LISTEN,
	.events = LEVEL_ERRORS,
	.forward_tag = "ktrace",
	.buffer_dir = DEFAULT_BUFFER_DIR,
	.buffer_size = BUFFER_SIZE,
};

static const char *const compress_choices[] = {
	[COMPRESS_OFF] = "off", [COMPRESS_GZIP] = "gzip", NULL
};

const struct option_row agent_rows[] = {
	{ "log-file", 0, OPTION_STRING, offsetof(struct agent_options, log_file), "PATH",
		"append records to PATH, - is stdout (" DEFAULT_LOG_FILE ")", NULL },
	{ "socket", 0, OPTION_STRING, offsetof(struct agent_options, socket), "PATH|off",
		"serve live, explain and ps there (" DEFAULT_SOCKET ")", NULL },
	{ "socket-group", 0, OPTION_STRING, offsetof(struct agent_options, socket_group), "GROUP",
		"let members of GROUP, a name or a number, ask there (only root may)", NULL },
	{ "listen", 0, OPTION_STRING, offsetof(struct agent_options, listen), "ADDR:PORT|off",
		"serve /metrics, /healthz and /readyz over HTTP (" DEFAULT_LISTEN ")", NULL },
	{ "events", 0, OPTION_CHOICE, offsetof(struct agent_options, events), NULL,
		"what is logged: diagnoses; errors and the containers' lives as well, the default; "
		"or all",
		level_choices },
	{ "forward", 0, OPTION_LIST, offsetof(struct agent_options, forward), "HOST[:PORT]",
		"also ship records to Fluentd or Fluent Bit, port 24224 unless another is given; "
		"may be repeated: the next one when one fails",
		NULL },
	{ "forward-tag", 0, OPTION_STRING, offsetof(struct agent_options, forward_tag), "TAG",
		"the tag of the records there (ktrace)", NULL },
	{ "forward-shared-key-file", 0, OPTION_STRING, offsetof(struct agent_options, forward_key),
		"PATH", "the shared key that the server asks for", NULL },
	{ "forward-user", 0, OPTION_STRING, offsetof(struct agent_options, forward_user), "NAME",
		"the user that the server asks for, with --forward-password-file", NULL },
	{ "forward-password-file", 0, OPTION_STRING,
		offsetof(struct agent_options, forward_password), "PATH", "that user's password",
		NULL },
	{ "forward-ca", 0, OPTION_STRING, offsetof(struct agent_options, forward_ca), "PATH",
		"speak TLS, and trust the certificates in PATH (PEM)", NULL },
	{ "forward-tls", 0, OPTION_FLAG, offsetof(struct agent_options, forward_tls), NULL,
		"speak TLS, and trust what the system trusts", NULL },
	{ "forward-cert", 0, OPTION_STRING, offsetof(struct agent_options, forward_cert), "PATH",
		"speak TLS, and show the certificate in PATH (PEM) to a server that asks for one, "
		"with --forward-cert-key",
		NULL },
	{ "forward-cert-key", 0, OPTION_STRING, offsetof(struct agent_options, forward_cert_key),
		"PATH", "that certificate's key (PEM)", NULL },
	{ "forward-compress", 0, OPTION_CHOICE, offsetof(struct agent_options, forward_compress),
		NULL, "how what is sent is compressed (off)", compress_choices },
	{ "buffer-dir", 0, OPTION_STRING, offsetof(struct agent_options, buffer_dir), "PATH",
		"records wait there until the server has them (" DEFAULT_BUFFER_DIR ")", NULL },
	{ "buffer-size", 0, OPTION_SIZE, offsetof(struct agent_options, buffer_size), "BYTES",
		"the most that may wait: beyond it the oldest records go (128M)", NULL },
	OPTION_ROW_NO_OUTPUT(struct agent_options),
	OPTION_ROW_HOST_ROOT(struct agent_options),
	OPTION_ROW_DISABLE_PROBE(struct agent_options),
	{ "config", 0, OPTION_CONFIG, offsetof(struct agent_options, config), "FILE",
		"the same options from a file, lines NAME = VALUE (events = all, no-output = true) "
		"with # before comments; " DEFAULT_CONFIG
		" when there; what is on the command line wins",
		NULL },
	{ 0 },
};

const struct example agent_examples[] = {
	{ "ktrace agent", "as a service: log and socket in their usual places" },
	{ "ktrace agent --log-file - --socket off --events diagnoses",
		"in a pod: explanations alone, to stdout" },
	{ "ktrace agent --forward logs-1:24224 --forward logs-2:24224",
		"to Fluentd or Fluent Bit as well, the second one when the first one fails" },
	{ 0 },
};
