// SPDX-License-Identifier: MIT
/*
 * Shell completion, from the tables that parse the command line: what can be typed is what is offered. The scripts hold
 * plain lists, so that a key press starts no program.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "diagnose/diagnose.h"
#include "util/cleanup.h"
#include "util/log.h"

typedef void (*completion_fn)(FILE *f);

static const struct option_row *rows_of(const struct command *c)
{
	static const struct option_row none[] = { { 0 } };

	return c->options ? c->options : none;
}

static bool takes_value(const struct option_row *row)
{
	return row->type != OPTION_FLAG;
}

/* Of an option whose value is a path: the shell has those. */
static bool takes_path(const struct option_row *row)
{
	return row->argument && (strstr(row->argument, "PATH") || strstr(row->argument, "FILE"));
}

static void print_choices(FILE *f, const char *const *choices)
{
	for (size_t i = 0; choices && choices[i]; i++)
		fprintf(f, "%s%s", i ? " " : "", choices[i]);
}

static void print_causes(FILE *f)
{
	const struct rule_text *rules;
	size_t n = rule_texts(&rules);

	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%s", i ? " " : "", rules[i].root_cause);
}

static bool operand_is_cause(const struct command *c)
{
	return c == &rules_command;
}

static void bash_values(FILE *f, const struct command *c)
{
	for (const struct option_row *row = rows_of(c); row->name; row++) {
		if (!takes_value(row))
			continue;
		fprintf(f, "\t'%s --%s'", c->name, row->name);
		if (row->letter)
			fprintf(f, " | '%s -%c'", c->name, row->letter);
		fputs(") words='", f);
		print_choices(f, row->choices);
		fprintf(f, "' value=%s ;;\n", takes_path(row) ? "path" : "word");
	}
}

static void bash_words(FILE *f, const struct command *c)
{
	fprintf(f, "\t%s) options='", c->name);
	for (const struct option_row *row = rows_of(c); row->name; row++)
		fprintf(f, "--%s ", row->name);
	fputs("--help --version' words='", f);
	if (operand_is_cause(c))
		print_causes(f);
	fputs("' ;;\n", f);
}

/* Where nothing is offered bash offers files (-o default). */
static void print_bash(FILE *f)
{
	fputs("# bash completion for ktrace: source it, or put it into "
	      "/usr/share/bash-completion/completions/ktrace\n"
	      "_ktrace()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal command=${COMP_WORDS[1]} words='' options='' value=''\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='",
		f);
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			fprintf(f, "%s ", (*c)->name);
	fputs("--help --version'\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n\t\treturn\n\tfi\n"
	      "\tcase \"$command $prev\" in\n",
		f);
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			bash_values(f, *c);
	fputs("\tesac\n"
	      "\tif [ -n \"$value\" ]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n\t\treturn\n\tfi\n"
	      "\tcase $command in\n",
		f);
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			bash_words(f, *c);
	fputs("\tesac\n"
	      "\t[[ $cur == -* ]] && words=$options\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	      "}\ncomplete -o default -F _ktrace ktrace\n",
		f);
}

/* Within single quotes, and within the brackets of _arguments. */
static void zsh_text(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", f);
		else if (strchr("[]:\\", *text))
			fprintf(f, "\\%c", *text);
		else
			fputc(*text, f);
	}
}

static void zsh_value(FILE *f, const struct option_row *row)
{
	if (!takes_value(row))
		return;
	fputc(':', f);
	zsh_text(f, row->argument ? row->argument : row->name);
	fputc(':', f);
	if (row->choices) {
		fputc('(', f);
		print_choices(f, row->choices);
		fputc(')', f);
	} else if (takes_path(row)) {
		fputs("_files", f);
	}
}

static void zsh_option(FILE *f, const struct option_row *row)
{
	const char *many = row->type == OPTION_LIST ? "*" : "";

	fprintf(f, "\t\t'%s--%s%s[", many, row->name, takes_value(row) ? "=" : "");
	zsh_text(f, row->help);
	fputc(']', f);
	zsh_value(f, row);
	fputs("' \\\n", f);
	if (!row->letter)
		return;
	fprintf(f, "\t\t'-%c[", row->letter);
	zsh_text(f, row->help);
	fputc(']', f);
	zsh_value(f, row);
	fputs("' \\\n", f);
}

static void print_zsh(FILE *f)
{
	fputs("#compdef ktrace\n# zsh completion for ktrace: source it, or put it as _ktrace into "
	      "a directory of $fpath\n"
	      "_ktrace() {\n\tlocal -a commands\n\tcommands=(\n",
		f);
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->hidden)
			continue;
		fprintf(f, "\t\t'%s:", (*c)->name);
		zsh_text(f, (*c)->summary);
		fputs("'\n", f);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command "
	      "commands\n\t\treturn\n\tfi\n"
	      "\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n",
		f);
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->hidden)
			continue;
		fprintf(f, "\t%s) _arguments \\\n", (*c)->name);
		for (const struct option_row *row = rows_of(*c); row->name; row++)
			zsh_option(f, row);
		fputs("\t\t'(-h --help)'{-h,--help}'[print help and end]' \\\n\t\t'*:operand:", f);
		if (operand_is_cause(*c)) {
			fputc('(', f);
			print_causes(f);
			fputc(')', f);
		} else {
			fputs("_files", f);
		}
		fputs("' ;;\n", f);
	}
	fputs("\tesac\n}\n"
	      "if [ \"${funcstack[1]}\" = _ktrace ]; then\n\t_ktrace \"$@\"\nelse\n\tcompdef "
	      "_ktrace ktrace\nfi\n",
		f);
}

static void fish_text(FILE *f, const char *text)
{
	fputc('\'', f);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputc('\'', f);
}

static void fish_option(FILE *f, const struct command *c, const struct option_row *row)
{
	fprintf(f, "complete -c ktrace -n '__fish_seen_subcommand_from %s' -l %s", c->name,
		row->name);
	if (row->letter)
		fprintf(f, " -s %c", row->letter);
	if (takes_value(row))
		fputs(takes_path(row) && !row->choices ? " -r -F" : " -x", f);
	if (row->choices) {
		fputs(" -a '", f);
		print_choices(f, row->choices);
		fputc('\'', f);
	}
	fputs(" -d ", f);
	fish_text(f, row->help);
	fputc('\n', f);
}

static void print_fish(FILE *f)
{
	fputs("# fish completion for ktrace: put it into ~/.config/fish/completions/ktrace.fish\n",
		f);
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->hidden)
			continue;
		fprintf(f, "complete -c ktrace -f -n __fish_use_subcommand -a %s -d ", (*c)->name);
		fish_text(f, (*c)->summary);
		fputc('\n', f);
		for (const struct option_row *row = rows_of(*c); row->name; row++)
			fish_option(f, *c, row);
	}
	fputs("complete -c ktrace -f -n '__fish_seen_subcommand_from rules' -a '", f);
	print_causes(f);
	fputs("'\n", f);
}

static int run(const void *options, int argc, char **argv)
{
	static const struct {
		const char *name;
		completion_fn print;
	} shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

	(void)options, (void)argc;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (!strcmp(shells[i].name, argv[0])) {
			shells[i].print(stdout);
			return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
		}
	log_error("no completion for the shell \"%s\": there is bash, zsh and fish", argv[0]);
	return EXIT_USAGE;
}

static const struct example completion_examples[] = {
	{ "source <(ktrace completion bash)", "in this shell" },
	{ "ktrace completion fish >~/.config/fish/completions/ktrace.fish",
		"in each fish from now on" },
	{ 0 },
};

const struct command completion_command = {
	.name = "completion",
	.operands = "bash|zsh|fish",
	.summary = "print the completion script of a shell",
	.description =
		"Prints a script that lets the shell complete ktrace's commands, options and their "
		"values.",
	.examples = completion_examples,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
