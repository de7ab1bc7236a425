// SPDX-License-Identifier: MIT
#include "record/container_part.h"

#include <stdlib.h>
#include <string.h>

#include "record/fields.h"
#include "record/record.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

#define IDENTITY_MAX 64 /* names are not cut shorter than this: an id of 64 digits stays one */

static bool in_pod(const struct container *c)
{
	return c->k8s_namespace[0] || c->pod[0] || c->pod_uid[0] || c->k8s_container[0];
}

void container_part_identity(struct writer *w, const struct container *c, const char *node)
{
	size_t max = writer_limit_strings(w, IDENTITY_MAX);

	if (max > IDENTITY_MAX)
		writer_limit_strings(w, max);
	writer_open_object(w, "container");
	fields_write(w, &container_fields, c, ~0u);
	writer_close_object(w);
	if (in_pod(c)) {
		writer_open_object(w, "k8s");
		fields_write(w, &pod_fields, c, container_when(c));
		writer_open_object(w, "node");
		writer_string(w, "name", node ? node : "");
		writer_close_object(w);
		writer_close_object(w);
	}
	writer_limit_strings(w, max);
}

void container_part_ktrace(struct writer *w, const struct container *c)
{
	writer_int(w, "schema", RECORD_SCHEMA);
	if (!c || !c->workload[0])
		return;
	writer_open_object(w, "workload");
	fields_write(w, &workload_fields, c, 0);
	writer_close_object(w);
}

/* A text and its length, the caller's; NULL when out of memory. */
static char *taken(struct strbuf *text, size_t *len)
{
	*len = text->len;
	return strbuf_take(text);
}

static void make(struct container_part *part, const struct container *c, const char *node)
{
	_cleanup_strbuf_ struct strbuf identity = STRBUF_INIT, ktrace = STRBUF_INIT,
				       message = STRBUF_INIT;
	struct writer first, second;

	writer_start(&first, FORM_JSON, &identity, SIZE_MAX, SIZE_MAX);
	writer_start(&second, FORM_JSON, &ktrace, SIZE_MAX, SIZE_MAX);
	container_part_identity(&first, c, node);
	container_part_ktrace(&second, c);
	terminal_container(&message, c);
	strbuf_puts(&message, ": ");
	part->identity = taken(&identity, &part->identity_len);
	part->ktrace = taken(&ktrace, &part->ktrace_len);
	part->message = taken(&message, &part->message_len);
	if (part->identity && part->ktrace && part->message)
		part->node = strdup(node);
}

const struct container_part *container_part(const struct container *c, const char *node)
{
	struct container_part *part = c->part;

	node = node ?: "";
	if (!part || (part->node && !strcmp(part->node, node)))
		return part;
	container_part_clear(part);
	make(part, c, node);
	return part->node ? part : NULL;
}
