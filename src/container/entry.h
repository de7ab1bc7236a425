/* SPDX-License-Identifier: MIT */
/* What the registry keeps of one cgroup. Only for the registry's own files. */
#ifndef KTRACE_CONTAINER_ENTRY_H
#define KTRACE_CONTAINER_ENTRY_H

#include "util/hash.h"

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION HASH_BY_KEY
#include <uthash.h>

#include "container/addresses.h"
#include "container/process.h"
#include "container/process_facts.h"
#include "container/registry.h"
#include "container/resolver.h"

#define LOOKS_CACHED 8
#define LIFE_AFTER_DEATH_NS 60000000000ull /* how long a dead container is remembered */

struct look {
	char *path;
	uint32_t uid, gid; /* for whom */
	uint64_t time;
	int rc;
	struct packed_facts *facts; /* where rc is 0 */
};

/* How much the container made us look at files and ports; see enrich.c. */
struct looks {
	struct look *cache; /* LOOKS_CACHED of them, from the first look on; or NULL */
	size_t next;
	unsigned missing, ports, resolvers; /* so far */
	struct resolver *resolver; /* what the container's names are tried with; NULL: not seen */
	uint64_t hung;             /* when the latest look was not answered */
	uint64_t second;           /* the second that `in_second` counts */
	unsigned in_second;
	uint64_t process_second; /* the same for looks at processes */
	unsigned processes;
	uint64_t process_ns; /* and the time that they took */
};

/* Where the container's first process was seen waiting; see watch.c. */
struct watch {
	uint64_t next, since; /* the next look; the first that found it where it is */
	uint32_t pid, vpid, uid;
	char comm[COMM_SIZE];
	uint64_t switches;
	long nr;
	uint64_t args[6];
	bool looked_closely;
	const char *told; /* the call that an event was made of; NULL: none */
};

enum entry_state {
	ENTRY_IGNORED, /* no container: its events are dropped */
	ENTRY_WAITING, /* its name is looked for; events queue up */
	ENTRY_SETTLED, /* the name is known, or known to be none */
};

struct entry {
	uint64_t cgroup;
	enum entry_state state;
	struct container *container; /* NULL when foreign */
	uint64_t made;               /* when it came to be known */

	uint64_t taken, lost;   /* events of it that came here, and of these that were dropped */
	struct event **waiting; /* the first is CONTAINER_CREATED */
	size_t n_waiting, waiting_bytes;

	bool announced, started, listening, exited, removed;
	bool unknown;                 /* ignored because nobody could see any more what it was */
	bool holds_id;                /* it is the one that the container's id stands for */
	uint32_t init_pid;            /* the first process, or the runtime's that will become it */
	uint64_t started_at, dead_at; /* 0: not yet */
	struct looks looks;
	struct watch watch;
	struct addresses addresses;
	UT_hash_handle hh, by_id;
};

/* Owns c (NULL: a foreign entry). NULL when out of memory, c is then still the caller's. */
struct entry *entry_new(uint64_t cgroup, struct container *c, uint64_t now);
void entry_free(struct entry *e); /* NULL is fine */

/* Queues a copy of the event. 0, -ENOSPC when max wait already, or -ENOMEM. */
int entry_queue(struct entry *e, const struct event *draft, size_t max);

/*
 * What the event says about the container's life: EVENT_CONTAINER_STARTED, _LISTENING, _EXITED or
 * EVENT_NONE. Remembers it.
 */
enum event_kind entry_live(struct entry *e, const struct event *event);

/*
 * Sets the event's container, mount and, where a failure deserves a look, facts, which are then the
 * caller's to hand on or free.
 */
void entry_enrich(struct entry *e, const char *host_root, struct event *draft);

/*
 * For a container that ended before its program ran: what the configured program turns out to be, found
 * along PATH where it is a bare name; or the working directory, where that is no directory. Some runtimes read its type and mode themselves, so that no failed
 * call tells. Sets path, mount and facts as entry_enrich() does; *path is the caller's to free.
 */
void entry_look_at_program(
	struct entry *e, const char *host_root, struct event *draft, char **path);

/* Sets what the failed call's process may do, and its limit; label is kept by the draft. */
void entry_look_at_process(
	struct entry *e, struct event *draft, char label[static PROCESS_LABEL_MAX]);

/*
 * Sets who holds the port that a bind failed on; comm has COMM_SIZE bytes and must live as long as the
 * draft.
 */
void entry_find_holder(struct entry *e, struct event *draft, char *comm);

/* Sets the domains that a question to a name server was, or will be, tried with; the entry's own strings. */
void entry_look_at_resolver(struct entry *e, struct event *draft);

/* What was seen at this path within the last second, for the event's user; NULL: nothing. */
const struct look *look_cached(const struct looks *l, const char *path, const struct event *e);
/* Remembers it for the next one; or not, for want of memory. rc: 0, or why nobody could look. */
void look_keep(struct looks *l, const char *path, const struct event *e, int rc,
	const struct path_facts *facts);

/* Forgets what was seen: another look would be made anew. */
void looks_free(struct looks *l);

#endif
