// SPDX-License-Identifier: MIT
/* The decisive message of a process, when its meaning is known: as evidence for a cause, and as text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "diagnose/text/advice_names.h"
#include "diagnose/text/advice_secret.h"
#include "diagnose/text/plain_words.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

void message_around(const struct candidate *who, const char *line, struct strbuf *out)
{
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&who->log_lines, line, lines);

	for (size_t i = 0; i < n; i++)
		strbuf_printf(out, "%s%s", i ? "\n" : "", lines[i]);
	strbuf_puts(out, "");
}

const struct known_message *known_message_at(
	const struct candidate *who, const char *line, struct message_match *m)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (!line)
		return NULL;
	message_around(who, line, &text);
	return text.data ? known_message_of(text.data, m) : NULL;
}

bool rule_known_message(const struct context *q, struct verdict *v)
{
	const struct candidate *who = q->culprit;
	/* A 0 that followed may hide it. */
	bool ended = q->started && q->ended && !q->stop;
	const char *line =
		who && (q->failed || ended) ? decisive_line(q, who->process, &who) : NULL;
	struct verdict again = { 0 };
	struct message_match m;

	/* Some programs say what is wrong, and end with 0. */
	if (!who && rule_ends_well_again(q, &again)) {
		who = again.candidate;
		line = again.line;
	}
	const struct known_message *known = known_message_at(who, line, &m);

	if (!known)
		return false;
	rule_process(v, q->culprit ? q->culprit : who, CLUE_known_message);
	v->candidate = who;
	v->line = line;
	v->known = known;
	return true;
}

/* "The database answers, and refuses {name}." with what the message named. */
static void fill(struct strbuf *out, const char *text, const struct blanks *b)
{
	const struct {
		const char *name, *value;
	} words[] = { { "{path}", b->path }, { "{name}", b->name }, { "{value}", b->value },
		{ "{other}", b->other }, { "{host}", b->host }, { "{option}", b->option } };

	while (*text) {
		size_t taken = 0;
		for (size_t i = 0; i < ARRAY_SIZE(words) && !taken; i++) {
			if (strncmp(text, words[i].name, strlen(words[i].name)) != 0)
				continue;
			taken = strlen(words[i].name);
			strbuf_puts(out, words[i].value);
		}
		if (!taken && !strncmp(text, "{number}", 8)) {
			taken = 8;
			strbuf_putu(out, b->number);
		}
		if (!taken)
			strbuf_putc(out, *text);
		text += taken ? taken : 1;
	}
}

void add_known_fix(
	const struct known_message *known, const struct message_match *m, struct report *r)
{
	_cleanup_strbuf_ struct strbuf means = STRBUF_INIT, plain = STRBUF_INIT;
	const struct advice advice = { known->fix, known->manifest };
	const char *path = m->blanks[BLANK_PATH];
	const struct blanks b = { .path = path,
		.name = m->blanks[BLANK_NAME],
		.value = m->blanks[BLANK_VALUE],
		.other = m->blanks[BLANK_OTHER],
		.host = m->blanks[BLANK_HOST],
		.option = m->blanks[BLANK_OPTION],
		.number = strtoul(m->blanks[BLANK_NUMBER], NULL, 10) };

	const char *meaning = plain_words(r->q, known->means, &plain);
	if (meaning && !needs_cluster(r->q, meaning))
		fill(&means, meaning, &b);
	if (means.data)
		report_sentence(r, "It means: %s.", means.data);
	if (path[0] == '/')
		report_path(r, path);
	if (known->manifest && strstr(known->manifest, "enableServiceLinks"))
		(void)advise_service_variables(r, NULL);
	recommend(r, &advice, &b);
}

/* The first call that the kernel refused it with the error that it tells of, or that the message is known to mean. */
static const struct failure *told_refusal(
	const struct context *q, const struct process *p, const struct verdict *v)
{
	int error = line_errno(v->line);

	if (!error && !strcmp(v->known->cause, "missing_file"))
		error = ENOENT;

	for (size_t i = 0; error && i < q->n_failures; i++)
		if (q->failures[i].event && q->failures[i].process == p &&
			q->failures[i].error == error && !is_noise(q, &q->failures[i]))
			return &q->failures[i];
	return NULL;
}

/* Of a message of several lines the one that the pattern is in: openssl says what failed before that it failed. */
static const char *line_that_tells(const struct verdict *v)
{
	const struct log_lines *w = &v->candidate->log_lines;
	const char *lines[LOG_LINES_AROUND];
	struct message_match m;
	size_t n = log_lines_around(w, v->line, lines);

	if (message_fits(v->known->pattern, v->line, &m))
		return v->line;
	for (size_t i = 0; i < n; i++)
		if (message_fits(v->known->pattern, lines[i], &m) && !line_quotes(lines[i]) &&
			w->roles[log_lines_index(w, lines[i])] == LINE_MESSAGE)
			return lines[i];
	return v->line;
}

void explain_known_message(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	struct message_match m;

	report_title(r, "%s: %s", phrase_process_name(p).text,
		phrase_decisive(v->candidate, line_that_tells(v)).text);
	report_sentence(r, "`%.200s` ended with exit code %d.", phrase_command(p).text,
		p->ended_at ? status_exit_code(p->status) : q->exit_code);
	report_decisive_lines(r, v->candidate, v->line);
	report_culprit(r, p->exit);
	const struct failure *f = told_refusal(q, p, v);
	if (f)
		report_event(r, f->event, "%s failed to %s: %s", phrase_who(f).text,
			phrase_attempt(f).text, errno_text(f->error));
	report_quote_block(r, v->candidate, v->line);
	(void)advise_secret(v->line, r);
	if (known_message_at(v->candidate, v->line, &m))
		add_known_fix(v->known, &m, r);
}
