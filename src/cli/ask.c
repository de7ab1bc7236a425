// SPDX-License-Identifier: MIT
#include "cli/ask.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/log.h"

void ask_describe_failure(struct strbuf *out, const char *socket, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		strbuf_printf(out,
			"no agent serves %s: start one with `ktrace agent`, or name its socket "
			"with --socket",
			socket);
	else if (err == -EACCES)
		strbuf_printf(out,
			"permission denied at the agent's socket %s: use sudo, or join the group "
			"of the agent's --socket-group",
			socket);
	else
		strbuf_printf(out, "cannot ask the agent at %s: %s", socket, strerror(-err));
}

void ask_failed(const char *socket, int err)
{
	_cleanup_strbuf_ struct strbuf why = STRBUF_INIT;

	ask_describe_failure(&why, socket, err);
	log_error("%s", why.data ? why.data : strerror(-err));
}

/* True when the line is the agent's refusal, which is in why then. */
static bool is_refusal(const char *line, size_t len, struct strbuf *why)
{
	if (strncmp(line, "{\"error\":", 9))
		return false;
	_cleanup_json_ cJSON *j = cJSON_ParseWithLength(line, len);
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "error"));
	strbuf_puts(why, text ? text : "the agent refused");
	return true;
}

/* Hands out what has come. 0 or a negative errno. */
static int take_lines(struct client_connection *c,
	int (*each)(void *ctx, const char *line, size_t len), void *ctx, struct strbuf *why)
{
	const char *line;
	size_t len;
	int err = 0, got;

	while (err == 0 && (got = client_next(c, &line, &len)))
		err = got < 0 ? got : is_refusal(line, len, why) ? -ENOENT : each(ctx, line, len);
	return err;
}

int ask_agent_why(const char *socket, const struct client_request *request,
	int (*each)(void *ctx, const char *line, size_t len), void *ctx, struct strbuf *why)
{
	struct client_connection *c = NULL;
	int err = client_open(socket, request, &c);
	long n = 1;

	if (err < 0) {
		ask_describe_failure(why, socket, err);
		return err;
	}
	while (err == 0 && (n = client_fill(c)) > 0)
		err = take_lines(c, each, ctx, why);
	if (err == 0 && n < 0)
		err = (int)n;
	if (err == -EBADMSG || err == -EMSGSIZE)
		strbuf_printf(why, "%s is not served by a ktrace agent of this version", socket);
	else if (err < 0 && err != -ENOENT)
		strbuf_printf(why, "the agent's answer is incomplete: %s", strerror(-err));
	client_close(c);
	return err;
}

int ask_agent(const char *socket, const struct client_request *request,
	int (*each)(void *ctx, const char *line, size_t len), void *ctx)
{
	_cleanup_strbuf_ struct strbuf why = STRBUF_INIT;
	int err = ask_agent_why(socket, request, each, ctx, &why);

	if (err < 0)
		log_error("%s", why.data ? why.data : strerror(-err));
	return err;
}
