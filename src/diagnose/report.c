// SPDX-License-Identifier: MIT
#include "diagnose/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define QUOTE_MAX 600

int report_open(struct report *r, const struct inquiry *q)
{
	*r = (struct report){ .q = q, .d = calloc(1, sizeof(*r->d)) };
	if (!r->d)
		return -ENOMEM;
	r->d->evidence = calloc(REPORT_EVIDENCE_MAX, sizeof(*r->d->evidence));
	if (!r->d->evidence) {
		diagnosis_free(r->d);
		return -ENOMEM;
	}
	r->d->container = container_ref((struct container *)q->container);
	return 0;
}

struct diagnosis *report_close(struct report *r)
{
	struct diagnosis *d = r->d;

	d->title = strbuf_take(&r->title);
	d->summary = strbuf_take(&r->summary);
	if (!r->failed && d->title && d->summary)
		return d;
	diagnosis_free(d);
	return NULL;
}

static char *copy(struct report *r, const char *text)
{
	char *mine = strdup(text);

	r->failed |= !mine;
	return mine;
}

static char *print(struct report *r, const char *fmt, va_list ap)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_vprintf(&b, fmt, ap);
	char *text = strbuf_take(&b);
	r->failed |= !text;
	return text;
}

void report_title(struct report *r, const char *fmt, ...)
{
	va_list ap;

	strbuf_reset(&r->title);
	va_start(ap, fmt);
	strbuf_vprintf(&r->title, fmt, ap);
	va_end(ap);
}

void report_say(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (r->summary.len)
		strbuf_putc(&r->summary, ' ');
	va_start(ap, fmt);
	strbuf_vprintf(&r->summary, fmt, ap);
	va_end(ap);
}

void report_mend(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (r->d->n_recommendations == ARRAY_SIZE(r->d->recommendations))
		return;
	va_start(ap, fmt);
	char *text = print(r, fmt, ap);
	va_end(ap);
	if (text)
		r->d->recommendations[r->d->n_recommendations++].text = text;
}

void report_manifest(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->d->n_recommendations)
		return;
	struct recommendation *latest = &r->d->recommendations[r->d->n_recommendations - 1];
	va_start(ap, fmt);
	free(latest->manifest);
	latest->manifest = print(r, fmt, ap);
	va_end(ap);
}

void report_path(struct report *r, const char *path)
{
	if (!path || !*path)
		return;
	free(r->d->path);
	r->d->path = copy(r, path);
}

void report_culprit(struct report *r, const struct event *e)
{
	if (!e)
		return;
	event_unref(r->d->culprit);
	r->d->culprit = event_ref((struct event *)e);
}

static struct evidence *add_evidence(struct report *r)
{
	if (r->d->n_evidence == REPORT_EVIDENCE_MAX)
		return NULL;
	return &r->d->evidence[r->d->n_evidence++];
}

void report_event(struct report *r, const struct event *e, const char *fmt, ...)
{
	struct evidence *ev = e ? add_evidence(r) : NULL;
	va_list ap;

	if (!ev)
		return;
	*ev = (struct evidence){ .time = e->time,
		.action = event_action(e->kind),
		.pid = e->pid,
		.process = copy(r, e->comm) };
	const char *path = *e->path ? e->path : e->kind == EVENT_EXEC_FAILED ? e->executable : "";
	ev->path = *path ? copy(r, path) : NULL;
	ev->error = e->error ? copy(r, errno_name(e->error)) : NULL;
	va_start(ap, fmt);
	ev->text = print(r, fmt, ap);
	va_end(ap);
}

void report_quote(struct report *r, const struct process *p, const char *line)
{
	struct evidence *ev = p && line ? add_evidence(r) : NULL;

	if (!ev)
		return;
	*ev = (struct evidence){ .time = p->last_output ? p->last_output->time : p->ended_at,
		.action = event_action(EVENT_OUTPUT),
		.pid = p->pid,
		.process = copy(r, p->comm) };
	size_t len = strlen(line);
	if (len > QUOTE_MAX)
		for (len = QUOTE_MAX; len && ((unsigned char)line[len] & 0xc0) == 0x80;)
			len--;
	ev->text = strndup(line, len);
	r->failed |= !ev->text;
}

static void failure_evidence(struct report *r, const struct failure *f)
{
	if (f->event) {
		report_event(r, f->event, "%s failed to %s: %s%s", phrase_who(f).text,
			phrase_attempt(f).text, errno_text(f->error),
			f->entry->times > 1 ? ", again and again" : "");
		/* For a rename or link the path that matters is the new one. */
		struct evidence *ev = &r->d->evidence[r->d->n_evidence - 1];
		if (*f->path && ev->path && strcmp(ev->path, f->path)) {
			free(ev->path);
			ev->path = copy(r, f->path);
		}
	}
	if (f->line)
		report_quote(r, f->process, f->line);
}

void report_failure(struct report *r, const struct failure *f)
{
	report_culprit(r, f->event                  ? f->event
			  : f->process->last_output ? f->process->last_output
						    : f->process->exit);
	report_path(r, f->path);
	for (int i = 0; f && i < 4; i++, f = f->led_to)
		failure_evidence(r, f);
}

void report_consequence(struct report *r, const struct failure *f)
{
	const struct failure *last = f->led_to;
	const struct inquiry *q = r->q;

	while (last && last->led_to)
		last = last->led_to;
	if (last && (last->process != f->process || last->exec != f->exec))
		report_say(r,
			"The failure was passed over, and later %s could not %s, because it is not "
			"there.",
			phrase_who(last).text, phrase_attempt(last).text);
	else if (!q->ended)
		report_say(r, "The failure was passed over, and the container runs on without it.");
	else if (q->failed && q->exit_code)
		report_say(r, "The container then ended with exit code %d.", q->exit_code);
	else if (q->stop)
		report_say(r, "The failure was passed over; the container ran on without it until "
			      "it was stopped.");
}
