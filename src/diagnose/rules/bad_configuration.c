// SPDX-License-Identifier: MIT
/*
 * The last words name an option, a setting or a variable that is unknown, missing or invalid. What they name is told
 * with where it stands: the container's arguments, its environment, or a file, and the ConfigMap that the file is of.
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/log/match.h"
#include "diagnose/rules.h"
#include "diagnose/text/advice_settings.h"
#include "event/decode.h"
#include "util/cleanup.h"
#include "util/find.h"

/* A name of an environment variable, when the line says that it is missing: KeyError: 'DATABASE_URL'. */
static bool variable_in(const char *line, char *out, size_t size)
{
	static const char *const signs[] = { "KeyError", "key not found", "not set", "be set",
		"required", "unset", "unbound variable", "environment", "undefined", "missing",
		"not defined", "not provided", "must set", "must specify", "must provide",
		"please set", "please specify", "please provide", "be specified", "be provided",
		"be defined", "be empty" };
	bool missed = false;

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		missed |= find_folded(line, signs[i]) != NULL;
	for (const char *s = line; missed && *s;) {
		size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		bool alone = s == line || !isalnum((unsigned char)s[-1]);
		bool whole = !isalnum((unsigned char)s[len]) && isupper((unsigned char)*s);
		/* One word in capitals may be a level or an error's symbol: a variable has two. */
		if (alone && whole && len > 3 && len < size && memchr(s, '_', len) &&
			strncmp(s, "ERR_", 4)) {
			snprintf(out, size, "%.*s", (int)len, s);
			return true;
		}
		s += len ? len : 1;
	}
	return false;
}

/* "/config/x.yml:8: mapping values are not allowed", 'in "/x.conf" line 1': a file of settings, and where in it. */
static bool file_in(const char *line, struct message_match *m)
{
	char *path = m->blanks[BLANK_FILE];
	int number = 0;

	if (!line_path(line, path, sizeof(m->blanks[0])) || path[0] != '/') {
		path[0] = '\0';
		return false;
	}
	char *colon = strchr(path, ':');
	if (colon) {
		number = atoi(colon + 1);
		*colon = '\0';
	}
	const char *at = find_folded(line, "line ");
	if (!number && at)
		number = atoi(at + strlen("line "));
	snprintf(m->blanks[BLANK_LINE], sizeof(m->blanks[0]), "%d", number > 0 ? number : 0);
	return number > 0 && line_is_settings_file(path);
}

/* Where the message does not say it in its own form, the line may. */
static void find_place(const char *line, struct message_match *m)
{
	struct message_match place = { 0 };

	if (*m->blanks[BLANK_FILE] || !file_in(line, &place))
		return;
	memcpy(m->blanks[BLANK_FILE], place.blanks[BLANK_FILE], sizeof(m->blanks[0]));
	if (!*m->blanks[BLANK_LINE])
		memcpy(m->blanks[BLANK_LINE], place.blanks[BLANK_LINE], sizeof(m->blanks[0]));
}

/* A name without a directory is one of the directory that the program was started in. */
static void find_directory(const struct event *exec, struct message_match *m)
{
	char path[sizeof(m->blanks[0])], *file = m->blanks[BLANK_FILE];

	if (!isalnum((unsigned char)*file) || !line_is_settings_file(file) || !exec ||
		exec->cwd[0] != '/' || path_join(path, sizeof(path), exec->cwd, file) < 0)
		return;
	memcpy(file, path, sizeof(path));
}

/* An exception that names neither variable nor file: the line of the program that it came from may. */
static void find_source(const struct candidate *who, const char *line, struct finding *f)
{
	struct message_match *m = &f->match;
	size_t size = sizeof(m->blanks[0]);

	if (*m->blanks[BLANK_OPTION] || *m->blanks[BLANK_KEY] || *m->blanks[BLANK_VARIABLE] ||
		*m->blanks[BLANK_FILE])
		return;
	if (f->problem == PROBLEM_SYNTAX)
		log_source_file(&who->log_lines, line, m->blanks[BLANK_FILE], size);
	else
		log_source_variable(&who->log_lines, line, m->blanks[BLANK_VARIABLE], size);
}

/* 0: the message names none. */
static unsigned long line_number(const struct message_match *m)
{
	bool from_0 = *m->blanks[BLANK_LINE_INDEX];

	return strtoul(m->blanks[from_0 ? BLANK_LINE_INDEX : BLANK_LINE], NULL, 10) + from_0;
}

static bool is_variable_name(const char *name)
{
	return !name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

/* Where the setting's name stands in a line of its own. */
static bool find_issue(const struct candidate *who, const char *line, struct finding *f)
{
	static const char *const missing[] = { "required", "must not be null", "must not be empty",
		"must not be blank", "received undefined" };
	struct message_match *m = &f->match;
	struct issue issue;

	if (!log_issue(&who->log_lines, line, &issue))
		return false;
	f->problem = PROBLEM_INVALID;
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++)
		if (find_folded(issue.text, missing[i]))
			f->problem = PROBLEM_MISSING;
	snprintf(is_variable_name(issue.name) ? m->blanks[BLANK_VARIABLE] : m->blanks[BLANK_KEY],
		sizeof(m->blanks[0]), "%s", issue.name);
	return true;
}

/* "--name" or "--name=..." is among the arguments. */
static bool was_given(const struct event *exec, const char *option)
{
	size_t len = strlen(option);

	for (uint32_t i = 1; exec && i < exec->argc; i++)
		if (!strncmp(exec->args[i], option, len) && strchr("=", exec->args[i][len]))
			return true;
	return false;
}

/* An option, by its hyphen or as a setting that the process was given as one: "unknown variable 'ssl-mode'". */
static void name_option(const struct process *p, struct message_match *m)
{
	char *option = m->blanks[BLANK_OPTION], name[sizeof(m->blanks[0]) + 2];
	const char *key = m->blanks[BLANK_KEY], *flag = m->blanks[BLANK_FLAG];

	if (*flag)
		snprintf(option, sizeof(m->blanks[0]), "%.*s", (int)strcspn(flag, "="), flag);
	snprintf(name, sizeof(name), "--%s", key);
	if (*key && !*m->blanks[BLANK_FILE] && was_given(p->exec, name))
		snprintf(option, sizeof(m->blanks[0]), "%.253s", name);
}

/* How people write such messages. */
static bool find_unformed(const struct candidate *who, const char *line, struct finding *f)
{
	struct message_match *m = &f->match;
	char *variable = m->blanks[BLANK_VARIABLE];
	size_t size = sizeof(m->blanks[0]);

	if (variable_in(line, variable, size) ||
		rule_demanded_variable(who->process, line, variable, size))
		return true;
	f->problem = line_tells_of_absence(line) ? PROBLEM_INVALID : PROBLEM_SYNTAX;
	return file_in(line, m);
}

/* From the forms that are known. */
static bool find_formed(
	const struct candidate *who, const char *line, const char *text, struct finding *f)
{
	const struct config_message *row = config_message_of(text, &f->match);

	if (!row)
		return false;
	f->problem = row->problem;
	f->mostly = row->problem == PROBLEM_SYNTAX ? syntax_mostly(text) : NULL;
	find_place(line, &f->match);
	find_source(who, line, f);
	return true;
}

static bool find(const struct candidate *who, const char *line, struct finding *f)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct message_match *m = &f->match;

	*f = (struct finding){ .problem = PROBLEM_MISSING };
	message_around(who, line, &text);
	if (!text.data || line_tells_of_opening(line))
		return false;
	if (!find_issue(who, line, f) && !find_formed(who, line, text.data, f) &&
		!find_unformed(who, line, f))
		return false;
	if (*m->blanks[BLANK_SETTING])
		memcpy(m->blanks[BLANK_KEY], m->blanks[BLANK_SETTING], sizeof(m->blanks[0]));
	/* A line of a file was quoted: its first word is the setting. */
	m->blanks[BLANK_KEY][strcspn(m->blanks[BLANK_KEY], " \t")] = '\0';
	name_option(who->process, m);
	find_directory(who->process->exec, m);
	f->option = m->blanks[BLANK_OPTION];
	f->key = m->blanks[BLANK_KEY];
	f->variable = m->blanks[BLANK_VARIABLE];
	f->file = m->blanks[BLANK_FILE][0] == '/' ? m->blanks[BLANK_FILE] : "";
	f->line = line_number(m);
	bool placed = f->line && f->problem != PROBLEM_SYNTAX; /* in whichever text it read last */
	if (!*f->file && !*f->option && (*f->key || placed))
		f->file = program_settings_file(who->process->exec);
	return true;
}

/* A line that only sums up ("deprecated variables detected") stands behind the one that names what is wrong, and no place. */
static const char *line_that_names(const struct candidate *who, const char *line)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const char *lines[LOG_LINES_AROUND];
	size_t n = log_lines_around(&who->log_lines, line, lines);
	struct message_match m;

	message_around(who, line, &text);
	if (!n || !text.data || config_message_of(line, &m) || file_in(line, &m))
		return line;
	const struct config_message *before = config_message_of(lines[0], &m);
	return before && before == config_message_of(text.data, &m) ? lines[0] : line;
}

/* It ended by itself; where with 0, something that it had started failed (find_relapse). */
static bool may_blame_settings(const struct context *q)
{
	bool asked_to = q->signo == SIGKILL || q->signo == SIGTERM;

	return q->started && !asked_to && (q->failed || (q->ended && !q->stop));
}

static bool match(const struct context *q, struct verdict *v)
{
	const struct candidate *who = q->culprit;
	struct finding f;

	if (!who || !may_blame_settings(q))
		return false;
	const char *line = decisive_line(q, who->process, &who);
	if (!line)
		return q->failed && rule_settings_status(q, v);
	if (!rule_literal_variable(q, line, v->name, sizeof(v->name)) &&
		!rule_long_socket(q, line, v->name, sizeof(v->name)) &&
		!rule_nameless_call(q, who->process, line, v->name, sizeof(v->name)) &&
		!rule_first_line_return(who->process, line) && !find(who, line, &f))
		return false;
	rule_process(v, q->culprit,
		line_names_empty_value(line) ? CLUE_names_empty_value : CLUE_names_setting);
	v->candidate = who;
	v->line = line_that_names(who, line);
	return true;
}

/* "the setting `foo`" */
static struct phrase thing_of(const struct finding *f)
{
	struct phrase p = { "" };

	if (*f->option)
		snprintf(p.text, sizeof(p.text), "the option `%s`", f->option);
	else if (*f->variable)
		snprintf(p.text, sizeof(p.text), "the environment variable `%s`", f->variable);
	else if (*f->key)
		snprintf(p.text, sizeof(p.text), "the setting `%s`", f->key);
	return p;
}

/* " in /etc/x.conf, line 3" */
static struct phrase where_of(const struct finding *f)
{
	struct phrase p = { "" };

	if (*f->file && f->line)
		snprintf(p.text, sizeof(p.text), " in %s, line %lu", f->file, f->line);
	else if (*f->file)
		snprintf(p.text, sizeof(p.text), " in %s", f->file);
	return p;
}

static void add_reason(const struct finding *f, struct report *r)
{
	static const struct {
		const char *before, *unnamed;
	} reasons[] = {
		[PROBLEM_UNKNOWN] = { "it does not know ", "a setting that it was given" },
		[PROBLEM_MISSING] = { "it was not given ", "a setting that it needs" },
		[PROBLEM_INVALID] = { "it does not accept the value of ", "a setting" },
		[PROBLEM_MISPLACED] = { "it does not take this setting where it stands: ",
			"a setting" },
		[PROBLEM_SYNTAX] = { "the syntax is wrong at ", "some place" },
		[PROBLEM_REMOVED] = { "it no longer takes ", "a setting that it was given" },
	};
	struct phrase thing = thing_of(f), where = where_of(f);

	if (f->problem == PROBLEM_SYNTAX && !*thing.text)
		report_sentence(r, "The syntax is wrong%s.", where.text);
	else
		report_sentence(r, "The reason: %s%s%s.", reasons[f->problem].before,
			*thing.text ? thing.text : reasons[f->problem].unnamed, where.text);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	if (rule_settings_explained(v, r))
		return;
	struct phrase name = phrase_process_name(p);
	struct finding f;

	report_title(r, "%s: %s", name.text, phrase_decisive(v->candidate, v->line).text);
	report_sentence(r, "`%.200s` ended with exit code %d because of its configuration.",
		phrase_command(p).text, p->ended_at ? status_exit_code(p->status) : q->exit_code);
	report_decisive_lines(r, v->candidate, v->line);
	report_culprit(r, p->exit);
	report_quote_block(r, v->candidate, v->line);
	if (!find(v->candidate, v->line, &f))
		return;
	add_reason(&f, r);
	if (line_tells_of_empty_text(v->line))
		report_failed_step(r, p);
	if (!advise_quantity(&f, r))
		advise_settings(q, &f, name.text, v->line, r);
}

const struct rule rule_bad_configuration = {
	.match = match,
	.explain = explain,
};
