/* SPDX-License-Identifier: MIT */
/* What a node offers, for `ktrace doctor`: found by looking, no programs loaded. */
#ifndef KTRACE_CLI_NODE_H
#define KTRACE_CLI_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "container/hierarchy.h"

struct node_runtime {
	const char *name;   /* "containerd" */
	char binary[64];    /* where its program is, "" when it was not found */
	const char *socket; /* where it listens, "" when it does not; static */
};

#define NODE_RUNTIMES 8

struct node {
	char kernel[65], machine[65];
	char lockdown
		[64]; /* "none", "integrity", "confidentiality", "" when the kernel has none of it */
	bool btf;     /* the kernel describes its own types */
	struct hierarchy hierarchy;
	bool has_hierarchy;
	int host_root_error; /* negative errno: the node's files cannot be read */
	struct node_runtime runtimes[NODE_RUNTIMES];
	size_t n_runtimes; /* those that are there */
};

/* host_root: where the node's root is seen, "" for our own. */
void node_look(const char *host_root, struct node *out);

#endif
