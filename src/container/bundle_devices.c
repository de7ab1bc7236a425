// SPDX-License-Identifier: MIT
/* Which devices the configuration lets the container use: linux.resources.devices, whose last rule that fits counts. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "container/bundle.h"
#include "util/strbuf.h"

#define RULES_MAX 2048 /* bytes of text; what does not fit is not known, and so is the whole */

static const char *text_of(const cJSON *rule, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(rule, name)) ?: "";
}

/* "10", and "*" where the rule is about all. */
static void put_number(struct strbuf *out, const cJSON *rule, const char *name)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(rule, name);

	if (cJSON_IsNumber(n) && n->valuedouble >= 0 && n->valuedouble <= UINT32_MAX)
		strbuf_putu(out, (uint64_t)n->valuedouble);
	else
		strbuf_putc(out, '*');
}

int bundle_devices(struct container *c, const cJSON *rules)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	const cJSON *rule;

	cJSON_ArrayForEach (rule, rules) {
		const char *type = text_of(rule, "type"), *access = text_of(rule, "access");
		bool allow = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(rule, "allow"));
		bool one = !strcmp(type, "c") || !strcmp(type, "b");

		strbuf_printf(
			&out, "%s%c%s ", out.len ? ", " : "", allow ? '+' : '-', one ? type : "a");
		put_number(&out, rule, "major");
		strbuf_putc(&out, ':');
		put_number(&out, rule, "minor");
		strbuf_printf(&out, " %.3s", *access ? access : "rwm");
		if (out.len > RULES_MAX)
			return 0;
	}
	return out.len ? container_set(&c->devices, out.data ?: "") : 0;
}
