// SPDX-License-Identifier: MIT
/*
 * The line that tells why a process ended: its own, its parent's where it was silent, or that of a child which it
 * only sums up; and the one that says a certain thing.
 */
#include "diagnose/log/match.h"

#define ANCESTORS_ASKED 4

/* The last of its children that wrote anything: whoever sums up what it wrote has no reason of its own. */
static const struct candidate *last_child_heard(const struct context *q, const struct process *p)
{
	for (size_t i = q->n_processes; i-- > 0;) {
		struct candidate *s = candidate_of(q, q->processes[i]);
		if (s->process->parent == p && !s->process->from_outside && !read_log(s) &&
			s->log_lines.n)
			return s;
	}
	return NULL;
}

const char *decisive_line(
	const struct context *q, const struct process *p, const struct candidate **who)
{
	for (int i = 0; p && i < ANCESTORS_ASKED; i++, p = p->parent) {
		const struct candidate *s = candidate_of(q, p);
		const char *line = s ? log_lines_decisive(&s->log_lines) : NULL;
		const struct candidate *child =
			line && line_sums_up(line) ? last_child_heard(q, p) : NULL;
		if (line) {
			*who = child ? child : s;
			return child ? log_lines_decisive(&child->log_lines) : line;
		}
	}
	return NULL;
}

const char *find_line(
	const struct context *q, bool (*speaks)(const char *line), const struct candidate **who)
{
	const struct candidate *most = NULL;
	const char *found = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct candidate *s = &q->candidates[i];
		if (!s->log_lines.n || !s->responsible ||
			(most && most->clues.total >= s->clues.total))
			continue;
		for (size_t k = 0; k < s->log_lines.n; k++) {
			if (!s->log_lines.accuses[k] || !speaks(s->log_lines.lines[k]))
				continue;
			found = s->log_lines.lines[k];
			most = s;
			break;
		}
	}
	if (found)
		*who = most;
	return found;
}
