// SPDX-License-Identifier: MIT
/* One line an event: time, container, process, action, and what happened. */
#include "sinks/terminal.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "sinks/terminal_parts.h"
#include "util/cleanup.h"

#define PATH_COLUMNS 24 /* a path is not cut shorter than this */
#define TEXT_COLUMNS 20 /* nor the text, however narrow the terminal is */

/* How many columns each part gets. Where an action has no column it is left out when the text says it. */
struct layout {
	int least; /* width of the terminal */
	size_t time, container, process, action;
	bool brief; /* no milliseconds, no pids */
};

static const struct layout layouts[] = {
	{ 120, 12, 26, 15, 14, false },
	{ 100, 12, 20, 15, 14, false },
	{ 0, 8, 20, 8, 0, true },
};

static const struct layout *layout_for(const struct terminal_style *style)
{
	const struct layout *l = layouts;

	while (style->width > 0 && style->width < l->least)
		l++;
	return l;
}

/* The end of the line in three parts; the path is what gives way when there is too little room. */
struct what {
	struct strbuf before, path, after;
};

static void cleanup_what(struct what *w)
{
	strbuf_free(&w->before);
	strbuf_free(&w->path);
	strbuf_free(&w->after);
}

static void write_command(struct what *w, const char *const *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_putc(&w->before, ' ');
		terminal_text(&w->before, args[i]);
	}
}

static void write_created(struct what *w, const struct event *e)
{
	const struct container *c = e->container;

	if (c && c->image[0]) {
		strbuf_puts(&w->before, "image ");
		terminal_text(&w->before, c->image);
	}
	if (c && c->n_args) {
		strbuf_puts(&w->before, c->image[0] ? ", command " : "command ");
		write_command(w, (const char *const *)c->args, c->n_args);
	}
}

static void write_exec(struct what *w, const struct event *e)
{
	if (e->argc)
		write_command(w, e->args, e->argc);
	else
		terminal_text(&w->path, e->executable);
}

static void write_address(struct strbuf *out, const struct event *e)
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

static void write_listen(struct what *w, const struct event *e)
{
	strbuf_puts(&w->before, "on ");
	write_address(&w->before, e);
}

static void write_mount(struct what *w, const struct mount *m)
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
	strbuf_printf(&w->after, " [%s%s", words[m->kind], m->name[0] ? " " : "");
	terminal_text(&w->after, m->name);
	strbuf_puts(&w->after, m->read_only ? ", read-only]" : "]");
}

static void write_error(struct what *w, const struct event *e)
{
	if (e->error)
		strbuf_printf(&w->after, ": %s", errno_text(e->error));
	if (e->mount)
		write_mount(w, e->mount);
	if (e->repeats > 1)
		strbuf_printf(&w->after, " (%u times)", e->repeats);
}

static void write_file(struct what *w, const struct event *e)
{
	terminal_text(&w->before, e->syscall);
	if (e->path[0])
		strbuf_putc(&w->before, ' ');
	terminal_text(&w->path, e->path);
	if (e->path2[0]) {
		strbuf_puts(&w->after, " to ");
		terminal_text(&w->after, e->path2);
	}
	write_error(w, e);
}

static void write_exec_failed(struct what *w, const struct event *e)
{
	terminal_text(&w->path, e->path[0] ? e->path : e->executable);
	write_error(w, e);
}

static void write_network(struct what *w, const struct event *e)
{
	terminal_text(&w->before, e->syscall[0] ? e->syscall : "connect");
	strbuf_putc(&w->before, ' ');
	write_address(&w->before, e);
	write_error(w, e);
	if (e->holder_pid) {
		strbuf_puts(&w->after, ", held by ");
		terminal_process(&w->after, e->holder_comm, e->holder_pid);
	}
}

static void write_dns(struct what *w, const struct event *e)
{
	strbuf_puts(&w->before, "asks ");
	write_address(&w->before, e);
}

static void write_exited(struct what *w, const struct event *e)
{
	int signo = status_signal(e->status);

	terminal_exit(&w->before, status_exit_code(e->status), signo ? signal_name(signo) : NULL);
	if (e->runtime_ns)
		strbuf_printf(&w->before, " after %.3f s", (double)e->runtime_ns / 1e9);
}

static void write_oom(struct what *w, const struct event *e)
{
	if (e->oom_limit) {
		strbuf_printf(&w->before, "the %s's memory limit of ",
			e->oom_levels == 0   ? "container"
			: e->oom_levels == 1 ? "pod"
					     : "node");
		terminal_size(&w->before, e->oom_limit);
		strbuf_puts(&w->before, " was reached; it held ");
	} else {
		strbuf_puts(&w->before, "the node ran out of memory; it held ");
	}
	terminal_size(&w->before, e->oom_anon + e->oom_file + e->oom_shmem);
}

static void write_signal(struct what *w, const struct event *e)
{
	strbuf_puts(&w->before, signal_name(e->signo));
	if (!e->sender_pid) {
		strbuf_puts(&w->before, " from the kernel");
		return;
	}
	strbuf_puts(&w->before, " from ");
	terminal_process(&w->before, e->sender_comm, e->sender_pid);
	if (e->from_outside)
		strbuf_puts(&w->before, " outside of the container");
}

static void write_output(struct what *w, const struct event *e)
{
	size_t len = strlen(e->text);
	_cleanup_free_ char *text =
		strndup(e->text, len && e->text[len - 1] == '\n' ? len - 1 : len);

	strbuf_puts(&w->before, e->fd == 1 ? "stdout: " : e->fd == 2 ? "stderr: " : "output: ");
	terminal_text(&w->before, text ? text : "");
	if (e->text_total > len && e->cut)
		strbuf_printf(&w->after, " (%u bytes in all)", e->text_total);
}

static const struct {
	enum ink ink;
	void (*write)(struct what *w, const struct event *e);
	bool plain; /* the text says by itself what kind of event it is */
} forms[EVENT_KINDS] = {
	[EVENT_CONTAINER_CREATED] = { INK_PLAIN, write_created, false },
	[EVENT_CONTAINER_STARTED] = { INK_GREEN, write_exec, false },
	[EVENT_CONTAINER_LISTENING] = { INK_GREEN, write_listen, false },
	[EVENT_CONTAINER_EXITED] = { INK_BOLD, write_exited, true },
	[EVENT_CONTAINER_REMOVED] = { INK_PLAIN, NULL, false },
	[EVENT_EXEC] = { INK_PLAIN, write_exec, false },
	[EVENT_EXEC_FAILED] = { INK_RED, write_exec_failed, false },
	[EVENT_FILE_ERROR] = { INK_RED, write_file, true },
	[EVENT_NETWORK_ERROR] = { INK_RED, write_network, true },
	[EVENT_PROCESS_ERROR] = { INK_RED, write_file, true },
	[EVENT_PROCESS_EXITED] = { INK_PLAIN, write_exited, true },
	[EVENT_OOM_KILL] = { INK_RED, write_oom, false },
	[EVENT_SIGNAL] = { INK_YELLOW, write_signal, true },
	[EVENT_OUTPUT] = { INK_DIM, write_output, true },
	[EVENT_LISTEN] = { INK_PLAIN, write_listen, false },
	[EVENT_DNS_QUERY] = { INK_PLAIN, write_dns, true },
};

/* Returns the columns that it took, with the blank behind. */
static size_t put_time(struct strbuf *out, const struct event *e,
	const struct terminal_style *style, const struct layout *l)
{
	char text[48];
	struct tm tm;

	if (style->origin) {
		double s = e->time >= style->origin ? (double)(e->time - style->origin) / 1e9
						    : -(double)(style->origin - e->time) / 1e9;
		snprintf(text, sizeof(text), "%+10.3f s", s);
	} else {
		time_t seconds = (time_t)(e->time / 1000000000);
		if (style->utc)
			gmtime_r(&seconds, &tm);
		else
			localtime_r(&seconds, &tm);
		snprintf(text, sizeof(text), "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min,
			tm.tm_sec, (int)(e->time / 1000000 % 1000));
		text[l->time] = '\0'; /* the milliseconds go where there is no room */
	}
	terminal_ink(out, style, INK_DIM, text);
	strbuf_putc(out, ' ');
	return strlen(text) + 1;
}

/* A column of fixed width with a blank behind it. Takes what `text` holds. */
static void put_column(struct strbuf *out, const struct terminal_style *style, enum ink ink,
	struct strbuf *text, size_t columns)
{
	struct strbuf cell = STRBUF_INIT;

	terminal_fit(&cell, text->data ? text->data : "", columns);
	terminal_ink(out, style, ink, cell.data ? cell.data : "");
	strbuf_putc(out, ' ');
	strbuf_free(&cell);
	strbuf_reset(text);
}

static const char *string(const struct strbuf *b)
{
	return b->data ? b->data : "";
}

/* Joins the three parts in at most `room` columns. */
static void put_what(struct strbuf *out, const struct what *w, size_t space)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	size_t rest = terminal_columns(string(&w->before)) + terminal_columns(string(&w->after));
	size_t path = rest + PATH_COLUMNS < space ? space - rest : PATH_COLUMNS;

	strbuf_puts(&line, string(&w->before));
	terminal_shorten(&line, string(&w->path), path);
	strbuf_puts(&line, string(&w->after));
	terminal_cut(out, string(&line), space);
}

/* The contract's name, less "container_": the column before says that it is one. */
static const char *action_of(enum event_kind kind)
{
	static const char prefix[] = "container_";
	const char *action = event_action(kind);

	return strncmp(action, prefix, strlen(prefix)) ? action : action + strlen(prefix);
}

/* Some programs write a line in pieces, and its end alone. */
static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

/* The text in what is left of the line, behind its action in a column or as a word. */
static void put_text(struct strbuf *out, const struct event *e, enum event_kind kind,
	const struct terminal_style *style, size_t action_columns, size_t space)
{
	_cleanup_(cleanup_what) struct what w = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT, action = STRBUF_INIT;
	bool in_text = !action_columns && forms[kind].plain;

	if (forms[kind].write)
		forms[kind].write(&w, e);
	if (!in_text) {
		size_t columns =
			action_columns ? action_columns : terminal_columns(action_of(kind));

		put_what(&text, &w, space > columns + 1 ? space - columns - 1 : 0);
		strbuf_puts(&action, action_of(kind));
		if (text.len)
			put_column(out, style, forms[kind].ink, &action, columns);
		else
			terminal_ink(out, style, forms[kind].ink, action.data);
		strbuf_puts(out, string(&text));
	} else {
		put_what(&text, &w, space);
		terminal_ink(out, style, forms[kind].ink, string(&text));
	}
}

void terminal_event(struct strbuf *out, const struct event *e, const struct terminal_style *style)
{
	_cleanup_strbuf_ struct strbuf cell = STRBUF_INIT;
	const struct layout *l = layout_for(style);
	enum event_kind kind = e->kind < EVENT_KINDS ? e->kind : EVENT_NONE;
	size_t width = style->width > 0 ? (size_t)style->width : SIZE_MAX / 2;

	if (kind == EVENT_OUTPUT && is_blank(e->text))
		return;
	size_t taken = put_time(out, e, style, l);
	if (!style->one_container) {
		terminal_container(&cell, e->container);
		put_column(out, style, INK_CYAN, &cell, l->container);
		taken += l->container + 1;
	}
	if (e->pid && l->brief)
		terminal_text(&cell, e->comm);
	else if (e->pid)
		terminal_process(&cell, e->comm, e->pid);
	put_column(out, style, INK_PLAIN, &cell, l->process);
	taken += l->process + 1;
	put_text(out, e, kind, style, l->action,
		width > taken + TEXT_COLUMNS ? width - taken : TEXT_COLUMNS);
	strbuf_putc(out, '\n');
}
