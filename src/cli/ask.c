// SPDX-License-Identifier: MIT
#include "cli/ask.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/log.h"

void ask_failed(const char *socket, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		log_error("no agent serves %s: start one with `ktrace agent`, or name its socket "
			  "with "
			  "--socket",
			socket);
	else if (err == -EACCES)
		log_error("permission denied at the agent's socket %s: use sudo, or join the group "
			  "of the agent's --socket-group",
			socket);
	else
		log_error("cannot ask the agent at %s: %s", socket, strerror(-err));
}

/* True when the line is the agent's refusal, which was then said. */
static bool is_refusal(const char *line, size_t len)
{
	if (strncmp(line, "{\"error\":", 9))
		return false;
	_cleanup_json_ cJSON *j = cJSON_ParseWithLength(line, len);
	const char *why = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "error"));
	log_error("%s", why ? why : "the agent refused");
	return true;
}

/* Hands out what has come. 0 or a negative errno. */
static int take_lines(struct client_connection *c,
	int (*each)(void *ctx, const char *line, size_t len), void *ctx)
{
	const char *line;
	size_t len;
	int err = 0, got;

	while (err == 0 && (got = client_next(c, &line, &len)))
		err = got < 0 ? got : is_refusal(line, len) ? -ENOENT : each(ctx, line, len);
	return err;
}

int ask_agent(const char *socket, const struct client_request *request,
	int (*each)(void *ctx, const char *line, size_t len), void *ctx)
{
	struct client_connection *c = NULL;
	int err = client_open(socket, request, &c);
	long n = 1;

	if (err < 0) {
		ask_failed(socket, err);
		return err;
	}
	while (err == 0 && (n = client_fill(c)) > 0)
		err = take_lines(c, each, ctx);
	if (err == 0 && n < 0)
		err = (int)n;
	if (err == -EBADMSG || err == -EMSGSIZE)
		log_error("%s is not served by a ktrace agent of this version", socket);
	else if (err < 0 && err != -ENOENT)
		log_error("the agent's answer is incomplete: %s", strerror(-err));
	client_close(c);
	return err;
}
