// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/asked_names.h"
#include "diagnose/knowledge/exit_codes.h"
#include "diagnose/knowledge/name_messages.h"
#include "diagnose/rules.h"
#include "diagnose/stuck/stuck.h"
#include "diagnose/text/advice_names.h"
#include "util/cleanup.h"
#include "util/find.h"

#define DNS_PORT 53

static bool name_server(const struct context *q, const struct failure *f)
{
	(void)q;
	return f->event && f->event->kind == EVENT_NETWORK_ERROR && f->event->port == DNS_PORT &&
	       !call_is(f, "bind") && !call_is(f, "listen");
}

/* "consul:8500" is a name and its port. */
static void cut_port(char *name)
{
	char *colon = strchr(name, ':');

	if (colon && !strchr(colon + 1, ':'))
		*colon = '\0';
}

/* A name that was found is no reason to end; of a question that was not seen nothing is known. */
static bool is_latest_in_vain(
	const struct context *q, const struct process *p, const struct event *question)
{
	struct asked_name asked;
	char host[sizeof(asked.host)];

	if (!*question->dns_name)
		return true;
	asked_host(q->entries, q->n_entries, question, host, sizeof(host));
	return name_asked_in_vain(q->entries, q->n_entries, p, &asked) &&
	       !strcasecmp(asked.host, host);
}

/* What says why a program ended, or may: look-ups that fail in any program's way do not. */
static bool counts(const struct context *q, const struct story_entry *entry)
{
	struct failure f;

	if (entry->event->kind == EVENT_DNS_QUERY)
		return true;
	if (!entry->event->error)
		return false;
	failure_of_entry(q, entry, &f);
	return !is_noise(q, &f);
}

/* What it did last was to ask a name server, and it leaves open why it ended. */
static bool asked_in_vain(const struct context *q, struct verdict *v)
{
	const struct process *p = q->culprit ? q->culprit->process : NULL;
	const struct event *last = NULL;

	if (!q->failed || !p || !p->ended_at)
		return false;
	for (size_t i = q->n_entries; i-- > 0 && !last;)
		if (q->entries[i].process == p && counts(q, &q->entries[i]))
			last = q->entries[i].event;
	const char *line = log_lines_decisive(&q->culprit->log_lines);
	if (!last || !is_latest_in_vain(q, p, last) || last->kind != EVENT_DNS_QUERY ||
		line_reason(line) != WHY_OPEN)
		return false;
	rule_process(v, q->culprit, line ? CLUE_asked_names_and_said_so : CLUE_asked_names_last);
	v->line = line;
	return true;
}

/* `getent hosts db`, `nslookup db`: all they are given is a name. */
static bool only_resolves(const struct event *exec)
{
	return program_is(exec, ROLE_RESOLVER) && exec->argc > 1;
}

/* `curl http://config.svc/x` that said nothing. */
static void host_in_arguments(const struct event *exec, char *out, size_t size)
{
	for (uint32_t i = 1; exec && i < exec->argc; i++)
		if (line_after(exec->args[i], "://", "/:?#", out, size))
			return;
	if (only_resolves(exec))
		snprintf(out, size, "%s", exec->args[exec->argc - 1]);
}

/* The script that had run the step again and again is what the container ended with. */
static bool gave_up_on_step(const struct context *q)
{
	return q->failed && q->culprit && q->culprit->process == q->wait.waiter;
}

static void weigh_step(const struct context *q, bool gave_up, struct verdict *v)
{
	v->clues = gave_up ? q->culprit->clues : v->candidate->clues;
	if (gave_up)
		clues_add(&v->clues, CLUE_gave_up_waiting);
}

/* A command that asks for a service, or a name, fails each time; by its exit code the name does not resolve. */
static bool command_asks_in_vain(const struct context *q, struct verdict *v)
{
	const struct wait *w = &q->wait;
	bool gave_up = gave_up_on_step(q);

	if (w->kind != WAIT_COMMAND || (q->ended && !gave_up))
		return false;
	const struct exit_meaning *m =
		exit_meaning_of(program_name(w->step->exec), status_exit_code(w->step->status));
	if (!only_resolves(w->step->exec) && !(m && m->about == MEANING_NAME))
		return false;
	v->candidate = candidate_of(q, w->step);
	weigh_step(q, gave_up, v);
	return true;
}

/* The question was seen, again and again, and no good answer to it. */
static bool is_answered_badly(const struct context *q, struct verdict *v)
{
	const struct wait *w = &q->wait;
	bool gave_up = w->step != w->waiter && gave_up_on_step(q);

	if ((q->ended && !gave_up) || !w->entry || w->entry->event->kind != EVENT_DNS_QUERY ||
		!*w->entry->event->dns_name)
		return false;
	v->candidate = candidate_of(q, w->step);
	weigh_step(q, gave_up, v);
	v->event = w->entry->event;
	asked_host(q->entries, q->n_entries, v->event, v->name, sizeof(v->name));
	return true;
}

static bool find_asked(const struct context *q, const struct verdict *v, struct asked_name *out)
{
	const struct process *p = v->candidate ? v->candidate->process : v->failure->process;

	return name_asked_in_vain(q->entries, q->n_entries, p, out);
}

/* Whose words they are: who said so, or whose call failed; NULL when that said nothing. */
static const struct candidate *speaker(const struct context *q, const struct verdict *v)
{
	return v->candidate ? v->candidate : candidate_of(q, v->failure->process);
}

static void host_in_words(const struct context *q, const struct verdict *v, char *out, size_t size)
{
	const struct candidate *who = speaker(q, v);
	const struct log_lines *w = who ? &who->log_lines : NULL;
	const struct event *exec = v->candidate ? v->candidate->process->exec : v->failure->exec;

	if (v->line)
		host_in_line(v->line, out, size);
	for (size_t i = 0; w && i < w->n && !*out; i++)
		host_in_line(w->lines[i], out, size);
	if (!*out)
		host_in_arguments(exec, out, size);
	cut_port(out);
}

/* What went to the name server is sure; what another process asked for is better than no name. */
static void find_host(const struct context *q, struct verdict *v)
{
	struct asked_name asked;
	bool known = find_asked(q, v, &asked);

	if (!known)
		host_in_words(q, v, v->name, sizeof(v->name));
	if (known || (!*v->name && name_asked_in_vain(q->entries, q->n_entries, NULL, &asked)))
		snprintf(v->name, sizeof(v->name), "%s", asked.host);
	/* One that no resolver takes never gets to a name server. */
	if (!*v->name && !v->failure)
		snprintf(v->name, sizeof(v->name), "%s", q->container->env_host);
}

/* Resolvers try again, and who ends for want of a name says so. */
static void doubt_single_try(struct verdict *v)
{
	if (!v->failure->line && v->failure->entry && v->failure->entry->times == 1)
		clues_add(&v->clues, CLUE_name_server_once);
}

static bool match(const struct context *q, struct verdict *v)
{
	if (is_answered_badly(q, v))
		return true;
	if (rule_log_line(q, v, line_speaks_of_names))
		v->failure = heaviest(q, name_server);
	else if (rule_failure(q, v, name_server))
		doubt_single_try(v);
	else if (!asked_in_vain(q, v) && !command_asks_in_vain(q, v))
		return false;
	find_host(q, v);
	if (name_is_interface(v->name))
		clues_add(&v->clues, CLUE_name_of_interface);
	return true;
}

static const struct event *query(const struct context *q)
{
	for (size_t i = q->n_entries; i-- > 0;)
		if (q->entries[i].event->kind == EVENT_DNS_QUERY)
			return q->entries[i].event;
	return NULL;
}

/* What the name server made of the question. */
static const struct answer {
	const char *rcode, *words;
	bool blames_name; /* else the server, or who may ask it */
} answers[] = {
	{ "NXDOMAIN", "answered that there is no such name (NXDOMAIN)", true },
	{ "NOERROR", "knows the name, but no address of it", true },
	{ "SERVFAIL", "could not find out (SERVFAIL)", false },
	{ "REFUSED", "refused to answer (REFUSED)", false },
	{ "", "did not answer", false },
};

/* NULL: not known. A question that was sent once may have been cut short by the program's end. */
static const struct answer *answer_of(const struct asked_name *asked)
{
	if (!*asked->rcode && asked->attempts < 2)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (!strcmp(answers[i].rcode, asked->rcode))
			return &answers[i];
	return NULL;
}

/* A name with "${" in it is refused before anybody is asked for it. */
static bool is_placeholder(const struct context *q, const struct verdict *v)
{
	return *q->container->env_placeholder && !*v->name && !v->failure;
}

static void title(const struct verdict *v, const char *server, struct report *r)
{
	if (v->failure || server_is_stub(server))
		report_title(r, "DNS failure: the name server at %s cannot be reached", server);
	else
		report_title(r, "DNS failure: %s could not be resolved%s%.200s",
			*v->name ? v->name : "a host name",
			is_placeholder(r->q, v) ? ", and a placeholder is left in " : "",
			is_placeholder(r->q, v) ? r->q->container->env_placeholder : "");
}

/* Made with `echo`, or from a file: a Secret keeps the line break, and so does the variable. */
static bool ends_in_a_line_break(const struct context *q, const struct verdict *v)
{
	return *q->container->env_line_break && !v->failure;
}

static void advise(const struct context *q, const struct verdict *v, const char *server,
	const struct answer *answer, struct report *r)
{
	if (advise_special_name(r, speaker(q, v), v->name) && v->failure)
		return;
	/* A server that cannot be reached, or does not answer, knows no name at all. */
	if (v->failure || server_is_stub(server) || (answer && !answer->blames_name)) {
		advise_name_server(r, server, answer && *answer->rcode);
		return;
	}
	if (ends_in_a_line_break(q, v))
		advise_line_break(r);
	if (is_placeholder(q, v)) {
		advise_placeholder(r);
		return;
	}
	advise_name(r, v->name);
	if (!answer && *server && name_is_of_cluster(v->name))
		advise_name_server(r, server, false);
}

/* The question that the name was in, and what it was answered; NULL: not seen. */
static const struct event *find_question(
	const struct context *q, const struct verdict *v, const struct answer **answer)
{
	struct asked_name name;
	bool known = find_asked(q, v, &name) ||
		     name_asked_in_vain(q->entries, q->n_entries, NULL, &name);

	if (!known || strcmp(name.host, v->name) != 0)
		return query(q);
	*answer = answer_of(&name);
	return name.question;
}

static void say_answer(
	const struct verdict *v, const char *server, const struct answer *answer, struct report *r)
{
	if (v->failure)
		report_sentence(r, "The name server at %s could not be reached: %s.", server,
			errno_text(v->failure->error));
	else if (*server)
		report_sentence(r, "The name server at %s %s.", server,
			answer ? answer->words : "was asked, and gave no address for it");
}

static void show_question(
	const struct verdict *v, const struct event *asked, const char *server, struct report *r)
{
	if (v->failure)
		report_failure(r, v->failure);
	else if (asked)
		report_event(r, asked, "%s asked the name server at %s%s%s", asked->comm, server,
			*asked->dns_name ? " for " : "", asked->dns_name);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;
	const struct answer *answer = NULL;
	const struct event *asked = f ? f->event : find_question(q, v, &answer);
	const struct process *p = v->candidate ? v->candidate->process : f->process;
	const char *server = asked ? asked->address : "";

	title(v, server, r);
	report_sentence(r, "%s could not resolve %s.", phrase_process(p).text,
		*v->name ? v->name : "a host name");
	say_answer(v, server, answer, r);
	if (ends_in_a_line_break(q, v))
		report_sentence(r,
			"The value of %.200s ends in a line break, which makes another name of the "
			"name before it.",
			q->container->env_line_break);
	if (is_placeholder(q, v))
		report_sentence(r,
			"The value of %.200s holds a placeholder that nobody filled in, such as "
			"`${NAME}`, and no name server was asked: most likely that is the name.",
			q->container->env_placeholder);
	if (q->failed)
		report_sentence(r, "The container then ended with exit code %d.", q->exit_code);
	report_culprit(r, f ? f->event : p->last_output);
	show_question(v, asked, server, r);
	if (!f || !f->line)
		report_quote(r, p, v->line);
	advise(q, v, server, answer, r);
}

const struct rule rule_dns_failure = {
	.match = match,
	.explain = explain,
};
