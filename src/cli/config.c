// SPDX-License-Identifier: MIT
#include "cli/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "container/hostfile.h"
#include "util/cleanup.h"
#include "util/conf.h"
#include "util/log.h"

#define MAX_BYTES (64 << 10)

const char *config_path(const struct command *c, const void *options)
{
	const struct option_config *config = options_config(c, (void *)options);

	return config->path ? config->path : DEFAULT_CONFIG;
}

/* Links are followed by realpath, since host_read() wants an absolute path. */
static int read_text(const char *path, char **out)
{
	_cleanup_free_ char *real = realpath(path, NULL), *text = NULL;
	size_t len;

	if (!real)
		return -errno;
	int err = host_read("", real, MAX_BYTES, &text, &len);
	if (err < 0)
		return err;
	if (strlen(text) != len)
		return -EILSEQ;
	*out = take(text);
	return 0;
}

static int read_file(const struct option_config *config, char **out)
{
	const char *path = config->path ? config->path : DEFAULT_CONFIG;
	int err = read_text(path, out);

	if (err == -ENOENT && !config->path) {
		*out = strdup("");
		return *out ? 0 : -ENOMEM;
	}
	if (err < 0)
		log_error("cannot read the configuration %s: %s", path,
			err == -EILSEQ   ? "it is not a text file"
			: err == -EINVAL ? "it is not a regular file"
					 : strerror(-err));
	return err;
}

static const void *value_at(const struct option_row *row, const void *options)
{
	return (const char *)options + row->offset;
}

static size_t value_size(const struct option_row *row)
{
	static const size_t sizes[] = {
		[OPTION_FLAG] = sizeof(bool),
		[OPTION_STRING] = sizeof(const char *),
		[OPTION_LIST] = sizeof(struct option_list),
		[OPTION_CHOICE] = sizeof(int),
		[OPTION_SIZE] = sizeof(uint64_t),
		[OPTION_NUMBER] = sizeof(uint64_t),
	};

	return sizes[row->type];
}

static int copy_list(struct option_list *to, const struct option_list *from)
{
	const char **items = calloc(from->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	if (from->n)
		memcpy(items, from->items, from->n * sizeof(*items));
	free(to->items);
	*to = (struct option_list){ items, from->n };
	return 0;
}

/* What the command line gave, over what is there; lists are copied, so that both can be released. */
static int overrule(const struct command *c, const void *command_line, void *options)
{
	uint64_t overruled = options_config(c, options)->overruled;

	for (const struct option_row *row = c->options; row->name; row++) {
		const void *from = value_at(row, command_line);
		void *to = (char *)options + row->offset;
		int err = 0;

		if (row->type == OPTION_CONFIG || !(overruled & 1ULL << (row - c->options)))
			continue;
		if (row->type == OPTION_LIST)
			err = copy_list(to, from);
		else
			memcpy(to, from, value_size(row));
		if (err < 0)
			return err;
	}
	return 0;
}

/* One line. The text is the configuration's own, so values may point into it. */
static int apply(const struct command *c, const char *name, const char *value, void *options,
	struct strbuf *wrong)
{
	const struct option_row *row = options_find(c, name, wrong);

	if (!row)
		return -EINVAL;
	if (row->type == OPTION_CONFIG) {
		strbuf_printf(wrong, "%s belongs on the command line", name);
		return -EINVAL;
	}
	return options_set(row, value, options, wrong);
}

static int apply_all(const struct command *c, const char *path, void *options)
{
	struct conf conf = { .rest = options_config(c, options)->text };
	const char *name, *value, *why;
	int found, err = 0;

	while ((found = conf_next(&conf, &name, &value, &why))) {
		_cleanup_strbuf_ struct strbuf wrong = STRBUF_INIT;

		if (found < 0)
			strbuf_puts(&wrong, why);
		if (found < 0 || apply(c, name, value, options, &wrong) < 0) {
			log_error("%s:%u: %s", path, conf.number,
				wrong.data ? wrong.data : "out of memory");
			err = -EINVAL;
		}
	}
	return err;
}

/* Fills options, which hold the defaults. */
static int read_layers(const struct command *c, const void *command_line, void *options)
{
	const struct option_config *line = options_config(c, (void *)command_line);
	struct option_config *config = options_config(c, options);

	config->path = line->path;
	config->overruled = line->overruled;
	int err = read_file(config, &config->text);
	if (err == 0)
		err = apply_all(c, config_path(c, options), options);
	if (err == 0)
		err = overrule(c, command_line, options);
	return err;
}

int config_read(const struct command *c, const void *command_line, void **out)
{
	void *options = malloc(c->options_size);

	if (!options) {
		log_error("out of memory");
		return -ENOMEM;
	}
	memcpy(options, c->defaults, c->options_size);
	int err = read_layers(c, command_line, options);
	if (err == -ENOMEM)
		log_error("out of memory");
	if (err < 0) {
		config_free(c, options);
		return err;
	}
	*out = options;
	return 0;
}

static bool is_same(const struct option_row *row, const void *a, const void *b)
{
	const struct option_list *list = a, *other = b;

	if (row->type == OPTION_STRING) {
		const char *s = *(const char *const *)a, *t = *(const char *const *)b;

		return s && t ? !strcmp(s, t) : s == t;
	}
	if (row->type != OPTION_LIST)
		return !memcmp(a, b, value_size(row));
	if (list->n != other->n)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], other->items[i]))
			return false;
	return true;
}

void config_compare(const struct command *c, const void *a, const void *b, struct strbuf *names)
{
	for (const struct option_row *row = c->options; row->name; row++) {
		if (row->type == OPTION_CONFIG || is_same(row, value_at(row, a), value_at(row, b)))
			continue;
		strbuf_printf(names, "%s%s", names->len ? ", " : "", row->name);
	}
}

void config_free(const struct command *c, void *options)
{
	if (!options)
		return;
	free(options_config(c, options)->text);
	options_release(c, options);
	free(options);
}
