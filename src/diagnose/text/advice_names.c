// SPDX-License-Identifier: MIT
/* Names that are not resolved: the name itself, who is asked for it, and the variable that it came from. */
#include "diagnose/text/advice_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/log/lines.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"
#include "util/find.h"

/* Of a Service: without a dot, or inside of the cluster's domain. */
bool name_is_of_cluster(const char *name)
{
	return !strchr(name, '.') || strstr(name, ".svc") || strstr(name, ".cluster.local");
}

void advise_name(struct report *r, const char *name)
{
	static const struct advice service = {
		.text = "Correct the host name {host}: a Service is {name} in its own namespace "
			"and SERVICE.NAMESPACE.svc.cluster.local from everywhere; `kubectl get "
			"service -A` shows which there are.",
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

	if (r->q->container->host_network && name_is_of_cluster(name))
		recommend(r, &host_network, &b);
	recommend(r, !*name ? &unnamed : name_is_of_cluster(name) ? &service : &external, &b);
}

/* The stub resolver of systemd listens on the node's own loopback address, which is not the pod's. */
bool server_is_stub(const char *address)
{
	return !strcmp(address, "127.0.0.53") || !strcmp(address, "127.0.0.54");
}

void advise_name_server(struct report *r, const char *address, bool answers)
{
	static const struct advice stub = {
		.text = "Let the kubelet hand out the node's real name servers: resolvConf: "
			"/run/systemd/resolve/resolv.conf in its configuration. {host} is the stub "
			"resolver of "
			"systemd, which only the node itself reaches.",
	};
	static const struct advice cluster = {
		.text = "Or let the pod ask the cluster's DNS.",
		"dnsPolicy: ClusterFirst\n",
	};
	static const struct advice reach = {
		.text = "See that CoreDNS runs (`kubectl -n kube-system get pods -l "
			"k8s-app=kube-dns`), and "
			"that the NetworkPolicies let this pod reach {host} port 53, UDP and TCP.",
	};
	static const struct advice failing = {
		.text = "See why the name server at {host} cannot answer: `kubectl -n kube-system "
			"logs -l k8s-app=kube-dns` for CoreDNS, and the servers that its `forward` "
			"names.",
	};
	struct blanks b = { .host = address };

	if (answers) {
		recommend(r, &failing, &b);
		return;
	}
	recommend(r, server_is_stub(address) ? &stub : &reach, &b);
	if (server_is_stub(address))
		recommend(r, &cluster, &b);
}

void advise_line_break(struct report *r)
{
	static const struct advice without_break = {
		.text = "Take the line break from the end of the value of {name}: make the Secret "
			"or ConfigMap with `printf` or `echo -n` before `base64`, or with "
			"stringData.",
	};

	recommend(r, &without_break, &(struct blanks){ .name = r->q->container->env_line_break });
}

void advise_placeholder(struct report *r)
{
	static const struct advice fill_in = {
		.text = "Put the name itself into {name}, or write $(NAME): in `env` Kubernetes "
			"fills in $(NAME) of a variable that stands above it, and leaves {other} "
			"as it is.",
	};

	recommend(r, &fill_in,
		&(struct blanks){ .name = r->q->container->env_placeholder, .other = "${NAME}" });
}

/* A line that names the host is about this kind of name. */
static bool said_of(
	const struct candidate *who, const char *name, const char *const *signs, size_t n)
{
	for (size_t i = 0; who && *name && i < who->log_lines.n; i++) {
		const char *line = who->log_lines.lines[i];
		for (size_t k = 0; k < n; k++)
			if (find_folded(line, signs[k]) && line_names(line, name))
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
		"sudo: unable to resolve host ", "Local host name unknown", "own host name",
		"own hostname", "local hostname", "local host name",
		"reliably determine the server's" };

	return (*name && !strcmp(name, q->container->pod)) ||
	       said_of(who, name, signs, ARRAY_SIZE(signs));
}

bool advise_special_name(struct report *r, const struct candidate *who, const char *name)
{
	static const struct advice proxy = {
		.text = "Correct the proxy {host} in the container's http_proxy and https_proxy "
			"(in "
			"capitals too), or take it out; what lies inside of the cluster belongs "
			"into no_proxy (.svc,.cluster.local and the networks of pods and "
			"Services).",
	};
	static const struct advice own = {
		.text = "Let the container resolve its own name, {host}, by hostAliases: the "
			"/etc/hosts that the kubelet makes has it, unless something is mounted "
			"over that file or the pod has hostNetwork.",
		"hostAliases:\n  - ip: 127.0.0.1\n    hostnames: [{host}]\n",
	};
	static const struct advice setting = {
		.text = "Or tell the program its address or name in its own configuration, so that "
			"it does not look (ProFTPD: DefaultAddress, Apache: ServerName).",
	};
	const struct blanks b = { .host = name };

	if (is_proxy(who, name))
		return recommend(r, &proxy, &b);
	if (!is_own_name(r->q, who, name))
		return false;
	recommend(r, &own, &b);
	return recommend(r, &setting, &b);
}

bool advise_service_variables(struct report *r, const char *variable)
{
	static const struct advice own = {
		"Set {name} in the pod yourself, or turn off the variables that Kubernetes makes "
		"of Services (enableServiceLinks: false).",
		"enableServiceLinks: false\n",
	};
	const char *names = r->q->container->env_service;

	if (!*names || (variable && !line_names(names, variable)))
		return false;
	const char *which = variable ?: names;
	bool several = strchr(which, ' ') != NULL;
	report_sentence(r,
		"Kubernetes made the variable%s %s of %s, with a value such as tcp://ADDRESS:PORT.",
		several ? "s" : "", which, several ? "Services" : "a Service");
	if (variable)
		recommend(r, &own, &(struct blanks){ .name = variable });
	return true;
}

/* SHOP_API_PORT is made of the Service shop-api, whose pods are shop-api-5d8f9 and the like. */
static bool bears_name_of_pod(const char *variable, size_t len, const char *pod)
{
	static const char end[] = "_PORT";

	if (len <= strlen(end))
		return false;
	for (len -= strlen(end); *pod; pod++) {
		size_t i = 0;
		while (i < len &&
			pod[i] == (variable[i] == '_' ? '-' : tolower((unsigned char)variable[i])))
			i++;
		if (i == len)
			return true;
	}
	return false;
}

bool advise_own_service(struct report *r, const char *setting)
{
	const char *names = r->q->container->env_service;
	size_t named = strlen(setting), port = strlen("port");
	char variable[256];

	if (named < port || strcasecmp(setting + named - port, "port") != 0)
		return false;
	for (size_t len; *names; names += len + strspn(names + len, " ")) {
		len = strcspn(names, " ");
		if (!bears_name_of_pod(names, len, r->q->container->pod) || len >= sizeof(variable))
			continue;
		snprintf(variable, sizeof(variable), "%.*s", (int)len, names);
		return advise_service_variables(r, variable);
	}
	return false;
}
