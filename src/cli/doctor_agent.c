// SPDX-License-Identifier: MIT
#include "cli/doctor_agent.h"

#include <sys/socket.h>

#include "serve/client.h"
#include "util/cleanup.h"

/* {"agent":{"landlock":false,"landlock_error":"Function not implemented"}}; an older agent says {"error":...}. */
static void take_answer(const char *line, size_t len, struct agent_finding *out)
{
	_cleanup_json_ cJSON *answer = cJSON_ParseWithLength(line, len);
	const cJSON *agent = cJSON_GetObjectItemCaseSensitive(answer, "agent");
	const char *why =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(agent, "landlock_error"));

	out->landlock = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(agent, "landlock"));
	snprintf(out->landlock_error, sizeof(out->landlock_error), "%s", why ? why : "");
}

/* The kernel knows who listens on a socket. */
void doctor_find_agent(const char *socket, struct agent_finding *out)
{
	struct client_connection *c = NULL;
	struct client_request request = { .command = "agent" };
	struct ucred peer;
	socklen_t len = sizeof(peer);
	const char *line;
	size_t line_len;

	*out = (struct agent_finding){ 0 };
	if (client_open(socket, &request, &c) == 0 &&
		getsockopt(client_fd(c), SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
		rights_of(peer.pid, &out->rights) == 0) {
		out->pid = peer.pid;
		if (client_fill(c) > 0 && client_next(c, &line, &line_len) == 1)
			take_answer(line, line_len, out);
	}
	client_close(c);
}

void doctor_write_agent(struct json *j, const struct agent_finding *a)
{
	json_open_object(j, "agent");
	json_uint(j, "pid", (uint64_t)a->pid);
	json_open_array(j, "capabilities");
	for (unsigned n = 0; right_name(n); n++)
		if (a->rights.effective & RIGHT(n))
			json_string(j, NULL, right_name(n));
	json_close_array(j);
	json_bool(j, "no_new_privs", a->rights.no_new);
	json_bool(j, "seccomp", a->rights.filtered);
	json_bool(j, "landlock", a->landlock);
	json_string(j, "landlock_error", a->landlock_error);
	json_close_object(j);
}

void doctor_print_agent(struct strbuf *out, const struct agent_finding *a, int column)
{
	if (!a->pid) {
		strbuf_puts(out, "not running\n");
		return;
	}
	strbuf_printf(out, "process %d, holds%s", (int)a->pid, a->rights.effective ? "" : " none");
	for (unsigned n = 0, reported = 0; right_name(n); n++)
		if (a->rights.effective & RIGHT(n))
			strbuf_printf(out, "%s%s", reported++ ? ", " : " ", right_name(n));
	strbuf_puts(out, a->rights.no_new ? " and can gain no others" : "");
	strbuf_puts(out, a->rights.filtered ? "; seccomp filters its calls\n" : "\n");
	if (a->landlock)
		strbuf_printf(out, "%*sLandlock lets it write only where its own files are\n",
			column, "");
	else if (*a->landlock_error)
		strbuf_printf(out,
			"%*slost: without Landlock (%s) only its capabilities and system calls "
			"limit where it can write\n",
			column, "", a->landlock_error);
}
