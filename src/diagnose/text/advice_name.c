// SPDX-License-Identifier: MIT
/* A host name that does not resolve: what it is the name of decides where it is to be corrected. */
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/log_lines.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* Of a Service: without a dot, or inside of the cluster's domain. */
bool name_is_of_the_cluster(const char *name)
{
	return !strchr(name, '.') || strstr(name, ".svc") || strstr(name, ".cluster.local");
}

void advise_name(const struct context *q, const char *name, struct report *r)
{
	static const struct advice service = {
		.text = "Correct the host name {host}: a Service is {name} in its own namespace "
			"and "
			"SERVICE.NAMESPACE.svc.cluster.local from everywhere; `kubectl get service "
			"-A` shows "
			"which there are.",
	};
	static const struct advice external = {
		.text = "Correct the host name {host}, or let the cluster's DNS resolve it: a "
			"private zone "
			"needs a forward in CoreDNS.",
	};
	static const struct advice unnamed = {
		.text = "Correct the host name in the program's configuration: a Service in "
			"another namespace "
			"is SERVICE.NAMESPACE.svc.cluster.local.",
	};
	static const struct advice host_network = {
		.text = "Set this dnsPolicy: without it a pod with hostNetwork asks the node's "
			"name servers, "
			"which know no Services.",
		"dnsPolicy: ClusterFirstWithHostNet\n",
	};
	struct blanks b = { .host = name, .name = "SERVICE" };

	if (q->container->host_network && name_is_of_the_cluster(name))
		recommend(r, &host_network, &b);
	recommend(r, !*name ? &unnamed : name_is_of_the_cluster(name) ? &service : &external, &b);
}

/* A line that names the host is about this kind of name. */
static bool said_of(
	const struct candidate *who, const char *name, const char *const *signs, size_t n)
{
	for (size_t i = 0; who && *name && i < who->log_lines.n; i++) {
		const char *line = who->log_lines.lines[i];
		for (size_t k = 0; k < n; k++)
			if (strcasestr(line, signs[k]) && line_names(line, name))
				return true;
	}
	return false;
}

static bool is_proxy(const struct candidate *who, const char *name)
{
	static const char *const signs[] = { "resolve proxy", "proxyconnect", "proxy name",
		"proxy host", "lookup proxy", "ProxyError", "connect to proxy" };

	return said_of(who, name, signs, ARRAY_SIZE(signs));
}

/* Servers ask for the address of the machine's own name: ProFTPD, sudo, Java's getLocalHost(), Apache, Erlang. */
static bool is_own_name(const struct context *q, const struct candidate *who, const char *name)
{
	static const char *const signs[] = { "unable to determine IP address of",
		"unable to resolve host ", "Local host name unknown", "own host name",
		"own hostname", "local hostname", "local host name",
		"reliably determine the server's" };

	return (*name && !strcmp(name, q->container->pod)) ||
	       said_of(who, name, signs, ARRAY_SIZE(signs));
}

bool advise_special_name(
	const struct context *q, const struct candidate *who, const char *name, struct report *r)
{
	static const struct advice proxy = {
		.text = "Correct the proxy {host} in the container's http_proxy and https_proxy "
			"(in "
			"capitals too), or take it out; what lies inside of the cluster belongs "
			"into no_proxy (.svc,.cluster.local and the networks of pods and "
			"Services).",
	};
	static const struct advice own = {
		.text = "Let {host} resolve, which is the container's own name: its /etc/hosts "
			"lists that unless something is mounted over it (or hostNetwork is set); "
			"add it by hostAliases.",
		"hostAliases:\n  - ip: 127.0.0.1\n    hostnames: [{host}]\n",
	};
	static const struct advice setting = {
		.text = "Or tell the program its address or name in its own configuration, so that "
			"it does not look (ProFTPD: DefaultAddress, Apache: ServerName).",
	};
	const struct blanks b = { .host = name };

	if (is_proxy(who, name))
		return recommend(r, &proxy, &b);
	if (!is_own_name(q, who, name))
		return false;
	recommend(r, &own, &b);
	return recommend(r, &setting, &b);
}
