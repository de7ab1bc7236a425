// SPDX-License-Identifier: MIT
/* The texts are those of the resolvers and clients that are named. */
#include "diagnose/knowledge/name_messages.h"

#include <ctype.h>
#include <string.h>

#include "diagnose/log/lines.h"
#include "util/cleanup.h"
#include "util/find.h"

/* apt; bundlers say the same of modules, which are paths or have no dot. */
static bool resolves_quoted_host(const char *line)
{
	char name[HOST_SIZE];

	return line_after(line, "Could not resolve '", "'", name, sizeof(name)) &&
	       isalnum((unsigned char)*name) && strchr(name, '.') && !strchr(name, '/');
}

/* glibc, musl, busybox, Go, Java, Node, curl, PostgreSQL, Ruby, PHP, .NET. What else is resolved: settings, packages, modules. */
bool line_speaks_of_names(const char *line)
{
	static const char *const signs[] = { "Name or service not known",
		"Temporary failure in name resolution", "failure in name resolution",
		"Name does not resolve", "bad address '", "no such host", "UnknownHostException",
		"could not resolve host", "couldn't resolve host", "unable to resolve host",
		"could not translate host name", "nodename nor servname", "getaddrinfo",
		"No address associated with hostname", "server misbehaving",
		"failed to lookup address", "Name has no usable address",
		"host not found in upstream", "host not found", "Unknown MySQL server host",
		"NameResolutionError", "can't resolve host", "nslookup: can't resolve",
		"could not resolve proxy", "could not resolve name", "could not resolve address",
		"dns error", "server can't find", "unknown host", "bad hostname",
		"nxdomain (" }; /* Erlang: inet:format_error */

	/* Symbols as they are: "eNotFound" is in ModuleNotFoundError too. */
	static const char *const symbols[] = { "ENOTFOUND", "EAI_AGAIN", "EAI_NONAME", "EAI_FAIL" };

	/* An address that was written out, of a family that the node does not have: no name was asked for. */
	if (line_is_filler(line) || strstr(line, "Address family for hostname not supported"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
		if (strstr(line, symbols[i]))
			return true;
	return has_one_folded(line, signs, ARRAY_SIZE(signs)) || resolves_quoted_host(line);
}

void host_in_line(const char *line, char *out, size_t size)
{
	static const struct {
		const char *lead, *ends;
	} ways[] = {
		{ "resolve proxy: ", " \r;" },
		{ "resolve proxy '", "'" },
		{ "resolve proxy name ", " \r;" },
		{ "IP address of '", "'" },
		{ "resolve hostname '", "'" },
		{ "resolve hostname \"", "\"" },
		{ "resolve hostname: ", " \r;" },
		{ "resolve name: ", " \r;" },
		{ "resolve host '", "'" },
		{ "resolve address '", "'" },
		{ "Bad hostname '", "'" },
		{ "getaddrinfo for host \"", "\"" },
		{ "resolve host: ", " \r;" },
		{ "bad address '", "'" },
		{ "epmd error for host ", " :\r" },
		{ "translate host name \"", "\"" },
		{ "ENOTFOUND ", " \r:" },
		{ "EAI_AGAIN ", " \r:" },
		{ "UnknownHostException: ", " :\r" },
		{ "lookup ", " :" },
		{ "host not found in upstream \"", "\"" },
		{ "Unknown MySQL server host '", "'" },
		{ "can't resolve '", "'" },
		{ "Failed to resolve '", "'" },
		{ "host='", "'" },
		{ "hostname: '", "'" },
		{ "for \"", "\"" },
		{ "address \"", "\"" },
	};

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (line_after(line, ways[i].lead, ways[i].ends, out, size))
			return;
}
