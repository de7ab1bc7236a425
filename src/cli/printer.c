// SPDX-License-Identifier: MIT
#include "cli/printer.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "record/ndjson.h"
#include "util/cleanup.h"

struct printer {
	struct output base;
	struct printer_options options;
	struct terminal_style style;
	struct strbuf out;
	struct strbuf kept; /* the latest diagnosis, as it will be printed */
	uint64_t spared;    /* harmless records that were left out */
	bool diagnosed, broken;
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

int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EAGAIN) {
			/* Somebody else made our terminal or pipe non-blocking. */
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return -errno;
		} else if (n > 0) {
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
	if (r->type != RECORD_DIAGNOSIS)
		return &p->out;
	p->diagnosed = true;
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

	strbuf_reset(&p->out);
	if (err < 0)
		p->broken = true;
	p->style.width = width_of(p->options.fd); /* somebody may have resized the terminal */
	return err;
}

bool printer_finish(struct output *o)
{
	struct printer *p = (struct printer *)o;

	if (p->kept.len)
		strbuf_append(&p->out, p->kept.data, p->kept.len);
	strbuf_reset(&p->kept);
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

static void printer_free(struct output *o)
{
	struct printer *p = (struct printer *)o;

	printer_flush(o);
	strbuf_free(&p->out);
	strbuf_free(&p->kept);
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
	p->base.ops = &printer_ops;
	p->options = *options;
	p->style = terminal_style_for(options->fd, options->color);
	p->style.one_container = options->one_container;
	*out = &p->base;
	return 0;
}
