// SPDX-License-Identifier: MIT
/* Sizes in the words of a pod spec, where a program has its own: -Xmx512Mi, --max-old-space-size=1Gi, shared_buffers = 1Gi. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/text/advice_settings.h"
#include "diagnose/text/recommend.h"

/* "512Mi" -> its bytes; 0: it is no size as Kubernetes writes one. */
static uint64_t quantity_bytes(const char *text)
{
	static const char units[] = "KMGT";
	char *unit;

	if (!isdigit((unsigned char)*text))
		return 0;
	uint64_t n = strtoull(text, &unit, 10);
	size_t power = strcspn(units, (char[]){ *unit, '\0' });
	if (!*unit || !units[power] || (strcmp(unit + 1, "i") && strcmp(unit + 1, "iB")) || n >> 20)
		return 0;
	return n << (10 * (power + 1));
}

bool advise_quantity(const struct finding *f, struct report *r)
{
	static const struct advice plain = {
		"Write {value} as the program takes it: {value} is how Kubernetes writes {number} "
		"bytes, which is {other}; most programs want a plain number, or a unit without "
		"the i.",
		NULL
	};
	const char *value = f->match.blanks[BLANK_VALUE], *equals = strchr(f->option, '=');

	if (!*value && equals)
		value = equals + 1;
	uint64_t bytes = quantity_bytes(value);
	if (!bytes || f->problem != PROBLEM_INVALID)
		return false;
	struct phrase size = phrase_print("%" PRIu64 " megabytes", bytes >> 20);
	return recommend(
		r, &plain, &(struct blanks){ .value = value, .number = bytes, .other = size.text });
}
