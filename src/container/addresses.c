// SPDX-License-Identifier: MIT
#include "container/addresses.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "container/hostfile.h"
#include "util/cleanup.h"

#define FILE_MAX (256u << 10)

static void add(struct addresses *out, const char *text)
{
	if (out->n < ADDRESSES_MAX && !addresses_have(out, text))
		snprintf(out->text[out->n++], ADDRESS_SIZE, "%s", text);
}

/* "|-- 10.0.0.5" and on the next line "/32 host LOCAL". */
void addresses_parse_v4(const char *fib_trie, struct addresses *out)
{
	char last[16] = "";

	for (const char *line = fib_trie; *line;
		line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, "\n");
		const char *leaf = memmem(line, len, "|-- ", 4);

		if (leaf)
			sscanf(leaf + 4, "%15[0-9.]", last);
		else if (memmem(line, len, "/32 host LOCAL", 14) && strncmp(last, "127.", 4) != 0 &&
			 *last)
			add(out, last);
	}
}

/* "fd000000000000000000000000000005 02 40 00 80     eth0" */
void addresses_parse_v6(const char *if_inet6, struct addresses *out)
{
	for (const char *line = if_inet6; *line;
		line += strcspn(line, "\n"), line += *line == '\n') {
		char hex[33], text[INET6_ADDRSTRLEN];
		struct in6_addr a;
		unsigned byte;
		int i = 0;

		if (sscanf(line, "%32[0-9a-f]", hex) != 1 || strlen(hex) != 32)
			continue;
		for (; i < 16 && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
			a.s6_addr[i] = (uint8_t)byte;
		if (i == 16 && !IN6_IS_ADDR_LOOPBACK(&a) &&
			inet_ntop(AF_INET6, &a, text, sizeof(text)))
			add(out, text);
	}
}

static bool shares_nodes_network(uint32_t pid)
{
	char path[64];
	struct stat its, nodes;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	return stat(path, &its) || (!stat("/proc/1/ns/net", &nodes) && its.st_ino == nodes.st_ino);
}

void addresses_read(uint32_t pid, struct addresses *out)
{
	static const struct {
		const char *name;
		void (*parse)(const char *text, struct addresses *out);
	} tables[] = {
		{ "fib_trie", addresses_parse_v4 },
		{ "if_inet6", addresses_parse_v6 },
	};

	out->n = 0;
	if (shares_nodes_network(pid))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		_cleanup_free_ char *text = NULL;
		char path[64];

		snprintf(path, sizeof(path), "/proc/%u/net/%s", pid, tables[i].name);
		if (!host_read("", path, FILE_MAX, &text, NULL))
			tables[i].parse(text, out);
	}
}

bool addresses_have(const struct addresses *a, const char *text)
{
	for (unsigned i = 0; i < a->n; i++)
		if (!strcmp(a->text[i], text))
			return true;
	return false;
}
