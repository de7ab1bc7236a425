// SPDX-License-Identifier: MIT
/*
 * Who reads may go without a trace. `kubectl exec` without a terminal leaves the command that it started
 * alone when the client goes: its stdout is then a pipe that is open at both ends and that nobody reads.
 * So no write here waits for ever, and a pipe in which the same bytes lie for READER_PATIENCE seconds counts
 * as left. A terminal is exempt: a person may have stopped it (Ctrl-S), and its end shows as a hang-up.
 */
#include "cli/printer.h"

#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/page_records.h"
#include "record/ndjson.h"
#include "util/cleanup.h"
#include "util/log.h"

#define READER_PATIENCE 30 /* seconds */

struct printer {
	struct output base;
	struct printer_options options;
	struct terminal_style style;
	struct strbuf out;
	struct strbuf kept;        /* the latest diagnosis, as it will be printed */
	struct page_records *page; /* of FORMAT_HTML, else NULL: what the page will be made of */
	uint64_t spared;           /* harmless records that were left out */
	bool diagnosed, broken;
	uint64_t sent;       /* bytes that were written */
	uint64_t taken;      /* of these, at the last look */
	time_t taken_change; /* when a look found more taken than the one before; monotonic */
};

static int width_of(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct terminal_style terminal_style_for(int fd, int color)
{
	return (struct terminal_style){ .color = color_wanted(color, fd), .width = width_of(fd) };
}

/* Bytes in the pipe or socket that nobody took yet; 0 where that is not known. */
static uint64_t unread(int fd)
{
	struct stat st;
	int n = 0;

	if (fstat(fd, &st) < 0)
		return 0;
	if (S_ISFIFO(st.st_mode))
		return ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? (uint64_t)n : 0;
	if (S_ISSOCK(st.st_mode))
		return ioctl(fd, SIOCOUTQ, &n) == 0 && n > 0 ? (uint64_t)n : 0;
	return 0;
}

/* Somebody wants this to end, and only a loop that waits here would notice. */
static bool is_told_to_end(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
		       sigismember(&pending, SIGHUP) == 1);
}

/* Waits until fd takes something. 0 or a negative errno. */
static int wait_for_reader(int fd, bool terminal)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	uint64_t waiting = unread(fd);

	for (int waited = 0; terminal || waited < READER_PATIENCE; waited++) {
		int n = poll(&p, 1, 1000);

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (is_told_to_end())
			return -EINTR;
		/* A pipe takes no more before a whole page of it was read. */
		if (unread(fd) < waiting)
			waited = 0;
		waiting = unread(fd);
	}
	return -ETIMEDOUT;
}

/* Whether a write to fd can block for long: neither a file nor a terminal. */
static bool is_stream(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

int write_all(int fd, const char *data, size_t len)
{
	bool terminal = isatty(fd);
	/* A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking. */
	size_t most = is_stream(fd) ? PIPE_BUF : len;

	while (len) {
		int err = wait_for_reader(fd, terminal);

		if (err < 0)
			return err;
		ssize_t n = write(fd, data, len < most ? len : most);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int append_text(struct printer *p, struct strbuf *out, const struct record *r)
{
	if (r->type == RECORD_EVENT) {
		terminal_event(out, r->event, &p->style);
	} else if (r->type == RECORD_DIAGNOSIS) {
		strbuf_putc(out, '\n');
		terminal_diagnosis(out, r->diagnosis, &p->style);
		strbuf_putc(out, '\n');
	}
	return out->failed ? -ENOMEM : 0;
}

/* Where this record goes; NULL: nowhere. */
static struct strbuf *place_for(struct printer *p, const struct record *r)
{
	if (p->options.filter && !filter_takes(p->options.filter, r))
		return NULL;
	if (p->options.filter && filter_spares(p->options.filter, r)) {
		p->spared++;
		return NULL;
	}
	p->base.written++;
	p->diagnosed |= r->type == RECORD_DIAGNOSIS;
	if (r->type != RECORD_DIAGNOSIS)
		return &p->out;
	if (!p->options.diagnosis_last)
		return &p->out;
	strbuf_reset(&p->kept);
	return &p->kept;
}

static int printer_write(struct output *o, const struct record *r)
{
	struct printer *p = (struct printer *)o;
	struct strbuf *out = place_for(p, r);

	if (!out)
		return 0;
	if (p->page)
		return page_records_add(p->page, r);
	return p->options.format == FORMAT_JSON ? ndjson_append(out, r) : append_text(p, out, r);
}

void printer_line(struct output *o, const struct record *r, const char *line, size_t len)
{
	struct printer *p = (struct printer *)o;
	struct strbuf *out;

	if (p->options.format != FORMAT_JSON) {
		printer_write(o, r);
		return;
	}
	out = place_for(p, r);
	if (out) {
		strbuf_append(out, line, len);
		strbuf_putc(out, '\n');
	}
}

static int printer_flush(struct output *o)
{
	struct printer *p = (struct printer *)o;
	int err = p->broken || !p->out.len ? 0 : write_all(p->options.fd, p->out.data, p->out.len);

	if (err < 0)
		p->broken = true;
	else
		p->sent += p->out.len;
	strbuf_reset(&p->out);
	p->style.width = width_of(p->options.fd); /* somebody may have resized the terminal */
	return err;
}

bool printer_finish(struct output *o)
{
	struct printer *p = (struct printer *)o;

	if (p->kept.len)
		strbuf_append(&p->out, p->kept.data, p->kept.len);
	strbuf_reset(&p->kept);
	if (p->page && page_records_print(p->page, &p->out) < 0)
		log_error("out of memory");
	printer_flush(o);
	return p->diagnosed;
}

uint64_t printer_spared(const struct output *o)
{
	return ((const struct printer *)o)->spared;
}

bool printer_broken(const struct output *o)
{
	return ((const struct printer *)o)->broken;
}

bool printer_abandoned(struct output *o)
{
	struct printer *p = (struct printer *)o;
	uint64_t waiting = unread(p->options.fd), taken = p->sent - waiting;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!waiting || taken != p->taken || !p->taken_change)
		p->taken_change = now.tv_sec;
	p->taken = taken;
	if (now.tv_sec - p->taken_change >= READER_PATIENCE)
		p->broken = true;
	return p->broken;
}

static void printer_free(struct output *o)
{
	struct printer *p = (struct printer *)o;

	printer_flush(o);
	strbuf_free(&p->out);
	strbuf_free(&p->kept);
	page_records_free(p->page);
	free(p);
}

static const struct output_ops printer_ops = {
	.name = "printer",
	.write = printer_write,
	.flush = printer_flush,
	.free = printer_free,
};

int printer_new(const struct printer_options *options, struct output **out)
{
	struct printer *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	if (options->format == FORMAT_HTML) {
		p->page = page_records_new();
		if (!p->page) {
			free(p);
			return -ENOMEM;
		}
	}
	p->base.ops = &printer_ops;
	p->options = *options;
	p->style = terminal_style_for(options->fd, options->color);
	p->style.one_container = options->one_container;
	*out = &p->base;
	return 0;
}
