// SPDX-License-Identifier: MIT
/* The line that tells why a process ended: its own, its parent's where it was silent, or that of a child which it only sums up. */
#include "diagnose/log_match.h"

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
