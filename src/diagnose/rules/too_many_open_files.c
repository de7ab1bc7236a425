// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/limits.h"
#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

/* A runtime may not set the limit that the container is to have, or a program not the one that it wants. */
static bool wants_more_files(const struct failure *f)
{
	return call_is(f, "prlimit64") && f->error == EPERM && raises_open_files(f->event);
}

static bool too_many(const struct context *q, const struct failure *f)
{
	const struct limit *l = f->event ? limit_of_event(f->event) : NULL;

	(void)q;
	if (wants_more_files(f))
		return true;
	return f->error == EMFILE && (!l || !strcmp(l->name, "RLIMIT_NOFILE"));
}

#define NR_OPEN 1048576 /* fs.nr_open, unless the node has raised it */

/* A runtime sets limits from outside of the container, where its failed calls are not seen. */
static bool asks_for_too_many(const struct context *q, struct verdict *v)
{
	enum clue clue = setup_given_up(q);

	if (clue == CLUES || q->container->nofile_limit < NR_OPEN)
		return false;
	v->candidate = candidate_of(q, q->first);
	clues_add(&v->clues, clue);
	clues_add(&v->clues, CLUE_asks_for_many_files);
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	if (!rule_failure(q, v, too_many))
		return asks_for_too_many(q, v);
	rule_limit(v);
	return true;
}

static void recommend_start(struct report *r)
{
	report_recommend(r,
		"Lower the limit that the runtime is told to set (nofile in its base OCI spec, "
		"default_ulimits, LimitNOFILE of its unit), or raise fs.nr_open on the node.");
}

static void explain_unseen(const struct context *q, struct report *r)
{
	report_title(r, "The runtime gave up, most likely over the limit of open files (nofile)");
	report_sentence(r,
		"The container runtime ended before the container's program ran, and no failed "
		"call of "
		"it was seen. The container is to have RLIMIT_NOFILE %" PRIu64
		": a runtime may set no more than fs.nr_open of the node (%d unless it was "
		"raised), and "
		"without CAP_SYS_RESOURCE no more than it has itself.",
		q->container->nofile_limit, NR_OPEN);
	report_culprit(r, q->first->exit);
	recommend_start(r);
}

static void explain_start(const struct context *q, const struct failure *f, struct report *r)
{
	report_title(r, "The container's limit of open files is higher than the runtime may set");
	report_sentence(r,
		"%s could not set RLIMIT_NOFILE (ulimit -n) to what the container is to have: no "
		"process may have more than fs.nr_open, and a runtime without CAP_SYS_RESOURCE no "
		"more than it has itself.",
		phrase_who(f).text);
	if (q->container->nofile_limit)
		report_sentence(r, "It was asked for %" PRIu64 ".", q->container->nofile_limit);
	report_consequence(r, f);
	report_failure(r, f);
	recommend_start(r);
}

#define DECIMAL 10

/* "Cannot raise FD limit to 120028": the largest number of the line, when it is above the limit; else 0. */
static uint64_t wanted_in_line(const char *line, uint64_t limit)
{
	uint64_t most = 0;

	for (const char *s = line ?: ""; *s;) {
		size_t digits = strspn(s, "0123456789");
		uint64_t number = digits ? strtoull(s, NULL, DECIMAL) : 0;
		bool alone = digits && (s == line || s[-1] == ' ');
		if (alone && number > most && number <= INT32_MAX)
			most = number;
		s += digits ? digits : 1;
	}
	return limit && most > limit ? most : 0;
}

/* The program itself asks for more descriptors than its hard limit: what mends it is the limit, or asking for fewer. */
static void explain_raise(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice fewer = {
		.text = "Let {program} ask for fewer: lower the setting for how many "
			"connections or files it may have[ ({other})][: now it wants {value}].",
	};
	static const struct advice ulimit = {
		.text = "Take the `ulimit -n` out of the script, or let it ask for no more than "
			"{number}: only root with SYS_RESOURCE may go above that.",
	};
	static const struct advice higher = {
		.text = "Give the container a higher limit of open files on the node (LimitNOFILE "
			"of containerd's unit, or its base OCI spec)[: {value} or more]; a pod "
			"spec has no field for it.",
	};
	uint64_t limit = q->container->nofile_limit;
	const struct candidate *who = candidate_of(q, f->process);
	const char *said = who ? decisive_line(q, f->process, &who) : NULL;
	uint64_t wanted = wanted_in_line(said, limit);
	struct phrase text = { "" };

	report_title(r, "%s wants more open files than its limit", phrase_name(f).text);
	if (wanted)
		snprintf(text.text, sizeof(text.text), "%" PRIu64, wanted);
	report_sentence(r,
		"%s could not raise its limit of open files (RLIMIT_NOFILE, ulimit -n)%s%s: no "
		"process without SYS_RESOURCE may go above its hard limit.",
		phrase_who(f).text, wanted ? " to " : "", text.text);
	if (limit)
		report_sentence(r, "The limit is %" PRIu64 ".", limit);
	report_consequence(r, f);
	report_failure(r, f);
	const struct blanks b = { .program = program_name(f->exec),
		.value = text.text,
		.other = setting_of_open_files(program_name(f->exec)),
		.number = limit };
	recommend(r, limit && program_is_shell(f->exec) ? &ulimit : &fewer, &b);
	recommend(r, &higher, &b);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (!f) {
		explain_unseen(q, r);
		return;
	}
	uint64_t limit = f->event && f->event->process.used ? f->event->process.limit
							    : q->container->nofile_limit;

	if (call_is(f, "prlimit64")) {
		f->exec ? explain_raise(q, f, r) : explain_start(q, f, r);
		return;
	}
	report_title(r, "Too many open files: %s is at its limit", phrase_name(f).text);
	report_sentence(r,
		"%s could not %s, because it has as many files and connections open as it may.",
		phrase_who(f).text, phrase_attempt(f).text);
	if (limit)
		report_sentence(r, "Its limit (ulimit -n) is %" PRIu64 ".", limit);
	report_consequence(r, f);
	report_failure(r, f);
	report_recommend(r, "Raise the limit for the runtime on the node (LimitNOFILE of "
			    "containerd's unit, or its "
			    "base OCI spec), since a pod spec has no field for it; a program that "
			    "runs as root may "
			    "also raise it itself (`ulimit -n` before it starts).");
	advise_here(r, f);
	report_recommend(r,
		"Or let the program close what it no longer needs: `ls -l /proc/1/fd` in "
		"the container lists what its first process holds open, and what is "
		"there again and again is what it leaks.");
}

const struct rule rule_too_many_open_files = {
	.match = match,
	.explain = explain,
};
