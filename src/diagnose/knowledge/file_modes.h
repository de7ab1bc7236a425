/* SPDX-License-Identifier: MIT */
/* Programs that refuse a file whose owner or mode lets others at it: what they say, and what they ask for. */
#ifndef KTRACE_KNOWLEDGE_FILE_MODES_H
#define KTRACE_KNOWLEDGE_FILE_MODES_H

#include <stdbool.h>
#include <stdint.h>

struct mode_demand {
	const char *phrase; /* of the message */
	uint32_t mode;      /* that it wants at most: 0600 */
	/* the mode that is fine where the file belongs to root and its group may read it; 0: none */
	uint32_t root_mode;
	bool directory;
	bool ignored;       /* it goes on without the file, and fails for that */
	const char *change; /* what chmod is told where not the mode: "go-w"; or NULL */
};

/* NULL when the line is about no such refusal. *at is where in the line the words of it begin. */
const struct mode_demand *mode_demand_in_line(const char *line, const char **at);

/*
 * Of a path in a ConfigMap's or Secret's volume: the kubelet's links lead into a directory that it makes anew with each
 * change ("..2026_11_20_08_00_00.1"), and a message may have followed them. That directory is taken out of `path`.
 */
void leave_out_version(char *path);

#endif
