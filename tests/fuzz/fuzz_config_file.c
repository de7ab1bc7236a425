// SPDX-License-Identifier: MIT
/* Any bytes as the agent's configuration file. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_trimmed(const char *s, const char *start, const char *end)
{
	static const char blank[] = " \t\r";
	size_t len = strlen(s);

	if (s < start || s + len > end || strchr(s, '\n'))
		abort();
	if (len && (strchr(blank, s[0]) || strchr(blank, s[len - 1])))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
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
		if (conf.number <= before || conf.number > lines)
			abort();
		before = conf.number;
		if (found < 0) {
			if (found != -EINVAL || !*wrong)
				abort();
			continue;
		}
		must_be_trimmed(name, text, text + size);
		must_be_trimmed(value, text, text + size);
		if (!*name || strchr(name, '='))
			abort();
	}
	free(text);
	return 0;
}
