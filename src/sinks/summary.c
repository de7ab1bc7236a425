// SPDX-License-Identifier: MIT
#include "sinks/summary.h"

#include <errno.h>
#include <poll.h>

#include "record/json.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

#define NAME_BYTES 512
#define TITLE_BYTES 1024

struct summary {
	struct output output;
	int fd;
	struct strbuf line;
};

/* At most so many bytes, whole characters: marks that combine take bytes, and no column. */
static void put(struct strbuf *out, const struct strbuf *text, size_t most)
{
	if (text->data)
		strbuf_append(out, text->data,
			text->len > most ? json_cut_length(text->data, most) : text->len);
}

void summary_line(struct strbuf *out, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf title = STRBUF_INIT;

	terminal_container(&name, d->container);
	terminal_text(&title, d->title ? d->title : "");
	put(out, &name, NAME_BYTES);
	strbuf_printf(out, ": %s: ", d->root_cause);
	put(out, &title, TITLE_BYTES);
	strbuf_putc(out, '\n');
}

/* For a whole line: a pipe is writable when it takes PIPE_BUF bytes, which is more. */
static bool has_room(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };

	return poll(&poller, 1, 0) == 1 && (poller.revents & POLLOUT);
}

static int summary_write(struct output *o, const struct record *r)
{
	struct summary *s = (struct summary *)((char *)o - offsetof(struct summary, output));

	if (r->type != RECORD_DIAGNOSIS)
		return 0;
	strbuf_reset(&s->line);
	summary_line(&s->line, r->diagnosis);
	if (s->line.failed || !has_room(s->fd) ||
		write(s->fd, s->line.data, s->line.len) != (ssize_t)s->line.len) {
		o->lost++;
		return -EAGAIN;
	}
	o->written++;
	return 0;
}

static int summary_flush(struct output *o)
{
	(void)o;
	return 0;
}

static void summary_free(struct output *o)
{
	struct summary *s = (struct summary *)((char *)o - offsetof(struct summary, output));

	strbuf_free(&s->line);
	free(s);
}

int summary_new(int fd, struct output **out)
{
	static const struct output_ops ops = {
		.name = "summary",
		.write = summary_write,
		.flush = summary_flush,
		.free = summary_free,
	};
	struct summary *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->output.ops = &ops;
	s->fd = fd;
	*out = &s->output;
	return 0;
}
