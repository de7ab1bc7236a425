// SPDX-License-Identifier: MIT
/* The block that explains one failure: what, where, how it came to it, what to do. */
#include <string.h>

#include "record/diagnosis_text.h"
#include "sinks/terminal.h"
#include "sinks/terminal_parts.h"
#include "util/cleanup.h"

#define WIDTH_MIN 40
#define EVIDENCE_MAX 8 /* lines; of a longer list the middle is left out */

struct block {
	struct strbuf *out;
	const struct terminal_style *style;
	size_t width;
};

static const char *words(const char *s)
{
	return s ? s : "";
}

/* Text that somebody else may have chosen, wrapped behind what stands on the line already. */
static void put_text(struct block *b, const char *text, size_t at, size_t indent)
{
	_cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;

	terminal_text(&safe, words(text));
	terminal_wrap(b->out, safe.data ? safe.data : "", at, indent, b->width);
	strbuf_putc(b->out, '\n');
}

static void heading(struct block *b, const char *text)
{
	strbuf_puts(b->out, "  ");
	terminal_ink(b->out, b->style, INK_BOLD, text);
	strbuf_putc(b->out, '\n');
}

/* One line: where, how it ended and when, how sure. */
static void put_facts(struct block *b, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;

	terminal_container(&line, d->container);
	strbuf_puts(&line, ": ");
	diagnosis_end_text(&line, d);
	strbuf_printf(&line, "; this cause is %s (%d%%)", confidence_words(d->confidence),
		(int)(d->confidence * 100 + 0.5));
	strbuf_puts(b->out, "  ");
	terminal_wrap(b->out, line.data ? line.data : "", 2, 2, b->width);
	strbuf_putc(b->out, '\n');
}

/* "`cp` (uid 1000) failed ...", "curl asked ...": the text begins with its process. */
static bool names(const char *text, const char *process)
{
	size_t len = strlen(process);

	if (text[0] == '`')
		return strstr(text, process);
	return len && !strncmp(text, process, len) && text[len] == ' ';
}

/* Whom the text is about, where it does not say so itself. */
static void put_subject(struct strbuf *out, const struct evidence *e)
{
	const char *text = words(e->text), *process = words(e->process);

	if (evidence_is_quote(e)) {
		terminal_text(out, process);
		strbuf_puts(out, " said: ");
	} else if (e->pid && strncmp(text, "the ", strlen("the ")) && !names(text, process)) {
		terminal_process(out, process, e->pid);
		strbuf_puts(out, "  ");
	}
}

static void put_evidence(struct block *b, const struct evidence *e, uint64_t origin)
{
	_cleanup_strbuf_ struct strbuf who = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	char time[32];
	bool before = e->time < origin;
	uint64_t ns = before ? origin - e->time : e->time - origin;

	snprintf(time, sizeof(time), "    %c%.3f s  ", before ? '-' : '+', (double)ns / 1e9);
	terminal_ink(b->out, b->style, INK_DIM, time);
	put_subject(&who, e);
	strbuf_puts(b->out, who.data ? who.data : "");
	evidence_text(&text, e);
	size_t at = strlen(time) + terminal_columns(who.data ? who.data : "");
	put_text(b, text.data, at, strlen(time));
}

/* From when times are counted: the start, and where that is not known, what came first. */
static uint64_t origin_of(const struct block *b, const struct diagnosis *d)
{
	uint64_t first = d->began ? d->began : d->evidence[0].time;

	if (b->style->origin)
		return b->style->origin;
	for (size_t i = 0; i < d->n_evidence; i++)
		if (d->evidence[i].time < first)
			first = d->evidence[i].time;
	return first;
}

static void put_happened(struct block *b, const struct diagnosis *d)
{
	size_t n = d->n_evidence, skip_from = n, skip_to = n;

	if (n == 0)
		return;
	heading(b, "What happened");
	uint64_t origin = origin_of(b, d);
	if (n > EVIDENCE_MAX) {
		skip_from = EVIDENCE_MAX / 2;
		skip_to = n - (EVIDENCE_MAX - 1 - skip_from);
	}
	for (size_t i = 0; i < n; i++) {
		if (i == skip_from && skip_from < skip_to) {
			strbuf_printf(b->out, "    ... and %zu more\n", skip_to - skip_from);
			i = skip_to;
		}
		put_evidence(b, &d->evidence[i], origin);
	}
}

static void put_changes(struct block *b, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf head = STRBUF_INIT;

	if (!d->healthy_at)
		return;
	diagnosis_changes_head(&head, d);
	if (d->n_changes) {
		heading(b, words(head.data));
	} else {
		strbuf_puts(b->out, "  ");
		put_text(b, head.data, 2, 2);
	}
	for (size_t i = 0; i < d->n_changes; i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

		diagnosis_change_text(&text, &d->changes[i]);
		strbuf_puts(b->out, "    ");
		put_text(b, text.data, 4, 4);
	}
}

/* A YAML fragment keeps its lines; each is neutralised by itself. */
static void put_manifest(struct block *b, const char *manifest)
{
	while (*manifest) {
		size_t len = strcspn(manifest, "\n");
		_cleanup_free_ char *line = strndup(manifest, len);
		_cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;

		terminal_text(&safe, words(line));
		strbuf_puts(b->out, "         ");
		terminal_ink(b->out, b->style, INK_GREEN, safe.data ? safe.data : "");
		strbuf_putc(b->out, '\n');
		manifest += len;
		manifest += *manifest == '\n';
	}
}

static void put_advice(struct block *b, const struct diagnosis *d)
{
	if (d->n_recommendations == 0)
		return;
	heading(b, "What to do");
	for (size_t i = 0; i < d->n_recommendations; i++) {
		const struct recommendation *r = &d->recommendations[i];
		strbuf_printf(b->out, "    %zu. ", i + 1);
		put_text(b, r->text, 7, 7);
		if (r->manifest)
			put_manifest(b, r->manifest);
	}
}

/* "What is wrong  root_cause"; the cause on a line of its own where both do not fit on one. */
static void put_title(struct block *b, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf title = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf wrapped = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf cause = STRBUF_INIT;

	terminal_text(&title, words(d->title));
	terminal_text(&cause, words(d->root_cause));
	terminal_wrap(&wrapped, title.data ? title.data : "", 0, 2, b->width);
	terminal_ink(b->out, b->style, INK_RED, wrapped.data ? wrapped.data : "");
	size_t columns = terminal_columns(title.data ? title.data : "") + 2 +
			 terminal_columns(cause.data ? cause.data : "");
	strbuf_puts(b->out, columns <= b->width ? "  " : "\n  ");
	terminal_ink(b->out, b->style, INK_DIM, cause.data ? cause.data : "");
	strbuf_putc(b->out, '\n');
}

void terminal_why(struct strbuf *out, const char *why)
{
	while (*why) {
		size_t len = strcspn(why, "\n");
		_cleanup_free_ char *line = strndup(why, len);
		strbuf_puts(out, "  ");
		terminal_text(out, line ? line : "");
		strbuf_putc(out, '\n');
		why += len + (why[len] == '\n');
	}
}

void terminal_changes(
	struct strbuf *out, const struct diagnosis *d, const struct terminal_style *style)
{
	struct block b = { out, style, terminal_width(style) };

	if (b.width < WIDTH_MIN)
		b.width = WIDTH_MIN;
	put_changes(&b, d);
}

void terminal_diagnosis(
	struct strbuf *out, const struct diagnosis *d, const struct terminal_style *style)
{
	struct block b = { out, style, terminal_width(style) };

	if (b.width < WIDTH_MIN)
		b.width = WIDTH_MIN;
	put_title(&b, d);
	strbuf_puts(out, "  ");
	put_text(&b, d->summary, 2, 2);
	put_facts(&b, d);
	put_happened(&b, d);
	put_changes(&b, d);
	put_advice(&b, d);
	if (d->cannot_tell) {
		strbuf_puts(out, "  Not seen: ");
		put_text(&b, d->cannot_tell, 12, 12);
	}
	if (d->why)
		terminal_why(out, d->why);
}
