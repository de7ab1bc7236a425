// SPDX-License-Identifier: MIT
#include "story/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "util/hash.h"

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION HASH_BY_KEY
#define uthash_nonfatal_oom(slot) ((void)(slot))
#include <uthash.h>

#define WORDS_LEAST 512        /* of a process, where space is short */
#define OOM_LATE 1000000000ULL /* a second */

/* The latest process of each pid is in the hash; the list holds earlier ones of the same pid too. */
struct slot {
	struct process process; /* first: a process is its slot */
	bool hashed;
	UT_hash_handle hh;
};

struct processes {
	struct slot *by_pid;
	struct process **list;
	size_t n, capacity;
	size_t bytes; /* of all in the list, as bytes_of() has them */
};

struct processes *processes_new(void)
{
	return calloc(1, sizeof(struct processes));
}

static void process_free(struct process *p)
{
	event_unref(p->exec);
	event_unref(p->exit);
	event_unref(p->oom);
	event_unref(p->signal);
	event_unref(p->last_output);
	strbuf_free(&p->out);
	strbuf_free(&p->err);
	free(p);
}

void processes_free(struct processes *t)
{
	if (!t)
		return;
	HASH_CLEAR(hh, t->by_pid);
	for (size_t i = 0; i < t->n; i++)
		process_free(t->list[i]);
	free(t->list);
	free(t);
}

/* Its program counts also where it is on the time line as well: it does not go with that. */
static size_t bytes_of(const struct process *p)
{
	bool own = p->exec && p->exec->pid == p->pid;

	return sizeof(struct slot) + p->out.capacity + p->err.capacity +
	       (own ? event_size(p->exec) : 0) + (p->last_output ? event_size(p->last_output) : 0);
}

static struct slot *find(const struct processes *t, uint32_t pid)
{
	struct slot *slot = NULL;

	HASH_FIND(hh, t->by_pid, &pid, sizeof(pid), slot);
	return slot;
}

static struct process *add(struct processes *t, uint32_t pid, const char *comm, uint64_t time)
{
	if (t->n == t->capacity) {
		size_t capacity = t->capacity ? t->capacity * 2 : 16;
		struct process **list = reallocarray(t->list, capacity, sizeof(*list));
		if (!list)
			return NULL;
		t->list = list;
		t->capacity = capacity;
	}
	struct slot *slot = calloc(1, sizeof(*slot)), *earlier = find(t, pid);
	if (!slot)
		return NULL;
	slot->process.pid = pid;
	slot->process.since = time;
	strncpy(slot->process.comm, comm, sizeof(slot->process.comm) - 1);
	if (earlier) {
		HASH_DELETE(hh, t->by_pid, earlier);
		earlier->hashed = false;
	}
	HASH_ADD(hh, t->by_pid, process.pid, sizeof(pid), slot);
	slot->hashed = find(t, pid) == slot;
	slot->process.place = t->n;
	t->list[t->n++] = &slot->process;
	t->bytes += bytes_of(&slot->process);
	return &slot->process;
}

/*
 * The parent may be a fork that never failed at anything: it is seen here first, and its own end
 * shows later where it belongs. A parent from the runtime is outside, and its children come from outside
 * until one of them turns out to be the container's first process.
 */
static void adopt(struct processes *t, struct process *p, const struct event *e)
{
	if (p->parent || !e->parent_pid || e->parent_pid == p->pid || p->vpid == 1)
		return;
	p->parent_pid = e->parent_pid;
	if (story_runtime_comm(e->parent_comm)) {
		/* Before its program: the container's first process is none any more by then. */
		p->from_outside |= !p->exec;
		return;
	}
	struct slot *slot = find(t, e->parent_pid);
	struct process *parent = slot && !slot->process.ended_at ? &slot->process : NULL;
	if (!parent && e->kind != EVENT_PROCESS_EXITED)
		parent = add(t, e->parent_pid, e->parent_comm, e->time);
	for (const struct process *a = parent; a; a = a->parent)
		if (a == p)
			return;
	p->parent = parent;
	if (!parent)
		return;
	p->from_outside = parent->from_outside;
	if (!p->exec)
		p->exec = parent->exec ? event_ref(parent->exec) : NULL;
}

struct process *processes_of(struct processes *t, const struct event *e)
{
	struct slot *slot = find(t, e->pid);
	struct process *p = slot ? &slot->process : NULL;

	/* The OOM killer sends its signal before it says so: the victim may have ended by then. */
	bool late = e->kind == EVENT_PROCESS_EXITED ||
		    (e->kind == EVENT_OOM_KILL && p && e->time < p->ended_at + OOM_LATE);
	if (!p || (p->ended_at && e->time > p->ended_at && !late))
		p = add(t, e->pid, e->comm, e->time);
	if (!p)
		return NULL;
	if (!p->vpid)
		p->vpid = e->vpid;
	t->bytes -= bytes_of(p);
	adopt(t, p, e);
	t->bytes += bytes_of(p);
	return p;
}

static void keep(struct event **where, struct event *e)
{
	event_unref(*where);
	*where = event_ref(e);
}

/* The first whole lines: what a server says of its settings, before all that follows from them. */
static size_t head_of(const struct strbuf *text)
{
	size_t len = STORY_FIRST_WORDS_MAX;

	while (len && text->data[len - 1] != '\n')
		len--;
	return len;
}

/* Where the tail of a text begins: from a character's first byte on, or it would not be UTF-8. */
static size_t tail_of(const struct strbuf *text, size_t most)
{
	size_t from = text->len > most ? text->len - most : 0;

	while (from && from < text->len && ((unsigned char)text->data[from] & 0xc0) == 0x80)
		from++;
	return from;
}

static int append_output(struct strbuf *buffer, const char *text)
{
	strbuf_puts(buffer, text);
	if (buffer->failed)
		return -ENOMEM;
	if (buffer->len <= STORY_WORDS_MAX)
		return 0;
	size_t head = head_of(buffer), from = tail_of(buffer, STORY_WORDS_MAX - head);
	memmove(buffer->data + head, buffer->data + from, buffer->len - from + 1);
	buffer->len -= from - head;
	return 0;
}

/* What the program before it complained of did not keep that from going on: it is not this one's word. */
static void start_program(struct process *p, struct event *exec)
{
	keep(&p->exec, exec);
	strbuf_reset(&p->out);
	strbuf_reset(&p->err);
	event_unref(p->last_output);
	p->last_output = NULL;
}

static bool terminates(int signo)
{
	switch (signo) {
	case SIGHUP:
	case SIGINT:
	case SIGQUIT:
	case SIGKILL:
	case SIGTERM:
		return true;
	default:
		return false;
	}
}

/* `runc init` is the runtime's program, in the container's cgroup already with newer kernels. */
static bool runtime_init(const struct event *e)
{
	return e->argc == 2 && !strcmp(e->args[1], "init") &&
	       (story_runtime_comm(e->comm) || !strcmp(e->comm, "exe") || !strcmp(e->comm, "6"));
}

/*
 * busybox's shell runs its own applets without exec: the fork takes another name, and that is all that can
 * be known of its program. No other shell renames a fork.
 */
static int note_applet(struct process *p, const struct event *e)
{
	const struct event *shell = p->exec;
	bool forked = shell && shell->pid != p->pid;

	if (!forked || !e->comm[0] || !strcmp(e->comm, shell->comm) || (e->tid && e->tid != e->pid))
		return 0;
	if (strcmp(shell->comm, "sh") && strcmp(shell->comm, "ash"))
		return 0;
	struct event *applet = event_new(&(struct event){ .kind = EVENT_EXEC,
		.time = e->time,
		.pid = p->pid,
		.tid = p->pid,
		.vpid = p->vpid,
		.uid = e->uid,
		.comm = e->comm,
		.executable = "busybox",
		.cwd = shell->cwd,
		.args = &e->comm,
		.argc = 1 });
	if (!applet)
		return -ENOMEM;
	event_unref(p->exec);
	p->exec = applet;
	return 0;
}

static int note(struct process *p, struct event *e)
{
	/* Threads may have names of their own; a process is called by its first one's. */
	bool its_own = e->kind != EVENT_SIGNAL && e->kind != EVENT_OOM_KILL;
	if (its_own && e->comm[0] && (e->tid == e->pid || !e->tid || e->kind == EVENT_EXEC))
		strncpy(p->comm, e->comm, sizeof(p->comm) - 1);
	if (its_own && e->kind != EVENT_EXEC && note_applet(p, e))
		return -ENOMEM;
	switch (e->kind) {
	case EVENT_EXEC:
		if (!runtime_init(e))
			start_program(p, e);
		return 0;
	case EVENT_OUTPUT:
		keep(&p->last_output, e);
		return append_output(e->fd == 2 ? &p->err : &p->out, e->text);
	case EVENT_OOM_KILL:
		keep(&p->oom, e);
		return 0;
	case EVENT_SIGNAL:
		if (!p->signal && terminates(e->signo))
			keep(&p->signal, e);
		return 0;
	case EVENT_PROCESS_EXITED:
		p->ended_at = e->time;
		p->status = e->status;
		keep(&p->exit, e);
		return 0;
	default:
		return 0;
	}
}

int processes_note(struct processes *t, struct process *p, struct event *e)
{
	t->bytes -= bytes_of(p);
	int err = note(p, e);
	t->bytes += bytes_of(p);
	return err;
}

size_t processes_list(const struct processes *t, struct process *const **out)
{
	*out = t->list;
	return t->n;
}

bool processes_full(const struct processes *t)
{
	return t->n > STORY_PROCESSES_MAX;
}

static void cut(struct strbuf *text)
{
	struct strbuf tail = STRBUF_INIT;
	size_t from = tail_of(text, WORDS_LEAST);

	if (!from)
		return;
	strbuf_append(&tail, text->data + from, text->len - from);
	if (tail.failed) {
		strbuf_free(&tail);
		return;
	}
	strbuf_free(text);
	*text = tail;
}

void processes_cut_words(struct processes *t, const struct process *kept)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->list[i] == kept)
			continue;
		t->bytes -= bytes_of(t->list[i]);
		cut(&t->list[i]->out);
		cut(&t->list[i]->err);
		t->bytes += bytes_of(t->list[i]);
	}
}

void processes_mark(struct processes *t, const struct process *kept, size_t count)
{
	size_t left = count;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < t->n && left; i++) {
			struct process *p = t->list[i];
			bool well = p->ended_at && !p->status;
			if (p == kept || p->doomed ||
				!(well || (round > 0 && p->ended_at) || round > 1))
				continue;
			p->doomed = true;
			left--;
		}
	}
}

void processes_sweep(struct processes *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		while (t->list[i]->parent && t->list[i]->parent->doomed)
			t->list[i]->parent = t->list[i]->parent->parent;
	for (size_t i = 0; i < t->n; i++) {
		struct slot *slot = (struct slot *)t->list[i];
		if (!slot->process.doomed) {
			slot->process.place = n;
			t->list[n++] = t->list[i];
			continue;
		}
		if (slot->hashed)
			HASH_DELETE(hh, t->by_pid, slot);
		t->bytes -= bytes_of(&slot->process);
		process_free(&slot->process);
	}
	t->n = n;
}

size_t processes_bytes(const struct processes *t)
{
	return sizeof(*t) + t->capacity * sizeof(*t->list) + t->bytes;
}
