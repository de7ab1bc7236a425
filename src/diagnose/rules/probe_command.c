// SPDX-License-Identifier: MIT
/* What a command that the kubelet has run in the container said and missed, and what mends it. */
#include "diagnose/rules/probe_command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/text/packages.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

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
	const struct story_entry *refused = probe_refused(q, p);
	const char *end = strstr(message->text, ": not found");
	struct phrase name = { "" };

	end = end ?: strstr(message->text, ": command not found");
	if (refused && refused->event->error == ENOENT)
		return probe_command(q, p);
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
		"httpGet probe instead of the command.",
		"{list}:\n  - name: {container}\n    livenessProbe:\n      httpGet:\n"
		"        path: {path}\n        port: {port}\n",
	};
	static const struct advice install = {
		"Install {name} in the image[ (Debian: `apt-get install {other}`[, Alpine: `apk "
		"add {target}`])], or use an httpGet, tcpSocket or grpc probe instead: the kubelet "
		"makes those itself.",
		NULL,
	};
	static const struct advice by_hand = {
		"Correct the {kind}'s command (\"{value}\"), or let the program make what it looks "
		"for.",
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

/* What came of its last run, in two or three words. */
static struct phrase phrase_answer(const struct context *q, const struct process *p)
{
	const struct story_entry *refused = probe_refused(q, p);
	struct phrase answer;

	if (refused)
		snprintf(answer.text, sizeof(answer.text), "%s", errno_name(refused->event->error));
	else
		snprintf(answer.text, sizeof(answer.text), "exit code %d",
			status_exit_code(p->status));
	return answer;
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
		if (probe_is_command(q, p) && p->status &&
			!strcmp(probe_command(q, p).text, command->text))
			runs[n++] = p;
	}
	while (n--)
		report_event(r, runs[n]->exit, "`%.200s` ended with exit code %d", command->text,
			status_exit_code(runs[n]->status));
}

static void say_what_ran(const struct process *p, const struct story_entry *refused, bool hook,
	const char *command, const char *missing, const char *message, struct report *r)
{
	const char *what = hook ? "postStart hook" : "exec probe";

	if (*missing)
		report_title(
			r, "The %s fails by itself: %.100s is not in the image", what, missing);
	else
		report_title(r, "The %s `%.100s` fails%s%.160s", what, command,
			*message ? ": " : "", message);
	if (refused)
		report_sentence(r,
			"The kubelet had `%.200s` run in the container%s, and the runtime could "
			"not run "
			"it: %s (%s).",
			command, hook ? " as its postStart hook" : ", as an exec probe",
			refused->event->error == ENOENT
				? "there is no such file in any directory of PATH"
				: "it was refused",
			errno_text(refused->event->error));
	else
		report_sentence(r,
			"The kubelet had `%.200s` run in the container%s, and it ended with exit "
			"code %d.",
			command, hook ? " as its postStart hook" : ", as an exec probe",
			status_exit_code(p->status));
}

void probe_say_time(const struct context *q, struct report *r)
{
	const struct remembered *before = q->container->remembered;

	report_sentence(r, "It had not begun to listen, and was stopped after %s.",
		phrase_duration(time_between(q->began, q->stop->time)).text);
	if (before && before->listening_ns)
		report_sentence(r, "At its last healthy start here it took %s until it listened.",
			phrase_duration(before->listening_ns).text);
}

/* A program that serves elsewhere, or nobody, has no time to keep. */
static bool was_cut_short(const struct context *q)
{
	const struct remembered *before = q->container->remembered;

	return q->ended && q->stop && !story_listening_at(q->story) && before &&
	       before->listening_ns;
}

void probe_command_explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const struct story_entry *refused = probe_refused(q, p);
	const struct event *connection = refused_connection(q, p);
	struct phrase command = probe_command(q, p), message = message_of(q, p);
	struct phrase missing = missing_command(q, p, &message);
	struct probe_failures row;

	probe_last_failed(q, q->stop ? q->stop->time : q->input->now, &row);
	bool hook = probe_is_hook(q, p, &row);
	const char *what = hook ? "postStart hook" : "exec probe";

	say_what_ran(p, refused, hook, command.text, missing.text, message.text, r);
	if (*message.text)
		report_sentence(r, "It said: \"%s\".", message.text);
	if (connection)
		report_sentence(r, "Nobody listens on port %u there.", connection->port);
	if (row.times > 1)
		report_sentence(r, "It failed %u times in a row.", row.times);
	if (q->ended)
		report_sentence(r,
			"The container was then stopped from outside (%s); nothing in it had "
			"failed.",
			signal_name(q->stop->signo));
	else
		report_sentence(
			r, "As long as it fails the container is not ready, or is restarted.");
	if (was_cut_short(q))
		probe_say_time(q, r);
	if (!q->ended)
		report_probe_wait(
			r, command.text, 0, row.since, row.times, phrase_answer(q, p).text);
	report_culprit(r, p->exit ? p->exit : p->exec);
	if (refused)
		report_event(r, refused->event, "the runtime looked for %s and did not find it",
			refused->event->path);
	report_runs(q, p, &command, r);
	report_event(r, q->ended ? q->stop : NULL, "%s from outside of the container",
		q->stop ? signal_name(q->stop->signo) : "");
	recommend_command(p, what, command.text, missing.text, connection, r);
}
