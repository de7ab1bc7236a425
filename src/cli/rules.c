// SPDX-License-Identifier: MIT
#include <string.h>

#include "cli/commands.h"
#include "cli/printer.h"
#include "diagnose/diagnose.h"
#include "record/json.h"
#include "sinks/terminal_parts.h"
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
	{ "ktrace rules read_only_copy", "how one of them is recognised, and how to fix it" },
	{ 0 },
};

static void print_json(struct strbuf *out, const struct rule_text *rule)
{
	struct json j = json_start(out);

	json_open_object(&j, NULL);
	json_string(&j, "root_cause", rule->root_cause);
	json_string(&j, "title", rule->title);
	json_string(&j, "shown_by", rule->shown_by);
	json_string(&j, "mended_by", rule->fixed_by);
	json_close_object(&j);
	strbuf_putc(out, '\n');
}

#define TITLE_COLUMN 23 /* of the list */

/* Text behind what stands on the line already. */
static void print_wrapped(struct strbuf *out, const char *text, size_t at, size_t width)
{
	terminal_wrap(out, text, at, at, width);
	strbuf_putc(out, '\n');
}

static void print_line(
	struct strbuf *out, const struct rule_text *rule, const struct terminal_style *style)
{
	terminal_ink(out, style, INK_BOLD, rule->root_cause);
	strbuf_printf(out, "%*s", TITLE_COLUMN - (int)strlen(rule->root_cause), "");
	print_wrapped(out, rule->title, TITLE_COLUMN, terminal_width(style));
}

static void print_whole(
	struct strbuf *out, const struct rule_text *rule, const struct terminal_style *style)
{
	static const char shown[] = "  Shown by   ", fixed[] = "  Fixed by   ";

	terminal_ink(out, style, INK_BOLD, rule->root_cause);
	strbuf_printf(out, ": %s\n\n%s", rule->title, shown);
	print_wrapped(out, rule->shown_by, strlen(shown), terminal_width(style));
	strbuf_puts(out, fixed);
	print_wrapped(out, rule->fixed_by, strlen(fixed), terminal_width(style));
}

static int run(const void *options, int argc, char **argv)
{
	const struct rules_options *o = options;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct terminal_style style = terminal_style_for(STDOUT_FILENO, o->color);
	bool found = false;
	const struct rule_text *rules;
	size_t n = rule_texts(&rules);

	for (size_t i = 0; i < n; i++) {
		if (argc && strcmp(rules[i].root_cause, argv[0]))
			continue;
		found = true;
		if (o->format == FORMAT_JSON)
			print_json(&out, &rules[i]);
		else if (argc)
			print_whole(&out, &rules[i], &style);
		else
			print_line(&out, &rules[i], &style);
	}
	if (!found && argc) {
		log_error("unknown root cause \"%s\"; `ktrace rules` lists them", argv[0]);
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
	.description = "Lists the root causes that ktrace knows, or describes one: how it is "
		       "recognised and how to fix it.",
	.options = rules_rows,
	.examples = rules_examples,
	.max_operands = 1,
	.options_size = sizeof(struct rules_options),
	.run = run,
};
