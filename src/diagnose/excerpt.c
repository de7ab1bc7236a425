// SPDX-License-Identifier: MIT
#include "diagnose/excerpt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define OUTPUT_LEAST 512 /* bytes of a process' output that are kept of each stream */
#define OUTPUT_MOST 2048 /* of one that the diagnosis is about */
#define COST_FIXED 330   /* bytes that a record's names and numbers take */
#define CHAIN_MAX 16     /* a process and its parents */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* What an event may be needed for. */
enum rank {
	RANK_EVIDENCE, /* the diagnosis names it, or it is of the life of a process that it is about */
	RANK_FAILURE, /* of a process that it is about */
	RANK_PROCESS, /* start, end and output of other processes */
	RANK_OTHER,   /* failures of other processes */
	RANK_IN_LOG,
	RANKS
};

/* What to take, most needed first. The first way that gives the diagnosis again is taken. */
static const enum rank ways[][RANKS] = {
	{ RANK_EVIDENCE, RANK_IN_LOG },
	{ RANK_EVIDENCE, RANK_FAILURE, RANK_IN_LOG },
	{ RANK_EVIDENCE, RANK_PROCESS, RANK_IN_LOG },
	{ RANK_EVIDENCE, RANK_PROCESS, RANK_FAILURE, RANK_OTHER, RANK_IN_LOG },
	{ RANK_EVIDENCE, RANK_FAILURE, RANK_PROCESS, RANK_OTHER, RANK_IN_LOG },
};

/* ---- what is in the log anyway ---- */

static bool in_folder(const char *path, const char *folder, size_t len)
{
	return len && !strncmp(path, folder, len) && path[len] == '/' &&
	       !strchr(path + len + 1, '/');
}

/* One of the places in which a shell or `env` looks for a command. */
static bool is_search(const struct event *e)
{
	const char *path = e->path[0] ? e->path : e->executable;
	const char *list =
		e->container && e->container->path_env[0] ? e->container->path_env : DEFAULT_PATH;

	if (e->kind != EVENT_EXEC_FAILED || e->error != ENOENT)
		return false;
	for (const char *p = list; *p; p += strspn(p, ":")) {
		size_t len = strcspn(p, ":");
		if (in_folder(path, p, len))
			return true;
		p += len;
	}
	return false;
}

bool excerpt_is_ordinary(const struct event *e)
{
	return diagnose_harmless(e) || is_search(e);
}

static bool is_in_log(const struct event *e)
{
	switch (e->kind) {
	case EVENT_EXEC:
	case EVENT_PROCESS_EXITED:
	case EVENT_OUTPUT:
	case EVENT_LISTEN:
	case EVENT_DNS_QUERY:
	case EVENT_DNS_ANSWER:
	case EVENT_PORT_REFUSED:
		return false;
	default:
		return !e->is_held_back;
	}
}

/* ---- choosing ---- */

/* All that may be chosen, and what it is worth. */
struct choice {
	struct event *event; /* owned reference */
	enum rank rank;
	size_t cost;
};

struct chooser {
	const struct story *story;
	const struct diagnosis *diagnosis;
	const struct process
		*about[CHAIN_MAX * 2]; /* the culprit, the first process, their parents */
	size_t n_about;
	struct choice *choices; /* in order of time */
	size_t n;
	bool failed;
};

static void chooser_clear(struct chooser *c)
{
	for (size_t i = 0; i < c->n; i++)
		event_unref(c->choices[i].event);
	free(c->choices);
}

static bool is_about(const struct chooser *c, const struct process *p)
{
	for (size_t i = 0; i < c->n_about; i++)
		if (c->about[i] == p)
			return true;
	return false;
}

static void add_chain(struct chooser *c, const struct process *p)
{
	for (size_t i = 0; p && i < CHAIN_MAX && c->n_about < ARRAY_SIZE(c->about); i++) {
		if (!is_about(c, p))
			c->about[c->n_about++] = p;
		p = p->parent;
	}
}

static bool has_evidence_of(const struct diagnosis *d, uint32_t pid)
{
	for (size_t i = 0; i < d->n_evidence; i++)
		if (d->evidence[i].pid == pid)
			return true;
	return d->culprit && d->culprit->pid == pid;
}

static void find_processes(struct chooser *c)
{
	struct process *const *list;
	size_t n = story_processes(c->story, &list);

	add_chain(c, story_first_process(c->story));
	for (size_t i = 0; i < n; i++)
		if (has_evidence_of(c->diagnosis, list[i]->pid))
			add_chain(c, list[i]);
}

static size_t cost_of(const struct event *e)
{
	size_t cost = COST_FIXED + strlen(e->path) + strlen(e->requested) + strlen(e->path2) +
		      strlen(e->text) * 11 / 10 + strlen(e->executable) + strlen(e->cwd) +
		      (e->facts ? 180 : 0) + (e->error ? 80 : 0);

	for (uint32_t i = 0; i < e->argc; i++)
		cost += strlen(e->args[i]) + 3;
	return cost;
}

/* Takes over the reference. */
static void add_choice(struct chooser *c, struct event *e, enum rank rank)
{
	if (!e) {
		c->failed = true;
		return;
	}
	size_t at = c->n++;
	for (; at > 0 && c->choices[at - 1].event->time > e->time; at--)
		c->choices[at] = c->choices[at - 1];
	c->choices[at] = (struct choice){ e, rank, cost_of(e) };
}

static bool is_evidence(const struct diagnosis *d, const struct story_entry *entry)
{
	const struct event *e = entry->event;

	for (size_t i = 0; i < d->n_evidence; i++)
		if (d->evidence[i].time == e->time && d->evidence[i].pid == e->pid)
			return true;
	return d->culprit && d->culprit->time == e->time && d->culprit->pid == e->pid;
}

static enum rank rank_of(const struct chooser *c, const struct story_entry *entry)
{
	const struct event *e = entry->event;

	if (is_in_log(e))
		return RANK_IN_LOG;
	if (is_evidence(c->diagnosis, entry))
		return RANK_EVIDENCE;
	bool about = entry->process && is_about(c, entry->process);
	if (event_failed(e))
		return about ? RANK_FAILURE : RANK_OTHER;
	return about ? RANK_EVIDENCE : RANK_PROCESS;
}

/*
 * An entry stands for all that are equal to its event; the one that a container is stuck on also for those of other
 * processes that were started for the same.
 */
static struct event *whole_event(const struct chooser *c, const struct story_entry *entry)
{
	struct event draft = *entry->event;
	const struct waiting *w = &c->diagnosis->waiting;
	bool waited = w->kind && entry->event == c->diagnosis->culprit;
	uint64_t times = waited ? w->attempts : entry->times;

	if (!draft.error || draft.repeats == times)
		return event_ref(entry->event);
	draft.repeats = times > UINT32_MAX ? UINT32_MAX : (uint32_t)times;
	draft.lasted_ns = entry->last - draft.time;
	if (waited) {
		draft.time = w->since;
		draft.lasted_ns = c->diagnosis->time - w->since;
	}
	if (draft.facts) {
		draft.facts = malloc(sizeof(*draft.facts));
		if (!draft.facts)
			return NULL;
		*draft.facts = *entry->event->facts;
	}
	struct event *e = event_new(&draft);
	if (!e)
		free(draft.facts);
	return e;
}

bool excerpt_has_output(const struct process *p, uint32_t fd)
{
	return p->last_output && (fd == 2 ? p->err.len : p->out.len);
}

struct event *excerpt_output(const struct process *p, uint32_t fd, size_t most)
{
	const struct strbuf *text = fd == 2 ? &p->err : &p->out;
	struct event draft = *p->last_output;

	draft.fd = fd;
	draft.text = text->data + (text->len > most ? text->len - most : 0);
	/* From the beginning of a line, where there is one. */
	const char *line = draft.text == text->data ? NULL : strchr(draft.text, '\n');
	if (line && line[1])
		draft.text = line + 1;
	draft.text_total = (uint32_t)text->len;
	draft.facts = NULL;
	return event_new(&draft);
}

static void add_output(struct chooser *c, const struct process *p, uint32_t fd)
{
	bool about = is_about(c, p);

	if (excerpt_has_output(p, fd))
		add_choice(c, excerpt_output(p, fd, about ? OUTPUT_MOST : OUTPUT_LEAST),
			about ? RANK_EVIDENCE : RANK_PROCESS);
}

static int find_choices(struct chooser *c)
{
	const struct story_entry *entries;
	struct process *const *list;
	size_t n = story_entries(c->story, &entries),
	       n_processes = story_processes(c->story, &list);

	c->choices = calloc(n + 2 * n_processes + 1, sizeof(*c->choices));
	if (!c->choices)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		add_choice(c, whole_event(c, &entries[i]), rank_of(c, &entries[i]));
	for (size_t i = 0; i < n_processes; i++) {
		add_output(c, list[i], 1);
		add_output(c, list[i], 2);
	}
	return c->failed ? -ENOMEM : 0;
}

/* Marks what fits: rank by rank, of each the latest first. */
static void choose(const struct chooser *c, const enum rank *way, bool *chosen)
{
	size_t left = EXCERPT_BYTES_MAX;

	memset(chosen, 0, c->n * sizeof(*chosen));
	for (; *way != RANK_IN_LOG; way++)
		for (size_t i = c->n; i-- > 0;) {
			if (c->choices[i].rank != *way || c->choices[i].cost > left)
				continue;
			chosen[i] = true;
			left -= c->choices[i].cost;
		}
}

/* ---- whether it is enough ---- */

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

enum likeness { ANOTHER, SAME_CAUSE, SAME_TEXT, SAME };

static enum likeness compare(const struct diagnosis *a, const struct diagnosis *b)
{
	if (a->root_cause != b->root_cause || !same_text(a->path, b->path))
		return ANOTHER;
	if (!same_text(a->title, b->title) || !same_text(a->summary, b->summary))
		return SAME_CAUSE;
	return a->confidence == b->confidence && a->n_evidence == b->n_evidence ? SAME : SAME_TEXT;
}

static int add_to_story(struct story *s, const struct chooser *c, const bool *chosen)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct choice *choice = &c->choices[i];
		bool told = choice->rank == RANK_IN_LOG || chosen[i];
		int err = told ? story_add(s, choice->event) : 0;
		if (err)
			return err;
	}
	return 0;
}

/* How like the diagnosis is that what the log would hold gives: an enum likeness, or -ENOMEM. */
static int likeness_of(
	const struct chooser *c, const struct diagnose_input *input, const bool *chosen)
{
	struct story *s = story_new(story_container(c->story));
	struct diagnosis *d = NULL;

	if (!s)
		return -ENOMEM;
	int err = add_to_story(s, c, chosen);
	if (!err)
		err = diagnose(s, input, &d);
	int likeness = !err && d ? (int)compare(d, c->diagnosis) : (int)ANOTHER;
	diagnosis_free(d);
	story_free(s);
	return err ?: likeness;
}

static int take_chosen(struct chooser *c, const bool *chosen, struct excerpt *out)
{
	out->events = calloc(c->n + 1, sizeof(struct event *));
	if (!out->events)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		if (chosen[i])
			out->events[out->n++] = event_ref(c->choices[i].event);
	return 0;
}

int excerpt_make(const struct story *s, const struct diagnose_input *input,
	const struct diagnosis *d, struct excerpt *out)
{
	_cleanup_(chooser_clear) struct chooser c = { .story = s, .diagnosis = d };
	_cleanup_free_ bool *chosen = NULL;
	int best = -1;

	*out = (struct excerpt){ 0 };
	find_processes(&c);
	int err = find_choices(&c);
	if (err)
		return err;
	chosen = calloc(c.n + 1, sizeof(*chosen));
	if (!chosen)
		return -ENOMEM;
	size_t best_way = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ways) && best < SAME; i++) {
		choose(&c, ways[i], chosen);
		int likeness = likeness_of(&c, input, chosen);
		if (likeness < 0)
			return likeness;
		if (likeness <= best)
			continue;
		best = likeness;
		best_way = i;
	}
	choose(&c, ways[best_way], chosen);
	return take_chosen(&c, chosen, out);
}

void excerpt_clear(struct excerpt *x)
{
	for (size_t i = 0; i < x->n; i++)
		event_unref(x->events[i]);
	free(x->events);
	*x = (struct excerpt){ 0 };
}
