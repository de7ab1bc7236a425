// SPDX-License-Identifier: MIT
#include "story/story.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "story/processes.h"
#include "util/cleanup.h"
#include "util/hash.h"

#define FOLD_WINDOW 16     /* entries back in which an equal failure is looked for */
#define PROCESSES_LEAST 16 /* that are kept, where space is short */
#define REORDER_WINDOW 64  /* entries that a late event may be put in front of */
#define TAIL 16            /* bytes of a path that tell it from others */

struct story {
	struct container *container;
	struct story_entry *entries;
	size_t n, capacity;
	size_t bytes;       /* of the entries' events */
	uint64_t forgotten; /* by story_shrink() */
	struct processes *processes;
	struct process *first;
	bool started, ended;
	int status;
	uint64_t started_at, ended_at, listening_at;
};

struct story *story_new(struct container *c)
{
	struct story *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->processes = processes_new();
	if (!s->processes) {
		free(s);
		return NULL;
	}
	s->container = container_ref(c);
	return s;
}

static void entry_drop(struct story *s, struct story_entry *entry)
{
	s->bytes -= event_size(entry->event);
	event_unref(entry->event);
	event_unref(entry->exec);
}

void story_free(struct story *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		entry_drop(s, &s->entries[i]);
	free(s->entries);
	processes_free(s->processes);
	container_unref(s->container);
	free(s);
}

bool story_runtime_comm(const char *comm)
{
	/* Whole names, as the kernel cuts them; "runc:[2:INIT]" and the like are stages of one. */
	static const char *const names[] = { "runc", "crun", "youki", "conmon", "conmonrs",
		"containerd", "containerd-shim", "dockerd", "kata-runtime", "kata-agent",
		"kata-shim", "runsc", "runsc-sandbox", "runsc-gofer" };
	size_t len = strcspn(comm, ":");

	if (comm[len] && comm[len + 1] != '[')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (*comm == *names[i] && !strncmp(comm, names[i], len) && !names[i][len])
			return true;
	return false;
}

/* How long an entry is kept: the lowest go first. Look-ups fail all the time. */
enum { WORTH_LEAST, WORTH_LOOKUP, WORTH_FAILURE, WORTH_MOST };
static unsigned char worth_of(const struct event *e)
{
	switch (e->kind) {
	case EVENT_FILE_ERROR:
		if (e->error != ENOENT)
			return WORTH_FAILURE;
		if (!strncmp(e->syscall, "open", 4)) /* most are */
			return WORTH_LOOKUP;
		return strstr(e->syscall, "stat") || strstr(e->syscall, "access") ||
				       strstr(e->syscall, "readlink")
			       ? WORTH_LEAST
			       : WORTH_LOOKUP;
	case EVENT_NETWORK_ERROR:
	case EVENT_PROCESS_ERROR:
	case EVENT_EXEC_FAILED:
		return WORTH_FAILURE;
	case EVENT_DNS_QUERY:
	case EVENT_DNS_ANSWER:
	case EVENT_PORT_REFUSED:
		return WORTH_LOOKUP;
	default:
		return WORTH_MOST;
	}
}

static void forget_processes(struct story *s, size_t count)
{
	size_t n = 0;

	processes_mark(s->processes, s->first, count);
	for (size_t i = 0; i < s->n; i++) {
		if (s->entries[i].process && s->entries[i].process->doomed)
			entry_drop(s, &s->entries[i]);
		else
			s->entries[n++] = s->entries[i];
	}
	s->n = n;
	processes_sweep(s->processes);
}

/* The oldest of what is worth least, until there are no more than so many and so large ones. */
static void forget_entries(struct story *s, int worthiest, size_t most, size_t bytes)
{
	for (int rank = WORTH_LEAST; rank <= worthiest; rank++) {
		size_t n = 0, left = s->n;
		for (size_t i = 0; i < s->n; i++) {
			bool has_space = left <= most && s->bytes <= bytes;
			if (!has_space && s->entries[i].worth <= rank) {
				entry_drop(s, &s->entries[i]);
				left--;
			} else {
				s->entries[n++] = s->entries[i];
			}
		}
		s->n = n;
		if (n <= most && s->bytes <= bytes)
			return;
	}
}

static bool may_be_folded(const struct event *e)
{
	return e->kind == EVENT_FILE_ERROR || e->kind == EVENT_NETWORK_ERROR ||
	       e->kind == EVENT_PROCESS_ERROR || e->kind == EVENT_EXEC_FAILED ||
	       e->kind == EVENT_PORT_REFUSED || *e->dns_name;
}

/*
 * The same failure, question to a name server or answer again, from a loop, or a connection's failure that came as the call's and as the
 * socket's own: the call of a late one is "connect" too.
 */
static bool same_failure(const struct event *a, const struct event *b)
{
	return a->kind == b->kind && a->pid == b->pid && a->error == b->error &&
	       a->port == b->port && !strcmp(a->path, b->path) && !strcmp(a->syscall, b->syscall) &&
	       !strcmp(a->address, b->address) && !strcmp(a->executable, b->executable) &&
	       !strcmp(a->dns_name, b->dns_name) && !strcmp(a->dns_type, b->dns_type) &&
	       !strcmp(a->dns_rcode, b->dns_rcode) && !a->dns_answers == !b->dns_answers;
}

/* Of two with different numbers same_failure() is not true: one number says so sooner than all that it compares. */
static uint32_t alike_of(const struct event *e)
{
	size_t len = strlen(e->path), tail = len < TAIL ? len : TAIL;
	uint64_t hash = hash_bytes(HASH_START, e->path + len - tail, tail);

	return (uint32_t)hash_number(hash, (uint64_t)e->pid << 32 | (uint32_t)e->error);
}

/* A failure that was read from a log may stand for others that came later. */
static uint64_t last_of(const struct event *e)
{
	return event_failed(e) ? e->time + e->lasted_ns : e->time;
}

static bool fold(struct story *s, struct event *e, uint32_t alike)
{
	for (size_t i = s->n, last = i > FOLD_WINDOW ? i - FOLD_WINDOW : 0; i-- > last;) {
		struct story_entry *entry = &s->entries[i];
		if (entry->alike != alike || !same_failure(entry->event, e))
			continue;
		entry->times += e->repeats ? e->repeats : 1;
		if (last_of(e) > entry->last)
			entry->last = last_of(e);
		return true;
	}
	return false;
}

static int insert(struct story *s, struct event *e, struct process *p, uint32_t alike)
{
	if (s->n == s->capacity) {
		size_t capacity = s->capacity ? s->capacity * 2 : 8;
		struct story_entry *entries = reallocarray(s->entries, capacity, sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		s->entries = entries;
		s->capacity = capacity;
	}
	size_t at = s->n;
	while (at > 0 && s->n - at < REORDER_WINDOW && s->entries[at - 1].event->time > e->time)
		at--;
	memmove(&s->entries[at + 1], &s->entries[at], (s->n - at) * sizeof(*s->entries));
	s->entries[at] = (struct story_entry){
		.event = event_ref(e),
		.process = p,
		.exec = p && p->exec ? event_ref(p->exec) : NULL,
		.last = last_of(e),
		.times = e->repeats ? e->repeats : 1,
		.worth = worth_of(e),
		.alike = alike,
	};
	s->n++;
	s->bytes += event_size(e);
	return 0;
}

static void elect(struct story *s, struct process *p)
{
	s->first = p;
	p->from_outside = false;
}

static void note_start(struct story *s, const struct event *e, struct process *p)
{
	bool program = e->kind == EVENT_EXEC && p && p->exec == e && !p->from_outside;

	if (e->kind != EVENT_CONTAINER_STARTED && !program)
		return;
	if (p && (!s->first || (!s->started && s->first->vpid != 1)))
		elect(s, p);
	if (!s->started)
		s->started_at = e->time;
	s->started = true;
}

static void note_end(struct story *s, const struct event *e, struct process *p)
{
	bool container = e->kind == EVENT_CONTAINER_EXITED;
	bool process = e->kind == EVENT_PROCESS_EXITED && p && p == s->first && p->vpid == 1;

	if (s->ended || (!container && !process))
		return;
	if (container && p && p->ended_at)
		elect(s, p);
	s->ended = true;
	s->ended_at = e->time;
	s->status = e->status;
}

static int put_on_time_line(struct story *s, struct event *e, struct process *p)
{
	bool foldable = may_be_folded(e);
	uint32_t alike = foldable ? alike_of(e) : 0;

	return foldable && fold(s, e, alike) ? 0 : insert(s, e, p, alike);
}

/* What the event means for the container as a whole. */
static void note(struct story *s, const struct event *e, struct process *p)
{
	if (p && p->vpid == 1 && (!s->first || s->first->vpid != 1) && !s->started)
		elect(s, p);
	note_start(s, e, p);
	if ((e->kind == EVENT_LISTEN || e->kind == EVENT_CONTAINER_LISTENING) && !s->listening_at)
		s->listening_at = e->time;
	note_end(s, e, p);
}

static bool of_a_process(enum event_kind kind)
{
	return kind != EVENT_CONTAINER_CREATED && kind != EVENT_CONTAINER_REMOVED;
}

/* Output is kept with its process, not on the time line. */
static bool on_the_time_line(enum event_kind kind)
{
	return kind != EVENT_OUTPUT && kind != EVENT_RUNTIME && kind != EVENT_NONE;
}

int story_add(struct story *s, struct event *e)
{
	struct process *p = NULL;
	int err = 0;

	if (of_a_process(e->kind) && e->pid) {
		p = processes_of(s->processes, e);
		err = p ? processes_note(s->processes, p, e) : -ENOMEM;
	}
	if (err)
		return err;
	note(s, e, p);
	err = on_the_time_line(e->kind) ? put_on_time_line(s, e, p) : 0;
	if (err)
		return err;
	if (processes_full(s->processes))
		forget_processes(s, STORY_PROCESSES_MAX / 4);
	/* A quarter at once: not with every event. */
	if (s->n > STORY_ENTRIES_MAX || s->bytes > STORY_BYTES_MAX)
		forget_entries(s, WORTH_MOST, STORY_ENTRIES_MAX / 4 * 3, STORY_BYTES_MAX / 4 * 3);
	return 0;
}

/* The entries' array too, which only grows by itself. */
static void shrink_entries(struct story *s)
{
	size_t capacity = s->n + s->n / 4 + 1;
	struct story_entry *entries = capacity < s->capacity
					      ? reallocarray(s->entries, capacity, sizeof(*entries))
					      : NULL;

	if (!entries)
		return;
	s->entries = entries;
	s->capacity = capacity;
}

void story_shrink(struct story *s, size_t most)
{
	struct process *const *list;
	size_t entries = s->n, processes = story_processes(s, &list), n = processes, before;

	processes_cut_words(s->processes, s->first);
	if (story_bytes(s) > most)
		forget_entries(s, WORTH_LOOKUP, s->n / 2, s->bytes / 2);
	while (story_bytes(s) > most && n > PROCESSES_LEAST) {
		before = n;
		forget_processes(s, n / 4);
		n = story_processes(s, &list);
		if (n == before)
			break;
	}
	if (story_bytes(s) > most)
		forget_entries(s, WORTH_MOST, s->n / 2, s->bytes / 2);
	shrink_entries(s);
	s->forgotten += entries - s->n + processes - n;
}

uint64_t story_forgotten(const struct story *s)
{
	return s->forgotten;
}

struct container *story_container(const struct story *s)
{
	return s->container;
}

bool story_started(const struct story *s)
{
	return s->started;
}

bool story_ended(const struct story *s)
{
	return s->ended;
}

int story_status(const struct story *s)
{
	return s->status;
}

size_t story_bytes(const struct story *s)
{
	return sizeof(*s) + s->capacity * sizeof(*s->entries) + s->bytes +
	       processes_bytes(s->processes);
}

uint64_t story_started_at(const struct story *s)
{
	return s->started_at;
}

uint64_t story_ended_at(const struct story *s)
{
	return s->ended_at;
}

uint64_t story_listening_at(const struct story *s)
{
	return s->listening_at;
}

size_t story_entries(const struct story *s, const struct story_entry **out)
{
	*out = s->entries;
	return s->n;
}

size_t story_processes(const struct story *s, struct process *const **out)
{
	return processes_list(s->processes, out);
}

const struct process *story_first_process(const struct story *s)
{
	return s->first;
}
