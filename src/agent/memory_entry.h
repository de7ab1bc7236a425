/* SPDX-License-Identifier: MIT */
/* One workload's line of the memory, to JSON and back. */
#ifndef KTRACE_AGENT_MEMORY_ENTRY_H
#define KTRACE_AGENT_MEMORY_ENTRY_H

#include "ktrace/container.h"
#include "util/strbuf.h"

struct kept_start {
	uint64_t time, listening_ns, peak_memory; /* time 0: there was none */
	char container[16];                       /* the first digits of its id */
	struct snapshot *snapshot;                /* owned reference, NULL with time 0 */
};

struct memory_entry {
	char *key;
	uint32_t starts;
	struct kept_start last, before;
	uint64_t harmless[HARMLESS_MAX]; /* the latest first */
	size_t n_harmless;
};

/* False: a container of which one start cannot be told from another's. */
bool memory_key(const struct container *c, struct strbuf *out);

int memory_entry_write(const struct memory_entry *e, struct strbuf *out); /* 0 or -ENOMEM */
/* Whatever the text is; 0, -EBADMSG or -ENOMEM, with *out cleared. */
int memory_entry_read(
	const char *json, size_t len, const uint8_t salt[SALT_SIZE], struct memory_entry *out);
void memory_entry_clear(struct memory_entry *e);

#endif
