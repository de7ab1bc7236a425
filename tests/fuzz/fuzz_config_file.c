// SPDX-License-Identifier: MIT
/* Any bytes as the agent's configuration file: its lines, and the options that they set. */
#include <errno.h>

#include "cli/agent_options.h"
#include "cli/config.h"
#include "fuzz/printed.h"
#include "fuzz/scene.h"
#include "util/cleanup.h"
#include "util/conf.h"

static void must_be_trimmed(const char *s, const char *start, const char *end)
{
	static const char blank[] = " \t\r";
	size_t len = strlen(s);

	check(s >= start && s + len <= end && !strchr(s, '\n'));
	check(!len || (!strchr(blank, s[0]) && !strchr(blank, s[len - 1])));
}

static void fuzz_lines(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct conf conf = { .rest = text };
	const char *name, *value, *wrong;
	unsigned lines = 1, before = 0;
	int found;

	memcpy(text, data, size);
	text[size] = '\0';
	for (const char *s = text; (s = strchr(s, '\n')); s++)
		lines++;
	while ((found = conf_next(&conf, &name, &value, &wrong))) {
		check(conf.number > before && conf.number <= lines);
		before = conf.number;
		if (found < 0) {
			check(found == -EINVAL && *wrong);
			continue;
		}
		must_be_trimmed(name, text, text + size);
		must_be_trimmed(value, text, text + size);
		check(*name && !strchr(name, '='));
	}
	free(text);
}

static const struct command agent = {
	.name = "agent",
	.operands = "",
	.options = agent_rows,
	.options_size = sizeof(struct agent_options),
	.defaults = &agent_defaults,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	scene_init();
	printed_init();
	return 0;
}

static void write_file(const uint8_t *data, size_t size)
{
	_cleanup_fd_ int fd = open(scene_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

/* What was read is what the options may be, and reading it again makes no difference. */
static void check_options(const struct agent_options *given, struct agent_options *o)
{
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT;
	void *again = NULL;

	check(o->events >= 0 && level_choices[o->events]);
	check(*o->socket && *o->listen && *o->buffer_dir && *o->forward_tag);
	for (size_t i = 0; i < o->forward.n; i++)
		check(*o->forward.items[i]);
	/* The command line wins. */
	check(!strcmp(o->log_file, "/given") && o->disabled.n == 1);
	check(config_read(&agent, given, &again) == 0);
	config_compare(&agent, o, again, &names);
	check(names.len == 0);
	config_free(&agent, again);
}

/* Of several lines of one name the last one counts. */
static void check_effect(const uint8_t *data, size_t size, const struct agent_options *o)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct conf conf = { .rest = text };
	const char *name, *value, *wrong;
	const char *socket = agent_defaults.socket, *events = level_choices[agent_defaults.events];

	while (conf_next(&conf, &name, &value, &wrong) > 0) {
		socket = strcmp(name, "socket") ? socket : value;
		events = strcmp(name, "events") ? events : value;
	}
	check(!strcmp(o->socket, socket) && !strcmp(level_choices[o->events], events));
}

static void fuzz_options(const uint8_t *data, size_t size)
{
	struct agent_options given = agent_defaults;
	char *argv[] = { "agent", "--config", scene_path, "--log-file", "/given", "--disable-probe",
		"oom", NULL };
	_cleanup_free_ char *said = NULL;
	void *read = NULL;
	size_t len;
	int first, err;

	write_file(data, size);
	check(options_parse(&agent, 7, argv, &given, &first) == 0);
	printed_begin();
	err = config_read(&agent, &given, &read);
	printed_end();
	said = printed_text(STDERR_FILENO, &len);
	/* Each fault is told with the file's name, and nothing else is. */
	check(are_messages(said, len) && (err < 0) == (len > 0));
	check(!len || strstr(said, scene_path));
	if (err == 0) {
		check_options(&given, read);
		check_effect(data, size, read);
	}
	config_free(&agent, read);
	options_release(&agent, &given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_lines(data, size);
	fuzz_options(data, size);
	return 0;
}
