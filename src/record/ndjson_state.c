// SPDX-License-Identifier: MIT
#include "record/ndjson_parts.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"

void ndjson_state_open(struct writer *w, const struct ndjson_state *s)
{
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;

	terminal_container(&message, s->container);
	if (s->message)
		strbuf_printf(&message, ": %s", s->message);
	const struct ndjson_head head = {
		.time = s->time,
		.run = s->run,
		.sequence = s->sequence,
		.node = s->node,
		.kind = "state",
		.action = s->action,
		.category = "process",
		.type = "info",
		.level = "info",
		.message = message.data ? message.data : "",
	};

	writer_open_object(w, NULL);
	ndjson_head(w, &head);
	ndjson_container(w, s->container, s->node);
	writer_open_object(w, "ktrace");
	ndjson_ktrace(w, s->container, s->node);
}

void ndjson_state_close(struct writer *w)
{
	writer_close_object(w);
	writer_close_object(w);
}
