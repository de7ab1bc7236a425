// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/log.h"
#include "util/strbuf.h"

const char *const when_choices[] = { "auto", "always", "never", NULL };
const char *const format_choices[] = { "text", "json", NULL };
const char *const page_format_choices[] = { "text", "json", "html", NULL };
const char *const redact_choices[] = { "on", "off", NULL };
const char *const level_choices[] = { "diagnoses", "errors", "all", NULL };

/* What getopt_long returns: a row's index from here on, so that it is no letter. */
enum { VALUE_HELP = 256, VALUE_VERSION, VALUE_ROW };

bool color_wanted(int when, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (when != WHEN_AUTO)
		return when == WHEN_ALWAYS;
	return isatty(fd) && !(no_color && *no_color);
}

int usage_error(const struct command *c, const char *fmt, ...)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	log_error("%s%s%s", c ? c->name : "", c ? ": " : "", text.data ? text.data : "");
	log_error("try `ktrace %s%s--help`", c ? c->name : "", c ? " " : "");
	return EXIT_USAGE;
}

static int parse_choice(const struct option_row *row, const char *text, int *out)
{
	for (int i = 0; row->choices[i]; i++)
		if (!strcmp(row->choices[i], text)) {
			*out = i;
			return 0;
		}
	return -EINVAL;
}

static int parse_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMGT";
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	unsigned long long n = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	if (*end) {
		const char *unit = strchr(units, *end & ~0x20);
		unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;

		if (!shift || n > UINT64_MAX >> shift)
			return -EINVAL;
		n <<= shift;
		end++;
		if (*end == 'i')
			end++;
		if (*end == 'B')
			end++;
	}
	if (*end)
		return -EINVAL;
	*out = n;
	return 0;
}

static int parse_number(const char *text, uint64_t *out)
{
	return text[strspn(text, "0123456789")] ? -EINVAL : parse_size(text, out);
}

static int append(struct option_list *list, const char *item)
{
	const char **items = realloc(list->items, (list->n + 1) * sizeof(*items));

	if (!items)
		return -ENOMEM;
	items[list->n++] = item;
	list->items = items;
	return 0;
}

static int parse_flag(const char *text, bool *out)
{
	if (strcmp(text, "true") && strcmp(text, "false"))
		return -EINVAL;
	*out = *text == 't';
	return 0;
}

/* 0, or a negative errno when the text is no such value. */
static int store(const struct option_row *row, const char *text, void *options)
{
	void *where = (char *)options + row->offset;
	int choice;

	switch (row->type) {
	case OPTION_FLAG:
		return parse_flag(text, where);
	case OPTION_STRING:
		*(const char **)where = text;
		return *text ? 0 : -EINVAL;
	case OPTION_LIST:
		if (row->choices && parse_choice(row, text, &choice) < 0)
			return -EINVAL;
		return *text ? append(where, text) : -EINVAL;
	case OPTION_CHOICE:
		return parse_choice(row, text, where);
	case OPTION_SIZE:
		return parse_size(text, where);
	case OPTION_NUMBER:
		return parse_number(text, where);
	case OPTION_CONFIG:
		((struct option_config *)where)->path = text;
		return *text ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int options_set(const struct option_row *row, const char *text, void *options, struct strbuf *wrong)
{
	int err = store(row, text, options);

	if (err == 0)
		return 0;
	strbuf_printf(wrong, "%s cannot be \"%s\": it must be ", row->name, text);
	if (row->type == OPTION_FLAG)
		strbuf_puts(wrong, "true or false");
	else if (row->type == OPTION_SIZE)
		strbuf_puts(wrong, "bytes, such as 64M or 2G");
	else if (row->type == OPTION_NUMBER)
		strbuf_puts(wrong, "a number");
	else if (!row->choices)
		strbuf_puts(wrong, "not empty");
	else
		strbuf_puts(wrong, "one of ");
	for (int i = 0; row->choices && row->choices[i]; i++)
		strbuf_printf(wrong, "%s%s", i ? ", " : "", row->choices[i]);
	return err;
}

/* One letter too few, too many or wrong, or two that changed places. */
static bool is_near(const char *real, const char *name)
{
	size_t a = strlen(real), b = strlen(name), same = 0, end = 0;

	while (same < a && same < b && real[same] == name[same])
		same++;
	while (end < a - same && end < b - same && real[a - end - 1] == name[b - end - 1])
		end++;
	a -= same + end;
	b -= same + end;
	return (a <= 1 && b <= 1) ||
	       (a == 2 && b == 2 && real[same] == name[same + 1] && real[same + 1] == name[same]);
}

const struct option_row *options_find(
	const struct command *c, const char *name, struct strbuf *wrong)
{
	const struct option_row *near = NULL;

	for (const struct option_row *row = c->options; row && row->name; row++) {
		if (!strcmp(row->name, name))
			return row;
		if (is_near(row->name, name))
			near = row;
	}
	strbuf_printf(wrong, "unknown option \"%s\"", name);
	if (near)
		strbuf_printf(wrong, ": did you mean \"%s\"?", near->name);
	return NULL;
}

struct option_config *options_config(const struct command *c, void *options)
{
	for (const struct option_row *row = c->options; row && row->name; row++)
		if (row->type == OPTION_CONFIG)
			return (void *)((char *)options + row->offset);
	return NULL;
}

struct getopt_tables {
	struct option longs[OPTION_ROWS_MAX + 3];
	char shorts[2 * OPTION_ROWS_MAX + 4];
};

static void make_tables(const struct command *c, struct getopt_tables *t)
{
	char *s = t->shorts;
	size_t n = 0;

	if (strstr(c->operands, "COMMAND"))
		*s++ = '+'; /* options end at the first operand: the rest is somebody's command */
	*s++ = ':';         /* distinguishes a missing value from an unknown option */
	*s++ = 'h';
	t->longs[n++] = (struct option){ "help", no_argument, NULL, VALUE_HELP };
	t->longs[n++] = (struct option){ "version", no_argument, NULL, VALUE_VERSION };
	for (int i = 0; c->options && c->options[i].name && i < OPTION_ROWS_MAX; i++) {
		const struct option_row *row = &c->options[i];
		int has = row->type == OPTION_FLAG ? no_argument : required_argument;

		t->longs[n++] = (struct option){ row->name, has, NULL, VALUE_ROW + i };
		if (row->letter) {
			*s++ = row->letter;
			if (has)
				*s++ = ':';
		}
	}
	t->longs[n] = (struct option){ 0 };
	*s = '\0';
}

static const struct option_row *row_of(const struct command *c, int value)
{
	if (value >= VALUE_ROW)
		return &c->options[value - VALUE_ROW];
	for (const struct option_row *row = c->options; row && row->name; row++)
		if (row->letter == value)
			return row;
	return NULL;
}

int options_parse(const struct command *c, int argc, char **argv, void *options, int *first)
{
	struct getopt_tables tables;
	_cleanup_strbuf_ struct strbuf wrong = STRBUF_INIT;
	struct option_config *config = options_config(c, options);
	int value;

	make_tables(c, &tables);
	optind = 0; /* glibc and musl: starts over */
	opterr = 0;
	while ((value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		const char *argument = argv[optind - 1];

		if (value == VALUE_HELP || value == 'h') {
			help_print(stdout, c);
			return -1;
		}
		if (value == VALUE_VERSION) {
			puts("ktrace " KTRACE_VERSION);
			return -1;
		}
		if (value == ':')
			return usage_error(c, "%s needs a value", argument);
		if (value == '?' && optopt && optopt < VALUE_HELP)
			return usage_error(c, "unknown option -%c", optopt);
		if (value == '?' && optopt)
			return usage_error(c, "%s does not take a value", argument);
		if (value == '?')
			return usage_error(c, "unknown or ambiguous option %s", argument);
		const struct option_row *row = row_of(c, value);
		if (options_set(row, optarg ? optarg : "true", options, &wrong) < 0)
			return usage_error(c, "--%s", wrong.data ? wrong.data : row->name);
		if (config)
			config->overruled |= 1ULL << (row - c->options);
	}
	*first = optind;
	return 0;
}

void options_release(const struct command *c, void *options)
{
	for (const struct option_row *row = c->options; row && row->name; row++)
		if (row->type == OPTION_LIST)
			free(((struct option_list *)((char *)options + row->offset))->items);
}

static int run_command(const struct command *c, int argc, char **argv)
{
	_cleanup_free_ void *options = calloc(1, c->options_size ? c->options_size : 1);
	int first = argc;

	if (!options) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	if (c->defaults)
		memcpy(options, c->defaults, c->options_size);
	int status = options_parse(c, argc, argv, options, &first);
	int operands = argc - first;
	if (status == -1)
		status = EXIT_SUCCESS;
	else if (status == 0 && operands < c->min_operands)
		status = usage_error(c, "%s is missing", c->operands);
	else if (status == 0 && c->max_operands >= 0 && operands > c->max_operands)
		status =
			usage_error(c, "unexpected argument \"%s\"", argv[first + c->max_operands]);
	else if (status == 0)
		status = c->run(options, operands, argv + first);
	options_release(c, options);
	return status;
}

static const struct command *find(const struct command *const *commands, const char *name)
{
	for (; *commands; commands++)
		if (!strcmp((*commands)->name, name))
			return *commands;
	return NULL;
}

static const struct command *nearest(const struct command *const *commands, const char *name)
{
	for (; *commands; commands++)
		if (!(*commands)->hidden && is_near((*commands)->name, name))
			return *commands;
	return NULL;
}

int commands_run(const struct command *const *commands, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	bool help = name && !strcmp(name, "help");

	if (!name) {
		help_print_all(stderr, commands);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--version")) {
		puts("ktrace " KTRACE_VERSION);
		return EXIT_SUCCESS;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || (help && argc == 2)) {
		help_print_all(stdout, commands);
		return EXIT_SUCCESS;
	}
	if (*name == '-')
		return usage_error(NULL, "unknown option %s before the command", name);
	if (help)
		name = argv[2];
	const struct command *c = find(commands, name);
	if (!c) {
		const struct command *meant = nearest(commands, name);

		return meant ? usage_error(NULL, "unknown command \"%s\": did you mean \"%s\"?",
				       name, meant->name)
			     : usage_error(NULL, "unknown command \"%s\"", name);
	}
	if (help) {
		help_print(stdout, c);
		return EXIT_SUCCESS;
	}
	return run_command(c, argc - 1, argv + 1);
}
