// SPDX-License-Identifier: MIT
/*
 * What is a container that runs stuck on? Half of what does not start never ends: it waits for a service, a name, a
 * file, a lock. A worker that is well may look as idle, so silence is no evidence; what counts is the same step that
 * fails again and again over at least 20 seconds.
 *
 * Failed calls, and the ends of programs that a script starts, are put into groups: who waits, and for what. Who
 * waits is the process that made the call if it still runs, else the one above it that does: the shell whose `nc`
 * fails each time, the server whose worker does. A group counts while it goes on. Attempts grow rarer (1, 2, 4, 8,
 * ... seconds), so how long a pause may be follows from the pauses before.
 *
 * A connection that fails each time is evidence by itself. A file that is not there is not: programs look for optional
 * files for as long as they run. There somebody must say that it is waited for (words.c).
 *
 * When the container ends, the same groups tell what it had waited for before it gave up.
 */
#include "diagnose/stuck/stuck.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/asked_names.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"

#define GROUPS_MAX 64
#define HOSTS_MAX 64
#define DEPTH_MAX 64
#define ATTEMPTS_LEAST 3
#define GAVE_UP_AFTER SECONDS(5)
#define COMMAND_GAVE_UP_AFTER SECONDS(2)
#define PAUSE_MOST SECONDS(45)  /* on average: what is tried once a minute is a schedule's */
#define QUIET_LEAST SECONDS(20) /* a pause that is no sign of success, whatever the others were */
#define QUIET_MOST SECONDS(120)

struct group {
	enum group_kind kind;
	const char *host;          /* GROUP_NAME: that was asked for; of the groups' hosts */
	const struct event *first; /* of its calls */
	struct wait wait;
};

/* What a question asks for takes a look at all others: once for each name that went to a server. */
struct host {
	const char *question;
	char text[256];
	const char *as; /* its text, or the equal one of an earlier question */
};

struct groups {
	struct group all[GROUPS_MAX];
	size_t n;
	struct host hosts[HOSTS_MAX];
	size_t n_hosts;
};

static uint64_t moment(const struct context *q)
{
	return q->ended ? story_ended_at(q->story) : q->input->now;
}

static bool is_there(const struct context *q, const struct process *p)
{
	return !p->ended_at || (q->ended && p == q->first);
}

/* The process itself, or the nearest above it that still runs; NULL: none, or it came from outside. */
static const struct process *waiter_of(const struct context *q, const struct process *p)
{
	for (int i = 0; p && i < DEPTH_MAX; i++, p = p->parent)
		if (is_there(q, p))
			return p->from_outside ? NULL : p;
	return NULL;
}

static bool is_own_program(const struct process *p)
{
	return p->exec && p->parent && p->exec != p->parent->exec;
}

/* One address for equal hosts; NULL for no question, or when there are too many. */
static const char *host_of(const struct context *q, struct groups *all, const struct event *e)
{
	size_t n = 0;

	if (!*e->dns_name)
		return NULL;
	for (; n < all->n_hosts; n++)
		if (!strcmp(all->hosts[n].question, e->dns_name))
			return all->hosts[n].as;
	if (n == HOSTS_MAX)
		return NULL;
	struct host *h = &all->hosts[all->n_hosts++];
	h->question = e->dns_name;
	asked_host(q->entries, q->n_entries, e, h->text, sizeof(h->text));
	for (n = 0; strcasecmp(all->hosts[n].text, h->text) != 0;)
		n++;
	h->as = all->hosts[n].text;
	return h->as;
}

/* Interpreters look for a hundred files once when they start: that gives way to what was tried again, or says more. */
static struct group *slot_for(struct groups *all, const struct wait *w, enum group_kind kind)
{
	if (all->n < GROUPS_MAX)
		return &all->all[all->n++];
	for (size_t i = 0; i < all->n; i++) {
		struct group *g = &all->all[i];
		if (g->kind == GROUP_LOOKUP && g->wait.attempts <= 1 &&
			(kind != GROUP_LOOKUP || w->attempts > 1))
			return g;
	}
	return NULL;
}

static struct group *group_of(
	const struct context *q, struct groups *all, const struct wait *w, enum group_kind kind)
{
	const char *host = kind == GROUP_NAME ? host_of(q, all, w->entry->event) : NULL;

	for (size_t i = 0; i < all->n; i++) {
		struct group *g = &all->all[i];
		if (g->kind != kind || g->wait.waiter != w->waiter || g->wait.kind != w->kind)
			continue;
		if (kind == GROUP_NAME ? host && g->host == host
			: w->entry     ? wait_same_call(g->wait.entry->event, w->entry->event)
				       : wait_same_program(g->wait.step->exec, w->step->exec))
			return g;
	}
	struct group *g = slot_for(all, w, kind);
	if (!g)
		return NULL;
	*g = (struct group){
		.kind = kind, .host = host, .first = w->entry ? w->entry->event : NULL, .wait = *w
	};
	g->wait.attempts = 0;
	return g;
}

static void join(
	const struct context *q, struct groups *all, const struct wait *w, enum group_kind kind)
{
	struct group *g = group_of(q, all, w, kind);

	if (!g)
		return;
	g->wait.attempts += w->attempts;
	g->wait.entry = w->entry;
	g->wait.step = w->step;
	if (w->last > g->wait.last)
		g->wait.last = w->last;
}

/* Who ended well got what it asked for, or did without. */
static const struct process *waiter_of_entry(
	const struct context *q, const struct story_entry *entry)
{
	const struct process *p = entry->process;
	const struct process *waiter = p && !p->from_outside ? waiter_of(q, p) : NULL;

	if (!waiter || (p->ended_at && !p->status) || (p == waiter && p->exec != entry->exec))
		return NULL;
	return waiter;
}

/* One attempt asks for IPv4 and IPv6, and with each domain of the search list: its first question counts. */
static uint64_t attempts_of(
	const struct context *q, struct groups *all, const struct wait *w, enum group_kind kind)
{
	const struct event *e = w->entry->event;

	if (kind != GROUP_NAME)
		return w->entry->times;
	const struct group *g = group_of(q, all, w, kind);
	bool first = g && wait_same_question(g->first, e);
	return first ? w->entry->times : 0;
}

static void collect_call(struct context *q, struct groups *all, const struct story_entry *entry)
{
	const struct process *waiter = waiter_of_entry(q, entry);
	struct wait w = { .kind = WAIT_CALL,
		.entry = entry,
		.step = entry->process,
		.waiter = waiter,
		.since = entry->event->time,
		.last = entry_over_at(entry) };
	struct failure f;

	if (!waiter)
		return;
	failure_of_entry(q, entry, &f);
	enum group_kind kind = wait_group_kind(q, &f);
	if (kind == GROUP_NONE)
		return;
	w.attempts = attempts_of(q, all, &w, kind);
	join(q, all, &w, kind);
}

static void collect_calls(struct context *q, struct groups *all)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		if (event_failed(e) || e->kind == EVENT_DNS_QUERY)
			collect_call(q, all, &q->entries[i]);
	}
}

/* `sleep`, `echo` and `test` of a waiting loop say nothing by how they end. */
static bool may_be_a_step(const struct process *p)
{
	return is_own_program(p) && !program_is(p->exec, ROLE_PROBER | ROLE_CLEANER) &&
	       strcmp(program_name(p->exec), "sleep") != 0;
}

/* What a shell forks for `( ... )` or for a part of a pipe is the shell. */
static const struct process *shell_of(const struct process *p)
{
	for (int i = 0; p->parent && p->exec == p->parent->exec && i < DEPTH_MAX; i++)
		p = p->parent;
	return p;
}

/* The same command of the same parent, and it failed each time: one that went well in between starts anew. */
static void collect_commands(struct context *q, struct groups *all)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		const struct process *parent = p->parent ? shell_of(p->parent) : NULL;
		if (!p->ended_at || !parent || p->from_outside || p == q->first ||
			!is_there(q, parent) || !may_be_a_step(p))
			continue;
		struct wait w = { .kind = WAIT_COMMAND,
			.step = p,
			.waiter = parent,
			.since = p->since,
			.last = p->ended_at,
			.attempts = 1 };
		struct group *g = p->status ? NULL : group_of(q, all, &w, GROUP_COMMAND);
		if (g)
			*g = all->all[--all->n];
		else if (p->status)
			join(q, all, &w, GROUP_COMMAND);
	}
}

/* A program that was started for its answer went well after the last failure: that is got over. */
static bool got_through(const struct context *q, const struct wait *w)
{
	for (size_t i = 0; w->step != w->waiter && i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (p->parent == w->step->parent && p->ended_at > w->last && !p->status &&
			is_own_program(p) && wait_same_program(p->exec, w->step->exec))
			return true;
	}
	return false;
}

/* Equal answers are one entry, as equal questions are: the latest of each is compared. */
static bool was_resolved(const struct context *q, struct groups *all, const struct group *g)
{
	for (size_t i = 0; g->kind == GROUP_NAME && i < q->n_entries; i++) {
		const struct story_entry *entry = &q->entries[i];
		if (dns_gave_address(entry->event) && entry->last + QUIET_LEAST > g->wait.last &&
			host_of(q, all, entry->event) == g->host)
			return true;
	}
	return false;
}

static bool goes_on(const struct context *q, const struct wait *w)
{
	uint64_t span = time_between(w->since, w->last), now = moment(q);
	uint64_t pause = w->attempts > 1 ? span / (w->attempts - 1) : span;
	uint64_t quiet = pause * 8;

	if (w->attempts < ATTEMPTS_LEAST || pause > PAUSE_MOST)
		return false;
	if (span < (!q->ended                        ? STUCK_AFTER
			   : w->kind == WAIT_COMMAND ? COMMAND_GAVE_UP_AFTER
						     : GAVE_UP_AFTER))
		return false;
	quiet = quiet < QUIET_LEAST ? QUIET_LEAST : quiet > QUIET_MOST ? QUIET_MOST : quiet;
	return time_between(w->last, now) <= quiet && !got_through(q, w);
}

static const char *name_of(const struct group *g)
{
	const struct event *e = g->wait.entry ? g->wait.entry->event : NULL;

	if (!e)
		return program_name(g->wait.step->exec);
	return path_name(*e->path ? e->path : e->executable);
}

/* Programs by which scripts ask for a service: what they fail at is waited for. */
static bool asks_for_a_service(const struct process *p)
{
	return program_is(p->exec, ROLE_SERVICE_ASKER | ROLE_RESOLVER);
}

static bool names_fail(const struct context *q, const struct wait *w)
{
	return w->entry->event->error || says_names_fail(q, w->step) ||
	       (w->step != w->waiter && program_is(w->step->exec, ROLE_RESOLVER));
}

/* What a supervisor restarts is found by responsibility.c. A program that a loop starts over must say what it lacks. */
static bool command_waits(const struct context *q, const struct wait *w)
{
	if (program_is(w->waiter->exec, ROLE_SUPERVISOR))
		return false;
	if (asks_for_a_service(w->step))
		return true;
	/* `grep` and `cat` are how scripts ask, too. */
	if ((!program_is(w->step->exec, ROLE_ASKER) || is_run_openly(w->waiter, w->step)) &&
		complains_in_words(w->step))
		return true;
	return is_awaited(q, w->waiter, program_name(w->step->exec));
}

/* By its whole name; or as a command that a loop's condition runs, and that is in no directory of PATH. */
static bool is_called_for(const struct context *q, const struct wait *w)
{
	const char *path = w->entry->event->path;
	struct failure f;

	failure_of_entry(q, w->entry, &f);
	return is_named_awaited(q, w->waiter, path) ||
	       (program_is_shell(f.exec) && not_found_in_path(q, &f) &&
		       is_named_awaited(q, w->waiter, path_name(path)));
}

static bool is_evidence(const struct context *q, const struct group *g)
{
	const struct wait *w = &g->wait;

	switch (g->kind) {
	case GROUP_NETWORK:
	case GROUP_REFUSED:
		return true;
	case GROUP_NAME:
		return true;
	case GROUP_SERVER:
		return names_fail(q, w);
	case GROUP_COMMAND:
		return command_waits(q, w);
	case GROUP_LOOKUP:
		return is_called_for(q, w);
	case GROUP_FILE:
		return !is_standby(q, w->waiter) && is_awaited(q, w->waiter, name_of(g));
	default:
		return false;
	}
}

/* What says more by itself; then what began first, which does not change from one look to the next. */
static bool tells_more(const struct group *a, const struct group *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind;
	return a->wait.since < b->wait.since;
}

static void find(struct context *q)
{
	_cleanup_free_ struct groups *all = calloc(1, sizeof(*all));
	const struct group *most = NULL;

	if (!all)
		return; /* nothing is said then */
	collect_calls(q, all);
	collect_commands(q, all);
	for (size_t i = 0; i < all->n; i++) {
		const struct group *g = &all->all[i];
		if (goes_on(q, &g->wait) && !was_resolved(q, all, g) &&
			(!most || tells_more(g, most)) && is_evidence(q, g))
			most = g;
	}
	if (most)
		q->wait = most->wait;
}

void find_wait(struct context *q)
{
	if (q->ended || !q->started || !q->began || q->input->now <= q->began + STUCK_AFTER)
		return;
	find_blocked(q);
	if (q->wait.kind == WAIT_NONE)
		find(q);
}

void find_given_up(struct context *q)
{
	if (q->failed && q->began && moment(q) > q->began + COMMAND_GAVE_UP_AFTER)
		find(q);
}
