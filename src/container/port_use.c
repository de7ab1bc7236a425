// SPDX-License-Identifier: MIT
/* "Cannot assign requested address" of connect: how many local ports its connections have taken. */
#include "container/port_use.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

#define LINES_MAX (1u << 18) /* four times the ports that there are */

/* The remote end as the table has it, "0100007F:1F90 ": an address in host byte order, a port in that of people. */
static bool write_peer(const char *address, uint16_t port, bool mapped, char *out, size_t size)
{
	struct in_addr a;

	if (inet_pton(AF_INET, address, &a) != 1)
		return false;
	/* ::ffff:127.0.0.1 is four words, of which the kernel prints each as a number. */
	snprintf(out, size, "%s%08X:%04X ", mapped ? "0000000000000000FFFF0000" : "", a.s_addr,
		port);
	return true;
}

/* "0: LOCAL REMOTE 06 ...", both in the same form. */
static bool leads_to(const char *line, const char *peer)
{
	const char *local = strstr(line, ": ");
	const char *remote = local ? strchr(local + 2, ' ') : NULL;

	return remote && !strncmp(remote + 1, peer, strlen(peer));
}

uint64_t port_use_parse(FILE *table, const char *address, uint16_t port, bool mapped)
{
	char peer[64], line[512];
	uint64_t n = 0;

	if (!write_peer(address, port, mapped, peer, sizeof(peer)))
		return 0;
	for (unsigned i = 0; i < LINES_MAX && fgets(line, sizeof(line), table); i++)
		n += leads_to(line, peer);
	return n;
}

uint64_t port_use(uint32_t pid, const char *address, uint16_t port)
{
	static const char *const tables[] = { "tcp", "tcp6" };
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/%u/net/%s", pid, tables[i]);
		_cleanup_file_ FILE *f = fopen(path, "re");
		if (f)
			n += port_use_parse(f, address, port, i == 1);
	}
	return n;
}
