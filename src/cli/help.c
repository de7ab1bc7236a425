// SPDX-License-Identifier: MIT
/* The texts of the option tables, for a terminal and as a manual page. */
#include <string.h>

#include "cli/options.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

#define COLUMN 28
#define WIDTH 100

/* Wraps at WIDTH; `at` is the column where the text starts, later lines start at `indent`. */
static void print_wrapped(FILE *f, const char *text, int at, int indent)
{
	while (*text) {
		size_t word = strcspn(text, " ");

		if (at > indent && at + 1 + (int)word > WIDTH) {
			fprintf(f, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', f);
			at++;
		}
		fwrite(text, 1, word, f);
		at += (int)word;
		text += word + strspn(text + word, " ");
	}
	fputc('\n', f);
}

static void value_text(const struct option_row *row, struct strbuf *out)
{
	if (row->type == OPTION_FLAG)
		return;
	strbuf_putc(out, ' ');
	if (row->type != OPTION_CHOICE) {
		strbuf_puts(out, row->argument);
		return;
	}
	for (int i = 0; row->choices[i]; i++)
		strbuf_printf(out, "%s%s", i ? "|" : "", row->choices[i]);
}

static void print_option(FILE *f, const struct option_row *row)
{
	_cleanup_strbuf_ struct strbuf left = STRBUF_INIT;

	if (row->letter)
		strbuf_printf(&left, "  -%c, --%s", row->letter, row->name);
	else
		strbuf_printf(&left, "      --%s", row->name);
	value_text(row, &left);
	fprintf(f, "%-*s", COLUMN, left.data);
	if (left.len >= COLUMN)
		fprintf(f, "\n%*s", COLUMN, "");
	print_wrapped(f, row->help, COLUMN, COLUMN);
}

static const struct option_row common_options[] = {
	{ "help", 'h', OPTION_FLAG, 0, NULL, "print this and end", NULL },
	{ "version", 0, OPTION_FLAG, 0, NULL, "print the version and end", NULL },
	{ 0 },
};

static bool has_options(const struct command *c)
{
	return c->options && c->options->name;
}

void help_print(FILE *f, const struct command *c)
{
	fprintf(f, "Usage: ktrace %s%s%s%s\n\n", c->name, has_options(c) ? " [OPTIONS]" : "",
		*c->operands ? " " : "", c->operands);
	print_wrapped(f, c->description, 0, 0);
	fputs("\nOptions:\n", f);
	for (const struct option_row *row = c->options; row && row->name; row++)
		print_option(f, row);
	for (const struct option_row *row = common_options; row->name; row++)
		print_option(f, row);
	if (!c->examples)
		return;
	fputs("\nExamples:\n", f);
	for (const struct example *e = c->examples; e->command; e++)
		fprintf(f, "  %s\n      %s\n", e->command, e->what);
}

void help_print_all(FILE *f, const struct command *const *commands)
{
	fputs("Usage: ktrace COMMAND [OPTIONS] [ARGUMENTS]\n\n"
	      "Explains why containers fail to start, from what the kernel saw them do.\n\n"
	      "Commands:\n",
		f);
	for (; *commands; commands++)
		if (!(*commands)->hidden)
			fprintf(f, "  %-10s%s\n", (*commands)->name, (*commands)->summary);
	fputs("\n`ktrace COMMAND --help` describes each, with examples.\n", f);
}

/* Roff takes a leading dot or quote for a request and - for a hyphen. */
static void roff(FILE *f, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", f);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", f);
		else if (*text == '-')
			fputs("\\-", f);
		else
			fputc(*text, f);
	}
}

static void manual_option(FILE *f, const struct option_row *row)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;

	fputs(".TP\n", f);
	if (row->letter)
		fprintf(f, "\\fB\\-%c\\fR, ", row->letter);
	fputs("\\fB\\-\\-", f);
	roff(f, row->name);
	fputs("\\fR", f);
	value_text(row, &value);
	if (value.data) {
		fputs(" \\fI", f);
		roff(f, value.data + 1);
		fputs("\\fR", f);
	}
	fputc('\n', f);
	roff(f, row->help);
	fputs(row->help[strlen(row->help) - 1] == '.' ? "\n" : ".\n", f);
}

static void manual_command(FILE *f, const struct command *c)
{
	fputs(".SS \"ktrace ", f);
	roff(f, c->name);
	if (has_options(c))
		fputs(" [OPTIONS]", f);
	if (*c->operands)
		fputc(' ', f);
	roff(f, c->operands);
	fputs("\"\n", f);
	roff(f, c->description);
	fputc('\n', f);
	for (const struct option_row *row = c->options; row && row->name; row++)
		manual_option(f, row);
	for (const struct example *e = c->examples; e && e->command; e++) {
		fputs(".PP\n", f);
		roff(f, e->what);
		fputs(e->what[strlen(e->what) - 1] == '?' ? "\n" : ":\n", f);
		fputs(".RS\n.EX\n", f);
		roff(f, e->command);
		fputs("\n.EE\n.RE\n", f);
	}
}

void manual_print(FILE *f, const struct command *const *commands)
{
	fputs(".TH KTRACE 8 \"\" \"ktrace " KTRACE_VERSION "\" \"System Administration\"\n"
	      ".SH NAME\nktrace \\- explains why containers fail to start\n"
	      ".SH SYNOPSIS\n\\fBktrace\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n"
	      ".SH DESCRIPTION\n"
	      "ktrace watches containers from the kernel and explains why one failed:\n"
	      "the call that failed, the mount or limit that made it fail, and how to fix it.\n"
	      "Data goes to stdout, messages go to stderr.\n"
	      ".PP\nTARGET is a container id or a unique prefix of one, POD, NAMESPACE/POD or\n"
	      "NAMESPACE/POD/CONTAINER.\n"
	      ".SH COMMANDS\n",
		f);
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			manual_command(f, *c);
	fputs(".SH EXIT STATUS\n0 success; 1 failure; 2 wrong usage.\n"
	      "\\fBktrace run\\fR returns the command's own status, 128+N for signal N.\n"
	      ".SH ENVIRONMENT\n.TP\n\\fBNODE_NAME\\fR\nname of the node in records.\n"
	      ".TP\n\\fBNO_COLOR\\fR\nno colours unless \\fB\\-\\-color always\\fR.\n"
	      ".SH FILES\n.TP\n\\fI" DEFAULT_LOG_FILE "\\fR\nthe agent's log.\n"
	      ".TP\n\\fI" DEFAULT_CONFIG "\\fR\nthe agent's options, lines NAME = VALUE.\n"
	      ".TP\n\\fI" DEFAULT_SOCKET "\\fR\nthe agent's socket.\n"
	      ".TP\n\\fI" DEFAULT_BUFFER_DIR "\\fR\nrecords that no server has acknowledged yet.\n"
	      ".SH SEE ALSO\n\\fBstrace\\fR(1), \\fBkubectl\\fR(1), \\fBbpf\\fR(2), "
	      "\\fBcgroups\\fR(7)\n",
		f);
}
