/* SPDX-License-Identifier: MIT */
/*
 * An event while nobody looks at it: most of its members are 0, and most of what was found out about its file is too, so that
 * what is left takes a third of its space, and a tenth where there are such facts. Pure.
 */
#ifndef KTRACE_EVENT_PACKED_H
#define KTRACE_EVENT_PACKED_H

#include "ktrace/event.h"

struct packed_event;
struct packed_facts;

/*
 * Packs an event of which the caller has the only reference, and takes that over. NULL where others have one too, where it has
 * arguments, or when out of memory: then the event is the caller's still.
 */
struct packed_event *event_pack(struct event *e);

/* The event as it was, with one reference, in place of the packed one. NULL when out of memory: that is the caller's still. */
struct event *event_unpack(struct packed_event *p);

void packed_event_free(struct packed_event *p);         /* NULL is fine */
size_t packed_event_size(const struct packed_event *p); /* bytes of heap that it holds */

/* What was found out about a file by itself, the caller's to free; NULL when out of memory. */
struct packed_facts *facts_pack(const struct path_facts *facts);
void facts_unpack(const struct packed_facts *p, struct path_facts *out);

#endif
