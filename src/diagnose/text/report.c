// SPDX-License-Identifier: MIT
#include "diagnose/report.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/text/plain_words.h"
#include "util/cleanup.h"

#define QUOTE_MAX 600

int report_open(struct report *r, const struct context *q)
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

/* The format in the words for what is diagnosed: a container, or a command on this machine. Never NULL. */
static const char *worded(struct report *r, const char *fmt, struct strbuf *plain)
{
	fmt = plain_words(r->q, fmt, plain);
	r->failed |= !fmt;
	return fmt ? fmt : "";
}

static char *print_worded(struct report *r, const char *fmt, va_list ap)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_vprintf(&b, fmt, ap);
	char *text = strbuf_take(&b);
	r->failed |= !text;
	return text;
}

static char *print(struct report *r, const char *fmt, va_list ap)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;

	return print_worded(r, worded(r, fmt, &plain), ap);
}

void report_title(struct report *r, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
	va_list ap;

	strbuf_reset(&r->title);
	va_start(ap, fmt);
	strbuf_vprintf(&r->title, worded(r, fmt, &plain), ap);
	va_end(ap);
	/* A title is one line, whatever a path holds. */
	for (char *c = r->title.data; c && *c; c++)
		if (*c == '\n')
			*c = ' ';
}

void report_sentence(struct report *r, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
	va_list ap;

	fmt = worded(r, fmt, &plain);
	if (r->summary.len && needs_cluster(r->q, fmt))
		return;
	strbuf_puts(&r->summary, r->summary.len ? " " : "");
	size_t start = r->summary.len;
	va_start(ap, fmt);
	strbuf_vprintf(&r->summary, fmt, ap);
	va_end(ap);
	/* "the container runtime ..." */
	if (!r->summary.failed && r->summary.data && islower((unsigned char)r->summary.data[start]))
		r->summary.data[start] = (char)toupper((unsigned char)r->summary.data[start]);
}

/* An alternative that turns out to be the first: "Or, if it" is "If it". */
static void begin_first(char *text)
{
	static const char *const begun[] = { "Or, ", "Or " };

	for (size_t i = 0; i < ARRAY_SIZE(begun); i++) {
		size_t len = strlen(begun[i]);
		if (strncmp(text, begun[i], len) != 0)
			continue;
		memmove(text, text + len, strlen(text + len) + 1);
		text[0] = (char)toupper((unsigned char)text[0]);
		return;
	}
}

void report_recommend(struct report *r, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf plain = STRBUF_INIT;
	va_list ap;

	fmt = worded(r, fmt, &plain);
	if (r->d->n_recommendations == ARRAY_SIZE(r->d->recommendations) ||
		needs_cluster(r->q, fmt))
		return;
	va_start(ap, fmt);
	char *text = print_worded(r, fmt, ap);
	va_end(ap);
	if (!text)
		return;
	if (!r->d->n_recommendations)
		begin_first(text);
	r->d->recommendations[r->d->n_recommendations++].text = text;
}

void report_manifest(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->d->n_recommendations || !is_of_pod(r->q))
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

static bool is_reported(const struct report *r, const struct event *e)
{
	for (size_t i = 0; i < r->d->n_evidence; i++) {
		const struct evidence *ev = &r->d->evidence[i];
		if (ev->time == e->time && ev->pid == e->pid && ev->action == event_action(e->kind))
			return true;
	}
	return false;
}

void report_event(struct report *r, const struct event *e, const char *fmt, ...)
{
	struct evidence *ev = e && !is_reported(r, e) ? add_evidence(r) : NULL;
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

/* The line as it was written, with its time and all its fields, where it is not too long for that. */
static const char *whole_line(const struct candidate *s, const char *line)
{
	size_t i = s ? log_lines_index(&s->log_lines, line) : 0;

	return s && i < s->log_lines.n && strlen(s->log_lines.raw[i]) <= QUOTE_MAX
		       ? s->log_lines.raw[i]
		       : line;
}

static bool is_quoted(const struct report *r, const struct process *p, const char *line)
{
	for (size_t i = 0; i < r->d->n_evidence; i++) {
		const struct evidence *ev = &r->d->evidence[i];
		if (ev->pid == p->pid && ev->text && !strcmp(ev->text, line))
			return true;
	}
	return false;
}

void report_quote(struct report *r, const struct process *p, const char *line)
{
	/* What is said under `ktrace run` before the command's program ran, ktrace says itself. */
	if (!p || !line || (is_plain_command(r->q) && !r->q->started))
		return;
	line = whole_line(candidate_of(r->q, p), line);
	struct evidence *ev = is_quoted(r, p, line) ? NULL : add_evidence(r);
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

const char *block_joint(const char *const lines[], size_t i)
{
	if (!i)
		return "";
	return line_goes_on(lines[i - 1], lines[i]) ? " " : " / ";
}

void report_quote_block(struct report *r, const struct candidate *s, const char *line)
{
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&s->log_lines, line, lines);
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < n; i++)
		strbuf_printf(&b, "%s%s", block_joint(lines, i),
			n == 1 ? whole_line(s, lines[i]) : lines[i]);
	if (b.data)
		report_quote(r, s->process, b.data);
	r->failed |= b.failed;
	strbuf_free(&b);
}

#define ONE_ATTEMPT (100 * 1000000ULL) /* nanoseconds: a refusal may be seen twice in it */

bool failure_persisted(const struct failure *f)
{
	return f->entry &&
	       (f->entry->times > 2 ||
		       (f->entry->times > 1 && f->entry->last > f->event->time + ONE_ATTEMPT));
}

/* The program's own words say no more than the call that failed. */
static bool adds_nothing(const struct failure *f)
{
	size_t known = strlen(f->path) + strlen(errno_text(f->error));

	return *f->path && line_errno(f->line) == f->error && strstr(f->line, f->path) &&
	       strlen(f->line) < known + 60;
}

/* Of an error printed field by field ("code: 'EISDIR',") the line that is a sentence. */
static const char *sentence_of(const struct report *r, const struct failure *f)
{
	const struct candidate *s = candidate_of(r->q, f->process);

	for (size_t i = 0; s && line_is_filler(f->line) && i < s->log_lines.n; i++)
		if (s->log_lines.errors[i] == f->error && !line_is_filler(s->log_lines.lines[i]))
			return s->log_lines.lines[i];
	return f->line;
}

/* A shell's output holds the lines of the programs that it became: this one tells of what failed later. */
static bool is_of_the_next(const struct failure *f)
{
	const struct failure *next = f->led_to;

	return f->line && next && next->line && !strcmp(f->line, next->line) &&
	       line_errno(f->line) != f->error;
}

/* It leaves open why, but what it said when it gave up belongs to what happened. */
static void quote_complaint(struct report *r, const struct process *p)
{
	const struct candidate *s = r->q->failed ? candidate_of(r->q, p) : NULL;
	const char *line = s && s->log_lines.n ? log_lines_decisive(&s->log_lines) : NULL;
	size_t i = line ? log_lines_index(&s->log_lines, line) : 0;

	if (line && i < s->log_lines.n && log_lines_complaint(&s->log_lines, i))
		report_quote_block(r, s, line);
}

static void failure_evidence(struct report *r, const struct failure *f)
{
	bool quoted = f->line && !is_of_the_next(f);
	bool same = f->event && quoted && adds_nothing(f);

	if (f->event) {
		/* One that is reported already, or for which there is no room, is not this one. */
		size_t before = r->d->n_evidence;
		report_event(r, f->event, "%s failed to %s: %s%s%s", phrase_who(f).text,
			phrase_attempt(f).text,
			f->event->gave_up_ns ? "nothing answered, and it gave up"
					     : errno_text(f->error),
			failure_persisted(f) ? ", again and again" : "",
			same ? ", and reported it" : "");
		bool added = r->d->n_evidence > before;
		struct evidence *ev = added ? &r->d->evidence[r->d->n_evidence - 1] : NULL;
		/* What the errno means here, where that is another one. */
		if (ev && ev->error && f->error != f->event->error) {
			free(ev->error);
			ev->error = copy(r, errno_name(f->error));
		}
		/* For a rename or link the path that matters is the new one. */
		if (ev && *f->path && ev->path && strcmp(ev->path, f->path)) {
			free(ev->path);
			ev->path = copy(r, f->path);
		}
	}
	if (quoted && !same)
		report_quote(r, f->process, sentence_of(r, f));
	else if (!f->line && !f->led_to)
		quote_complaint(r, f->process);
}

/* The same program's second attempt at the same path tells nothing more. */
static bool is_retry(const struct failure *f, const struct failure *before)
{
	return f->process == before->process && f->exec == before->exec &&
	       !strcmp(f->path, before->path);
}

void report_failure(struct report *r, const struct failure *f)
{
	report_culprit(r, f->event                  ? f->event
			  : f->process->last_output ? f->process->last_output
						    : f->process->exit);
	report_path(r, f->path);
	const struct failure *before = NULL;
	for (int i = 0; f && i < 4; i++, before = f, f = f->led_to)
		if (!before || !is_retry(f, before))
			failure_evidence(r, f);
}
