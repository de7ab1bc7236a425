// SPDX-License-Identifier: MIT
/*
 * The latest lines of a process: parsed, each with what it is there for, and which of them decides. What is
 * kept of a line is what it says; its time, level and ids are taken off, so that nothing is found in them.
 */
#include "diagnose/log/lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* Cuts text in place into lines, latest first, behind those that are there already. */
static void split(struct log_lines *w, char *text)
{
	log_simplify(text);
	for (char *end = text + strlen(text); end > text && w->n < LOG_LINES_MAX;) {
		char *start = end;
		while (start > text && start[-1] != '\n' && start[-1] != '\r')
			start--;
		*end = '\0';
		const char *line = start + strspn(start, " \t");
		w->indented[w->n] = line != start;
		if (*line)
			w->raw[w->n++] = line;
		end = start > text ? start - 1 : text;
	}
}

/*
 * Takes a line apart; what it says is written at `to` where it is not the end of the line itself. Returns how
 * many bytes that took, which are no more than the line has.
 */
static size_t read_line(struct log_lines *w, size_t i, char *to)
{
	struct parsed_line l;
	size_t whole = strlen(w->raw[i]);

	log_parse(w->raw[i], &l);
	w->severities[i] = line_severity(&l);
	w->lines[i] = w->raw[i];
	if (l.form == LOG_HEADED && strlen(l.message) + 1 < sizeof(l.message))
		w->lines[i] = w->raw[i] + whole - strlen(l.message);
	if (l.form != LOG_FIELDS)
		return 0;
	w->lines[i] = to;
	log_text(&l, to, whole + 1);
	return strlen(to) + 1;
}

/* From the first to the latest: a line that is indented has the level of the one that it continues. */
static void read_stream(struct log_lines *w, size_t newest, size_t oldest, char **to)
{
	enum severity above = SEVERITY_NONE;

	for (size_t i = oldest; i-- > newest;) {
		*to += read_line(w, i, *to);
		if (w->indented[i] && !w->severities[i])
			w->severities[i] = above;
		above = w->severities[i];
		w->errors[i] = line_errno(w->lines[i]);
	}
	log_lines_find_roles(w, newest, oldest);
}

int log_lines_of(const struct process *p, struct log_lines *out)
{
	struct log_lines w = { 0 };
	size_t length = p->err.len + p->out.len + 2;

	/* As much again for the messages of structured lines, which are parts of these. */
	w.size = 2 * length + LOG_LINES_MAX;
	w.text = calloc(1, w.size);
	if (!w.text)
		return -ENOMEM;
	char *err = w.text, *named = w.text + p->err.len + 1, *messages = w.text + length;
	memcpy(err, p->err.data ? p->err.data : "", p->err.len);
	memcpy(named, p->out.data ? p->out.data : "", p->out.len);
	split(&w, err);
	w.n_err = w.n;
	split(&w, named);
	read_stream(&w, 0, w.n_err, &messages);
	read_stream(&w, w.n_err, w.n, &messages);
	log_lines_weigh(&w);
	*out = w;
	return 0;
}

void log_lines_free(struct log_lines *w)
{
	free(w->text);
	*w = (struct log_lines){ 0 };
}

size_t log_lines_index(const struct log_lines *w, const char *line)
{
	size_t i = 0;

	while (i < w->n && w->lines[i] != line)
		i++;
	return i;
}

/* "thread 'main' panicked at src/main.rs:3:5:", "could not start because:": the reason is in the next line. */
static size_t reason_below(const struct log_lines *w, size_t i, size_t newest)
{
	const char *line = w->lines[i];
	bool open = line[strlen(line) - 1] == ':';

	return open && i > newest && w->roles[i - 1] == LINE_MESSAGE ? i - 1 : i;
}

#define BEFORE_SUMMARY 8 /* messages: a parser gives up soon */

/*
 * "Could not read config file /etc/x.conf" sums up what a parser said before: that names the place in the file, and its
 * first complaint is the one that the others follow from.
 */
static size_t summed_up(const struct log_lines *w, size_t i, size_t oldest)
{
	char file[256];
	size_t first = i, messages = 0;

	if (!line_path(w->lines[i], file, sizeof(file)) || file[0] != '/' ||
		line_locates(w->lines[i], file))
		return i;
	for (size_t k = i + 1; k < oldest && messages < BEFORE_SUMMARY; k++) {
		if (w->roles[k] != LINE_MESSAGE)
			continue;
		messages++;
		if (w->accuses[k] && log_lines_complaint(w, k) && line_locates(w->lines[k], file))
			first = k;
	}
	return first;
}

/* "/etc/app.rb:2: syntax error" */
static bool begins_with_place(const char *line)
{
	char file[256];

	snprintf(file, sizeof(file), "%.*s", (int)strcspn(line, ": "), line);
	return file[0] == '/' && line_locates(line, file);
}

/* "There was an error": where it was, a parser said before. */
static size_t meant_by_vague(const struct log_lines *w, size_t i, size_t oldest)
{
	size_t messages = 0;

	for (size_t k = i + 1; k < oldest && messages < BEFORE_SUMMARY; k++) {
		if (w->roles[k] != LINE_MESSAGE)
			continue;
		messages++;
		if (w->accuses[k] && log_lines_complaint(w, k) && begins_with_place(w->lines[k]) &&
			line_is_vague(w->lines[i]))
			return k;
	}
	return i;
}

/* The complaint that the last one stands for: itself, mostly. */
static size_t meant_by(const struct log_lines *w, size_t i, size_t oldest)
{
	size_t k = summed_up(w, i, oldest);

	return k != i ? k : meant_by_vague(w, i, oldest);
}

#define SPAN 32 /* messages from the end: what was said before that is no last word */

/* The latest message of a stream, one that complains or any; w->n for none. */
static size_t latest(const struct log_lines *w, size_t newest, size_t oldest, bool complains)
{
	size_t messages = 0;

	for (size_t i = newest; i < oldest && messages < SPAN; i++) {
		if (w->roles[i] != LINE_MESSAGE)
			continue;
		messages++;
		if (w->accuses[i] && (!complains || log_lines_complaint(w, i)))
			return complains ? reason_below(w, meant_by(w, i, oldest), newest) : i;
	}
	return w->n;
}

const char *log_lines_decisive(const struct log_lines *w)
{
	/* A complaint on stderr, then on stdout, then simply the last message. */
	for (int complains = 1; complains >= 0; complains--) {
		size_t i = latest(w, 0, w->n_err, complains);
		if (i == w->n)
			i = latest(w, w->n_err, w->n, complains);
		if (i < w->n)
			return w->lines[i];
	}
	for (size_t i = 0; i < w->n; i++)
		if (w->roles[i] == LINE_MESSAGE || w->roles[i] == LINE_CLOSING)
			return w->lines[i];
	return w->n ? w->lines[0] : NULL;
}

#define BLOCK_BYTES 400

/* What stands before a line explains it only where it complains as well, quotes what was read, or has it below itself. */
static bool explains_next(const struct log_lines *w, size_t i)
{
	return w->roles[i] == LINE_MESSAGE &&
	       (line_complains(w->lines[i]) || line_quotes(w->lines[i]) ||
		       (w->indented[i - 1] && !w->indented[i]));
}

size_t log_lines_around(
	const struct log_lines *w, const char *line, const char *out[LOG_LINES_AROUND])
{
	size_t at = log_lines_index(w, line), n = 0, bytes = 0;
	/* Latest first: those of stderr, then those of stdout. */
	size_t newest = at < w->n_err ? 0 : w->n_err, oldest = at < w->n_err ? w->n_err : w->n;

	if (at == w->n)
		return 0;
	if (at + 1 < oldest && explains_next(w, at + 1))
		out[n++] = w->lines[at + 1];
	out[n++] = line;
	for (size_t i = 0; i < n; i++)
		bytes += strlen(out[i]);
	for (size_t i = at; i-- > newest && n < LOG_LINES_AROUND;) {
		bytes += strlen(w->lines[i]);
		if (bytes > BLOCK_BYTES)
			break;
		if (w->roles[i] <= LINE_DETAIL)
			out[n++] = w->lines[i];
	}
	return n;
}
