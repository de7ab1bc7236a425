// SPDX-License-Identifier: MIT
#include "cli/agent_options.h"

#include <unistd.h>

#include "agent/pipeline.h"
#include "cli/commands.h"
#include "cli/config.h"

#include "record/level.h"

#define BUFFER_SIZE (128ULL << 20)
#define LOG_RATE (64ULL << 10)
#define DIAGNOSIS_RATE 60

const struct agent_options agent_defaults = {
	.log_file = DEFAULT_LOG_FILE,
	.store = DEFAULT_STORE,
	.memory = DEFAULT_MEMORY,
	.socket = DEFAULT_SOCKET,
	.listen = DEFAULT_LISTEN,
	.events = LEVEL_ERRORS,
	.forward_tag = "ktrace",
	.buffer_dir = DEFAULT_BUFFER_DIR,
	.buffer_size = BUFFER_SIZE,
	.log_rate = LOG_RATE,
	.diagnosis_rate = DIAGNOSIS_RATE,
	.story_size = PIPELINE_STORY_BYTES,
	.kubelet_dir = "/var/lib/kubelet",
};

static const char *const termination_choices[] = {
	[TERMINATION_OFF] = "off", [TERMINATION_EMPTY] = "empty", NULL
};

static const char *const compress_choices[] = {
	[COMPRESS_OFF] = "off", [COMPRESS_GZIP] = "gzip", NULL
};

const struct option_row agent_rows[] = {
	{ "log-file", 0, OPTION_STRING, offsetof(struct agent_options, log_file), "PATH",
		"append records to PATH, - is stdout (" DEFAULT_LOG_FILE ")", NULL },
	{ "store", 0, OPTION_STRING, offsetof(struct agent_options, store), "FILE|off",
		"keep the diagnoses of the last seven days there, for explain (" DEFAULT_STORE ")",
		NULL },
	{ "memory", 0, OPTION_STRING, offsetof(struct agent_options, memory), "FILE|off",
		"keep there what healthy starts of each workload looked like, so that a diagnosis "
		"can say what changed since (" DEFAULT_MEMORY ")",
		NULL },
	{ "socket", 0, OPTION_STRING, offsetof(struct agent_options, socket), "PATH|off",
		"serve live, explain and ps on this socket (" DEFAULT_SOCKET ")", NULL },
	{ "socket-group", 0, OPTION_STRING, offsetof(struct agent_options, socket_group), "GROUP",
		"also let members of GROUP, a name or a number, use the socket (root only)", NULL },
	{ "listen", 0, OPTION_STRING, offsetof(struct agent_options, listen), "ADDR:PORT|off",
		"serve /metrics, /healthz and /readyz over HTTP (" DEFAULT_LISTEN ")", NULL },
	{ "events", 0, OPTION_CHOICE, offsetof(struct agent_options, events), NULL,
		"what is logged: diagnoses; errors, the default: the containers' lives and "
		"failures that may matter as well, with the others counted; or all",
		level_choices },
	{ "log-rate", 0, OPTION_SIZE, offsetof(struct agent_options, log_rate), "BYTES",
		"how many bytes of events a second one container may put into the log, and what is "
		"sent of it, after 256 times as many at once; what is beyond that is counted (64K; "
		"0: no limit)",
		NULL },
	{ "diagnosis-rate", 0, OPTION_NUMBER, offsetof(struct agent_options, diagnosis_rate), "N",
		"how many diagnoses an hour one container may put there and on stdout, with all "
		"its restarts; "
		"the store keeps the latest one all the same (60; 0: no limit)",
		NULL },
	{ "story-size", 0, OPTION_SIZE, offsetof(struct agent_options, story_size), "BYTES",
		"how much memory is for what containers did, so that it can be explained; the "
		"longest stories forget first (11M)",
		NULL },
	{ "forward", 0, OPTION_LIST, offsetof(struct agent_options, forward), "HOST[:PORT]",
		"also send records to Fluentd or Fluent Bit, by default to port 24224; may be "
		"repeated: if one server fails, the next one is used",
		NULL },
	{ "forward-tag", 0, OPTION_STRING, offsetof(struct agent_options, forward_tag), "TAG",
		"the tag of the records (ktrace)", NULL },
	{ "forward-shared-key-file", 0, OPTION_STRING, offsetof(struct agent_options, forward_key),
		"PATH", "a file with the server's shared key", NULL },
	{ "forward-user", 0, OPTION_STRING, offsetof(struct agent_options, forward_user), "NAME",
		"the user name for the server, with --forward-password-file", NULL },
	{ "forward-password-file", 0, OPTION_STRING,
		offsetof(struct agent_options, forward_password), "PATH",
		"a file with that user's password", NULL },
	{ "forward-ca", 0, OPTION_STRING, offsetof(struct agent_options, forward_ca), "PATH",
		"use TLS, and trust the CA certificates in PATH (PEM)", NULL },
	{ "forward-tls", 0, OPTION_FLAG, offsetof(struct agent_options, forward_tls), NULL,
		"use TLS, and trust the CA certificates of the system", NULL },
	{ "forward-cert", 0, OPTION_STRING, offsetof(struct agent_options, forward_cert), "PATH",
		"use TLS with the client certificate in PATH (PEM), with --forward-cert-key",
		NULL },
	{ "forward-cert-key", 0, OPTION_STRING, offsetof(struct agent_options, forward_cert_key),
		"PATH", "the private key of --forward-cert (PEM)", NULL },
	{ "forward-compress", 0, OPTION_CHOICE, offsetof(struct agent_options, forward_compress),
		NULL, "compression of what is sent (off)", compress_choices },
	{ "otlp", 0, OPTION_STRING, offsetof(struct agent_options, otlp), "URL",
		"also send records to an OpenTelemetry Collector, by OTLP over HTTP, as "
		"http://HOST:4318; its buffer is the directory of --buffer-dir with -otlp at its "
		"end",
		NULL },
	{ "otlp-ca", 0, OPTION_STRING, offsetof(struct agent_options, otlp_ca), "PATH",
		"trust the CA certificates in PATH (PEM) for --otlp, not those of the system",
		NULL },
	{ "otlp-headers-file", 0, OPTION_STRING, offsetof(struct agent_options, otlp_headers),
		"PATH",
		"a file with headers for --otlp, a line \"Name: value\" each, as for "
		"authentication",
		NULL },
	{ "buffer-dir", 0, OPTION_STRING, offsetof(struct agent_options, buffer_dir), "PATH",
		"keep records in this directory until the server has acknowledged them "
		"(" DEFAULT_BUFFER_DIR ")",
		NULL },
	{ "buffer-size", 0, OPTION_SIZE, offsetof(struct agent_options, buffer_size), "BYTES",
		"the size limit of the buffer; when it is full, the oldest records are dropped "
		"(128M)",
		NULL },
	{ "termination-message", 0, OPTION_CHOICE,
		offsetof(struct agent_options, termination_message), NULL,
		"write the explanation into a container's termination message where the program "
		"left it empty, so that `kubectl describe pod` shows it; off is the default",
		termination_choices },
	{ "kubelet-dir", 0, OPTION_STRING, offsetof(struct agent_options, kubelet_dir), "PATH",
		"the kubelet's --root-dir on the node: below its directory pods are the files of "
		"--termination-message (/var/lib/kubelet)",
		NULL },
	{ "kubernetes-events", 0, OPTION_FLAG, offsetof(struct agent_options, kubernetes_events),
		NULL,
		"also post diagnoses as Events of the pod; in a pod whose service account may "
		"create and patch events",
		NULL },
	OPTION_ROWS_CAPTURED(struct agent_options),
	OPTION_ROW_HOST_ROOT(struct agent_options),
	OPTION_ROW_DISABLE_PROBE(struct agent_options),
	OPTION_ROW_BTF(struct agent_options),
	{ "config", 0, OPTION_CONFIG, offsetof(struct agent_options, config), "FILE",
		"read options from FILE: lines NAME = VALUE (events = all, no-output = true), # "
		"starts a comment; the default is " DEFAULT_CONFIG
		", if it exists; the command line takes precedence",
		NULL },
	{ 0 },
};
_Static_assert(sizeof(agent_rows) / sizeof(agent_rows[0]) <= OPTION_ROWS_MAX, "it has the most");

const struct example agent_examples[] = {
	{ "ktrace agent", "as a service: log and socket in their usual places" },
	{ "ktrace agent --log-file - --socket off --events diagnoses",
		"in a pod: only the explanations, to stdout" },
	{ "ktrace agent --forward logs-1:24224 --forward logs-2:24224",
		"to Fluentd or Fluent Bit as well, the second one when the first one fails" },
	{ 0 },
};

const struct agent_options *agent_configured(void **owned)
{
	*owned = NULL;
	if (access(DEFAULT_CONFIG, R_OK) == 0)
		config_read(&agent_command, &agent_defaults, owned);
	return *owned ? *owned : &agent_defaults;
}
