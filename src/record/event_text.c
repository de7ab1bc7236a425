// SPDX-License-Identifier: MIT
#include "record/event_text.h"

#include <string.h>

#include "record/terminal_text.h"
#include "util/cleanup.h"

static void put_command(struct event_text *t, const char *const *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_putc(&t->before, ' ');
		terminal_text(&t->before, args[i]);
	}
}

static void put_created(struct event_text *t, const struct event *e)
{
	const struct container *c = e->container;

	if (c && c->image[0]) {
		strbuf_puts(&t->before, "image ");
		terminal_text(&t->before, c->image);
	}
	if (c && c->n_args) {
		strbuf_puts(&t->before, c->image[0] ? ", command " : "command ");
		put_command(t, (const char *const *)c->args, c->n_args);
	}
}

static void put_exec(struct event_text *t, const struct event *e)
{
	if (e->argc)
		put_command(t, e->args, e->argc);
	else
		terminal_text(&t->path, e->executable);
}

static void put_address(struct strbuf *out, const struct event *e)
{
	bool v6 = strchr(e->address, ':');

	if (v6 && e->port)
		strbuf_putc(out, '[');
	terminal_text(out, e->address);
	if (v6 && e->port)
		strbuf_putc(out, ']');
	if (e->port)
		strbuf_printf(out, ":%u", e->port);
}

static void put_listen(struct event_text *t, const struct event *e)
{
	strbuf_puts(&t->before, "on ");
	put_address(&t->before, e);
}

static void put_mount(struct event_text *t, const struct mount *m)
{
	static const char *const words[MOUNT_KINDS] = {
		[MOUNT_CONFIGMAP] = "ConfigMap",
		[MOUNT_SECRET] = "Secret",
		[MOUNT_PROJECTED] = "projected volume",
		[MOUNT_EMPTYDIR] = "emptyDir",
		[MOUNT_PVC] = "PersistentVolumeClaim",
		[MOUNT_HOSTPATH] = "hostPath",
		[MOUNT_TMPFS] = "tmpfs",
	};

	if (!words[m->kind])
		return;
	strbuf_printf(&t->after, " [%s%s", words[m->kind], m->name[0] ? " " : "");
	terminal_text(&t->after, m->name);
	strbuf_puts(&t->after, m->read_only ? ", read-only]" : "]");
}

static void put_error(struct event_text *t, const struct event *e)
{
	if (e->gave_up_ns)
		strbuf_printf(&t->after, ": no answer within %.1f s, and the program gave up",
			(double)e->gave_up_ns / 1e9);
	if (e->error) {
		strbuf_puts(&t->after, ": ");
		strbuf_puts(&t->after, errno_text(e->error));
	}
	if (e->mount)
		put_mount(t, e->mount);
	if (e->repeats > 1)
		strbuf_printf(&t->after, " (%u times)", e->repeats);
}

static void put_file(struct event_text *t, const struct event *e)
{
	terminal_text(&t->before, e->syscall);
	if (e->path[0])
		strbuf_putc(&t->before, ' ');
	terminal_text(&t->path, e->path);
	if (e->path2[0]) {
		strbuf_puts(&t->after, " to ");
		terminal_text(&t->after, e->path2);
	}
	put_error(t, e);
}

static void put_exec_failed(struct event_text *t, const struct event *e)
{
	terminal_text(&t->path, e->path[0] ? e->path : e->executable);
	put_error(t, e);
}

static void put_network(struct event_text *t, const struct event *e)
{
	terminal_text(&t->before, e->syscall[0] ? e->syscall : "connect");
	strbuf_putc(&t->before, ' ');
	put_address(&t->before, e);
	put_error(t, e);
	if (e->holder_pid) {
		strbuf_puts(&t->after, ", held by ");
		terminal_process(&t->after, e->holder_comm, e->holder_pid);
	}
}

static void put_blocked(struct event_text *t, const struct event *e)
{
	strbuf_printf(&t->before, "%s in %s", e->kind == EVENT_BLOCKED ? "is" : "was", e->syscall);
	if (*e->address) {
		strbuf_puts(&t->before, " to ");
		put_address(&t->before, e);
	}
	if (*e->path) {
		strbuf_puts(&t->before, " of ");
		terminal_text(&t->path, e->path);
	}
	if (e->holder_pid) {
		strbuf_puts(&t->after, ", locked by ");
		terminal_process(&t->after, e->holder_comm, e->holder_pid);
	}
	strbuf_printf(&t->after, " for %.0f s", (double)e->blocked_ns / 1e9);
}

static void put_refused(struct event_text *t, const struct event *e)
{
	put_address(&t->before, e);
	strbuf_printf(&t->before, " %s ", e->error ? "refused" : "did not answer");
	terminal_process(&t->before, e->sender_comm, e->sender_pid);
	strbuf_puts(&t->before, " outside of the container");
}

static void put_dns(struct event_text *t, const struct event *e)
{
	strbuf_puts(&t->before, e->kind == EVENT_DNS_ANSWER ? "is answered by " : "asks ");
	put_address(&t->before, e);
	if (!*e->dns_name)
		return;
	strbuf_printf(&t->before, " %s", e->kind == EVENT_DNS_ANSWER ? "of " : "for ");
	terminal_text(&t->before, e->dns_name);
	strbuf_printf(&t->before, " (%s)", e->dns_type);
	if (*e->dns_rcode)
		strbuf_printf(&t->before, ": %s, %u record%s", e->dns_rcode, e->dns_answers,
			e->dns_answers == 1 ? "" : "s");
}

static void put_exited(struct event_text *t, const struct event *e)
{
	int signo = status_signal(e->status);

	terminal_exit(&t->before, status_exit_code(e->status), signo ? signal_name(signo) : NULL);
	if (e->runtime_ns) {
		strbuf_puts(&t->before, " after ");
		terminal_seconds(&t->before, e->runtime_ns);
	}
}

static void put_oom(struct event_text *t, const struct event *e)
{
	if (e->oom_limit) {
		strbuf_printf(&t->before, "the %s's memory limit of ",
			e->oom_levels == 0   ? "container"
			: e->oom_levels == 1 ? "pod"
					     : "node");
		terminal_size(&t->before, e->oom_limit);
		strbuf_puts(&t->before, " was reached; it held ");
	} else {
		strbuf_puts(&t->before, "the node ran out of memory; it held ");
	}
	terminal_size(&t->before, e->oom_anon + e->oom_file + e->oom_shmem);
}

static void put_signal(struct event_text *t, const struct event *e)
{
	strbuf_puts(&t->before, signal_name(e->signo));
	if (!e->sender_pid) {
		strbuf_puts(&t->before, " from the kernel");
		return;
	}
	strbuf_puts(&t->before, " from ");
	terminal_process(&t->before, e->sender_comm, e->sender_pid);
	if (e->from_outside)
		strbuf_puts(&t->before, " outside of the container");
}

static void put_output(struct event_text *t, const struct event *e)
{
	size_t len = strlen(e->text);
	_cleanup_free_ char *text =
		strndup(e->text, len && e->text[len - 1] == '\n' ? len - 1 : len);

	strbuf_puts(&t->before, e->fd == 1 ? "stdout: " : e->fd == 2 ? "stderr: " : "output: ");
	terminal_text(&t->before, text ? text : "");
	if (e->text_total > len && e->cut)
		strbuf_printf(&t->after, " (%u bytes in all)", e->text_total);
}

static void put_recovered(struct event_text *t, const struct event *e)
{
	if (e->lasted_ns)
		strbuf_printf(&t->before, "after %.0f s: ", (double)e->lasted_ns / 1e9);
	terminal_text(&t->before, e->text);
}

static const struct {
	void (*put)(struct event_text *t, const struct event *e);
	bool names_kind;
} texts[EVENT_KINDS] = {
	[EVENT_CONTAINER_CREATED] = { put_created, false },
	[EVENT_CONTAINER_STARTED] = { put_exec, false },
	[EVENT_CONTAINER_LISTENING] = { put_listen, false },
	[EVENT_CONTAINER_EXITED] = { put_exited, true },
	[EVENT_EXEC] = { put_exec, false },
	[EVENT_EXEC_FAILED] = { put_exec_failed, false },
	[EVENT_FILE_ERROR] = { put_file, true },
	[EVENT_NETWORK_ERROR] = { put_network, true },
	[EVENT_PROCESS_ERROR] = { put_file, true },
	[EVENT_PROCESS_EXITED] = { put_exited, true },
	[EVENT_OOM_KILL] = { put_oom, false },
	[EVENT_SIGNAL] = { put_signal, true },
	[EVENT_OUTPUT] = { put_output, true },
	[EVENT_LISTEN] = { put_listen, false },
	[EVENT_DNS_QUERY] = { put_dns, true },
	[EVENT_DNS_ANSWER] = { put_dns, true },
	[EVENT_BLOCKED] = { put_blocked, true },
	[EVENT_UNBLOCKED] = { put_blocked, true },
	[EVENT_PORT_REFUSED] = { put_refused, true },
	[EVENT_RECOVERED] = { put_recovered, false },
};

void event_text_make(struct event_text *t, const struct event *e)
{
	if (e->kind < EVENT_KINDS && texts[e->kind].put)
		texts[e->kind].put(t, e);
}

void event_text_clear(struct event_text *t)
{
	strbuf_free(&t->before);
	strbuf_free(&t->path);
	strbuf_free(&t->after);
}

bool event_text_names_kind(enum event_kind kind)
{
	return kind < EVENT_KINDS && texts[kind].names_kind;
}

static const char *string(const struct strbuf *b)
{
	return b->data ? b->data : "";
}

void event_text_join(
	struct strbuf *out, const struct event_text *t, size_t path_columns, size_t columns)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	size_t rest = terminal_columns(string(&t->before)) + terminal_columns(string(&t->after));
	size_t path = rest + path_columns < columns ? columns - rest : path_columns;

	if (rest + terminal_columns(string(&t->path)) <= columns) {
		strbuf_puts(out, string(&t->before));
		strbuf_puts(out, string(&t->path));
		strbuf_puts(out, string(&t->after));
		return;
	}
	strbuf_puts(&line, string(&t->before));
	terminal_shorten(&line, string(&t->path), path);
	strbuf_puts(&line, string(&t->after));
	terminal_cut(out, string(&line), columns);
}

const char *event_text_action(enum event_kind kind)
{
	static const char prefix[] = "container_";
	const char *action = event_action(kind);

	return strncmp(action, prefix, strlen(prefix)) ? action : action + strlen(prefix);
}
