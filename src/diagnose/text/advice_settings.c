// SPDX-License-Identifier: MIT
/*
 * Where what is wrong stands decides who changes it: the container's arguments, its environment, or a file and the
 * ConfigMap that the file is of.
 */
#include "diagnose/text/advice_settings.h"
#include "diagnose/text/advice_names.h"

#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/log/lines.h"
#include "diagnose/text/advice_names.h"
#include "diagnose/text/advice_secret.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"
#include "util/find.h"

/* Without a list of them it replaces each $name of the template, nginx' own $host too, which nobody has set. */
static bool advise_envsubst(const struct context *q, struct report *r)
{
	static const struct advice list = {
		"Name the variables for envsubst, as `envsubst '$HOST $PORT'` with yours: without "
		"that it also replaces the program's own ($host, $remote_addr, ...), by nothing.",
		NULL
	};

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct event *exec = q->processes[i]->exec;
		if (exec && exec->argc == 1 && !strcmp(program_name(exec), "envsubst"))
			return recommend(r, &list, &(struct blanks){ .name = NULL });
	}
	return false;
}

/* What is to be done to the file, by what is wrong in it; expected: it is known what the value should look like. */
static const struct advice *advice_for_file(const struct finding *f, bool expected)
{
	static const struct advice setting = { "Correct {name} in {path}[, {other} {number}][: key "
					       "{value} of the {kind} {volume}][; it takes "
					       "{field}].",
		NULL };
	static const struct advice refused = { "Correct {target} in {path}[, {other} {number}][ "
					       "(key {value} of the {kind} {volume})][: it takes "
					       "{field}].",
		NULL };
	static const struct advice typed = { "Correct {path}[, {other} {number}][ (key {value} of "
					     "the {kind} {volume})]: it takes {field}.",
		NULL };
	static const struct advice removed = { "Take {name} out of {path}[, {other} {number}][ "
					       "(key {value} of the {kind} {volume})]: this "
					       "version no longer has it.",
		NULL };
	static const struct advice syntax = { "Correct the syntax of {path}[, {other} {number}][ "
					      "(key {value} of the {kind} {volume})][: mostly "
					      "{field}].",
		NULL };
	static const struct advice unknown = {
		"Take the option[ in {other} {number}] out of {path}[ (key {value} of the {kind} "
		"{volume})], or correct its spelling.",
		NULL
	};
	static const struct advice lacking = { "Add what is missing to {path}[: key {value} of the "
					       "{kind} {volume}].",
		NULL };
	static const struct advice named = {
		"Correct[ {other} {number} of] {path}[ (key {value} of the {kind} {volume})], or "
		"provide what it names there; the syntax is right.",
		NULL
	};
	static const struct advice *const unnamed[] = { [PROBLEM_UNKNOWN] = &unknown,
		[PROBLEM_MISSING] = &lacking,
		[PROBLEM_INVALID] = &named,
		[PROBLEM_SYNTAX] = &syntax,
		[PROBLEM_MISPLACED] = &named,
		[PROBLEM_REMOVED] = &unknown };

	if (*f->key)
		return f->problem == PROBLEM_REMOVED ? &removed : &setting;
	if (f->problem == PROBLEM_INVALID && expected)
		return *f->match.blanks[BLANK_VALUE] ? &refused : &typed;
	return unnamed[f->problem];
}

static void advise_file(const struct context *q, const struct finding *f, struct report *r)
{
	const struct mount *m = container_mount_of(q->container, f->file);
	bool keys = mount_holds_keys(m) && *m->name;
	const struct blanks b = { .path = f->file,
		.name = f->key,
		.target = f->match.blanks[BLANK_VALUE],
		.field = f->problem == PROBLEM_SYNTAX
				 ? f->mostly
				 : value_type_words(f->match.blanks[BLANK_OTHER]),
		.number = f->line,
		.other = f->line ? "line" : NULL,
		.kind = keys ? mount_title(m->kind) : NULL,
		.volume = keys ? m->name : NULL,
		.value = keys ? mount_key(m, f->file) : NULL };

	report_path(r, f->file);
	if (!keys && advise_envsubst(q, r))
		return;
	recommend(r, advice_for_file(f, b.field), &b);
}

static void advise_variable(const struct finding *f, struct report *r)
{
	static const struct advice missing = {
		"Set the environment variable {name}; where it is secret, from a Secret.",
		"{list}:\n  - name: {container}\n    env:\n      - name: {name}\n        value: "
		"\"...\"\n"
	};
	static const struct advice invalid = {
		"Set the environment variable {name} to a value that the program accepts.",
		"{list}:\n  - name: {container}\n    env:\n      - name: {name}\n        value: "
		"\"...\"\n"
	};
	static const struct advice removed = {
		"Take the environment variable {name} out of the pod: this version of the program "
		"no longer takes it, and what it set belongs into its configuration file.",
		NULL
	};
	const struct blanks b = { .name = f->variable };

	if (advise_service_variables(r, f->variable))
		return;
	recommend(r,
		f->problem == PROBLEM_MISSING   ? &missing
		: f->problem == PROBLEM_REMOVED ? &removed
						: &invalid,
		&b);
}

/* The option is among the arguments that the container's first program was given. */
static bool is_argument(const struct context *q, const char *option)
{
	return *option && q->first && q->first->exec && program_mentions(q->first->exec, option);
}

static void advise_option(
	const struct context *q, const struct finding *f, const char *program, struct report *r)
{
	static const struct advice unknown = {
		"Take {name} out of the {field}, or correct its spelling: this "
		"{program} does not have it.",
		NULL
	};
	static const struct advice removed = {
		"Take {name} out of the {field}: this version of {program} no longer has it.", NULL
	};
	static const struct advice missing = { "Add {name} with its value to the {field}.", NULL };
	static const struct advice invalid = {
		"Correct the value of {name} in the {field}[: it does not accept {value}].", NULL
	};
	bool own = q->first && !strcmp(program_name(q->first->exec), program);
	const struct blanks b = { .name = f->option,
		.value = f->match.blanks[BLANK_VALUE],
		.program = program,
		.field = is_plain_command(q) ? "command's arguments"
			 : is_argument(q, f->option) || (own && f->problem == PROBLEM_MISSING)
				 ? "container's command or args"
				 : "call of this program" };

	recommend(r,
		f->problem == PROBLEM_UNKNOWN   ? &unknown
		: f->problem == PROBLEM_MISSING ? &missing
		: f->problem == PROBLEM_REMOVED ? &removed
						: &invalid,
		&b);
}

/* The only ConfigMap or Secret that the container has beside its token, or NULL. */
static const struct mount *only_keys(const struct context *q)
{
	const struct mount *only = NULL;

	for (size_t i = 0; i < q->container->n_mounts; i++) {
		const struct mount *m = &q->container->mounts[i];
		if (!mount_holds_keys(m) || !*m->name ||
			path_under(m->destination, "/var/run/secrets/kubernetes.io"))
			continue;
		if (only)
			return NULL;
		only = m;
	}
	return only;
}

/* The key that is empty, where its text was: the one that the program's own line names, or the only one. */
static bool advise_empty(
	const struct context *q, const struct finding *f, const char *line, struct report *r)
{
	const char *all = q->container->keys_empty;

	if (!*all || !line_tells_of_empty_text(line))
		return false;
	if (*f->file && strstr(all, f->file))
		return advise_empty_key(f->file, r);
	return !*f->file && !strchr(all, ' ') && advise_empty_key(all, r);
}

/* What is read, where no message says from which file: it helps only where few files can be meant. */
static void advise_text(
	const struct context *q, const struct finding *f, const char *line, struct report *r)
{
	static const char *const formats[] = { "JSON", "YAML", "TOML" };
	static const struct advice text = { "Correct the {name} that it reads[, {other} {number}]["
					    "; the {kind} {volume} is mounted at {path}].",
		NULL };
	static const struct advice likely = {
		"Correct the {name} that it reads[, {other} {number}]: mostly {field}[; the {kind} "
		"{volume} is mounted at {path}].",
		NULL
	};
	static const struct advice nothing = {
		"See what it reads: that is empty, or no {name} from the first character on, such "
		"as an error message[; the {kind} {volume} is mounted at {path}].",
		NULL
	};
	const struct mount *m = only_keys(q);
	struct blanks b = {
		.number = f->line, .other = f->line ? "line" : NULL, .field = f->mostly
	};

	if (m) {
		b.kind = mount_title(m->kind);
		b.volume = m->name;
		b.path = m->destination;
	}

	for (size_t i = 0; i < ARRAY_SIZE(formats) && !b.name; i++)
		if (find_folded(line, formats[i]))
			b.name = formats[i];
	if (!b.name)
		b.name = "file";
	if (!m && !f->line && !f->mostly && !line_tells_of_empty_text(line))
		return;
	recommend(r, line_tells_of_empty_text(line) ? &nothing : f->mostly ? &likely : &text, &b);
}

/* As programs print such a value: with the break as an escape. */
static bool ends_in_line_break(const char *value)
{
	size_t len = strlen(value);

	return len > 2 && (!strcmp(value + len - 2, "\\n") || !strcmp(value + len - 2, "\\r"));
}

/* A value that was refused, of something that nobody names. */
static void advise_value(const struct context *q, const struct finding *f, struct report *r)
{
	static const struct advice argument = { "Correct {value} in the container's command or "
						"args: the program does not accept it.",
		NULL };
	static const struct advice unnamed = {
		"Give the environment variable, option or setting that holds {value} a value that "
		"the program accepts[: {field}].",
		NULL
	};
	static const struct advice line_break = {
		"Take the line break from the end of the value ({value}): make a Secret with "
		"`printf` or `echo -n` before `base64`, and in YAML write `|-` in place of `|`; "
		"\\r comes from a file with Windows line ends.",
		NULL
	};
	const struct blanks b = { .value = f->match.blanks[BLANK_VALUE],
		.field = value_type_words(f->match.blanks[BLANK_OTHER]) };

	recommend(r,
		ends_in_line_break(b.value) ? &line_break
		: is_argument(q, b.value)   ? &argument
					    : &unnamed,
		&b);
}

/* The last line that it wrote. */
static bool wrote_last(const struct process *p, const char *word)
{
	size_t len = strlen(word), n = p->out.len;
	const char *text = p->out.data;

	while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	return n >= len && !memcmp(text + n - len, word, len) &&
	       (n == len || text[n - len - 1] == '\n');
}

/* jq prints null for a key that is not there. */
static bool advise_null(const struct context *q, const char *value, struct report *r)
{
	static const struct advice filter = {
		.text = "Add the key to what `{program}` reads, or correct its filter "
			"(\"{value}\"): "
			"it prints null for a key that is not there, and that was passed on; with "
			"-e it fails instead.",
	};

	if (strcmp(value, "null") != 0)
		return false;
	for (size_t i = q->n_processes; i-- > 0;) {
		const struct process *p = q->processes[i];
		const char *name = program_name(p->exec);
		if ((!strcmp(name, "jq") || !strcmp(name, "yq")) && wrote_last(p, value))
			return recommend(r, &filter,
				&(struct blanks){
					.program = name, .value = phrase_command(p).text });
	}
	return false;
}

/* The option that has this word in its name, as "adress" in --entrypoints.web.adress=:80; without its value. */
static bool option_with(const struct context *q, const char *word, char *out, size_t size)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < q->n_processes; i++) {
		const struct event *exec = q->processes[i]->exec;
		for (uint32_t k = 1; exec && k < exec->argc; k++) {
			const char *option = exec->args[k], *at = strstr(option, word);
			bool whole = option[0] == '-' && at && at > option &&
				     strchr("-._", at[-1]) && strchr("=-._", at[len]) &&
				     at < option + strcspn(option, "=");
			if (whole)
				return snprintf(out, size, "%.*s", (int)strcspn(option, "="),
					       option) > 0;
		}
	}
	return false;
}

/* A setting, of which nobody says in what file it stands. */
static void advise_key(const struct context *q, const struct finding *f, struct report *r)
{
	static const struct advice setting = { "Correct {name} in the program's configuration.",
		NULL };
	static const struct advice missing = { "Set {name} in the program's configuration.", NULL };
	static const struct advice option = {
		"Correct {name} in the container's command or args ({value}).", NULL
	};
	char given[256];
	struct blanks b = { .name = f->key };

	if (f->problem == PROBLEM_INVALID && advise_own_service(r, f->key))
		return;
	if (f->problem != PROBLEM_MISSING && option_with(q, f->key, given, sizeof(given))) {
		b.value = given;
		recommend(r, &option, &b);
		return;
	}
	recommend(r, f->problem == PROBLEM_MISSING ? &missing : &setting, &b);
}

void advise_settings(const struct context *q, const struct finding *f, const char *program,
	const char *line, struct report *r)
{
	if (f->problem == PROBLEM_SYNTAX && advise_empty(q, f, line, r))
		return;
	bool invalid = f->problem == PROBLEM_INVALID && f->line && !*f->match.blanks[BLANK_VALUE];
	if ((f->problem == PROBLEM_SYNTAX || invalid) && !*f->file && !*f->key)
		advise_text(q, f, line, r);
	else if (*f->variable)
		advise_variable(f, r);
	else if (*f->file)
		advise_file(q, f, r);
	else if (advise_null(q, f->match.blanks[BLANK_VALUE], r))
		return;
	else if (*f->option)
		advise_option(q, f, program, r);
	else if (*f->key)
		advise_key(q, f, r);
	else if (*f->match.blanks[BLANK_VALUE])
		advise_value(q, f, r);
}
