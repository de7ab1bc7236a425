/* SPDX-License-Identifier: MIT */
/* The options of `ktrace agent`, for its command line and its configuration file. */
#ifndef KTRACE_CLI_AGENT_OPTIONS_H
#define KTRACE_CLI_AGENT_OPTIONS_H

#include "cli/options.h"

enum { TERMINATION_OFF, TERMINATION_EMPTY };
enum { COMPRESS_OFF, COMPRESS_GZIP };

struct agent_options {
	const char *log_file, *store, *memory, *socket, *socket_group, *listen, *host_root;
	int events;
	int termination_message; /* TERMINATION_... */
	const char *kubelet_dir;
	bool kubernetes_events;
	const char *otlp, *otlp_ca, *otlp_headers;
	bool no_output, no_args;
	int redact;
	struct option_list disabled;
	const char *btf;
	struct option_list forward;
	const char *forward_tag, *forward_key, *forward_user, *forward_password, *forward_ca,
		*forward_cert, *forward_cert_key, *buffer_dir;
	bool forward_tls;
	int forward_compress; /* COMPRESS_... */
	uint64_t buffer_size, log_rate, diagnosis_rate, story_size;
	struct option_config config;
};

extern const struct agent_options agent_defaults;
extern const struct option_row agent_rows[];
extern const struct example agent_examples[];

/*
 * Those of an agent that was started with no more than its configuration file, for commands that look for what it has:
 * the defaults, where the file is not there or not ours to read. *owned is for config_free(&agent_command, ...).
 */
const struct agent_options *agent_configured(void **owned);

#endif
