// SPDX-License-Identifier: MIT
#include <string.h>

#include "cli/commands.h"
#include "cli/printer.h"
#include "diagnose/diagnose.h"
#include "output/json.h"
#include "output/terminal_parts.h"
#include "util/cleanup.h"
#include "util/log.h"

struct rules_options {
	int format, color;
};

static const struct option_row rules_rows[] = {
	OPTION_ROW_FORMAT(struct rules_options),
	OPTION_ROW_COLOR(struct rules_options),
	{ 0 },
};

static const struct example rules_examples[] = {
	{ "ktrace rules", "the list" },
	{ "ktrace rules read_only_copy", "what shows one of them, and what mends it" },
	{ 0 },
};

static void print_json(struct strbuf *out, const struct rule_text *rule)
{
	struct json j = json_start(out);

	json_open_object(&j, NULL);
	json_string(&j, "root_cause", rule->root_cause);
	json_string(&j, "title", rule->title);
	json_string(&j, "shown_by", rule->shown_by);
	json_string(&j, "mended_by", rule->mended_by);
	json_close_object(&j);
	strbuf_putc(out, '\n');
}

#define WIDTH 100

static void print_part(struct strbuf *out, const char *label, const char *text)
{
	strbuf_puts(out, label);
	terminal_wrap(out, text, strlen(label), strlen(label), WIDTH);
	strbuf_putc(out, '\n');
}

static void print_text(struct strbuf *out, const struct rule_text *rule, bool whole, bool color)
{
	const char *on = color ? "\033[1m" : "", *off = color ? "\033[0m" : "";

	if (!whole) {
		strbuf_printf(out, "%s%-22s%s %s\n", on, rule->root_cause, off, rule->title);
		return;
	}
	strbuf_printf(out, "%s%s%s: %s\n\n", on, rule->root_cause, off, rule->title);
	print_part(out, "  Shown by   ", rule->shown_by);
	print_part(out, "  Mended by  ", rule->mended_by);
}

static int run(const void *options, int argc, char **argv)
{
	const struct rules_options *o = options;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	bool color = color_wanted(o->color, STDOUT_FILENO), found = false;
	const struct rule_text *rules;
	size_t n = rule_texts(&rules);

	for (size_t i = 0; i < n; i++) {
		if (argc && strcmp(rules[i].root_cause, argv[0]))
			continue;
		found = true;
		if (o->format == FORMAT_JSON)
			print_json(&out, &rules[i]);
		else
			print_text(&out, &rules[i], argc > 0, color);
	}
	if (!found && argc) {
		log_error("there is no root cause \"%s\"; `ktrace rules` lists them", argv[0]);
		return EXIT_USAGE;
	}
	if (out.failed || (out.len && write_all(STDOUT_FILENO, out.data, out.len) < 0))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

const struct command rules_command = {
	.name = "rules",
	.operands = "[ID]",
	.summary = "the root causes that ktrace knows",
	.description =
		"Lists the root causes that ktrace tells apart, or tells of one what shows it "
		"and what mends it.",
	.options = rules_rows,
	.examples = rules_examples,
	.max_operands = 1,
	.options_size = sizeof(struct rules_options),
	.run = run,
};
