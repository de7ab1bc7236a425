// SPDX-License-Identifier: MIT
#include "cli/agent_outputs.h"

#include <errno.h>
#include <grp.h>
#include <string.h>

#include "agent/diagnosis_store.h"
#include "agent/source.h"
#include "forward/forward.h"
#include "publish/kubernetes_events.h"
#include "publish/otlp.h"
#include "serve/socket.h"
#include "sinks/log_end.h"
#include "sinks/logfile.h"
#include "sinks/summary.h"
#include "sinks/termination_message.h"
#include "util/alarm.h"
#include "util/cleanup.h"
#include "util/directories.h"
#include "util/log.h"

#define LOG_MAX_BYTES (100ULL << 20)
#define LOG_KEEP 3

static int add_log(struct agent_outputs *a)
{
	struct logfile_options log_options = {
		.path = a->options->log_file,
		.max_bytes = LOG_MAX_BYTES,
		.keep = LOG_KEEP,
	};
	struct output *log = NULL;
	bool file = strcmp(log_options.path, "-") != 0;
	int err = file ? directories_make(log_options.path, NULL) : 0;

	if (file && err == 0)
		directories_close(log_options.path);
	if (err == 0 && file && log_last_time(log_options.path, &a->watched_until) < 0)
		a->watched_until = 0;
	if (err == 0)
		err = logfile_new(&log_options, &log);
	if (err < 0) {
		log_error("cannot write the log %s: %s; use another one with --log-file PATH",
			log_options.path, strerror(-err));
		return err;
	}
	a->log = log;
	return pipeline_add_output(a->pipeline, log, (enum level)a->options->events);
}

static int add_store(struct agent_outputs *a)
{
	bool file = strcmp(a->options->store, "off") != 0;
	struct diagnosis_store_options store_options = {
		.path = file ? a->options->store : NULL,
		.now = wall_clock(),
	};
	struct output *store = NULL;

	/* Where this fails the store says so, and does without a file. */
	if (file)
		directories_make(store_options.path, NULL);
	int err = diagnosis_store_new(&store_options, &store);
	if (err < 0)
		return err;
	a->store = store;
	return pipeline_add_output(a->pipeline, store, LEVEL_DIAGNOSES);
}

static void log_no_socket(const char *path, const gid_t *group, int err)
{
	if (err == -EADDRINUSE)
		log_error("another agent already serves %s: stop it, or use --socket PATH (or off)",
			path);
	else if (err == -EEXIST)
		log_error("%s exists and is not a socket: remove it, or use another path with "
			  "--socket PATH (or off)",
			path);
	else if (err == -EPERM && group)
		log_error("cannot change the group of %s to %u: the agent needs CAP_CHOWN, or must "
			  "be a member of that group",
			path, (unsigned)*group);
	else
		log_error("cannot serve the socket %s: %s; use another one with --socket PATH (or "
			  "off)",
			path, strerror(-err));
}

static int find_group(const char *name, gid_t *out)
{
	const struct group *found = getgrnam(name);
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	if (!found && (!*name || *end || number >= (gid_t)-1)) {
		log_error("--socket-group %s: no such group; create it (`groupadd %s`), or give a "
			  "group number",
			name, name);
		return -EINVAL;
	}
	*out = found ? found->gr_gid : (gid_t)number;
	return 0;
}

static int add_socket(struct agent_outputs *a)
{
	struct socket_options socket_options = {
		.path = a->options->socket,
		.loop = a->loop,
		.answer = a->answer,
		.ctx = a->ctx,
	};
	struct output *socket = NULL;

	if (!strcmp(socket_options.path, "off"))
		return 0;
	if (a->options->socket_group) {
		if (find_group(a->options->socket_group, &a->socket_group) < 0)
			return -EINVAL;
		socket_options.group = &a->socket_group;
	}
	int err = directories_make(socket_options.path, socket_options.group);
	if (err == 0)
		err = socket_new(&socket_options, &socket);
	if (err < 0) {
		log_no_socket(socket_options.path, socket_options.group, err);
		return err;
	}
	a->socket = socket;
	return pipeline_add_output(a->pipeline, socket, LEVEL_ALL);
}

static int add_forward(struct agent_outputs *a)
{
	const struct agent_options *o = a->options;
	struct forward_options forward_options = {
		.servers = o->forward.items,
		.n_servers = o->forward.n,
		.tag = o->forward_tag,
		.key_file = o->forward_key,
		.user = o->forward_user,
		.password_file = o->forward_password,
		.ca_file = o->forward_ca,
		.cert_file = o->forward_cert,
		.cert_key_file = o->forward_cert_key,
		.compress = o->forward_compress == COMPRESS_GZIP,
		.tls = o->forward_tls,
		.buffer_dir = o->buffer_dir,
		.buffer_bytes = o->buffer_size,
		.node = a->node,
		.loop = a->loop,
	};
	struct output *forward = NULL;

	if (!o->forward.n)
		return 0;
	int err = directories_make(o->buffer_dir, NULL);
	if (err < 0)
		log_error("cannot create the parent directories of %s: %s", o->buffer_dir,
			strerror(-err));
	else
		err = forward_new(&forward_options, &forward);
	if (err < 0)
		return err;
	a->forward = forward;
	return pipeline_add_output(a->pipeline, forward, (enum level)o->events);
}

static int add_termination_message(struct agent_outputs *a)
{
	const char *host_root = a->options->host_root;
	struct output *messages = NULL;

	if (a->options->termination_message == TERMINATION_OFF)
		return 0;
	int err = termination_message_new(host_root ? host_root : "", &messages);
	return err < 0 ? err : pipeline_add_output(a->pipeline, messages, LEVEL_DIAGNOSES);
}

static int add_otlp(struct agent_outputs *a)
{
	const struct agent_options *o = a->options;
	struct otlp_options otlp_options = {
		.loop = a->loop,
		.url = o->otlp,
		.ca_file = o->otlp_ca,
		.headers_file = o->otlp_headers,
		.buffer_bytes = o->buffer_size,
		.clock = wall_clock,
	};

	if (!o->otlp)
		return 0;
	if (asprintf(&a->otlp_buffer, "%s-otlp", o->buffer_dir) < 0) {
		a->otlp_buffer = NULL;
		return -ENOMEM;
	}
	otlp_options.buffer_dir = a->otlp_buffer;
	directories_make(a->otlp_buffer, NULL);
	int err = otlp_new(&otlp_options, &a->otlp);
	return err < 0 ? err : pipeline_add_output(a->pipeline, a->otlp, (enum level)o->events);
}

static int add_kubernetes_events(struct agent_outputs *a)
{
	const struct kubernetes_events_options events_options = {
		.loop = a->loop,
		.node = a->node,
		.clock = wall_clock,
	};

	if (!a->options->kubernetes_events)
		return 0;
	int err = kubernetes_events_new(&events_options, &a->events);
	return err < 0 ? err : pipeline_add_output(a->pipeline, a->events, LEVEL_DIAGNOSES);
}

/* One line for each diagnosis, unless stdout is the log. */
static int add_summary(struct agent_outputs *a)
{
	struct output *summary = NULL;

	if (!strcmp(a->options->log_file, "-"))
		return 0;
	int err = summary_new(STDOUT_FILENO, &summary);
	if (err == 0)
		err = pipeline_add_output(a->pipeline, summary, LEVEL_DIAGNOSES);
	if (err == 0)
		pipeline_bound(a->pipeline, summary); /* it is somebody's log too */
	return err;
}

int agent_outputs_open(struct agent_outputs *a)
{
	/*
	 * Termination messages first: the kubelet reads them milliseconds after the exit. The buffer before the
	 * log: a record that somebody may have read there is not lost by a kill.
	 */
	static int (*const add[])(struct agent_outputs * a) = {
		add_termination_message,
		add_forward,
		add_otlp,
		add_store,
		add_log,
		add_summary,
		add_socket,
		add_kubernetes_events,
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(add) && err == 0; i++)
		err = add[i](a);
	const struct output *all[] = { a->log, a->forward, a->otlp };
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			pipeline_bound(a->pipeline, all[i]);
	return err;
}

void agent_outputs_finish(struct agent_outputs *a, uint64_t ns)
{
	uint64_t end = alarm_now() + ns;

	if (a->forward)
		forward_finish(a->forward, ns);
	uint64_t now = alarm_now();
	if (a->otlp && now < end)
		otlp_finish(a->otlp, end - now);
	now = alarm_now();
	if (a->events && now < end)
		kubernetes_events_finish(a->events, end - now);
}

void agent_outputs_release(struct agent_outputs *a)
{
	free(a->otlp_buffer);
	a->otlp_buffer = NULL;
}

void agent_outputs_set_level(struct agent_outputs *a, enum level level)
{
	const struct output *all[] = { a->log, a->forward, a->otlp };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			pipeline_set_level(a->pipeline, all[i], level);
}
