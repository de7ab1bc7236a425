// SPDX-License-Identifier: MIT
/*
 * The kubelet has the runtime run a command in the container: an exec probe, again and again, or a postStart hook,
 * once. It comes in from outside, beside the container's own processes. When it fails the container is stopped,
 * and nothing in the container itself has failed: what matters is the command.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/packages.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define TIMES_STOPPED 2 /* one failure more is what made the kubelet stop it, or its last try */
#define TIMES_RUNNING 3 /* a probe that is never run is no question of patience */
#define STOPPED_AFTER SECONDS(60) /* periodSeconds is seldom longer */
#define HOOK_STARTS SECONDS(3)
#define HOOK_STOPS SECONDS(3)

static bool is_command(const struct context *q, const struct process *p)
{
	return p->from_outside && (!p->parent || !p->parent->from_outside) && p->ended_at &&
	       q->began && p->since > q->began;
}

/* What the runtime looked for along PATH, or could not run, when it ran nothing. */
static const struct story_entry *refused_by_runtime(
	const struct context *q, const struct process *p)
{
	const struct story_entry *last = NULL;

	for (size_t i = 0; !p->exec && i < q->n_entries; i++) {
		const struct event *e = q->entries[i].event;
		bool looks = e->kind == EVENT_FILE_ERROR && *e->path &&
			     (strstr(e->syscall, "stat") || strstr(e->syscall, "access"));
		if (q->entries[i].process == p && (looks || e->kind == EVENT_EXEC_FAILED))
			last = &q->entries[i];
	}
	return last;
}

static struct phrase command_of(const struct context *q, const struct process *p)
{
	const struct story_entry *refused = refused_by_runtime(q, p);
	struct phrase command = { "" };

	if (p->exec)
		return phrase_command(p);
	if (refused)
		snprintf(command.text, sizeof(command.text), "%.200s",
			path_name(*refused->event->path ? refused->event->path
							: refused->event->executable));
	return command;
}

static bool failed(const struct process *p)
{
	return p->status != 0;
}

/* The command that came in last, and how often in a row it has failed by then. */
static const struct process *last_command(
	const struct context *q, uint64_t until, unsigned *times, unsigned *others)
{
	const struct process *last = NULL;

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct process *p = q->processes[i];
		if (is_command(q, p) && p->ended_at <= until && *command_of(q, p).text &&
			(!last || p->ended_at > last->ended_at))
			last = p;
	}
	*times = *others = 0;
	if (!last || !failed(last))
		return NULL;
	struct phrase command = command_of(q, last);
	for (size_t i = q->n_processes; i-- > 0;) {
		const struct process *p = q->processes[i];
		if (!is_command(q, p) || p->ended_at > until)
			continue;
		if (strcmp(command_of(q, p).text, command.text))
			++*others;
		else if (!failed(p))
			break;
		else
			++*times;
	}
	return last;
}

static bool is_hook(const struct context *q, const struct process *p, unsigned times)
{
	return times == 1 && q->stop && p->since < q->began + HOOK_STARTS &&
	       q->stop->time < p->ended_at + HOOK_STOPS;
}

static bool match_command(const struct context *q, struct verdict *v)
{
	unsigned times, others;

	/* Who was told to end will soon have done so, or not have. */
	if (!q->started || q->blind || q->ended != (q->stop != NULL) || (q->first && q->first->oom))
		return false;
	uint64_t until = q->stop ? q->stop->time : q->input->now;
	const struct process *p = last_command(q, until, &times, &others);
	if (!p)
		return false;
	enum clue why;
	if (is_hook(q, p, times))
		why = CLUE_hook_failed;
	else if (q->stop && times >= TIMES_STOPPED && until < p->ended_at + STOPPED_AFTER)
		why = CLUE_probe_failed_again;
	else if (!q->stop && times >= TIMES_RUNNING && refused_by_runtime(q, p))
		why = CLUE_probe_never_ran;
	else
		return false;
	clues_only(&v->clues, why);
	v->candidate = candidate_of(q, p);
	v->event = q->stop;
	return true;
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_probe_port(q, v) || match_command(q, v);
}

static bool came_in_with(const struct process *p, const struct process *top)
{
	for (; p; p = p->parent)
		if (p == top)
			return true;
	return false;
}

/* A connection that was refused to the command, or to what it ran. */
static const struct event *refused_connection(const struct context *q, const struct process *top)
{
	for (size_t i = q->n_entries; i-- > 0;) {
		const struct event *e = q->entries[i].event;
		if (e->kind == EVENT_NETWORK_ERROR && e->error == ECONNREFUSED && e->port &&
			came_in_with(q->entries[i].process, top))
			return e;
	}
	return NULL;
}

/* What the command said, or what it ran. */
static struct phrase message_of(const struct context *q, const struct process *top)
{
	struct phrase message = { "" };

	for (size_t i = q->n_processes; i-- > 0 && !*message.text;) {
		const struct process *p = q->processes[i];
		_cleanup_(log_lines_free) struct log_lines lines = { 0 };
		if (!came_in_with(p, top) || log_lines_of(p, &lines))
			continue;
		const char *line = log_lines_decisive(&lines);
		if (line)
			message = phrase_message(line, p->comm);
	}
	return message;
}

/* `curl http://localhost:8080/health`: what an httpGet probe would ask. */
static bool url_of(const struct process *p, uint64_t *port, char *path, size_t size)
{
	for (uint32_t i = 1; p->exec && i < p->exec->argc; i++) {
		const char *url = strstr(p->exec->args[i], "http://");
		unsigned n = 80;
		if (!url)
			continue;
		url += strlen("http://");
		const char *colon = url + strcspn(url, ":/ \"'");
		if (*colon == ':')
			sscanf(colon, ":%5u", &n);
		const char *slash = url + strcspn(url, "/ \"'");
		size_t len = *slash == '/' ? strcspn(slash, " \"'?&|;") : 0;
		snprintf(path, size, "%.*s", (int)(len ? len : 1), len ? slash : "/");
		*port = n;
		return true;
	}
	return false;
}

/* The command itself, or what its shell did not find: "sh: curl: not found". */
static struct phrase missing_command(
	const struct context *q, const struct process *p, const struct phrase *message)
{
	const struct story_entry *refused = refused_by_runtime(q, p);
	const char *end = strstr(message->text, ": not found");
	struct phrase name = { "" };

	end = end ?: strstr(message->text, ": command not found");
	if (refused && refused->event->error == ENOENT)
		return command_of(q, p);
	if (!end)
		return name;
	const char *start = end;
	while (start > message->text && !strchr(" :", start[-1]))
		start--;
	snprintf(name.text, sizeof(name.text), "%.*s", (int)(end - start), start);
	return name;
}

static void recommend_command(const struct process *p, const char *what, const char *command,
	const char *missing, const struct event *connection, struct report *r)
{
	static const struct advice ask = {
		"Let the kubelet ask the port itself, which needs no program in the image: an "
		"httpGet "
		"probe instead of the command.",
		"{list}:\n  - name: {container}\n    livenessProbe:\n      httpGet:\n"
		"        path: {path}\n        port: {port}\n",
	};
	static const struct advice install = {
		"Install {name} in the image[ (Debian: `apt-get install {other}`[, Alpine: `apk "
		"add "
		"{target}`])], or use an httpGet, tcpSocket or grpc probe instead: the kubelet "
		"makes "
		"those itself.",
		NULL,
	};
	static const struct advice by_hand = {
		"Correct the {kind}'s command (\"{value}\"), or what it looks for; to see what it "
		"says: `kubectl exec -c {container} POD -- ...`.",
		NULL,
	};
	static const struct advice port = {
		"Correct the port in the probe's command, or let the program listen on port "
		"{port}; if "
		"it only starts slowly, give it a startupProbe with the same command.",
		NULL,
	};
	const struct package *package = *missing ? package_of_command(missing) : NULL;
	uint64_t number = 0;
	char path[256] = "";
	bool url = url_of(p, &number, path, sizeof(path));
	struct blanks b = { .path = path,
		.name = missing,
		.kind = what,
		.value = command,
		.other = package ? package->debian : NULL,
		.target = package ? package->alpine : NULL,
		.port = number };

	if (url && *missing)
		recommend(r, &ask, &b);
	if (*missing)
		recommend(r, &install, &b);
	b.port = connection ? connection->port : 0;
	if (connection)
		recommend(r, &port, &b);
	if (!r->d->n_recommendations)
		recommend(r, &by_hand, &b);
}

#define RUNS_SHOWN 3

/* The last times that it ran; what it ended with is the evidence. */
static void report_runs(const struct context *q, const struct process *last,
	const struct phrase *command, struct report *r)
{
	const struct process *runs[RUNS_SHOWN];
	size_t n = 0;

	for (size_t i = last->place + 1; i-- > 0 && n < RUNS_SHOWN;) {
		const struct process *p = q->processes[i];
		if (is_command(q, p) && p->status && !strcmp(command_of(q, p).text, command->text))
			runs[n++] = p;
	}
	while (n--)
		report_event(r, runs[n]->exit, "`%.200s` ended with exit code %d", command->text,
			status_exit_code(runs[n]->status));
}

static void explain_command(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const struct story_entry *refused = refused_by_runtime(q, p);
	const struct event *connection = refused_connection(q, p);
	struct phrase command = command_of(q, p), message = message_of(q, p);
	struct phrase missing = missing_command(q, p, &message);
	unsigned times, others;

	last_command(q, q->stop ? q->stop->time : q->input->now, &times, &others);
	bool hook = is_hook(q, p, times);
	const char *what = hook ? "postStart hook" : "exec probe";

	if (*missing.text)
		report_title(r, "The %s fails by itself: %.100s is not in the image", what,
			missing.text);
	else
		report_title(r, "The %s `%.100s` fails", what, command.text);
	if (refused)
		report_sentence(r,
			"The kubelet had `%.200s` run in the container%s, and the runtime could "
			"not run "
			"it: %s (%s).",
			command.text, hook ? " as its postStart hook" : ", as an exec probe",
			refused->event->error == ENOENT
				? "there is no such file in any directory of PATH"
				: "it was refused",
			errno_text(refused->event->error));
	else
		report_sentence(r,
			"The kubelet had `%.200s` run in the container%s, and it ended with exit "
			"code %d.",
			command.text, hook ? " as its postStart hook" : ", as an exec probe",
			status_exit_code(p->status));
	if (*message.text)
		report_sentence(r, "It said: \"%s\".", message.text);
	if (connection)
		report_sentence(r, "Nobody listens on port %u there.", connection->port);
	if (times > 1)
		report_sentence(r, "It failed %u times in a row.", times);
	if (q->stop)
		report_sentence(r,
			"The container was then stopped from outside (%s); nothing in it had "
			"failed.",
			signal_name(q->stop->signo));
	else
		report_sentence(
			r, "As long as it fails the container is not ready, or is restarted.");
	report_culprit(r, p->exit ? p->exit : p->exec);
	if (refused)
		report_event(r, refused->event, "the runtime looked for %s and did not find it",
			refused->event->path);
	report_runs(q, p, &command, r);
	report_event(r, q->stop, "%s from outside of the container",
		q->stop ? signal_name(q->stop->signo) : "");
	recommend_command(p, what, command.text, missing.text, connection, r);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	if (v->event && v->event->kind == EVENT_PORT_REFUSED)
		rule_probe_port_explain(q, v, r);
	else
		explain_command(q, v, r);
}

const struct rule rule_probe_failed = {
	.match = match,
	.explain = explain,
};
