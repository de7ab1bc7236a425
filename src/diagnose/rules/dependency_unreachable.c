// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/default_addresses.h"
#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/rules.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define DNS_PORT 53

static bool is_of_a_connection(const struct event *e)
{
	if (e->kind == EVENT_BLOCKED)
		return !strcmp(e->syscall, "connect");
	return e->kind == EVENT_NETWORK_ERROR && e->port != DNS_PORT;
}

static bool unreachable(const struct context *q, const struct failure *f)
{
	(void)q;
	switch (f->error) {
	case ECONNREFUSED:
	case ETIMEDOUT:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ECONNRESET:
	case ENETDOWN:
	case EHOSTDOWN:
		break;
	case ENOENT:
		return call_is(f, "connect");
	case EPERM:
	case EACCES: /* a firewall that answers so */
		return call_is(f, "connect") && f->event->family != AF_UNIX;
	default:
		return false;
	}
	return !f->event || is_of_a_connection(f->event);
}

/* A command that asks for a service fails each time, and no call of it did: what it was answered is the reason. */
static bool asks_in_vain(const struct context *q, struct verdict *v)
{
	const struct wait *w = &q->wait;

	if (q->ended || w->kind != WAIT_COMMAND || !program_is(w->step->exec, ROLE_SERVICE_ASKER))
		return false;
	const struct exit_meaning *m =
		exit_meaning_of(program_name(w->step->exec), status_exit_code(w->step->status));
	if (m && m->about == MEANING_NAME)
		return false;
	v->candidate = candidate_of(q, w->step);
	v->clues = v->candidate->clues;
	v->line = log_lines_decisive(&v->candidate->log_lines);
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, unreachable) || asks_in_vain(q, v);
}

static const char *error_meaning(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "nothing listens there";
	case ETIMEDOUT:
		return "no answer came in time";
	case ENETUNREACH:
		return "there is no route to that network";
	case EHOSTUNREACH:
		return "there is no route to that host";
	case ECONNRESET:
		return "the connection was reset";
	case ENOENT:
		return "the socket file does not exist";
	default:
		return errno_text(error);
	}
}

static struct phrase meaning(const struct failure *f)
{
	struct phrase p;

	if (f->event && f->event->gave_up_ns)
		snprintf(p.text, sizeof(p.text), "no answer within %.1f seconds",
			(double)f->event->gave_up_ns / 1e9);
	else if (f->event && f->event->kind == EVENT_BLOCKED)
		snprintf(p.text, sizeof(p.text), "nothing answers");
	else
		snprintf(p.text, sizeof(p.text), "%s", error_meaning(f->error));
	return p;
}

/* What usually listens on a port, as a guess for people. */
static const struct known_port {
	uint16_t port;
	const char *name;
} known_ports[] = {
	{ 1433, "SQL Server" },
	{ 2379, "etcd" },
	{ 3306, "MySQL or MariaDB" },
	{ 4317, "an OpenTelemetry Collector" },
	{ 4318, "an OpenTelemetry Collector" },
	{ 5432, "PostgreSQL" },
	{ 5672, "RabbitMQ" },
	{ 6379, "Redis" },
	{ 6443, "the Kubernetes API" },
	{ 8200, "Vault" },
	{ 8500, "Consul" },
	{ 9092, "Kafka" },
	{ 9200, "Elasticsearch" },
	{ 11211, "Memcached" },
	{ 27017, "MongoDB" },
};

static const char *usual_service(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_ports); i++)
		if (known_ports[i].port == port)
			return known_ports[i].name;
	return NULL;
}

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

/* Something of this container listens on the port, on the loopback address of the other family. */
static const struct event *listener_of_other_family(const struct context *q, const struct event *e)
{
	for (size_t i = 0; i < q->n_entries; i++) {
		const struct event *other = q->entries[i].event;
		bool listens =
			other->kind == EVENT_LISTEN || other->kind == EVENT_CONTAINER_LISTENING;
		if (listens && other->port == e->port && other->family != e->family &&
			is_loopback(phrase_address(other).text))
			return other;
	}
	return NULL;
}

/* A socket file: who makes it runs in this pod, or on the node. */
static void advise_socket(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice share = {
		.text = "Let the container that creates {path} run in this pod and mount the "
			"volume[ "
			"`{volume}`] at the same directory; start it first, or let this program "
			"wait for the "
			"socket.",
	};
	static const struct advice alone = {
		.text = "Mount the directory of {path} as a volume that this container shares with "
			"the one "
			"that creates the socket: the path is in the image, where no other "
			"container can "
			"reach it.",
	};
	static const struct advice in_here = {
		.text = "Start the program that listens on {path} before this one, or correct the "
			"path.",
	};
	const char *path = f->event && *f->event->address == '/' ? f->event->address : f->path;
	const struct mount *m = container_mount_of(q->container, path);
	struct blanks b = { .path = path, .volume = m->name };

	if (!mount_is_volume(m) && place_of(path) == PLACE_ENGINE_SOCKET) {
		struct failure socket = *f;
		socket.path = path;
		advise_place(r, &socket, NEED_FILE);
		return;
	}
	recommend(r, mount_is_volume(m) ? &share : &alone, &b);
	if (!mount_is_volume(m))
		recommend(r, &in_here, &b);
}

/* Nobody wrote down that address: the client takes it where it is told none. */
static bool advise_default_address(const struct failure *f, struct report *r)
{
	static const struct advice tell = {
		.text = "Tell {program} where its server is: {value}. Where it is told nothing it "
			"takes {host} port {port}, which is this pod itself.",
	};
	const char *program = program_name(f->exec);
	struct phrase here = phrase_address(f->event);
	const char *way = default_address_of(program, f->event->port);

	return way && recommend(r, &tell,
			      &(struct blanks){ .program = program,
				      .value = way,
				      .host = here.text,
				      .port = f->event->port });
}

static void advise_loopback(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice other_family = {
		.text = "Use {host} instead of localhost: the service listens on {host} only, and "
			"localhost was taken for {value}.",
	};
	static const struct advice service = {
		.text = "Use the other program's Service name instead of {value}, which is this "
			"pod itself; or, if it runs in this pod, start it first.",
	};
	static const struct advice sidecar = {
		.text = "See that {other} is injected into this pod and runs before this step: "
			"port {port} is where it listens, and nothing did. A step that only talks "
			"to it, such as one that ends it after a job, can go on without it (`|| "
			"true`).",
	};
	const struct event *e = f->event, *other = listener_of_other_family(q, e);
	struct phrase here = phrase_address(e);
	struct phrase there = other ? phrase_address(other) : (struct phrase){ "" };
	struct blanks b = { .value = here.text,
		.host = there.text,
		.port = e->port,
		.other = sidecar_of(e->port) };

	if (!other)
		advise_default_address(f, r);
	if (!other && b.other && recommend(r, &sidecar, &b))
		return;
	recommend(r, other ? &other_family : &service, &b);
}

static void advise_refused(const struct event *e, struct report *r)
{
	static const struct advice running = {
		.text = "Start the service behind {host} port {port}[ (usually {other})], or "
			"correct name and "
			"port: nothing listens there.",
	};
	static const struct advice wait = {
		.text = "If it only starts later: let this program retry, or wait for it in an "
			"init container.",
		"initContainers:\n  - name: wait\n    image: busybox\n"
		"    command: [sh, -c, \"until nc -z {host} {port}; do sleep 1; done\"]\n",
	};
	struct phrase address = phrase_address(e);
	struct blanks b = {
		.host = address.text, .port = e->port, .other = usual_service(e->port)
	};

	recommend(r, &running, &b);
	recommend(r, &wait, &b);
}

static void advise_no_way(const struct event *e, struct report *r)
{
	static const struct advice metadata = {
		.text = "Give the pod its cloud identity by the provider's own way (IRSA, Workload "
			"Identity), "
			"or allow pods to reach the metadata service: it blocks them by default "
			"(hop limit).",
	};
	static const struct advice allow = {
		.text = "Allow this pod's egress to {host} port {port} in its NetworkPolicies, or "
			"correct the "
			"address.",
	};
	static const struct advice proxy = {
		.text = "Or, where the cluster has no way out, use a proxy or a mirror inside of "
			"it (HTTPS_PROXY), or put what is downloaded into the image.",
	};
	static const struct advice ipv4 = {
		.text = "Let the program use IPv4: the pod has no route for the IPv6 address "
			"{host}.",
	};
	struct phrase address = phrase_address(e);
	struct blanks b = { .host = address.text, .port = e->port };

	if (!strcmp(address.text, "169.254.169.254"))
		recommend(r, &metadata, &b);
	else if (strchr(address.text, ':'))
		recommend(r, &ipv4, &b);
	recommend(r, &allow, &b);
	recommend(r, &proxy, &b);
}

static void advise(const struct context *q, const struct failure *f, struct report *r)
{
	static const struct advice any = {
		.text = "Start the service that the program needs, and see that name, port and "
			"NetworkPolicies let this pod reach it.",
	};
	const struct event *e = f->event;

	if (f->error == ENOENT || (e && e->family == AF_UNIX))
		advise_socket(q, f, r);
	else if (!e)
		recommend(r, &any, &(struct blanks){ .path = NULL });
	else if (is_loopback(phrase_address(e).text))
		advise_loopback(q, f, r);
	else if (f->error == ECONNREFUSED || f->error == ECONNRESET)
		advise_refused(e, r);
	else
		advise_no_way(e, r);
}

static void explain_command(const struct verdict *v, struct report *r)
{
	static const struct advice look = {
		.text = "Run {program} by hand in the same image, and see whether the service "
			"answers there; correct its name, port or path, or mend the service.",
	};
	const struct process *p = v->candidate->process;
	const char *name = program_name(p->exec);
	int code = status_exit_code(p->status);
	const struct exit_meaning *m = exit_meaning_of(name, code);
	struct phrase command = phrase_command(p);

	report_title(
		r, "`%.120s` fails each time%s%s", command.text, m ? ": " : "", m ? m->text : "");
	report_sentence(r,
		"`%.200s` is run again and again to ask for a service, and ends with exit code %d "
		"each time%s%s.",
		command.text, code, m ? ": " : "", m ? m->text : "");
	if (v->line)
		report_decisive_lines(r, v->candidate, v->line);
	report_culprit(r, p->exit);
	if (v->line)
		report_quote_block(r, v->candidate, v->line);
	recommend(r, &look, &(struct blanks){ .program = name });
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (!f) {
		explain_command(v, r);
		return;
	}
	if (f->event)
		report_title(r, "Cannot reach %s: %s", phrase_peer(f).text, meaning(f).text);
	else
		report_title(r, "A service that the program needs cannot be reached");
	report_sentence(r, "%s tried to connect to %s%s: %s.", phrase_who(f).text,
		phrase_peer(f).text, failure_persisted(f) ? " again and again" : "",
		meaning(f).text);
	if (!f->event)
		report_sentence(r, "It wrote: \"%.300s\".", f->line);
	report_consequence(r, f);
	report_failure(r, f);
	advise(q, f, r);
}

const struct rule rule_dependency_unreachable = {
	.match = match,
	.explain = explain,
};
