// SPDX-License-Identifier: MIT
#include "cli/top_agent.h"

#include <errno.h>
#include <string.h>

#include "cli/ask.h"

#define PATIENCE 10000000000ULL /* for an answer */

void top_agent_free(struct top_agent *a)
{
	client_close(a->client);
	strbuf_free(&a->why);
}

int top_agent_fd(const struct top_agent *a)
{
	return a->client ? client_fd(a->client) : -1;
}

uint64_t top_agent_due(const struct top_agent *a)
{
	return a->client ? a->asked + PATIENCE : a->next;
}

static void close_question(struct top_agent *a, struct top_list *list, const char *why)
{
	client_close(a->client);
	a->client = NULL;
	a->answered = !why;
	strbuf_reset(&a->why);
	if (!why)
		return;
	strbuf_puts(&a->why, why);
	top_list_drop(list);
}

bool top_agent_tick(struct top_agent *a, struct top_list *list, uint64_t now)
{
	const struct client_request request = { .command = "ps" };

	if (now < top_agent_due(a))
		return false;
	if (a->client) {
		close_question(a, list, "the agent does not answer");
		return true;
	}
	a->asked = now;
	a->next = now + a->interval;
	int err = client_open(a->socket, &request, &a->client);
	if (err == 0)
		return false;
	a->client = NULL;
	a->answered = false;
	strbuf_reset(&a->why);
	ask_describe_failure(&a->why, a->socket, err);
	return true;
}

bool top_agent_read(struct top_agent *a, struct top_list *list)
{
	const char *line;
	size_t len;
	int got, err = 0;
	long n = client_fill(a->client);

	while (err == 0 && n > 0 && (got = client_next(a->client, &line, &len)))
		err = got < 0 ? got : top_list_add(list, line, len);
	if (err == 0 && n > 0)
		return false;
	if (err == 0 && n == 0)
		err = top_list_finish(list);
	else if (err == 0)
		err = (int)n;
	if (err == -EBADMSG || err == -EMSGSIZE)
		close_question(
			a, list, "the socket is not served by a ktrace agent of this version");
	else
		close_question(a, list, err < 0 ? strerror(-err) : NULL);
	return true;
}
