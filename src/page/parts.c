// SPDX-License-Identifier: MIT
#include "page/parts.h"

#include <stdarg.h>
#include <string.h>

#include "page/markup.h"
#include "record/diagnosis_text.h"
#include "record/event_text.h"
#include "util/cleanup.h"

#define PATH_COLUMNS 4096 /* no path is cut here */

static uint64_t origin_of(const struct page_container *c)
{
	const struct diagnosis *d = c->diagnosis;

	return c->n_events ? c->events[0]->time : d->n_evidence ? d->evidence[0].time : d->time;
}

static void put_offset(struct strbuf *out, uint64_t time, uint64_t origin)
{
	char text[OFFSET_SIZE];

	markup_offset(text, time, origin);
	strbuf_printf(out, "<td class=\"time mono\">%s</td>", text);
}

static void put_who(struct strbuf *out, const char *comm, uint32_t pid)
{
	strbuf_puts(out, "<td class=\"who mono\">");
	if (pid) {
		markup_text(out, comm && comm[0] ? comm : "?");
		strbuf_printf(out, "(%u)", pid);
	}
	strbuf_puts(out, "</td>");
}

/* What the sentence does not say already. */
static void put_detail(struct strbuf *out, const struct evidence *e, const char *text)
{
	bool path = e->path && e->path[0] && !strstr(text, e->path);

	if (!path && !(e->error && e->error[0]))
		return;
	strbuf_puts(out, "<span class=\"detail mono\">");
	markup_text(out, e->error);
	if (path) {
		strbuf_puts(out, e->error && e->error[0] ? " " : "");
		markup_text(out, e->path);
	}
	strbuf_puts(out, "</span>");
}

static void put_evidence(struct strbuf *out, const struct page_container *c)
{
	const struct diagnosis *d = c->diagnosis;

	strbuf_puts(out,
		"<section><h2>What happened</h2>\n<table>\n<thead><tr><th>Step</th><th>Time</th>"
		"<th>Process</th><th>What was seen</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < d->n_evidence; i++) {
		const struct evidence *e = &d->evidence[i];
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		bool quote = evidence_is_quote(e);

		evidence_text(&text, e);
		strbuf_printf(out, "<tr><td class=\"number\"><span class=\"badge\">%zu</span></td>",
			i + 1);
		put_offset(out, e->time, origin_of(c));
		put_who(out, e->process, e->pid);
		strbuf_puts(out, "<td>");
		if (quote) {
			strbuf_puts(out, "<code class=\"said\">");
			markup_text(out, text.data);
			strbuf_puts(out, "</code>");
		} else {
			markup_prose(out, text.data);
		}
		put_detail(out, e, text.data ? text.data : "");
		strbuf_puts(out, "</td></tr>\n");
	}
	strbuf_puts(out, "</tbody>\n</table></section>\n");
}

static void put_advice(struct strbuf *out, const struct diagnosis *d)
{
	strbuf_puts(out, "<section><h2>What to do</h2>\n<ol class=\"advice\">\n");
	for (size_t i = 0; i < d->n_recommendations; i++) {
		const struct recommendation *r = &d->recommendations[i];

		strbuf_puts(out, "<li>");
		markup_prose(out, r->text);
		if (r->manifest && r->manifest[0]) {
			strbuf_puts(out, "\n<pre><code>");
			markup_lines(out, r->manifest);
			strbuf_puts(out, "</code></pre>");
		}
		strbuf_puts(out, "</li>\n");
	}
	strbuf_puts(out, "</ol></section>\n");
}

static void put_alternatives(struct strbuf *out, const struct diagnosis *d)
{
	strbuf_puts(out, "<section><h2>What else it could be</h2>\n<table>\n<tbody>\n");
	for (size_t i = 0; i < d->n_alternatives; i++) {
		const struct alternative *a = &d->alternatives[i];

		strbuf_printf(out, "<tr><td class=\"time\">%.0f%%</td><td class=\"mono\">",
			a->confidence * 100);
		markup_text(out, a->root_cause);
		strbuf_puts(out, "</td><td>");
		markup_prose(out, a->title);
		strbuf_puts(out, "</td></tr>\n");
	}
	strbuf_puts(out, "</tbody>\n</table></section>\n");
}

static void put_changes(struct strbuf *out, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf head = STRBUF_INIT;

	diagnosis_changes_head(&head, d);
	strbuf_puts(out, d->n_changes ? "<section><h2>" : "<p>");
	markup_text(out, head.data);
	strbuf_puts(out, d->n_changes ? "</h2>\n<ul>\n" : ".</p>\n");
	for (size_t i = 0; i < d->n_changes; i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

		diagnosis_change_text(&text, &d->changes[i]);
		strbuf_puts(out, "<li>");
		markup_prose(out, text.data);
		strbuf_puts(out, "</li>\n");
	}
	strbuf_puts(out, d->n_changes ? "</ul></section>\n" : "");
}

/* A name and its value; none for an empty one. */
static void put_term(struct strbuf *out, const char *name, const char *value)
{
	if (!value || !value[0])
		return;
	strbuf_printf(out, "<dt>%s</dt><dd class=\"mono\">", name);
	markup_text(out, value);
	strbuf_puts(out, "</dd>\n");
}

/* What a container that runs is stuck on. */
static void put_waiting(struct strbuf *out, const struct waiting *w)
{
	_cleanup_strbuf_ struct strbuf on = STRBUF_INIT;
	const char *name = w->name ? w->name : w->address ? w->address : w->path;

	if (!w->kind)
		return;
	strbuf_printf(&on, "%s %s", w->kind, name ? name : "");
	if (w->port)
		strbuf_printf(&on, " port %u", w->port);
	put_term(out, "Waits for", on.data);
	put_term(out, "Answer", w->answer);
	strbuf_puts(out, "<dt>Waits since</dt><dd>");
	page_when(out, w->since);
	if (w->attempts)
		strbuf_printf(out, ", %llu attempts", (unsigned long long)w->attempts);
	strbuf_puts(out, "</dd>\n");
	out->failed |= on.failed;
}

static void put_seen(struct strbuf *out, const struct page_container *c)
{
	strbuf_puts(out, "<dt>Seen</dt><dd>");
	if (c->times > 1 && c->first) {
		strbuf_printf(out, "%u times, first ", c->times);
		page_when(out, c->first);
		strbuf_puts(out, ", last ");
	}
	page_when(out, c->diagnosis->time);
	strbuf_puts(out, "</dd>\n");
}

static void put_command(struct strbuf *out, const struct container *c)
{
	_cleanup_strbuf_ struct strbuf command = STRBUF_INIT;

	for (size_t i = 0; i < c->n_args; i++)
		strbuf_printf(&command, "%s%s", i ? " " : "", c->args[i]);
	put_term(out, "Command", command.data);
	out->failed |= command.failed;
}

static void put_filing(struct strbuf *out, const struct page_container *c)
{
	const struct diagnosis *d = c->diagnosis;
	const struct container *container = c->container;
	_cleanup_strbuf_ struct strbuf workload = STRBUF_INIT;

	if (container->workload[0])
		strbuf_printf(&workload, "%s %s", workload_kind_name(container->workload_kind),
			container->workload);
	strbuf_puts(out, "<section><h2>Filed under</h2>\n<dl>\n");
	put_seen(out, c);
	put_waiting(out, &d->waiting);
	put_term(out, "Root cause", d->root_cause);
	put_term(out, "Rule", d->rule);
	put_term(out, "Path", d->path);
	put_term(out, "Fingerprint", d->fingerprint);
	put_term(out, "Fingerprint of the cause", d->cause_fingerprint);
	put_term(out, "Workload", workload.data);
	put_term(out, "Image", container->image);
	put_command(out, container);
	put_term(out, "Container", container->id);
	put_term(out, "Pod", container->pod_uid);
	put_term(out, "Node", c->node);
	if (d->lost)
		strbuf_printf(
			out, "<dt>Events lost</dt><dd>%llu</dd>\n", (unsigned long long)d->lost);
	if (d->held_back)
		strbuf_printf(out, "<dt>Failures counted only</dt><dd>%u</dd>\n", d->held_back);
	strbuf_puts(out, "</dl></section>\n");
}

void page_diagnosis(struct strbuf *out, const struct page_container *c)
{
	const struct diagnosis *d = c->diagnosis;

	if (d->n_recommendations)
		put_advice(out, d);
	if (d->n_evidence)
		put_evidence(out, c);
	if (d->healthy_at)
		put_changes(out, d);
	if (d->n_alternatives)
		put_alternatives(out, d);
	if (d->cannot_tell && d->cannot_tell[0]) {
		strbuf_puts(out, "<p class=\"unseen\"><b>Not seen:</b> ");
		markup_prose(out, d->cannot_tell);
		strbuf_puts(out, "</p>\n");
	}
	put_filing(out, c);
}

static void put_line(struct strbuf *out, const struct event *e, uint64_t origin)
{
	_cleanup_(event_text_clear) struct event_text t = { 0 };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	event_text_make(&t, e);
	event_text_join(&text, &t, PATH_COLUMNS, SIZE_MAX / 2);
	strbuf_puts(out, "<tr>");
	put_offset(out, e->time, origin);
	put_who(out, e->comm, e->pid);
	strbuf_printf(
		out, "<td class=\"time\">%s</td><td class=\"mono\">", event_text_action(e->kind));
	markup_escape(out, text.data ? text.data : "");
	strbuf_puts(out, "</td></tr>\n");
	out->failed |= text.failed;
}

void page_lines(struct strbuf *out, const struct page_container *c)
{
	if (!c->n_lines)
		return;
	strbuf_puts(
		out, "<details><summary>Time line</summary>\n<table class=\"lines\">\n<tbody>\n");
	for (size_t i = 0; i < c->n_lines; i++)
		put_line(out, c->lines[i], c->events[0]->time);
	strbuf_puts(out, "</tbody>\n</table>\n");
	if (c->n_lines < c->n_events)
		strbuf_printf(out,
			"<p class=\"detail\">%zu lines about what did no harm left out.</p>\n",
			c->n_events - c->n_lines);
	strbuf_puts(out, "</details>\n");
}
